"""A page of each kind of procedure in a real browser: what is derived can be read by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.web.browsing import Site, overflow, serving, violations

pytestmark = [pytest.mark.engines, pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module."""
    with serving(tmp_path_factory.mktemp("kinds") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def pages(site: Site) -> list[str]:
    """The addresses of a procedure of each kind, begun as the API's description shows it."""
    found = []
    headers = {"Authorization": f"Bearer {site.token('admin')}"}
    with httpx.Client(base_url=site.address, headers=headers, timeout=60) as api:
        for path, operations in api.get("/openapi.json").json()["paths"].items():
            if not path.startswith("/v1/procedures/") or path.count("/") != 3:
                continue
            sent = operations.get("post", {}).get("requestBody")
            if sent is None:
                continue
            answer = api.post(path, json=sent["content"]["application/json"]["example"])
            # An example about an exercise finds none here.
            assert answer.status_code in (200, 201, 404, 409), (path, answer.text)
            if answer.status_code in (200, 201):
                done = answer.json()
                found.append(f"/procedures/{done['kind']}/{done['id']}")
    return found


def test_each_page_is_accessible_and_fits_a_phone(site: Site, pages: list[str], page: Page) -> None:
    assert len(pages) > 10
    site.sign_in(page)
    for address in (*pages, "/procedures"):
        answer = page.goto(f"{site.address}{address}")
        assert answer is not None
        assert answer.status == 200, address
        assert violations(page) == [], address
        assert overflow(page) == 0, address
