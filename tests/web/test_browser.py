"""The pages in a real browser on a real service: with axe, at 320 pixels, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.real_exercise import NAME as EXERCISE
from tests.support.real_exercise import PEOPLE
from tests.web.browsing import (
    NARROW,
    Site,
    focused,
    overflow,
    serving,
    shows_focus,
    violations,
)
from tests.web.scene import CRC, NPS
from tests.web.windows import NEEDS_BROWSER, window_of

pytestmark = NEEDS_BROWSER

WHEN = "effective_at=2014-06-01&known_at=2014-06-05"
QUESTION = f"/staff/S10442?{WHEN}"
COMPARED = f"/staff/S10442/compare?{WHEN}&compared_with=2014-06-20"

DAYS = ("effective_at", "known_at")

STATES = {
    "home": "/",
    "find": "/staff",
    "nothing entered": "/staff?staff_number=",
    "much entered": f"/staff?staff_number={'x' * 300}",
    "no such long number": f"/staff/{'x' * 64}",
    "long dates": f"/staff/S10442?known_at={'x' * 300}&assignment={'x' * 300}",
    "record": QUESTION,
    "history": "/staff/S10442/history",
    "no such entry": "/staff/S10442/history?entry=999999999",
    "terms": f"/staff/S10442/terms?{WHEN}",
    "compare": COMPARED,
    "two days": f"/staff/S10442/compare?{WHEN}&and_on=2013-06-01",
    "explain": f"/staff/S10442/explain?{WHEN}",
    "nothing contested": "/staff/S10442/contested",
    "several jobs": "/staff/S10007?effective_at=2014-06-01",
    "no value": "/staff/S1/explain?effective_at=2009-01-01&picture=band",
    "wrong dates": "/staff/S10442?effective_at=31/02/2014&known_at=x",
    "not known then": "/staff/S10442?known_at=2012-01-01",
    "not on record": "/staff/S9",
    "unknown address": "/nowhere",
    "change": "/staff/S10442/change",
    "correct": "/staff/S10442/correct",
    "leave": "/staff/S10442/leave",
    "grant a term": "/staff/S10442/terms/grant",
    "end a term": "/staff/S10442/terms/end?term=pay+protection",
    "exercises": "/exercises",
    "procedures": "/procedures",
    "what if": f"/procedures/exercise/{EXERCISE}/what-if",
    "what if, by another value": f"/procedures/exercise/{EXERCISE}/what-if?values=TR-11b%3D15wd",
    "what if, misread": f"/procedures/exercise/{EXERCISE}/what-if?values=ten+days",
    "exercise": f"/exercises/{EXERCISE}",
    "exercise as it stood": f"/exercises/{EXERCISE}?known_at=2100-01-01",
    "people": f"/exercises/{EXERCISE}/people",
    "no people": f"/exercises/{EXERCISE}/people?state=left&route={'x' * 300}",
    "letters": f"/exercises/{EXERCISE}/letters",
    "no letters": f"/exercises/{EXERCISE}/letters?state=returned",
    "no liability information": f"/exercises/{EXERCISE}/liability-information",
    "no appeals": f"/exercises/{EXERCISE}/appeals",
    "appeals of all": "/appeals?state=late",
    "reports": "/reports",
    "reports of panels": "/reports?report=consistency&effective_at=2014-06-01",
    "work": "/work",
    "no such work": f"/work?exercise={'x' * 300}&kind=duty",
    "who does whose work": "/hand-overs",
    "upload": "/upload",
    "questions about reads": "/questions-of-reads",
    "notices": "/notices",
    "no such question about a read": f"/questions-of-reads/{'x' * 64}/1",
    "no such exercise": f"/exercises/{'x' * 300}",
    "glossary": "/glossary",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module."""
    with serving(tmp_path_factory.mktemp("site") / "data") as running:
        yield running


