"""The worker and the dispatcher of one office, run together and stopped in order.

    client = await connect("127.0.0.1:7233")
    async with running(office, client) as procedures:
        ...

The worker is stopped first: its activities may wait for the dispatcher.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import Worker

from transfer.commands.office import Office
from workflows.activities import Activities
from workflows.cohort import CohortProcedure
from workflows.dispatcher import Dispatcher
from workflows.exercise import ExerciseProcedure
from workflows.ids import SERVICE_QUEUE
from workflows.person import PersonProcedure

PROCEDURES = (ExerciseProcedure, CohortProcedure, PersonProcedure)

_THREADS = 8
_GRACE = timedelta(seconds=20)


async def connect(address: str, *, namespace: str = "default") -> Client:
    """A client of the Temporal at `host:port`, speaking in our messages.

    Raises `RuntimeError` where nobody answers.
    """
    return await Client.connect(
        address,
        namespace=namespace,
        data_converter=pydantic_data_converter,
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
    client: Client,
    *,
    temporal_identity: str | None = None,
    task_queue: str = SERVICE_QUEUE,
    clock_offset: timedelta = timedelta(),
    from_the_start: bool = False,
    threads: int = _THREADS,
) -> AsyncIterator[Procedures]:
    """Run every procedure of the office's log until the block ends.

    `temporal_identity` names Temporal's memory (`deploy.embedded.Engines.temporal_identity`);
    `None` asks the server. `clock_offset` is simulated time less the server's: in a rehearsal
    facts carry simulated instants, and a step is through only when the dispatcher has told
    everybody of its facts. `from_the_start` tells Temporal everything once more.
    """
    identity = temporal_identity or await identity_of(client)
    dispatcher = Dispatcher(
        office, client, task_queue=task_queue, temporal=identity, clock_offset=clock_offset
    )
    if from_the_start:
        dispatcher.begin_again()
    after_step = _catching_up(office, dispatcher) if clock_offset else lambda: None
    with ThreadPoolExecutor(threads, thread_name_prefix="activity") as pool:
        activities = Activities(office, after_step)
        worker = Worker(
            client,
            task_queue=task_queue,
            workflows=PROCEDURES,
            activities=[activities.next_step, activities.take_step],
            activity_executor=pool,
            max_concurrent_activities=threads,
            max_concurrent_local_activities=threads,
            graceful_shutdown_timeout=_GRACE,
        )
        dispatching = asyncio.create_task(dispatcher.run(), name="dispatcher")
        working = asyncio.create_task(worker.run(), name="worker")
        try:
            yield Procedures(dispatcher, (working, dispatching))
        finally:
            if not working.done():
                await worker.shutdown()
            await asyncio.wait([working])
            dispatching.cancel()
            await asyncio.wait([dispatching])


def _catching_up(office: Office, dispatcher: Dispatcher) -> Callable[[], None]:
    """Wait, in an activity's thread, until Temporal has been told of everything on record."""
    loop = asyncio.get_running_loop()

    def catch_up() -> None:
        caught_up = dispatcher.caught_up(office.log.head().position)
        asyncio.run_coroutine_threadsafe(caught_up, loop).result()

    return catch_up
