"""Deadlines in PostgreSQL, asked as known at an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

from projections.deadlines.deadlines import Deadline, DeadlinesProjection, State, deadlines, tally
from projections.keeping_up.runner import Runner, digest
from tests.support.due import (
    APRIL_1,
    BASIS,
    BEGUN,
    DEC_4,
    DEC_11,
    DEC_18,
    EVERYTHING,
    EXERCISE,
    JUNE_1,
    LETTER,
    LODGED,
    RESPONDED,
    S1,
    TRANSFER_SET,
    X,
    extended,
)
from tests.support.projecting import Office
from transfer.core.matter.reckoning import fixed
from transfer.core.refusals import Malformed
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    return Office(log, [DeadlinesProjection(log.read_many, log.known)])


def _told(found: tuple[Deadline, ...]) -> list[tuple[object, ...]]:
    return [(d.staff_number, d.what, d.due_on, d.state.value) for d in found]


def test_states_are_read_as_they_were_at_the_instant(
    office: Office, conn: psycopg.Connection
) -> None:
    letter = office.record((S1, LETTER))
    responded = office.record((S1, RESPONDED))
    moved = office.record((S1, extended(date(2014, 6, 1))))
    lodged = office.record((S1, BEGUN), (S1, LODGED))
    office.runner.catch_up()
    appeal, response = "appeal", "response"
    assert sorted(_told(deadlines(conn, letter).items), key=str) == [
        ("S1", appeal, DEC_4, "lapsed"),
        ("S1", response, DEC_4, "lapsed"),
    ]
    assert _told(deadlines(conn, responded, state=State.MET).items) == [
        ("S1", response, DEC_4, "met")
    ]
    assert _told(deadlines(conn, moved, state=State.SUPERSEDED).items) == [
        ("S1", appeal, DEC_4, "superseded")
    ]
    assert _told(deadlines(conn, moved, state=State.OPEN).items) == [
        ("S1", appeal, date(2014, 6, 1), "open")
    ]
    (determination,) = deadlines(conn, lodged, owner="panel").items
    assert determination.exercise == X
    assert (determination.what, determination.state) == ("determination", State.MISSED)


def test_a_day_passes_at_midnight_in_london(office: Office, conn: psycopg.Connection) -> None:
    due = fixed(date(2014, 6, 1), BASIS)
    office.record((EXERCISE, TRANSFER_SET.model_copy(update={"when": due})))
    office.runner.catch_up()

    def state(known_at: datetime) -> list[State]:
        return [d.state for d in deadlines(conn, known_at).items]

    assert state(datetime(2014, 6, 1, 22, 59, tzinfo=UTC)) == [State.OPEN]
    assert state(datetime(2014, 6, 1, 23, 0, tzinfo=UTC)) == [State.MISSED]


def test_a_deadline_says_under_which_clause_and_what_it_assumes(
    office: Office, conn: psycopg.Connection
) -> None:
    office.record((S1, LETTER))
    at = office.record(
        (S1, BEGUN), (S1, LODGED.model_copy(update={"happened_on": date(2014, 1, 9)}))
    )
    office.runner.catch_up()
    (appeal,) = deadlines(conn, at, state=State.MET).items
    assert (appeal.met_on, appeal.late) == (date(2014, 1, 9), True)
    assert (appeal.basis.clause, appeal.basis.assumptions) == ("TR-11b", ("TR-11b=10wd",))
    assert (appeal.calendar, appeal.exercise, appeal.owner) == ("ew-2013", X, "staff")


@pytest.mark.parametrize("page_events", [1, 2, 3, 100])
def test_rows_are_the_same_wherever_pages_are_cut(
    log: Log[Fact], conn: psycopg.Connection, page_events: int
) -> None:
    projection = DeadlinesProjection(log.read_many, log.known)
    office = Office(log, [projection])
    office.runner = Runner(log, [projection], page_events=page_events)
    for fact in EVERYTHING:
        office.record(fact)
    office.runner.catch_up()
    before = digest(conn, projection)
    Runner(log, [projection]).rebuild()
    assert digest(conn, projection) == before


def test_everything_that_became_due_is_there_with_what_came_of_it(
    office: Office, conn: psycopg.Connection
) -> None:
    for fact in EVERYTHING:
        at = office.record(fact)
    office.runner.catch_up()
    assert sorted(map(str, _told(deadlines(conn, at, limit=1000).items))) == sorted(
        map(
            str,
            [
                (None, "milestone", APRIL_1, "superseded"),
                (None, "milestone", JUNE_1, "open"),
                ("S1", "response", DEC_4, "met"),
                ("S1", "appeal", DEC_4, "superseded"),
                ("S1", "appeal", DEC_11, "lapsed"),
                ("S1", "end-of-employment", APRIL_1, "superseded"),
                ("S1", "end-of-employment", JUNE_1, "open"),
                ("S1", "refused-step", None, "open"),
                ("S2", "response", DEC_4, "lapsed"),
                ("S2", "appeal", DEC_4, "superseded"),
                ("S2", "appeal", DEC_11, "met"),
                ("S2", "determination", DEC_18, "missed"),
            ],
        )
    )


def test_pages_of_deadlines_lose_and_repeat_nothing(
    office: Office, conn: psycopg.Connection
) -> None:
    for fact in EVERYTHING:
        at = office.record(fact)
    office.runner.catch_up()
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
    assert {d.what for d in deadlines(conn, at, staff="S2").items} == {
        "response",
        "appeal",
        "determination",
    }
    assert all(d.due_on and d.due_on < DEC_11 for d in deadlines(conn, at, due_before=DEC_11).items)
    assert deadlines(conn, at, exercise="another").items == ()


def test_a_tally_counts_every_deadline_of_the_exercise_once(
    office: Office, conn: psycopg.Connection
) -> None:
    for fact in EVERYTHING:
        at = office.record(fact)
    office.runner.catch_up()
    whole = deadlines(conn, at, limit=1000).items
    counted = {(each.what, each.state): each for each in tally(conn, X, at)}
    assert sum(each.obligations for each in counted.values()) == len(whole)
    for (what, state), each in counted.items():
        same = [d for d in whole if (d.what, d.state) == (what, state)]
        assert (each.obligations, each.late) == (len(same), sum(d.late for d in same))


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwgImIiXQ", "WyIyMDE0LTAxLTAxIiwgIngiXQ"])
def test_a_made_up_cursor_is_malformed(conn: psycopg.Connection, cursor: str) -> None:
    with pytest.raises(Malformed):
        deadlines(conn, datetime(2014, 1, 1, tzinfo=UTC), cursor=cursor)
