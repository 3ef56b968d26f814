"""Who takes care of a duty, and its excuse, in PostgreSQL, as known at an instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from uuid import UUID

import psycopg
import pytest

from projections.deadlines.deadlines import (
    Deadline,
    DeadlinesProjection,
    Escalation,
    State,
    alike,
    deadlines,
    duty,
    first_of_each,
)
from projections.deadlines.work import Line, lines
from projections.keeping_up.runner import Runner, digest
from tests.core.matter.desks import DESKS, MATTER, ObjectionMade, PanelDecided
from tests.support.projecting import Office
from transfer.commands.duties import care_of
from transfer.core.duties import (
    DutyDelegated,
    DutyExcused,
    DutyNamed,
    DutyTakenBack,
    ExcuseWithdrawn,
)
from transfer.core.matter import facts as t
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Made
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import duty_stream, matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.log.application import open_log
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.work import WorkAsked, work

pytestmark = pytest.mark.engines

KNOWN = KnownFacts((DESKS,))
WHOLE, S1, S2 = matter_stream(MATTER), staff_stream("S1"), staff_stream("S2")
BASIS = Basis(rulebook="desks-1", clause="DK-2")
START, DAY_5, DAY_9, JUNE = date(2014, 1, 2), date(2014, 1, 5), date(2014, 1, 9), date(2014, 6, 1)
OF_S1 = DutyNamed(matter=MATTER, staff_number="S1", what="panel")
OF_S2 = DutyNamed(matter=MATTER, staff_number="S2", what="panel")


def fact(kind: type[t.MatterFact], on: date, **states: object) -> t.MatterFact:
    made = Made(act="act", by="office")
    return kind.model_validate(
        {"matter": MATTER, "happened_on": on, "made": made, "basis": BASIS, **states}
    )


def objected(by: Reckoned) -> t.MatterFact:
    return fact(ObjectionMade, DAY_5, panel_by=by)


def delegated(to: str, until: date | None = None, of: DutyNamed = OF_S1) -> Fact:
    return DutyDelegated(duty=of, basis=BASIS, reason="so", to=to, until=until)


def excused(reason: str, of: DutyNamed = OF_S1) -> Fact:
    return DutyExcused(duty=of, basis=BASIS, reason=reason, document="a minute")


TAKEN_BACK = DutyTakenBack(duty=OF_S1, basis=BASIS, reason="so")
WITHDRAWN = ExcuseWithdrawn(duty=OF_S1, basis=BASIS, reason="so")
BEGUN = fact(t.MatterBegun, START, edition="desks-1", digest="0" * 64, calendar="ew-2013")
FORMED = fact(t.GroupFormed, START, group="A", people=("S1", "S2"))


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with closing(open_log(database_url, known=KNOWN)) as log:
        found = Office(log, [DeadlinesProjection(log.read_many, KNOWN)])
        found.record((WHOLE, BEGUN), (WHOLE, FORMED))
        found.record(
            (S1, objected(fixed(JUNE, BASIS))),
            (S2, objected(fixed(JUNE, BASIS))),
        )
        yield found


def said(office: Office, said_of: Fact, by: str = "test") -> datetime:
    assert isinstance(said_of, DutyDelegated | DutyTakenBack | DutyExcused | ExcuseWithdrawn)
    return office.record((duty_stream(said_of.duty.id), said_of), by=by)


def of(conn: psycopg.Connection, at: datetime, staff: str = "S1") -> Deadline:
    (found,) = (
        each
        for each in deadlines(conn, at, staff=staff).items
        if each.state is not State.SUPERSEDED
    )
    return found


def test_the_last_word_by_then_holds(office: Office, conn: psycopg.Connection) -> None:
    instants = [
        said(office, each)
        for each in (
            delegated("B"),
            excused("a flood"),
            delegated("C", JUNE),
            TAKEN_BACK,
            WITHDRAWN,
            delegated("D"),
        )
    ]
    office.runner.catch_up()
    found = [of(conn, at) for at in instants]
    assert [each.delegated_to for each in found] == ["B", "B", "C", None, None, "D"]
    assert [each.delegated_until for each in found] == [None, None, JUNE, None, None, None]
    excuses = [each.excused and each.excused.reason for each in found]
    assert excuses == [None, "a flood", "a flood", "a flood", None, None]
    assert all(of(conn, at, "S2").delegated_to is None for at in instants)
    assert first_of_each(conn, instants[2], ["S1"], State.OPEN) == {"S1": found[2]}


def test_it_holds_to_its_last_day_in_london(office: Office, conn: psycopg.Connection) -> None:
    said(office, delegated("B", date(2014, 2, 3)))
    office.runner.catch_up()
    for day, to in ((3, "B"), (4, None)):
        at = datetime.fromisoformat(f"2014-02-0{day}T12:00:00+00:00")
        assert of(conn, at).delegated_to == to
        kept = deadlines(conn, at, delegated_to="B").items
        assert [each.staff_number for each in kept] == (["S1"] if to else [])


def test_another_day_takes_its_place_and_the_duty_stays_given(
    office: Office, conn: psycopg.Connection
) -> None:
    said(office, delegated("B"))
    said(office, excused("a flood"))
    office.runner.catch_up()
    before = of(conn, office.record((S1, objected(fixed(date(2014, 7, 1), BASIS)))))
    office.runner.catch_up()
    at = said(office, delegated("C", of=OF_S2))
    office.runner.catch_up()
    now = of(conn, at)
    assert now.obligation_id != before.obligation_id
    assert (now.due_on, now.delegated_to) == (date(2014, 7, 1), "B")
    assert now.excused is not None
    # By the one that was superseded the duty is found as it is now.
    for each in (before, now):
        found = duty(conn, each.obligation_id, at)
        assert (found.duty.named, found.due_on) == (OF_S1, now.due_on)
        assert (found.duty.owner, found.duty.owed_to) == ("panel", "staff")
        assert found.duty.is_to_do
    with pytest.raises(NotOnRecord):
        duty(conn, UUID(int=1), at)


def test_what_is_due_again_once_it_was_done_is_another_duty(
    office: Office, conn: psycopg.Connection
) -> None:
    said(office, delegated("B"))
    said(office, excused("a flood"))
    office.record((S1, fact(PanelDecided, DAY_9, upheld=False, floor="")))
    by = fixed(date(2014, 7, 1), BASIS)
    again = office.record((S1, fact(ObjectionMade, date(2014, 1, 13), panel_by=by)))
    office.runner.catch_up()

    def told(at: datetime) -> dict[tuple[date | None, State], tuple[str | None, bool]]:
        return {
            (each.due_on, each.state): (each.delegated_to, each.excused is not None)
            for each in deadlines(conn, at, staff="S1").items
        }

    old, new = (JUNE, State.MET), (date(2014, 7, 1), State.OPEN)
    assert told(again) == {old: ("B", True), new: (None, False)}
    (line,) = (each for each in lines(conn, again, START, limit=10) if "S1" in each.staff_numbers)
    assert (line.done_by, line.excuse) == ("test", None)

    # What is said now is of the new one; by the old one nothing can be said any more.
    at = said(office, delegated("C"))
    office.runner.catch_up()
    assert told(at) == {old: ("B", True), new: ("C", False)}
    assert [each.due_on for each in deadlines(conn, at, delegated_to="B").items] == [JUNE]
    first, second = deadlines(conn, at, staff="S1").items
    by_id = [duty(conn, each.obligation_id, at) for each in (first, second)]
    assert [each.duty.is_to_do for each in by_id] == [False, True]
    events = office.log.read(duty_stream(OF_S1.id))
    of_new = care_of(by_id[1].duty, events)
    assert of_new.given is not None
    assert of_new.given.to == "C"
    assert of_new.excuse is None


def test_a_duty_is_near_then_overdue_unless_it_is_excused(
    office: Office, conn: psycopg.Connection
) -> None:
    said(office, excused("a flood", of=OF_S2))
    office.runner.catch_up()

    def told(day: str, near_days: int = 3) -> list[Escalation | None]:
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        found = [
            next(e for e in deadlines(conn, at, staff=s, near_days=near_days).items)
            for s in ("S1", "S2")
        ]
        for each in Escalation:
            kept = deadlines(conn, at, near_days=near_days, escalation=each).items
            assert list(kept) == [e for e in found if e.escalation is each]
        return [each.escalation for each in found]

    near, overdue = Escalation.NEAR, Escalation.OVERDUE
    assert told("2014-05-28") == [None, None]
    assert told("2014-05-28", 4) == [near, None]
    assert told("2014-05-29") == [near, None]
    assert told("2014-06-01", 0) == [near, None]
    assert told("2014-06-02") == [overdue, None]


def test_a_line_is_of_who_has_it_and_of_one_excuse_and_pages_join(
    office: Office, conn: psycopg.Connection
) -> None:
    at = said(office, delegated("B"))
    office.runner.catch_up()

    def told(**asked: object) -> list[Line]:
        return list(lines(conn, at, START, limit=10, **asked))  # type: ignore[arg-type]  # by name

    # Who began the matter runs it: no exercise is needed for that.
    found = {each.done_by: each.staff_numbers for each in told()}
    assert found == {"B": ("S1",), "test": ("S2",)}
    assert [each.staff_numbers for each in told(done_by=["B"])] == [("S1",)]
    assert [each.staff_numbers for each in told(done_by=["test"])] == [("S2",)]
    assert told(done_by=["C"]) == []
    (first,) = lines(conn, at, START, limit=1)
    (second,) = lines(conn, at, START, limit=1, cursor=first.cursor)
    assert [first, second] == told()
    assert lines(conn, at, START, limit=1, cursor=second.cursor) == ()

    said(office, delegated("B", of=OF_S2))
    at = said(office, excused("a flood", of=OF_S2))
    office.runner.catch_up()
    assert {each.excuse: each.staff_numbers for each in told()} == {
        None: ("S1",),
        "a flood": ("S2",),
    }
    at = said(office, excused("a flood"))
    office.runner.catch_up()
    (line,) = told()
    assert (line.staff_numbers, line.delegated_by) == (("S1", "S2"), "test")
    found_by = duty(conn, line.obligation_id, at)
    assert [each.named for each in alike(conn, found_by, at)] == [OF_S1, OF_S2]


def by_line(conn: psycopg.Connection, at: datetime) -> list[list[str]]:
    """Of whom each line of work is, as its form reaches them."""
    found = []
    for line in lines(conn, at, START, limit=10):
        reached = alike(conn, duty(conn, line.obligation_id, at), at)
        found.append([each.named.staff_number or "" for each in reached])
        assert list(line.staff_numbers) == found[-1]
    return sorted(found)


def test_a_form_reaches_its_line_and_not_what_somebody_else_gave(
    office: Office, conn: psycopg.Connection
) -> None:
    said(office, delegated("Z"), by="A")
    at = said(office, delegated("Z", of=OF_S2), by="B")
    office.runner.catch_up()
    assert by_line(conn, at) == [["S1"], ["S2"]]


def test_a_form_reaches_its_line_and_not_what_somebody_else_runs(
    database_url: str, conn: psycopg.Connection
) -> None:
    def of_matter(number: int, made: t.MatterFact) -> t.MatterFact:
        return made.model_copy(update={"matter": f"desk-move:{number}"})

    with closing(open_log(database_url, known=KNOWN)) as log:
        office = Office(log, [DeadlinesProjection(log.read_many, KNOWN)])
        begun = BEGUN.model_copy(update={"against": "exercise:tr"})
        due = objected(fixed(JUNE, BASIS))
        for number, by in ((1, "A"), (2, "B")):
            whole = matter_stream(f"desk-move:{number}")
            office.record((whole, of_matter(number, begun)), by=by)
            at = office.record((staff_stream(f"S{number}"), of_matter(number, due)), by=by)
        office.runner.catch_up()
        found = lines(conn, at, START, limit=10)
        assert sorted((each.exercise, each.run_by) for each in found) == [("tr", "A"), ("tr", "B")]
        assert by_line(conn, at) == [["S1"], ["S2"]]


def test_a_line_leads_to_a_duty_of_somebody_within_the_limits(
    office: Office, conn: psycopg.Connection
) -> None:
    office.runner.catch_up()
    at = office.log.read(S2)[-1].recorded_at
    for number, named in (("S1", OF_S1), ("S2", OF_S2)):
        limits = frozenset({number})
        found = work(conn, {}, at, START, WorkAsked(), within=limits.intersection)
        (item,) = found.items
        assert [each.staff_number for each in item.whom] == [number]
        assert duty(conn, item.obligation_id, at).duty.named == named


def test_who_begins_a_matter_as_staff_may_does_not_run_it(
    database_url: str, conn: psycopg.Connection
) -> None:
    def by(act: str, made: t.MatterFact) -> t.MatterFact:
        return made.model_copy(update={"made": Made(act=act, by="somebody")})

    with closing(open_log(database_url, known=KNOWN)) as log:
        office = Office(log, [DeadlinesProjection(log.read_many, KNOWN)])
        office.record((WHOLE, by("object", BEGUN)))
        due = objected(fixed(JUNE, BASIS))
        first = office.record((S1, by("object", due)), (S2, by("object", due)))
        office.runner.catch_up()
        before = lines(conn, first, START, limit=10)
        assert [(each.run_by, each.done_by) for each in before] == [(None, None)]
        decided = fact(PanelDecided, DAY_9, upheld=False, floor="")
        at = office.record((S1, by("decide", decided)))
        office.runner.catch_up()
        (line,) = lines(conn, at, START, limit=10)
        assert (line.staff_numbers, line.run_by) == (("S2",), "test")
        # As it was known first, nobody runs it still.
        assert lines(conn, first, START, limit=10) == before
        assert lines(conn, first, START, limit=10, done_by=["test"]) == ()


def test_wherever_pages_are_cut_the_rows_are_the_same(
    office: Office, conn: psycopg.Connection
) -> None:
    for each in (delegated("B"), excused("a\tflood\\"), TAKEN_BACK, WITHDRAWN, delegated("C")):
        said(office, each)
        office.runner.catch_up()
    projection = DeadlinesProjection(office.log.read_many, KNOWN)
    before = digest(conn, projection)
    Runner(office.log, [projection]).rebuild()
    assert digest(conn, projection) == before
