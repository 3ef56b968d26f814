"""Temporal's port takes any caller: what this record has not sealed is refused, and never acts."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

from tests.support.desk_scene import LETTERS, noon
from tests.workflows.stage import (
    GROUP,
    KEY,
    OTHER,
    WHOLE,
    Play,
    Stage,
    begin_alone,
    each_waits,
    person,
    waiting,
)
from transfer.core.matter import facts as t
from workflows.ids import PROCEDURE, procedure_name, task_queue_of, workflow_id
from workflows.messages import DueStep, ProcedureStart, ReadAgain, TakeStep
from workflows.procedure import READ_AGAIN, TAKE_STEP
from workflows.sealing import REFUSED, SealedPayloads, sealing_converter

MALLORY = "mallory-was-here"
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"staff_number": "S1"}')


# --- payloads -----------------------------------------------------------------------------------


async def test_a_payload_comes_back_under_its_key() -> None:
    codec = SealedPayloads(KEY)
    (sealed,) = await codec.encode([PLAIN])
    assert b"S1" not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [PLAIN]
    (again,) = await codec.encode([PLAIN])
    assert again.data != sealed.data, "what is the same cannot be told from what is sealed"


async def not_ours() -> Iterator[tuple[str, Payload]]:
    """Payloads that this key has not sealed."""
    (sealed,) = await SealedPayloads(KEY).encode([PLAIN])
    (others,) = await SealedPayloads(bytes(32)).encode([PLAIN])
    flipped = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    return iter(
        [
            ("plain", PLAIN),
            ("empty", Payload()),
            ("under another key", others),
            ("changed", Payload(metadata=sealed.metadata, data=flipped)),
            ("cut off", Payload(metadata=sealed.metadata, data=sealed.data[:20])),
            ("nothing in it", Payload(metadata=sealed.metadata)),
            ("renamed", Payload(metadata={"encoding": b"json/plain"}, data=sealed.data)),
        ]
    )


async def test_what_this_key_has_not_sealed_is_refused_beside_what_it_has() -> None:
    codec, converter = SealedPayloads(KEY), sealing_converter(KEY)
    (sealed,) = await codec.encode([PLAIN])
    for what, payload in await not_ours():
        assert await codec.decode([payload, sealed]) == [REFUSED, PLAIN], what
        with pytest.raises(KeyError, match="not-sealed-by-this-record"):
            await converter.decode([payload])


# --- a machine with somebody else on it ---------------------------------------------------------


@workflow.defn(name="mallorys", sandboxed=False)
class Mallorys:
    """Asks the record's worker for a step that it is told to."""

    @workflow.run
    async def run(self, queue: str, step: dict[str, Any]) -> None:
        """Ask."""
        await workflow.execute_activity(
            TAKE_STEP,
            step,
            task_queue=queue,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )


async def mallory(service: Stage) -> Client:
    """Somebody else on the machine, who speaks as any program does."""
    return await Client.connect(service.address, data_converter=pydantic_data_converter)


async def failed_tasks(play: Play, workflow: str) -> int:
    """How many of a workflow's own tasks have failed."""
    history = await play.client.get_workflow_handle(workflow).fetch_history()
    return sum(event.HasField("workflow_task_failed_event_attributes") for event in history.events)


def kept_by_temporal(folder: Path) -> bytes:
    """All that is in Temporal's database."""
    return b"".join(file.read_bytes() for file in (folder / "temporal").glob("temporal.db*"))


