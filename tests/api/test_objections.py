"""What a person says against their own record, over HTTP, and what the employer answers."""

from __future__ import annotations

import json

import pytest

from tests.support.asking import Api, Json, created, position, told
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

STATEMENT = "I was never at band 3: see my letter of appointment"


def object_to(api: Api, of: Json, *, token: str | None = None) -> Json:
    """Object to an entry of S1."""
    body = {"of": of["event_id"], "statement": STATEMENT}
    return created(api.post("/staff/S1/objections", body, token=token))


def answer(api: Api, objection: Json, outcome: str, **rest: object) -> Json:
    """Answer an objection of S1."""
    body = {"outcome": outcome, "reason": "the contract says so", **rest}
    return created(api.post(f"/staff/S1/objections/{objection['event_id']}/answer", body))


def objections(api: Api, **asked: object) -> list[Json]:
    """The objections on S1's record."""
    found = api.get("/staff/S1/objections", asked)
    assert found.status_code == 200, found.text
    items: list[Json] = found.json()["items"]
    return items


def test_it_stands_beside_the_employers_version_and_changes_no_value(api: Api) -> None:
    registered = api.register(position={"employer": "LDN", "band": "3"})
    before = position(api, effective_at="2014-02-01")
    own = api.token_for(Role.STAFF, "S1")
    made = object_to(api, registered, token=own)
    after = position(api, effective_at="2014-02-01")
    for facet in ("employer", "band"):
        [beside] = after["position"][facet].pop("objections")
        assert beside["event_id"] == made["event_id"]
        assert beside["statement"] == STATEMENT
        assert (beside["state"], beside["recorded_by"]) == ("open", "S1")
    assert after["position"] == before["position"]
    item = api.get("/staff/S1/history").json()["items"][0]
    assert [each["state"] for each in item["objections"]] == ["open"]
    [band] = [
        each for each in api.get("/staff/S1/timeline").json()["facets"] if each["facet"] == "band"
    ]
    assert band["periods"][0]["objections"][0]["of"] == registered["event_id"]
    earlier = position(api, effective_at="2014-02-01", known_at=registered["recorded_at"])
    assert "objections" not in earlier["position"]["band"]


def test_its_words_are_in_the_vault_alone(api: Api, record: Record) -> None:
    made = object_to(api, api.register())
    answer(api, made, "maintained")
    with record.log.connection() as conn:
        rows = conn.execute("SELECT convert_from(state, 'UTF8') AS text FROM events")
        text = json.dumps([dict(row) for row in rows.fetchall()])
    assert "entry-objected-to.v1" in json.dumps(api.get("/staff/S1/history").json())
    assert STATEMENT not in text
    assert "the contract says so" not in text
    record.vault.erase("S1")
    [erased] = objections(api)
    assert erased["statement"] is None
    assert erased["state"] == "maintained"


def test_it_is_upheld_by_the_correction_that_puts_it_right(api: Api) -> None:
    registered = api.register(position={"band": "3"})
    made = object_to(api, registered)
    body = {
        "of": registered["event_id"],
        "effective_from": "2014-01-01",
        "changes": {"band": "4"},
        "reason": "letter of appointment",
    }
    corrected = created(api.post("/staff/S1/corrections", body))
    upheld = answer(api, made, "upheld", put_right_by=corrected["event_id"])
    [held] = objections(api)
    assert (held["state"], held["put_right_by"]) == ("upheld", corrected["event_id"])
    assert (held["closed_by"], held["reason"]) == (upheld["event_id"], "the contract says so")
    [before] = objections(api, known_at=corrected["recorded_at"])
    assert before["state"] == "open"
    band = position(api, effective_at="2014-02-01")["position"]["band"]
    assert (band["value"], band["objections"][0]["state"]) == ("4", "upheld")


def test_a_term_can_be_objected_to(api: Api) -> None:
    api.register()
    body = {"term": "pay protection", "value": "band 4", "effective_from": "2014-01-01"}
    granted = created(api.post("/staff/S1/terms", body | {"reason": "r"}))
    object_to(api, granted)
    [term] = position(api, effective_at="2014-02-01")["terms"]
    assert term["objections"][0]["of"] == granted["event_id"]


def test_it_is_withdrawn_once_and_stays_on_record(api: Api) -> None:
    made = object_to(api, api.register())
    path = f"/staff/S1/objections/{made['event_id']}"
    own = api.token_for(Role.STAFF, "S1")
    created(api.post(f"{path}/withdrawal", {}, token=own))
    again = api.post(f"{path}/withdrawal", {}, token=own)
    assert (again.status_code, again.json()) == (200, made)
    told(api.post(f"{path}/answer", {"outcome": "maintained", "reason": "r"}), 409, "conflict")
    assert [each["state"] for each in objections(api)] == ["withdrawn"]


def test_nobody_objects_to_what_is_not_theirs_and_staff_do_not_answer(api: Api) -> None:
    made = object_to(api, api.register())
    others = api.register("S2")
    path = "/staff/S1/objections"
    told(api.post(path, {"of": others["event_id"], "statement": "x"}), 404, "not-on-record")
    told(api.post(path, {"of": made["event_id"], "statement": "x"}), 404, "not-on-record")
    told(api.post(path, {"of": made["event_id"], "statement": ""}), 422, "malformed")
    told(
        api.post("/staff/S9/objections", {"of": made["event_id"], "statement": "x"}),
        404,
        "not-on-record",
    )
    own, other = api.token_for(Role.STAFF, "S1"), api.token_for(Role.STAFF, "S2")
    audit = api.token_for(Role.AUDIT)
    told(api.post(path, {}, token=other), 404, "not-on-record")
    told(api.post(path, {}, token=audit), 403, "not-allowed")
    told(api.post(f"{path}/{made['event_id']}/answer", {}, token=own), 403, "not-allowed")
    assert api.get(path, token=audit).status_code == 200
    told(api.get(path, token=other), 404, "not-on-record")
    for body, status, name in (
        ({"outcome": "upheld", "reason": "r"}, 422, "malformed"),
        ({"outcome": "perhaps", "reason": "r"}, 422, "malformed"),
        ({"outcome": "upheld", "reason": "r", "put_right_by": others["event_id"]}, 404, None),
    ):
        answered = api.post(f"{path}/{made['event_id']}/answer", body)
        told(answered, status, name or "not-on-record")


def test_a_repeated_objection_is_the_first(api: Api) -> None:
    registered = api.register()
    body = {"of": registered["event_id"], "statement": STATEMENT}
    first = created(api.post("/staff/S1/objections", body, key="k"))
    assert created(api.post("/staff/S1/objections", body, key="k")) == first
    assert len(objections(api)) == 1
