"""One person as known by the attested clock: folded from the log when somebody asks.

`AttestedLog` reads the log as if every fact had been recorded when its source claims: what is made
of events alone (histories, positions, reasons) reads through it unchanged. The order of facts is
that of (attested instant, position in the log); corrections and annulments count in that order
too. What the log knows is always all that it knew at one horizon, `known_to_log_at`: a history that
is imported later changes what the attested clock says of the past, and every answer tells the
horizon that it rests on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from projections.position.queries import (
    Held,
    HeldTerm,
    Job,
    Lane,
    NotReached,
    PositionAt,
    TimelineAt,
)
from transfer.core.dating.effective_dating import Key, Kind, Period, Timeline, timelines
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.attested_order import in_attested_order
from transfer.log.envelope import Recorded
from transfer.procedures.consultation.facts import CollectiveTermGranted
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts


class Reads(Protocol):
    """The part of the log that is needed here."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


class Records(Protocol):
    """The read models."""

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """A connection to ask the read models by."""


class AttestedLog:
    """The log by the attested clock, as far as it was known to the log at an instant."""

    def __init__(self, log: Reads, known_to_log_at: datetime) -> None:
        self._log = log
        self.known_to_log_at = known_to_log_at
        self._on_log_at: dict[UUID, datetime] = {}

    @property
    def known(self) -> KnownFacts:
        """As `Log.known`."""
        return self._log.known

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """As `Log.read_many`: instants, order and `up_to_recorded` are those of this clock."""
        found = self._log.read_many(streams, up_to_recorded=self.known_to_log_at)
        self._on_log_at |= {e.event_id: e.recorded_at for of in found.values() for e in of}
        return {
            stream: in_attested_order(of, self.known, up_to_recorded)
            for stream, of in found.items()
        }

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[Fact]]:
        """As `Log.read`, likewise."""
        events = self.read_many([stream], up_to_recorded=up_to_recorded)[stream]
        return [event for event in events if event.version > after]

    def on_log_at(self, event_id: UUID) -> datetime:
        """When an event that was read here was recorded by the log's own clock."""
        return self._on_log_at[event_id]


def position_at(
    records: Records,
    log: AttestedLog,
    staff_number: str,
    effective_at: date,
    known_at: datetime,
    assignment: str = MAIN,
) -> PositionAt:
    """As `position_queries.position_at`, by the attested clock.

    Raises `NotOnRecord` before the first attested instant of the person.
    """
    scopes = _scopes(records, staff_number, known_at)
    return folded_position(log, scopes, staff_number, effective_at, known_at, assignment)


def folded_position(
    log: Reads,
    scopes: Mapping[str, date],
    staff_number: str,
    effective_at: date,
    known_at: datetime,
    assignment: str = MAIN,
) -> PositionAt:
    """The same from a log's facts alone; `scopes` are the exercises that cover the person, by name,
    and since when.

    Raises `NotOnRecord` where no fact of the person was on that log by `known_at`.
    """
    found = _Known(log, scopes, staff_number, known_at)
    at = {key: timeline.at(effective_at) for key, timeline in found.own.items()}
    employed = any(
        key.name == Facet.EMPLOYER and period is not None
        for key, period in at.items()
        if key.kind is Kind.FACET
    )
    terms = [
        HeldTerm(key.name, _held(period, timeline.standing_at(effective_at)), exercise)
        for (key, exercise), timeline in found.terms(effective_at if employed else date.min).items()
        if (period := timeline.at(effective_at)) is not None
    ]
    return PositionAt(
        staff_number=staff_number,
        assignment=assignment,
        effective_at=effective_at,
        known_at=known_at,
        position={
            Facet(key.name): _held(period, found.own[key].standing_at(effective_at))
            for key, period in sorted(at.items())
            if period is not None and key.kind is Kind.FACET and key.assignment == assignment
        },
        terms=tuple(terms),
        at_once=_at_once(at),
        not_reached=tuple(found.not_reached(effective_at)) if employed else (),
    )


def _at_once(at: Mapping[Key, Period | None]) -> tuple[Job, ...]:
    """The assignments that have an employer, where there are several (as in `sheets.py`)."""
    values = {
        (key.assignment, key.name): period.value
        for key, period in at.items()
        if period is not None and key.kind is Kind.FACET
    }
    names = sorted(assignment for assignment, facet in values if facet == Facet.EMPLOYER)
    shown = (Facet.EMPLOYER, Facet.LINE_MANAGER, Facet.FTE)
    jobs = tuple(Job(name, *(values.get((name, facet)) for facet in shown)) for name in names)
    return jobs if len(jobs) > 1 else ()


