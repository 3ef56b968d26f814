"""The worker and the dispatcher of one office, run together and stopped in order.

    client = await connect("127.0.0.1:7233", key=key)
    async with running(office, due, client) as procedures:
        ...

Workers share the steps among them, as Temporal gives these out. The dispatcher, and what else looks
after Temporal, run in one process at a time, where a lead is given (`transfer.log.leading`).

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
from importlib.metadata import version

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode, TLSConfig
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from transfer.commands.due_steps import DueSteps
from transfer.commands.office import Office
from transfer.log.leading import Beat, Lead
from transfer.log.measures import Distribution
from workflows.activities import Activities, UnderWay
from workflows.clock import RecordClock
from workflows.concerns import AWAY, Waiting
from workflows.dispatcher import Dispatcher, DispatcherEndedError, Swept
from workflows.ids import task_queue_of
from workflows.people import People
from workflows.practice import PracticeMover
from workflows.procedure import Procedure
from workflows.sealing import sealing_converter
from workflows.simulated_time import server_time
from workflows.told import told_until

LOOK_SECONDS = 15.0
"""How often Temporal is asked for workflows that cannot go on, or that somebody ended."""

_AGAIN_SECONDS = 1.0
"""How soon Temporal is asked again after an error."""

_SWEEP_SECONDS = 24 * 3600.0
_logger = logging.getLogger(__name__)

_THREADS = 8
_GRACE = timedelta(seconds=20)
_STOPPING_SECONDS = 40.0
_TOLD_SECONDS = 0.1
_PACE_SECONDS = 0.05


RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "workflows.procedure", "workflows.people"
    )
)
"""Runs the procedures in the sandbox, which loads our pure modules once, not for each of them."""


async def connect(
    address: str,
    *,
    key: bytes,
    namespace: str = "default",
    tls: TLSConfig | bool = False,
    api_key: str | None = None,
) -> Client:
    """A client of the Temporal at `host:port`, speaking in our messages, sealed under `key`.

    Raises `RuntimeError` where nobody answers.
    """
    return await Client.connect(
        address,
        namespace=namespace,
        tls=tls,
        api_key=api_key,
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


class _Dispatching:
    """The dispatcher and what else runs in one process at a time; all on one event loop."""

    def __init__(
        self,
        office: Office,
        due: DueSteps,
        client: Client,
        *,
        task_queue: str,
        temporal: str,
        skips_time: bool,
        from_the_start: bool,
        is_practice: bool,
        pace: float,
    ) -> None:
        self._office = office
        self._due = due
        self._client = client
        self._task_queue = task_queue
        self._temporal = temporal
        self._skips_time = skips_time
        self._from_the_start = from_the_start
        self._is_practice = is_practice
        self._pace = pace
        self.beat = Beat()
        self._loop = asyncio.get_running_loop()
        self.dispatcher: Dispatcher | None = None
        self.tasks: tuple[asyncio.Task[None], ...] = ()

    async def begin(self) -> None:
        """Run it, until `end`."""
        dispatcher = Dispatcher(
            self._office,
            self._due,
            self._client,
            task_queue=self._task_queue,
            temporal=self._temporal,
            pace=self._pace,
            beat=self.beat,
        )
        if self._from_the_start:
            dispatcher.begin_again()
            self._from_the_start = False
        self.dispatcher = dispatcher
        tasks = [asyncio.create_task(dispatcher.run(), name="dispatcher")]
        if not self._skips_time:
            tasks.append(asyncio.create_task(_watch(self._office, dispatcher), name="watch"))
        if self._is_practice:
            mover = PracticeMover(self._office, self._due, dispatcher)
            tasks.append(asyncio.create_task(mover.run(), name="practice clock"))
        self.tasks = tuple(tasks)

    async def end(self) -> None:
        """Stop it; another process may have begun already."""
        tasks, self.tasks = self.tasks, ()
        self.dispatcher = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def begin_from_a_thread(self) -> None:
        """As `begin`, for the thread of a lead."""
        asyncio.run_coroutine_threadsafe(self.begin(), self._loop).result()

    def end_from_a_thread(self) -> None:
        """As `end`, for the thread of a lead."""
        asyncio.run_coroutine_threadsafe(self.end(), self._loop).result()

    def catch_up(self) -> None:
        """Wait, in an activity's thread, until Temporal has been told of all that is on record."""
        goal = self._office.log.head().position
        asyncio.run_coroutine_threadsafe(self._told_until(goal), self._loop).result()

    async def _told_until(self, goal: int) -> None:
        while True:
            dispatcher = self.dispatcher
            if dispatcher is not None:
                try:
                    return await dispatcher.caught_up(goal)
                except DispatcherEndedError:
                    if dispatcher is self.dispatcher:
                        raise  # and no other process has taken its place
            elif await asyncio.to_thread(self._told_by_another) >= goal:
                return None
            await asyncio.sleep(_TOLD_SECONDS)

    def _told_by_another(self) -> int:
        with self._office.log.connection() as connection:
            return told_until(connection, self._task_queue) or 0


