"""Somebody who leaves: counted nowhere, warned of, and not employed again by an act over many."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, Json, created

pytestmark = pytest.mark.engines

POSITION = {"employer": "LDN", "unit": "Croydon", "band": "4", "fte": "0.5", "line_manager": "S9"}


def leaves(start: str, **more: str | None) -> Json:
    return {"effective_from": start, "changes": {"employer": None, **more}, "reason": "resigned"}


def moved(number: str, **more: object) -> Json:
    change = {"effective_from": "2014-06-01", "changes": {"employer": "NPS"}, "reason": "transfer"}
    return {"staff_number": number, "change": change, **more}


@pytest.fixture
def two(api: Api) -> Api:
    """Two people, of whom S1 has left from 1 May 2014, the employer alone ended."""
    for number in ("S1", "S2"):
        api.register(number, position=dict(POSITION))
    return api


@pytest.mark.parametrize("facet", ["unit", "band", "fte", "line_manager", "employer"])
def test_who_has_left_is_counted_and_listed_by_no_facet(two: Api, facet: str) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    for day, who in (("2014-04-30", ["S1", "S2"]), ("2014-05-01", ["S2"])):
        counted = two.get("/workforce", by=facet, effective_at=day).json()
        assert [each["headcount"] for each in counted["groups"]] == [len(who)]
        assert counted["total"]["headcount"] == len(who)
        asked = {facet: POSITION[facet], "effective_at": day}
        listed = two.get("/workforce/members", asked).json()["items"]
        assert [each["staff_number"] for each in listed] == who


def test_a_leaving_is_answered_with_what_to_look_at(two: Api) -> None:
    two.change("S1", start="2014-06-01", employer="NPS")
    path, body = "/staff/S1/changes", leaves("2014-05-01")
    previewed = two.post(f"{path}?preview=true", body).json()["warnings"]
    key = "leaves"
    written = created(two.post(path, body, key=key))
    assert written["warnings"] == previewed
    assert len(previewed) == 2
    assert "from 2014-06-01 (NPS)" in previewed[1]
    two.change("S1", start="2014-07-01", employer="CRC")
    assert two.post(path, body, key=key).json() == written
    assert "warnings" not in created(two.post("/staff/S2/changes", leaves_whole("2014-05-01")))


def leaves_whole(start: str) -> Json:
    return leaves(start, **dict.fromkeys(facet for facet in POSITION if facet != "employer"))


def test_an_act_over_many_does_not_employ_a_leaver_again(two: Api) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    act = {"items": [moved("S1"), moved("S2")], "reason": "transfer"}
    refused = two.post("/bulk", act)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["index"], error["staff_number"]) == (0, "S1")
    assert "left with effect from 2014-05-01" in error["reason"]
    assert '"returns": true' in error["reason"]
    assert two.post("/bulk?preview=true", act).status_code == 422
    created(two.post("/bulk", act | {"items": [moved("S1", returns=True), moved("S2")]}))
    counted = two.get("/workforce", by="employer", effective_at="2014-06-01").json()
    assert counted["groups"] == [{"value": "NPS", "headcount": 2, "fte": "1"}]


def test_an_act_over_many_is_for_those_who_are_there(two: Api) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    two.register("S3", effective_from="2014-08-01", position=dict(POSITION))
    two.register("S4", position={"band": "4"})
    term = {"term": "pay protection", "value": "4", "effective_from": "2014-06-01", "reason": "r"}
    band = {"effective_from": "2014-06-01", "changes": {"band": "5"}, "reason": "r"}
    items = [
        {"staff_number": "S1", "term": term},
        {"staff_number": "S3", "change": band},
        {"staff_number": "S4", "change": band},  # of whom no employment was ever on record
        {"staff_number": "S2", "term": term},
    ]
    errors = two.post("/bulk", {"items": items, "reason": "r"}).json()["errors"]
    assert [each["staff_number"] for each in errors] == ["S1", "S3"]
    assert "begins on 2014-08-01" in errors[1]["reason"]
    created(two.post("/bulk", {"items": items[2:], "reason": "r"}))
