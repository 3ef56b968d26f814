"""What the record says differently between two knowledge times, through HTTP."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, Json, created, position, told
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

_BASIS = {"rulebook": "tr-2013", "clause": "TR-13", "document": "letter of 3 March"}


def differences(api: Api, number: str = "S1", **asked: object) -> Json:
    """What a comparison answers."""
    answer = api.get(f"/staff/{number}/differences", asked)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def test_a_difference_names_what_changed_and_every_event_behind_it(api: Api) -> None:
    api.register(position={"band": "4", "unit": "A"})
    changed = api.change(start="2014-03-01", band="5")
    known_from = changed["recorded_at"]
    correction = {
        "of": changed["event_id"],
        "effective_from": "2014-03-01",
        "changes": {"band": "6"},
        "reason": "misread",
        "basis": _BASIS,
    }
    corrected = created(api.post("/staff/S1/corrections", correction))
    annul = {"of": corrected["event_id"], "annul": True, "reason": "it was right"}
    annulled = created(api.post("/staff/S1/corrections", annul))
    again = created(api.post("/staff/S1/corrections", correction))
    known_to = again["recorded_at"]
    asked = {"effective_at": "2014-04-01", "known_from": known_from, "known_to": known_to}
    found = differences(api, **asked)
    assert (found["known_from"], found["known_to"]) == (known_from, known_to)
    assert (found["effective_at"], found["known_before"]) == ("2014-04-01", True)
    assert found["terms"] == []
    assert "days" not in found
    (band,) = found["position"]
    assert (band["assignment"], band["facet"]) == ("main", "band")
    assert band["changed"] == ["value", "source"]
    for end, known_at in (("before", known_from), ("after", known_to)):
        whole = position(api, effective_at="2014-04-01", known_at=known_at)
        assert band[end] == whole["position"]["band"]
    first, second, third = band["causes"]
    assert [each["event_id"] for each in band["causes"]] == [
        each["event_id"] for each in (corrected, annulled, again)
    ]
    assert first["type"] == "entry-corrected.v1"
    assert (first["recorded_by"], first["reason"]) == ("the administrator", "misread")
    assert (first["basis"], first["recorded_at"]) == (_BASIS, corrected["recorded_at"])
    assert (first["corrects"], first["annuls"]) == (changed["event_id"], None)
    assert (first["replaced"]["value"], first["replaced_by"]["value"]) == ("5", "6")
    assert (second["corrects"], second["annuls"]) == (None, corrected["event_id"])
    assert (second["replaced"]["value"], second["replaced_by"]["value"]) == ("6", "5")
    assert third["replaced_by"]["corrected_by"] == again["event_id"]
    nothing = differences(api, **{**asked, "known_to": annulled["recorded_at"]})
    assert nothing["position"] == [], "it reads as it did: what came and went is no difference"


def test_somebody_unknown_before_is_all_new_and_unknown_after_is_404(api: Api) -> None:
    first = api.register("S0")
    second = api.register("S1", position={"band": "4"})
    found = differences(api, effective_at="2014-02-01", known_from=first["recorded_at"])
    assert found["known_before"] is False
    assert found["known_to"] == second["recorded_at"]
    (band,) = found["position"]
    assert band["before"] is None
    assert [each["type"] for each in band["causes"]] == ["staff-registered.v1"]
    asked = {"known_from": first["recorded_at"], "known_to": first["recorded_at"]}
    told(api.get("/staff/S1/differences", asked), 404, "not-on-record")
    told(api.get("/staff/S9/differences", asked), 404, "not-on-record")


def test_assignments_are_compared_together_or_one_alone(api: Api) -> None:
    known = api.register(position={"band": "4"})
    for job in ("main", "evenings"):
        body = {
            "effective_from": "2014-03-01",
            "changes": {"band": "5"},
            "reason": "r",
            "assignment": job,
        }
        created(api.post("/staff/S1/changes", body))
    asked = {"effective_at": "2014-03-01", "known_from": known["recorded_at"]}
    assert [each["assignment"] for each in differences(api, **asked)["position"]] == [
        "evenings",
        "main",
    ]
    alone = differences(api, **asked, assignment="evenings")
    assert [each["assignment"] for each in alone["position"]] == ["evenings"]


def test_every_day_has_the_stretches_each_with_its_causes(api: Api) -> None:
    known = api.register(position={"band": "4"})
    acting = api.change(start="2014-03-01", end="2014-05-01", band="5")
    term = {"term": "pay protection", "value": "5", "effective_from": "2014-05-01", "reason": "r"}
    granted = created(api.post("/staff/S1/terms", term))
    found = differences(
        api, known_from=known["recorded_at"], effective_at="2014-01-01", every_day="true"
    )
    # Of 1 January, no more than how long it lasted reads differently.
    assert [each["changed"] for each in found["position"]] == [["period"]]
    stretches = found["days"]["position"]
    assert [
        (each["effective_from"], each["effective_to"], each["changed"]) for each in stretches
    ] == [
        ("2014-01-01", "2014-03-01", ["period"]),
        ("2014-03-01", "2014-05-01", ["value", "period", "source", "standing"]),
        ("2014-05-01", None, ["period"]),
    ]
    assert stretches[1]["after"]["standing"]["value"] == "4"
    for each in stretches:
        assert [cause["event_id"] for cause in each["causes"]] == [acting["event_id"]]
    (term_days,) = found["days"]["terms"]
    assert (term_days["effective_from"], term_days["effective_to"]) == ("2014-05-01", None)
    assert term_days["causes"][0]["event_id"] == granted["event_id"]


def test_the_two_instants_are_needed_in_order_and_echoed_as_resolved(api: Api) -> None:
    known = api.register()["recorded_at"]
    for asked, name in (
        ({}, "known_from"),
        ({"known_from": "yesterday"}, "known_from"),
        ({"known_from": known, "known_to": "2001-01-01T00:00:00Z"}, "known_from"),
        ({"known_from": known, "known_at": known}, "known_at"),
    ):
        problem = told(api.get("/staff/S1/differences", asked), 422, "malformed")
        assert [each["field"] for each in problem["errors"]] == [name]
    found = differences(api, known_from="9998-01-01T00:00:00Z", known_to="9999-01-01T00:00:00Z")
    assert (found["known_from"], found["known_to"]) == (known, known)
    assert found["position"] == []


def test_staff_compare_their_own_record_alone(api: Api) -> None:
    known = api.register("S1")["recorded_at"]
    own = api.token_for(Role.STAFF, "S1")
    other = api.token_for(Role.STAFF, "S2")
    asked = {"known_from": known}
    assert api.get("/staff/S1/differences", asked, token=own).status_code == 200
    told(api.get("/staff/S1/differences", asked, token=other), 404, "not-on-record")
