"""Spans reach a collector with the ids that the answer, the log and the service's log have."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from time import monotonic
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from tests.support.asking import Api, created
from transfer.app import VERSION, Record, clock
from transfer.core.refusals import Malformed
from transfer.log.trace import Span, Trace, listeners, tell
from transfer.settings import ProcessRole, Settings
from transfer.spans import telling_spans
from workflows.activities import Activities
from workflows.clock import RecordClock
from workflows.concerns import Waiting
from workflows.messages import DueStep, TakeStep, Whose

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"

needs_the_extra = pytest.mark.skipif(
    find_spec("opentelemetry.sdk") is None and "CI" not in os.environ,
    reason="the extra otel is not installed",
)


class Collector:
    """Takes spans by OTLP over HTTP, and keeps them by name."""

    def __init__(self) -> None:
        self.spans: dict[str, Any] = {}
        self.resources: list[dict[str, str]] = []
        self.taken = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def take(self, path: str, body: bytes) -> None:
        """One request."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        assert path == "/v1/traces"
        self.taken += body
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(
                {each.key: each.value.string_value for each in of_resource.resource.attributes}
            )
            for scope in of_resource.scope_spans:
                self.spans |= {each.name: each for each in scope.spans}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While it takes any."""
        serving = threading.Thread(target=self._server.serve_forever)
        serving.start()
        try:
            yield
        finally:
            self._server.shutdown()
            serving.join()
            self._server.server_close()


@contextmanager
def collected(
    monkeypatch: pytest.MonkeyPatch, role: ProcessRole = ProcessRole.API
) -> Iterator[Collector]:
    """A collector to which a process sends its spans until the block ends."""
    collector = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    with collector.listening(), telling_spans(Settings(role=role), VERSION, clock):
        yield collector
    assert listeners == []


@needs_the_extra
@pytest.mark.engines
def test_a_request_and_what_it_records_are_spans_of_its_trace(
    api: Api, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {
        "staff_number": "S1",
        "name": "Zebedee Unmistakable",
        "effective_from": "2014-01-01",
        "position": {},
    }
    sent = [(b"traceparent", f"00-{TRACE}-{CALLER}-01".encode()), (b"tracestate", b"a=1")]
    with collected(monkeypatch) as collector:
        answer = api.client.request(
            "POST", "/v1/staff", headers=[*api.headers(), *sent], body=json.dumps(body).encode()
        )
        written = created(answer)
        api.get("/staff/S1/position")
        step = TakeStep(
            whose=Whose(matter="desk-move:autumn"),
            due=DueStep(step="x", about="", due_on=None),
            caused_by=written["event_id"],
        )
        activities = Activities(
            record.due, RecordClock(record.log), Waiting(record.office, record.due)
        )
        with pytest.raises(Exception, match="autumn"):
            ActivityEnvironment().run(activities.take_step, step)
    spans = collector.spans
    assert set(spans) == {
        "POST /v1/staff",
        "append",
        "GET /v1/staff/{staff_number}/position",
        "take-step",
    }
    request = spans["POST /v1/staff"]
    assert request.trace_id.hex() == TRACE
    assert request.parent_span_id.hex() == CALLER
    assert request.span_id.hex() == answer.headers["traceparent"].split("-")[2]
    assert request.trace_state == "a=1"
    assert 0 < request.end_time_unix_nano - request.start_time_unix_nano < 60 * 10**9
    append = spans["append"]
    assert append.trace_id.hex() == TRACE
    assert append.parent_span_id == request.span_id
    assert [(each.key, each.value.int_value) for each in append.attributes] == [
        ("transfer.events", 1)
    ]
    assert spans["take-step"].trace_id.hex() == TRACE
    assert spans["GET /v1/staff/{staff_number}/position"].trace_id.hex() != TRACE
    (resource,) = collector.resources
    assert (resource["service.name"], resource["transfer.role"]) == ("transfer", "api")
    for word in (b"S1", b"Zebedee", b"Unmistakable", b"administrator", b"desk-move"):
        assert word not in collector.taken


@needs_the_extra
@pytest.mark.engines
def test_what_the_caller_does_not_sample_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def span(name: str, flags: int) -> Span:
        return Span(name, Trace(TRACE, "1" * 16, "", CALLER, flags), 0.1, {})

    monkeypatch.setenv("OTEL_SERVICE_NAME", "hr")
    with collected(monkeypatch) as collector:
        tell(span("sampled", 1))
        tell(span("not sampled", 0))
    assert set(collector.spans) == {"sampled"}
    assert collector.resources[0]["service.name"] == "hr"


@needs_the_extra
@pytest.mark.engines
def test_a_collector_that_is_away_keeps_no_process_from_stopping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = Collector()
    with gone.listening():
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gone.address)
    with telling_spans(Settings(), VERSION, clock):
        tell(Span("x", Trace(TRACE, "1" * 16), 0.1, {}))
        began = monotonic()
    assert monotonic() - began < 5


def test_without_a_collector_nobody_listens() -> None:
    with telling_spans(Settings(), VERSION, clock):
        assert listeners == []


def test_a_collector_without_the_libraries_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with (
        pytest.raises(Malformed, match=r"transfer\[otel\]") as refused,
        telling_spans(Settings(), VERSION, clock),
    ):
        pass
    assert refused.value.field == "OTEL_EXPORTER_OTLP_ENDPOINT"


def test_it_can_be_switched_off_as_the_library_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with telling_spans(Settings(), VERSION, clock):
        assert listeners == []
