"""Processes of the program `transfer` that need not load it first: see `loaded_program`.

    with Loaded(["token", "--data", "d"], stdout=subprocess.PIPE, text=True) as process: ...

What is tested is what the program does once it is loaded. That it can be started as it is installed
is tested by the README's commands, and by tests of `tests/cli` and `tests/service` that say so.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]

_LONGEST_ANSWER = 64

# What `subprocess.Popen` gives its own `_execute_child` after the arguments, so far as it counts.
_GIVEN = (
    *("executable", "preexec_fn", "close_fds", "pass_fds", "cwd", "env", "startupinfo"),
    *("creationflags", "shell", "p2cread", "p2cwrite", "c2pread", "c2pwrite"),
    *("errread", "errwrite"),
)

# What takes the place of `transfer` where a shell looks for it.
_ASKING = """
import json, os, socket, sys
asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asking.connect(sys.argv[1])
asked = {"arguments": sys.argv[2:], "folder": os.getcwd(), "environment": dict(os.environ)}
socket.send_fds(asking, [json.dumps(asked).encode()], [0, 1, 2])
asking.recv(64)
sys.exit(int(asking.recv(64)))
"""


class Loaded(subprocess.Popen[str]):
    """A process of the program, with the arguments that are given; else as `subprocess.Popen`.

    It is a child of the process that has loaded the program, and is waited for through that one.
    """

    def _execute_child(self, args: Sequence[str], *given: Any) -> None:
        # CPython's own method of this name forks and executes.
        asked = dict(zip(_GIVEN, given, strict=False))
        theirs = (asked["p2cread"], asked["c2pwrite"], asked["errwrite"])
        ours = (asked["p2cwrite"], asked["c2pread"], asked["errread"])
        files = [n if end == -1 else end for n, end in enumerate(theirs)]
        self._asking = ask(args, asked["cwd"], asked["env"], files)
        self.pid = int(self._asking.recv(_LONGEST_ANSWER))
        self._child_created = True
        self._reading = threading.Lock()
        for their_end, our_end in zip(theirs, ours, strict=True):
            if our_end != -1:  # a pipe that was made for this process, and no file of the caller's
                os.close(their_end)

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises `subprocess.TimeoutExpired`."""
        code = self._ended(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and self._is_told(timeout):
            with self._reading:  # another thread may have waited too
                if self.returncode is None:
                    self.returncode = int(self._asking.recv(_LONGEST_ANSWER))
                    self._asking.close()
        return self.returncode

    def _is_told(self, timeout: float | None) -> bool:
        try:
            return bool(select.select([self._asking], [], [], timeout)[0])
        except ValueError:
            return True  # another thread has read it, and closed the socket


def run_loaded(arguments: Sequence[str], *, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; as `subprocess.run`, with what it prints."""
    pipe = subprocess.PIPE
    with Loaded(arguments, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return subprocess.CompletedProcess([*arguments], process.returncode, out, err)


def ask(
    arguments: Sequence[str],
    folder: str | os.PathLike[str] | None,
    environment: Mapping[str, str] | None,
    files: Sequence[int],
) -> socket.socket:
    """Ask for a process; the answers are its id, and at its end its exit code."""
    asked = {
        "arguments": [str(each) for each in arguments],
        "folder": str(folder or Path.cwd()),
        "environment": dict(os.environ if environment is None else environment),
    }
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asking.connect(_address())
    socket.send_fds(asking, [json.dumps(asked).encode()], files)
    return asking


def put_on_path(folder: Path) -> Path:
    """Make a folder with a `transfer` in it, for the front of PATH."""
    folder.mkdir()
    asking = folder / "asking.py"
    asking.write_text(_ASKING)
    # Isolated and without site, so that it starts in some milliseconds.
    command = shlex.join([sys.executable, "-ISB", str(asking), _address()])
    script = folder / "transfer"
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    script.chmod(0o700)
    return folder


@cache
def _address() -> str:
    """The socket of the process that has loaded the program: one for all workers, to their end."""
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    folder = Path(tempfile.gettempdir()) / f"transfer-tests-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    address = folder / "socket"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _listens(address):
            module, asked = "tests.support.loaded_program", (str(address), str(owner))
            subprocess.run([sys.executable, "-m", module, *asked], cwd=CHECKOUT, check=True)
    return str(address)


def _listens(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        return asking.connect_ex(str(address)) == 0
