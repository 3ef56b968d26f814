"""A practice's clock: everything due is done on its day by real workflows, as it is moved."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from deploy.embedded import Engines
from tests.core.matter.desks import BadgeEnded, DeskConfirmed, DeskMoved
from tests.support.desk_scene import BEGUN, LETTERS, MOVED, Scene, desk_scene
from tests.workflows.conftest import service_engines
from tests.workflows.stage import DRAWN, KEY, PEOPLE
from transfer.commands.practice import begin_or_continue, move_clock
from transfer.core.dating.calendars import date_in_london
from transfer.core.matter import facts as t
from transfer.core.refusals import Conflict, HeldUp
from workflows.dispatcher import Dispatcher
from workflows.ids import task_queue_of
from workflows.practice import PracticeMover
from workflows.worker import connect, running

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """A practice in which the groups of a move of desks are planned, nothing sent yet."""
    with desk_scene(
        database_url, alone=PEOPLE, drawn=DRAWN, practice_on=BEGUN, pool_size=12
    ) as scene:
        yield scene


@pytest.fixture
def engines(scene: Scene, tmp_path: Path, database_url: str) -> Iterator[Engines]:
    """The server of a real service."""
    assert scene.log.rehearsal() is not None
    with service_engines(tmp_path / "service", database_url) as engines:
        yield engines


@asynccontextmanager
async def served(scene: Scene, engines: Engines) -> AsyncIterator[Client]:
    """The procedures run."""
    assert engines.temporal_address is not None
    client = await connect(engines.temporal_address, key=KEY)
    identity = engines.temporal_identity
    async with running(
        scene.office, scene.due, client, temporal_identity=identity, threads=4
    ) as procedures:
        yield client
        assert procedures.failed() is None


def days_of(scene: Scene, fact: type[t.MatterFact]) -> set[tuple[date, date]]:
    """On which day each happened, and on which it was recorded."""
    return {(each.fact.happened_on, date_in_london(each.recorded_at)) for each in scene.facts(fact)}


def today(scene: Scene) -> date:
    """The practice's day."""
    return date_in_london(scene.log.clock.read().now)


async def test_everything_due_is_done_on_its_day(scene: Scene, engines: Engines) -> None:
    reported: list[date] = []
    async with served(scene, engines):
        moved = await move_clock(scene.log, LETTERS + 2 * DAY, report=reported.append)
        assert (moved.since, moved.until) == (BEGUN, LETTERS + 2 * DAY)
        assert {LETTERS, today(scene)} <= set(reported)
        assert days_of(scene, t.NoticeGiven) == {(LETTERS, LETTERS)}
        # Somebody leaves rather than move: that ends employment, and waits for approval.
        await asyncio.to_thread(scene.do, today(scene), "quit", "S1")
        await move_clock(scene.log, MOVED + 7 * DAY)
        assert days_of(scene, DeskMoved) == {(MOVED, MOVED)}
        assert len(scene.facts(DeskMoved)) == len(PEOPLE) + len(DRAWN) - 1
        assert [each.fact.step for each in scene.facts(t.ApprovalAsked)] == ["end"]
        assert scene.facts(BadgeEnded) == []
        # Approved, it is done at once: the clock need not be moved for it.
        await asyncio.to_thread(
            scene.do, today(scene), "approve", "S1", by="another", step="end", about=""
        )
        await move_clock(scene.log, today(scene))
        assert len(scene.facts(BadgeEnded)) == 1
    instants = [each.recorded_at for each in scene.log.page(0, 10_000)]
    of_commands = list(dict.fromkeys(instants))
    assert instants == sorted(instants)
    assert of_commands == sorted(set(of_commands))
    assert all(BEGUN <= date_in_london(each) <= today(scene) for each in instants)


async def test_of_two_who_move_it_at_once_one_waits(scene: Scene, engines: Engines) -> None:
    async with served(scene, engines):
        near = asyncio.create_task(move_clock(scene.log, LETTERS))
        await asked_for(scene, LETTERS)
        far = asyncio.create_task(move_clock(scene.log, LETTERS + DAY))
        assert (await near).until == LETTERS
        assert (await far).until == LETTERS + DAY
        far = asyncio.create_task(move_clock(scene.log, MOVED))
        await asked_for(scene, MOVED)
        with pytest.raises(Conflict, match=f"stands on {MOVED}: it goes forward only"):
            await move_clock(scene.log, MOVED - DAY)
        assert (await far).until == MOVED
        assert days_of(scene, DeskConfirmed)


async def asked_for(scene: Scene, day: date) -> None:
    """Until the clock is on its way to a day."""
    while scene.log.clock.read().moving_to != day:
        await asyncio.sleep(0.01)


async def test_what_was_broken_off_goes_on_at_the_next_start(
    scene: Scene, engines: Engines
) -> None:
    """Whoever asked was killed, and the service with them."""
    assert scene.log.clock.ask_for(MOVED)
    async with served(scene, engines):
        assert (await move_clock(scene.log, MOVED)).until == MOVED
    assert days_of(scene, DeskMoved) == {(MOVED, MOVED)}


async def test_where_nothing_moves_it_stays_and_says_what_is_in_the_way(
    scene: Scene, engines: Engines
) -> None:
    """Nobody takes the steps: a worker that hangs, say."""
    assert engines.temporal_address is not None
    client = await connect(engines.temporal_address, key=KEY)
    queue = task_queue_of(scene.log.identity())
    dispatcher = Dispatcher(scene.office, scene.due, client, task_queue=queue, temporal="tests")
    mover = PracticeMover(scene.office, scene.due, dispatcher, stuck_seconds=1)
    moving = asyncio.create_task(mover.run())
    with pytest.raises(HeldUp, match=r"nothing has moved for 1 seconds: .*/group/B has draw to do"):
        await move_clock(scene.log, LETTERS)
    reading = scene.log.clock.read()
    assert (today(scene), reading.moving_to) == (date(2014, 1, 20), None)
    moving.cancel()
    with suppress(asyncio.CancelledError):
        await moving
    async with served(scene, engines):
        await move_clock(scene.log, LETTERS)
    assert scene.log.clock.read().stopped_because is None
    assert days_of(scene, t.NoticeGiven) == {(LETTERS, LETTERS)}


async def test_without_a_service_whoever_waits_is_told(scene: Scene) -> None:
    with pytest.raises(HeldUp, match="is the service running"):
        await move_clock(scene.log, LETTERS, unmoved_seconds=0.3)


async def test_a_practice_is_gone_on_with_and_is_nothing_else(scene: Scene) -> None:
    begin_or_continue(scene.log, None, date(2026, 1, 1))
    begin_or_continue(scene.log, BEGUN, date(2026, 1, 1))
    with pytest.raises(Conflict, match=f"stands on {BEGUN}: leave out --on"):
        begin_or_continue(scene.log, LETTERS, date(2026, 1, 1))
    mark = scene.log.rehearsal()
    assert mark is not None
    assert (mark.edition, mark.is_practice) == ("practice", True)
