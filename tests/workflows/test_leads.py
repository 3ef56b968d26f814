"""A process whose dispatcher hangs gives up the lead; one whose Temporal is slow leads on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.support.desk_scene import Scene
from tests.workflows.stage import KEY, Stage
from transfer.log import leading
from transfer.log.leading import Lead, Part
from workflows.concerns import Concern
from workflows.dispatcher import Dispatcher
from workflows.worker import Procedures, connect, running

pytestmark = pytest.mark.engines


class Process:
    """A process that tells Temporal of a scene's log, and its place in the queue for that."""

    def __init__(self, scene: Scene, database_url: str) -> None:
        self.scene = scene
        self.why = ""
        self.gave_up = threading.Event()
        self.lead = Lead(database_url, Part.PROCEDURES, self._gives_up)

    def _gives_up(self, why: str) -> None:
        self.why = why
        self.gave_up.set()

    @asynccontextmanager
    async def running(self, stage: Stage) -> AsyncIterator[Procedures]:
        """Run the procedures, and lead if nobody else does."""
        client = await connect(stage.address, key=KEY)
        await stage.begin(client)
        office, due = self.scene.office, self.scene.due
        async with running(
            office,
            due,
            client,
            temporal_identity=stage.identity,
            skips_time=True,
            threads=2,
            lead=self.lead,
        ) as procedures:
            yield procedures


@pytest.fixture
def process(scene: Scene, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Process:
    monkeypatch.setattr(leading, "STILL_SECONDS", 2.0)
    monkeypatch.setattr(leading, "_WAITS_SECONDS", 0.5)
    monkeypatch.setattr(leading, "_ANSWERED_SECONDS", 1.0)
    return Process(scene, database_url)


async def test_where_the_dispatcher_hangs_another_process_leads(
    process: Process, stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(Dispatcher, "_read", lambda *_: released.wait())
    standby = Lead(database_url, Part.PROCEDURES)
    try:
        async with process.running(stage):
            assert await asyncio.to_thread(process.gave_up.wait, 60)
            assert "procedures: no step was taken for" in process.why
            assert not process.lead.is_held
            await asyncio.to_thread(standby.try_now)
            while not standby.is_held:  # the server may take a moment to end the other session
                await asyncio.sleep(0.05)
    finally:
        released.set()
        standby.close()


async def test_who_waits_for_a_slow_temporal_leads_on(
    process: Process, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Dispatcher._tell

    async def slowly(dispatcher: Dispatcher, concerns: Sequence[Concern]) -> dict[str, str]:
        await asyncio.sleep(leading.STILL_SECONDS + 2)
        return await tell(dispatcher, concerns)

    monkeypatch.setattr(Dispatcher, "_tell", slowly)
    async with process.running(stage) as procedures:
        while not process.lead.is_held or procedures._dispatching.dispatcher is None:
            await asyncio.sleep(0.05)
        await procedures.dispatcher.caught_up(process.scene.office.log.head().position)
        assert process.lead.is_held
        assert not process.gave_up.is_set()
