"""The loop by itself, on activities that answer from a script: what it asks, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError

from deploy.embedded import Engines
from tests.service.test_nothing_personal_in_logs import logging_as_a_service_does
from tests.workflows.stage import GROUP, KEY, working
from workflows.messages import DueStep, Following, ProcedureStart, ReadAgain, TakeStep, Whose
from workflows.procedure import NEXT_STEP, READ_AGAIN, REFUSED, TAKE_STEP, Procedure
from workflows.worker import connect

pytestmark = pytest.mark.engines

A_FACT = ReadAgain(caused_by="6f9f2f0e-3b5c-5f0a-9a53-6d1d9d5a3a11")
LONG_AGO = DueStep(step="transfer", about="", due_on=date(2014, 4, 1))


class Script:
    """Answers to questions one by one, the last for ever; a step is refused, or answers `after`."""

    def __init__(self, *answers: DueStep | None, refuses: bool = False) -> None:
        self.answers = list(answers)
        self.refuses = refuses
        self.asked = 0
        self.taken = 0
        self.handle: WorkflowHandle[Procedure, None] | None = None
        self.tell_while_taking = False
        self.fault: Exception | None = None

    @activity.defn(name=NEXT_STEP)
    async def next_step(self, _whose: Whose) -> Following:
        """The next answer."""
        self.asked += 1
        due = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Following(due=due, wait=timedelta() if due and due.due_on else None)

    @activity.defn(name=TAKE_STEP)
    async def take_step(self, _asked: TakeStep) -> Following:
        """Through, or refused; a fact may arrive meanwhile."""
        self.taken += 1
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        if self.tell_while_taking and self.handle is not None:
            self.tell_while_taking = False
            await self.handle.signal(READ_AGAIN, A_FACT)
        if self.refuses:
            raise ApplicationError("the rules say no", type=REFUSED, non_retryable=True)
        return Following(due=None)


@asynccontextmanager
async def played(
    engines: Engines, script: Script
) -> AsyncIterator[tuple[Client, WorkflowHandle[Procedure, None]]]:
    """A group's procedure on the script."""
    assert engines.temporal_address is not None
    client = await connect(engines.temporal_address, key=KEY)
    async with working(client, Procedure, [script.next_step, script.take_step]):
        script.handle = await client.start_workflow(
            Procedure.run, ProcedureStart(whose=GROUP), id="a-procedure", task_queue="script"
        )
        yield client, script.handle


async def test_it_ends_when_nothing_is_left(engines: Engines) -> None:
    script = Script(LONG_AGO)
    async with played(engines, script) as (_, handle):
        await handle.result()
    assert (script.asked, script.taken) == (1, 1)


async def test_a_fault_is_tried_again_and_leaves_nothing_of_what_it_quotes_in_the_log(
    engines: Engines, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = Script(LONG_AGO)
    script.fault = ValueError("Ludmilla never worked in Swanage")
    logged = tmp_path / "service.log"
    with logging_as_a_service_does(logged):
        async with played(engines, script) as (_, handle):
            await handle.result()
    assert script.taken == 2
    text = logged.read_text()
    assert "builtins.ValueError" in text
    assert "Ludmilla" not in text + "".join(capfd.readouterr())


async def test_a_fact_that_arrives_with_the_last_step_is_read_before_it_ends(
    engines: Engines,
) -> None:
    script = Script(LONG_AGO, LONG_AGO, None)
    script.tell_while_taking = True
    async with played(engines, script) as (_, handle):
        await handle.result()
    assert (script.asked, script.taken) == (2, 2)


async def test_what_is_refused_is_shown_and_waits_for_a_fact(engines: Engines) -> None:
    script = Script(LONG_AGO, None, refuses=True)
    async with played(engines, script) as (client, handle):
        while (
            not (history := await handle.fetch_history())
            .events[-1]
            .HasField("timer_started_event_attributes")
        ):
            await asyncio.sleep(0.01)
        (failed,) = [
            event.activity_task_failed_event_attributes.failure
            for event in history.events
            if event.HasField("activity_task_failed_event_attributes")
        ]
        assert failed.message == "Encoded failure"
        assert str(await client.data_converter.decode_failure(failed)).endswith("the rules say no")
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        assert script.taken == 1
        await handle.signal(READ_AGAIN, A_FACT)
        await handle.result()
    assert (script.asked, script.taken) == (2, 1)


async def test_a_cancelled_procedure_ends(engines: Engines) -> None:
    script = Script(DueStep(step="transfer", about="", due_on=None))
    async with played(engines, script) as (_, handle):
        while script.asked == 0:
            await asyncio.sleep(0.01)
        await handle.cancel()
        while (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
            await asyncio.sleep(0.01)
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
