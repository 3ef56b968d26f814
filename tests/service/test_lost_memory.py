"""The log is the only truth: without Temporal's database and every projection, the same answers.

A real exercise is opened in a running service, with its open deadlines and its waiting procedures.
Everything is killed, Temporal's database deleted, every projection emptied; the next start gives
every answer as before, and the procedures wait for the same days again.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from tests.support.real_exercise import NAME, PEOPLE, exercises_of, open_a_real_exercise
from transfer.access.identity import Role
from transfer.app import embedded_identity, open_record
from transfer.commands.exercises import exercise_matter
from transfer.commands.office import Office
from transfer.settings import load_settings
from workflows.ids import workflow_id
from workflows.messages import Whose

pytestmark = pytest.mark.engines

PATIENCE = 60.0


@contextmanager
def serving(folder: DataFolder) -> Iterator[httpx.Client]:
    """`transfer serve` on a folder, killed with all it started when the block ends."""
    service = subprocess.Popen(
        [
            Path(sys.executable).with_name("transfer"),
            "serve",
            "--data",
            str(folder.path),
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        ready = service.stdout.readline().split()
        assert ready[:1] == ["ready"], (folder.path / "logs" / "service.log").read_text()
        settings = load_settings(data=folder.path)
        token = embedded_identity(folder, settings).issue("hr", Role.ADMIN, 3600)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=ready[1], headers=headers, timeout=20) as client:
            yield client
    finally:
        service.send_signal(signal.SIGKILL)
        service.wait()
        if service.stdout is not None:
            service.stdout.close()


def answers(client: httpx.Client, known_at: str) -> dict[str, Any]:
    """Everything the service says of everybody, as known at one instant."""
    asked: dict[str, str] = {"known_at": known_at, "limit": "1000"}
    members = client.get("/v1/workforce/members", params=asked).raise_for_status().json()
    numbers = [item["staff_number"] for item in members["items"]]
    return {
        "members": members,
        "deadlines": client.get("/v1/deadlines", params=asked | {"state": "open"}).json(),
        "heads": client.get(
            "/v1/workforce", params={"known_at": known_at, "by": "employer"}
        ).json(),
        "people": {
            number: [
                client.get(f"/v1/staff/{number}/{what}", params={"known_at": known_at}).json()
                for what in ("position", "timeline", "history")
            ]
            for number in numbers
        },
    }


def wait_for_letters(office: Office) -> str:
    """Until every group's letters are out; answers the instant at which the record has them."""
    exercises = exercises_of(office)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        plan = exercises.plan(NAME)
        if plan.sent.keys() == plan.groups.keys():
            head = office.log.head().recorded_at
            assert head is not None
            return head.isoformat()
        time.sleep(0.1)  # polled, as a client of the service would
    raise AssertionError("no letters were issued")


def wait_for_answers(client: httpx.Client, known_at: str) -> None:
    """Until the projections have seen that instant."""
    wanted = datetime.fromisoformat(known_at)
    until = time.monotonic() + PATIENCE
    while True:
        found = client.get("/v1/deadlines", params={"limit": 1}).raise_for_status().json()
        if datetime.fromisoformat(found["known_at"]) >= wanted:
            return
        assert time.monotonic() < until, "the projections do not catch up"
        time.sleep(0.1)


async def is_waiting(address: str, workflow: str) -> bool:
    """Whether a procedure is there and has not ended."""
    client = await Client.connect(address)
    try:
        described = await client.get_workflow_handle(workflow).describe()
    except Exception:  # noqa: BLE001 - not there yet, however the server says it
        return False
    return described.status is WorkflowExecutionStatus.RUNNING


def wait_until_waiting(folder: DataFolder, workflow: str) -> None:
    running = folder.running()
    assert running is not None
    assert running.temporal_address is not None
    until = time.monotonic() + PATIENCE
    while not asyncio.run(is_waiting(running.temporal_address, workflow)):
        assert time.monotonic() < until, f"{workflow} is not waiting"
        time.sleep(0.1)


def forget_everything(folder: DataFolder) -> None:
    """Delete Temporal's database and empty every projection."""
    shutil.rmtree(folder.path / "temporal")
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none") as engines,
        open_record(engines.database_url, folder) as record,
        psycopg.connect(engines.database_url, autocommit=True) as connection,
    ):
        for projection in record.projections:
            for table in projection.tables:
                connection.execute(f"TRUNCATE {table}".encode())
        connection.execute("TRUNCATE projection_positions")


@pytest.mark.thorough
def test_the_log_alone_gives_every_answer_and_every_open_deadline_again(tmp_path: Path) -> None:
    folder, matter = DataFolder.open(tmp_path / "data"), exercise_matter(NAME)
    with serving(folder) as client:
        running = folder.running()
        assert running is not None
        with open_record(running.database_url, folder) as record:
            identity = record.log.identity()
            group = open_a_real_exercise(record.office)
            known_at = wait_for_letters(record.office)
            ahead = record.log.head().position
        wait_for_answers(client, known_at)
        wait_until_waiting(folder, workflow_id(identity, Whose(matter=matter, group=group)))
        before = answers(client, known_at)
        assert len(before["people"]) == PEOPLE
    forget_everything(folder)
    with serving(folder) as client:
        assert answers(client, known_at) == before
        for whose in (Whose(matter=matter, group=group), Whose(matter=matter)):
            wait_until_waiting(folder, workflow_id(identity, whose))
        # Told everything once more, the procedures have recorded nothing twice.
        assert answers(client, known_at) == before
        running = folder.running()
        assert running is not None
        with open_record(running.database_url, folder) as record:
            assert record.log.head().position == ahead