def test_from_signing_in_to_the_differences(site: Site, page: Page) -> None:
    page.goto(f"{site.address}{QUESTION}")
    page.get_by_label("Token").fill("nonsense")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").is_visible()
    assert violations(page) == []
    page.get_by_label("Token").fill(site.printed_token("admin"))
    page.get_by_role("button", name="Sign in").click()
    # Where the question was asked before anybody had signed in.
    page.wait_for_url(f"{site.address}{QUESTION}")
    page.get_by_role("link", name="Find another person").click()
    page.get_by_label("Staff number").fill("S10442")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url(f"{site.address}/staff/S10442")
    page.get_by_role("link", name="Compare").click()
    for label, day in (
        ("In force on", "1 6 2014"),
        ("As the record stood on", "5 6 2014"),
        ("Compared with how it stood on", "20 June 2014"),
    ):
        group = page.get_by_role("group", name=label, exact=True)
        for part, text in zip(("Day", "Month", "Year"), day.split(), strict=True):
            group.get_by_label(part).fill(text)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(f"{site.address}{COMPARED}")
    differences = page.get_by_role("region", name="Differences")
    assert NPS in differences.inner_text()
    assert "Appeal upheld" in differences.inner_text()
    page.get_by_role("link", name="Position", exact=True).click()
    page.wait_for_url(f"{site.address}{QUESTION}")
    assert f"S10442 worked for {CRC}" in page.get_by_role("main").inner_text()
    page.get_by_text("Why Employer is").click()
    assert page.get_by_text("The transfer date was reset").first.is_visible()
    page.get_by_role("link", name="Explain").click()
    page.get_by_label("Picture of", exact=True).select_option(label="Paid band")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**picture=paid_band**")
    assert page.get_by_role("img", name="Paid band of S10442 on the two clocks").is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.address}/sign-in")
    page.goto(f"{site.address}{QUESTION}")
    assert page.title() == "Sign in - transfer"


@pytest.mark.thorough
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/sign-in")
    found = {"sign in": (violations(page), overflow(page))}
    site.sign_in(page)
    for name, address in STATES.items():
        page.goto(f"{site.address}{address}")
        found[name] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))


NOT_ON_PAPER = "nav, button, a.govuk-button, input[type=file], .app-ask, .govuk-skip-link"


@pytest.mark.thorough
def test_on_paper_there_are_no_controls_and_the_head_says_what_and_when(
    site: Site, wide: Page
) -> None:
    page = wide
    site.sign_in(page)
    page.emulate_media(media="print")
    for name, address in STATES.items():
        page.goto(f"{site.address}{address}")
        shown = [each for each in page.locator(NOT_ON_PAPER).all() if each.is_visible()]
        assert shown == [], name
        head = page.get_by_text(re.compile(r"^Printed [0-9]+ [A-Z][a-z]+ [0-9]{4}, "))
        assert head.is_visible(), name
        assert head.inner_text().endswith(" by HR operations"), name
        assert page.get_by_role("heading", level=1).is_visible(), name
        after = "e => [...e.querySelectorAll('a')].map(a => getComputedStyle(a, '::after').content)"
        assert not any("/" in each for each in page.locator("main").evaluate(after)), name


@pytest.mark.thorough
def test_in_forced_colours_every_state_is_sound(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.emulate_media(forced_colors="active")
    found = {}
    for name, address in STATES.items():
        page.goto(f"{site.address}{address}")
        found[name] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))


