"""Every route and page with every role and with none: what is declared is what happens.

The routes are found, and what each is to answer is read off what it declares; so a new one is in
here without a line. What may be declared at all is laid down at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response

from tests.support.asking import Client, headers_of
from tests.support.serving import application
from tests.web.practised_pages import SECRET
from tests.web.visiting import Visitor, form_token_of
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.http_service import Allow, HttpService, Reads, open_to_all
from transfer.api.reach import Reach
from transfer.commands.acts.offered import offered
from transfer.kinds import KNOWN
from transfer.web.frame.pages import SignedIn, SignedInToRead

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("story")]

THERE, NOT_THERE = "S10442", "S99999"
PLACES = {"event_id": str(UUID(int=0)), "name": "not-found"}
"""What stands in a path where not every word can; anything else is there as `x`."""


@pytest.fixture
def app(service: HttpService) -> Iterator[FastAPI]:
    """The API and the pages of one service."""
    with application(service, pages=SECRET) as made:
        yield made


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    """Asks it."""
    with start_blocking_portal() as portal:
        yield Client(portal, app)


def reach_of(route: APIRoute) -> Reach | None:
    """Whom a route declares to serve; `None`: everybody, without a token."""
    calls = [each.call for each in route.dependant.dependencies]
    declared = {each.reach for each in calls if isinstance(each, Allow | SignedIn)}
    assert len(declared) + (open_to_all in calls) == 1, route.path
    return declared.pop() if declared else None


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route, with its method; there is no other kind."""
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(routes) == len(app.routes)
    assert len(routes) > 100
    return routes


def methods_of(route: APIRoute) -> set[str]:
    """The one method of a route."""
    assert route.methods is not None
    return route.methods


def path_of(route: APIRoute, staff_number: str = THERE) -> str:
    """An address of the route."""
    path = route.path
    for name in route.param_convertors:
        place = staff_number if name == "staff_number" else PLACES.get(name, "x")
        path = path.replace(f"{{{name}}}", place)
    return path


Ask = Callable[..., Response]


def asks(client: Client, service: HttpService, role: Role | None) -> Ask:
    """Asks any route by a token of a role, or as who has signed in with it."""
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    visitor = Visitor(client, identity)
    headers = []
    if role is not None:
        visitor.sign_in(role, "N1")
        headers = [(b"Authorization", f"Bearer {identity.issue('N1', role, 600)}".encode())]
    fields = {"form_token": form_token_of(visitor.get("/nowhere" if role else "/sign-in").text)}

    def ask(route: APIRoute, path: str, query: str = "") -> Response:
        (method,) = methods_of(route)
        if path.startswith("/v1"):
            body = b"{}" if method == "POST" else b""
            return client.request(method, path, query=query, headers=headers, body=body)
        if method == "GET":
            return visitor.get(f"{path}?{query}")
        # Without its token a form does nothing: nobody is signed out on the way.
        return visitor.post(path, {} if reach_of(route) is None else fields)

    return ask


@pytest.mark.parametrize("role", [None, *Role])
def test_what_a_route_declares_is_what_a_role_gets(
    app: FastAPI, client: Client, service: HttpService, role: Role | None
) -> None:
    ask = asks(client, service, role)
    for route in routes_of(app):
        path = path_of(route)
        is_page, reach = not path.startswith("/v1"), reach_of(route)
        told = f"{role} {route.methods} {path}"
        answer = ask(route, path)
        assert answer.status_code < 500, told
        if reach is None:
            continue  # served to everybody: the rest of the tests say what
        if role is None:
            assert answer.status_code == (303 if is_page else 401), told
        elif reach.served and role not in reach.served:
            assert answer.status_code == 403, told
        elif not reach.served or role in reach.roles or reach.named_inside:
            # Whom a body names is what the tests of its route are about.
            assert answer.status_code not in (401, 403), told
        else:
            answers = [
                ask(route, path_of(route, number), query)
                for number in (THERE, NOT_THERE)
                for query in [_naming(route, reach, number)]
            ]
            assert [each.status_code for each in answers] == [404, 404], told
            there, not_there = answers
            assert there.content == not_there.content, told
            assert headers_of(there) == headers_of(not_there), told


def test_what_may_be_declared(app: FastAPI) -> None:
    theirs = {
        f"/v1/procedures/{each.kind}"
        if each.begins
        else f"/v1/procedures/{each.kind}/{{id}}/acts/{each.name}": each.who
        for each in offered(KNOWN.kinds)
    }
    for route in routes_of(app):
        reach = reach_of(route)
        if reach is None or not reach.served:
            continue  # for everybody, or for everybody who has signed in
        if reach == Reach(frozenset({Role.STAFF})):
            assert "{staff_number}" not in route.path  # it shows the caller's own record alone
            continue
        who = theirs.get(route.path, ()) if "POST" in methods_of(route) else ()
        # The whole record is the office's and the audit's; the others have to be given something.
        acting = {
            role for role in (Role.STAFF, Role.UNION, Role.DISPUTE) if role.name.lower() in who
        }
        if route.path == "/consultations/{id}/{act}":
            acting = {Role.UNION}  # the page of what a body does by its representative
        assert reach.roles <= {Role.ADMIN, Role.AUDIT} | acting
        assert not reach.roles & reach.granted, route.path
        if route.path in ("/v1/extracts", "/staff", "/cases/{id}"):
            continue  # a question that is kept, or that names somebody: nothing is recorded
        if route.methods != {"GET"}:
            # The audit writes nothing; a representative and a panel what is declared to be theirs.
            assert reach.served <= {Role.ADMIN, Role.STAFF} | acting, route.path
        if reach.granted:
            # Whose it is has to be known before anything is shown.
            names = {field.name for field in route.dependant.path_params}
            shown = any(
                isinstance(each.call, Reads | SignedInToRead)
                for each in route.dependant.dependencies
            )
            named = names & {"staff_number", "id"} or _takes_staff(route) or reach.named_inside
            assert named, route.path
            assert shown or "staff_number" in names, route.path


def _naming(route: APIRoute, reach: Reach, number: str) -> str:
    """The query that says whose it is, where the address does not."""
    if reach.whose is not None:
        return f"{reach.whose}={number}"
    return f"staff={number}" if _takes_staff(route) else ""


def _takes_staff(route: APIRoute) -> bool:
    questions = (each.field_info.annotation for each in route.dependant.query_params)
    return any("staff" in getattr(each, "model_fields", ()) for each in questions)
