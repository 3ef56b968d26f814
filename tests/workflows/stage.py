"""Playing a scene on the time-skipping server: worker, dispatcher and simulated time together.

One play a server: having served a worker that was stopped in order, the time-skipping server hands
the next one no tasks. (One that was killed does no harm.) What stops and starts again is therefore
played on the server of a real service, where time passes as it does.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from deploy.embedded import Engines
from tests.workflows.scene import BEGINS, NAME, Scene, noon
from workflows.ids import workflow_id
from workflows.messages import Whose
from workflows.simulated_time import SimulatedTime, begin_at
from workflows.worker import Procedures, connect, running


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

    async def status(
        self, *, cohort: str | None = None, staff_number: str | None = None
    ) -> WorkflowExecutionStatus | None:
        """How a procedure stands with Temporal."""
        whose = Whose(exercise=NAME, cohort=cohort, staff_number=staff_number)
        return (await self.procedure(whose).describe()).status

    def procedure(self, whose: Whose) -> WorkflowHandle[Any, Any]:
        """A procedure's workflow."""
        return self.client.get_workflow_handle(workflow_id(self.scene.office.log.identity(), whose))


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
        client = await connect(self.address)
        await self.begin(client, begins)
        office = self.scene.office
        async with running(
            office,
            client,
            temporal_identity=self._engines.temporal_identity,
            skips_time=not self.is_service,
            threads=4,
        ) as procedures:
            time = SimulatedTime(client, office.log, procedures.dispatcher)
            yield Play(self.scene, client, procedures, time)
