"""Deadlines of a kind that lives in the tests alone, in PostgreSQL, against every fact read anew.

Each history is recorded command by command and taken page by page; at every knowledge time the rows
say what the book says that is read from all the facts known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import transfer.kinds
from projections.deadlines import matter_rows
from projections.deadlines.deadlines import DeadlinesProjection, deadlines
from projections.keeping_up.runner import Runner, digest
from projections.rebuilding.rebuild import rebuild
from tests.core.matter.cases import CASES, Case, extend, fix_day, move_window, of
from tests.core.matter.desks import (
    DESKS,
    MATTER,
    Answered,
    DeskMoved,
    FloorProposed,
    GroupPlanned,
)
from tests.core.matter.histories import D, Doing, Played, afterwards, histories, late, spring
from tests.core.matter.playing import Office
from tests.support.due_rows import Kept, check, log_of, stream_of
from tests.support.histories import instant
from tests.support.matters import Asked
from tests.support.played_2013 import Played as Moves2013
from tests.support.projecting import Office as Recorder
from tests.support.rules_2013 import LETTERS
from transfer.core.matter import facts as t
from transfer.core.matter.folding import OnRecord
from transfer.core.matter.kind import Kind, closes, on, opens
from transfer.core.matter.reckoning import fixed, hanging
from transfer.core.matter.words import Made, Nature, Outcome
from transfer.core.streams import staff_stream
from transfer.core.words import Basis
from transfer.log.application import open_log
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
            opens("pack", Nature.DUTY, owner="mover",
                  when=lambda _: hanging(NO_BASIS, milestone="move")),
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


# --- any history ----------------------------------------------------------------------------------


@pytest.mark.thorough
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
    check(conn, KNOWN, office.records, commands)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(conn: psycopg.Connection, case: Case) -> None:
    office = late(case.doings, case.late, case.learned_on)
    afterwards(office, case.doings, case.learned_on)
    check(conn, KNOWN, office.records, 3)


def test_whom_a_late_fact_of_the_matter_may_concern_is_read_anew_some_at_a_time(
    conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matter_rows, "_AT_ONCE", 1)
    case = next(each for each in CASES if "put forward when somebody chose to quit" in each.name)
    office = late(case.doings, case.late, case.learned_on)
    kept = check(conn, KNOWN, office.records, 1)
    assert {stream for stream in kept.read if stream.startswith("staff:")} == {staff_stream("S1")}


# --- the exercise of 2013, with an appeal ---------------------------------------------------------

Done = Callable[[Moves2013], object]


def learned_late(s1: Moves2013) -> None:
    s1.clock(D(2014, 3, 20))
    s1.lodge(today=D(2014, 3, 20))
    s1.office.redo_everything(D(2014, 3, 20))


X = "exercise:tr-2013"


def letter_back(s1: Moves2013) -> Asked:
    return s1.do(X, "letter-returned", D(2013, 12, 30)).then(t.NoticeReturned)


def answered_again(s1: Moves2013) -> None:
    s1.do(X, "record-answer", D(2013, 12, 24), answer="acknowledged")
    s1.do(X, "reissue-letter", D(2014, 1, 6)).then(t.NoticeReissued)
    s1.do(X, "record-answer", D(2014, 1, 13), answer="rights-reserved")


SOME_DAYS: Sequence[tuple[str, Done]] = (
    ("lodged", lambda s1: s1.lodge()),
    ("heard late", lambda s1: (s1.lodge(D(2014, 3, 10)), s1.admit(on=D(2014, 3, 12)))),
    ("determined", lambda s1: (s1.lodge(), s1.determine())),
    ("withdrawn", lambda s1: (s1.lodge(), s1.withdraw())),
    ("overdue", lambda s1: (s1.lodge(), s1.clock(D(2014, 3, 31)))),
    ("extended", lambda s1: s1.extend(D(2014, 3, 20), LETTERS)),
    ("learned late", learned_late),
    ("letter back", letter_back),
    ("letter again", lambda s1: (letter_back(s1), s1.do(X, "reissue-letter", D(2014, 1, 6)))),
    ("letter again, answered", answered_again),
)


@pytest.mark.parametrize("done", [done for _, done in SOME_DAYS], ids=[n for n, _ in SOME_DAYS])
def test_the_exercise_of_2013(conn: psycopg.Connection, done: Done) -> None:
    s1 = Moves2013()
    s1.letter()
    done(s1)
    s1.clock(D(2014, 6, 1))
    check(conn, transfer.kinds.KNOWN, s1.office.records, 2)
    found = deadlines(conn, instant(200), limit=1000).items
    assert {each.exercise for each in found} == {"tr-2013"}
    assert {"appeal", "milestone"} <= {each.what for each in found}


def test_a_letter_that_goes_out_again_publishes_its_later_days_to_one_person(
    conn: psycopg.Connection,
) -> None:
    s1 = Moves2013()
    s1.letter()
    letter_back(s1)
    s1.do(X, "reissue-letter", D(2014, 1, 6))
    assert s1.clock(D(2014, 1, 20)) == []
    log = log_of(s1.office.records)
    kept = Kept(conn, log, transfer.kinds.KNOWN)
    kept.empty()
    kept.take(3)
    found = deadlines(conn, log[-1].recorded_at, limit=1000).items
    rows = [(e.what, e.about, e.due_on) for e in found if e.staff_number == "S1"]
    assert sorted(rows, key=lambda row: (row[0], row[2] or D(2013, 1, 1))) == [
        ("appeal", "", D(2014, 1, 8)),
        ("appeal", "", D(2014, 1, 20)),
        ("response", "", D(2013, 12, 31)),
        ("response", "", D(2014, 1, 13)),
        ("send-again", "assignment", None),
    ]
    states = {(e.what, e.due_on): e.state.value for e in found if e.staff_number == "S1"}
    assert states["appeal", D(2014, 1, 8)] == states["response", D(2013, 12, 31)] == "superseded"
    assert states["send-again", None] == "met"


# --- by hand --------------------------------------------------------------------------------------


def told(
    conn: psycopg.Connection, office: Office, what: str, person: str | None = "S1"
) -> list[tuple[date | None, str]]:
    """Each row of one thing due to somebody: its day, and where it stands at the end."""
    log = log_of(office.records)
    kept = Kept(conn, log, KNOWN)
    kept.empty()
    kept.take(2)
    found = deadlines(conn, log[-1].recorded_at, limit=1000).items
    rows = [each for each in found if (each.what, each.staff_number) == (what, person)]
    order = {event.event_id: event.position for event in log}
    return [
        (each.due_on, each.state.value) for each in sorted(rows, key=lambda d: order[d.opened_by])
    ]


def at_letters() -> Played:
    """The move on the day on which its letters have gone out."""
    played = Played(spring())
    played.to(D(2014, 2, 1))
    return played


def test_a_letter_opens_the_windows_of_everybody_in_the_group(conn: psycopg.Connection) -> None:
    office = at_letters().office
    assert [told(conn, office, "answer", person) for person in PEOPLE] == [
        [(D(2014, 2, 6), "open")]
    ] * 3
    assert told(conn, office, "answer", None) == []


def test_a_window_is_moved_for_whom_it_is_later(conn: psycopg.Connection) -> None:
    played = at_letters()
    played.do(extend(D(2014, 2, 3), D(2014, 2, 20)))
    played.do(move_window(D(2014, 2, 4), D(2014, 2, 14), "B"))
    played.do(of(D(2014, 2, 5), "object", "S3"))
    played.do(move_window(D(2014, 2, 6), D(2014, 2, 24), "B"))
    assert told(conn, played.office, "object", "S1") == [
        (D(2014, 2, 11), "superseded"),
        (D(2014, 2, 20), "open"),
    ]
    assert told(conn, played.office, "object", "S3") == [
        (D(2014, 2, 11), "superseded"),
        (D(2014, 2, 14), "met"),
    ]
    assert [due_on for due_on, _ in told(conn, played.office, "object", "S4")] == [
        D(2014, 2, 11),
        D(2014, 2, 14),
        D(2014, 2, 24),
    ]


def test_a_milestone_moves_and_what_hangs_on_it(conn: psycopg.Connection) -> None:
    played = at_letters()
    played.do(fix_day(D(2014, 2, 3), D(2014, 4, 12)))
    moved = [(D(2014, 4, 1), "superseded"), (D(2014, 4, 12), "open")]
    assert told(conn, played.office, "milestone", None)[0] == moved[0]
    assert [told(conn, played.office, "pack", person) for person in PEOPLE] == [moved] * 3


def test_an_objection_is_learned_late_and_what_was_decided_is_redone(
    conn: psycopg.Connection,
) -> None:
    played = at_letters()
    played.to(D(2014, 2, 20))
    played.learn(of(D(2014, 2, 11), "object"))
    assert told(conn, played.office, "settle") == [(None, "open")]
    assert told(conn, played.office, "object") == [(D(2014, 2, 11), "met")]
    assert told(conn, played.office, "panel") == [(D(2014, 2, 21), "open")]
    played.office.redo_everything(D(2014, 2, 20))
    assert told(conn, played.office, "settle") == [(None, "met")]
    played.learn(of(D(2014, 2, 12), "withdraw"))
    assert told(conn, played.office, "panel") == [(D(2014, 2, 21), "superseded")]


def test_an_end_waits_for_approval(conn: psycopg.Connection) -> None:
    played = at_letters()
    played.do(of(D(2014, 2, 20), "quit"))
    for day, approver in ((D(2014, 4, 1), None), (D(2014, 4, 2), "approver")):
        played.office.run_clock(day, approver)
        state = "open" if approver is None else "met"
        assert told(conn, played.office, "approve") == [(D(2014, 4, 1), state)]


def test_a_step_that_was_refused_is_put_right(conn: psycopg.Connection) -> None:
    played = at_letters()
    played.office.positions["S1"].workplaces[D(2014, 3, 1)] = "annexe"
    played.to(D(2014, 4, 1))
    assert told(conn, played.office, "refused-step") == [(None, "open")]
    del played.office.positions["S1"].workplaces[D(2014, 3, 1)]
    played.office.run_clock(D(2014, 4, 2))
    assert told(conn, played.office, "refused-step") == [(None, "met")]


def test_nothing_of_a_matter_that_is_abandoned_is_due(conn: psycopg.Connection) -> None:
    played = at_letters()
    played.do(of(D(2014, 2, 3), "answer"))
    played.do(of(D(2014, 2, 4), "abandon", None, reason="no money"))
    log = log_of(played.office.records)
    Kept(conn, log, KNOWN).take(1)
    states = {each.state.value for each in deadlines(conn, log[-1].recorded_at, limit=1000).items}
    assert states == {"met", "superseded"}


# --- two kinds, and a log of its own --------------------------------------------------------------

COMPLAINT = "complaint:7"


class ComplaintLodged(t.MatterFact):
    """A complaint against a floor."""


COMPLAINTS = Kind(
    name="complaint",
    title="Complaints about floors",
    facts={ComplaintLodged: "floor-complaint-lodged.v1"},
    acts=(),
    steps=(),
    obligations=(
        on(
            ComplaintLodged,
            opens("reply", Nature.DUTY, owner="floor manager", owed_to="staff",
                  when=lambda f: fixed(f.happened_on + timedelta(days=30), f.basis)),
        ),
        on(DeskMoved, closes("reply", Outcome.SUPERSEDED)),
    ),
    sentences={ComplaintLodged: lambda _: "complains"},
    hears={DeskMoved: lambda _: COMPLAINT},
)  # fmt: skip
BOTH = KnownFacts((RICH, COMPLAINTS))


def complains() -> list[Fact]:
    """A matter that lies wholly on the person's stream, begun against the move."""
    made = Made(act="lodge", by="S1")
    stamp = {"matter": COMPLAINT, "happened_on": D(2014, 2, 20), "made": made, "basis": NO_BASIS}
    begun = {**stamp, "edition": "desks-1", "digest": "", "calendar": "", "against": MATTER}
    return [t.MatterBegun.model_validate(begun), ComplaintLodged.model_validate(stamp)]


