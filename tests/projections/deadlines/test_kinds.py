"""Deadlines of a kind that lives in the tests alone, in PostgreSQL, against every fact read anew.

Each history is recorded command by command and taken page by page; at every knowledge time the rows
say what the book says that is read from all the facts known by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.deadlines.deadlines import Deadline, DeadlinesProjection, deadlines
from projections.keeping_up.runner import digest
from tests.core.matter.cases import CASES, Case
from tests.core.matter.desks import (
    DESKS,
    MATTER,
    Answered,
    DeskMoved,
    FloorProposed,
    GroupPlanned,
)
from tests.core.matter.histories import D, Doing, afterwards, histories, late, spring
from tests.core.matter.playing import Office
from tests.support.histories import instant
from transfer.core.matter.folding import OnRecord, deeds
from transfer.core.matter.kind import closes, on, opens
from transfer.core.matter.reckoning import fixed, hanging
from transfer.core.matter.replaying import World, standing
from transfer.core.matter.words import Nature, Outcome, Whom
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

pytestmark = pytest.mark.engines

NO_BASIS = Basis()
RICH = replace(
    DESKS,
    obligations=(
        *DESKS.obligations,
        on(
            GroupPlanned,
            opens("pack", Nature.DUTY, owner="mover", when=lambda _: hanging(NO_BASIS, milestone="move")),
            opens("hand-in", Nature.DUTY, owner="staff",
                  when=lambda _: hanging(NO_BASIS, day_after=("object",))),
            opens("look", Nature.RIGHT, owner="staff", when=lambda f: f.letters_on,
                  told_singly=True),
        ),
        on(FloorProposed, opens("look", Nature.RIGHT, owner="staff",
                                when=lambda f: fixed(f.happened_on + timedelta(days=20), f.basis))),
        on(Answered, closes("look")),
        on(DeskMoved, closes("pack"), closes("hand-in")),
    ),
)  # fmt: skip
"""The toy kind with more that is due: days that hang, and a window told to each singly."""

KNOWN = KnownFacts((RICH,))
PEOPLE = ("S1", "S3", "S4")


# --- the record of an office, as the log would give it --------------------------------------------


def log_of(records: Sequence[OnRecord]) -> list[Recorded[Fact]]:
    """The facts as on record, a command an hour."""
    found: list[Recorded[Fact]] = []
    versions: dict[str, int] = {}
    for hour, (command, of_command) in enumerate(groupby(records, key=lambda each: each.command)):
        for each in of_command:
            stream = matter_stream(MATTER) if each.person is None else staff_stream(each.person)
            versions[stream] = versions.get(stream, 0) + 1
            found.append(
                Recorded(
                    stream=stream,
                    version=versions[stream],
                    event_id=each.event_id,
                    position=len(found) + 1,
                    recorded_at=instant(hour),
                    recorded_by="office",
                    command_id=command,
                    causation_id=None,
                    correlation_id=command,
                    attested=None,
                    fact=each.fact,
                )
            )
    return found


class Kept:
    """The projection over such a log, page by page; it counts how often it asks the database."""

    def __init__(self, conn: psycopg.Connection, log: Sequence[Recorded[Fact]]) -> None:
        self.conn, self.log = conn, log
        self.read: list[str] = []
        self.projection = DeadlinesProjection(self._streams, KNOWN)

    def _streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Fact]]]:
        self.read += streams
        return {each: [e for e in self.log if e.stream == each] for each in streams}

    def take(self, commands: int) -> None:
        """Everything, so many commands a page."""
        instants = sorted({event.recorded_at for event in self.log})
        for first in range(0, len(instants), commands):
            of_page = set(instants[first : first + commands])
            self.page([event for event in self.log if event.recorded_at in of_page])

    def page(self, events: Sequence[Recorded[Fact]]) -> None:
        with self.conn.transaction():
            self.projection.apply(self.conn, events)

    def empty(self) -> None:
        for table in self.projection.tables:
            self.conn.execute(f"TRUNCATE {table}".encode())


# --- the naive reading ----------------------------------------------------------------------------

Said = dict[tuple[str | None, str, str], tuple[date | None, str, date | None]]
"""Of whom and what: the day, what became of it, and when."""


def book_says(office: Office, records: Sequence[OnRecord]) -> Said:
    """What is due by these records, every one of them read."""
    found: Said = {}
    context = deeds([each for each in records if each.person is None])
    for person in (None, *PEOPLE):
        theirs = deeds([each for each in records if each.person == person], context)
        world = World(
            kinds={MATTER: RICH},
            rules={MATTER: office.rules},
            position=office.positions[""],
            person=person,
            deeds=context if person is None else theirs,
            context=() if person is None else context,
        )
        book = standing(world)[MATTER].book
        groups = sorted(set(book.group_of.values())) if person is None else []
        whoms = [Whom(MATTER, None, person), *(Whom(MATTER, group) for group in groups)]
        for whom in whoms:
            for due in book.of(whom):
                if due.nature is Nature.ACT or (whom.group is not None and not due.once):
                    continue
                if person is not None and due.told_singly and book.own(due.slot) is None:
                    continue
                if due.outcome is not Outcome.SUPERSEDED:
                    became = "open" if due.outcome is None else due.outcome.value
                    about = f"{whom.group or ''} {due.slot.about}".strip()
                    found[person, due.slot.what, about] = (
                        book.last(due),
                        became,
                        due.outcome_on if due.outcome is Outcome.MET else None,
                    )
    return found


_LAST = """
SELECT DISTINCT ON (p.staff_number, p.group_name, p.what, p.about)
       p.staff_number, p.what, trim(coalesce(p.group_name, '') || ' ' || p.about),
       coalesce(p.later_on, p.due_on), coalesce(x.outcome, 'open'),
       CASE WHEN x.outcome = 'met' THEN x.outcome_on END
