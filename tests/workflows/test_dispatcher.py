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
from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, TRANSFER_ON, Scene, noon
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import count_of, move_transfer
from tests.workflows.test_person import APPEALED, appeal, determine
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from workflows.messages import Whose
from workflows.worker import connect

pytestmark = pytest.mark.engines


async def until(true: Callable[[], bool]) -> None:
    """Wait for something outside this process, or for the test's own time limit."""
    while not true():
        await asyncio.sleep(0.02)


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
    begins = noon(LETTERS_ON["sifted"])
    async with service.playing(begins) as play:
        await until(lambda: play.procedures.failed() is not None)
        assert await play.status(cohort=SIFTED) is WorkflowExecutionStatus.RUNNING
        assert "crashed before" in (play.procedures.dispatcher.status.error or "")
    with log.connection() as connection:
        connection.execute("DROP TRIGGER crash ON dispatcher_positions")
    async with service.playing(begins) as play:
        await until(lambda: len(scene.facts(e.CohortStepTaken)) == 2)
        await play.procedures.dispatcher.caught_up(log.head().position)
    letters = [recorded.stream for recorded in scene.facts(a.AssignmentLetterIssued)]
    assert (
        len(letters)
        == len(set(letters))
        == len(scene.members()) + len(scene.members("LDN.automatic"))
    )


async def test_what_is_through_asks_and_ends_however_often_it_is_begun(
    stage: Stage, service: Stage
) -> None:
    """A rehearsal is played to its end, then served: every procedure finds nothing to do."""
    scene = stage.scene
    log = scene.office.log
    number = scene.members()[0]
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
        determine(scene, number, APPEALED)
        await play.go_to(TRANSFER_ON)
    head = log.head().position
    async with service.playing(noon(TRANSFER_ON)) as play:
        told = play.procedures.dispatcher.caught_up
        cohort = play.procedure(Whose(exercise=NAME, cohort=SIFTED))
        person = play.procedure(Whose(exercise=NAME, staff_number=number))
        await told(head)
        await asyncio.gather(cohort.result(), person.result())
        first = await cohort.describe(), await person.describe()
        play.procedures.dispatcher.begin_again()
        await told(head)
        await asyncio.gather(cohort.result(), person.result())
        then = await cohort.describe(), await person.describe()
    assert then[0].run_id != first[0].run_id
    assert then[1].run_id != first[1].run_id
    assert log.head().position == head


async def test_telling_everything_again_changes_nothing(stage: Stage) -> None:
    scene = stage.scene
    log = scene.office.log
    number = scene.members()[0]
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
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
    """Appeals open and closed, a moved transfer date; then another server, which knows nothing."""
    log = scene.office.log
    heard, waiting = scene.members()[:2]
    today = date(2014, 1, 28)
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
            await play.go_to(APPEALED)
            appeal(scene, heard)
            appeal(scene, waiting)
            await play.go_to(today)
            determine(scene, heard, today)
            move_transfer(scene, june, on=today)
            await play.time.settle()
            statuses = {name: await play.status(cohort=name) for name in scene.cohorts()}
    head = log.head().position

    with ExitStack() as stack:
        stage = Stage(scene, new_temporal(stack, "second"))
        async with stage.playing(noon(today)) as play:
            await play.time.settle()
            assert log.head().position == head
            assert {name: await play.status(cohort=name) for name in scene.cohorts()} == statuses
            await play.go_to(TRANSFER_ON)
            assert scene.facts(a.StaffTransferred) == []
            await play.go_to(june)
            determine(scene, waiting, june)
            await play.time.settle()
    moved = [recorded.stream for recorded in scene.facts(a.StaffTransferred)]
    assert len(moved) == len(set(moved)) == 40
    assert len(scene.facts(a.PanelOverdue)) == 2


async def test_a_killed_worker_is_replaced(
    stage: Stage, engines: Engines, database_url: str
) -> None:
    scene = stage.scene
    log = scene.office.log
    assert engines.temporal_address is not None
    assert engines.temporal_identity is not None
    client = await connect(engines.temporal_address)
    await stage.begin(client)
    command = [sys.executable, "-m", "tests.workflows.worker_process", database_url]
    command += [engines.temporal_address, engines.temporal_identity]

    def has_told_everybody() -> bool:
        assert process.poll() is None
        with log.connection() as connection:
            row = connection.execute("SELECT position FROM dispatcher_positions").fetchone()
        return row is not None and row["position"] == log.head().position

    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        await until(has_told_everybody)
        os.kill(process.pid, signal.SIGKILL)
    async with stage.playing() as play:
        await play.go_to(LETTERS_ON["sifted"])
    assert count_of(scene, a.AssignmentLetterIssued) == len(scene.members())


async def test_a_temporal_that_is_gone_shows_in_the_status(stage: Stage, engines: Engines) -> None:
    scene = stage.scene
    async with stage.playing() as play:
        await play.time.settle()
        assert play.procedures.dispatcher.status.error is None
        for child in engines._children:
            os.kill(child.pid, signal.SIGKILL)
        move_transfer(scene, date(2014, 6, 1), on=date(2013, 11, 21))
        await until(lambda: play.procedures.dispatcher.status.error is not None)
        status = play.procedures.dispatcher.status
        assert status.lag == 1
        assert play.procedures.failed() is None
