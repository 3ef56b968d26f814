"""What is begun and told because of the log survives every crash, and a lost Temporal."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from deploy.data_folder import DataFolder
from deploy.embedded import Engines, start_engines
from tests.core.matter.desks import DeskMoved
from tests.support.desk_scene import LETTERS, MOVED, Scene, noon
from tests.workflows.stage import DRAWN, GROUP, KEY, OTHER, PEOPLE, Stage, begin_alone, person
from transfer.core.matter import facts as t
from workflows.messages import Whose
from workflows.worker import connect

pytestmark = pytest.mark.engines

OBJECTED = date(2014, 2, 10)


async def until(true: Callable[[], bool]) -> None:
    """Wait for something outside this process, or for the test's own time limit."""
    while not true():
        await asyncio.sleep(0.02)


def move_to(scene: Scene, day: date, *, on: date) -> None:
    """The day of the move is another one."""
    scene.do(on, "fix-day", milestone="move", on=str(day), reason="the lift")


@pytest.mark.thorough
async def test_a_crash_after_telling_tells_again_and_nothing_happens_twice(service: Stage) -> None:
    scene = service.scene
    log = scene.office.log
    with log.connection() as connection:
        connection.execute(
            "CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'crashed before the position was written'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER crash BEFORE UPDATE ON dispatcher_positions FOR EACH ROW"
            " WHEN (new.position > 0) EXECUTE FUNCTION crash()"
        )
    begins = noon(LETTERS)
    async with service.playing(begins) as play:
        await until(lambda: play.procedures.failed() is not None)
        assert await play.status(GROUP) is WorkflowExecutionStatus.RUNNING
        assert "crashed before" in (play.procedures.dispatcher.status.error or "")
    with log.connection() as connection:
        connection.execute("DROP TRIGGER crash ON dispatcher_positions")
    async with service.playing(begins) as play:
        await until(lambda: len(scene.facts(t.NoticeGiven)) == 2)
        await play.procedures.dispatcher.caught_up(log.head().position)
    assert sorted(each.fact.group for each in scene.facts(t.NoticeGiven)) == ["A", "B"]


async def test_what_is_through_asks_and_ends_however_often_it_is_begun(
    stage: Stage, service: Stage
) -> None:
    """A rehearsal is played to its end, then served: every procedure finds nothing to do."""
    scene = stage.scene
    log = scene.office.log
    async with stage.playing() as play:
        await play.go_to(OBJECTED)
        scene.do(OBJECTED, "object", "S1")
        scene.do(OBJECTED, "decide", "S1", upheld=False)
        await play.go_to(MOVED)
    assert len(scene.facts(DeskMoved)) == len(PEOPLE + DRAWN)
    head = log.head().position
    async with service.playing(noon(MOVED)) as play:
        told = play.procedures.dispatcher.caught_up
        group, own = play.procedure(GROUP), play.procedure(person("S1"))
        await told(head)
        await asyncio.gather(group.result(), own.result())
        first = await group.describe(), await own.describe()
        play.procedures.dispatcher.begin_again()
        await told(head)
        await asyncio.gather(group.result(), own.result())
        then = await group.describe(), await own.describe()
    assert then[0].run_id != first[0].run_id
    assert then[1].run_id != first[1].run_id
    assert log.head().position == head


async def test_telling_everything_again_changes_nothing(stage: Stage) -> None:
    scene = stage.scene
    log = scene.office.log
    async with stage.playing() as play:
        await play.go_to(OBJECTED)
        scene.do(OBJECTED, "object", "S1")
        await play.time.settle()
        head = log.head().position
        play.procedures.dispatcher.begin_again()
        assert play.procedures.dispatcher.status.lag == head
        await play.time.settle()
        assert log.head().position == head
        assert play.procedures.dispatcher.status.lag == 0


