"""What concurrent jobs add up to, over HTTP."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, Json, created, position, told
from transfer.access.identity import Role

pytestmark = pytest.mark.engines


def second_job(api: Api, fte: str | None, number: str = "S1", start: str = "2014-03-01") -> Json:
    """A second job, with another employer and manager."""
    body = {
        "assignment": "evenings",
        "effective_from": start,
        "changes": {"employer": "KNT", "line_manager": "S9", "fte": fte},
        "reason": "court duty",
    }
    return created(api.post(f"/staff/{number}/changes", body))


def test_who_has_one_job_is_told_nothing_of_it(api: Api) -> None:
    api.register()
    second_job(api, "0.5")
    assert "full_time" not in position(api, effective_at="2014-02-28")
    assert "full_time" in position(api, effective_at="2014-03-01")


def test_two_jobs_add_up_each_with_its_employer_manager_and_event(api: Api) -> None:
    registered = api.register(position={"employer": "LDN", "line_manager": "S7", "fte": "0.5"})
    second = second_job(api, "0.50")
    asked = [("main", "log"), ("evenings", "log"), ("main", "attested")]
    for job, clock in asked:
        found = position(api, effective_at="2014-06-01", assignment=job, clock=clock)["full_time"]
        assert found == {
            "total": "1",
            "over_one": False,
            "assignments": [
                {
                    "assignment": "evenings",
                    "employer": "KNT",
                    "line_manager": "S9",
                    "fte": "0.50",
                    "event_id": second["event_id"],
                },
                {
                    "assignment": "main",
                    "employer": "LDN",
                    "line_manager": "S7",
                    "fte": "0.5",
                    "event_id": registered["event_id"],
                },
            ],
        }


def test_more_than_a_full_time_is_recorded_and_says_why(api: Api) -> None:
    api.register(position={"employer": "LDN", "fte": "1"})
    second = second_job(api, "0.4")
    over = position(api, effective_at="2014-06-01")["full_time"]
    assert (over["total"], over["over_one"]) == ("1.4", True)
    reasons = {each["assignment"]: each.get("reason") for each in over["assignments"]}
    assert reasons == {"evenings": "court duty", "main": None}
    correction = {
        "of": second["event_id"],
        "assignment": "evenings",
        "effective_from": "2014-03-01",
        "changes": {"employer": "KNT", "fte": "0.3"},
        "reason": "the contract says less",
    }
    corrected = created(api.post("/staff/S1/corrections", correction))
    [part, _] = position(api, effective_at="2014-06-01")["full_time"]["assignments"]
    assert part["corrected_by"] == corrected["event_id"]
    assert part["reason"] == "the contract says less"
    then = position(api, effective_at="2014-06-01", known_at=second["recorded_at"])
    assert then["full_time"]["total"] == "1.4"


def test_a_job_without_a_part_is_named(api: Api) -> None:
    api.register(position={"employer": "LDN", "fte": "0.6"})
    second_job(api, None)
    found = position(api, effective_at="2014-06-01")["full_time"]
    assert (found["total"], found["unstated"]) == ("0.6", ["evenings"])


def test_everybody_above_a_full_time_is_listed_page_by_page(api: Api) -> None:
    for number in ("S1", "S2", "S3", "S4"):
        api.register(number, position={"employer": "LDN", "fte": "0.8"})
    second_job(api, "0.2", "S1")
    for number in ("S2", "S4"):
        second_job(api, "0.3", number)
    asked = {"effective_at": "2014-06-01", "limit": 1}
    first = api.get("/workforce/over-full-time", asked).json()
    rest = api.get("/workforce/over-full-time", asked | {"cursor": first["next_cursor"]}).json()
    assert [(each["staff_number"], each["total"]) for each in first["items"] + rest["items"]] == [
        ("S2", "1.1"),
        ("S4", "1.1"),
    ]
    assert rest["next_cursor"] is None
    assert first["items"][0]["assignments"][0] == {
        "assignment": "evenings",
        "employer": "KNT",
        "line_manager": "S9",
        "fte": "0.3",
    }
    before = api.get("/workforce/over-full-time", effective_at="2014-02-01").json()
    assert before["items"] == []
    own = api.token_for(Role.STAFF, "S1")
    told(api.get("/workforce/over-full-time", token=own), 403, "not-allowed")
    told(api.get("/workforce/over-full-time", cursor="x"), 422, "malformed")
