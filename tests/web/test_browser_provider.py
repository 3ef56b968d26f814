"""Signing in at a real provider with a real browser, on another site than the pages."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.oidc import CLIENT, SECRET, RunningProvider, providing
from tests.web.browsing import (
    NARROW,
    Site,
    overflow,
    recording,
    served,
    violations,
)
from tests.web.scene import tell_the_story
from tests.web.windows import NEEDS_BROWSER
from transfer.access.identity import Role

pytestmark = [*NEEDS_BROWSER, pytest.mark.thorough]

Both = tuple[Site, RunningProvider]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A service and a provider; to a browser `localhost` and `127.0.0.1` are two sites."""
    data = tmp_path_factory.mktemp("provider") / "data"
    with recording(data) as (record, _):
        tell_the_story(record.log)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    pages = f"http://localhost:{port}"
    with providing(pages) as provider:
        settings = {
            "TRANSFER_IDENTITY_ISSUER": provider.issuer,
            "TRANSFER_IDENTITY_CLIENT_ID": CLIENT,
            "TRANSFER_IDENTITY_CLIENT_SECRET": SECRET,
            "TRANSFER_IDENTITY_REDIRECT_URI": f"{pages}/sign-in/return",
        }
        with served(data, port, **settings):
            yield Site(pages, data), provider


@pytest.fixture
def page(both: Both, browser: Browser) -> Page:
    """A separate window, which asks nothing of any other machine."""
    site, provider = both
    return _window(browser, site.address, provider.issuer)


def _window(browser: Browser, *allowed: str) -> Page:
    page = browser.new_context(viewport={"width": NARROW, "height": 800}).new_page()
    page.route(lambda url: not url.startswith(allowed), lambda route: route.abort())
    return page


def test_there_and_back_and_out_again(both: Both, page: Page) -> None:
    site, provider = both
    wanted = f"{site.address}/staff/S10442?effective_at=2014-06-01"
    page.goto(wanted)
    found = {"sign in": (violations(page), overflow(page))}
    page.get_by_role("button", name="Continue to your organisation").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.locator("[name=login]").fill(f"ann {Role.ADMIN}")
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.locator("[type=submit]").click()
    page.wait_for_url(wanted)
    assert page.get_by_text("Signed in as ann").is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.address}/signed-out")
    found["signed out"] = (violations(page), overflow(page))
    page.get_by_role("button", name="Sign out of your organisation").click()
    page.wait_for_url(f"{provider.issuer}/session/end?**")
    page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{site.address}/sign-in**")
    # The provider asks again who it is.
    page.get_by_role("button", name="Continue to your organisation").click()
    assert page.locator("[name=login]").is_visible()
    page.goto(f"{site.address}/sign-in/return?error=access_denied")
    found["refused"] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))