async def test_a_lost_temporal_is_made_again_from_the_log(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    """Objections open and closed, a milestone moved; then another server, which knows nothing."""
    log = scene.office.log
    today = date(2014, 2, 20)
    june = date(2014, 6, 1)

    def new_temporal(stack: ExitStack, name: str) -> Engines:
        folder = DataFolder.open(tmp_path / name)
        stack.enter_context(folder.hold("tests"))
        return stack.enter_context(
            start_engines(folder, temporal="rehearsal", database_url=database_url)
        )

    with ExitStack() as stack:
        stage = Stage(scene, new_temporal(stack, "first"))
        async with stage.playing() as play:
            await play.go_to(OBJECTED)
            scene.do(OBJECTED, "object", "S1")
            scene.do(OBJECTED, "object", "S3")
            await play.go_to(today)
            scene.do(today, "decide", "S1", upheld=False)
            move_to(scene, june, on=today)
            await play.time.settle()
            statuses = {each: await play.status(each) for each in (GROUP, OTHER)}
    head = log.head().position

    with ExitStack() as stack:
        stage = Stage(scene, new_temporal(stack, "second"))
        async with stage.playing(noon(today)) as play:
            await play.time.settle()
            assert log.head().position == head
            assert {each: await play.status(each) for each in statuses} == statuses
            await play.go_to(MOVED)
            assert scene.facts(DeskMoved) == []
            await play.go_to(june)
            scene.do(june, "decide", "S3", upheld=False)
            await play.time.settle()
    moved = [recorded.stream for recorded in scene.facts(DeskMoved)]
    assert len(moved) == len(set(moved)) == len(PEOPLE + DRAWN)
    assert {each.fact.effective_from for each in scene.facts(DeskMoved)} == {june}


async def test_what_is_not_on_record_any_more_ends_and_records_nothing(service: Stage) -> None:
    """Temporal still runs what was begun after the point to which the record was restored."""
    log = service.scene.office.log
    lost = Whose(matter="desk-move:lost", group="A")
    head = log.head().position
    async with service.playing() as play:
        handle = await begin_alone(play.client, log.identity(), lost)
        await handle.result()
    assert log.head().position == head


@pytest.mark.thorough
async def test_a_killed_worker_is_replaced(service: Stage, database_url: str) -> None:
    """Killed on the eve of the letters, whatever it was doing; they go out on their day."""
    scene = service.scene
    log = scene.office.log
    scene.run(date(2014, 1, 20))
    client = await connect(service.address, key=KEY)
    await service.begin(client, noon(date(2014, 1, 31)))
    command = [sys.executable, "-m", "tests.workflows.worker_process", database_url]
    command += [service.address, service.identity]

    def has_told_everybody() -> bool:
        assert process.poll() is None
        with log.connection() as connection:
            row = connection.execute("SELECT position FROM dispatcher_positions").fetchone()
        return row is not None and row["position"] == log.head().position

    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        await until(has_told_everybody)
        os.kill(process.pid, signal.SIGKILL)
    assert scene.facts(t.NoticeGiven) == []
    log.clock.run(noon(LETTERS) - log.clock.read().database_now)
    async with service.playing() as play:
        play.procedures.dispatcher.begin_again()
        await until(lambda: len(scene.facts(t.NoticeGiven)) == 2)
    assert sorted(each.fact.group for each in scene.facts(t.NoticeGiven)) == ["A", "B"]


@pytest.mark.thorough
async def test_a_temporal_that_is_gone_shows_in_the_status(stage: Stage, engines: Engines) -> None:
    scene = stage.scene
    async with stage.playing() as play:
        await play.time.settle()
        assert play.procedures.dispatcher.status.error is None
        for child in engines._children:
            os.kill(child.pid, signal.SIGKILL)
        move_to(scene, date(2014, 6, 1), on=date(2014, 1, 10))
        await until(lambda: play.procedures.dispatcher.status.error is not None)
        status = play.procedures.dispatcher.status
        assert status.lag == 1
        assert play.procedures.failed() is None
