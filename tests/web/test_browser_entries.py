"""An administrator changes, corrects and ends a person's position in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.web.browsing import NARROW, WIDE, Site, overflow, practised, served, violations
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: it is 11 November 2013, and two people are on record."""
    data = tmp_path_factory.mktemp("entries") / "data"
    with practised(data) as played:
        for number in ("S1", "S2"):
            played.register(number)
    with served(data) as running:
        yield running


@pytest.mark.parametrize(
    ("width", "number"), [pytest.param(WIDE, "S1", marks=pytest.mark.thorough), (NARROW, "S2")]
)
def test_from_the_persons_page_to_a_change_a_correction_and_a_leaving(
    site: Site, browser: Browser, width: int, number: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    site.sign_in(page, "admin", "HR operations")
    found = {}

    def look(name: str) -> None:
        found[name] = (violations(page), overflow(page))

    page.goto(f"{site.address}/staff/{number}")
    page.get_by_role("button", name="Change", exact=True).click()
    look("change, asked")
    page.get_by_role("button", name="Continue").click()
    assert "There is a problem" in page.get_by_role("alert").inner_text()
    look("change, wrong")
    _fill_day(page.get_by_role("group", name="First day on which it holds"), "1", "3", "2014")
    page.get_by_role("textbox", name="Paid band").fill("5")
    page.get_by_label("Reason").fill("Acting up")
    _check_and_confirm(page, "Paid band, from 1 Mar 2014 onward", "change", look)

    page.get_by_role("link", name=f"See it in the history of {number}").click()
    page.get_by_role("link", name="Correct this entry").first.click()
    assert "What the entry says" in page.get_by_role("main").inner_text()
    look("correct, asked")
    _fill_day(page.get_by_role("group", name="First day on which it holds"), "1", "4", "2014")
    page.get_by_label("Reason").fill("A month later")
    _check_and_confirm(page, "Paid band, from 1 Mar 2014 to the end of 31 Mar", "correct", look)

    page.goto(f"{site.address}/staff/{number}")
    page.get_by_role("button", name="Record a leaving").click()
    look("leave, asked")
    _fill_day(page.get_by_role("group", name="First day on which they have left"), "1", "5", "2014")
    page.get_by_label("Reason").fill("Resigned")
    _check_and_confirm(page, "Employer, from 1 May 2014 onward", "leave", look)
    page.goto(f"{site.address}/staff/{number}?effective_at=2014-05-01")
    assert f"nobody employs {number}" in page.get_by_role("main").inner_text()
    page.close()
    assert found == dict.fromkeys(found, ([], 0))


def _fill_day(group: Locator, *parts: str) -> None:
    for name, text in zip(("Day", "Month", "Year"), parts, strict=True):
        group.get_by_label(name).fill(text)


def _check_and_confirm(page: Page, differs: str, name: str, look: object) -> None:
    assert callable(look)
    page.get_by_role("button", name="Continue").click()
    assert differs in page.get_by_role("main").inner_text()
    look(f"{name}, to check")
    page.get_by_role("button", name="Confirm and record").click()
    assert page.get_by_role("heading", name="Recorded").is_visible()
    look(f"{name}, done")
