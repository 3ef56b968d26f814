"""A service of several processes, each with a role, on one PostgreSQL and one Temporal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import psycopg
import pytest

from deploy.migrate import migrate, pending
from tests.support.cluster import Cluster, cluster
from tests.support.service_process import Service, transfer
from transfer.settings import ProcessRole, Settings

pytestmark = [pytest.mark.engines, pytest.mark.thorough]


@contextlib.contextmanager
def hanging(pid: int) -> Iterator[None]:
    """A process that does not go on while the block lasts."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def temporal_of(processes: Cluster) -> int:
    """The process of the Temporal server."""
    return processes.engines._children[-1].pid


def checks_of(service: Service) -> dict[str, Any]:
    """What /health/ready says, by name."""
    _, ready = service.ask("GET", "/health/ready")
    return {each["name"]: each for each in ready["checks"]}


_CLUSTER = Path(__file__).parents[2] / "docs" / "cluster.md"
_ROW = re.compile(
    r"^\| `(\w+)` \| (\d+)(?:: `TRANSFER_ANSWERING_THREADS` \(\d+\) and \d+)? \| (\d+) \|$",
    re.MULTILINE,
)


def documented_connections() -> dict[str, tuple[int, int]]:
    """Of each role what docs/cluster.md says: how many it shares, and how many are beside them."""
    found = {
        role: (int(shared), int(beside))
        for role, shared, beside in _ROW.findall(_CLUSTER.read_text(encoding="utf-8"))
    }
    assert set(found) == set(ProcessRole)
    return found


def connections_of(database_url: str) -> set[str]:
    """The names of all connections; of each, at most as many as docs/cluster.md says."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT application_name, count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() GROUP BY 1"
        ).fetchall()
    documented = documented_connections()
    for name, count in rows:
        assert count <= sum(documented[name.removeprefix("transfer ")]), name
    return {name for name, _ in rows}


@pytest.mark.parametrize("role", ProcessRole)
def test_a_role_shares_as_many_connections_as_the_pages_say(role: ProcessRole) -> None:
    assert documented_connections()[role][0] == Settings(role=role).connections


def test_each_role_waits_for_the_schema_and_does_its_part(tmp_path: Path) -> None:
    with cluster(tmp_path) as processes:
        api = processes.start("api", "api", TRANSFER_PROXIES="192.0.2.0/24")
        assert pending(processes.engines.database_url)
        assert api.process.stderr is not None
        assert "waiting for the schema" in api.process.stderr.readline()
        assert migrate(processes.engines.database_url)
        to_stdout = {"TRANSFER_LOG_TO": "stdout"}
        others = {
            role: processes.start(role, role, **to_stdout) for role in ("projector", "worker")
        }
        for each in (api, *others.values()):
            each.ready()
        token = processes.token()
        registration = {
            "staff_number": "S1",
            "name": "n",
            "effective_from": "2014-01-01",
            "position": {"employer": "A"},
        }
        status, written = api.ask("POST", "/v1/staff", registration, token)
        assert status == 201, written
        path = (
            f"/v1/staff/S1/position?effective_at=2014-01-01&consistent_with={written['event_id']}"
        )
        status, read = api.ask("GET", path, token=token)
        assert (status, read["position"]["employer"]["value"]) == (200, "A")

        assert connections_of(processes.engines.database_url) == {
            "transfer api",
            "transfer projector",
            "transfer worker",
        }
        for role, each in others.items():
            assert each.ask("GET", "/v1/staff/S1/position", token=token)[0] == 404, role
            assert each.ask("GET", "/info")[1]["events"] == 1, role
        told = checks_of(api)
        assert "temporal" not in told
        assert told["leading"]["ok"]
        assert (
            told["leading"]["says"] == "projections: another process; procedures: another process"
        )
        assert checks_of(others["worker"])["temporal"]["ok"]
        assert "procedures: this process" in checks_of(others["worker"])["leading"]["says"]
        # A proxy is believed where it is named, and nowhere else: this machine is not named here.
        for each, says in (
            (api, "not told through a proxy"),
            (others["worker"], "to this machine alone"),
        ):
            through = {"X-Forwarded-For": "192.0.2.7"}
            refused = httpx.get(f"{each.address}/metrics", headers=through)
            assert says in refused.json()["detail"]
        with hanging(temporal_of(processes)):
            began = monotonic()
            assert others["worker"].ask("GET", "/health/ready")[0] == 503
            assert monotonic() - began < 1
            assert others["projector"].ask("GET", "/health/ready")[0] == 200
            assert api.ask("GET", "/health/ready")[0] == 200
            change = {"effective_from": "2014-02-01", "changes": {"unit": "b"}, "reason": "r"}
            status, written = api.ask("POST", "/v1/staff/S1/changes", change, token)
            assert status == 201
            path = f"/v1/staff/S1/position?consistent_with={written['event_id']}"
            status, read = api.ask("GET", path, token=token)
            assert (status, read["position"]["unit"]["value"]) == (200, "b")
        for role, each in others.items():
            told_there = httpx.get(f"{each.address}/metrics").text
            assert f'transfer_info{{role="{role}",' in told_there
            assert ("transfer_procedures_running" in told_there) == (role == "worker")
            assert 'transfer_leader{of="projections"}' in told_there
            status, out, err = each.stop()
            logged = each.logged + [json.loads(line) for line in out.splitlines()]
            assert {line["role"] for line in logged} == {role}
            assert {"starting", "ready", "stopping"} <= {line["event"] for line in logged}
            assert (status, err) == (0, "")
            assert not list((each.data / "logs").glob("service.log*"))
        assert api.stop() == (0, "", "")


@pytest.mark.parametrize(
    ("role", "environment", "named"),
    [
        ("api", {}, "DATABASE_URL"),
        ("worker", {"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "TEMPORAL_ADDRESS"),
        ("all", {"TRANSFER_DATABASE_CONNECTIONS": "8"}, "needs 40"),
        ("all", {"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "ALLOW_EMBEDDED_TEMPORAL"),
    ],
)
def test_a_role_without_what_it_needs_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch, role: str, environment: dict[str, str], named: str
) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    refused = transfer("serve", "--role", role, "--data", str(data), "--port", "0")
    assert refused.returncode != 0
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()


def test_migrate_says_what_it_did(data: Path) -> None:
    first = transfer("migrate", "--data", str(data), "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["applied"][0] == 1
    again = transfer("migrate", "--data", str(data), "--check")
    assert (again.returncode, again.stdout) == (0, "missing: none\n")
