"""Playing a scene on the time-skipping server: worker, dispatcher and simulated time together.

One play a server: having served a worker that was stopped in order, the time-skipping server hands
the next one no tasks. (One that was killed does no harm.) What stops and starts again is therefore
played on the server of a real service, where time passes as it does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from deploy.embedded import Engines
from tests.core.matter.desks import DESKS, MATTER, Rules
from tests.support.desk_scene import Scene, desk_scene, noon
from transfer.commands.matter_worlds import RulesFor
from transfer.core.matter.kind import Kind
from workflows import troubles
from workflows.ids import PROCEDURE, procedure_name, runs_in, task_queue_of, workflow_id
from workflows.messages import ProcedureStart, Whose
from workflows.simulated_time import SimulatedTime, begin_at
from workflows.worker import Procedures, connect, running

KEY = bytes(range(32))
"""What the scenes' payloads are sealed under."""

EVE = noon(date(2014, 1, 31))
"""The day before the letters."""

BEGINS = datetime(2014, 1, 10, 12, tzinfo=UTC)
WHOLE = Whose(matter=MATTER)
GROUP = Whose(matter=MATTER, group="A")
OTHER = Whose(matter=MATTER, group="B")
PEOPLE = ("S1", "S2", "S5", "S6")
DRAWN = ("S3", "S4")


def person(number: str) -> Whose:
    """One person's procedure."""
    return Whose(matter=MATTER, staff_number=number)


def move_of_desks(
    database_url: str,
    kind: Kind = DESKS,
    rules: Rules | RulesFor | None = None,
    people: Sequence[str] = PEOPLE,
) -> AbstractContextManager[Scene]:
    """People of two groups, on a record whose clock is simulated."""
    return desk_scene(
        database_url, kind, rules, alone=people, drawn=DRAWN, simulated=True, pool_size=12
    )


@dataclass
class Play:
    """A scene while it is played."""

    scene: Scene
    client: Client
    procedures: Procedures
    time: SimulatedTime

    async def go_to(self, on: date) -> None:
        """Let time pass until noon of a day, and everything be done that is due by then."""
        await self.time.advance_to(noon(on))
        await self.time.settle()
        assert self.procedures.failed() is None

    async def status(self, whose: Whose) -> WorkflowExecutionStatus | None:
        """How a procedure stands with Temporal."""
        return (await self.procedure(whose).describe()).status

    async def exists(self, whose: Whose) -> bool:
        """Whether a procedure was ever begun."""
        try:
            await self.procedure(whose).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    def procedure(self, whose: Whose) -> WorkflowHandle[Any, Any]:
        """The workflow in which a procedure runs; a person's own is that of their lane."""
        record = self.scene.office.log.identity()
        return self.client.get_workflow_handle(workflow_id(record, runs_in(whose)))


class Stage:
    """Where a scene can be played, stopped and played on; its clock goes on meanwhile."""

    def __init__(self, scene: Scene, engines: Engines, *, is_service: bool = False) -> None:
        self.scene = scene
        self.is_service = is_service
        self._engines = engines
        self._has_begun = False

    @property
    def address(self) -> str:
        """Temporal's `host:port`."""
        assert self._engines.temporal_address is not None
        return self._engines.temporal_address

    @property
    def identity(self) -> str:
        """The identity of Temporal's memory."""
        assert self._engines.temporal_identity is not None
        return self._engines.temporal_identity

    async def begin(self, client: Client, begins: datetime = BEGINS) -> None:
        """Let the record's clock run: begun once, so that simulated time never jumps.

        On the server of a real service it runs ahead of the database's.
        """
        log = self.scene.office.log
        if not self._has_begun and self.is_service:
            log.clock.run(begins - log.clock.read().database_now)
        elif not self._has_begun:
            await begin_at(client, log, begins)
        self._has_begun = True

    @asynccontextmanager
    async def playing(self, begins: datetime = BEGINS) -> AsyncIterator[Play]:
        """Run the procedures until the block ends."""
        client = await connect(self.address, key=KEY)
        await self.begin(client, begins)
        office = self.scene.office
        async with running(
            office,
            self.scene.due,
            client,
            temporal_identity=self._engines.temporal_identity,
            skips_time=not self.is_service,
            threads=4,
        ) as procedures:
            time = SimulatedTime(client, office.log, procedures.dispatcher, procedures.under_way)
            yield Play(self.scene, client, procedures, time)


async def begin_alone(
    client: Client, record: str, whose: Whose, queue: str | None = None
) -> WorkflowHandle[Any, Any]:
    """Begin the workflow of one procedure alone, as anybody could, and as versions of the program
    before lanes did for a person; on the record's own task queue unless another is named."""
    return await client.start_workflow(
        PROCEDURE,
        ProcedureStart(whose=whose),
        id=f"{procedure_name(whose)}@{record}",
        task_queue=queue or task_queue_of(record),
    )


@asynccontextmanager
async def working(
    client: Client,
    workflow: type,
    activities: Sequence[Callable[..., Any]],
    runner: WorkflowRunner | None = None,
) -> AsyncIterator[None]:
    """Run a worker of one workflow on the task queue `script` until the block ends."""
    worker = Worker(
        client,
        task_queue="script",
        workflows=[workflow],
        activities=activities,
        workflow_runner=runner or SandboxedWorkflowRunner(),
    )
    running_it = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.shutdown()
        await running_it


async def each_waits(play: Play) -> None:
    """Until the matter and its groups have asked, and from then on only wait for their days."""
    before: list[int] = []
    while True:
        histories = [await play.procedure(whose).fetch_history() for whose in (WHOLE, GROUP, OTHER)]
        have_asked = all(
            any(event.HasField("timer_started_event_attributes") for event in history.events)
            for history in histories
        )
        now = [len(history.events) for history in histories]
        if have_asked and now == before:
            return  # nobody has told them anything for a while
        before = now
        await asyncio.sleep(0.5)


@asynccontextmanager
async def waiting(service: Stage) -> AsyncIterator[Play]:
    """Everything waits for the letters of the next day; nobody looks by themselves."""
    log = service.scene.office.log
    service.scene.run(date(2014, 1, 20))
    service.scene.do(date(2014, 1, 21), "fix-day", milestone="close", on="2014-06-01")
    async with service.playing(EVE) as play:
        await play.procedures.dispatcher.caught_up(log.head().position)
        swept = None
        while swept is None:
            await asyncio.sleep(0.05)
            with log.connection() as connection:
                swept = troubles.last_sweep(connection)
        await each_waits(play)
        yield play
