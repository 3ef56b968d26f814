"""Those who wait for read models share one look, and each is told what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread, Timer

import psycopg
import pytest

from projections.keeping_up.copying import Conn
from projections.keeping_up.runner import ProjectionStoppedError
from projections.keeping_up.shared_look import SharedLook
from tests.support.projecting import Office, positions_of
from tests.support.roll import Roll
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

NAMES = ("roll",)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)


class Looking:
    """Counts the connections that are taken to look."""

    def __init__(self, log: Log[Fact]) -> None:
        self._log = log
        self.looks = 0
        self.shared = SharedLook(self._connection)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Conn]:
        self.looks += 1
        with self._log.connection() as conn:
            yield conn

    async def wait(self, goal: datetime, seconds: float = 10) -> bool:
        return await self.shared.reached(NAMES, goal, seconds)


@pytest.fixture
def roll(conn: psycopg.Connection) -> Roll:
    conn.execute("CREATE TABLE roll (staff text PRIMARY KEY)")
    return Roll()


@pytest.fixture
def office(log: Log[Fact], roll: Roll) -> Office:
    return Office(log, [roll])


@pytest.fixture
def looking(log: Log[Fact]) -> Looking:
    return Looking(log)


async def test_however_many_wait_one_looks(office: Office, looking: Looking) -> None:
    at = office.register("S1")
    late = Timer(0.3, office.runner.catch_up)
    late.start()
    assert all(await asyncio.gather(*(looking.wait(at) for _ in range(200))))
    assert looking.looks < 100
    looks = looking.looks
    assert await looking.wait(at)  # what was seen once is not looked at again
    assert looking.looks == looks
    late.join()


async def test_each_waits_for_what_they_want_and_no_longer(
    office: Office, looking: Looking
) -> None:
    first = office.register("S1")
    office.runner.catch_up()
    second = office.register("S2")
    earlier, later = await asyncio.gather(looking.wait(first), looking.wait(second, 0.1))
    assert (earlier, later) == (True, False)
    office.runner.catch_up()
    assert await looking.wait(second)


async def test_who_has_everything_on_the_log_waits_for_nothing_that_is_not_on_it(
    office: Office, looking: Looking
) -> None:
    assert await looking.wait(NEVER)
    office.register("S1")
    assert not await looking.wait(NEVER, 0.1)
    office.runner.catch_up()
    assert await looking.wait(NEVER)
    office.register("S2")
    assert not await looking.wait(NEVER, 0.1)


async def test_one_that_has_stopped_is_told_to_who_waits_for_it_alone(
    log: Log[Fact], roll: Roll, looking: Looking
) -> None:
    roll.unbearable = {"S2"}
    office = Office(log, [roll, positions_of(log)])
    first = office.register("S1")
    second = office.register("S2")
    with pytest.raises(ProjectionStoppedError):
        office.runner.catch_up()
    before, stopped, other = await asyncio.gather(
        looking.wait(first),
        looking.wait(second),
        looking.shared.reached(("position",), second, 10),
        return_exceptions=True,
    )
    assert (before, other) == (True, True)
    assert isinstance(stopped, ProjectionStoppedError)
    assert stopped.failure == "ValueError: cannot bear S2"


async def test_what_the_database_says_is_told_to_all_and_the_next_look_is_made(
    office: Office, looking: Looking, conn: psycopg.Connection
) -> None:
    at = office.register("S1")
    office.runner.catch_up()
    conn.execute("ALTER TABLE projection_positions RENAME TO elsewhere")
    told = await asyncio.gather(looking.wait(at), looking.wait(at), return_exceptions=True)
    assert all(isinstance(each, psycopg.errors.UndefinedTable) for each in told)
    conn.execute("ALTER TABLE elsewhere RENAME TO projection_positions")
    assert await looking.wait(at)


def test_those_who_wait_in_another_loop_are_woken_there(office: Office, looking: Looking) -> None:
    at = office.register("S1")
    got: list[bool] = []
    threads = [Thread(target=lambda: got.append(asyncio.run(looking.wait(at)))) for _ in range(3)]
    for each in threads:
        each.start()
    office.runner.catch_up()
    for each in threads:
        each.join()
    assert got == [True] * 3
