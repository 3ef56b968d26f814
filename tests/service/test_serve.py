"""The running service, as a process of its own: started, killed, started again, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.service_process import PATIENCE_SECONDS, PROGRAM, Service, transfer
from transfer.app import open_record
from transfer.cli.common import at_work
from transfer.cli.doctor import temporal_findings
from transfer.keys import KeyRefused, fingerprint
from transfer.settings import Settings

pytestmark = pytest.mark.engines

WRITERS = 24


@pytest.mark.thorough
def test_from_the_first_start_to_the_last_stop(data: Path, services: list[Service]) -> None:
    first = Service(data, program=PROGRAM)
    services.append(first)
    first.ready()
    made = transfer("token", "--role", "admin", "--subject", "A Person", "--data", str(data))
    assert made.returncode == 0
    token = made.stdout.strip()

    status, ready = first.ask("GET", "/health/ready")
    assert status == 200, ready
    assert {"database", "temporal"} <= {each["name"] for each in ready["checks"]}
    registration = {
        "staff_number": "S1",
        "name": "Zebedee Unmistakable",
        "effective_from": "2014-01-01",
        "position": {"employer": "A"},
    }
    status, written = first.ask("POST", "/v1/staff", registration, token)
    assert status == 201
    path = "/v1/staff/S1/position?effective_at=2014-01-01&name=true"
    status, before = first.ask("GET", path, token=token)
    assert (status, before["known_at"]) == (200, written["recorded_at"])

    compared = transfer("sweep", "--json", "--data", str(data))
    assert (compared.returncode, compared.stderr) == (0, "")
    assert json.loads(compared.stdout) == {
        "waiting": 0,
        "started": [],
        "stuck": {},
        "unreadable": {},
    }

    running = DataFolder.open(data).running()
    assert running is not None
    assert running.temporal_address is not None
    looked = temporal_findings(Settings(data=data), running.temporal_address, running.database_url)
    assert [(each.ok, each.says) for each in looked] == [(True, "0 must be waiting by the log")]

    joined = transfer("as-of", "S1", "--effective", "2014-01-01", "--json", "--data", str(data))
    assert (joined.returncode, joined.stderr) == (0, "")
    assert json.loads(joined.stdout) == before

    second = transfer("serve", "--data", str(data), "--port", "0")
    assert (second.returncode, second.stdout) == (1, "")
    assert f"in use by process {first.process.pid} (transfer serve" in second.stderr

    first.process.kill()
    first.process.wait(PATIENCE_SECONDS)
    again = Service(data)
    services.append(again)
    again.ready()
    assert again.ask("GET", path, token=token) == (200, before)
    change = {"effective_from": "2014-02-01", "changes": {"employer": "B"}, "reason": "r"}
    status, _ = again.ask("POST", "/v1/staff/S1/changes", change, token)
    assert status == 201

    assert again.stop() == (0, "", "")
    assert DataFolder.open(data).running() is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(again.address.rpartition(":")[2])))
    logged = "".join(file.read_text() for file in (data / "logs").glob("service.log*"))
    for private in (token, "Zebedee", "A Person"):
        assert private not in logged
    assert json.loads(logged.splitlines()[0])["event"] == "starting"


@pytest.mark.thorough
def test_a_lost_vault_key_is_not_replaced(data: Path, services: list[Service]) -> None:
    folder = DataFolder.open(data)
    with folder.hold("a test"), start_engines(folder, temporal="none", durable=False) as engines:
        migrate(engines.database_url)
        with open_record(engines.database_url, folder):
            pass
    kept = folder.secret("vault")
    folder.secret_path("vault").unlink()
    refused = Service(data)
    services.append(refused)
    code, out, err = refused.left()
    assert (code, out, "Traceback" in err) == (1, "", False)
    assert fingerprint(kept) in err
    assert str(folder.secret_path("vault")) in err
    with (
        pytest.raises(KeyRefused, match=fingerprint(kept)),
        at_work(Settings(data=data), "a test"),
    ):
        pass  # whatever else a command would do
    assert not folder.secret_path("vault").exists()


@pytest.mark.thorough
def test_ctrl_c_stops_it_as_cleanly(data: Path, services: list[Service]) -> None:
    service = Service(data)
    services.append(service)
    service.ready()
    assert service.stop(signal.SIGINT) == (0, "", "")


@pytest.mark.thorough
def test_it_can_be_stopped_while_it_starts(data: Path, services: list[Service]) -> None:
    service = Service(data, program=PROGRAM)
    services.append(service)
    log = data / "logs" / "service.log"
    while not log.exists() and service.process.poll() is None:
        # It says when it starts; there is nothing else to wait on.
        os.sched_yield()
    assert service.stop() == (0, "", "")
    with DataFolder.open(data).hold("a test"):
        pass


@pytest.mark.thorough
def test_a_dead_engine_stops_it_soon_and_with_the_reason(
    data: Path, services: list[Service]
) -> None:
    service = Service(data)
    services.append(service)
    service.ready()
    token = transfer("token", "--role", "admin", "--subject", "A", "--data", str(data)).stdout
    registration = {
        "staff_number": "S1",
        "name": "n",
        "effective_from": "2014-01-01",
        "position": {"unit": "a"},
    }
    assert service.ask("POST", "/v1/staff", registration, token.strip())[0] == 201
    writing = threading.Barrier(WRITERS + 1)

    def write_until_it_fails() -> None:
        change = {"effective_from": "2014-02-01", "changes": {"unit": "b"}, "reason": "r"}
        path, status = "/v1/staff/S1/changes", 201
        writing.wait()
        with contextlib.suppress(OSError, HTTPException):
            while status == 201:
                status, _ = service.ask("POST", path, change, token.strip())

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in range(WRITERS):
            pool.submit(write_until_it_fails)
        writing.wait()
        (file,) = data.glob("postgres/**/postmaster.pid")
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
        killed = time.monotonic()
        code, _, err = service.left()
        # Those who were writing try again for ten times as long, one after another.
        assert time.monotonic() - killed < 10
    assert code == 1
    assert "transfer: PostgreSQL was killed" in err
    assert "Traceback" not in err
    recovered = Service(data)
    services.append(recovered)
    recovered.ready()
    assert recovered.stop()[0] == 0


def test_an_address_that_is_taken_is_refused(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = transfer("serve", "--data", str(data), "--port", port)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"cannot listen on 127.0.0.1 port {port}" in refused.stderr
    assert not data.exists()


@pytest.mark.thorough
def test_where_its_own_folder_holds_the_address_that_is_told(data: Path) -> None:
    with (
        DataFolder.open(data).hold("transfer serve"),
        socket.create_server(("127.0.0.1", 0)) as taken,
    ):
        refused = transfer("serve", "--data", str(data), "--port", str(taken.getsockname()[1]))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is in use by process" in refused.stderr


@pytest.mark.thorough
def test_a_temporal_that_does_not_answer_is_told(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        service = Service(data, environment={"TEMPORAL_ADDRESS": address})
        code, out, err = service.left()
    assert (code, out, "Traceback" in err) == (2, "", False)
    assert f"no Temporal server answers at {address}" in err


@pytest.mark.thorough
def test_without_a_service_there_is_nothing_to_compare(data: Path) -> None:
    refused = transfer("sweep", "--data", str(data))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "no service with procedures runs" in refused.stderr


@pytest.mark.thorough
def test_a_namespace_that_is_not_there_is_told(
    data: Path, tmp_path: Path, services: list[Service]
) -> None:
    """On a Temporal server of one's own, where the settings name another namespace."""
    folder = DataFolder.open(tmp_path / "server")
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="service", database_url="unused", durable=False) as engines,
    ):
        assert engines.temporal_address is not None
        outside = {"TEMPORAL_ADDRESS": engines.temporal_address}
        wrong = Service(data, environment=outside | {"TEMPORAL_NAMESPACE": "personnel"})
        services.append(wrong)
        code, _, err = wrong.left()
        assert (code, "Traceback" in err) == (2, False)
        assert "has no namespace personnel" in err
        right = Service(data, environment=outside | {"TEMPORAL_TASK_QUEUE": "of-this-office"})
        services.append(right)
        right.ready()
        assert right.stop() == (0, "", "")


@pytest.mark.thorough
def test_in_a_rehearsed_folder_no_temporal_runs(data: Path, services: list[Service]) -> None:
    folder = DataFolder.open(data)
    stopped = datetime(2014, 10, 31, tzinfo=UTC)
    with folder.hold("a test"), start_engines(folder, temporal="none", durable=False) as engines:
        migrate(engines.database_url)
        with open_record(engines.database_url, folder) as record:
            record.log.mark_rehearsed("tr-2013", stopped)
    service = Service(data)
    services.append(service)
    service.ready()
    status, info = service.ask("GET", "/info")
    assert (status, info["rehearsed"]) == (200, "tr-2013")
    assert info["clock_stands_still_at"] == "2014-10-31T00:00:00.000000Z"
    assert service.ask("GET", "/health/ready")[0] == 200
    assert not (data / "temporal").exists()
    assert service.stop() == (0, "", "")