@pytest.mark.thorough
def test_in_a_wide_window_a_word_of_the_office_is_not_broken(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.goto(f"{site.address}/exercises/{EXERCISE}/people")
    lines = (
        page.get_by_role("cell")
        .filter(has_text="Rehabilitation")
        .first.evaluate(
            """cell => {
            const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
            while (text.nextNode()) {
                const at = text.currentNode.data.indexOf('Rehabilitation');
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(text.currentNode, at);
                range.setEnd(text.currentNode, at + 'Rehabilitation'.length);
                return range.getClientRects().length;
            }
        }"""
        )
    )
    assert lines == 1


def test_from_home_to_the_people_of_an_exercise(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.get_by_role("link", name="Exercises").click()
    page.get_by_role("link", name=EXERCISE).click()
    assert f"covers {PEOPLE} people; next, on " in page.get_by_role("main").inner_text()
    assert page.get_by_role("img", name="The plan, and what was kept of it").is_visible()
    task = page.get_by_role("listitem").filter(has_text="Where each person goes")
    assert "Done" in task.inner_text()
    task.get_by_role("link").click()
    page.wait_for_url(f"**/exercises/{EXERCISE}/people")
    assert page.get_by_role("row").count() == PEOPLE + 1
    page.get_by_label("Where they are to go").select_option(label="National Probation Service")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**destination=NPS**")
    assert 1 < page.get_by_role("row").count() < PEOPLE + 1
    page.get_by_role("rowheader").first.get_by_role("link").click()
    assert page.url.startswith(f"{site.address}/staff/S")


@pytest.mark.thorough
def test_in_a_narrow_window_no_text_is_squeezed(site: Site, browser: Browser) -> None:
    for page in window_of(browser, NARROW):
        site.sign_in(page)
        page.goto(f"{site.address}{QUESTION}")
        for each in page.locator("caption:not(.govuk-visually-hidden), .app-table td, h2").all():
            box = each.bounding_box()
            assert box is not None
            assert box["width"] > NARROW / 2, each.inner_text()


def test_the_same_for_those_who_may_see_less(site: Site, page: Page) -> None:
    site.sign_in(page, "union", "N1")
    assert (violations(page), overflow(page)) == ([], 0)
    page.goto(f"{site.address}/staff/S10442")
    assert page.get_by_role("heading", level=1).inner_text() == "Not on record"
    assert (violations(page), overflow(page)) == ([], 0)


@pytest.mark.thorough
def test_everything_is_reached_by_keyboard_and_shows_where_one_is(site: Site, wide: Page) -> None:
    page = wide
    page.goto(f"{site.address}/")
    reached = _tab_through(page)
    assert reached[:3] == ["a Skip to main content", "a transfer", "input token"]
    page.get_by_label("Token").focus()
    page.keyboard.insert_text(site.token("admin"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")
    page.get_by_label("Staff number").focus()
    page.keyboard.type("S10442")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/staff/S10442")
    reached = _tab_through(page)
    assert reached[:23] == [
        "a Skip to main content",
        "a transfer",
        "button Sign out",
        "a Home",
        "a Work",
        "a Exercises",
        "a Find a person",
        "a Reports",
        "a Find another person",
        *(f"input {name}-{part}" for name in DAYS for part in ("day", "month", "year")),
        "button Show",
        "a in force",
        "a as the record stood on",
        *(f"a {tab}" for tab in ("Position", "History", "Terms", "Compare", "Explain")),
    ]
    page.goto(f"{site.address}/staff/S10442/explain")
    assert "div Picture of the two clocks, may be scrolled" in _tab_through(page)


def _tab_through(page: Page) -> list[str]:
    """Everything that the Tab key reaches, in order, until it leaves the page."""
    reached: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        now = focused(page)
        if now.startswith("body"):
            return reached
        assert shows_focus(page), now
        reached.append(now)
    raise AssertionError(f"the Tab key is caught: {reached[-5:]}")


@pytest.mark.thorough
def test_the_skip_link_leads_past_the_head(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.goto(f"{site.address}/staff/S10442")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    assert skip.is_visible()
    page.keyboard.press("Enter")
    assert focused(page).startswith("main main-content")
    page.keyboard.press("Tab")
    assert focused(page) == "input effective_at-day"


@pytest.mark.thorough
def test_a_mistake_is_announced_and_leads_to_its_field(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.goto(f"{site.address}/staff/S10442?known_at=x")
    assert "There is a problem" in page.evaluate("() => document.activeElement.textContent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "input known_at-day"
    assert page.title() == "Error: S10442 - transfer"


@pytest.mark.thorough
def test_an_entry_is_reached_from_where_it_is_cited(site: Site, wide: Page) -> None:
    page = wide
    site.sign_in(page)
    page.goto(f"{site.address}{COMPARED}")
    page.get_by_role("link", name="Entry 6").first.click()
    assert page.url.endswith("#entry-6")
    assert page.locator("#entry-6").count() == 1
    for link in page.get_by_role("link", name=re.compile(r"^Entry \d")).all():
        target = link.get_attribute("href")
        assert target is not None
        assert page.locator(target).count() == 1
