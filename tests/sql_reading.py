"""The effective-dating rule read from the log by one SQL statement (`sql_reading.sql`)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row

from projections.keeping_up.copying import Conn
from tests.oracle import Answer
from tests.support.readings import Position
from transfer.core.words import MAIN, Basis

STATEMENT = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Row:
    staff_number: str
    kind: str | None
    assignment: str
    name: str
    exercise: str | None
    standing_only: bool
    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: datetime
    temporary: bool
    basis: object
    employed: bool | None

    @property
    def answer(self) -> Answer:
        """What the row says, in the oracle's words."""
        return Answer(
            self.value,
            self.effective_from,
            self.effective_to,
            self.event_id,
            self.corrected_by,
            self.recorded_at.astimezone(UTC),
            self.temporary,
            basis=None if self.basis is None else Basis.model_validate(self.basis),
        )


@dataclass
class Positions:
    """Everybody on record, with what they hold on the day that was asked for."""

    facets: dict[str, dict[tuple[str, str], Answer]] = field(default_factory=dict)
    terms: dict[str, dict[tuple[str, str | None], Answer]] = field(default_factory=dict)
    employed: set[tuple[str, str]] = field(default_factory=set)
    """Of whom the statement says that somebody employs them, in which of their jobs."""

    def heads(self, by: str) -> dict[str, int]:
        """How many people have each value of a facet in a job in which they are employed."""
        found: dict[str, set[str]] = defaultdict(set)
        for staff_number, facets in self.facets.items():
            for (job, facet), answer in facets.items():
                if facet == by and (staff_number, job) in self.employed:
                    found[answer.value].add(staff_number)
        return {value: len(found[value]) for value in found}

    def position(self, staff_number: str, job: str = MAIN) -> Position | None:
        """One person in one of their jobs; `None` for somebody not on record."""
        if staff_number not in self.facets:
            return None
        facets = self.facets[staff_number]
        return Position(
            {facet: answer for (of, facet), answer in facets.items() if of == job},
            self.terms[staff_number],
        )


def positions(conn: Conn, effective_at: date, known_at: datetime) -> Positions:
    """Everybody's position on a day as known at an instant."""
    found = Positions()
    beneath: dict[tuple[object, ...], Answer] = {}
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        asked = {"effective_at": effective_at, "known_at": known_at}
        rows = cursor.execute(STATEMENT.encode(), asked, prepare=False).fetchall()
    # The standing layer comes first, so that a temporary value finds what lies beneath it.
    terms: dict[str, dict[tuple[str, str | None], Answer]] = defaultdict(dict)
    for row in rows:
        facets = found.facets.setdefault(row.staff_number, {})
        if row.kind is None:
            continue
        lane = (row.staff_number, row.kind, row.assignment, row.name, row.exercise)
        if row.standing_only:
            beneath[lane] = row.answer
            continue
        standing = beneath.get(lane) if row.temporary else None
        answer = replace(row.answer, standing=standing)
        if row.employed:
            found.employed.add((row.staff_number, row.assignment))
        if row.kind == "facet":
            facets[row.assignment, row.name] = answer
        else:
            terms[row.staff_number][row.name, row.exercise] = answer
    found.terms = {staff: terms[staff] for staff in found.facets}
    return found
