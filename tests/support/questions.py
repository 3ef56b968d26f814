"""Questions at random times, asked of the program and of the slow reading, and compared.

A *question* is one call of one of the read model's four functions (or one run of the SQL reading)
at one effective date and one knowledge time, its whole answer compared, bases included.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints

import pytest

from projections.keeping_up.copying import Conn
from projections.position import queries as q
from tests import sql_reading
from tests.oracle import Answer
from tests.support.readings import Lanes, Position, Reading
from tests.support.worlds import FIRST_DAY, JOBS, SECOND_JOB, World
from transfer.core.refusals import NotOnRecord
from transfer.core.words import MAIN, Facet

_TICK = timedelta(microseconds=1)
_KINDS = ("position",) * 12 + ("timeline",) * 3 + ("workforce",) * 3 + ("members",) * 2 + ("sql",)


class Questions:
    """Asks about one world that is wholly on record and projected."""

    def __init__(self, random: Random, world: World, conn: Conn) -> None:
        self._random = random
        self._conn = conn
        self.reading = Reading(world)
        self._instants = world.instants
        self._days = world.days() or [FIRST_DAY]
        self._staff = [*self.reading.registered, "NOBODY"]
        self.asked: Counter[str] = Counter()

    def ask(self, count: int) -> None:
        """Ask so many questions. Raises `AssertionError` at the first difference."""
        for _ in range(count):
            kind = self._random.choice(_KINDS)
            day, known_at = self._day(), self._instant()
            try:
                self._ask(kind, day, known_at)
            except AssertionError as difference:
                difference.add_note(f"{kind} on {day} as known at {known_at}")
                raise
            self.asked[kind] += 1

    def _ask(self, kind: str, day: date, known_at: datetime) -> None:
        match kind:
            case "position":
                self.position(self._random.choice(self._staff), day, known_at)
            case "timeline":
                self.timeline(self._random.choice(self._staff), known_at)
            case "workforce":
                self.workforce(self._random.choice(list(Facet)), day, known_at)
            case "members":
                self.members(day, known_at)
            case _:
                self.by_sql(day, known_at)

    # --- the kinds of question -----------------------------------------------------------------

    def position(self, staff: str, day: date, known_at: datetime) -> None:
        """Who somebody is in one of their jobs."""
        job = self._random.choice((*JOBS, "none-such"))
        wanted = self.reading.position(staff, day, known_at, job)
        if wanted is None:
            with pytest.raises(NotOnRecord):
                q.position_at(self._conn, staff, day, known_at, job)
            return
        assert position_told(q.position_at(self._conn, staff, day, known_at, job)) == wanted

    def timeline(self, staff: str, known_at: datetime) -> None:
        """All of somebody's periods."""
        job = self._random.choice((None, *JOBS))
        wanted = self.reading.timeline(staff, known_at, job)
        if wanted is None:
            with pytest.raises(NotOnRecord):
                q.timeline(self._conn, staff, known_at, job)
            return
        assert lanes_told(q.timeline(self._conn, staff, known_at, job)) == wanted

    def workforce(self, by: Facet, day: date, known_at: datetime) -> None:
        """Head counts and full-time equivalents by a facet."""
        job = self._random.choice((None, *JOBS))
        found = q.workforce(self._conn, by, day, known_at, job)
        told = [(group.value, group.headcount, group.fte) for group in found.groups]
        assert told == self.reading.workforce(by.value, day, known_at, job)
        assert found.total.headcount == self.reading.people(by.value, day, known_at, job)

    def members(self, day: date, known_at: datetime) -> None:
        """Whose facets have some values, page by page."""
        job = self._random.choice((None, *JOBS))
        everybody = self.reading.members({}, day, known_at, job)
        having: dict[str, str] = {}
        if everybody and self._random.random() < 0.8:
            _, _, held = self._random.choice(everybody)
            for facet in self._random.sample(sorted(held), min(len(held), 2)):
                having[facet] = held[facet]
        wanted = self.reading.members(having, day, known_at, job)
        found: list[tuple[str, str, dict[str, str]]] = []
        cursor: str | None = None
        limit = self._random.choice((1, 2, 1000))
        asked = {Facet(facet): value for facet, value in having.items()}
        while True:
            page = q.members(
                self._conn, asked, day, known_at, assignment=job, limit=limit, cursor=cursor
            )
            for item in page.items:
                held = {facet.value: value for facet, value in item.position.items()}
                found.append((item.staff_number, item.assignment, held))
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == wanted

    def by_sql(self, day: date, known_at: datetime) -> None:
        """Everybody's position by the reading in SQL, against both of the others."""
        by_sql = sql_reading.positions(self._conn, day, known_at)
        by = self._random.choice(list(Facet)).value
        assert by_sql.heads(by) == self.reading.heads(by, day, known_at)
        for staff in self.reading.registered:
            for job in (MAIN, SECOND_JOB):
                wanted = self.reading.position(staff, day, known_at, job)
                assert by_sql.position(staff, job) == wanted
                if wanted is not None:
                    found = q.position_at(self._conn, staff, day, known_at, job)
                    assert position_told(found) == wanted

    # --- aiming --------------------------------------------------------------------------------

    def _day(self) -> date:
        """Mostly a day that was mentioned, or a neighbour of one."""
        if self._random.random() < 0.8:
            step = self._random.choice((-1, 0, 0, 1))
            return self._random.choice(self._days) + timedelta(days=step)
        return FIRST_DAY + timedelta(days=self._random.randrange(-400, 800))

    def _instant(self) -> datetime:
        """Mostly the instant of a command, or a microsecond before or after it."""
        if self._random.random() < 0.85:
            return (
                self._random.choice(self._instants) + self._random.choice((-1, 0, 0, 0, 1)) * _TICK
            )
        first, last = self._instants[0], self._instants[-1]
        return first + (last - first) * self._random.uniform(-0.1, 1.1)


def position_told(found: q.PositionAt) -> Position:
    """What the program said of a position, as the slow reading would say it."""
    return Position(
        {facet.value: told(held) for facet, held in found.position.items()},
        {(term.term, term.exercise): told(term.held) for term in found.terms},
    )


def lanes_told(found: q.TimelineAt) -> Lanes:
    """What the program said of a timeline, as the slow reading would say it."""
    return {
        (
            "term" if lane.assignment is None else "facet",
            lane.assignment or "",
            lane.name,
            lane.exercise,
        ): ([told(held) for held in lane.in_force], [told(held) for held in lane.beneath])
        for lane in (*found.facets, *found.terms)
    }


def told(held: q.Held) -> Answer:
    """What the program said of one value."""
    return Answer(
        held.value,
        held.effective_from,
        held.effective_to,
        held.event_id,
        held.corrected_by,
        held.recorded_at,
        held.temporary,
        None if held.standing is None else told(held.standing),
        held.basis,
    )
