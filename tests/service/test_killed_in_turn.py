"""Two processes of each role, killed one after the other while clients write and an exercise runs.

Whatever was acknowledged is on record, once. Where the one that leads is killed, or hangs, another
leads within five seconds. Three hundred people get their letters, once each, and the read models
are what the log makes of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from deploy.migrate import migrate
from projections.keeping_up.runner import digest
from tests.support.cluster import Cluster, cluster
from tests.support.real_exercise import NAME, exercises_of, open_a_real_exercise
from tests.support.service_process import PATIENCE_SECONDS, Service
from transfer.app import Record, open_record, projections_of
from transfer.core.streams import staff_stream
from transfer.log.leading import Part, led

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

CLIENTS = 4
PEOPLE_OF_CLIENTS = ("K0", "K1", "K2")
LEADS_AGAIN_SECONDS = 5.0
IN_THE_EXERCISE = 300
LETTER = "assignment-letter-issued"
_LETTERS = """
SELECT originator_id, count(*) FROM events WHERE topic LIKE %s GROUP BY originator_id
"""


@dataclass
class Clients:
    """Those who write, by whichever API process answers."""

    token: str
    apis: dict[str, Service]
    answered: list[dict[str, Any]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """A good answer, from any process that gives one."""
        until = monotonic() + PATIENCE_SECONDS
        for name in cycle(("one", "two")):
            assert monotonic() < until, f"nobody answers {method} {path}"
            with contextlib.suppress(OSError, HTTPException):
                status, content = self._try(self.apis[name].address, method, path, body, key)
                if status != 503:
                    assert status in (200, 201), content
                    return content
            sleep(0.02)
        raise AssertionError

    def _try(
        self, address: str, method: str, path: str, body: Any, key: str | None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        where = address.removeprefix("http://")
        with contextlib.closing(HTTPConnection(where, timeout=PATIENCE_SECONDS)) as http:
            http.request(method, path, None if body is None else json.dumps(body), headers)
            answer = http.getresponse()
            return answer.status, json.loads(answer.read())

    def write(self, client: int) -> None:
        """Change people until told to stop; read back each change."""
        for n in range(1_000_000):
            if self.stopped.is_set():
                return
            number = PEOPLE_OF_CLIENTS[n % len(PEOPLE_OF_CLIENTS)]
            value = f"{client}-{n}"
            body = {"effective_from": "2014-02-01", "changes": {"unit": value}, "reason": "r"}
            written = self.ask("POST", f"/v1/staff/{number}/changes", body, value)
            self.answered.append(written)
            sleep(0.02)


@contextlib.contextmanager
def writing(clients: Clients) -> Iterator[None]:
    """The clients at work."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        at_work = [pool.submit(clients.write, n) for n in range(CLIENTS)]
        try:
            yield
        finally:
            clients.stopped.set()
        for each in at_work:
            each.result()


