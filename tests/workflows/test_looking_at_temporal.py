"""What a running service sees of Temporal: whether it answers, is told, and its clock."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta

import pytest
from temporalio.client import Client

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from tests.support.desk_scene import Scene
from transfer import checks
from transfer.app import clock
from workflows.dispatcher import Dispatcher
from workflows.server_clock import ahead_of_us

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)


async def test_its_clock_is_compared_and_a_frozen_server_is_seen(folder: DataFolder) -> None:
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="service", database_url="unused") as engines,
    ):
        assert engines.temporal_address is not None
        client = await Client.connect(engines.temporal_address)
        for ahead in (timedelta(), DAY, -DAY):
            seen = await ahead_of_us(client, lambda ahead=ahead: clock() - ahead)  # type: ignore[misc]
            assert seen is not None
            assert abs(seen - ahead) < timedelta(seconds=3)

        await client.start_workflow("untaken", id="untaken", task_queue="nobody")
        waiting = checks.backlog(client, "nobody", asyncio.get_running_loop())
        told: dict[tuple[str, str | None], float] = {}
        async with asyncio.timeout(20):
            # They are known to the server a moment later, each at its own.
            while (
                not told.get(("procedures_running", None))
                or not told["temporal_backlog", "workflows"]
                or not told["temporal_backlog_age_seconds", "workflows"]
            ):
                found = await asyncio.to_thread(waiting)
                told = {(each.name, each.of): each.value for each in found}
        assert told["procedures_running", None] == told["temporal_backlog", "workflows"] == 1
        assert told["temporal_backlog", "activities"] == 0
        assert told["temporal_backlog_age_seconds", "workflows"] > 0

        look = checks.temporal(client, asyncio.get_running_loop())
        assert (await asyncio.to_thread(look)).ok
        (child,) = engines._children
        os.kill(child.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(20):
                # All of its threads stop, but not in the same moment.
                while (seen_now := await asyncio.to_thread(look)).ok:
                    pass
            assert await asyncio.to_thread(waiting) == ()
        finally:
            os.kill(child.pid, signal.SIGCONT)
        assert (seen_now.name, seen_now.ok, seen_now.needed) == ("temporal", False, True)
        assert "does not answer" in seen_now.says


async def test_a_dispatcher_that_gets_no_further_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = scene.office.log
    client = await Client.connect("127.0.0.1:1", lazy=True)
    resting = Dispatcher(scene.office, scene.due, client, task_queue="q", temporal="m")
    look = checks.dispatcher(log, "q")
    found = look()
    assert found.ok  # it may have begun just now
    assert found.says == f"{log.head().position} events behind"
    assert resting._stored_position() == 0
    assert look().says == f"{log.head().position} events behind"
    monkeypatch.setattr(checks, "_STANDSTILL_SECONDS", 0.0)
    found = look()
    assert (found.ok, found.needed) == (False, True)
    assert "no further for" in found.says
    assert not checks.dispatcher(log, "q", needed=False)().needed
    resting._store_position(log.head().position)
    monkeypatch.setattr(checks, "_STANDSTILL_SECONDS", 60.0)
    assert look().says == "up to date"
