"""A request is followed by its ids: into the answer, the log and the service's log."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from tests.service.test_nothing_personal_in_logs import logging_as_a_service_does
from tests.support.asking import Api, created
from transfer.access.identity import Role
from transfer.api.http.tracing import given_back, taken_in
from transfer.commands.office import Act
from transfer.log.trace import Trace, current

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
MADE = UUID("01900000-0000-7000-8000-000000000001")


def taken(**headers: str | list[str]) -> Trace:
    """What a request with these headers is followed by."""
    sent = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return taken_in(sent, lambda: MADE)


def test_without_any_header_everything_is_made() -> None:
    trace = taken()
    assert trace == Trace(MADE.hex, MADE.hex[16:], MADE.hex)
    assert trace.correlation_id == MADE


def test_a_trace_is_gone_on_with_under_a_span_of_our_own() -> None:
    trace = taken(traceparent=PARENT, tracestate="rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
    assert trace.trace_id == TRACE
    assert trace.parent_id == "00f067aa0ba902b7"
    assert dict(given_back(trace)) == {
        b"x-request-id": MADE.hex.encode(),
        b"traceparent": f"00-{TRACE}-{MADE.hex[16:]}-01".encode(),
        b"tracestate": b"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    }


@pytest.mark.parametrize("sent", [TRACE, TRACE.upper(), str(UUID(TRACE))])
def test_a_request_id_that_is_a_number_is_the_trace_id(sent: str) -> None:
    trace = taken(x_request_id=sent)
    assert (trace.request_id, trace.trace_id) == (sent, TRACE)


def test_any_other_request_id_always_leads_to_the_same_trace_id() -> None:
    one, again, other = (taken(x_request_id=sent) for sent in ("req-1", "req-1", "req-2"))
    assert one.trace_id == again.trace_id != other.trace_id
    assert (one.request_id, other.request_id) == ("req-1", "req-2")
    both = taken(x_request_id="req-1", traceparent=PARENT)
    assert (both.request_id, both.trace_id) == ("req-1", TRACE)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "two words",
        'a"b',
        "a\\u0000b",
        "{}",
        "a\r\nSet-Cookie: x=y",
        "\x1b[31m",
        "Zoë",
        "a@b.example",
        "a" * 129,
        ["one", "two"],
    ],
)
def test_a_request_id_that_could_do_something_is_not_taken(sent: str | list[str]) -> None:
    assert taken(x_request_id=sent).request_id == MADE.hex


def test_a_request_id_of_zeros_makes_a_trace_id_that_is_one() -> None:
    assert taken(x_request_id="0" * 32).trace_id.strip("0")


@pytest.mark.parametrize(
    "sent",
    [
        "",
        TRACE,
        PARENT.upper(),
        f"{PARENT}-more",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"01-{TRACE}-00f067aa0ba902b7-01-{'x' * 300}",
        [PARENT, PARENT],
    ],
)
def test_a_traceparent_that_is_none_begins_a_new_trace(sent: str | list[str]) -> None:
    trace = taken(traceparent=sent, tracestate="rojo=1")
    assert (trace.trace_id, trace.parent_id, trace.state) == (MADE.hex, "", "")


def test_a_later_version_of_it_is_read_as_far_as_it_is_known() -> None:
    assert taken(traceparent=f"01-{TRACE}-00f067aa0ba902b7-ff-more").flags == 1
    assert taken(traceparent=f"cc-{TRACE}-00f067aa0ba902b7-00").trace_id == TRACE


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a=1, b@c=2", "a=1,b@c=2"),
        (["a=1", "b=2"], "a=1,b=2"),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("a", ""),
        ("a=1\r\nx: y", ""),
        ("a=é", ""),
        (",".join(f"k{n}=v" for n in range(33)), ""),
        (f"a={'x' * 250},b={'x' * 250},c={'x' * 250}", ""),
    ],
)
def test_a_tracestate_is_kept_as_a_whole_or_not_at_all(sent: str | list[str], kept: str) -> None:
    assert taken(traceparent=PARENT, tracestate=sent).state == kept


def test_an_act_has_what_its_request_is_followed_by_and_so_have_its_parts() -> None:
    ids = (UUID(int=each) for each in count(1))
    assert Act("x", next(ids)).command().correlation_id == UUID(int=1)
    followed = current.set(Trace(TRACE))
    try:
        act = Act("x", next(ids))
    finally:
        current.reset(followed)
    assert act.command().correlation_id == UUID(TRACE)
    assert act.part("one").command().correlation_id == UUID(TRACE)
    assert act.part("one").command_id != act.command_id


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Path]:
    """The service's log."""
    with logging_as_a_service_does(tmp_path / "service.log"):
        yield tmp_path / "service.log"


def test_every_line_of_a_request_names_what_it_is_followed_by(logged: Path) -> None:
    structlog.get_logger("transfer.tests").info("outside")
    followed = current.set(Trace(TRACE, request_id="req-1"))
    try:
        structlog.get_logger("transfer.tests").info("within")
    finally:
        current.reset(followed)
    outside, within = map(json.loads, logged.read_text().splitlines())
    assert "trace_id" not in outside
    assert (within["trace_id"], within["request_id"]) == (TRACE, "req-1")


@pytest.mark.engines
def test_a_request_is_followed_into_the_log_and_the_logs(
    api: Api, logged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [(b"X-Request-Id", b"req-1"), (b"traceparent", PARENT.encode())]
    body = json.dumps(
        {"staff_number": "S1", "name": "A", "effective_from": "2014-01-01", "position": {}}
    )
    answer = api.client.request(
        "POST", "/v1/staff", headers=[*api.headers(), *sent], body=body.encode()
    )
    created(answer)
    assert answer.headers["x-request-id"] == "req-1"
    version, trace_id, span_id, flags = answer.headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", TRACE, "01")
    assert len(span_id) == 16

    (item,) = api.get("/staff/S1/history").json()["items"]
    assert UUID(item["correlation_id"]) == UUID(TRACE)
    audit = api.token_for(Role.AUDIT)
    assert "correlation_id" in api.get("/staff/S1/history", token=audit).json()["items"][0]
    own = api.token_for(Role.STAFF, staff_number="S1")
    assert "correlation_id" not in api.get("/staff/S1/history", token=own).json()["items"][0]

    monkeypatch.setattr("transfer.commands.office.Office.append", lambda *_, **__: 1 // 0)
    changed = json.dumps({"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"})
    failed = api.client.request(
        "POST", "/v1/staff/S1/changes", headers=[*api.headers(), *sent], body=changed.encode()
    )
    assert failed.status_code == 500
    assert failed.headers["x-request-id"] == "req-1"
    (fault,) = [
        line for line in map(json.loads, logged.read_text().splitlines()) if "exception" in line
    ]
    assert (fault["request_id"], fault["trace_id"]) == ("req-1", TRACE)
