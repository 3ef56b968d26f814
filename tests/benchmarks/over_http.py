"""One person's position through HTTP, beside a route that answers a constant.

Both are routes of one application, behind the same middleware and the same check of the token, in
a server process of its own (`tests.benchmarks.server`), asked over loopback on kept connections.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.benchmarks.clients import Clients
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, seconds_of
from tests.benchmarks.population import Population
from tests.benchmarks.positions import question
from tests.benchmarks.scene import Scene

CONSTANT = "/v1/constant"


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers, and how to ask it."""

    port: int
    token: str
    people: Population
    calls: int


def lines(scene: Scene) -> Iterator[Line]:
    """For one client and for four."""
    people = scene.sizes.people
    with _server(scene) as (port, token):
        job = Serving(port, token, people, scene.sizes.requests)
        for count, named in ((1, "1 client"), (4, "4 clients")):
            with Clients(count) as clients:
                figures = in_turns(
                    partial(clients.run, ask_positions, job),
                    partial(clients.run, ask_constant, job),
                    rounds=scene.sizes.rounds,
                )
            yield median_line(
                f"position of one person through HTTP, {people.rows:,} rows, {named}",
                figures,
                "ms",
                Target("<=", 2),
                1e3,
            )


@contextlib.contextmanager
def _server(scene: Scene) -> Iterator[tuple[int, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", scene.populated(), scene.folder.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # It ends when its input does, so also if this process is killed.
    with process:
        if process.stdout is None:
            raise AssertionError("its output was to be a pipe")
        ready = json.loads(process.stdout.readline())
        yield ready["port"], ready["token"]


def ask_positions(client: int, job: Serving) -> list[float]:
    """The seconds of each question about a position."""

    def path(n: int) -> str:
        number, effective_at, known_at = question(client, n, job.people)
        query = urlencode({"effective_at": effective_at, "known_at": known_at.isoformat()})
        return f"/v1/staff/{number}/position?{query}"

    return _ask(job, path)


def ask_constant(_client: int, job: Serving) -> list[float]:
    """The seconds of each question for the constant."""
    return _ask(job, lambda _: CONSTANT)


def _ask(job: Serving, path: Callable[[int], str]) -> list[float]:
    connection = _connection(job.port)
    headers = {"Authorization": f"Bearer {job.token}"}

    def ask(address: str) -> None:
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(body)

    return [seconds_of(partial(ask, path(n))) for n in range(job.calls)]


@cache
def _connection(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port)
