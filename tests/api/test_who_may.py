"""Who may call what: every route says so, and the roles reach what the contract gives them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.support.asking import Api, told
from tests.support.serving import application
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.application import granted_roles_of, roles_of
from transfer.api.http_service import HttpService
from transfer.app import clock
from transfer.commands.acts.offered import offered
from transfer.kinds import KNOWN

pytestmark = pytest.mark.engines

OPEN = {
    "/health/live",
    "/health/ready",
    "/info",
    "/metrics",
    "/openapi.json",
    "/problems",
    "/problems/{name}",
}
OWN = (
    "/staff/S1",
    "/staff/S1/position",
    "/staff/S1/timeline",
    "/staff/S1/history",
    "/staff/S1/appeals",
    "/staff/S1/objections",
)
EVERYBODYS = (
    "/workforce?by=employer",
    "/workforce/members",
    "/workforce/over-full-time",
    "/workforce/without-manager",
)
READS = (*OWN, *EVERYBODYS, "/deadlines")
LINK = f"/staff/S1/links/{UUID(int=0)}/undo"
ANSWER = f"/staff/S1/objections/{UUID(int=0)}/answer"
WRITES = (
    "/staff",
    "/staff/S1/changes",
    "/staff/S1/corrections",
    "/staff/S1/terms",
    "/staff/S1/names",
    "/staff/S1/leavings",
    "/staff/S1/links",
    LINK,
    ANSWER,
)


@pytest.fixture
def app(service: HttpService) -> Iterator[FastAPI]:
    """The application, for looking at its routes."""
    with application(service) as made:
        yield made


def test_every_route_declares_its_roles(app: FastAPI) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(routes) == len(app.routes)
    undeclared = [route.path for route in routes if roles_of(route) is None]
    assert undeclared == []
    served = {route.path: roles_of(route) or granted_roles_of(route) for route in routes}
    assert {path for path, roles in served.items() if not roles} == OPEN


SAID = ("assert", "dispute", "withdraw")
"""What a party says of a contested fact."""


def _acts_of(who: str) -> set[str]:
    """The routes of the acts that are also somebody's who is no administrator."""
    return {
        f"/v1/procedures/{each.kind}"
        if each.begins
        else f"/v1/procedures/{each.kind}/{{id}}/acts/{each.name}"
        for each in offered(KNOWN.kinds)
        if who in each.who
    }


def test_only_an_administrator_writes_but_for_what_is_a_members_own(app: FastAPI) -> None:
    own, panels, bodies = _acts_of("staff"), _acts_of("dispute"), _acts_of("union")
    for route in app.routes:
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
            theirs = {Role.STAFF} if route.path in own else set()
            if route.path in panels:
                theirs = {Role.DISPUTE}
            if route.path in bodies:
                theirs = theirs | {Role.UNION}
            if route.path == "/v1/extracts":
                theirs = {Role.AUDIT}  # a read that is kept
            assert roles_of(route) == frozenset({Role.ADMIN} | theirs), route.path
    said = {f"/v1/procedures/assertion/{{id}}/acts/{act}" for act in SAID}
    assert own == {
        "/v1/procedures/appeal",
        "/v1/procedures/assertion",
        *said,
        "/v1/procedures/appeal/{id}/acts/withdraw",
        "/v1/procedures/departure",
        "/v1/procedures/departure/{id}/acts/lodge-appeal",
        "/v1/procedures/departure/{id}/acts/take-back",
        "/v1/procedures/exercise/{id}/acts/object",
        "/v1/procedures/exercise/{id}/acts/record-answer",
        "/v1/procedures/exercise/{id}/acts/withdraw-objection",
        "/v1/procedures/representation",
        "/v1/procedures/representation/{id}/acts/dismiss",
        "/v1/procedures/choice/{id}/acts/accept",
        "/v1/procedures/choice/{id}/acts/stop",
        "/v1/procedures/vetting/{id}/acts/lodge-appeal",
        "/v1/procedures/evaluation/{id}/acts/appeal",
        "/v1/procedures/evaluation/{id}/acts/reserve-rights",
        "/v1/procedures/grievance",
        "/v1/procedures/grievance/{id}/acts/join",
        "/v1/procedures/grievance/{id}/acts/take-further",
        "/v1/procedures/grievance/{id}/acts/withdraw",
    }
    assert panels == {"/v1/procedures/dispute-case/{id}/acts/declare-interest"}
    asked = ("ask", "endorse", "refuse")
    consulted = {f"/v1/procedures/consultation/{{id}}/acts/{act}" for act in asked}
    assert bodies == said | consulted | {
        "/v1/procedures/agreement/{id}/acts/report",
        "/v1/procedures/evaluation/{id}/acts/appeal-for-all",
        "/v1/procedures/grievance",
    }


