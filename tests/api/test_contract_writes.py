"""The contract's sentences about writing over HTTP, one by one."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.support.asking import Api, created, position, told, values
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_a_write_answers_201_with_number_event_version_and_instant_and_an_etag(api: Api) -> None:
    body = {
        "staff_number": "S1",
        "name": "A. Example",
        "effective_from": "2014-01-01",
        "position": {"employer": "LDN"},
    }
    answer = api.post("/staff", body)
    content = created(answer)
    assert set(content) == {"staff_number", "event_id", "version", "recorded_at"}
    assert content["staff_number"] == "S1"
    assert content["version"] == 1
    assert INSTANT.fullmatch(content["recorded_at"])
    assert answer.headers["etag"] == '"1"'
    change = {"effective_from": "2014-02-01", "changes": {"band": "4"}, "reason": "r"}
    answer = api.post("/staff/S1/changes", change)
    assert created(answer)["version"] == 2
    assert answer.headers["etag"] == '"2"'


def test_recorded_at_strictly_increases_and_can_be_used_as_known_at(api: Api) -> None:
    written = [api.register()]
    written += [api.change(start="2014-02-01", band=str(n)) for n in range(5)]
    instants = [each["recorded_at"] for each in written]
    assert all(before < after for before, after in pairwise(instants))
    for n, instant in enumerate(instants[1:]):
        found = position(api, effective_at="2014-03-01", known_at=instant)
        assert found["known_at"] == instant
        assert found["position"]["band"]["value"] == str(n)


def test_the_same_key_and_body_gives_the_first_answer_again_and_writes_nothing(api: Api) -> None:
    api.register()
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    first = api.post("/staff/S1/changes", body, key="a key, with blanks")
    api.change(start="2014-03-01", band="6")
    again = api.post("/staff/S1/changes", body, key="a key, with blanks", if_match='"1"')
    assert created(again) == created(first)
    assert again.headers["etag"] == first.headers["etag"]
    reordered = b'{"reason":"r", "changes":{"band":"5"},\n"effective_from":"2014-02-01"}'
    assert created(api.post("/staff/S1/changes", reordered, key="a key, with blanks"))
    assert len(api.get("/staff/S1/history").json()["items"]) == 3


def test_the_same_key_with_another_body_is_422(api: Api) -> None:
    api.register()
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    created(api.post("/staff/S1/changes", body, key="k"))
    told(api.post("/staff/S1/changes", {**body, "reason": "s"}, key="k"), 422, "key-reused")
    told(api.post("/staff/S1/terms", body | {"term": "t"}, key="k"), 422, "malformed")
    api.register("S2")
    told(api.post("/staff/S2/changes", body, key="k"), 422, "key-reused")


def test_a_key_belongs_to_the_caller_who_sent_it(api: Api) -> None:

    api.register()
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    first = created(api.post("/staff/S1/changes", body, key="k"))
    other = api.token_for(Role.ADMIN, "another administrator")
    second = created(api.post("/staff/S1/changes", body, key="k", token=other))
    assert second["version"] == first["version"] + 1


def test_a_repeated_registration_gives_its_first_answer(api: Api) -> None:
    body = {"staff_number": "S1", "name": "n", "effective_from": "2014-01-01", "position": {}}
    first = created(api.post("/staff", body, key="k"))
    assert created(api.post("/staff", body, key="k")) == first
    told(api.post("/staff", body), 409, "already-on-record")


@pytest.mark.parametrize("key", ["x", "x" * 255, "ключ №1", " y ", "~!@#$%^&*()"])
def test_a_key_is_1_to_255_printable_characters(api: Api, key: str) -> None:
    body = {"staff_number": "S1", "name": "n", "effective_from": "2014-01-01", "position": {}}
    first = created(api.post("/staff", body, key=key.encode()))
    assert created(api.post("/staff", body, key=key.encode())) == first


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"a\tb", b"\xff", "\u200b".encode()])
def test_any_other_key_is_422(shared: Api, key: bytes) -> None:
    body = {"staff_number": "S2", "name": "n", "effective_from": "2014-01-01", "position": {}}
    problem = told(shared.post("/staff", body, key=key), 422, "malformed")
    assert problem["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("if_match", ['"1"', "1", "*"])
def test_a_write_may_name_the_version_that_it_relies_on(api: Api, if_match: str) -> None:
    api.register()
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    assert created(api.post("/staff/S1/changes", body, if_match=if_match))["version"] == 2


def test_a_stale_version_is_412_and_writes_nothing(api: Api) -> None:
    api.register()
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    for stale in ('"0"', "2", '"999999999999999999"'):
        told(api.post("/staff/S1/changes", body, if_match=stale), 412, "stale-version")
    told(api.post("/staff/S2/changes", body, if_match="3"), 404, "not-on-record")
    new = {"staff_number": "S2", "name": "n", "effective_from": "2014-01-01", "position": {}}
    told(api.post("/staff", new, if_match="3"), 412, "stale-version")
    told(api.post("/staff", new, if_match="*"), 412, "stale-version")
    assert len(api.get("/staff/S1/history").json()["items"]) == 1
    assert created(api.post("/staff", new, if_match='"0"'))["version"] == 1


@pytest.mark.parametrize("if_match", ["", "x", "-1", '"1', 'W/"1"', '"1", "2"', "1.0"])
def test_what_is_no_version_is_422(shared: Api, if_match: str) -> None:
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    told(shared.post("/staff/S1/changes", body, if_match=if_match), 422, "malformed")


def test_facet_values_are_opaque_and_returned_verbatim(api: Api) -> None:
    given = {
        "employer": "  Nobody & Sons\t\n",
        "unit": "",
        "post": "a" * 5_000,
        "role": "é e\u0301 \U0001f600 \u202e \x01 \x7f \\ \" '",
        "line_manager": "S1",
        "band": "four",
        "workplace": "%_\\N",
        "fte": "0.50",
    }
    api.register(position=given)
    assert values(api, effective_at="2014-01-01") == given
    for facet in ("unit", "role", "workplace", "post"):
        found = api.get(
            "/workforce/members", {facet: given[facet]}, effective_at="2014-01-01"
        ).json()
        assert [each["position"] for each in found["items"]] == [given]


def test_the_reason_is_free_text_and_the_basis_is_told_back(api: Api) -> None:
    api.register()
    basis = {"rulebook": "tr-2013", "clause": "TR-08", "document": "a letter"}
    body = {
        "effective_from": "2014-02-01",
        "changes": {"band": "5"},
        "reason": " …",
        "basis": basis,
    }
    created(api.post("/staff/S1/changes", body))
    assert position(api, effective_at="2014-02-01")["position"]["band"]["basis"] == basis
    created(api.post("/staff/S1/changes", {**body, "basis": {"document": "d"}}))
    told_back = position(api, effective_at="2014-02-01")["position"]["band"]["basis"]
    assert told_back == {"rulebook": None, "clause": None, "document": "d"}
