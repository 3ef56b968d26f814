"""Playing a scene on the time-skipping server: worker, dispatcher and simulated time together.

One play a server: having served a worker that was stopped in order, the time-skipping server hands
the next one no tasks. (One that was killed does no harm.) What stops and starts again is therefore
played on the server of a real service, where time passes as it does.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus

from deploy.embedded import Engines
from tests.workflows.scene import BEGINS, NAME, Scene, noon
from workflows.ids import workflow_id
from workflows.messages import Whose
from workflows.simulated_time import SimulatedTime, offset_to
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
        described = await self.client.get_workflow_handle(workflow_id(whose)).describe()
        return described.status


class Stage:
    """Where a scene can be played, stopped and played on; its clock goes on meanwhile."""

    def __init__(self, scene: Scene, engines: Engines, *, is_service: bool = False) -> None:
        self.scene = scene
        self.is_service = is_service
        self._engines = engines
        self._offset: timedelta | None = None

    @property
    def address(self) -> str:
        """Temporal's `host:port`."""
        assert self._engines.temporal_address is not None
        return self._engines.temporal_address

    async def offset(self, client: Client, begins: datetime = BEGINS) -> timedelta:
        """The clock offset: chosen once, so that simulated time never jumps.

        A server of a real service goes by the machine's clock, which the database tells.
        """
        if self._offset is None and self.is_service:
            with self.scene.office.log.connection() as connection:
                row = connection.execute("SELECT clock_timestamp() AS now").fetchone()
            assert row is not None
            self._offset = begins - row["now"]
        elif self._offset is None:
            self._offset = await offset_to(client, begins)
        return self._offset

    @asynccontextmanager
    async def playing(self, begins: datetime = BEGINS) -> AsyncIterator[Play]:
        """Run the procedures until the block ends."""
        client = await connect(self.address)
        offset = await self.offset(client, begins)
        office = self.scene.office
        async with running(
            office,
            client,
            temporal_identity=self._engines.temporal_identity,
            clock_offset=offset,
            threads=4,
        ) as procedures:
            time = SimulatedTime(client, office.log, procedures.dispatcher, offset)
            yield Play(self.scene, client, procedures, time)
