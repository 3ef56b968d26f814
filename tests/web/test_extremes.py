"""Every address that reads, asked about the first and the last day and instant that there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from tests.support.asking import Client
from tests.support.real_exercise import NAME, open_a_real_exercise
from tests.web.practised_pages import SECRET
from tests.web.visiting import Visitor
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.application import create_app, openapi_of
from transfer.api.http_service import HttpService
from transfer.app import Record
from transfer.web.application import add_pages
from transfer.web.frame.asking import FIELDS

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

EXTREMES = {
    "date": ("0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"),
    "date-time": (
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:01:15Z",
        "0001-01-02T00:00:00+23:59",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-23:59",
    ),
}
_BESIDES = {
    "/v1/workforce": {"by": "employer"},
    "/v1/staff/{staff_number}/differences": {
        "known_from": "2014-01-01T00:00:00Z",
        "every_day": "true",
    },
    "/v1/staff/{staff_number}/position": {"why": "true"},
    "/v1/staff/{staff_number}/timeline": {"why": "true"},
}
"""What an address needs besides, or what makes it look at more."""

_PAGE = {
    "effective_at": "date",
    "and_on": "date",
    "known_at": "date-time",
    "compared_with": "date-time",
}
_TABS = ("", "/history", "/terms", "/compare", "/explain", "/contested")


def _when(app: FastAPI) -> dict[str, dict[str, str]]:
    """By address: the parameters that take a date or an instant, and which of the two."""
    found = {f"/staff/{{staff_number}}{tab}": _PAGE for tab in _TABS}
    for path, operations in openapi_of(app)["paths"].items():
        given = operations.get("get", {}).get("parameters", [])
        found[path] = {each["name"]: kind for each in given if (kind := _format(each["schema"]))}
    return {path: when for path, when in found.items() if when}


def _format(schema: dict[str, Any]) -> str | None:
    """`date` or `date-time`, where a value of that schema may be one."""
    found = [each.get("format") for each in (schema, *schema.get("anyOf", ()))]
    return next((each for each in found if each in EXTREMES), None)


def _queries(when: dict[str, str], besides: dict[str, str]) -> Iterator[str]:
    """Each parameter at each of its extremes, and all of them together."""
    for name, kind in when.items():
        for value in EXTREMES[kind]:
            yield urlencode(besides | {name: value})
    for n in (0, -1):
        yield urlencode(besides | {name: EXTREMES[kind][n] for name, kind in when.items()})


_OF_ONES_OWN = {
    "/v1/my/record": Role.STAFF,
    "/v1/my/members": Role.UNION,
    "/v1/my/cases": Role.DISPUTE,
    "/v1/my/consultations": Role.UNION,
    "/v1/my/members/totals": Role.UNION,
    "/v1/my/consultations/{id}/totals": Role.UNION,
}
"""Where somebody asks for what is theirs, and the role that may."""


def test_no_day_and_no_instant_is_a_fault(service: HttpService, record: Record) -> None:
    open_a_real_exercise(record.office)
    record.runner.catch_up()
    with record.log.connection() as conn:
        found = conn.execute("SELECT staff_number FROM position_sheet LIMIT 1").fetchone()
    assert isinstance(found, dict)
    place = defaultdict(lambda: "x", staff_number=found["staff_number"], edition="tr-2013")
    place |= {"exercise": NAME, "kind": "exercise", "id": NAME}
    app = create_app(service)
    add_pages(app, service, SECRET)
    assert set(_PAGE) < set(FIELDS)
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    asked: set[str] = set()
    with start_blocking_portal() as portal:
        client = Client(portal, app)
        visitor = Visitor(client, identity).sign_in()
        for template, when in _when(app).items():
            path = template.format_map(place)
            role = _OF_ONES_OWN.get(template, Role.ADMIN)
            token = identity.issue(found["staff_number"], role, 600)
            for query in _queries(when, _BESIDES.get(template, {})):
                if template.startswith("/v1/"):
                    headers = [(b"Authorization", f"Bearer {token}".encode())]
                    answer = client.request("GET", path, query=query, headers=headers)
                else:
                    answer = visitor.get(f"{path}?{query}")
                assert answer.status_code in (200, 404, 422), (path, query, answer.text)
            asked.add(path)
    assert {"/v1/deadlines", f"/v1/exercises/{NAME}", f"/staff/{place['staff_number']}"} < asked
    assert len(asked) > 9
