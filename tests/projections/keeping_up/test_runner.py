"""The runner: one transaction for rows and position, one projection's failure its own."""

from __future__ import annotations

import threading
from datetime import date
from time import sleep

import psycopg
import pytest
from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import BEFORE_ANYTHING, horizon, wait_for
from projections.keeping_up.pages import read_piece
from projections.keeping_up.runner import ProjectionStoppedError, Runner, digest
from projections.position.queries import position_at
from tests.support.projecting import Office, positions_of, registered
from tests.support.roll import (
    Roll,
)
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines
JAN = date(2014, 1, 1)


@pytest.fixture
def roll(conn: psycopg.Connection) -> Roll:
    conn.execute("CREATE TABLE roll (staff text PRIMARY KEY)")
    return Roll()


def _listed(conn: psycopg.Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT staff FROM roll ORDER BY staff")]


def test_a_failing_projection_stops_alone_and_says_at_which_event(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    roll.unbearable = {"S2"}
    office = Office(log, [roll, positions_of(log)])
    for n in range(5):
        at = office.register(f"S{n}", band="4")
    with pytest.raises(ProjectionStoppedError) as stopped:
        office.runner.catch_up()
    culprit = log.read(staff_stream("S2"))[0].event_id
    assert (stopped.value.name, stopped.value.event_id) == ("roll", culprit)
    assert _listed(conn) == ["S0", "S1"]
    seen = horizon(conn, "roll")
    assert (seen.position, seen.failed_event) == (2, culprit)
    assert seen.failure == "ValueError: cannot bear S2"
    assert position_at(conn, "S4", JAN, at).position[Facet.BAND].value == "4"
    assert wait_for(conn, "roll", 5, timeout=60) is False

    roll.unbearable = set()
    office.runner.catch_up()
    assert _listed(conn) == ["S0", "S1", "S2", "S3", "S4"]
    assert horizon(conn, "roll").failure is None


def test_a_page_takes_the_rest_of_a_command_that_is_not_large(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.runner = Runner(log, [roll], page_events=3)
    office.register("A0")
    office.record(*((staff_stream(f"B{n}"), registered(f"B{n}")) for n in range(4)))
    at = office.register("C0")
    office.runner.catch_up(2)
    assert roll.pages == [5]
    assert horizon(conn, "roll").position == 5
    office.runner.catch_up()
    assert roll.pages == [5, 1]
    assert (horizon(conn, "roll").position, horizon(conn, "roll").recorded_at) == (6, at)


def test_inside_a_large_command_the_position_moves_and_the_horizon_stays(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.runner = Runner(log, [roll], page_events=2)
    large = office.record(*((staff_stream(f"B{n}"), registered(f"B{n}")) for n in range(7)))
    office.runner.catch_up(2)
    assert (horizon(conn, "roll").position, horizon(conn, "roll").recorded_at) == (
        2,
        BEFORE_ANYTHING,
    )
    assert wait_for(conn, "roll", 1, timeout=0.01) is False
    office.runner.catch_up(4)
    assert horizon(conn, "roll").recorded_at == BEFORE_ANYTHING
    office.runner.catch_up()
    assert roll.pages == [2, 2, 3]
    assert (horizon(conn, "roll").position, horizon(conn, "roll").recorded_at) == (7, large)
    assert wait_for(conn, "roll", 1, timeout=0) is True


def test_a_cut_never_goes_through_one_streams_events_of_one_command(
    log: Log[Fact], roll: Roll
) -> None:
    office = Office(log, [roll])
    runner = Runner(log, [roll], page_events=2)
    # The stream B0 comes again just behind the first cut, and B1 behind that.
    order = ["B0", "B1", "B0", "B2", "B1", "B3", "B4", "B5", "B6", "B7"]
    office.record(*((staff_stream(each), registered(each)) for each in order))
    pieces = []
    after = 0
    while (piece := read_piece(log, after, 2)) is not None:
        pieces.append([each.stream for each in piece.events])
        after = piece.events[-1].position
    assert [len(each) for each in pieces] == [5, 2, 3]
    assert sum(len(set(each)) for each in pieces) == len(set(order))
    assert runner.failures() == {}


def test_events_of_no_interest_move_the_horizon_too(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    roll.facts = ()
    office = Office(log, [roll])
    at = office.register("S1")
    office.runner.catch_up()
    assert (horizon(conn, "roll").position, horizon(conn, "roll").recorded_at) == (1, at)
    assert roll.pages == []


def test_a_small_page_is_one_transaction_and_of_a_large_one_those_without_interest_share_one(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    others = [Roll(name="idle"), Roll(name="idler")]
    for each in others:
        each.facts = ()
    office = Office(log, [others[0], roll, positions_of(log), others[1]])
    transactions = "SELECT count(DISTINCT xmin::text) FROM projection_positions"
    office.register("S0")
    office.runner.catch_up()
    assert conn.execute(transactions).fetchone() == (1,)
    office.record(*((staff_stream(f"B{n}"), registered(f"B{n}")) for n in range(101)))
    office.runner.catch_up()
    assert conn.execute(transactions).fetchone() == (3,)
    positions = conn.execute("SELECT DISTINCT position FROM projection_positions").fetchall()
    assert positions == [(102,)]
    assert len(_listed(conn)) == 102


def test_two_runners_that_take_turns_write_everything_once(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll, positions_of(log)])
    other = Runner(log, [Roll(), positions_of(log)], page_events=2)
    for n in range(9):
        office.register(f"S{n}", band=str(n))
        for runner in (office.runner, other)[n % 2 :]:
            runner.catch_up()
    assert _listed(conn) == [f"S{n}" for n in range(9)]
    one = digest(conn, positions_of(log))
    other.rebuild()
    assert digest(conn, positions_of(log)) == one


def test_two_runners_at_once_write_everything_once(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    for n in range(40):
        office.register(f"S{n:02}")
    # In any order: they lock the positions of all by one.
    idle = Roll(name="idle")
    idle.facts = ()
    runners = [Runner(log, [Roll(), idle][::way], page_events=1) for way in (1, -1, 1)]
    threads = [threading.Thread(target=runner.catch_up) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _listed(conn) == [f"S{n:02}" for n in range(40)]


def test_a_started_runner_follows_the_log_and_a_reader_can_wait_for_it(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.register("S0")
    office.runner.start()
    try:
        assert wait_for(conn, "roll", 1, timeout=30)
        office.register("S1")
        assert wait_for(conn, "roll", 2, timeout=30)
        assert _listed(conn) == ["S0", "S1"]
        assert wait_for(conn, "roll", 3, timeout=0.01) is False
    finally:
        office.runner.stop()


def test_a_runner_survives_the_loss_of_its_connections(
    log: Log[Fact], conn: psycopg.Connection, roll: Roll
) -> None:
    office = Office(log, [roll])
    office.register("S0")
    office.runner.start()
    try:
        assert wait_for(conn, "roll", 1, timeout=30)
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        office.register("S1")
        assert wait_for(conn, "roll", 2, timeout=30)
        while office.runner.failures():  # forgotten just after the tables are right
            sleep(0.01)
    finally:
        office.runner.stop()


class Tended(Roll):
    """A projection whose upkeep takes three turns, and says what it found already written."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []
        self.done = threading.Event()

    def tidy(self, conn: Conn) -> bool:
        with conn.cursor(row_factory=tuple_row) as cursor:
            self.found.append(cursor.execute("SELECT count(*) FROM roll").fetchall())
        if len(self.found) == 3:
            self.done.set()
        return len(self.found) < 3


@pytest.mark.usefixtures("roll")
def test_upkeep_is_done_while_there_is_nothing_else_to_do(log: Log[Fact]) -> None:
    tended = Tended()
    office = Office(log, [tended])
    office.register("S0")
    office.runner.start()
    try:
        assert tended.done.wait(60)
    finally:
        office.runner.stop()
    assert tended.found == [[(1,)]] * 3


class Careless(Tended):
    """A projection whose upkeep fails."""

    def tidy(self, conn: Conn) -> bool:
        self.done.set()
        conn.execute("SELECT 1 / 0")
        return False


@pytest.mark.usefixtures("roll")
def test_failing_upkeep_stops_nothing(log: Log[Fact], conn: psycopg.Connection) -> None:
    careless = Careless()
    office = Office(log, [careless])
    office.register("S0")
    office.runner.start()
    try:
        assert careless.done.wait(60)
        office.register("S1")
        assert wait_for(conn, "roll", 2, timeout=60)
    finally:
        office.runner.stop()
    assert _listed(conn) == ["S0", "S1"]
    assert office.runner.failures() == {}
