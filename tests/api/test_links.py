"""Two staff numbers that are one person, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import Api, Json, created, position, told
from transfer.access.identity import Role

pytestmark = pytest.mark.engines


def link(api: Api, one: str, other: str, **rest: Any) -> Json:
    """Link two numbers."""
    body = {"other": other, "reason": "one person", "basis": {"document": "HR letter"}}
    return created(api.post(f"/staff/{one}/links", body, **rest))


def linked(answer: Json) -> list[str]:
    """The numbers that an answer says are the same person."""
    return [each["staff_number"] for each in answer.get("linked", [])]


def read(api: Api, path: str, **asked: object) -> Json:
    """What a read answers."""
    answer = api.get(path, asked)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def test_every_answer_names_the_numbers_linked_and_answers_for_its_own(api: Api) -> None:
    for number, band in (("S1", "3"), ("S2", "4"), ("S3", "5")):
        api.register(number, position={"employer": "LDN", "band": band})
    before = link(api, "S1", "S2")
    after = link(api, "S2", "S3")
    for path in ("position", "timeline", "history"):
        asked = {"effective_at": "2014-02-01"} if path == "position" else {}
        answer = read(api, f"/staff/S1/{path}", **asked)
        assert linked(answer) == ["S2", "S3"], path
        earlier = read(api, f"/staff/S1/{path}", known_at=before["recorded_at"], **asked)
        assert linked(earlier) == ["S2"], path
        assert answer["linked"][1]["through"] == "S2"
    found = position(api, "S1", effective_at="2014-02-01")
    assert found["position"]["band"]["value"] == "3"
    told_of_s3 = position(api, "S3", effective_at="2014-02-01")["linked"][0]
    assert told_of_s3["staff_number"] == "S2"
    assert told_of_s3["recorded_at"] == after["recorded_at"]
    assert told_of_s3["reason"] == "one person"
    assert told_of_s3["basis"]["document"] == "HR letter"
    counted = read(api, "/workforce", by="band", effective_at="2014-02-01")
    assert counted["total"]["headcount"] == 3


def test_the_histories_are_interleaved_where_that_is_asked(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    api.change("S1", start="2014-02-01", band="5")
    link(api, "S1", "S2")
    api.change("S2", start="2014-03-01", band="6")
    items = read(api, "/staff/S1/history", linked="true")["items"]
    assert [(item["staff_number"], item["type"]) for item in items] == [
        ("S1", "staff-registered.v1"),
        ("S2", "staff-registered.v1"),
        ("S1", "position-changed.v1"),
        ("S1", "identity-linked.v1"),
        ("S2", "identity-linked.v1"),
        ("S2", "position-changed.v1"),
    ]
    alone = read(api, "/staff/S1/history")["items"]
    assert [item["event_id"] for item in alone] == [
        item["event_id"] for item in items if item["staff_number"] == "S1"
    ]
    assert "staff_number" not in alone[0]
    own = api.token_for(Role.STAFF, "S1")
    assert linked(api.get("/staff/S1/history", token=own).json()) == ["S2"]
    seen = api.get("/staff/S1/history", linked="true", token=own).json()["items"]
    # By which request something came is for those who look after the service.
    assert all(item.pop("correlation_id") for item in items)
    assert seen == items


def test_a_link_is_undone_by_a_new_event_and_can_be_made_anew(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    made = link(api, "S1", "S2")
    undo = f"/staff/S1/links/{made['event_id']}/undo"
    undone = created(api.post(undo, {"reason": "two people"}))
    assert undone["recorded_at"] > made["recorded_at"]
    for number in ("S1", "S2"):
        assert linked(position(api, number)) == []
        assert linked(position(api, number, known_at=made["recorded_at"])) != []
    told(api.post(undo, {"reason": "again"}), 409, "conflict")
    assert link(api, "S2", "S1")["version"] == 4
    assert linked(position(api, "S1")) == ["S2"]


def test_what_is_linked_already_is_told_and_nothing_is_written(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    made = link(api, "S1", "S2", key="k")
    assert link(api, "S1", "S2", key="k") == made
    again = api.post("/staff/S1/links", {"other": "S2", "reason": "once more"})
    assert (again.status_code, again.json()) == (200, made)
    assert len(read(api, "/staff/S2/history")["items"]) == 2


def test_what_cannot_be_linked(api: Api) -> None:
    made = api.register("S1")
    api.register("S2")
    path = "/staff/S1/links"
    told(api.post(path, {"other": "S1", "reason": "r"}), 422, "malformed")
    told(api.post(path, {"other": "S 2", "reason": "r"}), 422, "malformed")
    told(api.post(path, {"other": "S9", "reason": "r"}), 404, "not-on-record")
    told(api.post("/staff/S9/links", {"other": "S1", "reason": "r"}), 404, "not-on-record")
    told(api.post(path, {"other": "S2", "reason": "r"}, if_match="9"), 412, "stale-version")
    told(api.post(f"{path}/{made['event_id']}/undo", {"reason": "r"}), 404, "not-on-record")
    told(api.post(f"{path}/x/undo", {"reason": "r"}), 422, "malformed")


OWN = ("position", "timeline", "history", "differences", "objections", "appeals")


def test_linked_numbers_are_ones_own_while_the_link_stands(api: Api) -> None:
    """S1 was renumbered to S2 and S3; S4 is somebody else."""
    before = [api.register(number) for number in ("S1", "S2", "S3", "S4")][-1]
    made = link(api, "S1", "S2")
    link(api, "S2", "S3")
    token = api.token_for(Role.STAFF, "S3")
    for path in OWN:
        asked = {"known_from": before["recorded_at"]} if path == "differences" else {}
        for number in ("S1", "S2", "S3"):
            assert api.get(f"/staff/{number}/{path}", asked, token=token).status_code == 200
        told(api.get(f"/staff/S4/{path}", asked, token=token), 404, "not-on-record")
    told(api.get("/staff/S9/position", token=token), 404, "not-on-record")
    told(api.get("/workforce/members", token=token), 403, "not-allowed")
    of = read(api, "/staff/S1/history")["items"][0]["event_id"]
    objection = {"of": of, "statement": "my band was another"}
    created(api.post("/staff/S1/objections", objection, token=token))

    created(api.post(f"/staff/S1/links/{made['event_id']}/undo", {"reason": "two people"}))
    told(api.get("/staff/S1/position", token=token), 404, "not-on-record")
    told(api.post("/staff/S1/objections", objection, token=token), 404, "not-on-record")
    assert api.get("/staff/S2/position", token=token).status_code == 200
    # Nor is the other's history shown by asking for an instant at which the link stood.
    then = {"linked": "true", "known_at": made["recorded_at"]}
    both = read(api, "/staff/S2/history", **then)["items"]
    assert {each["staff_number"] for each in both} == {"S1", "S2"}
    own = api.get("/staff/S2/history", then, token=token).json()["items"]
    assert {each["staff_number"] for each in own} == {"S2"}