@pytest.mark.parametrize("page_events", [1, 3, 100])
def test_from_a_log_of_its_own_rebuilt_it_is_the_same(
    database_url: str, conn: psycopg.Connection, page_events: int
) -> None:
    played = at_letters()
    played.to(D(2014, 4, 1))
    with closing(open_log(database_url, known=BOTH)) as log:
        projection = DeadlinesProjection(log.read_many, BOTH)
        recorder = Recorder(log, [projection])
        recorder.runner = Runner(log, [projection], page_events=page_events)
        for _, of_command in groupby(played.office.records, key=lambda each: each.command):
            facts = list(of_command)
            if any(isinstance(each.fact, DeskMoved) for each in facts):
                break
            recorder.record(*((stream_of(each), each.fact) for each in facts))
        before = recorder.record(*((staff_stream("S1"), fact) for fact in complains()))
        at = recorder.record(*((stream_of(each), each.fact) for each in facts))
        recorder.runner.catch_up()
        assert recorder.runner.failures() == {}
        (open_one,) = deadlines(conn, before, owner="floor manager").items
        (closed,) = deadlines(conn, at, owner="floor manager").items
        assert (open_one.exercise, open_one.what, open_one.due_on, open_one.state.value) == (
            "spring", "reply", D(2014, 3, 22), "open",
        )  # fmt: skip
        assert (closed.state.value, closed.obligation_id) == (
            "superseded",
            open_one.obligation_id,
        )
        assert {each.exercise for each in deadlines(conn, at, limit=1000).items} == {"spring"}
        conn.execute("SET timezone TO 'UTC'")
        live = digest(conn, projection)
        done = rebuild(log, database_url, projection)
        assert (done.digest_before, done.digest_after) == (live, live)


