"""What a whole world answers by the slow reading: one person, one person's periods, everybody.

It puts together what `tests/oracle.py` says of each key, and adds what the oracle does not know:
who is on record, whom a collective term reaches, and how heads are counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from tests.oracle import Answer, Name, Oracle
from tests.support.worlds import JOBS, World
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN

Terms = dict[tuple[str, str | None], Answer]
"""By term, and the exercise whose collective term it is (`None`: the person's own)."""

Lanes = dict[tuple[str, str, str, str | None], tuple[list[Answer], list[Answer]]]
"""Periods in force and those beneath, by kind, assignment, name and exercise."""


@dataclass(frozen=True)
class Position:
    """One person on one day, in one of their jobs."""

    facets: dict[str, Answer]
    terms: Terms


class Reading:
    """The slow reading of a world."""

    def __init__(self, world: World) -> None:
        self.registered = world.registered()
        self.scope = world.scope()
        self.oracles = {stream: Oracle(said) for stream, said in world.said().items()}
        self._names = {stream: each.names() for stream, each in self.oracles.items()}

    def is_known(self, staff: str, known_at: datetime) -> bool:
        """Whether the record knew of a person at an instant."""
        return staff in self.registered and self.registered[staff] <= known_at

    def position(
        self, staff: str, effective_at: date, known_at: datetime, job: str = MAIN
    ) -> Position | None:
        """One person's position and terms on a day; `None` for somebody not on record."""
        if not self.is_known(staff, known_at):
            return None
        stream = staff_stream(staff)
        terms: Terms = {}
        for (_, _, term), answer in self._on(stream, "term", "", effective_at, known_at):
            terms[term, None] = answer
        if any(self._value(staff, each, "employer", effective_at, known_at) for each in JOBS):
            for exercise in self._exercises(staff, known_at, effective_at):
                collective = matter_stream(f"consultation:{exercise}")
                for (_, _, term), answer in self._on(
                    collective, "term", "", effective_at, known_at
                ):
                    if self._has_been_employed_for(staff, exercise, answer, known_at):
                        beneath = answer.standing
                        if beneath is not None and not self._has_been_employed_for(
                            staff, exercise, beneath, known_at
                        ):
                            answer = without_standing(answer)
                        terms[term, exercise] = answer
        facets = {
            facet: answer
            for (_, _, facet), answer in self._on(stream, "facet", job, effective_at, known_at)
        }
        return Position(facets, terms)

    def timeline(self, staff: str, known_at: datetime, job: str | None = None) -> Lanes | None:
        """All of one person's periods (of one job, or of all); `None` if not on record."""
        if not self.is_known(staff, known_at):
            return None
        found: Lanes = {}
        streams: dict[str, str | None] = {staff_stream(staff): None}
        streams |= {
            matter_stream(f"consultation:{e}"): e for e in self._exercises(staff, known_at, None)
        }
        for stream, exercise in streams.items():
            for name in self._names.get(stream, []):
                kind, assignment, key = name
                if kind == "facet" and job not in (None, assignment):
                    continue
                periods = self.oracles[stream].periods(name, known_at)
                if exercise is not None:
                    in_force, beneath = (
                        [p for p in of if self._has_been_employed_for(staff, exercise, p, known_at)]
                        for of in periods
                    )
                    periods = in_force, beneath
                if periods[0]:
                    found[kind, assignment, key, exercise] = periods
        return found

    def workforce(
        self, by: str, effective_at: date, known_at: datetime, job: str | None = None
    ) -> list[tuple[str, int, Decimal]]:
        """Heads and full-time equivalents for every value of a facet, in order of value."""
        heads: dict[str, set[str]] = defaultdict(set)
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for staff in self.registered:
            for each in JOBS if job is None else (job,):
                if not self.is_employed(staff, each, effective_at, known_at):
                    continue
                value = self._value(staff, each, by, effective_at, known_at)
                if value is not None:
                    fte = self._value(staff, each, "fte", effective_at, known_at)
                    heads[value.value].add(staff)
                    parts[value.value] += Decimal(fte.value) if fte else Decimal(0)
        return sorted((value, len(heads[value]), parts[value]) for value in heads)

    def heads(self, by: str, effective_at: date, known_at: datetime) -> dict[str, int]:
        """How many people have each value of a facet, in any of their jobs."""
        groups = self.workforce(by, effective_at, known_at)
        return {value: heads for value, heads, _ in groups}

    def people(
        self, by: str, effective_at: date, known_at: datetime, job: str | None = None
    ) -> int:
        """How many people are employed in a job that has a value of a facet: each of them once."""
        return sum(
            any(
                self.is_employed(staff, each, effective_at, known_at)
                and self._value(staff, each, by, effective_at, known_at) is not None
                for each in (JOBS if job is None else (job,))
            )
            for staff in self.registered
        )

    def is_employed(self, staff: str, job: str, effective_at: date, known_at: datetime) -> bool:
        """Whether somebody employs a person in a job on a day."""
        oracle = self.oracles.get(staff_stream(staff))
        return oracle is not None and oracle.is_employed(job, effective_at, known_at)

    def members(
        self,
        having: dict[str, str],
        effective_at: date,
        known_at: datetime,
        job: str | None = None,
    ) -> list[tuple[str, str, dict[str, str]]]:
        """The jobs with an employer whose facets have all the values given, with every facet."""
        found = []
        for staff in sorted(self.registered):
            for each in sorted(JOBS) if job is None else (job,):
                facets = self._on(staff_stream(staff), "facet", each, effective_at, known_at)
                held = {facet: answer.value for (_, _, facet), answer in facets}
                if "employer" in held and having.items() <= held.items():
                    found.append((staff, each, held))
        return found

    def _value(
        self, staff: str, job: str, facet: str, effective_at: date, known_at: datetime
    ) -> Answer | None:
        oracle = self.oracles.get(staff_stream(staff))
        if oracle is None:
            return None
        return oracle.answer(("facet", job, facet), effective_at, known_at)

    def _has_been_employed_for(
        self, staff: str, exercise: str, term: Answer, known_at: datetime
    ) -> bool:
        """Whether somebody was employed, in any job, on the day that a collective term names."""
        day = self.oracles[matter_stream(f"consultation:{exercise}")].employed_on(term.event_id)
        return day is None or any(self.is_employed(staff, job, day, known_at) for job in JOBS)

    def _on(
        self, stream: str, kind: str, job: str, effective_at: date, known_at: datetime
    ) -> list[tuple[Name, Answer]]:
        oracle = self.oracles.get(stream)
        if oracle is None:
            return []
        asked = [name for name in self._names[stream] if name[:2] == (kind, job)]
        answers = [(name, oracle.answer(name, effective_at, known_at)) for name in asked]
        return [(name, answer) for name, answer in answers if answer is not None]

    def _exercises(self, staff: str, known_at: datetime, effective_at: date | None) -> set[str]:
        return {
            each.exercise
            for each in self.scope
            if each.staff_number == staff
            and each.recorded_at <= known_at
            and (effective_at is None or each.effective_from <= effective_at)
        }


def without_standing(answer: Answer) -> Answer:
    """A period as a timeline tells it: what lies beneath is told apart."""
    return replace(answer, standing=None)
