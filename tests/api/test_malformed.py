"""Bodies and queries that break a rule of form: each is 422 with its field, and writes nothing."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from tests.support.asking import Api, Json, created, told
from tests.support.serving import application
from transfer.access.identity import Role
from transfer.api.application import granted_roles_of, roles_of
from transfer.api.http_service import HttpService
from transfer.commands.acts.given import example_body
from transfer.commands.acts.offered import offered
from transfer.kinds import KNOWN

pytestmark = pytest.mark.engines

REGISTRATION: Json = {
    "staff_number": "S2",
    "name": "A. Example",
    "effective_from": "2014-01-01",
    "position": {"band": "4"},
}
CHANGE: Json = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
TERM: Json = {"term": "t", "value": "v", "effective_from": "2014-02-01", "reason": "r"}

ABSENT = object()


def changed(body: Json, **differently: Any) -> Json:
    """The body with some fields otherwise, or absent."""
    together = {**body, **differently}
    return {name: value for name, value in together.items() if value is not ABSENT}


@pytest.mark.parametrize(
    ("differently", "field"),
    [
        ({"staff_number": ABSENT}, "staff_number"),
        ({"staff_number": ""}, "staff_number"),
        ({"staff_number": "S 1"}, "staff_number"),
        ({"staff_number": "S1\n"}, "staff_number"),
        ({"staff_number": "S/1"}, "staff_number"),
        ({"staff_number": "S" * 65}, "staff_number"),
        ({"staff_number": 7}, "staff_number"),
        ({"name": ABSENT}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"effective_from": ABSENT}, "effective_from"),
        ({"effective_from": None}, "effective_from"),
        ({"effective_from": 20140101}, "effective_from"),
        ({"effective_from": 1.5}, "effective_from"),
        ({"effective_from": True}, "effective_from"),
        ({"effective_from": "2014-13-01"}, "effective_from"),
        ({"effective_from": "2014-01-01T00:00:00"}, "effective_from"),
        ({"effective_from": "2014-01-01 "}, "effective_from"),
        ({"effective_from": "0000-01-01"}, "effective_from"),
        ({"effective_to": "2015-01-01"}, "effective_to"),
        ({"continuous_service_from": "yesterday"}, "continuous_service_from"),
        ({"continuous_service_from": "2014-01-02"}, "continuous_service_from"),
        ({"position": ABSENT}, "position"),
        ({"position": None}, "position"),
        ({"position": []}, "position"),
        ({"position": {"shoe_size": "9"}}, "position.shoe_size"),
        ({"position": {"Band": "4"}}, "position.Band"),
        ({"position": {"band": 4}}, "position.band"),
        ({"position": {"band": True}}, "position.band"),
        ({"position": {"band": ["4"]}}, "position.band"),
        ({"position": {"band": "4\x00"}}, "position.band"),
        ({"position": {"fte": "1.01"}}, "fte"),
        ({"position": {"fte": "-0.5"}}, "fte"),
        ({"position": {"fte": "half"}}, "fte"),
        ({"position": {"fte": "NaN"}}, "fte"),
        ({"position": {"fte": "sNaN"}}, "fte"),
        ({"position": {"fte": ""}}, "fte"),
        ({"position": {"fte": 0.5}}, "position.fte"),
        ({"assignment": ""}, "assignment"),
        ({"assignment": "Main"}, "assignment"),
        ({"assignment": None}, "assignment"),
        ({"basis": "tr-2013"}, "basis"),
        ({"basis": {"page": "3"}}, "basis.page"),
        ({"basis": {"clause": 3}}, "basis.clause"),
        ({"surname": "x"}, "surname"),
    ],
)
def test_a_registration_names_the_field(shared: Api, differently: Json, field: str) -> None:
    problem = told(shared.post("/staff", changed(REGISTRATION, **differently)), 422, "malformed")
    assert field in [each["field"] for each in problem["errors"]]
    assert field in problem["detail"]
    told(shared.get("/staff/S2/history"), 404, "not-on-record")


@pytest.mark.parametrize(
    ("differently", "field"),
    [
        ({"changes": {}}, "changes"),
        ({"changes": ABSENT}, "changes"),
        ({"changes": {"band": "5", "fte": "2"}}, "fte"),
        ({"reason": ABSENT}, "reason"),
        ({"reason": None}, "reason"),
        ({"reason": "\x00"}, "reason"),
        ({"effective_to": "2014-02-01"}, "effective_to"),
        ({"effective_to": "2014-01-31"}, "effective_to"),
        ({"effective_to": "never"}, "effective_to"),
        ({"of": "x"}, "of"),
    ],
)
def test_a_change_names_the_field(shared: Api, differently: Json, field: str) -> None:
    body = changed(CHANGE, **differently)
    problem = told(shared.post("/staff/S1/changes", body), 422, "malformed")
    assert field in [each["field"] for each in problem["errors"]]


@pytest.mark.parametrize(
    ("differently", "field"),
    [
        ({"term": ""}, "term"),
        ({"term": ABSENT}, "term"),
        ({"value": ABSENT}, "value"),
        ({"value": 3}, "value"),
        ({"term": "continuous_service_from", "value": "rubbish"}, "value"),
        ({"term": "continuous_service_from", "value": "20140201"}, "value"),
        ({"effective_to": "2014-02-01"}, "effective_to"),
        ({"assignment": "main"}, "assignment"),
    ],
)
def test_a_term_names_the_field(shared: Api, differently: Json, field: str) -> None:
    body = changed(TERM, **differently)
    problem = told(shared.post("/staff/S1/terms", body), 422, "malformed")
    assert field in [each["field"] for each in problem["errors"]]


@pytest.mark.parametrize(
    "differently",
    [
        {"of": ABSENT},
        {"of": None},
        {"of": "x"},
        {"of": "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"},
        {"of": "6ba7b8109dad11d180b400c04fd430c8"},
        {"reason": ABSENT},
        {},
        {"annul": False},
        {"annul": "true"},
        {"annul": 1},
        {"annul": None},
        {"annul": True, "effective_from": "2014-02-01"},
        {"annul": True, "changes": {}},
        {"annul": True, "assignment": "main"},
        {"effective_from": "2014-02-01"},
        {"changes": {"band": "5"}},
        {"effective_from": "2014-02-01", "term": "t"},
        {"effective_from": "2014-02-01", "value": "v"},
        {"effective_from": "2014-02-01", "effective_to": "2014-02-01", "changes": {}},
        {"effective_from": "2014-02-01", "changes": {"band": "5"}, "term": "t", "value": "v"},
        {
            "effective_from": "2014-02-01",
            "changes": {"band": "5"},
            "term": "continuous_service_from",
            "value": "2001-03-05",
        },
    ],
)
def test_a_correction_is_either_a_content_or_an_annulment(shared: Api, differently: Json) -> None:
    change = shared.get("/staff/S1/history").json()["items"][1]
    body = changed({"of": change["event_id"], "reason": "r"}, **differently)
    told(shared.post("/staff/S1/corrections", body), 422, "malformed")
    assert len(shared.get("/staff/S1/history").json()["items"]) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"7",
        b"NaN",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"{'name': 'x'}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"version": ' + b"9" * 10_000 + b"}",
        json.dumps(REGISTRATION).encode() + b"x",
        json.dumps(REGISTRATION).encode("utf-16"),
    ],
)
def test_what_is_no_json_object_is_422(shared: Api, raw: bytes) -> None:
    told(shared.post("/staff", raw), 422, "malformed")


def test_a_lone_surrogate_is_422_wherever_it_is(api: Api) -> None:
    for field in ("name", "staff_number"):
        raw = json.dumps({**REGISTRATION, field: "\ud83d"}).encode()
        told(api.post("/staff", raw), 422, "malformed")
    pair = json.dumps({**REGISTRATION, "position": {"role": "\ud83d\ude00"}}).encode()
    created(api.post("/staff", pair))


def test_nothing_of_what_was_sent_is_told_back_at_length(api: Api) -> None:
    private = "a very private name"
    body = {**REGISTRATION, "effective_from": private, "position": {"fte": private * 1_000}}
    problem = told(api.post("/staff", body), 422, "malformed")
    assert private not in json.dumps(problem)
    long = api.post("/staff", {**REGISTRATION, "position": {"fte": "9" * 100_000}})
    assert len(long.content) < 5_000
    many = api.post(
        "/staff", {**REGISTRATION, "position": {"x" * 9_000 + str(n): "" for n in range(99)}}
    )
    assert len(many.content) < 20_000


def test_a_body_that_is_too_large_is_413(api: Api, service: HttpService) -> None:
    body = {**REGISTRATION, "position": {"unit": "x" * service.max_body_bytes}}
    told(api.post("/staff", body), 413, "too-large")
    fits = {**REGISTRATION, "position": {"unit": "x" * (service.max_body_bytes - 500)}}
    created(api.post("/staff", fits))
    found = api.get("/staff/S2/position").json()["position"]["unit"]["value"]
    assert found == fits["position"]["unit"]


def test_the_content_type_does_not_matter(api: Api) -> None:
    headers = [*api.headers(), (b"content-type", b"application/x-www-form-urlencoded")]
    answer = api.client.request(
        "POST", "/v1/staff", headers=headers, body=json.dumps(REGISTRATION).encode()
    )
    created(answer)


@pytest.mark.parametrize(
    ("path", "raw", "name"),
    [
        ("/staff/S1/changes", b'{"effective_from":"2014-02-01","effective_from":"2014-03-01",'
         b'"changes":{"band":"5"},"reason":"r"}', "effective_from"),
        ("/staff/S1/changes", b'{"effective_from":"2014-02-01",'
         b'"changes":{"band":"5","unit":"N","b\\u0061nd":"6"},"reason":"r"}', "band"),
        ("/staff/S1/terms", b'{"term":"t","value":"v","effective_from":"2014-02-01","reason":"r",'
         b'"basis":{"clause":"1","clause":"1"}}', "clause"),
        ("/bulk", b'{"reason":"r","items":[{"staff_number":"S1","staff_number":"S2"}]}',
         "staff_number"),
    ],
)  # fmt: skip
def test_what_is_given_twice_is_422(shared: Api, path: str, raw: bytes, name: str) -> None:
    for query in ("", "preview=true"):
        answer = shared.client.request(
            "POST", f"/v1{path}", query=query, headers=shared.headers(), body=raw
        )
        problem = told(answer, 422, "malformed")
        assert problem["errors"] == [{"field": name, "reason": "given more than once"}]
    assert len(shared.get("/staff/S1/history").json()["items"]) == 2


def test_every_address_refuses_a_query_parameter_that_it_does_not_know(
    shared: Api, service: HttpService
) -> None:
    # Where preview is known, the body is read before the query: it must be good.
    annulment = {"of": str(UUID(int=0)), "annul": True, "reason": "r"}
    item = {"staff_number": "S1", "change": CHANGE}
    bodies: dict[str, Json] = {
        "changes": CHANGE,
        "terms": TERM,
        "corrections": annulment,
        "bulk": {"items": [item], "reason": "r"},
        "leavings": {"effective_from": "2014-04-01", "reason": "r"},
    }
    acts = {
        f"/v1/procedures/{each.kind}" + ("" if each.begins else f"/x/acts/{each.name}"): (
            example_body(each.name, each.body)
        )
        for each in offered(KNOWN.kinds)
    }
    asked = 0
    with application(service) as app:
        routes = list(app.routes)
    for route in routes:
        if not isinstance(route, APIRoute) or not route.path.startswith("/v1/"):
            continue
        path = route.path.format(
            staff_number="S1",
            event_id=UUID(int=0),
            exercise="x",
            edition="tr-2013",
            id="x",
            document_id="D000001",
            read_id="1",
            hand_over=UUID(int=0),
            obligation_id=UUID(int=0),
            reference="AAAA-AAAA-AAAA-AAAA",
        )
        # As an administrator, where one is served.
        served = (roles_of(route) or frozenset()) | granted_roles_of(route)
        role = Role.ADMIN if not served or Role.ADMIN in served else min(served)
        body = json.dumps(acts.get(path) or bodies.get(path.rpartition("/")[2], {})).encode()
        for method in route.methods or ():
            answer = shared.client.request(
                method,
                path,
                query="zzz=1",
                headers=shared.headers(shared.token_for(role, "S1")),
                body=body,
            )
            assert answer.status_code == 422, (method, path)
            if method != "HEAD":
                fields = [each["field"] for each in told(answer, 422, "malformed")["errors"]]
                assert "zzz" in fields, (method, path)
            asked += 1
    assert asked > 15


def test_a_write_that_has_no_preview_does_not_write_when_it_is_asked_for_one(shared: Api) -> None:
    answer = shared.client.request(
        "POST",
        "/v1/staff",
        query="preview=true",
        headers=shared.headers(),
        body=json.dumps(REGISTRATION).encode(),
    )
    assert told(answer, 422, "malformed")["errors"][0]["field"] == "preview"
    told(shared.get("/staff/S2/history"), 404, "not-on-record")


@pytest.mark.parametrize(
    "query",
    [
        "effective_at=2014-01-01&effective_at=2014-01-01",
        "effective-at=2014-01-01",
        "known_at=2014-01-01T00:00:00Z&x=1",
        "assignment=%ff",
        "effective_at=2014-01-01%00",
        "&".join(f"a{n}=1" for n in range(100)),
        "assignment=Main",
        "limit=10",
    ],
)
def test_a_query_that_is_not_understood_is_422(shared: Api, query: str) -> None:
    told(shared.get("/staff/S1/position", query), 422, "malformed")
    if "limit" not in query:
        told(shared.get("/deadlines", query), 422, "malformed")
