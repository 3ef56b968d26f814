"""The worker and the dispatcher of one office, run together and stopped in order.

    client = await connect("127.0.0.1:7233", key=key)
    async with running(office, due, client) as procedures:
        ...

The worker is stopped first: its activities may wait for the dispatcher.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from transfer.commands.due_steps import DueSteps
from transfer.commands.office import Office
from workflows.activities import Activities
from workflows.clock import RecordClock
from workflows.concerns import AWAY
from workflows.dispatcher import Dispatcher, DispatcherEndedError, Swept
from workflows.ids import task_queue_of
from workflows.practice import PracticeMover
from workflows.procedure import Procedure
from workflows.sealing import sealing_converter
from workflows.simulated_time import server_time

LOOK_SECONDS = 15.0
"""How often Temporal is asked for workflows that cannot go on, or that somebody ended."""

_AGAIN_SECONDS = 1.0
"""How soon Temporal is asked again after an error."""

_SWEEP_SECONDS = 24 * 3600.0
_logger = logging.getLogger(__name__)

_THREADS = 8
_GRACE = timedelta(seconds=20)
_STOPPING_SECONDS = 40.0


RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows.procedure")
)
"""Runs the procedures in the sandbox, which loads our pure modules once, not for each of them."""


async def connect(address: str, *, key: bytes, namespace: str = "default") -> Client:
    """A client of the Temporal at `host:port`, speaking in our messages, sealed under `key`.

    Raises `RuntimeError` where nobody answers.
    """
    return await Client.connect(
        address,
        namespace=namespace,
        data_converter=sealing_converter(key),
        runtime=_runtime(),
    )


@cache
def _runtime() -> Runtime:
    """The library's own threads, one set a process; they write to the program's log.

    Left to themselves they write to standard output, which belongs to what was asked for. Its
    warnings are left out: one says at every start what the time-skipping server lacks.
    """
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"),
                forwarding=LogForwardingConfig(logger=logging.getLogger("temporal")),
            )
        )
    )


async def has_namespace(client: Client) -> bool:
    """Whether the server has the client's namespace."""
    try:
        await identity_of(client)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def identity_of(client: Client) -> str:
    """The identity of a real server's memory: its namespace's id, made anew with the namespace.

    The time-skipping server always tells the same one, although it is new whenever it runs.
    """
    answer = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return answer.namespace_info.id


@dataclass(frozen=True, slots=True)
class Procedures:
    """What is running."""

    dispatcher: Dispatcher
    _tasks: tuple[asyncio.Task[None], ...] = field(repr=False)

    def failed(self) -> BaseException | None:
        """Why the worker or the dispatcher has ended; `None` while both run. Ask now and then."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (why := task.exception()) is not None:
                return why
        return None


@asynccontextmanager
async def running(
    office: Office,
    due: DueSteps,
    client: Client,
    *,
    temporal_identity: str | None = None,
    task_queue: str | None = None,
    skips_time: bool = False,
    from_the_start: bool = False,
    threads: int = _THREADS,
) -> AsyncIterator[Procedures]:
    """Run every procedure of the office's log until the block ends.

    `temporal_identity` names Temporal's memory (`deploy.embedded.Engines.temporal_identity`);
    `None` asks the server. `task_queue` is the record's own unless it is given. `skips_time` says
    that it is the time-skipping server, whose clock is then the record's. `from_the_start` tells
    Temporal everything once more.

    Where the record's clock is simulated and runs, a step is through only when the dispatcher has
    told everybody of its facts. A practice's clock is moved as somebody asks for it.
    """
    identity = temporal_identity or await identity_of(client)
    queue = task_queue or task_queue_of(office.log.identity())
    dispatcher = Dispatcher(office, due, client, task_queue=queue, temporal=identity)
    if from_the_start:
        dispatcher.begin_again()
    reading = office.log.clock.read()
    after_step = _catching_up(office, dispatcher) if reading.ahead is not None else lambda: None
    clock = RecordClock(office.log, _server_clock(client) if skips_time else None)
    with ThreadPoolExecutor(threads, thread_name_prefix="activity") as pool:
        activities = Activities(due, clock, after_step)
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[Procedure],
            workflow_runner=RUNNER,
            activities=[activities.next_step, activities.take_step],
            activity_executor=pool,
            max_concurrent_activities=threads,
            max_concurrent_local_activities=threads,
            graceful_shutdown_timeout=_GRACE,
        )
        dispatching = asyncio.create_task(dispatcher.run(), name="dispatcher")
        working = asyncio.create_task(worker.run(), name="worker")
        tasks = [working, dispatching]
        if not skips_time:
            tasks.append(asyncio.create_task(_watch(office, dispatcher), name="watch"))
        if reading.is_practice:
            mover = PracticeMover(office, due, dispatcher)
            tasks.append(asyncio.create_task(mover.run(), name="practice clock"))
        try:
            yield Procedures(dispatcher, tuple(tasks))
        finally:
            if not working.done():
                # A workflow that somebody terminates in the middle of a question can leave the
                # worker waiting for its answer for ever.
                with suppress(TimeoutError):
                    await asyncio.wait_for(worker.shutdown(), _STOPPING_SECONDS)
                working.cancel()
            await asyncio.wait([working], timeout=_STOPPING_SECONDS)
            for task in tasks[1:]:
                task.cancel()
            await asyncio.wait(tasks[1:])


async def sweep(
    office: Office, due: DueSteps, client: Client, *, task_queue: str | None = None
) -> Swept:
    """Compare the log with Temporal once, from any process, and start what is missing."""
    return await (await dispatcher_of(office, due, client, task_queue=task_queue)).sweep()


async def dispatcher_of(
    office: Office, due: DueSteps, client: Client, *, task_queue: str | None = None
) -> Dispatcher:
    """A dispatcher that is not run, to compare the log with Temporal from any process."""
    queue = task_queue or task_queue_of(office.log.identity())
    identity = await identity_of(client)
    return Dispatcher(office, due, client, task_queue=queue, temporal=identity)


async def _watch(office: Office, dispatcher: Dispatcher) -> None:
    """Compare the log with Temporal at the start and daily, and look in between."""
    time = asyncio.get_running_loop().time
    # What the dispatcher is about to start by itself is not missing.
    with suppress(DispatcherEndedError):
        head = await asyncio.to_thread(office.log.head)
        await dispatcher.caught_up(head.position)
    sweep_at = time()
    while True:
        pause = LOOK_SECONDS
        try:
            if time() >= sweep_at:
                await dispatcher.sweep()
                sweep_at = time() + _SWEEP_SECONDS
            await dispatcher.look()
        except (RPCError, *AWAY) as error:
            _logger.warning("the procedures could not be looked at: %s", type(error).__name__)
            pause = _AGAIN_SECONDS
        await asyncio.sleep(pause)


def _server_clock(client: Client) -> Callable[[], datetime]:
    """The time of a time-skipping server, asked from an activity's thread."""
    loop = asyncio.get_running_loop()

    def server_clock() -> datetime:
        return asyncio.run_coroutine_threadsafe(server_time(client), loop).result()

    return server_clock


def _catching_up(office: Office, dispatcher: Dispatcher) -> Callable[[], None]:
    """Wait, in an activity's thread, until Temporal has been told of everything on record."""
    loop = asyncio.get_running_loop()

    def catch_up() -> None:
        caught_up = dispatcher.caught_up(office.log.head().position)
        asyncio.run_coroutine_threadsafe(caught_up, loop).result()

    return catch_up
