"""Deadlines in PostgreSQL, asked as known at an instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.deadlines.deadlines import Deadline, DeadlinesProjection, State, deadlines, tally
from projections.deadlines.kept import KeptWaiting
from projections.deadlines.matter_tables import ObligationRow, OutcomeRow, write
from tests.core.matter.desks import DESKS, MATTER, Answered, ObjectionMade, PanelDecided
from tests.support.due_rows import same_either_way
from tests.support.projecting import Office
from transfer.core.matter import facts as t
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.rows import Line
from transfer.core.matter.words import Made, Nature, Outcome, Slot
from transfer.core.refusals import Malformed
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.log.application import open_log
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

pytestmark = pytest.mark.engines

KNOWN = KnownFacts((DESKS,))
WHOLE, S1, S2 = matter_stream(MATTER), staff_stream("S1"), staff_stream("S2")
BASIS = Basis(rulebook="desks-1", clause="DK-2", assumptions=("DK-2=10wd",))
START, DAY_5, DAY_9, JUNE = date(2014, 1, 2), date(2014, 1, 5), date(2014, 1, 9), date(2014, 6, 1)


def fact(kind: type[t.MatterFact], on: date, **states: object) -> t.MatterFact:
    made = Made(act="act", by="office")
    stamp = {"matter": MATTER, "happened_on": on, "made": made, "basis": BASIS}
    return kind.model_validate({**stamp, **states})


def letter(**windows: Reckoned) -> t.MatterFact:
    return fact(t.NoticeGiven, START, group="A", notice="letter", windows=windows)


FORMED = fact(t.GroupFormed, START, group="A", people=("S1", "S2"))
COUNTED = Reckoned(on=DAY_5, calendar="ew-2013", basis=BASIS)
LETTER = letter(answer=fixed(DAY_5, BASIS), object=COUNTED)
EXTENDED = fact(
    t.WindowExtended, date(2014, 1, 4), window="object", before=DAY_5, when=fixed(JUNE, BASIS),
    reason="leave",
)  # fmt: skip
OBJECTED = fact(ObjectionMade, DAY_9, panel_by=fixed(date(2014, 1, 20), BASIS))
MILESTONE = fact(
    t.DayFixed, START, milestone="move", when=fixed(date(2014, 4, 1), BASIS), owner="employer"
)
EVERYTHING: tuple[tuple[str, Fact], ...] = (
    (WHOLE, FORMED),
    (WHOLE, MILESTONE),
    (WHOLE, LETTER),
    (S1, fact(Answered, date(2014, 1, 3), in_time=True)),
    (S1, EXTENDED),
    (S2, OBJECTED),
    (S2, fact(PanelDecided, date(2014, 1, 25), upheld=False, floor="3")),
)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with closing(open_log(database_url, known=KNOWN)) as log:
        yield Office(log, [DeadlinesProjection(log.read_many, KNOWN)])


def everything(office: Office) -> datetime:
    for each in EVERYTHING:
        at = office.record(each)
    office.runner.catch_up()
    return at


def _told(found: tuple[Deadline, ...]) -> list[tuple[object, ...]]:
    return [(d.staff_number, d.what, d.due_on, d.state.value) for d in found]


def test_states_are_read_as_they_were_at_the_instant(
    office: Office, conn: psycopg.Connection
) -> None:
    office.record((WHOLE, FORMED))
    sent = office.record((WHOLE, LETTER))
    answered = office.record((S1, fact(Answered, date(2014, 1, 3), in_time=True)))
    moved = office.record((S1, EXTENDED))
    objected = office.record((S1, OBJECTED))
    office.runner.catch_up()
    assert sorted(_told(deadlines(conn, sent, staff="S1").items)) == [
        ("S1", "answer", DAY_5, "lapsed"),
        ("S1", "object", DAY_5, "lapsed"),
    ]
    assert _told(deadlines(conn, answered, state=State.MET).items) == [
        ("S1", "answer", DAY_5, "met")
    ]
    assert _told(deadlines(conn, moved, state=State.SUPERSEDED).items) == [
        ("S1", "object", DAY_5, "superseded")
    ]
    assert _told(deadlines(conn, moved, state=State.OPEN).items) == [("S1", "object", JUNE, "open")]
    (panel,) = deadlines(conn, objected, owner="panel").items
    assert (panel.what, panel.state) == ("panel", State.MISSED)


def test_a_day_passes_at_midnight_in_london(office: Office, conn: psycopg.Connection) -> None:
    office.record((WHOLE, FORMED))
    office.record((WHOLE, letter(answer=fixed(JUNE, BASIS))))
    office.record((S2, fact(ObjectionMade, DAY_5, panel_by=fixed(JUNE, BASIS))))
    office.runner.catch_up()

    def states(hour: int, minute: int) -> set[tuple[str, State]]:
        known_at = datetime(2014, 6, 1, hour, minute, tzinfo=UTC)
        return {(d.what, d.state) for d in deadlines(conn, known_at).items}

    assert states(22, 59) == {("answer", State.OPEN), ("panel", State.OPEN)}
    assert states(23, 0) == {("answer", State.LAPSED), ("panel", State.MISSED)}


def test_of_two_readings_one_acts_by_the_earlier_and_the_later_ends_it(
    office: Office, conn: psycopg.Connection
) -> None:
    office.record((WHOLE, FORMED))
    two = Reckoned(on=JUNE, later=date(2014, 6, 3), basis=BASIS)
    office.record((WHOLE, letter(answer=two)))
    office.record((S2, fact(Answered, date(2014, 6, 2), in_time=True)))
    office.runner.catch_up()
    for day, state in ((3, State.OPEN), (4, State.LAPSED)):
        known_at = datetime(2014, 6, day, 12, tzinfo=UTC)
        (found,) = deadlines(conn, known_at, staff="S1").items
        assert (found.due_on, found.state) == (JUNE, state)
    (met,) = deadlines(conn, known_at, staff="S2").items
    assert (met.state, met.met_on, met.late) == (State.MET, date(2014, 6, 2), False)


def test_a_deadline_says_under_which_clause_and_what_it_assumes(
    office: Office, conn: psycopg.Connection
) -> None:
    at = everything(office)
    (met,) = deadlines(conn, at, state=State.MET, staff="S2", due_before=DAY_9).items
    assert (met.what, met.met_on, met.late) == ("object", DAY_9, True)
    assert (met.basis.clause, met.basis.assumptions) == ("DK-2", ("DK-2=10wd",))
    assert (met.calendar, met.exercise, met.owner) == ("ew-2013", "spring", "staff")


def test_pages_of_deadlines_lose_and_repeat_nothing(
    office: Office, conn: psycopg.Connection
) -> None:
    at = everything(office)
    whole = deadlines(conn, at).items
    assert [d.due_on for d in whole] == sorted(
        (d.due_on for d in whole), key=lambda day: day or date.max
    )
    seen: list[Deadline] = []
    cursor = None
    while True:
        page = deadlines(conn, at, limit=2, cursor=cursor)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert tuple(seen) == whole
    assert {d.what for d in deadlines(conn, at, staff="S2").items} == {"answer", "object", "panel"}
    assert all(d.due_on and d.due_on < DAY_9 for d in deadlines(conn, at, due_before=DAY_9).items)
    assert deadlines(conn, at, exercise="another").items == ()


def test_a_tally_counts_every_deadline_of_the_exercise_once(
    office: Office, conn: psycopg.Connection
) -> None:
    at = everything(office)
    whole = deadlines(conn, at, limit=1000).items
    counted = {(each.what, each.state): each for each in tally(conn, "spring", at)}
    assert sum(each.obligations for each in counted.values()) == len(whole)
    for (what, state), each in counted.items():
        same = [d for d in whole if (d.what, d.state) == (what, state)]
        assert (each.obligations, each.late) == (len(same), sum(d.late for d in same))


_ID = UUID(int=99)
_A_DUTY = Line(
    slot=Slot(MATTER, None, "S1", "panel", ""),
    nature=Nature.DUTY,
    owner="panel",
    owed_to="",
    on=DAY_9,
    later=None,
    calendar=None,
    basis=BASIS,
)


@given(
    outcomes=st.lists(st.sampled_from(Outcome), max_size=5),
    is_right=st.booleans(),
    on=st.sampled_from([None, DAY_5, JUNE]),
    pages=st.integers(1, 3),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_was_missed_done_and_undone_is_open_for_as_long_as_it_was(
    conn: psycopg.Connection, outcomes: list[Outcome], is_right: bool, on: date | None, pages: int
) -> None:
    nature = Nature.RIGHT if is_right else Nature.DUTY
    line = replace(_A_DUTY, nature=nature, on=on)
    at = [datetime(2014, 1, day, 12, tzinfo=UTC) for day in range(3, 20)]
    opened = ObligationRow(_ID, "spring", line, _ID, at[0], 1, 1)
    ended = [
        OutcomeRow(_ID, each, None, UUID(int=n), at[n], n + 1) for n, each in enumerate(outcomes, 1)
    ]
    with conn.transaction(force_rollback=True):
        write(conn, [opened], ended[:pages])
        for start in range(pages, len(ended), pages):
            write(conn, [], ended[start : start + pages])
        kept = KeptWaiting()
        for known_at in (*at, datetime(2014, 7, 1, tzinfo=UTC), *at):
            same_either_way(conn, known_at, kept)


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwgImIiXQ", "WyIyMDE0LTAxLTAxIiwgIngiXQ"])
def test_a_made_up_cursor_is_malformed(conn: psycopg.Connection, cursor: str) -> None:
    with pytest.raises(Malformed):
        deadlines(conn, datetime(2014, 1, 1, tzinfo=UTC), cursor=cursor)


def test_without_a_kind_nothing_is_due(database_url: str) -> None:
    with closing(open_log(database_url)) as log:
        assert DeadlinesProjection(log.read_many).facts == ()
