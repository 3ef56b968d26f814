"""The page of liability information in a real browser, on a practice service of two councils."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page

from tests.support.asking import created
from tests.support.surrey_scene import ELMBRIDGE, EXERCISE, OPENED, open_surrey, person
from tests.web.browsing import Site, focused, overflow, pictured, practised, served, violations
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER

ADDRESS = "/exercises/surrey/liability-information"
STATES = {
    "as it stands": ADDRESS,
    "everybody": f"{ADDRESS}?show=all",
    "changed": f"{ADDRESS}?since=2026-10-02&show=changed",
    "wrong days": f"{ADDRESS}?effective_at-day=31&effective_at-month=2&effective_at-year=2027"
    "&since-day=x&since-month=&since-year=",
    "on no day": f"{ADDRESS}?effective_at=1990-01-01&show=all",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: somebody was corrected, and somebody has joined."""
    data = tmp_path_factory.mktemp("surrey") / "data"
    with practised(data) as played:
        played.to(OPENED)
        open_surrey(played)
        played.to(date(2026, 10, 5))
        registered = played.read("/staff/E1/history")["items"][0]["event_id"]
        correction = {
            "of": registered,
            "effective_from": "2015-09-01",
            "changes": {"employer": ELMBRIDGE, "role": "Senior officer " * 12, "band": "6"},
            "reason": "the letter of 2015",
        }
        created(played.api.post("/staff/E1/corrections", correction))
        person(played, "E3", ELMBRIDGE)
        created(played.act(EXERCISE, "join", {"staff_number": "E3"}))
    with served(data) as running:
        yield running


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(site: Site, page: Page) -> None:
    site.sign_in(page)
    found = {}
    for name, address in STATES.items():
        page.goto(f"{site.address}{address}")
        found[name] = (violations(page), overflow(page))
        pictured(page, f"liability-{name.replace(' ', '-')}")
    assert found == dict.fromkeys(found, ([], 0))


def test_nothing_is_lost_in_forced_colours_or_enlarged(site: Site, wide: Page) -> None:
    site.sign_in(wide)
    wide.emulate_media(forced_colors="active")
    wide.goto(f"{site.address}{ADDRESS}")
    assert violations(wide) == []
    wide.set_viewport_size({"width": 640, "height": 400})
    assert overflow(wide) == 0


def test_the_keyboard_reaches_the_download_then_the_days_then_the_people(
    site: Site, wide: Page
) -> None:
    site.sign_in(wide)
    wide.goto(f"{site.address}{ADDRESS}")
    wide.get_by_role("button", name="Download everything (CSV)").focus()
    order = []
    for _ in range(11):
        wide.keyboard.press("Tab")
        order.append(focused(wide))
    assert order == [
        "input effective_at-day",
        "input effective_at-month",
        "input effective_at-year",
        "input since-day",
        "input since-month",
        "input since-year",
        "select show",
        "button Show",
        "a liability information",  # into the glossary, as the next one
        "a clause",
        "a E1",
    ]


def test_from_the_exercise_to_what_has_changed_and_the_file(site: Site, wide: Page) -> None:
    site.sign_in(wide)
    wide.goto(f"{site.address}/exercises/surrey")
    wide.get_by_role("link", name="Liability information").click()
    wide.wait_for_url(f"**{ADDRESS}")
    group = wide.get_by_role("group", name="Changed since", exact=True)
    for part, text in (("Day", "2"), ("Month", "10"), ("Year", "2026")):
        group.get_by_label(part).fill(text)
    wide.get_by_label("List").select_option(label="Changed")
    wide.get_by_role("button", name="Show", exact=True).click()
    wide.wait_for_url("**since=2026-10-02&show=changed")
    assert "1 changed, 1 came into the information" in wide.get_by_role("main").inner_text()
    with wide.expect_download() as downloading:
        wide.get_by_role("button", name="Download everything (CSV)").click()
    assert downloading.value.suggested_filename == (
        "practice-liability-information-of-surrey-as-at-2026-10-05.csv"
    )
