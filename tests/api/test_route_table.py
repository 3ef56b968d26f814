"""The table of routes finds what trying them one after another would find."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Scope

from tests.support.serving import application
from tests.web.practised_pages import SECRET
from transfer.api.http.route_table import RouteTable
from transfer.api.http_service import HttpService

pytestmark = pytest.mark.engines

VALUES = (("S1", "position", "mine", "check"), ("acts", "é{b", "", "1.csv"))
METHODS = ("GET", "POST")


@pytest.fixture
def app(service: HttpService) -> Iterator[FastAPI]:
    """The API and the pages of one service."""
    with application(service, pages=SECRET) as made:
        yield made


def scope_of(method: str, path: str) -> Scope:
    """What a route looks at."""
    return {"type": "http", "method": method, "path": path, "root_path": "", "path_params": {}}


def one_after_another(routes: list[BaseRoute], scope: Scope) -> tuple[BaseRoute, Scope] | None:
    """The first route that takes it whole."""
    for route in routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return route, found
    return None


def test_it_finds_the_route_that_comes_first_and_nothing_else(app: FastAPI) -> None:
    table, routes = app.router.middleware_stack, app.router.routes
    assert isinstance(table, RouteTable)
    assert len(routes) > 200
    paths = {"", "/", "//", "/v1", "/v1/", "/v1/nothing", "*", "v1/staff"}
    for route in routes:
        assert isinstance(route, Route)
        for values in VALUES:
            given = iter(values)

            def value(_: object, given: Iterator[str] = given) -> str:
                return next(given)

            paths.add(re.sub(r"\{[^}]*\}", value, route.path))
        paths |= {f"{route.path}/", f"{route.path}\n"}
    found = 0
    for path in paths:
        for method in METHODS:
            scope = scope_of(method, path)
            expected = one_after_another(routes, scope)
            assert table.find(scope) == (None if path.endswith("\n") else expected), path
            found += expected is not None
    assert found > 1_000


def test_a_route_that_is_added_later_is_found() -> None:
    router = Router()
    table = RouteTable(router)
    assert table.find(scope_of("GET", "/late")) is None
    router.routes.append(Route("/late", lambda _: None))
    assert table.find(scope_of("GET", "/late")) is not None
