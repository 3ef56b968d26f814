"""The contract's effective-dating rule, terms and corrections, over HTTP."""

from __future__ import annotations

import json
from uuid import uuid5

import pytest

from tests.support.asking import Api, Json, created, position, told, values
from transfer.commands.office import key_id

pytestmark = pytest.mark.engines

NOBODYS = str(uuid5(key_id("no such event"), "0"))


def test_a_back_dated_standing_change_never_overwrites_a_later_one(api: Api) -> None:
    api.register()
    api.change(start="2014-06-01", band="6")
    api.change(start="2014-03-01", band="5")
    assert values(api, effective_at="2014-05-31")["band"] == "5"
    assert values(api, effective_at="2014-06-01")["band"] == "6"


def test_null_ends_the_facet_from_that_day(api: Api) -> None:
    api.register()
    api.change(start="2014-06-01", band=None)
    assert values(api, effective_at="2014-05-31")["band"] == "4"
    assert "band" not in values(api, effective_at="2014-06-01")


def test_a_correction_holds_from_when_it_was_recorded(api: Api) -> None:
    api.register()
    changed = api.change(start="2014-06-01", band="5", unit="A")
    body = {
        "of": changed["event_id"],
        "effective_from": "2014-05-01",
        "changes": {"band": "6"},
        "reason": "wrong band",
    }
    corrected = created(api.post("/staff/S1/corrections", body))
    held = position(api, effective_at="2014-06-01")
    assert "unit" not in held["position"]
    band = held["position"]["band"]
    assert band["value"] == "6"
    assert band["effective_from"] == "2014-05-01"
    assert band["event_id"] == changed["event_id"]
    assert band["corrected_by"] == corrected["event_id"]
    assert band["recorded_at"] == corrected["recorded_at"]
    earlier = values(api, effective_at="2014-06-01", known_at=changed["recorded_at"])
    assert (earlier["band"], earlier["unit"]) == ("5", "A")


def test_an_annulment_takes_the_effect_away_and_is_final(api: Api) -> None:
    registered = api.register()
    changed = api.change(start="2014-06-01", band="5")
    annul = {"of": changed["event_id"], "reason": "in error", "annul": True}
    annulled = created(api.post("/staff/S1/corrections", annul))
    assert values(api, effective_at="2014-06-01")["band"] == "4"
    told(api.post("/staff/S1/corrections", annul), 409, "conflict")
    of_annulment = {**annul, "of": annulled["event_id"]}
    told(api.post("/staff/S1/corrections", of_annulment), 409, "conflict")
    content = {"effective_from": "2014-06-01", "changes": {"band": "7"}, "reason": "r"}
    for of in (changed, annulled):
        body = {**content, "of": of["event_id"]}
        told(api.post("/staff/S1/corrections", body), 409, "conflict")
    api.register("S2")
    body = {**content, "of": registered["event_id"]}
    told(api.post("/staff/S2/corrections", body), 404, "not-on-record")
    told(api.post("/staff/S2/corrections", {**content, "of": NOBODYS}), 404, "not-on-record")


def test_annulling_a_correction_brings_back_what_it_replaced(api: Api) -> None:
    api.register()
    changed = api.change(start="2014-06-01", band="5")
    content = {"effective_from": "2014-06-01", "changes": {"band": "6"}, "reason": "r"}
    body = {**content, "of": changed["event_id"]}
    correction = created(api.post("/staff/S1/corrections", body))
    annul = {"of": correction["event_id"], "reason": "r", "annul": True}
    created(api.post("/staff/S1/corrections", annul))
    assert values(api, effective_at="2014-06-01")["band"] == "5"


def test_a_registration_can_be_corrected_and_annulled_but_has_no_end(api: Api) -> None:
    registered = api.register()
    content = {
        "of": registered["event_id"],
        "effective_from": "2014-02-01",
        "changes": {"band": "6"},
        "reason": "r",
    }
    with_end = {**content, "effective_to": "2014-05-01"}
    told(api.post("/staff/S1/corrections", with_end), 422, "malformed")
    created(api.post("/staff/S1/corrections", content))
    assert values(api, effective_at="2014-02-01") == {"band": "6"}
    annul = {"of": registered["event_id"], "reason": "r", "annul": True}
    created(api.post("/staff/S1/corrections", annul))
    assert values(api, effective_at="2014-02-01") == {}


