"""Position and terms in PostgreSQL: what is asked of them, against the oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.keeping_up.runner import BEFORE_ANYTHING, Runner, digest, horizon, resolve_known_at
from projections.position import queries as q
from projections.position.projection import NAME, PositionProjection
from tests.oracle import Answer
from tests.support.changes import (
    change,
)
from tests.support.histories import STAFF, History, histories, instant, on_record
from tests.support.projecting import Office, registered
from tests.support.stamps import stamp
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Basis, Facet
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.procedures.consultation.facts import OfferRestored, OfferWithdrawn
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

JAN, FEB, MAR = (date(2014, month, 1) for month in (1, 2, 3))
_EXERCISE = "tr-2013"
_OF_EXERCISE, _CONSULTATION = f"exercise:{_EXERCISE}", f"consultation:{_EXERCISE}"


class _Memory:
    """A log of one history in memory: what the projection reads of it."""

    def __init__(self, events: list[Recorded[Fact]]) -> None:
        self.events = events

    def read_many(self, _streams: object) -> dict[str, list[Recorded[Fact]]]:
        return {staff_stream(STAFF): self.events}


def _told(held: q.Held | None) -> Answer | None:
    if held is None:
        return None
    return Answer(
        held.value,
        held.effective_from,
        held.effective_to,
        held.event_id,
        held.corrected_by,
        held.recorded_at,
        held.temporary,
        _told(held.standing),
    )


@given(history=histories(commands=6), data=st.data())
@settings(
    max_examples=25,
    deadline=None,
    # Every example empties the tables first.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_position_answers_as_the_rule_reads(
    conn: psycopg.Connection, history: History, data: st.DataObject
) -> None:
    for table in PositionProjection.tables:
        conn.execute(f"TRUNCATE {table}")
    events = on_record(history.facts)
    projection = PositionProjection(_Memory(events).read_many)
    for at in history.instants:
        if data.draw(st.booleans(), label="start anew"):
            projection.forget()
        with conn.transaction():
            projection.apply(conn, [each for each in events if each.recorded_at == at])
    assert q.verify_no_overlap(conn) == []
    oracle = history.oracle
    names = oracle.names()
    for known in history.instants:
        for day in oracle.days():
            found = {
                ("facet", job, facet.value): _told(held)
                for job in (MAIN, "evenings")
                for facet, held in q.position_at(conn, STAFF, day, known, job).position.items()
            }
            terms = q.position_at(conn, STAFF, day, known).terms
            found |= {("term", "", term.term): _told(term.held) for term in terms}
            expected = {name: oracle.answer(name, day, known) for name in names}
            assert found == {name: answer for name, answer in expected.items() if answer}


def test_a_person_is_not_on_record_before_they_were_recorded(
    office: Office, conn: psycopg.Connection
) -> None:
    at = office.register("S1", band="4")
    office.runner.catch_up()
    with pytest.raises(NotOnRecord):
        q.position_at(conn, "S1", FEB, at - timedelta(microseconds=1))
    with pytest.raises(NotOnRecord):
        q.timeline(conn, "S2", at)
    assert q.position_at(conn, "S1", date(2013, 12, 31), at).position == {}
    assert q.position_at(conn, "S1", FEB, at).position[Facet.BAND].value == "4"


def test_later_records_change_no_earlier_answer(office: Office, conn: psycopg.Connection) -> None:
    known = [office.register("S1", band="4", employer="LDN")]
    office.runner.catch_up()
    days = [JAN, FEB, MAR]
    answers = {}
    for step in (
        change(FEB, band="5"),
        change(JAN, MAR, band="6", employer=None),
        change(JAN, band="2"),
    ):
        for day in days:
            answers[day, known[-1]] = q.position_at(conn, "S1", day, known[-1])
        known.append(office.record((staff_stream("S1"), step)))
        office.runner.catch_up()
        assert all(
            q.position_at(conn, "S1", day, at) == answer for (day, at), answer in answers.items()
        )


def test_the_timeline_shows_all_periods_and_what_lies_beneath(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", band="4")
    at = office.record((staff_stream("S1"), change(FEB, MAR, band="5")))
    office.runner.catch_up()
    (band,) = q.timeline(conn, "S1", at).facets
    assert [(p.value, p.effective_from, p.effective_to) for p in band.in_force] == [
        ("4", JAN, FEB),
        ("5", FEB, MAR),
        ("4", MAR, None),
    ]
    assert [(p.value, p.effective_from, p.effective_to) for p in band.beneath] == [("4", JAN, None)]


def test_collective_terms_reach_those_in_scope_as_known_then(
    office: Office, conn: psycopg.Connection
) -> None:
    basis = Basis(rulebook="tr-2013", clause="TR-06", assumptions=("TR-11b=10wd",))
    sides = matter_stream(_CONSULTATION)

    def offer(kind: type[OfferWithdrawn | OfferRestored], value: str, start: date) -> Fact:
        return kind(**stamp(_CONSULTATION, basis), term="evr", value=value, effective_from=start)

    office.register("S1", employer="LDN")
    office.register("S2", employer="LDN")
    office.register("S3", employer="LDN")
    office.record(
        (staff_stream("S1"), BroughtIntoScope(**stamp(_OF_EXERCISE, basis), effective_from=FEB))
    )
    off = office.record((sides, offer(OfferWithdrawn, "off", JAN)))
    scope = ScopeSet(
        **stamp(_OF_EXERCISE, basis), criterion="c", effective_from=JAN, members=("S2",)
    )
    later = office.record((matter_stream(_OF_EXERCISE), scope))
    on = office.record((sides, offer(OfferRestored, "on", MAR)))
    office.runner.catch_up()

    def evr(staff: str, day: date, known: datetime) -> list[str]:
        return [t.held.value for t in q.position_at(conn, staff, day, known).terms]

    assert evr("S1", JAN, on) == []
    assert evr("S1", FEB, on) == ["off"]
    assert evr("S1", MAR, on) == ["on"]
    assert evr("S1", MAR, off) == ["off"]
    assert evr("S2", FEB, off) == []
    assert evr("S2", JAN, later) == ["off"]
    assert evr("S3", MAR, on) == []
    left = office.record((staff_stream("S2"), change(FEB, employer=None)))
    office.runner.catch_up()
    assert evr("S2", FEB, left) == []
    assert evr("S2", JAN, left) == ["off"]
    (term,) = q.position_at(conn, "S1", MAR, on).terms
    assert (term.term, term.exercise, term.held.basis) == ("evr", _EXERCISE, basis)


def test_the_workforce_counts_heads_once_and_adds_up_their_hours(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", employer="LDN", fte="0.6")
    office.record((staff_stream("S1"), change(JAN, assignment="two", employer="LDN", fte="0.3")))
    office.register("S2", employer="LDN", fte="1")
    office.register("S3", employer="KNT")
    at = office.register("S4", band="4", fte="0.5")
    covering = office.record((staff_stream("S2"), change(FEB, MAR, employer="KNT")))
    office.runner.catch_up()
    ldn, knt = q.Group("LDN", 2, Decimal("1.9")), q.Group("KNT", 1, Decimal(0))
    assert q.workforce(conn, Facet.EMPLOYER, FEB, at).groups == (knt, ldn)
    assert q.workforce(conn, Facet.EMPLOYER, FEB, covering).groups == (
        q.Group("KNT", 2, Decimal(1)),
        q.Group("LDN", 1, Decimal("0.9")),
    )
    assert q.workforce(conn, Facet.EMPLOYER, MAR, covering).groups == (knt, ldn)
    assert q.workforce(conn, Facet.EMPLOYER, date(2013, 1, 1), covering).groups == ()


def test_members_are_paged_without_losing_or_repeating_anybody(
    office: Office, conn: psycopg.Connection
) -> None:
    office.record(
        *(
            (staff_stream(f"S{n:02}"), registered(f"S{n:02}", employer="LDN", band=str(n % 2)))
            for n in range(10)
        )
    )
    at = office.record((staff_stream("S04"), change(JAN, assignment="two", employer="LDN")))
    office.runner.catch_up()
    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        page = q.members(conn, {Facet.EMPLOYER: "LDN"}, FEB, at, limit=3, cursor=cursor)
        seen += [(item.staff_number, item.assignment) for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        # Somebody leaves and somebody comes, before the cursor: neither is at this K.
        office.record((staff_stream("S00"), change(JAN, employer=None)))
        office.register(f"A{len(seen)}", employer="LDN")
        office.runner.catch_up()
    everybody = [(f"S{n:02}", MAIN) for n in range(10)]
    assert seen == sorted([*everybody, ("S04", "two")])

    odd = q.members(conn, {Facet.EMPLOYER: "LDN", Facet.BAND: "1"}, FEB, at)
    assert [item.staff_number for item in odd.items] == ["S01", "S03", "S05", "S07", "S09"]
    assert odd.items[0].position == {Facet.EMPLOYER: "LDN", Facet.BAND: "1"}
    assert len(q.members(conn, {}, FEB, at).items) == 11
    assert q.members(conn, {Facet.EMPLOYER: "nobody"}, FEB, at) == q.Members((), None)


@pytest.mark.parametrize("cursor", ["!", "e30", "é", "WyJTMDEiXQ", "WyJcdTAwMDAiLCAiIl0"])
def test_a_made_up_cursor_is_malformed(conn: psycopg.Connection, cursor: str) -> None:
    with pytest.raises(Malformed):
        q.members(conn, {}, JAN, instant(0), cursor=cursor)


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_limit_out_of_bounds_is_malformed(conn: psycopg.Connection, limit: int) -> None:
    with pytest.raises(Malformed):
        q.members(conn, {}, JAN, instant(0), limit=limit)


@pytest.mark.parametrize("value", ["a\x00b", "x" * 10_000, "tab\there", "\\N", "", "'; --"])
def test_an_opaque_value_comes_back_as_it_was(
    office: Office, conn: psycopg.Connection, value: str
) -> None:
    office.register("S1", unit=value, employer="LDN")
    at = office.record((staff_stream("S1"), change(FEB, unit=value + "!")))
    office.runner.catch_up()
    assert q.position_at(conn, "S1", JAN, at).position[Facet.UNIT].value == value
    (item,) = q.members(conn, {Facet.UNIT: value}, JAN, at).items
    assert item.position[Facet.UNIT] == value
    assert q.members(conn, {Facet.UNIT: value}, FEB, at).items == ()
    assert [group.value for group in q.workforce(conn, Facet.UNIT, JAN, at).groups] == [value]


def test_the_horizon_moves_with_the_log_and_bounds_the_knowledge_time(
    office: Office, conn: psycopg.Connection
) -> None:
    assert resolve_known_at(conn, NAME, None) == BEFORE_ANYTHING
    at = office.register("S1", band="4")
    office.runner.catch_up()
    office.register("S2", band="4")
    assert horizon(conn, NAME).recorded_at == at
    assert resolve_known_at(conn, NAME, None) == at
    assert resolve_known_at(conn, NAME, at + timedelta(days=1)) == at
    earlier = datetime(2014, 1, 1, tzinfo=UTC)
    assert resolve_known_at(conn, NAME, earlier) == earlier


@given(cut=st.integers(1, 12), keep=st.integers(0, 3), page_events=st.integers(1, 5))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rows_are_equal_wherever_pages_and_restarts_cut(
    log: Log[Fact], conn: psycopg.Connection, cut: int, keep: int, page_events: int
) -> None:
    office = Office(log)
    if log.head().position == 0:
        for n in range(3):
            office.register(f"S{n}", band="4", employer="LDN")
        for n in range(9):
            staff = staff_stream(f"S{n % 3}")
            first = change(JAN + timedelta(days=n), band=str(n))
            office.record((staff, first), (staff, change(FEB, MAR, band=str(n))))
        office.runner.catch_up()
    whole = digest(conn, office.projection)
    other = Runner(
        log, [PositionProjection(log.read_many, log.known, keep=keep)], page_events=page_events
    )
    for table in PositionProjection.tables:
        conn.execute(f"TRUNCATE {table}")
    conn.execute("DELETE FROM projection_positions")
    other.catch_up(cut)
    again = Runner(log, [PositionProjection(log.read_many, log.known)], page_events=page_events)
    again.catch_up()
    assert digest(conn, office.projection) == whole
    assert q.verify_no_overlap(conn) == []


def test_a_rebuild_from_nothing_gives_the_same_rows(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", band="4")
    office.runner.catch_up()
    office.record((staff_stream("S1"), change(FEB, band="5")))
    office.runner.catch_up()
    before = digest(conn, office.projection)
    conn.execute("UPDATE position_sheet SET band = 'tampered'")
    assert digest(conn, office.projection) != before
    office.runner.rebuild()
    assert digest(conn, office.projection) == before
