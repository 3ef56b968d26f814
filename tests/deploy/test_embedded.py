"""Both engines together: start, stop, being killed, and what the next start finds."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client

from deploy.data_folder import DataFolder, FolderInUse
from deploy.embedded import Engines, TemporalKind, start_engines
from deploy.postgres import _leftovers
from deploy.processes import wait_until

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

_HOLDER = Path(__file__).with_name("holder.py")


@dataclass(frozen=True)
class Holder:
    """Another process that runs a folder's engines.

    Attributes:
        process: it.
        database_url: where its PostgreSQL is reached.
        identity: of its Temporal's memory.
        pids: of its engines, PostgreSQL first.
    """

    process: subprocess.Popen[str]
    database_url: str
    identity: str | None
    pids: tuple[int, ...]


@contextmanager
def _held_elsewhere(path: Path, temporal: TemporalKind) -> Iterator[Holder]:
    """Run the engines of a folder in another process, stopped at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, _HOLDER, path, temporal],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.stderr.read())
        up = json.loads(line)
        try:
            yield Holder(process, up["database_url"], up["identity"], tuple(up["pids"]))
        finally:
            if process.poll() is None:
                _, errors = process.communicate()
                assert (process.returncode, errors) == (0, "")


@contextmanager
def _started(folder: DataFolder, temporal: TemporalKind = "service") -> Iterator[Engines]:
    with folder.hold("a test"), start_engines(folder, temporal=temporal) as engines:
        yield engines


