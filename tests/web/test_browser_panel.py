"""The pages of a panel in a real browser, on a practice service with a dispute before a panel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from tests.support.asking import created
from tests.web.browsing import (
    NARROW,
    Site,
    overflow,
    pictured,
    practised,
    served,
    violations,
)
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER

CASE = "ET-2201234-2013"
CLOSED = "ET-2200017-2012"
MOST_PAGES = 2
LONG = "ET-" + "9" * 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: it is 2 December 2013. S1's band was corrected on 20 November,
    and whether it held on 1 June 2013 is in dispute."""
    data = tmp_path_factory.mktemp("panel") / "data"
    with practised(data) as played:
        played.register("S9")
        played.register("S1", line_manager="S9")
        change = played.api.change("S1", start="2013-05-01", band="5")
        played.to(date(2013, 11, 20))
        correction = {"of": change["event_id"], "reason": "the letter says band 6"}
        correction |= {"effective_from": "2013-05-01", "changes": {"band": "6"}}
        created(played.api.post("/staff/S1/corrections", correction))
        respondent = {"side": "respondent", "known_by": "organisation"}
        case = {
            "people": ["S1"],
            "parties": [
                {"side": "claimant", "known_by": "staff-number", "party": "S1"},
                {**respondent, "party": "London Probation Trust"},
            ],
            "members": [
                {"subject": "clerk"},
                {"subject": "deputy"},
                {"subject": "judge", "staff_number": "S9"},
            ],
            "effective_between": ["2013-01-01", "2013-12-31"],
            "known_between": ["2013-11-01", None],
        }
        created(played.begin("dispute-case", {"id": CASE, **case}))
        created(played.begin("dispute-case", {"id": CLOSED, **case}))
        alone = {"people": ["S1", "S9"], "members": [{"subject": "deputy"}]}
        created(played.begin("dispute-case", {"id": LONG, **case, **alone}))
        for closed in (CLOSED, LONG):
            act = f"dispute-case/{closed}"
            created(played.act(act, "close", {"reason": "withdrawn"}))
        played.to(date(2013, 12, 2))
    with served(data) as running:
        yield running


def ask(page: Page, field: str, day: str) -> None:
    """Fill in a day by its three inputs."""
    group = page.get_by_role("group", name=field)
    for part, text in zip(("Day", "Month", "Year"), day.split(), strict=True):
        group.get_by_label(part).fill(text)


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(site: Site, page: Page) -> None:
    site.sign_in(page, "dispute", "deputy")
    found = {}
    for address in (
        "/my-cases",
        f"/cases/{CASE}",
        f"/cases/{LONG}",
        "/extracts",
        f"/extracts?reference={'x' * 300}",
        "/extracts/AAAA-AAAA-AAAA-AAAA",
    ):
        page.goto(f"{site.address}{address}")
        found[address] = (violations(page), overflow(page))
    page.goto(f"{site.address}/cases/{CASE}")
    page.get_by_role("button", name="Ask").click()
    found["wrong"] = (violations(page), overflow(page))
    ask(page, "In force on", "1 6 2013")
    page.get_by_label("Why do you ask?").fill("x" * 300)
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/extracts/*")
    found["answer"] = (violations(page), overflow(page))
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Print the extract").is_visible()
    found["printed"] = (violations(page), overflow(page))
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Sign out").click()
    site.sign_in(page, "dispute", "judge")
    page.goto(f"{site.address}/cases/{CASE}")
    found["barred"] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))


def test_from_sign_in_to_an_extract_that_is_printed_and_looked_up_again(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    page.goto(f"{site.address}/")
    page.get_by_role("button", name="Continue as panel clerk").click()
    page.wait_for_url("**/my-cases")
    main = page.get_by_role("main")
    assert "You are on 1 open case and 1 closed one." in main.inner_text()
    pictured(page, "my-cases")
    page.get_by_role("button", name=f"Open case {CASE}").click()
    page.wait_for_url(f"**/cases/{CASE}")
    assert "They were the line manager (S1); they may not read the case." in main.inner_text()
    pictured(page, "a-case")
    ask(page, "In force on", "1 6 2014")
    page.get_by_role("button", name="Ask").click()
    summary = page.get_by_role("alert")
    assert "In force on must be a day of the case" in summary.inner_text()
    summary.get_by_role("link").click()
    assert page.evaluate("() => document.activeElement.id") == "effective_at-day"
    ask(page, "In force on", "1 6 2013")
    ask(page, "As the record stood on", "11 11 2013")
    ask(page, "Compared with how it stood on", "2 12 2013")
    page.get_by_label("Why do you ask?").fill("whether the band on 1 June is agreed")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/extracts/*")
    says = page.locator(".app-as-of").inner_text()
    assert says.startswith("On 1 Jun 2013, as the record stood on 11 Nov 2013, S1 worked for")
    assert "on band 5; as the record stood on" in says
    assert says.endswith("on band 6.")
    assert "the letter says band 6" in main.inner_text()
    pictured(page, "an-extract")
    # On paper one answer takes two pages at most.
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= MOST_PAGES
    there = page.get_by_role("button", name="Print the extract").get_attribute("href")
    # Headless, the browser has no viewer that it would open the document in.
    printed = context.request.get(f"{site.address}{there}")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF-")
    reference = page.url.rpartition("/")[2]
    before = main.inner_text()
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    assert page.get_by_role("link", name=reference).is_visible()
    page.get_by_role("link", name="My cases").first.click()
    page.get_by_role("link", name="Look an answer up by its reference").click()
    page.get_by_label("Reference").fill(reference.lower())
    page.get_by_role("button", name="Look it up").click()
    page.wait_for_url(f"**/extracts/{reference}")
    assert main.inner_text() == before
    assert violations(page) == []
    context.close()
