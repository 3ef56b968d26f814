"""A name that changes with a date, on both clocks; the log has none of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import Api, Json, created, position, told
from transfer.access.identity import Role
from transfer.app import Record
from transfer.core.streams import staff_stream

pytestmark = pytest.mark.engines


def named(api: Api, name: str, start: str, **rest: Any) -> Json:
    body = {"name": name, "effective_from": start, "reason": "deed poll"}
    return created(api.post("/staff/S1/names", body, **rest))


def corrected(api: Api, of: str, **content: object) -> Json:
    return created(api.post("/staff/S1/corrections", {"of": of, "reason": "r", **content}))


def name(api: Api, day: str, known: Json | None = None) -> str | None:
    known_at = None if known is None else known["recorded_at"]
    found: str | None = position(api, effective_at=day, known_at=known_at, name="true").get("name")
    return found


def test_the_name_is_that_of_the_day_as_known_then(api: Api) -> None:
    registered = api.register("S1", name="Ann Marsh")
    married = named(api, "Ann Ötzi", "2014-03-01", key="k")
    assert named(api, "Ann Ötzi", "2014-03-01", key="k") == married
    assert (name(api, "2014-02-28"), name(api, "2014-03-01")) == ("Ann Marsh", "Ann Ötzi")
    assert name(api, "2014-03-01", registered) == "Ann Marsh"
    right = corrected(api, married["event_id"], name="Ann Oetzi", effective_from="2014-04-01")
    assert [name(api, f"2014-0{month}-15") for month in (3, 4)] == ["Ann Marsh", "Ann Oetzi"]
    assert name(api, "2014-03-15", married) == "Ann Ötzi"
    corrected(api, right["event_id"], annul=True)
    assert name(api, "2014-03-15") == "Ann Ötzi"
    corrected(api, married["event_id"], annul=True)
    assert name(api, "2014-03-15") == "Ann Marsh"
    assert name(api, "2014-04-15", right) == "Ann Oetzi"


def test_a_name_is_told_only_where_it_is_asked_for(api: Api) -> None:
    api.register("S1", name="Ann Marsh")
    assert "Marsh" not in api.get("/staff/S1/position", why="true").text
    assert "Marsh" not in api.get("/staff/S1/timeline").text
    assert "Marsh" not in api.get("/staff/S1/history").text


def test_the_history_tells_which_entry_gave_which_name(api: Api) -> None:
    api.register("S1", name="Ann Marsh")
    married = named(api, "Ann Ötzi", "2014-03-01")
    right = corrected(api, married["event_id"], name="Ann Oetzi", effective_from="2014-04-01")
    items = api.get("/staff/S1/history", name="true").json()["items"]
    assert [each.get("name") for each in items] == ["Ann Marsh", "Ann Ötzi", "Ann Oetzi"]
    assert [each["type"] for each in items[1:]] == ["staff-named.v1"] * 2
    assert items[1]["corrected_by"] == right["event_id"]
    assert (items[1]["reason"], items[1]["effective_from"]) == ("deed poll", "2014-03-01")


def test_no_name_is_in_the_log_and_none_is_left_once_erased(api: Api, record: Record) -> None:
    api.register("S1", name="Ann Marsh")
    named(api, "Ann Otzi", "2014-03-01")
    with record.log.connection() as conn:
        rows = conn.execute("SELECT state FROM events").fetchall()
    assert len(rows) == 2
    assert not any(b"Otzi" in bytes(row["state"]) for row in rows)
    record.vault.erase("S1")
    assert name(api, "2014-03-01") is None
    body = {"name": "Ann Again", "effective_from": "2014-05-01", "reason": "r"}
    told(api.post("/staff/S1/names", body), 409, "conflict")
    assert [each.version for each in record.log.read(staff_stream("S1"))] == [1, 2]


def test_the_name_by_the_attested_clock_counts_as_recorded_here(api: Api) -> None:
    before = api.register("S1", name="Ann Marsh")
    named(api, "Ann Otzi", "2014-03-01")
    for known, expected in ((None, "Ann Otzi"), (before["recorded_at"], "Ann Marsh")):
        asked = {
            "effective_at": "2014-03-01",
            "clock": "attested",
            "known_at": known,
            "name": "true",
        }
        assert position(api, "S1", **asked)["name"] == expected


def test_what_is_refused(api: Api) -> None:
    registered = api.register("S1")
    body = {"name": "Ann Otzi", "effective_from": "2014-03-01", "reason": "r"}
    told(api.post("/staff/S9/names", body), 404, "not-on-record")
    told(api.post("/staff/S1/names", body | {"name": ""}), 422, "malformed")
    told(api.post("/staff/S1/names", body, if_match="9"), 412, "stale-version")
    own = api.token_for(Role.STAFF, "S1")
    told(api.post("/staff/S1/names", body, token=own), 403, "not-allowed")
    named_at = "/staff/S1/corrections"
    of_registration = {"of": registered["event_id"], "reason": "r", "name": "B"}
    told(api.post(named_at, of_registration), 422, "malformed")
    problem = told(
        api.post(named_at, of_registration | {"effective_from": "2014-01-01"}), 422, "malformed"
    )
    assert "from the same day" in problem["detail"]
    both = of_registration | {"effective_from": "2014-01-01", "changes": {"band": "5"}}
    assert "takes no changes" in told(api.post(named_at, both), 422, "malformed")["detail"]
    item = {"staff_number": "S1", "correction": of_registration | {"effective_from": "2014-01-01"}}
    errors = api.post("/bulk", {"items": [item], "reason": "r"}).json()["errors"]
    assert "one at a time" in errors[0]["reason"]


def test_a_correction_of_a_name_can_be_previewed_without_writing(api: Api) -> None:
    api.register("S1")
    married = named(api, "Ann Otzi", "2014-03-01")
    body = {"of": married["event_id"], "reason": "r", "name": "X", "effective_from": "2014-04-01"}
    answer = api.post("/staff/S1/corrections?preview=true", body)
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert name(api, "2014-04-01") == "Ann Otzi"
