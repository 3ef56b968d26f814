"""A primary is lost and its standby takes over: the service goes on by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest

from tests.support.service_process import Service, transfer
from tests.support.standby import PASSWORD, Pair, primary_and_standby

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

SECRETS = (PASSWORD, "Pass%2Fw")
"""The servers' password, and how it begins in their address."""

WRITERS = 4
STANDBY_SECONDS = 4
PATIENCE_SECONDS = 90
"""How long a writer tries again."""


def register(service: Service, token: str, number: str) -> str:
    """Register somebody, trying again with the same key until it is acknowledged: the event."""
    body = {
        "staff_number": number,
        "name": "n",
        "effective_from": "2014-01-01",
        "position": {"employer": "A"},
    }
    key, until = f"register {number}", monotonic() + PATIENCE_SECONDS
    while True:
        try:
            status, said = service.ask("POST", "/v1/staff", body, token, idempotency_key=key)
        except (OSError, HTTPException) as error:
            status, said = 0, {"detail": repr(error)}
        if status == 201:
            return str(said["event_id"])
        assert status in (0, 503), said
        assert monotonic() < until, said
        sleep(0.1)


def test_the_service_goes_on_with_the_standby_and_loses_nothing(
    tmp_path: Path, services: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    with primary_and_standby() as pair:
        environment = {
            "DATABASE_URL": pair.database_url,
            "TRANSFER_ALLOW_EMBEDDED_TEMPORAL": "true",
        }
        service = Service(tmp_path / "data", environment=environment)
        services.append(service)
        service.ready()
        made = transfer("token", "--role", "admin", "--subject", "HR", "--data", str(service.data))
        token = made.stdout.strip()
        acknowledged, last = write_across(pair, service, token)

        with psycopg.connect(pair.standby.url()) as connection:
            rows = connection.execute("SELECT event_id::text FROM events").fetchall()
        assert {event for (event,) in rows} == acknowledged
        path = f"/v1/staff/{last[0]}/position?effective_at=2014-01-01&consistent_with={last[1]}"
        assert service.ask("GET", path, token=token)[0] == 200
        ready = is_ready(service)
        assert {each["name"]: each["ok"] for each in ready["checks"] if not each["ok"]} == {}
        said = [service.ask("GET", path) for path in ("/info", "/health/ready", "/health/live")]
        code, out, err = service.stop()
        assert (code, out) == (0, "")
        assert not any(secret in f"{err}{said}" for secret in SECRETS)
        logged = "".join(
            file.read_text(encoding="utf-8") for file in (service.data / "logs").iterdir()
        )
        assert not any(secret in logged for secret in SECRETS)
        monkeypatch.setenv("DATABASE_URL", pair.database_url.replace("Pass", "Past"))
        for command in ("doctor", "migrate", "history S1", "doctor --json"):
            refused = transfer(*command.split(), "--data", str(tmp_path / "other"))
            assert refused.returncode != 0, command
            assert "password authentication failed" in f"{refused.stdout}{refused.stderr}", command
            assert not any(
                secret.replace("Pass", "Past") in f"{refused.stdout}{refused.stderr}"
                for secret in SECRETS
            )


def write_across(pair: Pair, service: Service, token: str) -> tuple[set[str], tuple[str, str]]:
    """Write while the primary is killed; every event acknowledged, and the last of them."""
    enough, acknowledged = Event(), dict[str, str]()

    def write(writer: int) -> None:
        count = 0
        while not enough.is_set():
            number = f"S{writer}-{count}"
            acknowledged[number] = register(service, token, number)
            count += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            sleep(2)
            before = len(acknowledged)
            pair.primary.kill()
            # Nobody takes writes for a while, and the standby answers.
            sleep(STANDBY_SECONDS)
            pair.standby.promote()
            failed_over = monotonic()
            at_once = len(acknowledged)
            while len(acknowledged) < at_once + 4 * WRITERS:
                assert monotonic() < failed_over + PATIENCE_SECONDS
                for each in writers:
                    assert not each.done(), each.result()
                sleep(0.05)
        finally:
            enough.set()
        for each in writers:
            each.result()
    assert before > WRITERS
    return set(acknowledged.values()), list(acknowledged.items())[-1]


def is_ready(service: Service) -> dict[str, Any]:
    """What /health/ready says once all is well again."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        status, said = service.ask("GET", "/health/ready")
        if status == 200 and all(each["ok"] for each in said["checks"]):
            return dict(said)
        assert monotonic() < until, said
        sleep(0.2)
