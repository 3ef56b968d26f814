"""What reads differently between two knowledge times, against positions asked at both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import DictRow, dict_row

from projections.position.projection import PositionProjection
from projections.position.queries import Held, position_at
from tests.support.histories import STAFF, History, histories, instant, on_record
from tests.support.projecting import Office
from tests.support.stamps import stamp
from transfer.core.dating.differences import Changed
from transfer.core.record.staff import PositionChanged
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Basis, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.consultation.facts import OfferRestored, OfferWithdrawn
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts
from transfer.questions.differences import (
    Difference,
    Differences,
    Item,
    differences_on,
    differences_over_time,
)
from transfer.questions.values import Supplied
from transfer.questions.why import Reasons

pytestmark = pytest.mark.engines

JAN, FEB, MAR = (date(2014, month, 1) for month in (1, 2, 3))
_EXERCISE = "tr-2013"
_OF_EXERCISE, _CONSULTATION = f"exercise:{_EXERCISE}", f"consultation:{_EXERCISE}"
_JOBS = (MAIN, "evenings")


@dataclass(frozen=True)
class InMemory:
    """A log of one stream, and the database that its read model is in."""

    events: Sequence[Recorded[Fact]]
    conn: psycopg.Connection[DictRow]
    known: KnownFacts = NO_KINDS

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        yield self.conn

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        return {
            stream: [
                each
                for each in self.events
                if each.stream == stream
                and (up_to_recorded is None or each.recorded_at <= up_to_recorded)
            ]
            for stream in streams
        }


@pytest.fixture
def rows(database_url: str) -> Iterator[psycopg.Connection[DictRow]]:
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def projected(rows: psycopg.Connection[DictRow], history: History) -> InMemory:
    """A history in the read model, and nothing else."""
    for table in PositionProjection.tables:
        rows.execute(f"TRUNCATE {table}")
    events = on_record(history.facts)
    log = InMemory(events, rows)
    projection = PositionProjection(log.read_many, log.known)
    for at in history.instants:
        with rows.transaction():
            projection.apply(rows, [each for each in events if each.recorded_at == at])
    return log


def answers(conn: psycopg.Connection[DictRow], day: date, known_at: datetime) -> dict[Item, Held]:
    """Everything that is answered of a day; nothing of somebody unknown."""
    found: dict[Item, Held] = {}
    try:
        for job in _JOBS:
            at = position_at(conn, STAFF, day, known_at, job)
            found |= {Item(job, facet): held for facet, held in at.position.items()}
            found |= {Item(None, each.term, each.exercise): each.held for each in at.terms}
    except NotOnRecord:
        return {}
    return found


def covers(each: Difference, day: date) -> bool:
    """Whether a difference is of a day."""
    return each.effective_from <= day and (each.effective_to is None or day < each.effective_to)


def require_explained(found: Differences, known_from: datetime, known_to: datetime) -> None:
    """Every difference is explained, from what was answered to what is."""
    for each in found.items:
        assert each.changed
        assert all(known_from < cause.recorded_at <= known_to for cause in each.causes)
        instants = [cause.recorded_at for cause in each.causes]
        assert instants == sorted(instants)
        assert each.causes, each


@given(history=histories(commands=6), data=st.data())
@settings(
    max_examples=25,
    deadline=None,
    # Every example empties the tables first.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_differs_is_what_positions_answer_differently(
    rows: psycopg.Connection[DictRow], history: History, data: st.DataObject
) -> None:
    log = projected(rows, history)
    ends = st.sampled_from([instant(-1), *history.instants])
    known_from, known_to = sorted((data.draw(ends), data.draw(ends)))
    known_to = max(known_to, history.instants[0])
    over_time = differences_over_time(log, STAFF, known_from, known_to)
    require_explained(over_time, known_from, known_to)
    for day in history.oracle.days():
        before, after = answers(rows, day, known_from), answers(rows, day, known_to)
        differing = {
            item: (before.get(item), after.get(item))
            for item in before.keys() | after.keys()
            if before.get(item) != after.get(item)
        }
        found = differences_on(log, STAFF, day, known_from, known_to)
        require_explained(found, known_from, known_to)
        assert {each.item: (each.before, each.after) for each in found.items} == differing
        assert found.known_before == (known_from >= history.instants[0])
        for each in found.items:
            assert each.causes[0].replaced == supplied(each.before)
            assert each.causes[-1].replaced_by == supplied(each.after)
        assert {
            each.item: (each.before, each.after) for each in over_time.items if covers(each, day)
        } == differing


@pytest.mark.thorough
@given(history=histories(commands=6))
@settings(
    max_examples=20,
    deadline=None,
    # Every example empties the tables first.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_value_is_explained_by_what_was_answered_before(
    rows: psycopg.Connection[DictRow], history: History
) -> None:
    log = projected(rows, history)
    for number, known_at in enumerate(history.instants):
        for day in history.oracle.days():
            found = answers(rows, day, known_at)
            reasons = Reasons(log, STAFF, known_at, found)
            for item, held in found.items():
                told = reasons.of(item, held, day)
                assert told.event_id == (held.corrected_by or held.event_id)
                assert told.recorded_at == held.recorded_at
                assert told.known_since <= known_at
                assert {each.recorded_at for each in told.brought_by} == {told.known_since}
                since = history.instants.index(told.known_since)
                for earlier in history.instants[since : number + 1]:
                    assert same_source(answers(rows, day, earlier)[item], held)
                until_then = answers(rows, day, instant(since - 1)).get(item)
                assert same_source(told.replaced, until_then)
                assert until_then is None or not same_source(until_then, held)
                eve = answers(rows, held.effective_from - timedelta(days=1), known_at)
                assert same_source(told.preceded_by, eve.get(item))
                if held.standing is not None:
                    beneath = reasons.of_standing(item, held.standing, day)
                    assert beneath.recorded_at == held.standing.recorded_at


def supplied(held: Held | None) -> Supplied | None:
    """A value as it is answered."""
    return None if held is None else Supplied.model_validate(held)


def same_source(one: Held | Supplied | None, other: Held | None) -> bool:
    """Whether the same content supplies both, or neither has a value."""
    if one is None or other is None:
        return one is other
    return (one.value, one.event_id, one.corrected_by) == (
        other.value,
        other.event_id,
        other.corrected_by,
    )


def _offer(kind: type[OfferWithdrawn | OfferRestored], value: str, basis: Basis) -> Fact:
    return kind(**stamp(_CONSULTATION, basis), term="evr", value=value, effective_from=JAN)


def test_a_collective_term_differs_because_of_the_sides_the_scope_or_the_employer(
    office: Office,
) -> None:
    basis = Basis(rulebook="tr-2013", clause="TR-06")
    sides = matter_stream(_CONSULTATION)
    known = office.register("S1", employer="LDN")
    office.record((sides, _offer(OfferWithdrawn, "off", basis)))
    scope = ScopeSet(
        **stamp(_OF_EXERCISE, basis), criterion="c", effective_from=JAN, members=("S1",)
    )
    set_at = office.record((matter_stream(_OF_EXERCISE), scope))
    brought = BroughtIntoScope(**stamp(_OF_EXERCISE, basis), effective_from=JAN)
    in_scope = office.record((staff_stream("S1"), brought))
    on = office.record((sides, _offer(OfferRestored, "on", basis)))
    left = PositionChanged(effective_from=FEB, changes={Facet.EMPLOYER: None}, reason="left")
    gone = office.record((staff_stream("S1"), left))
    office.runner.catch_up()

    def why(day: date, known_from: datetime, known_to: datetime) -> list[tuple[str, list[str]]]:
        found = differences_on(office.log, "S1", day, known_from, known_to)
        return [
            (each.item.name, [cause.type for cause in each.causes])
            for each in found.items
            if each.item.exercise is not None
        ]

    # The scope was set for the whole exercise first; that the person is in it was no news then.
    assert why(JAN, known, set_at) == [("evr", ["scope-set.v1"])]
    assert why(JAN, known, in_scope) == [("evr", ["scope-set.v1"])]
    assert why(JAN, in_scope, on) == [("evr", ["offer-restored.v1"])]
    assert why(MAR, on, gone) == [("evr", ["position-changed.v1"])]
    assert why(JAN, on, gone) == []
    assert why(MAR, known, gone) == []


def test_two_events_of_one_command_are_told_apart_by_what_they_state(office: Office) -> None:
    office.register("S1", band="4", unit="A")
    before = office.record(
        (staff_stream("S1"), PositionChanged(effective_from=MAR, changes={}, reason="boundary"))
    )
    staff = staff_stream("S1")
    at = office.record(
        (staff, PositionChanged(effective_from=FEB, changes={Facet.BAND: "5"}, reason="regraded")),
        (staff, PositionChanged(effective_from=FEB, changes={Facet.UNIT: "B"}, reason="moved")),
    )
    office.runner.catch_up()
    found = differences_on(office.log, "S1", MAR, before, at)
    assert [(each.item.name, [c.reason for c in each.causes]) for each in found.items] == [
        ("band", ["regraded"]),
        ("unit", ["moved"]),
    ]
    # Of January, no more than how long it lasted has changed.
    earlier = differences_on(office.log, "S1", FEB - timedelta(days=1), before, at)
    assert {each.changed for each in earlier.items} == {(Changed.PERIOD,)}
