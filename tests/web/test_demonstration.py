"""A demonstration offers its users by name; nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, KeySet

from tests.web.visiting import Visitor, form_token_of, text_of
from transfer.access.outside import OutsideIdentity
from transfer.api.http_service import HttpService
from transfer.log.envelope import RehearsalMark

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("story")]

HERE = {"Host": "localhost:8000"}
OFFERED = ("administrator", "representative", "clerk", "staff")


@pytest.fixture
def demonstration(service: HttpService) -> HttpService:
    """The service, on a rehearsed record."""
    service.rehearsal = RehearsalMark("tr-2013", datetime(2014, 10, 31, tzinfo=UTC))
    return service


def offered(visitor: Visitor) -> tuple[str, ...]:
    """Whom the sign-in page offers; what it does not offer it does not accept either."""
    page = visitor.get("/sign-in").text
    found = tuple(each for each in OFFERED if f'value="{each}"' in page)
    assert ("This is a demonstration" in page) is bool(found)
    assert "Token" in page
    if not found:
        fields = {"form_token": form_token_of(page), "part": "administrator"}
        answer = visitor.post("/sign-in/as", fields)
        assert answer.status_code == 403
        assert "This is no demonstration" in answer.text
        assert visitor.get("/").status_code == 303
    return found


@pytest.mark.usefixtures("demonstration")
def test_one_click_makes_somebody_one_of_the_four_kinds_of_user(
    visit: Callable[[], Visitor],
) -> None:
    users = {"administrator": "admin", "representative": "rep", "clerk": "clerk", "staff": "S10007"}
    for part, name in users.items():
        visitor = visit()
        visitor.headers = HERE
        page = visitor.get("/sign-in").text
        assert name in text_of(page)
        fields = {"form_token": form_token_of(page), "part": part, "next": "/"}
        answer = visitor.post("/sign-in/as", fields, Origin="http://localhost:8000")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        home = visitor.get("/")
        if home.status_code == 303:
            home = visitor.get(home.headers["location"])
        assert f"Signed in as {name}" in home.text


@pytest.mark.usefixtures("demonstration")
def test_a_form_of_another_site_or_of_nobody_offered_is_refused(visitor: Visitor) -> None:
    visitor.headers = HERE
    own = {"form_token": form_token_of(visitor.get("/sign-in").text), "part": "administrator"}
    assert visitor.post("/sign-in/as", {"part": "administrator"}).status_code == 403
    assert visitor.post("/sign-in/as", own, Sec_Fetch_Site="cross-site").status_code == 403
    assert visitor.post("/sign-in/as", own, Origin="https://hr.example").status_code == 403
    for part in ({}, {"part": "auditor"}):
        refused = visitor.post("/sign-in/as", {"form_token": own["form_token"], **part})
        assert refused.status_code == 422
        assert "choose one of those offered" in refused.text
    assert visitor.get("/").status_code == 303


@pytest.mark.usefixtures("demonstration")
def test_it_is_offered_on_this_machine(visit_from: Callable[[str], Visitor]) -> None:
    for host in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
        for address in ("127.0.0.1", "::1"):
            visitor = visit_from(address)
            visitor.headers = {"Host": host}
            assert offered(visitor) == OFFERED


@pytest.mark.usefixtures("demonstration")
def test_what_has_passed_a_proxy_or_another_name_is_not_from_this_machine(
    visit: Callable[[], Visitor],
) -> None:
    for headers in (
        {"Host": "hr.example"},
        {"Host": "192.0.2.7:8000"},
        {"Host": "localhost.hr.example"},
        {**HERE, "X-Forwarded-For": "127.0.0.1"},
        {**HERE, "X-Forwarded-Host": "hr.example"},
        {**HERE, "X-Real-IP": "192.0.2.7"},
        {**HERE, "Forwarded": "for=192.0.2.7"},
        {**HERE, "Via": "1.1 proxy"},
    ):
        visitor = visit()
        visitor.headers = headers
        assert offered(visitor) == (), headers


@pytest.mark.usefixtures("demonstration")
def test_nobody_elsewhere_is_offered_anything(visit_from: Callable[[str], Visitor]) -> None:
    visitor = visit_from("192.0.2.7")
    visitor.headers = HERE
    page = visitor.get("/sign-in")
    assert page.status_code == 403
    assert "demonstration" not in page.text
    assert visitor.post("/sign-in/as", {"part": "administrator"}).status_code == 403


def test_a_real_record_offers_nobody(visitor: Visitor) -> None:
    visitor.headers = HERE
    assert offered(visitor) == ()


def test_a_record_with_an_outside_provider_offers_nobody(
    visitor: Visitor, demonstration: HttpService, tmp_path: Path
) -> None:
    keys = tmp_path / "jwks.json"
    public = KeySet([ECKey.generate_key("P-256", {"kid": "1"}, private=True)])
    keys.write_text(json.dumps(public.as_dict(private=False)))
    demonstration.identity = OutsideIdentity("https://id.example", str(keys), demonstration.clock)
    visitor.headers = HERE
    assert offered(visitor) == ()


def test_a_practice_is_a_demonstration_too(visitor: Visitor, service: HttpService) -> None:
    service.rehearsal = RehearsalMark("practice", None, is_practice=True)
    visitor.headers = HERE
    assert offered(visitor) == OFFERED