@pytest.mark.engines
@pytest.mark.usefixtures("unwatched")
async def test_nobody_without_the_key_makes_anything_happen(service: Stage, tmp_path: Path) -> None:
    """One scene, for it takes seconds: nothing is recorded, and what waits goes on waiting."""
    log = service.scene.office.log
    record, queue = log.identity(), task_queue_of(log.identity())
    ours = workflow_id(record, GROUP)
    async with waiting(service) as play:
        kept = kept_by_temporal(tmp_path / "service")
        assert ours.encode() in kept, "ids are all that can be read there"
        assert not {word for word in (b"caused_by", b"whose", b"due_on") if word in kept}
        head = log.head().position
        stranger = await mallory(service)
        # As a program before this one began it, or somebody who has a clock of their own.
        start = {**ProcedureStart(whose=GROUP).model_dump(mode="json"), "offset": MALLORY}
        begun = await stranger.start_workflow(PROCEDURE, start, id="mallorys", task_queue=queue)
        # To a procedure that waits: what is not sealed, nothing, too much, and of no kind.
        told = stranger.get_workflow_handle(ours)
        await told.signal(READ_AGAIN, ReadAgain(caused_by=None))
        await told.signal(READ_AGAIN)
        await told.signal(READ_AGAIN, args=[MALLORY, MALLORY])
        await told.signal("unheard-of", MALLORY)
        assert await refusal_of_a_step(stranger, queue) == "Encoded failure"
        while not await failed_tasks(play, begun.id):
            await asyncio.sleep(0.1)
        assert log.head().position == head
        assert await failed_tasks(play, ours) == 0
        compared = await play.procedures.dispatcher.compare(with_unknown=True)
        assert set(compared.unknown) == {"mallorys"}
        assert (compared.missing, compared.replaced, compared.stuck) == ((), {}, {})
        # The procedure goes on: who has the key is heard, and it asks again.
        before = len((await play.procedure(GROUP).fetch_history()).events)
        await play.procedure(GROUP).signal(READ_AGAIN, ReadAgain(caused_by=None))
        while len((await play.procedure(GROUP).fetch_history()).events) < before + 4:
            await asyncio.sleep(0.05)
        assert MALLORY.encode() in kept_by_temporal(tmp_path / "service")


async def refusal_of_a_step(stranger: Client, queue: str) -> str:
    """What a record's worker says to who asks it for a step without its key: sealed as well."""
    due = DueStep(step="letters", about="", due_on=LETTERS)
    step = TakeStep(whose=GROUP, due=due, caused_by=None).model_dump(mode="json")
    async with Worker(stranger, task_queue="mallorys", workflows=[Mallorys]):
        with pytest.raises(WorkflowFailureError) as failed:
            await stranger.execute_workflow(
                Mallorys.run, args=[queue, step], id="asks", task_queue="mallorys"
            )
    activity = failed.value.cause
    assert isinstance(activity, ActivityError)
    assert isinstance(activity.cause, ApplicationError)
    return activity.cause.message


@pytest.mark.engines
@pytest.mark.usefixtures("unwatched")
async def test_a_workflow_of_a_person_from_before_there_were_lanes_is_ended(
    service: Stage,
) -> None:
    scene = service.scene
    record = scene.office.log.identity()
    async with waiting(service) as play:
        scene.do(date(2014, 1, 31), "quit", "S1", by="A. Manager")
        head = scene.log.head().position
        await play.procedures.dispatcher.caught_up(head)
        handle = await begin_alone(play.client, record, person("S1"))
        while (await handle.describe()).status is not WorkflowExecutionStatus.TERMINATED:
            await play.procedures.dispatcher.sweep()  # the list is updated late
            await asyncio.sleep(0.1)
        assert await play.status(person("S1")) is WorkflowExecutionStatus.RUNNING
        assert scene.log.head().position == head


@pytest.mark.engines
@pytest.mark.usefixtures("unwatched")
async def test_what_somebody_else_began_in_a_procedures_place_is_begun_again(
    service: Stage,
) -> None:
    """So are all the procedures that a program before this one left behind, unsealed."""
    scene = service.scene
    ours = workflow_id(scene.office.log.identity(), GROUP)
    queue = task_queue_of(scene.office.log.identity())
    async with waiting(service) as play:
        stranger = await mallory(service)
        for whose, at in ((GROUP, queue), (OTHER, "elsewhere")):
            await play.procedure(whose).terminate()
            await begin_alone(stranger, scene.office.log.identity(), whose, at)
        dispatcher = play.procedures.dispatcher
        compared = await dispatcher.compare()
        assert set(compared.replaced) == {GROUP, OTHER}
        assert (await dispatcher.sweep()).started == tuple(map(procedure_name, (GROUP, OTHER)))
        await each_waits(play)
        again = await dispatcher.compare(with_unknown=True)
        assert (again.missing, again.replaced, again.unknown, again.stuck) == ((), {}, {}, {})
        assert await play.status(WHOLE) is WorkflowExecutionStatus.RUNNING
        # On their day the letters go out, once.
        log = scene.office.log
        log.clock.run(noon(LETTERS) - log.clock.read().database_now)
        for whose in (GROUP, OTHER):
            await play.procedure(whose).signal(READ_AGAIN, ReadAgain(caused_by=None))
        while len(scene.facts(t.NoticeGiven)) < 2:
            await asyncio.sleep(0.05)
        assert await failed_tasks(play, ours) == 0
    assert sorted(each.fact.group for each in scene.facts(t.NoticeGiven)) == ["A", "B"]
