"""What is lost in Temporal comes back, and what stands in one procedure's way is seen."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import psycopg
import pytest
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.worker import Worker

from tests.support.desk_scene import LETTERS, Scene, noon
from tests.workflows.stage import GROUP, WHOLE, Stage, each_waits, waiting
from transfer.core.matter import facts as t
from workflows import troubles, worker
from workflows.dispatcher import Dispatcher, why_stuck
from workflows.ids import PROCEDURE, procedure_name, task_queue_of
from workflows.messages import ReadAgain
from workflows.procedure import READ_AGAIN

pytestmark = pytest.mark.engines

NAME = procedure_name(GROUP)


def in_trouble(scene: Scene) -> list[tuple[str, str]]:
    """Who is in what trouble."""
    with scene.office.log.connection() as connection:
        return [(each.procedure, each.kind) for each in troubles.troubles(connection)]


@pytest.mark.usefixtures("unwatched")
async def test_a_group_that_somebody_terminated_still_gets_its_letters(service: Stage) -> None:
    """A group's workflow terminated in Temporal's own console: no letter, and no error."""
    scene = service.scene
    async with waiting(service) as play:
        await play.procedure(GROUP).terminate("by mistake")
        assert await play.status(GROUP) is WorkflowExecutionStatus.TERMINATED
    # The next start, on the letters' day: nothing new is on record, and yet it begins.
    scene.office.log.clock.run(noon(LETTERS) - scene.office.log.clock.read().database_now)
    async with service.playing() as play:
        while "A" not in {letter.fact.group for letter in scene.facts(t.NoticeGiven)}:
            await asyncio.sleep(0.05)
        assert await play.status(GROUP) is WorkflowExecutionStatus.RUNNING
        with scene.office.log.connection() as connection:
            swept = troubles.last_sweep(connection)
        assert swept is not None
        assert (swept.waiting, swept.started) == (3, 1)


@pytest.mark.usefixtures("unwatched")
async def test_who_waits_for_a_dispatcher_before_it_runs_is_told_where_it_stands(
    service: Stage,
) -> None:
    """Nothing new is on record: the comparison at the start waited for it for ever."""
    async with waiting(service) as play:
        first = play.procedures.dispatcher
        again = Dispatcher(
            service.scene.office,
            first._due,
            play.client,
            task_queue=first._task_queue,
            temporal=first._temporal,
        )
        told = asyncio.create_task(again.caught_up(first.status.position))
        await asyncio.sleep(0)
        following = asyncio.create_task(again.run())
        async with asyncio.timeout(20):
            await told
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def test_what_is_terminated_while_the_service_runs_is_seen_at_the_next_look(
    service: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.1)
    async with waiting(service) as play:
        await asyncio.sleep(0.5)  # it has looked once, and found nothing wrong
        await play.procedure(GROUP).terminate("by mistake")
        while await play.status(GROUP) is not WorkflowExecutionStatus.RUNNING:
            await asyncio.sleep(0.1)


async def test_what_is_deleted_while_the_service_runs_is_seen_at_the_next_look(
    service: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.1)
    async with waiting(service) as play:
        await asyncio.sleep(0.5)  # it has looked once, and found nothing wrong
        handle = play.procedure(GROUP)
        first = (await handle.describe()).run_id
        await play.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=play.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=handle.id),
            )
        )
        while True:
            await asyncio.sleep(0.1)
            with suppress(RPCError):  # not there for a moment
                described = await handle.describe()
                if (
                    described.run_id != first
                    and described.status is WorkflowExecutionStatus.RUNNING
                ):
                    break


@pytest.mark.usefixtures("unwatched")
async def test_a_sweep_says_what_it_found_and_starts_nothing_twice(service: Stage) -> None:
    async with waiting(service) as play:
        await play.procedure(GROUP).terminate("by mistake")
        await play.procedure(WHOLE).cancel()
        while await play.status(WHOLE) is WorkflowExecutionStatus.RUNNING:
            await asyncio.sleep(0.05)
        found = await play.procedures.dispatcher.sweep()
        assert found.waiting == 3
        assert found.started == (procedure_name(WHOLE), NAME)
        assert (found.stuck, found.unreadable) == ({}, {})
        assert (await play.procedures.dispatcher.sweep()).started == ()
        await each_waits(play)
        head = service.scene.office.log.head().position
        play.procedures.dispatcher.begin_again()
        await play.procedures.dispatcher.caught_up(head)
        assert service.scene.office.log.head().position == head


@workflow.defn(name=PROCEDURE, sandboxed=False)
class Deployed:
    """What a careless deployment made of the procedure: another first step."""

    @workflow.run
    async def run(self, _start: object) -> None:
        """Call what was never called."""
        await workflow.execute_activity("unheard-of", start_to_close_timeout=timedelta(seconds=9))


@pytest.mark.thorough
@pytest.mark.usefixtures("unwatched")
async def test_a_deployment_that_breaks_a_workflow_is_seen_within_a_minute(
    service: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """A workflow task that fails: nothing was logged, nothing shown."""
    scene = service.scene
    queue = task_queue_of(scene.office.log.identity())
    name = NAME
    async with waiting(service) as play:
        client, dispatcher = play.client, play.procedures.dispatcher
        handle = play.procedure(GROUP)
    async with Worker(client, task_queue=queue, workflows=[Deployed], max_cached_workflows=0):
        await handle.signal(READ_AGAIN, ReadAgain(caused_by=None))
        async with asyncio.timeout(60):
            while in_trouble(scene) != [(name, "stuck")]:
                await dispatcher.look()
                await asyncio.sleep(0.5)
        found = await dispatcher.sweep()
        assert set(found.stuck) == {name}
        assert "Nondeterminism" in found.stuck[name]
    assert f"a procedure is in trouble: {name}: stuck" in caplog.text
    async with service.playing() as play:
        # The version that goes on with it is back.
        async with asyncio.timeout(60):
            while in_trouble(scene):
                await play.procedures.dispatcher.look()
                await asyncio.sleep(0.5)


def test_a_task_that_was_told_something_meanwhile_is_not_stuck() -> None:
    completed, failed, meanwhile = HistoryEvent(), HistoryEvent(), HistoryEvent()
    completed.workflow_task_completed_event_attributes.identity = "a worker"
    failed.workflow_task_failed_event_attributes.failure.message = "Nondeterminism"
    attributes = meanwhile.workflow_task_failed_event_attributes
    attributes.failure.message = "UnhandledCommand"
    attributes.cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    failure = failed.workflow_task_failed_event_attributes.failure
    assert why_stuck([completed, failed]) == failure
    assert why_stuck([failed, completed]) is None, "it went on"
    assert why_stuck([completed, meanwhile]) is None
    assert why_stuck([failed, meanwhile]) == failure


@pytest.mark.usefixtures("unwatched")
async def test_procedures_of_another_record_are_left_alone(service: Stage) -> None:
    async with waiting(service) as play:
        await play.client.start_workflow(PROCEDURE, id=f"{NAME}@another", task_queue="another")
        found = await play.procedures.dispatcher.sweep()
        assert found.started == ()


def test_troubles_are_kept_until_they_are_over(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:

        def note(**found: str) -> list[str]:
            return troubles.note(connection, "q", "unreadable", found, among={"a", "b"})

        assert note(a="ValueError: x", b="KeyError: y") == ["a", "b"]
        since = {each.procedure: each.since for each in troubles.troubles(connection)}
        assert note(a="ValueError: z") == []
        (left,) = troubles.troubles(connection)
        assert (left.procedure, left.reason, left.since) == ("a", "ValueError: z", since["a"])
        assert left.cause == "ValueError"
        troubles.note(connection, "q", "unreadable", {}, among={"b"})
        assert len(troubles.troubles(connection)) == 1
        troubles.note(connection, "q", "unreadable", {})
        assert troubles.troubles(connection) == []


def test_a_person_who_is_stuck_is_so_until_their_lane_says_otherwise_or_they_wait_no_more(
    database_url: str,
) -> None:
    of_people = {"a/1/person/S1": "KeyError: x", "a/1/person/S2": "KeyError: y"}
    with psycopg.connect(database_url, autocommit=True) as connection:

        def stuck() -> set[str]:
            return {each.procedure for each in troubles.troubles(connection)}

        troubles.note(connection, "q", "stuck", of_people, among=set(of_people))
        troubles.note(connection, "q", "stuck", {"a/1": "WorkflowTaskFailed: z"})
        assert stuck() == {"a/1", *of_people}
        troubles.note(connection, "q", "stuck", {}, waiting={"a/1", "a/1/person/S1"})
        assert stuck() == {"a/1/person/S1"}
        troubles.note(connection, "q", "stuck", {}, among={"a/1/person/S1"})
        assert stuck() == set()
