"""The contract's sentences about knowledge time, dates and reading one's writes."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid5

import pytest

from tests.support.asking import Api, position, told
from transfer.app import Record
from transfer.commands.office import key_id

pytestmark = pytest.mark.engines

NOBODYS = str(uuid5(key_id("no such event"), "0"))


def test_a_read_may_wait_for_an_event_whosever_it_is(api: Api) -> None:
    api.register("S1")
    other = api.register("S2")
    found = position(api, "S1", consistent_with=other["event_id"])
    assert found["known_at"] >= other["recorded_at"]


def test_an_event_that_is_nowhere_on_record_is_422(shared: Api) -> None:
    for odd in (NOBODYS, "x", "", "{" + NOBODYS[2:] + "}"):
        problem = told(shared.get("/staff/S1/position", consistent_with=odd), 422, "malformed")
        assert problem["errors"][0]["field"] == "consistent_with"


def test_a_projection_that_does_not_come_is_503_with_retry_after(
    api: Api, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transfer.api.http_service.WAIT_SECONDS", 0.05)
    monkeypatch.setattr("transfer.api.http_service.OWN_WRITES_SECONDS", 0.05)
    first = api.register()
    position(api)
    record.runner.stop()
    written = api.change(start="2014-02-01", band="5")
    answer = api.get("/staff/S1/position", consistent_with=written["event_id"])
    told(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    late = position(api, effective_at="2014-02-01")
    assert late["known_at"] == first["recorded_at"]
    assert late["position"]["band"]["value"] == "4"
    later = position(api, effective_at="2014-02-01", known_at=written["recorded_at"])
    assert later["known_at"] == first["recorded_at"]


def test_every_read_sees_the_writes_that_were_acknowledged_before(api: Api) -> None:
    api.register()
    for n in range(20):
        written = api.change(start="2014-02-01", band=str(n))
        found = position(api, effective_at="2014-02-01")
        assert found["known_at"] == written["recorded_at"]
        assert found["position"]["band"]["value"] == str(n)


def test_a_knowledge_time_left_out_or_in_the_future_is_the_horizon(api: Api) -> None:
    api.register()
    last = api.change(start="2014-02-01", band="5")
    for known_at in (None, "2999-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"):
        assert position(api, known_at=known_at)["known_at"] == last["recorded_at"]


def test_the_plus_of_an_offset_may_come_as_a_blank(api: Api) -> None:
    written = api.register()
    at = datetime.fromisoformat(written["recorded_at"]).astimezone(UTC)
    raw = at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    for query in (f"known_at={raw}", f"known_at={raw.replace('+', '%2B')}"):
        answer = api.get("/staff/S1/position", query)
        assert answer.json()["known_at"] == written["recorded_at"]


def test_finer_than_a_microsecond_is_truncated(api: Api) -> None:
    written = api.register()
    finer = written["recorded_at"].replace("Z", "999Z")
    assert position(api, known_at=finer)["known_at"] == written["recorded_at"]


@pytest.mark.parametrize(
    "known_at",
    [
        "2014-06-10T12:00:00",
        "2014-06-10",
        "2014-06-10T12:00Z",
        "2014-06-10 12:00:00Z",
        "2014-06-10T24:00:00Z",
        "2014-06-10T12:00:60Z",
        "2014-02-30T12:00:00Z",
        "2014-06-10T12:00:00+24:00",
        "2014-06-10T12:00:00+0100",
        "0000-06-10T12:00:00Z",
        "10000-06-10T12:00:00Z",
        "1402400000",
        "now",
        "",
        "2014-06-10T12:00:00,5Z",
        "\N{FULLWIDTH DIGIT TWO}014-06-10T12:00:00Z",
    ],
)
def test_what_is_no_instant_with_an_offset_is_422(shared: Api, known_at: str) -> None:
    for path in ("/staff/S1/position", "/staff/S1/history", "/workforce/members", "/deadlines"):
        problem = told(shared.get(path, {"known_at": known_at}), 422, "malformed")
        assert problem["errors"][0]["field"] == "known_at"


@pytest.mark.parametrize("day", ["2014-6-1", "20140601", "2014-06-01T00:00:00", "2014-02-29", ""])
def test_what_is_no_iso_date_is_422(shared: Api, day: str) -> None:
    told(shared.get("/staff/S1/position", {"effective_at": day}), 422, "malformed")
    body = {"effective_from": day, "changes": {"band": "5"}, "reason": "r"}
    told(shared.post("/staff/S1/changes", body), 422, "malformed")