def test_the_audit_reads_everything_and_writes_nothing(api: Api) -> None:
    api.register("S1")
    audit = api.token_for(Role.AUDIT)
    for path in READS:
        path, _, query = path.partition("?")
        assert api.get(path, query, token=audit).status_code == 200, path
    for path in WRITES:
        told(api.post(path, {}, token=audit), 403, "not-allowed")


def test_a_member_of_staff_reads_their_own_record_only(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    own, other = api.token_for(Role.STAFF, "S1"), api.token_for(Role.STAFF, "S2")
    for path in OWN:
        assert api.get(path, token=own).status_code == 200, path
        not_yours = told(api.get(path, token=other), 404, "not-on-record")
        assert told(api.get(path.replace("S1", "S9"), token=own), 404, "not-on-record") == not_yours
    for path in EVERYBODYS:
        told(api.get(path.partition("?")[0], token=own), 403, "not-allowed")
    told(api.get("/deadlines", token=own), 422, "malformed")
    assert api.get("/deadlines", staff="S1", token=own).status_code == 200
    for number in ("S2", "S9"):
        told(api.get("/deadlines", staff=number, token=own), 404, "not-on-record")
    for path in WRITES:
        told(api.post(path, {}, token=own), 403, "not-allowed")


def test_a_claimed_number_goes_before_the_subject(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    token = api.token_for(Role.STAFF, "S2", staff_number="S1")
    for path in OWN:
        assert api.get(path, token=token).status_code == 200, path
        told(api.get(path.replace("S1", "S2"), token=token), 404, "not-on-record")


def test_a_panel_reaches_nothing_without_a_case_and_is_told_why(api: Api) -> None:
    api.register("S1")
    token = api.token_for(Role.DISPUTE, "S1")
    told(api.get("/staff/S1/position", token=token), 404, "not-on-record")
    for path in READS:
        if path != "/staff/S1/position":
            refused = told(api.get(path.partition("?")[0], token=token), 403, "not-allowed")
            assert "case" in refused["detail"]
    for path in WRITES:
        told(api.post(path, {}, token=token), 403, "not-allowed")


def test_without_a_token_nothing_under_v1_answers(api: Api) -> None:
    for path in READS:
        answer = api.client.get(f"/v1{path}")
        told(answer, 401, "not-identified")
        assert answer.headers["www-authenticate"] == 'Bearer realm="transfer"'
    for path in WRITES:
        told(api.client.request("POST", f"/v1{path}", body=b"{}"), 401, "not-identified")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer x",
        b"Bearer a.b.c",
        b"Basic dXNlcjpwYXNz",
        b"Bearer \xc3\xa9",
        b"Bearer " + b"x" * 20_000,
        b"Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_a_token_that_is_none_is_401_with_the_reason(shared: Api, header: bytes) -> None:
    answer = shared.client.get("/v1/workforce/members", [(b"authorization", header)])
    told(answer, 401, "not-identified")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="transfer", error="')


def test_the_scheme_may_be_written_anyhow(api: Api) -> None:
    for scheme in (b"bearer", b"BEARER"):
        header = (b"authorization", scheme + b" " + api.token.encode())
        assert api.client.get("/v1/workforce/members", [header]).status_code == 200


def test_two_authorizations_are_none(api: Api) -> None:
    told(api.client.get("/v1/deadlines", api.headers() * 2), 401, "not-identified")


def test_a_token_of_another_folder_is_not_accepted(api: Api) -> None:
    stranger = EmbeddedIdentity(b"another secret of thirty-two byte", clock)
    token = stranger.issue("x", Role.ADMIN, 60)
    told(api.get("/workforce/members", token=token), 401, "not-identified")


def test_what_a_stranger_sends_is_not_looked_at(api: Api) -> None:
    told(api.client.request("POST", "/v1/staff", body=b"{"), 401, "not-identified")
    audit = api.token_for(Role.AUDIT)
    told(api.post("/staff", b"{", token=audit), 403, "not-allowed")
