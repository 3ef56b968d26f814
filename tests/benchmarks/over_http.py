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
from typing import Any
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
    with _server(scene, people) as ready:
        job = Serving(ready["port"], ready["token"], people, scene.sizes.requests)
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


def out_of_reach(scene: Scene) -> Iterator[Line]:
    """Somebody out of a caller's reach, beside nobody at all: neither may take longer."""
    people = scene.sizes.reached
    with _server(scene, people) as ready, Clients(1) as clients:
        for token, named in (
            ("representative", "a representative"),
            ("limited", "an administrator with limits"),
        ):
            scene.say(f"{scene.sizes.requests:,} calls a round, for {named}")
            job = Serving(ready["port"], ready[token], people, scene.sizes.requests)
            figures = in_turns(
                partial(clients.run, ask_somebody, job),
                partial(clients.run, ask_nobody, job),
                rounds=scene.sizes.rounds,
            )
            name = f"somebody out of reach through HTTP, of {people.people:,}, for {named}"
            yield median_line(name, figures, "ms", Target("<=", 1.1), 1e3)


@contextlib.contextmanager
def _server(scene: Scene, people: Population) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.server",
            scene.populated(people),
            scene.folder.path,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # It ends when its input does, so also if this process is killed.
    with process:
        if process.stdout is None:
            raise AssertionError("its output was to be a pipe")
        yield json.loads(process.stdout.readline())


def ask_positions(client: int, job: Serving) -> list[float]:
    """The seconds of each question about a position."""

    def path(n: int) -> str:
        number, effective_at, known_at = question(client, n, job.people)
        query = urlencode({"effective_at": effective_at, "known_at": known_at.isoformat()})
        return f"/v1/staff/{number}/position?{query}"

    return _ask(job, path)


def ask_somebody(client: int, job: Serving) -> list[float]:
    """The seconds of each question about somebody who is on record and out of reach."""
    return _ask(job, lambda n: _position_of(question(client, n, job.people)[0]), status=404)


def ask_nobody(client: int, job: Serving) -> list[float]:
    """The seconds of each question about a number as long, that nobody has."""

    def path(n: int) -> str:
        return _position_of("N" + question(client, n, job.people)[0][1:])

    return _ask(job, path, status=404)


def _position_of(number: str) -> str:
    return f"/v1/staff/{number}/position"


def ask_constant(_client: int, job: Serving) -> list[float]:
    """The seconds of each question for the constant."""
    return _ask(job, lambda _: CONSTANT)


def _ask(job: Serving, path: Callable[[int], str], status: int = 200) -> list[float]:
    connection = _connection(job.port)
    headers = {"Authorization": f"Bearer {job.token}"}

    def ask(address: str) -> None:
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != status:
            raise AssertionError(body)

    return [seconds_of(partial(ask, path(n))) for n in range(job.calls)]


@cache
def _connection(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port)
