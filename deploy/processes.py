"""Child processes that die with their parent: start, watch, stop, and clean up after a kill -9.

Three rules hold for every engine that we start:

* It dies with us, however we die (`exec_child.py`). The kernel sends the signal when the *thread*
  that started the child ends, so children are started from the main thread only.
* It sits in its own process group, so Ctrl-C in a terminal reaches us alone and we decide the order
  in which things stop.
* What it says goes to a file under the data folder; when it fails, the last lines are the message.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EXEC_CHILD = Path(__file__).with_name("exec_child.py")
_PAUSE_SECONDS = 0.02
_TAIL_LINES = 12
_LOG_KEPT_BYTES = 10_000_000

Report = Callable[[str], None]


class EngineError(Exception):
    """An engine could not be started, or died; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system user that an engine runs under.

    Attributes:
        uid: its number.
        gid: its group's number.
    """

    uid: int
    gid: int


class Child:
    """One engine's process. Made by `spawn`; whoever holds it must `stop` it."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path, log_from: int):
        self.name = name
        self._process = process
        self._log = log
        self._log_from = log_from

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_status(self) -> int | None:
        """None while it runs; the exit status, negative for a signal, once it is gone."""
        return self._process.poll()

    def output(self) -> str:
        """What this process has written to its log so far."""
        with self._log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode(errors="replace")

    def died(self) -> str | None:
        """None while it runs; otherwise one sentence with the last lines of its log."""
        status = self.exit_status()
        if status is None:
            return None
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return f"{self.name} {how}.{self.last_words()}"

    def last_words(self) -> str:
        """The end of its log, indented under the log's path, to be put into a message."""
        lines = self.output().splitlines()[-_TAIL_LINES:]
        shown = "".join(f"\n    {line}" for line in lines) or "\n    (nothing)"
        return f" Last lines of {self._log}:{shown}"

    def ask_to_stop(self, signum: signal.Signals) -> None:
        """Send one signal; no error if it is already gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signum)

    def wait(self, seconds: float) -> bool:
        """True once it has ended; False if it still runs after that many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, steps: Sequence[tuple[signal.Signals, float]]) -> None:
        """Send each signal in turn and give it that many seconds; at the end, kill.

        An interrupt during the wait (a second Ctrl-C) kills at once, then goes on upwards, so no
        process is left behind in any case.
        """
        try:
            for signum, seconds in steps:
                self.ask_to_stop(signum)
                if self.wait(seconds):
                    return
        finally:
            if self.exit_status() is None:
                self.ask_to_stop(signal.SIGKILL)
                self._process.wait()


def spawn(
    name: str,
    argv: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals,
    cwd: Path = Path("/"),
    account: Account | None = None,
    extra_env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start an engine's program so that it dies with this process.

    Args:
        name: what the office calls it, for messages.
        argv: absolute path of the program, then its arguments.
        log: file that receives standard output and error; appended to.
        death_signal: what the kernel sends it when we die.
        cwd: where it runs.
        account: the user to run under; None keeps ours.
        extra_env: added to a bare environment: an engine gets none of our variables, so neither
            our secrets nor somebody's PGOPTIONS or TEMPORAL_* settings.
        pass_fds: descriptors that it inherits under the same numbers.

    Raises:
        RuntimeError: not called from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("engines are started from the main thread: they die with their thread")
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    if libraries := os.environ.get("LD_LIBRARY_PATH"):
        env["LD_LIBRARY_PATH"] = libraries
    env.update(extra_env or {})
    appending = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(log, appending, 0o600), "ab") as sink:
        log_from = sink.seek(0, os.SEEK_END)
        process = subprocess.Popen(  # noqa: S603 - our own wrapper with arguments built here
            tied(argv, death_signal, account),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=cwd,
            env=env,
            pass_fds=pass_fds,
            process_group=0,
        )
    return Child(name, process, log, log_from)


def tied(
    argv: Sequence[str | Path], death_signal: signal.Signals, account: Account | None = None
) -> list[str | Path]:
    """The command line by which a program gets that signal when the thread that starts it ends."""
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    ticket = [os.getpid(), int(death_signal), uid, gid]
    return [sys.executable, "-I", "-S", _EXEC_CHILD, *map(str, ticket), *argv]


def shorten_log(log: Path) -> None:
    """Before a start: a log past 10 MB becomes `NAME.1`, replacing the one before it."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_KEPT_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))


def wait_until(
    ready: Callable[[], bool], *, seconds: float, still_going: Callable[[], None] | None = None
) -> bool:
    """Ask `ready` every 20 ms until it says yes (True) or the seconds are over (False).

    `still_going` runs between the questions and may raise to give up early.
    """
    end = time.monotonic() + seconds
    while True:
        if ready():
            return True
        if still_going is not None:
            still_going()
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listened on a moment ago, all different.

    Somebody may take one before the engine does: the caller tries again with others.
    """
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def answers(port: int) -> bool:
    """Whether something accepts connections on that port of 127.0.0.1."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@dataclass(frozen=True)
class Leftovers:
    """How to find the processes of an engine that a killed start left behind.

    After a kill -9 of everything an engine may need a moment to go, and two on one set of files
    would damage them. A pid file does not answer who is left: its number may by now belong to
    somebody else. A mark on the command line does, and everybody may read that, where a working
    directory or open files need a privilege (CAP_SYS_PTRACE) that root lacks in a container.
    Without /proc (not Linux) none is ever found.

    Attributes:
        program: the name of the executable, at most 15 letters.
        mark: a part of its command line that no other folder's engine has.
        uid: the user it runs under, so that another user cannot put a likeness in our way.
    """

    program: str
    mark: str
    uid: int

    def pids(self) -> list[int]:
        """Those that run now."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone meanwhile
                if (
                    (entry / "comm").read_text().rstrip("\n") == self.program
                    and self.mark in (entry / "cmdline").read_bytes().decode(errors="replace")
                    and entry.stat().st_uid == self.uid
                ):
                    found.append(int(entry.name))
        return found

    def see_off(self, steps: Iterable[tuple[signal.Signals | None, float]], report: Report) -> None:
        """Wait until none is left, sending each step's signal and giving it its seconds.

        Only to be called by the holder of the data folder's lock: then whoever started them is
        dead.

        Raises:
            EngineError: some remain after the last step.
        """
        for signum, seconds in steps:
            pids = self.pids()
            if pids:
                report(f"waiting for an earlier {self.program} to end (process {pids[0]})")
            for pid in pids if signum else ():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signum or signal.SIGTERM)
            if not pids or wait_until(lambda: not self.pids(), seconds=seconds):
                return
        raise EngineError(
            f"{self.program} of an earlier start on this folder still runs (process "
            f"{', '.join(map(str, self.pids()))}) and does not end. End it, then start again."
        )
