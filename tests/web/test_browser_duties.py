"""Giving work to somebody and excusing it, in a real browser, on a practice with two appeals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from tests.support.asking import created
from tests.support.practised import EXERCISE, consult, to_the_letters
from tests.web.browsing import (
    NARROW,
    WIDE,
    Site,
    focused,
    overflow,
    practised,
    served,
    violations,
)
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER

NORTH = "HR operations, north, on behalf of everybody in Camden and Islington"
LONG = "The panel could not sit: " + "two members resigned and one was ill, " * 6


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: two appeals were to be decided, and a letter came back."""
    data = tmp_path_factory.mktemp("duties") / "data"
    with practised(data) as played:
        to_the_letters(played)
        consult(played)
        played.to(date(2013, 12, 2))
        created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
        for number in ("S1", "S2"):
            appeal = {"exercise": "tr", "staff_number": number, "grounds": "so"}
            created(played.begin("appeal", appeal))
        played.to(date(2014, 2, 3))
    with served(data) as running:
        yield running


def follow(page: Page, name: str) -> None:
    """Open the form that the line of the appeals leads to."""
    row = page.get_by_role("row").filter(has_text="To decide on an appeal").first
    row.get_by_role("link", name=name).click()


@pytest.mark.parametrize("width", [pytest.param(WIDE, marks=pytest.mark.thorough), NARROW])
def test_a_line_is_given_and_excused_and_both_are_taken_back(
    site: Site, browser: Browser, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    site.sign_in(page, "admin", "HR operations")
    found = {}

    def look(name: str) -> None:
        found[name] = (violations(page), overflow(page))

    page.goto(f"{site.address}/work")
    look("list")
    follow(page, "Give it to somebody")
    look("give")
    page.get_by_role("button", name="Record").click()
    assert "There is a problem" in page.get_by_role("alert").inner_text()
    look("give, wrong")
    page.get_by_label("Who takes care of it", exact=False).fill(NORTH)
    page.get_by_label("Reason").fill("it sits there")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/work")
    assert f"given to {NORTH}" in page.get_by_role("main").inner_text()
    look("given")
    follow(page, "Excuse it")
    look("excuse")
    page.get_by_label("Why it is not done").fill(LONG)
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/work")
    assert "Excused: The panel could not sit" in page.get_by_role("main").inner_text()
    look("excused")
    follow(page, "Change the excuse")
    look("excused, its form")
    page.get_by_label("Why it is not done").fill("they could have")
    page.get_by_role("group", name=re.compile("Withdraw")).get_by_label("Yes").check()
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/work")
    follow(page, "Change who has it")
    look("given, its form")
    page.get_by_label("Reason").fill("they are back")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/work")
    says = page.get_by_role("main").inner_text()
    assert (NORTH in says, "Excused" in says) == (False, False)
    page.close()
    assert found == dict.fromkeys(found, ([], 0))


@pytest.mark.thorough
def test_in_forced_colours_and_by_keyboard(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page, "admin", "HR operations")
    page.emulate_media(forced_colors="active")
    page.goto(f"{site.address}/work")
    follow(page, "Give it to somebody")
    assert (violations(page), overflow(page)) == ([], 0)
    page.locator("#main-content").focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    inputs = [each for each in reached if each.split(" ")[0] in ("input", "textarea", "button")]
    assert inputs[:6] == [
        "input to",
        *(f"input until-{part}" for part in ("day", "month", "year")),
        "textarea reason",
        "button Record",
    ]