def _write_row(database_url: str, text: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (what text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def _rows(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        return [str(row[0]) for row in connection.execute("SELECT what FROM kept ORDER BY 1")]


def _is_gone(pid: int) -> bool:
    """Whether that process has ended; one that only waits to be collected has."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return fields.rpartition(")")[2].split()[0] == "Z"


def _open_descriptors() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(f"{entry.name} -> {entry.readlink()}")
        except FileNotFoundError:  # the one that was reading this folder
            continue
    return sorted(found)


def _listening(pid: int) -> list[tuple[str, int]]:
    """The addresses that a process listens on."""
    sockets = {
        str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()
    }
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
            host, _, port = fields[1].partition(":")
            found.append((socket.inet_ntoa(bytes.fromhex(host)[::-1]), int(port, 16)))
    return found


def _answers_of_http_api(pid: int) -> set[bytes]:
    """What the server tells of its namespace to whoever asks by plain HTTP, on any port."""
    told = set()
    listening = _listening(pid)
    assert len(listening) > 3
    assert {host for host, _ in listening} == {"127.0.0.1"}
    for address in listening:
        for host in ("", "127.0.0.1", "localhost", "/"):
            request = f"GET /api/v1/namespaces/default HTTP/1.1\r\nHost: {host}\r\n\r\n"
            with suppress(OSError), socket.create_connection(address, timeout=1) as connection:
                connection.sendall(request.encode())
                answer = connection.recv(65_536)
                if b"namespaceInfo" in answer:
                    told.add(answer)
    return told


async def test_a_fresh_start_serves_and_the_next_one_remembers(folder: DataFolder) -> None:
    before = _open_descriptors()
    with _started(folder) as first:
        assert first.temporal_is_new
        assert first.temporal_address is not None
        client = await Client.connect(first.temporal_address)
        assert await client.service_client.check_health()
        assert (await client.count_workflows()).count == 0
        assert _answers_of_http_api(first._children[-1].pid) == set()
        _write_row(first.database_url, "first")
        assert first.died() is None
        pids = [child.pid for child in first._children]
        # Found by their titles: the postmaster and everybody it started.
        assert len(_leftovers(folder.path / "postgres/data").pids()) > 5
    assert len(pids) == 2
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)
    assert _leftovers(folder.path / "postgres/data").pids() == []
    with _started(folder) as second:
        assert not second.temporal_is_new
        assert second.temporal_identity == first.temporal_identity
        assert _rows(second.database_url) == ["first"]
    del client
    # The client's own runtime keeps some open; nothing of the folder may be.
    opened = set(_open_descriptors()) - set(before)
    assert [each for each in opened if str(folder.path) in each] == []


def test_nothing_stays_open_without_temporal(folder: DataFolder) -> None:
    before = _open_descriptors()
    with _started(folder, "none"):
        assert _open_descriptors() != before
    assert _open_descriptors() == before


@pytest.mark.thorough
def test_a_deleted_temporal_shows_as_another_one(folder: DataFolder) -> None:
    with _started(folder) as first:
        pass
    for file in (folder.path / "temporal").glob("temporal.db*"):
        file.unlink()
    with _started(folder) as second:
        assert second.temporal_is_new
        assert second.temporal_identity != first.temporal_identity
    # Cut off while it was being made: there is a database, but nobody has seen it whole.
    (folder.path / "temporal/identity").unlink()
    with (folder.path / "temporal/temporal.db").open("r+b") as damaged:
        damaged.truncate(100)
    with _started(folder) as third:
        assert third.temporal_is_new


async def test_a_rehearsal_runs_on_simulated_time(folder: DataFolder) -> None:
    with _started(folder, "rehearsal") as engines:
        assert engines.temporal_is_new
        assert engines.temporal_address is not None
        client = await Client.connect(engines.temporal_address)
        start = (await client.test_service.get_current_time(Empty())).time.ToDatetime()
        a_month = SleepRequest(duration=Duration(seconds=30 * 86400))
        await client.test_service.unlock_time_skipping_with_sleep(a_month)
        end = (await client.test_service.get_current_time(Empty())).time.ToDatetime()
        assert end - start >= timedelta(days=30)


def test_a_second_start_is_refused_and_a_one_shot_command_joins(folder: DataFolder) -> None:
    with _held_elsewhere(folder.path, "none") as holder:
        with (
            pytest.raises(FolderInUse, match=rf"process {holder.process.pid} \(a test, since"),
            _started(folder),
        ):
            pass
        joined = folder.running()
        assert joined is not None
        assert joined.pid == holder.process.pid
        _write_row(joined.database_url, "from outside")
        assert _rows(holder.database_url) == ["from outside"]
    assert folder.running() is None


def test_the_engines_need_the_folder_held(folder: DataFolder) -> None:
    with pytest.raises(RuntimeError, match="held"), start_engines(folder, temporal="none"):
        pass


def test_addresses_from_outside_replace_the_engines(folder: DataFolder, postgres_url: str) -> None:
    with start_engines(
        folder, temporal="service", database_url=postgres_url, temporal_address="example.org:7233"
    ) as engines:
        assert (engines.database_url, engines.temporal_address) == (
            postgres_url,
            "example.org:7233",
        )
        assert engines.temporal_identity is None
        assert engines.died() is None
    assert list(folder.path.iterdir()) == []
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="rehearsal", database_url=postgres_url) as engines,
    ):
        assert engines.database_url == postgres_url
        assert engines.temporal_address is not None
    assert not (folder.path / "postgres").exists()


@pytest.mark.thorough
@pytest.mark.parametrize("which", ["PostgreSQL", "Temporal"])
def test_an_engine_that_dies_is_told_and_the_next_start_recovers(
    folder: DataFolder, which: str
) -> None:
    with _started(folder) as engines:
        _write_row(engines.database_url, "committed")
        (victim,) = (child for child in engines._children if child.name == which)
        os.kill(victim.pid, signal.SIGKILL)
        assert wait_until(lambda: engines.died() is not None, seconds=10)
        said = engines.died() or ""
        assert said.startswith(f"{which} was killed by signal 9. Last lines of {folder.path}/logs/")
    with _started(folder) as again:
        assert _rows(again.database_url) == ["committed"]
        assert again.temporal_identity == engines.temporal_identity


@pytest.mark.thorough
@pytest.mark.parametrize("everything", [False, True], ids=["the parent", "everything"])
def test_after_kill_9_of(folder: DataFolder, everything: bool) -> None:
    with _held_elsewhere(folder.path, "service") as holder:
        # A statement that runs on in its backend, which alone notices late that all is over.
        busy = psycopg.connect(holder.database_url, autocommit=True)
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
        _write_row(holder.database_url, "committed")
        for pid in (holder.process.pid, *(holder.pids if everything else ())):
            os.kill(pid, signal.SIGKILL)
        holder.process.wait()
        with _started(folder) as engines:
            assert all(_is_gone(pid) for pid in holder.pids)
            assert _rows(engines.database_url) == ["committed"]
            assert engines.temporal_identity == holder.identity
        busy.close()


@pytest.mark.thorough
def test_killed_again_and_again_while_starting_it_starts_in_the_end(folder: DataFolder) -> None:
    """kill -9 at ever later moments of the first start: half an initdb, half a Temporal."""
    for step in range(6):
        with subprocess.Popen(
            [sys.executable, _HOLDER, folder.path, "service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            # The moment itself is what is varied here, so time is the right thing to wait for.
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.15 + 0.1 * step)
            process.kill()
    with _started(folder) as engines:
        _write_row(engines.database_url, "works")
        assert _rows(engines.database_url) == ["works"]
    assert list((folder.path / "postgres").glob("data.new-*")) == []


def test_ctrl_c_in_the_terminal_reaches_only_us(folder: DataFolder) -> None:
    with _started(folder) as engines:
        groups = {os.getpgid(child.pid) for child in engines._children}
        assert os.getpgid(0) not in groups
        assert len(groups) == 2