def timeline(
    records: Records,
    log: AttestedLog,
    staff_number: str,
    known_at: datetime,
    assignment: str | None = None,
) -> TimelineAt:
    """As `position_queries.timeline`, by the attested clock; raises as `position_at` does."""
    found = _Known(log, _scopes(records, staff_number, known_at), staff_number, known_at)
    return TimelineAt(
        staff_number=staff_number,
        known_at=known_at,
        facets=tuple(
            _lane(key.name, periods, assignment=key.assignment)
            for key, periods in sorted(found.own.items())
            if key.kind is Kind.FACET and assignment in (None, key.assignment)
        ),
        terms=tuple(
            _lane(key.name, periods, exercise=exercise)
            for (key, exercise), periods in found.terms(date.max).items()
        ),
    )


class _Known:
    """What is known of one person by a log's clock at an instant."""

    def __init__(
        self, log: Reads, scopes: Mapping[str, date], staff_number: str, known_at: datetime
    ) -> None:
        self._scopes = scopes
        person = staff_stream(staff_number)
        of_exercise = {name: matter_stream(f"consultation:{name}") for name in self._scopes}
        events = log.read_many([person, *of_exercise.values()], up_to_recorded=known_at)
        if not events[person]:
            raise NotOnRecord(
                f"{staff_number} was not on record at {known_at.isoformat()} by the attested clock"
            )
        self.own = _timelines(events[person], log.known)
        self._employed_on = {
            event.event_id: event.fact.employed_on
            for stream in of_exercise.values()
            for event in events[stream]
            if isinstance(event.fact, CollectiveTermGranted) and event.fact.employed_on is not None
        }
        self._collective = {
            name: _timelines(events[stream], log.known) for name, stream in of_exercise.items()
        }

    def day_missed(self, period: Period) -> date | None:
        """The day on which the person would have had to be employed, and was not; else `None`."""
        day = self._employed_on.get(period.event_id)
        if day is None or any(
            key.kind is Kind.FACET and key.name == Facet.EMPLOYER and timeline.at(day)
            for key, timeline in self.own.items()
        ):
            return None
        return day

    def not_reached(self, on: date) -> Iterator[NotReached]:
        """The collective terms in force on a day that do not reach the person, though in scope."""
        for exercise, since in self._scopes.items():
            if since <= on:
                for key, timeline in self._collective[exercise].items():
                    period = timeline.at(on)
                    missed = None if period is None else self.day_missed(period)
                    if period is not None and missed is not None:
                        yield NotReached(key.name, exercise, missed, _held(period))

    def terms(self, in_scope_on: date) -> Mapping[tuple[Key, str | None], Timeline]:
        """The person's own terms, and those of every exercise in whose scope they are by a day."""
        found: dict[tuple[Key, str | None], Timeline] = {
            (key, None): periods for key, periods in self.own.items() if key.kind is Kind.TERM
        }
        for exercise, since in self._scopes.items():
            if since <= in_scope_on:
                for key, periods in self._collective[exercise].items():
                    reached = Timeline(
                        tuple(p for p in periods.in_force if self.day_missed(p) is None),
                        tuple(p for p in periods.beneath if self.day_missed(p) is None),
                    )
                    if reached.in_force:
                        found[key, exercise] = reached
        return dict(sorted(found.items(), key=lambda each: (each[0][0], each[0][1] or "")))


def _scopes(records: Records, staff_number: str, known_at: datetime) -> dict[str, date]:
    """The exercises in whose scope a person is, from which day on. No older system knows them."""
    with records.connection() as conn:
        rows = conn.execute(
            "SELECT exercise, min(effective_from) AS since FROM scope_membership"
            " WHERE staff_number = %s AND recorded_from <= %s GROUP BY exercise",
            (staff_number, known_at),
        ).fetchall()
    return {row["exercise"]: row["since"] for row in rows}


def _timelines(events: Iterable[Recorded[Fact]], known: KnownFacts) -> dict[Key, Timeline]:
    entries = (known.entry_of(each.event_id, each.recorded_at, each.fact) for each in events)
    return timelines(each for each in entries if each is not None)


def _held(period: Period, standing: Period | None = None) -> Held:
    beneath = None if standing is None or not period.temporary else _held(standing)
    return Held(
        value=period.value,
        effective_from=period.effective_from,
        effective_to=period.effective_to,
        event_id=period.event_id,
        corrected_by=period.corrected_by,
        recorded_at=period.recorded_at,
        basis=period.basis,
        temporary=period.temporary,
        standing=beneath,
    )


def _lane(
    name: str, found: Timeline, *, assignment: str | None = None, exercise: str | None = None
) -> Lane:
    return Lane(
        name=name,
        in_force=tuple(map(_held, found.in_force)),
        beneath=tuple(map(_held, found.beneath)),
        assignment=assignment,
        exercise=exercise,
    )
