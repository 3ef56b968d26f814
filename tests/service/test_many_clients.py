"""Many clients of one running service, which is killed while they write, and started again.

Each client repeats what was not answered, with the same key, as clients do: everything is recorded
once, and whatever was answered before the kill is answered again after it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.support.service_process import PATIENCE_SECONDS, Service, transfer

pytestmark = pytest.mark.engines

CLIENTS = 6
PEOPLE = ("S0", "S1", "S2", "S3")
WRITES = 20
KILLED_AFTER = CLIENTS * WRITES // 3


@dataclass
class Line:
    """The way to the service, which may be down."""

    token: str
    address: str = ""
    up: threading.Event = field(default_factory=threading.Event)

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The answer (it must be a good one); asked again where none came."""
        while True:
            assert self.up.wait(PATIENCE_SECONDS)
            try:
                status, content = self._try(method, path, body, key)
            except (OSError, HTTPException):
                continue
            if status == 503:
                continue
            assert status in (200, 201), content
            return content

    def _try(self, method: str, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        address = self.address.removeprefix("http://")
        with contextlib.closing(HTTPConnection(address, timeout=PATIENCE_SECONDS)) as http:
            http.request(method, path, None if body is None else json.dumps(body), headers)
            answer = http.getresponse()
            return answer.status, json.loads(answer.read())


@pytest.mark.thorough
def test_clients_lose_nothing_to_a_kill_and_repeat_nothing(
    data: Path, services: list[Service]
) -> None:
    first = Service(data)
    services.append(first)
    address = first.ready()
    made = transfer("token", "--role", "admin", "--subject", "HR", "--data", str(data))
    line = Line(made.stdout.strip(), address)
    line.up.set()
    for number in PEOPLE:
        body = {
            "staff_number": number,
            "name": "n",
            "effective_from": "2014-01-01",
            "position": {"unit": "none"},
        }
        line.ask("POST", "/v1/staff", body, number)

    answered: list[Any] = []
    remembered: list[tuple[str, Any]] = []
    enough = threading.Event()

    def work(client: int) -> None:
        for n in range(WRITES):
            value = f"{client}-{n}"
            number = PEOPLE[(client + n) % len(PEOPLE)]
            body = {"effective_from": "2014-02-01", "changes": {"unit": value}, "reason": "r"}
            written = line.ask("POST", f"/v1/staff/{number}/changes", body, value)
            answered.append(written)
            if len(answered) >= KILLED_AFTER:
                enough.set()
            known = written["recorded_at"].replace("+", "%2B")
            path = f"/v1/staff/{number}/position?effective_at=2014-02-01&known_at={known}"
            read = line.ask("GET", path)
            assert read["position"]["unit"]["value"] == value
            remembered.append((path, read))

    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work, client) for client in range(CLIENTS)]
        assert enough.wait(PATIENCE_SECONDS)
        line.up.clear()
        first.process.kill()
        first.process.wait(PATIENCE_SECONDS)
        second = Service(data)
        services.append(second)
        line.address = second.ready()
        line.up.set()
        for each in working:
            each.result()

    assert len(answered) == CLIENTS * WRITES
    on_record: dict[str, tuple[str, int, str]] = {}
    for number in PEOPLE:
        items = line.ask("GET", f"/v1/staff/{number}/history")["items"]
        assert [each["version"] for each in items] == list(range(1, len(items) + 1))
        for each in items[1:]:
            on_record[each["event_id"]] = (number, each["version"], each["recorded_at"])
    assert on_record == {
        each["event_id"]: (each["staff_number"], each["version"], each["recorded_at"])
        for each in answered
    }
    for path, read in remembered:
        assert line.ask("GET", path) == read
    assert second.stop() == (0, "", "")
