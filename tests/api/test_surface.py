"""What every answer has in common, and what is served without a token."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.routing import APIRoute
from starlette.types import Message, Scope

from deploy.data_folder import DataFolder
from projections.rebuilding.rebuild import rebuild
from tests.support.asking import Api, Client, Json, told
from tests.support.serving import application
from transfer import checks
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.application import create_app
from transfer.api.http.connections import Connections
from transfer.api.http.problems import PROBLEM_TYPES
from transfer.api.http_service import Check, HttpService
from transfer.app import Record, clock, projections_of
from transfer.cli.doctor import Finding, clock_findings, procedure_findings
from transfer.log.clock_watch import ClockWatch
from workflows.troubles import note, note_sweep

pytestmark = pytest.mark.engines


def test_every_answer_has_the_security_headers_and_no_banner(api: Api) -> None:
    api.register()
    answers = [
        api.get("/staff/S1/position"),
        api.get("/staff/S9/position"),
        api.client.get("/v1/nowhere"),
        api.client.get("/info"),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert "transfer-rehearsed" not in answer.headers
        assert "rehearsed" not in answer.json()


def test_an_unknown_address_is_404_and_a_wrong_method_405(api: Api) -> None:
    for path in (
        "/v1/nowhere",
        "/v1",
        "/v1/staff/",
        "/v1/staff/S1/position/",
        "/docs",
        "/v2/staff",
    ):
        told(api.client.get(path, api.headers()), 404, "not-found")
    assert api.client.request("HEAD", "/v1/bulk", headers=api.headers()).status_code == 405
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = api.client.request(method, "/v1/bulk", headers=api.headers())
        told(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "POST"


def test_allow_lists_every_method_of_an_address(service: HttpService, api: Api) -> None:
    methods: dict[str, set[str]] = {}
    with application(service) as app:
        routes = list(app.routes)
    for route in routes:
        if isinstance(route, APIRoute):
            path = re.sub(r"\{\w+\}", str(UUID(int=0)), route.path)
            methods.setdefault(path, set()).update(route.methods or ())
    assert methods["/v1/rulebooks"] == {"GET", "POST"}
    for path, served in methods.items():
        answer = api.client.request("PATCH", path, headers=api.headers())
        told(answer, 405, "method-not-allowed")
        also = {"HEAD"} if "GET" in served else set()
        assert set(answer.headers["allow"].split(", ")) == served | also, path


def test_head_answers_as_get_does(api: Api) -> None:
    api.register()
    head = api.client.request("HEAD", "/v1/staff/S1/position", headers=api.headers())
    assert (head.status_code, head.headers["content-type"]) == (200, "application/json")
    told(api.client.get("/v1/staff/S9/position", api.headers()), 404, "not-on-record")


async def test_a_client_that_goes_away_is_no_fault(
    service: HttpService, caplog: pytest.LogCaptureFixture
) -> None:
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    token = identity.issue("x", Role.ADMIN, 60)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/staff",
        "raw_path": b"/v1/staff",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
    }
    with application(service) as app:
        await app(scope, receive, send)
    assert sent == []
    assert "a fault" not in caplog.text


def test_health_is_told_to_everybody(api: Api) -> None:
    assert api.client.get("/health/live").json() == {"status": "live"}
    ready = api.client.get("/health/ready")
    assert ready.status_code == 200
    names = [each["name"] for each in ready.json()["checks"]]
    assert names[:2] == ["database", "projection position"]


def test_what_is_missing_makes_it_not_ready(service: HttpService) -> None:
    service.checks = (lambda: Check("temporal", ok=False, says="refused"),)
    with start_blocking_portal() as portal, application(service) as app:
        answer = Client(portal, app).get("/health/ready")
    problem = told(answer, 503, "unavailable")
    assert problem["checks"][-1] == {"name": "temporal", "ok": False, "says": "refused"}
    assert answer.headers["retry-after"]


def test_a_projection_that_has_stopped_makes_it_not_ready(api: Api, record: Record) -> None:
    written = api.register()
    assert api.get("/staff/S1/position").status_code == 200
    with record.log.connection() as conn:
        conn.execute(
            "UPDATE projection_positions SET failed_event = %s, failure = 'what it quotes'"
            " WHERE name = 'position'",
            (written["event_id"],),
        )
    detail = told(api.client.get("/health/ready"), 503, "unavailable")["detail"]
    assert f"stopped at event {written['event_id']}; transfer doctor says why" in detail
    assert "what it quotes" not in detail
    metrics = api.client.get("/metrics").text
    assert 'transfer_projection_failed{projection="position"} 1.0\n' in metrics
    assert 'transfer_projection_failed{projection="deadlines"} 0.0\n' in metrics
    info = f'{{event_id="{written["event_id"]}",projection="position"}} 1.0\n'
    assert f"transfer_projection_failure_info{info}" in metrics
    assert "what it quotes" not in metrics


def test_what_is_looked_at_is_in_the_metrics_too(service: HttpService, folder: DataFolder) -> None:
    watch = service.office.log.clock_watch
    assert watch is not None
    limits = Connections(3, 5)
    service.checks = (
        checks.disk(folder.path),
        checks.connections(limits),
        checks.clocks(watch),
    )
    with start_blocking_portal() as portal, application(service) as app:
        client = Client(portal, app)
        ready = client.get("/health/ready")
        metrics = client.get("/metrics").text
    assert ready.status_code == 200
    assert [each["name"] for each in ready.json()["checks"][-3:]] == [
        "disk",
        "connections",
        "clocks",
    ]
    for name in ("database", "disk", "clocks"):
        assert f'transfer_check_ok{{check="{name}"}} 1.0\n' in metrics
    assert 'transfer_clock_ahead_seconds{of="database"} ' in metrics
    assert "\ntransfer_disk_free_bytes " in metrics
    assert "\ntransfer_http_connections 0.0\n" in metrics
    assert "\nprocess_open_fds " in metrics


@pytest.mark.parametrize(
    ("free", "ok", "needed"),
    [(600_000_000, True, False), (400_000_000, False, False), (40_000_000, False, True)],
)
def test_a_disk_that_is_nearly_full_is_told_and_a_full_one_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, ok: bool, needed: bool
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    found = checks.disk(tmp_path)()
    assert (found.ok, found.needed, found.figures[0].value) == (ok, needed, free)


def test_where_the_clocks_disagree_nothing_is_recorded_and_everybody_is_told(
    api: Api, service: HttpService, record: Record
) -> None:
    api.register()
    a_year_on = ClockWatch(record.log.clock, lambda: clock() + timedelta(days=365))
    record.log.clock_watch = a_year_on
    service.checks = (checks.clocks(a_year_on),)
    change = {"effective_from": "2014-02-01", "changes": {"unit": "b"}, "reason": "r"}
    answer = api.post("/staff/S1/changes", change)
    problem = told(answer, 503, "clocks-disagree")
    assert "the clock of the database is 365 days, 0:00:00 behind" in problem["detail"]
    assert answer.headers["retry-after"] == "60"
    assert api.get("/staff/S1/position").status_code == 200
    not_ready = told(api.client.get("/health/ready"), 503, "unavailable")
    assert "clocks: the clock of the database" in not_ready["detail"]
    assert 'transfer_check_ok{check="clocks"} 0.0\n' in api.client.get("/metrics").text
    (found, _) = clock_findings(a_year_on)
    assert not found.ok


def test_answers_say_that_the_log_is_ahead_of_the_clock(api: Api, record: Record) -> None:
    first = api.register()
    assert "log_ahead_of_clock_seconds" not in api.get("/staff/S1/position").json()
    with record.log.connection() as conn:
        # As if an entry had been made while the clock was a day ahead.
        conn.execute("UPDATE log_head SET last_recorded_at = now() + interval '1 day'")
    second = api.change("S1", start="2014-03-01", band="5")
    assert second["recorded_at"] > first["recorded_at"]
    for path in ("/staff/S1/position", "/staff/S1/history", "/staff/S1/timeline"):
        answer = api.get(path).json()
        assert next(iter(answer)) == "log_ahead_of_clock_seconds", path
        assert 86_000 < answer["log_ahead_of_clock_seconds"] <= 86_400
    watch = record.log.clock_watch
    assert watch is not None
    found = checks.clocks(watch)()
    assert (found.ok, found.needed) == (False, False)
    assert "1 day, 0:00:00 ahead" in found.says or "23:59:" in found.says
    (_, ahead) = clock_findings(watch)
    assert (ahead.name, ahead.ok) == ("log's clock", False)


def test_a_procedure_in_trouble_is_shown_and_the_service_stays_ready(
    api: Api, record: Record
) -> None:
    found = {"exercise/x": "KeyError: what it quotes", "exercise/x/person/S1": "KeyError: S1"}
    with record.log.connection() as conn:
        conn.execute("INSERT INTO dispatcher_positions VALUES ('q', 'm', 1)")
        note(conn, "q", "unreadable", found)
        note(conn, "q", "stuck", {"exercise/x/group/a": "WorkflowTaskFailed: another version"})
        note_sweep(conn, "q", waiting=3, started=1)
    ready = api.client.get("/health/ready")
    assert ready.status_code == 200
    shown = {each["name"]: each["says"] for each in ready.json()["checks"] if not each["ok"]}
    assert shown["procedure exercise/x"].startswith("unreadable (KeyError) since ")
    assert shown["procedure exercise/x/group/a"].startswith("stuck (WorkflowTaskFailed) since ")
    assert "procedure exercise/x/person/…" in shown
    metrics = api.client.get("/metrics").text
    for text in (ready.text, metrics):
        assert "what it quotes" not in text
        assert "S1" not in text
    assert "transfer_procedures_in_trouble 3.0\n" in metrics
    info = 'kind="stuck",procedure="exercise/x/group/a",reason="WorkflowTaskFailed"'
    assert f"transfer_procedure_trouble_info{{{info}}} 1.0\n" in metrics
    assert "transfer_procedures_waiting 3.0\n" in metrics
    assert "transfer_procedures_started_by_sweep 1.0\n" in metrics

    findings = {each.name: each for each in procedures_found(record)}
    assert findings["procedure exercise/x"].says.endswith("KeyError: what it quotes")
    assert not findings["procedure exercise/x/person/S1"].ok
    assert "terminate that workflow" in findings["procedure exercise/x/group/a"].mend
    assert findings["procedures"].says.startswith("3 waited at ")


def test_procedures_that_were_missing_are_told_for_an_hour(api: Api, record: Record) -> None:
    with record.log.connection() as conn:
        conn.execute("INSERT INTO dispatcher_positions VALUES ('q', 'm', 1)")
        note_sweep(conn, "q", waiting=3, started=1)
        shown = {each["name"]: each for each in api.client.get("/health/ready").json()["checks"]}
        assert not shown["procedures"]["ok"]
        assert shown["procedures"]["says"].startswith("1 of 3 were missing in Temporal")
        conn.execute("UPDATE dispatcher_positions SET swept_at = now() - interval '61 minutes'")
        shown = {each["name"]: each for each in api.client.get("/health/ready").json()["checks"]}
        assert shown["procedures"]["ok"]


def procedures_found(record: Record) -> list[Finding]:
    """What the doctor says of procedures."""
    with record.log.connection() as conn:
        return list(procedure_findings(conn))


def test_a_rebuild_is_seen_while_it_is_under_way(
    api: Api, record: Record, database_url: str
) -> None:
    api.register()
    assert api.get("/staff/S1/position").status_code == 200
    seen: list[tuple[str, str]] = []

    def look(_: object) -> None:
        checks = api.client.get("/health/ready").json()["checks"]
        says = next(each["says"] for each in checks if each["name"] == "projection position")
        seen.append((says, api.client.get("/metrics").text))

    projection = projections_of(record.log)[0]
    assert rebuild(record.log, database_url, projection, report=look).swapped
    health, metrics = seen[-1]
    assert health == "up to date; being made again, comparing"
    assert 'transfer_projection_rebuilding{projection="position"} 1.0\n' in metrics
    assert 'transfer_projection_rebuild_until{projection="position"} 1.0\n' in metrics
    assert 'transfer_projection_rebuild_position{projection="position"} 1.0\n' in metrics
    after = api.client.get("/metrics").text
    assert 'transfer_projection_rebuilding{projection="position"} 0.0\n' in after
    assert "transfer_projection_rebuild_until{" not in after


def test_info_says_what_is_running(api: Api) -> None:
    written = api.register()
    info = api.client.get("/info").json()
    assert info["name"] == "transfer"
    assert info["events"] == 1
    assert info["recorded_until"] == written["recorded_at"]
    assert info["schema_version"] > 10
    assert info["uptime_seconds"] >= 0


def test_metrics_are_for_loopback_alone_unless_configured(api: Api, service: HttpService) -> None:
    app = create_app(service)
    with start_blocking_portal() as portal:
        client = Client(portal, app)
        replace(api, client=client).register()
        text = client.get("/metrics").text
        assert "transfer_log_position 1.0\n" in text
        labels = 'method="POST",route="/v1/staff",status="201"'
        assert f"transfer_http_requests_total{{{labels}}} 1.0\n" in text
        assert 'transfer_projection_failed{projection="position"} 0.0\n' in text
        assert "\ntransfer_projection_failure_info{" not in text
        assert 'transfer_projection_lag_seconds{projection="position"} ' in text
        told(Client(portal, app, "192.0.2.7").get("/metrics"), 403, "not-allowed")
        assert Client(portal, app, "::1").get("/metrics").status_code == 200
        service.metrics_public = True
        assert Client(portal, app, "192.0.2.7").get("/metrics").status_code == 200
        service.has_proxy = True
        assert Client(portal, app, "192.0.2.7").get("/metrics").status_code == 200
        through = client.get("/metrics", headers=[(b"x-forwarded-for", b"192.0.2.8")])
        told(through, 403, "not-allowed")


def test_every_problem_says_what_it_means_at_its_type(api: Api) -> None:
    listed = api.client.get("/problems").json()["problems"]
    assert {each["type"] for each in listed} == {f"/problems/{name}" for name in PROBLEM_TYPES}
    for each in listed:
        assert api.client.get(each["type"]).json() == each
    told(api.client.get("/problems/x"), 404, "not-found")


def test_a_fault_is_told_without_its_inside(
    api: Api,
    service: HttpService,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def burst(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(service.office.log, "head", burst)
    answer = api.client.get("/info")
    problem = told(answer, 500, "fault")
    assert "secret" not in json.dumps(problem)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "GET /info: a fault" in caplog.text


def test_a_database_that_is_away_is_503(api: Api, record: Record) -> None:
    record.log.close()
    answer = api.client.get("/info")
    told(answer, 503, "unavailable")
    assert answer.headers["retry-after"]


def told_of_unknown(api: Api) -> Json:
    """What is answered of a type of problem that there is not."""
    return told(api.client.get("/problems/x"), 404, "not-found")


def described(document: Json, answer: Json, path: str, status: int = 200) -> str:
    """The name of the model that an answer is described by; the answer must have its fields."""
    content = document["paths"][path]["get"]["responses"][str(status)]["content"]
    (of_media_type,) = content.values()
    name: str = of_media_type["schema"]["$ref"].rpartition("/")[2]
    model = document["components"]["schemas"][name]
    assert model["type"] == "object"
    assert set(model["required"]) <= set(answer) <= set(model["properties"])
    return name


def test_the_description_is_whole(api: Api) -> None:
    document: dict[str, Any] = api.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    references = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert references <= set(schemas)
    assert "HTTPValidationError" not in schemas
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            secured = path.startswith("/v1/")
            assert operation["security"] == ([{"bearer": []}] if secured else []), path
            assert ("401" in operation["responses"]) == secured, path
            assert ("503" in operation["responses"]) >= secured, path
            assert ("404" in operation["responses"]) >= path.endswith("}"), path
    assert all(tag["description"] for tag in document["tags"])
    assert described(document, api.client.get("/problems").json(), "/problems") == "ProblemKinds"
    assert described(document, told_of_unknown(api), "/problems/{name}", 404) == "ProblemDocument"
    change = document["paths"]["/v1/staff/{staff_number}/changes"]["post"]
    assert {each["name"] for each in change["parameters"]} == {
        "staff_number",
        "Idempotency-Key",
        "If-Match",
        "preview",
    }
    assert set(change["responses"]) >= {"201", "404", "412", "413", "422"}
    members = document["paths"]["/v1/workforce/members"]["get"]["parameters"]
    assert {"employer", "fte", "known_at", "limit", "cursor"} <= {each["name"] for each in members}