@dataclass(frozen=True, slots=True)
class Procedures:
    """What is running."""

    task_queue: str
    measured: Distribution
    under_way: UnderWay
    _working: asyncio.Task[None] = field(repr=False)
    _dispatching: _Dispatching = field(repr=False)

    @property
    def dispatcher(self) -> Dispatcher:
        """The dispatcher, where it runs in this process. Raises `DispatcherEndedError`."""
        found = self._dispatching.dispatcher
        if found is None:
            raise DispatcherEndedError("the dispatcher runs in another process")
        return found

    def failed(self) -> BaseException | None:
        """Why the worker or the dispatcher has ended; `None` while both run. Ask now and then."""
        for task in (self._working, *self._dispatching.tasks):
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
    lead: Lead | None = None,
) -> AsyncIterator[Procedures]:
    """Run every procedure of the office's log until the block ends.

    `temporal_identity` names Temporal's memory (`deploy.embedded.Engines.temporal_identity`);
    `None` asks the server. `task_queue` is the record's own unless it is given. `skips_time` says
    that it is the time-skipping server, whose clock is then the record's. `from_the_start` tells
    Temporal everything once more. With a `lead` the dispatcher runs while that is held; it is
    closed at the end. Without one no other process runs it.

    Where the record's clock is simulated and runs, a step is through only when the dispatcher has
    told everybody of its facts. A practice's clock is moved as somebody asks for it.
    """
    queue = task_queue or task_queue_of(office.log.identity())
    reading = office.log.clock.read()
    dispatching = _Dispatching(
        office,
        due,
        client,
        task_queue=queue,
        temporal=temporal_identity or await identity_of(client),
        skips_time=skips_time,
        from_the_start=from_the_start,
        is_practice=reading.is_practice,
        # Where the clock is simulated, steps wait for the dispatcher.
        pace=0.0 if reading.is_simulated else _PACE_SECONDS,
    )
    is_simulated = reading.ahead is not None
    clock = RecordClock(office.log, _server_clock(client) if skips_time else None)
    with ThreadPoolExecutor(threads, thread_name_prefix="activity") as pool:
        activities = Activities(
            due,
            clock,
            Waiting(office, due),
            after_step=dispatching.catch_up if is_simulated else lambda: None,
        )
        worker = Worker(
            client,
            task_queue=queue,
            # Else the library reads and hashes every module of the process for one.
            build_id=f"transfer {version('transfer')}",
            workflows=[Procedure, People],
            workflow_runner=RUNNER,
            activities=[
                activities.next_step,
                activities.take_step,
                activities.who_waits,
                activities.own_steps,
            ],
            activity_executor=pool,
            max_concurrent_activities=threads,
            max_concurrent_local_activities=threads,
            graceful_shutdown_timeout=_GRACE,
        )
        if lead is None:
            await dispatching.begin()
        else:
            begin, end = dispatching.begin_from_a_thread, dispatching.end_from_a_thread
            lead.follow(begin, end, dispatching.beat)
        working = asyncio.create_task(worker.run(), name="worker")
        try:
            yield Procedures(queue, activities.measured, activities.under_way, working, dispatching)
        finally:
            if not working.done():
                # A workflow that somebody terminates in the middle of a question can leave the
                # worker waiting for its answer for ever.
                with suppress(TimeoutError):
                    await asyncio.wait_for(worker.shutdown(), _STOPPING_SECONDS)
                working.cancel()
            await asyncio.wait([working], timeout=_STOPPING_SECONDS)
            if lead is not None:
                await asyncio.to_thread(lead.close)
            await dispatching.end()


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
