"""A projection that fails: alone, at which event, seen by all, and going on once it is mended."""

from __future__ import annotations

from time import monotonic, sleep

import psycopg
import pytest

from projections.keeping_up import runner as running
from projections.keeping_up.horizon import BEFORE_ANYTHING, horizon, wait_for
from projections.keeping_up.runner import ProjectionStoppedError, Runner
from projections.keeping_up.status import statuses
from projections.position.projection import NAME
from projections.rebuilding.rebuild import rebuild
from tests.support.projecting import Office, positions_of, registered
from tests.support.roll import Roll
from transfer.core.streams import staff_stream
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines
NEVER = 10_000.0


@pytest.fixture
def roll(conn: psycopg.Connection) -> Roll:
    conn.execute("CREATE TABLE roll (staff text PRIMARY KEY)")
    return Roll("S2")


def _stopped_at(runner: Runner) -> object:
    with pytest.raises(ProjectionStoppedError) as stopped:
        runner.catch_up()
    return stopped.value.event_id


def _wait_until_stopped(conn: psycopg.Connection, name: str = "roll") -> None:
    until = monotonic() + 30
    while horizon(conn, name).failure is None:
        assert monotonic() < until


def _event_of(log: Log[Fact], staff: str) -> object:
    return log.read(staff_stream(staff))[0].event_id


def test_the_very_event_is_named_also_within_a_command_of_many(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.record(*((staff_stream(f"S{n}"), registered(f"S{n}")) for n in range(9)))
    assert _stopped_at(office.runner) == _event_of(log, "S2")
    # Also where the projection has never had a position of its own.
    seen = horizon(conn, "roll")
    assert (seen.position, seen.recorded_at) == (0, BEFORE_ANYTHING)
    assert seen.failed_event == _event_of(log, "S2")
    assert seen.failed_at is not None
    assert conn.execute("SELECT FROM roll").fetchall() == []
    again = horizon(conn, "roll")
    assert _stopped_at(office.runner) == _event_of(log, "S2")
    assert again.failed_at == seen.failed_at


def test_it_is_tried_again_by_itself_and_goes_on_once_it_can(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll, positions_of(log)])
    runner = Runner(log, [roll, positions_of(log)], first_pause=0.01)
    for n in range(5):
        office.register(f"S{n}")
    runner.start()
    try:
        _wait_until_stopped(conn)
        assert wait_for(conn, NAME, 5, timeout=30)
        assert list(runner.failures()) == ["roll"]
        roll.unbearable.clear()
        while not wait_for(conn, "roll", 5, timeout=30):
            pass  # it says so at once while the failure is still noted
        assert horizon(conn, "roll").failed_at is None
        while runner.failures():  # forgotten just after the tables are right
            sleep(0.01)
    finally:
        runner.stop()


def test_what_others_have_mended_goes_on_without_a_pause(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll, database_url: str
) -> None:
    office = Office(log, [roll])
    runner = Runner(log, [roll], first_pause=NEVER)
    for n in range(5):
        office.register(f"S{n}")
    runner.start()
    try:
        _wait_until_stopped(conn)
        assert rebuild(log, database_url, Roll()).swapped
        office.register("S5")
        assert wait_for(conn, "roll", 6, timeout=30)
        assert len(conn.execute("SELECT FROM roll").fetchall()) == 6
    finally:
        runner.stop()


def test_an_event_that_cannot_be_read_stops_the_projections_and_not_the_runner(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    roll.unbearable.clear()
    office = Office(log, [roll, positions_of(log)])
    for n in range(3):
        office.register(f"S{n}")
    office.record(*((staff_stream(f"T{n}"), registered(f"T{n}")) for n in range(3)))
    office.register("U0")
    damaged = _event_of(log, "T1")
    conn.execute("UPDATE events SET topic = 'of-tomorrow.v1' WHERE event_id = %s", (damaged,))
    runner = Runner(log, [roll, positions_of(log)], page_events=2, first_pause=0.01)
    runner.start()
    try:
        _wait_until_stopped(conn)
        _wait_until_stopped(conn, NAME)
        for each in statuses(conn, ["roll", NAME]):
            # Up to the command before the one that it is in.
            assert (each.seen.position, each.lag, each.failed) == (3, 4, True)
            assert each.seen.failed_event == damaged
            assert "of-tomorrow.v1" in (each.seen.failure or "")
        conn.execute(
            "UPDATE events SET topic = 'staff-registered.v1' WHERE event_id = %s", (damaged,)
        )
        for name in ("roll", NAME):
            while not wait_for(conn, name, 7, timeout=30):
                pass  # as above
    finally:
        runner.stop()


def test_a_runner_stops_at_once_also_while_it_waits_for_news(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_LISTEN_SECONDS", NEVER)
    office = Office(log, [roll])
    office.register("S0")
    office.runner.start()
    assert wait_for(conn, "roll", 1, timeout=30)
    office.runner.stop()
    assert office.runner.failures() == {}


def test_where_each_stands_is_told_with_what_it_has_not_seen(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.register("S0")
    office.runner.catch_up()
    behind_since = office.register("S1")
    now = office.register("S3")
    stands, never = statuses(conn, ["roll", "never"])
    assert (stands.seen.position, stands.lag, stands.waiting_since) == (1, 2, behind_since)
    assert stands.seconds_behind(now) == (now - behind_since).total_seconds()
    assert (never.lag, never.failed, never.rebuild) == (3, False, None)
    office.runner.catch_up()
    assert statuses(conn, ["roll"])[0].seconds_behind(now) == 0