def leader(processes: dict[str, Service], part: Part) -> str:
    """The name of the process that leads."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        for name, each in processes.items():
            _, ready = each.ask("GET", "/health/ready")
            found = {check["name"]: check["says"] for check in ready["checks"]}
            if f"{part}: this process" in found["leading"]:
                return name
        assert monotonic() < until, f"nobody leads {part}"


def replaced(
    started: Cluster, processes: dict[str, Service], name: str, part: Part | None
) -> float:
    """Kill a process and start another; answers after how many seconds somebody leads `part`."""
    role = "api" if part is None else {"projections": "projector", "procedures": "worker"}[part]
    with psycopg.connect(started.engines.database_url, autocommit=True) as looking:
        others = {other: each for other, each in processes.items() if other != name}
        process = processes[name].process
        process.kill()
        process.wait(PATIENCE_SECONDS)
        since = monotonic()
        # Its session may be seen for a moment yet.
        while part is not None and not is_led_by_another(looking, part, others):
            sleep(0.02)
        took = monotonic() - since
    again = started.start(role, f"{role}-{name}-again")
    again.ready()
    processes[name] = again
    return took


def is_led_by_another(
    looking: psycopg.Connection[Any], part: Part, processes: dict[str, Service]
) -> bool:
    """Whether one of these processes leads."""
    return part in led(looking) and any(
        f"{part}: this process" in each["says"]
        for service in processes.values()
        for each in service.ask("GET", "/health/ready")[1]["checks"]
        if each["name"] == "leading"
    )


def letters_of(record: Record) -> dict[str, int]:
    """How many letters each person has on record."""
    with record.log.connection() as connection:
        rows = connection.execute(_LETTERS, (f"{LETTER}%",)).fetchall()
    return {row["originator_id"]: row["count"] for row in rows}


def check_read_models(record: Record) -> None:
    """What the processes have made of the log is what one that has seen nothing makes of it."""
    record.catch_up()
    with record.log.connection() as connection:
        kept_up = [digest(connection, each) for each in projections_of(record.log)]
    record.runner.rebuild()
    with record.log.connection() as connection:
        assert kept_up == [digest(connection, each) for each in projections_of(record.log)]


def test_each_is_killed_and_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    with cluster(tmp_path) as started:
        migrate(started.engines.database_url)
        processes = {
            role: {name: started.start(role, f"{role}-{name}") for name in ("one", "two")}
            for role in ("api", "projector", "worker")
        }
        for each in processes.values():
            for process in each.values():
                process.ready()
        clients = Clients(started.token(), processes["api"])
        for number in PEOPLE_OF_CLIENTS:
            registration = {
                "staff_number": number,
                "name": "n",
                "effective_from": "2014-01-01",
                "position": {"unit": "none"},
            }
            clients.ask("POST", "/v1/staff", registration, number)
        with (
            open_record(started.engines.database_url, started.folder) as record,
            writing(clients),
        ):
            first = leader(processes["worker"], Part.PROCEDURES)
            open_a_real_exercise(record.office, people=IN_THE_EXERCISE)
            groups = exercises_of(record.office).plan(NAME).groups.values()
            # Those who were not placed by the rules wait for a panel, and have no letter yet.
            owed = {staff_stream(each) for group in groups for each in group.people}
            assert len(owed) > IN_THE_EXERCISE * 0.9
            for part, role in ((Part.PROCEDURES, "worker"), (Part.PROJECTIONS, "projector")):
                name = first if role == "worker" else leader(processes[role], part)
                took = replaced(started, processes[role], name, part)
                assert took < LEADS_AGAIN_SECONDS, (role, took)
            for name in ("one", "two"):
                replaced(started, processes["api"], name, None)

            # One that hangs is not dead, and another leads all the same.
            hanging = processes["projector"].pop(leader(processes["projector"], Part.PROJECTIONS))
            os.kill(hanging.process.pid, signal.SIGSTOP)
            since = monotonic()
            with psycopg.connect(started.engines.database_url, autocommit=True) as looking:
                while not is_led_by_another(looking, Part.PROJECTIONS, processes["projector"]):
                    sleep(0.05)
            assert monotonic() - since < LEADS_AGAIN_SECONDS
            os.kill(hanging.process.pid, signal.SIGCONT)

            until = monotonic() + PATIENCE_SECONDS
            while letters_of(record).keys() != owed and monotonic() < until:
                sleep(0.1)
        assert len(clients.answered) > CLIENTS * 10
        with open_record(started.engines.database_url, started.folder) as record:
            assert letters_of(record) == dict.fromkeys(owed, 1)
            on_record: dict[str, tuple[str, int]] = {}
            for number in PEOPLE_OF_CLIENTS:
                items = clients.ask("GET", f"/v1/staff/{number}/history")["items"]
                assert [each["version"] for each in items] == list(range(1, len(items) + 1))
                on_record |= {each["event_id"]: (number, each["version"]) for each in items[1:]}
            assert on_record == {
                each["event_id"]: (each["staff_number"], each["version"])
                for each in clients.answered
            }
            assert len({each["event_id"] for each in clients.answered}) == len(clients.answered)
            for service in (*processes["projector"].values(), hanging):
                service.process.kill()
                service.process.wait(PATIENCE_SECONDS)
            check_read_models(record)
