"""The contract's sentences about positions, timelines and histories, one by one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.asking import Api, created, position, told, values
from transfer.app import Record

pytestmark = pytest.mark.engines


def test_a_position_tells_the_period_that_the_event_supplies(api: Api) -> None:
    registered = api.register()
    changed = api.change(start="2014-03-01", band="5")
    found = position(api, effective_at="2014-03-01")
    assert set(found) == {
        "clock",
        "staff_number",
        "effective_at",
        "known_at",
        "assignment",
        "position",
        "terms",
    }
    assert found["effective_at"] == "2014-03-01"
    assert found["known_at"] == changed["recorded_at"]
    assert found["position"]["band"] == {
        "value": "5",
        "effective_from": "2014-03-01",
        "effective_to": None,
        "event_id": changed["event_id"],
        "corrected_by": None,
        "recorded_at": changed["recorded_at"],
        "basis": None,
    }
    before = position(api, effective_at="2014-02-28")["position"]["band"]
    assert before["value"] == "4"
    assert before["effective_to"] == "2014-03-01"
    assert before["event_id"] == registered["event_id"]


def test_under_a_temporary_value_the_standing_one_beneath_it_is_told(api: Api) -> None:
    api.register(position={"paid_band": "4"})
    acting = api.change(start="2014-02-01", end="2014-03-01", paid_band="5")
    held = position(api, effective_at="2014-02-15")["position"]["paid_band"]
    assert (held["value"], held["event_id"]) == ("5", acting["event_id"])
    assert (held["effective_from"], held["effective_to"]) == ("2014-02-01", "2014-03-01")
    assert held["standing"]["value"] == "4"
    assert held["standing"]["effective_from"] == "2014-01-01"
    assert "standing" not in held["standing"]
    assert "standing" not in position(api, effective_at="2014-03-01")["position"]["paid_band"]


def test_before_the_first_effective_date_the_position_is_empty(api: Api) -> None:
    api.register()
    found = position(api, effective_at="2013-12-31")
    assert (found["position"], found["terms"]) == ({}, [])


def test_a_person_whom_the_record_did_not_know_is_404(api: Api) -> None:
    api.register("S1")
    second = api.register("S2")
    told(api.get("/staff/S9/position"), 404, "not-on-record")
    told(api.get("/staff/S1/position", known_at="2014-01-01T00:00:00Z"), 404, "not-on-record")
    before = datetime.fromisoformat(second["recorded_at"])
    just_before = before.replace(microsecond=before.microsecond - 1) if before.microsecond else None
    if just_before is not None:
        told(api.get("/staff/S2/position", known_at=just_before), 404, "not-on-record")
    for odd in ("S1%00", "%F0%9F%98%80", "-", "S" * 65, "S1%0A", "..%2fS1", "%20"):
        told(
            api.get(f"/staff/{odd}/position"),
            404,
            api.get(f"/staff/{odd}/position").json()["type"][10:],
        )


def test_two_assignments_have_each_their_own_facets(api: Api) -> None:
    api.register(position={"employer": "X", "unit": "A", "fte": "0.5"})
    body = {
        "effective_from": "2014-02-01",
        "changes": {"employer": "X", "unit": "B", "fte": "0.4"},
        "reason": "second job",
        "assignment": "evenings",
    }
    created(api.post("/staff/S1/changes", body))
    main = values(api, effective_at="2014-03-01")
    assert main == {"employer": "X", "unit": "A", "fte": "0.5"}
    evenings = values(api, effective_at="2014-03-01", assignment="evenings")
    assert evenings == {"employer": "X", "unit": "B", "fte": "0.4"}
    items = api.get("/workforce/members", effective_at="2014-03-01").json()["items"]
    assert [each["assignment"] for each in items] == ["evenings", "main"]
    counted = api.get("/workforce", by="unit", effective_at="2014-03-01").json()
    assert counted["groups"] == [
        {"value": "A", "headcount": 1, "fte": "0.5"},
        {"value": "B", "headcount": 1, "fte": "0.4"},
    ]
    assert counted["total"] == {"headcount": 1, "fte": "0.9"}


def test_today_is_the_date_in_london(api: Api) -> None:
    api.register()
    today = position(api)["effective_at"]
    assert today == london_today()


def london_today() -> str:
    """The date in London now, told another way than the program does."""

    return datetime.now(ZoneInfo("Europe/London")).date().isoformat()  # noqa: TID251 - a test's own look at the clock


def test_a_timeline_has_the_periods_of_every_facet_as_known_then(api: Api) -> None:
    registered = api.register(position={"band": "4"})
    api.change(start="2014-02-01", end="2014-03-01", band="5")
    found = api.get("/staff/S1/timeline").json()
    assert [each["facet"] for each in found["facets"]] == ["band"]
    periods = found["facets"][0]["periods"]
    assert [(p["value"], p["effective_from"], p["effective_to"]) for p in periods] == [
        ("4", "2014-01-01", "2014-02-01"),
        ("5", "2014-02-01", "2014-03-01"),
        ("4", "2014-03-01", None),
    ]
    assert [p["temporary"] for p in periods] == [False, True, False]
    assert [p["value"] for p in found["facets"][0]["beneath"]] == ["4"]
    then = api.get("/staff/S1/timeline", known_at=registered["recorded_at"]).json()
    assert [p["value"] for p in then["facets"][0]["periods"]] == ["4"]


def test_a_history_has_every_event_with_both_times_and_who(api: Api) -> None:
    registered = api.register()
    changed = api.change(start="2014-02-01", band="5")
    found = api.get("/staff/S1/history").json()
    first, second = found["items"]
    assert (first["event_id"], first["version"]) == (registered["event_id"], 1)
    assert (second["event_id"], second["type"]) == (changed["event_id"], "position-changed.v1")
    assert second["recorded_at"] == changed["recorded_at"]
    assert second["recorded_by"] == "the administrator"
    assert second["effective_from"] == "2014-02-01"
    assert found["known_at"] == changed["recorded_at"]
    then = api.get("/staff/S1/history", known_at=registered["recorded_at"]).json()
    assert [each["version"] for each in then["items"]] == [1]
    told(api.get("/staff/S9/history"), 404, "not-on-record")


def test_no_answer_and_no_event_has_the_name(api: Api, record: Record) -> None:
    api.register(name="Zebedee Unmistakable")
    for path in ("/staff/S1/position", "/staff/S1/history", "/staff/S1/timeline"):
        assert "Zebedee" not in api.get(path).text
    assert "Zebedee" not in api.get("/workforce/members").text
    assert record.vault.get("S1") == {"name": "Zebedee Unmistakable"}


def test_nothing_is_due_where_no_exercise_runs(api: Api) -> None:
    api.register()
    found = api.get("/deadlines", state="open", owner="employer", due_before="2014-01-01").json()
    assert (found["items"], found["next_cursor"]) == ([], None)
    assert api.get("/deadlines", staff="S1").json()["items"] == []
    told(api.get("/deadlines", state="due"), 422, "malformed")
    assert api.get("/deadlines", owner="nobody").json()["items"] == []
    told(api.get("/deadlines", staff="\x00"), 422, "malformed")
    told(api.get("/deadlines", cursor="x"), 422, "malformed")
    assert api.get("/staff/S1/appeals").json()["items"] == []
    told(api.get("/exercises/tr-2013.london"), 404, "not-on-record")
    told(api.get("/exercises/%00"), 404, "not-on-record")
