"""An import of thousands of events is one command: taken page by page, and seen as a whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from projections.deadlines.deadlines import DeadlinesProjection
from projections.exercise.steps import ExerciseOutcomeProjection
from projections.keeping_up.horizon import horizon, resolve_known_at, wait_for
from projections.keeping_up.runner import Runner, digest
from projections.position.projection import NAME
from projections.position.queries import members, position_at, timeline, workforce
from tests.support.changes import change
from tests.support.projecting import Office, positions_of, registered
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log, New
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines
JAN, FEB = date(2014, 1, 1), date(2014, 2, 1)
FAR = datetime(2999, 1, 1, tzinfo=UTC)
PEOPLE = 1_500
PAGE = 250


def _import(office: Office) -> datetime:
    """Everybody's registration and one change, recorded as one command."""
    command = Command(UUID(int=7), "test", b"", at=datetime(2014, 6, 1, tzinfo=UTC))
    # First those whom the record knows already.
    new: list[New[Fact]] = [(staff_stream(f"S{n}"), 1, change(FEB, band="9")) for n in range(3)]
    for n in range(PEOPLE):
        stream = staff_stream(f"N{n:04}")
        new.append((stream, 0, registered(f"N{n:04}", employer="NEW", band="3")))
        new.append((stream, 0, change(FEB, band="4")))
    return office.log.append(new, command).recorded_at


def _assert_nothing_of_it_is_seen(conn: psycopg.Connection, before: datetime) -> None:
    """Whatever is asked, the answers are those of before the import."""
    for asked in (None, FAR, before):
        known_at = resolve_known_at(conn, NAME, asked)
        assert known_at == before
        assert _employers(conn, known_at) == [("OLD", 3)]
        found = members(conn, {}, FEB, known_at, limit=1000)
        assert [each.staff_number for each in found.items] == ["S0", "S1", "S2"]
        assert members(conn, {Facet.EMPLOYER: "NEW"}, FEB, known_at).items == ()
        held = position_at(conn, "S0", FEB, known_at)
        assert held.position[Facet.BAND].value == "2"
        assert len(timeline(conn, "S0", known_at).facets) == 2
        with pytest.raises(NotOnRecord):
            position_at(conn, "N0000", FEB, known_at)


def _employers(conn: psycopg.Connection, known_at: datetime) -> list[tuple[str, int]]:
    counted = workforce(conn, Facet.EMPLOYER, FEB, known_at).groups
    return [(each.value, each.headcount) for each in counted]


def test_a_large_import_is_taken_page_by_page_and_seen_whole(
    log: Log[Fact], conn: psycopg.Connection
) -> None:
    projections = (
        positions_of(log),
        DeadlinesProjection(log.read_many, log.known),
        ExerciseOutcomeProjection(),
    )
    office = Office(log, projections)
    for n in range(3):
        before = office.register(f"S{n}", employer="OLD", band="2")
    office.runner.catch_up()
    at = _import(office)
    head = log.head().position
    inside = 0
    # Two runners in turn: neither keeps in memory what it needs of the other's pages.
    runners = [
        Runner(
            log,
            [
                positions_of(log, keep=10),
                DeadlinesProjection(log.read_many, log.known),
                ExerciseOutcomeProjection(),
            ],
            page_events=PAGE,
        )
        for _ in range(2)
    ]
    reached = 3
    while reached < head:
        _assert_nothing_of_it_is_seen(conn, before)
        reached = runners[inside % 2].catch_up(min(reached + 2 * PAGE, head))
        inside += 1
        assert horizon(conn, NAME).position == reached
        assert wait_for(conn, NAME, 4, timeout=0) is (reached == head)
    assert inside > 5
    assert resolve_known_at(conn, NAME, None) == at
    assert _employers(conn, at) == [("NEW", PEOPLE), ("OLD", 3)]
    assert position_at(conn, "S0", FEB, at).position[Facet.BAND].value == "9"
    assert _employers(conn, before) == [("OLD", 3)]
    by_pages = [digest(conn, each) for each in projections]
    office.runner.rebuild()
    assert [digest(conn, each) for each in projections] == by_pages