def test_changes_may_be_effective_before_the_registration(api: Api) -> None:
    api.register()
    api.change(start="2010-01-01", band="3")
    assert values(api, effective_at="2012-01-01") == {"band": "3"}
    assert values(api, effective_at="2014-01-01")["band"] == "4"


def test_a_term_is_granted_varied_ended_corrected_and_annulled(api: Api) -> None:
    api.register()
    body: Json = {
        "term": "pay protection",
        "value": "band 5",
        "effective_from": "2014-06-01",
        "effective_to": "2017-06-01",
        "reason": "r",
        "basis": {"rulebook": "tr-2013", "clause": "TR-15"},
    }
    granted = created(api.post("/staff/S1/terms", body))
    found = position(api, effective_at="2014-06-01")["terms"]
    assert found == [
        {
            "term": "pay protection",
            "value": "band 5",
            "effective_from": "2014-06-01",
            "effective_to": "2017-06-01",
            "event_id": granted["event_id"],
            "basis": {"rulebook": "tr-2013", "clause": "TR-15", "document": None},
            "confidence": None,
            "corrected_by": None,
            "recorded_at": granted["recorded_at"],
        }
    ]
    correction = {
        "of": granted["event_id"],
        "effective_from": "2014-06-01",
        "term": "pay protection",
        "value": "band 6",
        "reason": "r",
    }
    corrected = created(api.post("/staff/S1/corrections", correction))
    held = position(api, effective_at="2020-06-01")["terms"][0]
    assert (held["value"], held["corrected_by"]) == ("band 6", corrected["event_id"])
    ended = {"term": "pay protection", "value": None, "effective_from": "2019-01-01", "reason": "r"}
    end = created(api.post("/staff/S1/terms", ended))
    assert position(api, effective_at="2020-06-01")["terms"] == []
    annul = {"of": end["event_id"], "reason": "r", "annul": True}
    created(api.post("/staff/S1/corrections", annul))
    assert position(api, effective_at="2020-06-01")["terms"][0]["value"] == "band 6"
    types = [each["type"] for each in api.get("/staff/S1/history").json()["items"]]
    assert types == [
        "staff-registered.v1",
        "term-granted.v1",
        "entry-corrected.v1",
        "term-ended.v1",
        "entry-annulled.v1",
    ]


def preview(api: Api, body: Json, number: str = "S1") -> Json:
    """What a correction would change."""
    answer = api.client.request(
        "POST",
        f"/v1/staff/{number}/corrections",
        query={"preview": "true"},
        headers=api.headers(),
        body=json.dumps(body).encode(),
    )
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def test_a_preview_tells_what_would_read_differently_and_writes_nothing(api: Api) -> None:
    api.register(position={"band": "4"})
    changed = api.change(start="2014-03-01", band="5", unit="A")
    body = {
        "of": changed["event_id"],
        "effective_from": "2014-04-01",
        "changes": {"band": "5"},
        "reason": "r",
    }
    told_before = preview(api, body)
    assert told_before["position"] == [
        {
            "assignment": "main",
            "facet": "band",
            "effective_from": "2014-03-01",
            "effective_to": "2014-04-01",
            "before": "5",
            "after": "4",
        },
        {
            "assignment": "main",
            "facet": "unit",
            "effective_from": "2014-03-01",
            "effective_to": None,
            "before": "A",
            "after": None,
        },
    ]
    assert told_before["terms"] == []
    assert len(api.get("/staff/S1/history").json()["items"]) == 2
    annul = {"of": changed["event_id"], "annul": True, "reason": "r"}
    assert [each["after"] for each in preview(api, annul)["position"]] == ["4", None]
