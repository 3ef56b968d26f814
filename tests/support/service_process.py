"""The running service, as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.support.loaded import Loaded, run_loaded

PATIENCE_SECONDS = 60
PROGRAM = (sys.executable, "-c", "from transfer.cli import main; main()")
"""The program as it is installed: it loads itself first."""


class Service:
    """One `transfer serve`: by the program that is loaded, or by one that is to load itself."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] | None = None,
    ) -> None:
        self.data = data
        command = ["serve", "--data", str(data), "--port", "0", *arguments]
        self.process = (Loaded if program is None else subprocess.Popen)(
            [*(program or ()), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not _ours(name)}
            | dict(environment or {}),
        )
        self.address = ""
        self.logged: list[dict[str, Any]] = []

    def ready(self) -> str:
        """Wait for the line that says so, and answer the address."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        while line.startswith("{"):  # where it logs to standard output
            self.logged.append(json.loads(line))
            line = self.process.stdout.readline()
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", line)
        assert found is not None, (line, self.process.communicate(timeout=PATIENCE_SECONDS))
        self.address = found[1]
        return self.address

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str = "",
        idempotency_key: str = "",
    ) -> tuple[int, Any]:
        """Status and content of an answer."""
        with contextlib.closing(HTTPConnection(self.address.removeprefix("http://"))) as http:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if idempotency_key:
                headers["Idempotency-Key"] = idempotency_key
            http.request(method, path, None if body is None else json.dumps(body), headers)
            answer = http.getresponse()
            assert answer.getheader("server") is None
            return answer.status, json.loads(answer.read())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit status, what else was said on standard output, and on standard error."""
        self.process.send_signal(how)
        return self.left()

    def left(self) -> tuple[int, str, str]:
        """The same of a service that ends by itself."""
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err


def _ours(name: str) -> bool:
    return name.startswith(("TRANSFER_", "TEMPORAL_", "DATABASE_URL"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the data folder will be."""
    return tmp_path / "data"


@pytest.fixture
def services() -> Iterator[list[Service]]:
    """The services of a test; what is left of them at its end is killed."""
    started: list[Service] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.communicate(timeout=PATIENCE_SECONDS)


def transfer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return run_loaded(arguments, timeout=PATIENCE_SECONDS)
