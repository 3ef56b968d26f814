"""The acts of the office in a real browser, on a practice service whose exercise has begun."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.web.browsing import (
    NARROW,
    WIDE,
    Site,
    overflow,
    practised,
    served,
    violations,
)
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER

PAGE = "/procedures/exercise/tr"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: it is 11 November 2013, and an exercise was opened today."""
    data = tmp_path_factory.mktemp("acts") / "data"
    with practised(data) as played:
        played.register("S1")
        played.open()
    with served(data) as running:
        yield running


@pytest.mark.parametrize(
    ("width", "day"), [pytest.param(WIDE, "1", marks=pytest.mark.thorough), (NARROW, "2")]
)
def test_from_the_exercise_to_an_act_that_is_on_record(
    site: Site, browser: Browser, width: int, day: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    site.sign_in(page, "admin", "HR operations")
    found = {}
    page.goto(f"{site.address}/procedures/exercise/begin")
    found["begin"] = (violations(page), overflow(page))
    page.get_by_role("button", name="Continue").click()
    assert "There is a problem" in page.get_by_role("alert").inner_text()
    found["begin, wrong"] = (violations(page), overflow(page))
    page.locator('[name="rulebook"][value="tr-2013"]').check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/procedures/exercise/begin?rulebook=tr-2013")
    assert page.get_by_role("group", name="Days of the plan").first.is_visible()
    found["begin under a rulebook"] = (violations(page), overflow(page))
    for act in ("form-group", "retry", "record-answer", "hold"):
        page.goto(f"{site.address}{PAGE}/acts/{act}")
        found[act] = (violations(page), overflow(page))
    page.goto(f"{site.address}/exercises/tr")
    page.get_by_role("link", name="What may be done in this exercise now").click()
    page.wait_for_url(f"**{PAGE}")
    found["list"] = (violations(page), overflow(page))
    page.locator(f'a[href="{PAGE}/acts/move-milestone"]').click()
    found["ask"] = (violations(page), overflow(page))
    page.get_by_label("Transfer", exact=True).check()
    new_day = page.get_by_role("group", name="New day")
    for part, text in (("Day", day), ("Month", "7"), ("Year", "2014")):
        new_day.get_by_label(part).fill(text)
    page.get_by_role("button", name="Continue").click()
    assert f"{day} Jul 2014" in page.get_by_role("main").inner_text()
    found["check"] = (violations(page), overflow(page))
    page.get_by_role("button", name="Confirm and record").click()
    assert page.get_by_role("heading", name="Recorded").is_visible()
    found["done"] = (violations(page), overflow(page))
    page.get_by_role("link", name="What may be done now in exercise tr").click()
    page.wait_for_url(f"**{PAGE}")
    page.close()
    assert found == dict.fromkeys(found, ([], 0))
