"""A database that stops or hangs under a service: refusals within a second, and then as before."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.service_process import PATIENCE_SECONDS, Service, transfer

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

AT_ONCE = 8
# Of a database that has just fallen silent nobody can know yet that it will not answer.
WHO_WAITED_SECONDS = 4.0
STOPS_WITHIN_SECONDS = 20.0


class Database:
    """A PostgreSQL from outside, in the eyes of the service."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._running = contextlib.ExitStack()
        self.url = ""

    def start(self) -> None:
        """Start it, or start it again."""
        self._running.enter_context(self._folder.hold("a test"))
        engines = start_engines(self._folder, temporal="none", durable=False)
        self.url = self._running.enter_context(engines).database_url

    def stop(self) -> None:
        """Shut it down."""
        self._running.close()

    def signal(self, which: signal.Signals) -> None:
        """To the server and every process of it, while the server itself is stopped: so none is
        begun or cleared away meanwhile."""
        (file,) = self._folder.path.glob("postgres/**/postmaster.pid")
        server = int(file.read_text().split()[0])
        os.kill(server, signal.SIGSTOP)
        while not _is_stopped(server):
            sleep(0.001)
        children = ["pgrep", "-P", str(server)]
        found = subprocess.run(children, capture_output=True, text=True, check=True)
        for pid in (*map(int, found.stdout.split()), server):
            os.kill(pid, which)


def _is_stopped(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return stat.rpartition(")")[2].split()[0] == "T"


@dataclass
class Asking:
    """Three kinds of request."""

    service: Service
    token: str

    def __call__(self, what: str) -> tuple[int, float]:
        """Status, and after how many seconds."""
        began = monotonic()
        match what:
            case "ready":
                status, _ = self.service.ask("GET", "/health/ready")
            case "read":
                status, _ = self.service.ask("GET", "/v1/staff/S1/history", token=self.token)
            case _:
                change = {"effective_from": "2014-02-01", "changes": {"unit": "b"}, "reason": "r"}
                path = "/v1/staff/S1/changes"
                status, _ = self.service.ask("POST", path, change, self.token)
        return status, monotonic() - began

    def until_it_answers(self) -> float:
        """After how many seconds every kind is answered again."""
        began = monotonic()
        while any(self(each)[0] not in (200, 201) for each in ("ready", "read", "write")):
            assert monotonic() - began < PATIENCE_SECONDS
            sleep(0.1)
        return monotonic() - began


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(DataFolder.open(tmp_path / "database"))
    made.start()
    migrate(made.url)
    yield made
    made.stop()


@pytest.fixture
def asking(database: Database, data: Path, services: list[Service]) -> Asking:
    service = Service(data, "--role", "api", environment={"DATABASE_URL": database.url})
    services.append(service)
    service.ready()
    made = transfer("token", "--role", "admin", "--subject", "HR", "--data", str(data))
    asked = Asking(service, made.stdout.strip())
    registration = {
        "staff_number": "S1",
        "name": "n",
        "effective_from": "2014-01-01",
        "position": {"unit": "a"},
    }
    assert service.ask("POST", "/v1/staff", registration, asked.token)[0] == 201
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # So that there are connections to be lost.
        assert {status for status, _ in pool.map(asked, ["read", "write"] * AT_ONCE)} == {200, 201}
    return asked


def refused_within_a_second(asking: Asking) -> None:
    for what in ("ready", "read", "write") * 2:
        status, seconds = asking(what)
        assert (status, seconds < 1) == (503, True), (what, seconds)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for status, seconds in pool.map(asking, ["read", "write"] * AT_ONCE):
            assert (status, seconds < 1.5) == (503, True), seconds


def test_one_that_stops_is_refused_within_a_second_and_found_again(
    asking: Asking, database: Database
) -> None:
    database.stop()
    refused_within_a_second(asking)
    _, told = asking.service.ask("GET", "/health/ready")
    assert {each["name"]: each["ok"] for each in told["checks"]}["database"] is False
    database.start()
    assert asking.until_it_answers() < 5
    assert asking.service.stop()[:2] == (0, "")


@pytest.mark.parametrize("role", ["projector", "all"])
def test_who_leads_stops_while_the_database_hangs(
    database: Database, data: Path, services: list[Service], role: str
) -> None:
    environment = {"DATABASE_URL": database.url, "TRANSFER_ALLOW_EMBEDDED_TEMPORAL": "true"}
    service = Service(data, "--role", role, environment=environment)
    services.append(service)
    service.ready()
    database.signal(signal.SIGSTOP)
    try:
        assert service.ask("GET", "/health/ready")[0] == 503
        began = monotonic()
        service.stop()
        assert monotonic() - began < STOPS_WITHIN_SECONDS
    finally:
        database.signal(signal.SIGCONT)


def test_one_that_hangs_is_refused_within_a_second_and_found_again(
    asking: Asking, database: Database
) -> None:
    database.signal(signal.SIGSTOP)
    try:
        assert asking("ready")[0] == 503
        assert asking("read")[1] < WHO_WAITED_SECONDS
        refused_within_a_second(asking)
    finally:
        database.signal(signal.SIGCONT)
    assert asking.until_it_answers() < 5
    assert asking.service.stop()[:2] == (0, "")
