"""The pages of a member of staff in a real browser, on a practice service whose letters are out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from tests.support.practised import consult, to_the_letters
from tests.web.browsing import (
    NARROW,
    Site,
    overflow,
    pictured,
    practised,
    served,
    violations,
)
from tests.web.windows import NEEDS_BROWSER, window_of

pytestmark = NEEDS_BROWSER

PAGES = (
    "/my-record",
    "/my-record/challenge",
    "/who-read-my-record",
    "/who-could-read-my-record",
    "/who-could-read-my-record?on-day=31&on-month=2&on-year=2014",
    "/my-choices",
    "/my-choices/answer?exercise=tr&window=response",
    "/my-choices/appeal?exercise=tr",
    "/my-choices/object?exercise=tr",
    "/my-choices/appoint",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: it is 2 December 2013, and the letters went out today."""
    data = tmp_path_factory.mktemp("staff") / "data"
    with practised(data) as played:
        to_the_letters(played)
        consult(played)
        played.to(date(2013, 12, 2))
    with served(data) as running:
        yield running


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(site: Site, page: Page) -> None:
    site.sign_in(page, "staff", "S4")
    found = {}
    for address in PAGES:
        page.goto(f"{site.address}{address}")
        found[address] = (violations(page), overflow(page))
    page.goto(f"{site.address}/my-record/challenge")
    page.get_by_role("button", name="Continue").click()
    found["wrong"] = (violations(page), overflow(page))
    page.get_by_label("Entry 1: Staff registered").check()
    page.get_by_label("What is wrong with it?").fill("x" * 300)
    page.get_by_role("button", name="Continue").click()
    found["check"] = (violations(page), overflow(page))
    page.goto(f"{site.address}/my-choices/appoint")
    page.get_by_role("button", name="Continue").click()
    found["no appointment"] = (violations(page), overflow(page))
    page.get_by_label("Who the representative is").fill("x" * 200)
    page.get_by_label("Read my record", exact=True).check()
    for part, text in (("Day", "1"), ("Month", "1"), ("Year", "2010")):
        page.get_by_label(part).first.fill(text)
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_role("heading", name="This cannot be done").is_visible()
    found["refused"] = (violations(page), overflow(page))
    page.goto(f"{site.address}/my-choices/appeal?exercise=tr")
    page.get_by_label("Grounds of the appeal").fill("x" * 300)
    page.get_by_role("button", name="Continue").click()
    found["check an appeal"] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))


def test_one_click_signs_in_whoever_tries_the_practice(site: Site, page: Page) -> None:
    found = {}
    for part, name in (("administrator", "admin"), ("member of staff", "S3")):
        page.goto(f"{site.address}/who-read-my-record")
        assert page.get_by_text("This is a demonstration").is_visible()
        found[part] = (violations(page), overflow(page))
        page.get_by_role("button", name=f"Continue as {part}").click()
        # Back to the page that was asked for, whether it is theirs or not.
        page.wait_for_url(f"{site.address}/who-read-my-record")
        assert page.get_by_text(f"Signed in as {name}").is_visible()
        found[name] = (violations(page), overflow(page))
        page.get_by_role("button", name="Sign out").click()
    assert found == dict.fromkeys(found, ([], 0))


def test_from_sign_in_to_an_appeal_in_time_and_to_who_has_read_the_record(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    site.sign_in(page, "staff", "S1")
    page.goto(f"{site.address}/my-record")
    main = page.get_by_role("main")
    assert "On 2 Dec 2013, you work for London Probation Trust" in main.inner_text()
    pictured(page, "my-record")
    page.get_by_role("link", name="What you may do about it").click()
    page.wait_for_url("**/my-choices#tr")
    row = page.get_by_role("row", name="Appeal against where you are to go")
    assert "16 Dec 2013" in row.inner_text()
    assert "you move on 1 Jun 2014" in row.inner_text()
    pictured(page, "my-choices")
    row.get_by_role("link", name="Appeal").click()
    page.get_by_role("button", name="Continue").click()
    assert "Fill in “Grounds of the appeal”" in page.get_by_role("alert").inner_text()
    page.get_by_label("Grounds of the appeal").fill("My caseload was counted on the wrong day")
    page.get_by_role("button", name="Continue").click()
    assert "Appeals; a panel decides by 2 Jan 2014" in main.inner_text()
    pictured(page, "an-appeal-to-check")
    page.get_by_role("button", name="Lodge the appeal").click()
    page.wait_for_url("**/my-choices?done=appeal")
    assert "Your appeal is lodged. A panel decides by 2 Jan 2014." in main.inner_text()
    assert "You did on 2 Dec 2013" in row.inner_text()
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    page.get_by_role("link", name="Who has read my record, when and why").click()
    page.wait_for_url("**/who-read-my-record")
    pictured(page, "who-read-my-record")
    first = page.get_by_role("row").nth(1)
    assert "You" in first.inner_text()
    assert violations(page) == []
    context.close()


def test_a_question_about_a_read_is_answered_by_the_office(site: Site, browser: Browser) -> None:
    for page in window_of(browser, NARROW):
        site.sign_in(page)
        page.goto(f"{site.address}/staff/S2")
        page.get_by_role("button", name="Sign out").click()
        site.sign_in(page, "staff", "S2")
        page.goto(f"{site.address}/who-read-my-record")
        page.get_by_role("button", name="Question it").click()
        page.get_by_label("What do you want to know?").fill("Why did you read it? " + "x" * 300)
        page.get_by_role("button", name="Send the question").click()
        page.get_by_role("button", name="Sign out").click()

        site.sign_in(page)
        found = {"home": (violations(page), overflow(page))}
        page.get_by_role("link", name="Questions about reads", exact=True).click()
        found["waiting"] = (violations(page), overflow(page))
        pictured(page, "questions-about-reads")
        page.get_by_role("button", name="Answer the oldest").click()
        found["form"] = (violations(page), overflow(page))
        page.get_by_role("button", name="Send the answer").click()
        assert "Fill in “Answer”" in page.get_by_role("alert").inner_text()
        found["wrong"] = (violations(page), overflow(page))
        pictured(page, "answer-a-question")
        page.get_by_label("Answer").fill("To write your letter.")
        page.get_by_role("button", name="Send the answer").click()
        page.wait_for_url("**/questions-of-reads?done=answered")
        assert "“To write your letter.”" in page.get_by_role("table").inner_text()
        found["answered"] = (violations(page), overflow(page))
        assert found == dict.fromkeys(found, ([], 0))