# --- how much is asked ----------------------------------------------------------------------------


class Counting(psycopg.Cursor[Any]):
    """A cursor that counts what is asked."""

    asked = 0

    def execute(self, *given: Any, **named: Any) -> Any:
        Counting.asked += 1
        return super().execute(*given, **named)


def answers_of(people: Sequence[str], command: int, day: date) -> list[OnRecord]:
    """Everybody answers, in one command."""
    made = Made(act="answer", by="office")
    fact = Answered(matter=MATTER, happened_on=day, made=made, basis=NO_BASIS, in_time=True)
    return [
        OnRecord(UUID(int=command * 1000 + n), command * 1000 + n, UUID(int=command), who, fact)
        for n, who in enumerate(people)
    ]


def test_a_page_of_many_people_asks_no_more_than_one_of_few(conn: psycopg.Connection) -> None:
    people = [f"P{n}" for n in range(500)]
    of_plan = [each for each in spring().records if not isinstance(each.fact, FloorProposed)]
    group = next(each for each in of_plan if isinstance(each.fact, t.GroupFormed))
    formed = group.fact.model_copy(update={"people": tuple(people)})
    letter = t.NoticeGiven(
        matter=MATTER,
        happened_on=D(2014, 2, 1),
        made=Made(act="letters", by="clock"),
        basis=NO_BASIS,
        group="A",
        notice="letter",
        windows={"answer": fixed(D(2014, 2, 6), NO_BASIS)},
    )
    records = [
        *(replace(each, fact=formed) if each is group else each for each in of_plan),
        OnRecord(UUID(int=7000), 7000, UUID(int=7), None, letter),
        *answers_of(people, 8, D(2014, 2, 3)),
        *answers_of(people, 9, D(2014, 2, 2)),  # all of them learned late
    ]
    log = log_of(records)
    kept = Kept(conn, log, KNOWN)
    conn.cursor_factory = Counting
    instants = sorted({event.recorded_at for event in log})
    asked, read = [], []
    for instant_ in instants:
        Counting.asked, kept.read, kept.calls = 0, [], 0
        kept.page([event for event in log if event.recorded_at == instant_])
        asked.append(Counting.asked)
        read.append(kept.calls)
    assert max(asked) < 25
    assert read[-2:] == [0, 1]
    found = {each.what: each for each in deadlines(conn, instants[-1], staff="P0").items}
    assert (found["answer"].state.value, found["answer"].met_on) == ("met", D(2014, 2, 2))
