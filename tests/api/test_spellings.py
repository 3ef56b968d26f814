"""Texts that say the same: found in any spelling, counted together, kept as they were typed."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.asking import Api, Json, created, told
from transfer.app import Record

pytestmark = pytest.mark.engines

NFC, NFD = "Caf\u00e9", "Cafe\u0301"
DAY = "2014-06-01"


def counted(api: Api, by: str, **asked: str) -> list[tuple[str, int, str]]:
    found = api.get("/workforce", by=by, effective_at=DAY, **asked).json()
    return [(each["value"], each["headcount"], each["fte"]) for each in found["groups"]]


def listed(api: Api, **having: str) -> list[str]:
    found = api.get("/workforce/members", effective_at=DAY, **having).json()
    return [each["staff_number"] for each in found["items"]]


def employed(api: Api, number: str, **position: str) -> Json:
    values = {"employer": "London Probation Trust", "fte": "1", **position}
    return created(
        api.post(
            "/staff",
            {
                "staff_number": number,
                "name": "A",
                "effective_from": "2014-01-01",
                "position": values,
            },
        )
    )


def test_a_staff_number_is_found_whatever_its_case(api: Api) -> None:
    employed(api, "S50702", unit="Croydon")
    found = api.get("/staff/s50702/position", effective_at=DAY).json()
    assert found["staff_number"] == "S50702"
    change = {"effective_from": "2014-02-01", "changes": {"unit": "Sutton"}, "reason": "moved"}
    assert created(api.post("/staff/s50702/changes", change))["staff_number"] == "S50702"
    assert len(api.get("/staff/S50702/history").json()["items"]) == 2
    told(api.get("/staff/s50703/position"), 404, "not-on-record")
    told(api.post("/staff/s50703/changes", change), 404, "not-on-record")


def test_a_second_spelling_is_not_registered(api: Api, record: Record) -> None:
    employed(api, "S50702")
    body = {"staff_number": "s50702", "name": "A", "effective_from": DAY, "position": {}}
    refused = told(api.post("/staff", body), 409, "already-on-record")
    assert "spelled S50702" in refused["detail"]
    assert record.log.head().position == 1


def test_of_two_spellings_registered_at_one_time_one_is(api: Api) -> None:
    answers: list[int] = []

    def register(number: str) -> None:
        body = {"staff_number": number, "name": "A", "effective_from": DAY, "position": {}}
        answers.append(api.post("/staff", body).status_code)

    both = [threading.Thread(target=register, args=(number,)) for number in ("s1", "S1")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(answers) == [201, 409]


def test_a_bulk_act_finds_people_whatever_their_case(api: Api) -> None:
    employed(api, "S1")
    change = {"effective_from": "2014-02-01", "changes": {"band": "5"}}
    items = [{"staff_number": number, "change": change} for number in ("s1", "S1")]
    found = api.post("/bulk", {"items": items, "reason": "regraded"})
    assert [each["staff_number"] for each in found.json()["items"]] == ["S1", "S1"]


def test_a_known_employer_is_one_by_any_of_its_names(api: Api) -> None:
    employed(api, "S1", employer="NPS")
    employed(api, "S2", employer="National Probation Service")
    employed(api, "S3", employer="Acme Ltd", fte="0.5")
    employed(api, "S4", employer=" acme  ltd")
    assert counted(api, "employer") == [
        (" acme  ltd", 1, "1"),
        ("Acme Ltd", 1, "0.5"),
        ("National Probation Service", 2, "2"),
    ]
    assert listed(api, employer="nps") == listed(api, employer="NPS") == ["S1", "S2"]
    assert listed(api, employer="National  Probation Service") == ["S1", "S2"]
    kept = api.get("/staff/S1/position", effective_at=DAY).json()["position"]["employer"]
    assert kept["value"] == "NPS"


def test_two_spellings_in_unicode_are_one_unit(api: Api) -> None:
    employed(api, "S1", unit=NFC)
    employed(api, "S2", unit=NFD)
    employed(api, "S3", unit=f" {NFC} ")
    assert counted(api, "unit") == [(NFC, 3, "3")]
    assert listed(api, unit=NFD) == ["S1", "S2", "S3"]


def test_a_manager_is_one_whatever_the_case(api: Api) -> None:
    employed(api, "S9")
    employed(api, "S1", line_manager="S9")
    employed(api, "S2", line_manager="s9")
    assert [heads for _, heads, _ in counted(api, "line_manager")] == [2]
    assert listed(api, line_manager="s9") == ["S1", "S2"]


def test_somebody_with_two_jobs_under_two_spellings_is_one_head(api: Api) -> None:
    employed(api, "S1", employer="NPS", fte="0.5")
    second = {
        "effective_from": "2014-02-01",
        "assignment": "second",
        "changes": {"employer": "National Probation Service", "fte": "0.3"},
        "reason": "a second job",
    }
    created(api.post("/staff/S1/changes", second))
    employed(api, "S2", employer="NPS")
    assert counted(api, "employer") == [("National Probation Service", 2, "1.8")]
    total = api.get("/workforce", by="employer", effective_at=DAY).json()["total"]
    assert total == {"headcount": 2, "fte": "1.8"}
    assert listed(api, employer="NPS") == ["S1", "S1", "S2"]


def test_a_term_is_the_same_whatever_its_case(api: Api) -> None:
    employed(api, "S1")
    term: dict[str, Any] = {"effective_from": "2014-01-01", "reason": "r"}
    created(api.post("/staff/S1/terms", term | {"term": "Pay protection", "value": "100"}))
    ended = {**term, "effective_from": "2014-03-01", "term": "pay  protection", "value": None}
    created(api.post("/staff/S1/terms", ended))
    for day, held in (("2014-02-01", ["Pay protection"]), ("2014-04-01", [])):
        found = api.get("/staff/S1/position", effective_at=day).json()
        assert [each["term"] for each in found["terms"]] == held


def test_an_unknown_employer_is_taken_and_asked_about(api: Api) -> None:
    written = employed(api, "S1", employer="Acme Ltd")
    assert ["'Acme Ltd' is no employer known here" in each for each in written["warnings"]] == [
        True
    ]
    assert "warnings" not in employed(api, "S2", employer="ldn")
    change = {"effective_from": DAY, "changes": {"employer": "Lundon"}, "reason": "moved"}
    (warned,) = created(api.post("/staff/S2/changes", change))["warnings"]
    assert "nearest: London Probation Trust (LDN)" in warned


@pytest.mark.parametrize("reason", ["", "  ", "\t\n"])
def test_a_blank_reason_is_refused(api: Api, reason: str) -> None:
    employed(api, "S1")
    change = {"effective_from": DAY, "changes": {"band": "5"}, "reason": reason}
    refused = told(api.post("/staff/S1/changes", change), 422, "malformed")
    assert refused["errors"][0]["field"] == "reason"
    bulk = {"reason": reason, "items": [{"staff_number": "S1", "change": change}]}
    assert api.post("/bulk", bulk).status_code == 422


@pytest.mark.parametrize("end", ["2200-01-01", "4712-12-31", "9999-12-31"])
def test_an_end_of_time_is_refused_as_an_end(api: Api, end: str) -> None:
    registered = employed(api, "S1")
    dated = {"effective_from": DAY, "effective_to": end, "reason": "r"}
    changes = {"changes": {"band": "5"}}
    for path, body in (
        ("changes", changes),
        ("terms", {"term": "pay protection", "value": "1"}),
        ("corrections", {"of": registered["event_id"], **changes}),
    ):
        refused = told(api.post(f"/staff/S1/{path}", dated | body), 422, "malformed")
        assert refused["errors"][0]["field"] == "effective_to"
        assert "leave effective_to out" in refused["detail"]
