"""Signing in on the pages at a real OpenID provider, by code with PKCE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Client
from tests.support.oidc import CLIENT, PUBLIC_CLIENT, SECRET, RunningProvider, providing
from tests.web.practised_pages import SECRET as PAGES_SECRET
from tests.web.visiting import Visitor, form_token_of, text_of
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.http_service import HttpService
from transfer.app import code_flow_of, identity_of
from transfer.settings import Settings
from transfer.web.application import add_pages

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("story")]

PAGES = "http://127.0.0.1:9"
RECORD = "/staff/S10442?effective_at=2014-06-01"
ADMIN = f"ann {Role.ADMIN}"


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    """One provider for the module."""
    with providing(PAGES) as running:
        yield running


@dataclass
class Site:
    """Pages where people sign in at the provider."""

    provider: RunningProvider
    visit: Callable[[], Visitor]

    def come_back(self, visitor: Visitor, login: str, wanted: str = "/") -> str:
        """Set out for the provider, and sign in there; the address that leads back."""
        sent = visitor.get(f"/sign-in/provider?next={wanted}")
        assert sent.status_code == 303
        back = self.provider.sign_in(sent.headers["location"], login)
        return back.removeprefix(PAGES)

    def sign_in(self, visitor: Visitor, login: str, wanted: str = "/") -> Response:
        """The whole way there and back."""
        return visitor.get(self.come_back(visitor, login, wanted))


@pytest.fixture(params=[(CLIENT, SECRET)])
def client(request: pytest.FixtureRequest) -> tuple[str, str | None]:
    """What the provider calls the pages, and their secret there."""
    told: tuple[str, str | None] = request.param
    return told


@pytest.fixture
def site(
    provider: RunningProvider,
    service: HttpService,
    settings: Settings,
    client: tuple[str, str | None],
) -> Iterator[Site]:
    """The pages of a service whose settings name the provider."""
    name, secret = client
    given = Settings.model_validate(
        {
            "data": settings.data,
            "identity_issuer": provider.issuer,
            "identity_client_id": name,
            "identity_client_secret": secret,
            "identity_redirect_uri": f"{PAGES}/sign-in/return",
        }
    )
    embedded = service.identity
    assert isinstance(embedded, EmbeddedIdentity)
    service.identity = identity_of(given, DataFolder.open(settings.data))
    app = FastAPI()
    add_pages(app, service, PAGES_SECRET, code_flow_of(given, service.identity))
    with start_blocking_portal() as portal:
        yield Site(provider, lambda: Visitor(Client(portal, app), embedded))


@pytest.mark.parametrize(
    "client", [(CLIENT, SECRET), (PUBLIC_CLIENT, None)], indirect=True, ids=["secret", "public"]
)
def test_whoever_signs_in_at_the_provider_comes_back_to_the_page_they_wanted(site: Site) -> None:
    visitor = site.visit()
    asked = visitor.get(RECORD)
    page = visitor.get(asked.headers["location"])
    assert "Continue to your organisation" in page.text
    answer = site.sign_in(visitor, ADMIN, "/staff/S10442%3Feffective_at%3D2014-06-01")
    assert (answer.status_code, answer.headers["location"]) == (303, RECORD)
    assert "Signed in as ann" in visitor.get(RECORD).text


def test_the_provider_says_who_somebody_is_and_what_they_may(site: Site) -> None:
    staff = site.visit()
    site.sign_in(staff, f"b.example {Role.STAFF} S10442")
    assert staff.get(RECORD).status_code == 200
    assert staff.get("/staff/S10007").status_code == 404
    nobody = site.visit()
    refused = site.sign_in(nobody, "nobody")
    assert refused.status_code == 401
    assert "The token names no authorities" in text_of(refused.text)
    assert nobody.get("/").status_code == 303


def test_what_is_sent_to_the_provider_tells_nobody_the_secrets(site: Site) -> None:
    visitor = site.visit()
    sent = urlsplit(visitor.get("/sign-in/provider").headers["location"])
    asked = parse_qs(sent.query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [f"{PAGES}/sign-in/return"]
    (cookie,) = visitor.cookies.values()
    assert cookie not in sent.query
    again = parse_qs(urlsplit(visitor.get("/sign-in/provider").headers["location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]


def test_the_session_is_new_and_a_code_is_good_once(site: Site) -> None:
    visitor, thief = site.visit(), site.visit()
    visitor.get("/sign-in")
    thief.cookies = dict(visitor.cookies)
    back = site.come_back(visitor, ADMIN)
    assert visitor.get(back).status_code == 303
    assert thief.get("/").headers["location"].startswith("/sign-in")
    refused = thief.get(back)
    assert refused.status_code == 401
    assert "does not accept this sign-in" in text_of(refused.text)


def test_a_way_back_belongs_to_the_browser_that_set_out(site: Site) -> None:
    visitor, other = site.visit(), site.visit()
    back = site.come_back(visitor, ADMIN)
    other.get("/sign-in")
    for each in (other, site.visit()):
        refused = each.get(back)
        assert refused.status_code == 401
        assert "out of date" in text_of(refused.text)
        assert each.get("/").status_code == 303
    spoiled = (
        back.replace("state=", "state=A"),
        back.partition("state=")[0],
        back.replace("code=", "code=A"),
        back.replace("code=", "c="),
        back.partition("&iss=")[0] + "&iss=https%3A%2F%2Fid.example",
        f"/sign-in/return?error=access_denied&state={parse_qs(urlsplit(back).query)['state'][0]}",
    )
    for address in spoiled:
        assert visitor.get(address).status_code == 401
        assert visitor.get("/").status_code == 303
    assert visitor.get(back).status_code == 303


def test_the_way_back_leads_to_a_page_of_ours_alone(site: Site) -> None:
    for wanted in ("//evil.example/", "https://evil.example/", "/sign-out"):
        assert site.sign_in(site.visit(), ADMIN, wanted).headers["location"] == "/"


def test_whoever_signs_out_is_told_how_to_sign_out_there_too(site: Site) -> None:
    visitor = site.visit()
    site.sign_in(visitor, ADMIN)
    form_token = form_token_of(visitor.get("/").text)
    answer = visitor.post("/sign-out", {"form_token": form_token})
    assert answer.headers["location"] == "/signed-out"
    page = visitor.get("/signed-out").text
    assert f'href="{site.provider.issuer}/session/end?client_id={CLIENT}' in page
    assert visitor.get(RECORD).status_code == 303


def test_a_token_of_the_provider_signs_in_as_well(site: Site) -> None:
    visitor = site.visit()
    assert visitor.show_token(site.provider.token()).status_code == 303
    assert "Signed in as program" in visitor.get("/").text
    ours = site.visit()
    token = ours.identity.issue("HR operations", Role.ADMIN, 600)
    assert ours.show_token(token).status_code == 401
