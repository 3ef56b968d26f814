"""Every read of a person's record is on the register, and the person can see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.support.asking import Api, told
from tests.support.describing import description
from tests.support.serving import application
from transfer.access.identity import Role
from transfer.access.reads import Read
from transfer.api.http_service import HttpService, Reads

pytestmark = pytest.mark.engines

ONES = (
    "",
    "/position",
    "/timeline",
    "/history",
    "/differences",
    "/appeals",
    "/objections",
)


def reads_of(service: HttpService, number: str) -> list[Read]:
    """What the register has of one person, newest first."""
    return service.register.of(number, limit=1000)


def numbers_in(answer: object) -> Iterator[str]:
    """Every staff number that an answer names."""
    match answer:
        case dict():
            if isinstance(answer.get("staff_number"), str):
                yield answer["staff_number"]
            for part in answer.values():
                yield from numbers_in(part)
        case list():
            for part in answer:
                yield from numbers_in(part)
        case _:
            pass


def names_people(schema: object, schemas: dict[str, Any], seen: set[str]) -> bool:
    """Whether an answer of that schema can name somebody as `staff_number`."""
    match schema:
        case dict():
            if "staff_number" in schema.get("properties", {}):
                return True
            name = str(schema.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                if names_people(schemas[name], schemas, seen):
                    return True
            return any(names_people(part, schemas, seen) for part in schema.values())
        case list():
            return any(names_people(part, schemas, seen) for part in schema)
        case _:
            return False


def test_every_route_that_can_show_people_puts_its_reads_on_the_register(
    service: HttpService,
) -> None:
    document = description()
    with application(service) as app:
        noted = {
            route.path
            for route in app.routes
            if isinstance(route, APIRoute)
            and any(isinstance(each.call, Reads) for each in route.dependant.dependencies)
        }
    showing = {
        path
        for path, operations in document["paths"].items()
        if "get" in operations
        and names_people(
            operations["get"]["responses"]["200"], document["components"]["schemas"], set()
        )
    }
    # A table has its columns in place of a schema.
    showing |= {path for path in document["paths"] if path.endswith(".csv")}
    # The register's own page says whose it is, and shows nothing of their record.
    assert showing - noted == {"/v1/staff/{staff_number}/reads"}


@pytest.mark.parametrize("what", ONES)
def test_a_read_of_one_person_says_who_when_and_why(
    api: Api, service: HttpService, what: str
) -> None:
    first = api.register("S1")
    asked = {"known_from": first["recorded_at"]} if what == "/differences" else {}
    token = api.token_for(Role.AUDIT, "the auditors")
    headers = [*api.headers(token), (b"Transfer-Reason", "grievance 7, café".encode())]
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = api.client.request("GET", f"/v1/staff/S1{what}", query=query, headers=headers)
    assert answer.status_code == 200, answer.text
    (read,) = reads_of(service, "S1")
    assert (read.subject, read.role, read.what, read.reason) == (
        "the auditors",
        "audit",
        f"/v1/staff/{{staff_number}}{what}",
        "grievance 7, café",
    )
    assert read.known_at is not None
    assert (read.effective_at is not None) == (what in ("", "/position", "/differences"))


@pytest.mark.parametrize(
    "path", ["/workforce/members", "/workforce/without-manager", "/workforce/over-full-time"]
)
def test_a_list_is_a_read_of_each_person_on_it(api: Api, service: HttpService, path: str) -> None:
    for number in ("S1", "S2", "S3"):
        api.register(number, position={"employer": "A", "fte": "0.8"})
    evenings = {"employer": "A", "fte": "0.5"}
    body = {"effective_from": "2014-01-01", "changes": evenings, "reason": "a second job"}
    assert api.post("/staff/S2/changes", body | {"assignment": "evenings"}).status_code == 201
    shown = api.get(path, effective_at="2014-02-01", limit=2).json()
    people = set(numbers_in(shown))
    assert people
    for number in ("S1", "S2", "S3"):
        assert len(reads_of(service, number)) == (number in people), number


def test_what_is_refused_or_not_there_is_no_read(api: Api, service: HttpService) -> None:
    api.register("S1")
    told(api.get("/staff/S1/position", known_at="2001-01-01T00:00:00Z"), 404, "not-on-record")
    told(api.get("/staff/S1/position", token=api.token_for(Role.STAFF, "S2")), 404, "not-on-record")
    told(api.get("/staff/S9/position"), 404, "not-on-record")
    for number in ("S1", "S2", "S9"):
        assert reads_of(service, number) == []


@pytest.mark.parametrize("reason", [b"", b"   ", b"x" * 501, b"\xff\xfe"])
def test_a_reason_that_cannot_be_read_is_refused(api: Api, reason: bytes) -> None:
    api.register("S1")
    headers = [*api.headers(), (b"Transfer-Reason", reason)]
    answer = api.client.request("GET", "/v1/staff/S1/position", headers=headers)
    assert "Transfer-Reason" in str(told(answer, 422, "malformed"))


def test_the_person_sees_who_has_read_page_by_page(api: Api) -> None:
    api.register("S1")
    for _ in range(3):
        api.get("/staff/S1/position")
    own = api.token_for(Role.STAFF, "S1")
    api.get("/staff/S1/timeline", token=own)
    first = api.get("/staff/S1/reads", limit=2, token=own).json()
    assert [each["role"] for each in first["items"]] == ["staff", "admin"]
    rest = api.get("/staff/S1/reads", cursor=first["next_cursor"], token=own).json()
    assert [each["read_by"] for each in rest["items"]] == ["the administrator"] * 2
    assert rest["next_cursor"] is None
    told(api.get("/staff/S1/reads", token=api.token_for(Role.STAFF, "S2")), 404, "not-on-record")
    told(api.get("/staff/S9/reads"), 404, "not-on-record")
    told(api.get("/staff/S1/reads", cursor="x"), 422, "malformed")