FROM obligation AS p LEFT JOIN LATERAL (
    SELECT outcome, outcome_on FROM obligation_outcome
    WHERE obligation_id = p.obligation_id AND recorded_from <= %(known_at)s
    ORDER BY place DESC LIMIT 1
) AS x ON true
WHERE p.recorded_from <= %(known_at)s
ORDER BY p.staff_number, p.group_name, p.what, p.about, p.place DESC
"""
_OPEN_TWICE = """
SELECT staff_number, group_name, what, about FROM obligation AS p
WHERE p.recorded_from <= %(known_at)s AND NOT EXISTS (
    SELECT FROM obligation_outcome AS x
    WHERE x.obligation_id = p.obligation_id AND recorded_from <= %(known_at)s
) GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
"""


def rows_say(conn: psycopg.Connection, known_at: datetime) -> Said:
    """The same from the rows alone."""
    assert conn.execute(_OPEN_TWICE.encode(), {"known_at": known_at}).fetchall() == []
    rows = conn.execute(_LAST.encode(), {"known_at": known_at}).fetchall()
    return {(r[0], r[1], r[2]): (r[3], r[4], r[5]) for r in rows if r[4] != "superseded"}


def check(conn: psycopg.Connection, office: Office, commands: int) -> Kept:
    """Page by page, the rows say what the book says at every instant; and pages do not matter."""
    log = log_of(office.records)
    kept = Kept(conn, log)
    kept.empty()
    kept.take(commands)
    for n, event in enumerate(log):
        if n + 1 == len(log) or log[n + 1].recorded_at != event.recorded_at:
            known = office.records[: n + 1]
            assert rows_say(conn, event.recorded_at) == book_says(office, known), event.fact
    before = digest(conn, kept.projection)
    kept.empty()
    kept.take(len(log))
    assert digest(conn, kept.projection) == before
    return kept


# --- any history ----------------------------------------------------------------------------------


@pytest.mark.timeout(900)  # a failure is shrunk, history after history
@given(
    history=histories(),
    which=st.integers(0, 4),
    delay=st.integers(0, 60),
    commands=st.integers(1, 6),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_at_every_instant_the_rows_say_what_the_book_says(
    conn: psycopg.Connection, history: list[Doing], which: int, delay: int, commands: int
) -> None:
    which %= len(history)
    learned_on = min(history[which].on + timedelta(days=delay), D(2014, 4, 20))
    office = late(history, which, learned_on)
    afterwards(office, history, learned_on)
    check(conn, office, commands)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(conn: psycopg.Connection, case: Case) -> None:
    office = late(case.doings, case.late, case.learned_on)
    afterwards(office, case.doings, case.learned_on)
    check(conn, office, 3)
