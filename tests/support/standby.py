"""A primary and its standby, two PostgreSQL servers that are reached by TCP and a password."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.postgres import account_of
from deploy.postgres_binaries import find_binaries
from deploy.processes import Account, Child, free_ports, spawn, wait_until

PASSWORD = "Pass/w@rd%25"  # noqa: S105 - of the servers of one test
"""With signs that mean something in a URL."""
_QUOTED = "Pass%2Fw%40rd%2525"

_START_SECONDS = 60.0
_STANDBY = "standby1"
_RULES = """
local all all trust
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "fsync": "off",  # of the machine's crash nothing is tested here
    "shared_buffers": "32MB",
}


@dataclass
class Server:
    """One of the two."""

    data: Path
    port: int
    child: Child

    def url(self, database: str = "transfer", *, user: str = "hr") -> str:
        """Its own address."""
        return f"postgresql://{user}:{_QUOTED}@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str, user: str = "hr") -> None:
        """Run statements there."""
        with psycopg.connect(self.url(user=user), autocommit=True) as connection:
            for each in statements:
                connection.execute(each.encode())

    def kill(self) -> None:
        """As a machine that loses its power."""
        os.kill(self.child.pid, signal.SIGKILL)
        # The processes beneath end by themselves once they see it.
        assert wait_until(lambda: not _answers(self), seconds=_START_SECONDS)

    def promote(self) -> None:
        """Make the standby a primary."""
        self.execute("SELECT pg_promote()", user="postgres")


@dataclass
class Pair:
    """The primary, its standby, and the address of both."""

    primary: Server
    standby: Server

    @property
    def database_url(self) -> str:
        """Both hosts, the standby first; that the one is meant which takes writes is not said."""
        ports = f"127.0.0.1:{self.standby.port},127.0.0.1:{self.primary.port}"
        return f"postgresql://hr:{_QUOTED}@{ports}/transfer"


@contextmanager
def primary_and_standby() -> Iterator[Pair]:
    """A primary that acknowledges what its standby has too."""
    place = Path(tempfile.mkdtemp(prefix="transfer-pair-"))
    children: list[Child] = []
    try:
        place.chmod(0o711)
        account = account_of(place / "data")
        ports = free_ports(2)
        secret = place / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        _own(account, secret)
        data = place / "primary"
        _folder(account, data)
        initdb = ("--username=postgres", f"--pwfile={secret}", "--encoding=UTF8", "--no-sync")
        _run(account, "initdb", *initdb, "-D", str(data))
        (data / "pg_hba.conf").write_text(_RULES, encoding="utf-8")
        primary = Server(data, ports[0], _start(account, data, ports[0]))
        children.append(primary.child)
        assert wait_until(lambda: _answers(primary), seconds=_START_SECONDS), children[-1].output()
        _make_database(primary)

        copy = place / "standby"
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={_STANDBY}"
        environment = {"PGPASSWORD": PASSWORD}
        _folder(account, copy)
        backup = ("-D", str(copy), "-d", source, "-R", "--checkpoint=fast", "--no-sync")
        _run(account, "pg_basebackup", *backup, environment=environment)
        standby = Server(copy, ports[1], _start(account, copy, ports[1]))
        children.append(standby.child)
        assert wait_until(lambda: _answers(standby), seconds=_START_SECONDS), children[-1].output()
        primary.execute(
            f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'",
            "SELECT pg_reload_conf()",
            user="postgres",
        )
        assert wait_until(lambda: _is_synchronous(primary), seconds=_START_SECONDS)
        yield Pair(primary, standby)
    finally:
        for child in children:
            child.stop(((signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)))
        shutil.rmtree(place, ignore_errors=True)


def _make_database(server: Server) -> None:
    with psycopg.connect(server.url("postgres", user="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE hr LOGIN CREATEROLE PASSWORD '{PASSWORD}'".encode())
        connection.execute("CREATE DATABASE transfer OWNER hr")


def _start(account: Account | None, data: Path, port: int) -> Child:
    options = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    return spawn(
        "PostgreSQL",
        [_program(account, "postgres"), "-D", data, "-p", str(port), *options],
        log=data.with_suffix(".log"),
        death_signal=signal.SIGINT,
        account=account,
    )


def _run(
    account: Account | None, name: str, *arguments: str, environment: dict[str, str] | None = None
) -> None:
    found = subprocess.run(
        [str(_program(account, name)), *arguments],
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else (),
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr


def _program(account: Account | None, name: str) -> Path:
    return find_binaries(account, lambda _: None) / name


def _folder(account: Account | None, path: Path) -> None:
    path.mkdir(mode=0o700)
    _own(account, path)


def _own(account: Account | None, path: Path) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _answers(server: Server) -> bool:
    return _asked(server, "SELECT true") == [(True,)]


def _is_synchronous(server: Server) -> bool:
    return _asked(server, "SELECT sync_state FROM pg_stat_replication") == [("sync",)]


def _asked(server: Server, question: str) -> Sequence[tuple[object, ...]]:
    try:
        with psycopg.connect(server.url("postgres", user="postgres")) as connection:
            return connection.execute(question.encode()).fetchall()
    except psycopg.OperationalError:
        return []
