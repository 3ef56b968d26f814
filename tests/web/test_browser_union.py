"""A representative in a real browser, on a practice service: from the appointment to a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.asking import created
from tests.support.practised import consult, to_the_letters
from tests.web.browsing import NARROW, Site, overflow, pictured, practised, served, violations
from tests.web.windows import NEEDS_BROWSER
from transfer.access.identity import Role

pytestmark = NEEDS_BROWSER

REPRESENTATIVE = "Continue as union representative"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One service for the module: it is 2 December 2013, and the letters went out today.

    S4 had appointed the representative and took it back; S2 has, for procedures alone.
    """
    data = tmp_path_factory.mktemp("union") / "data"
    with practised(data) as played:
        to_the_letters(played)
        consult(played)
        asked = {"question": "Who pays for travel to a new office?", "asked_by": "NNC"}
        created(played.act("consultation/tr", "ask", asked))
        ids = {}
        for number, scope in (("S4", "everything"), ("S2", "procedures")):
            found = played.appoint(number, scope, representative="rep")
            ids[number] = found["id"]
        played.to(date(2013, 11, 20))
        change = {
            "effective_from": "2014-02-01",
            "changes": {"band": "5"},
            "reason": "Promoted after interview",
        }
        created(played.api.post("/staff/S1/changes", change))
        own = played.token("S4", Role.STAFF)
        created(played.act(f"representation/{ids['S4']}", "dismiss", token=own))
        played.to(date(2013, 12, 2))
    with served(data) as running:
        yield running


def test_from_an_appointment_to_the_history_as_a_file(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": NARROW, "height": 800}, accept_downloads=True)
    page = context.new_page()
    main = page.get_by_role("main")
    appoint(site, page)
    page.get_by_role("button", name="Sign out").click()

    page.get_by_role("button", name=REPRESENTATIVE).click()
    page.wait_for_url(f"{site.address}/my-members")
    assert "On 2 Dec 2013, you act for 2 members." in main.inner_text()
    assert "S4, from 13 Nov 2013, withdrawn on 20 Nov 2013" in main.inner_text()
    row = page.get_by_role("row").filter(has_text="S1")
    assert "from 2 Dec 2013 until they say otherwise" in row.inner_text()
    assert "The member may answer the letter: by the end of 9 Dec 2013" in row.inner_text()
    assert "Band: 4 → 5, from 1 Feb 2014 onward" in row.inner_text()
    assert (
        "the record is not in your appointment"
        in page.get_by_role("row").filter(has_text="S2").inner_text()
    )
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "my-members")

    # What came after the promotion alone.
    for part, text in (("Day", "21"), ("Month", "11"), ("Year", "2013")):
        page.get_by_role("group", name="Changed since").get_by_label(part).fill(text)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**/my-members?since=2013-11-21")
    assert "Band: 4 → 5" not in row.inner_text()
    assert "a letter assigns them to CRC" in row.inner_text()

    row.get_by_role("link").first.click()
    page.wait_for_url("**/staff/S1/history")
    assert "Promoted after interview" in main.inner_text()
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "a-member-s-history")

    with page.expect_download() as download:
        page.get_by_role("link", name="As data (JSON)").click()
    assert download.value.suggested_filename == "history-of-S1.json"
    download.value.save_as(tmp_path / "history.json")
    history = json.loads((tmp_path / "history.json").read_text())
    assert (history["staff_number"], len(history["items"]) > 3) == ("S1", True)
    paper = page.get_by_role("link", name="On paper (PDF)").get_attribute("href")
    answer = page.request.get(f"{site.address}{paper}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body().startswith(b"%PDF-")

    page.get_by_role("link", name="Compare").click()
    for field, day in (("In force on", ("2", "12", "2013")), ("And on", ("1", "2", "2014"))):
        group = page.get_by_role("group", name=field, exact=True)
        for part, text in zip(("Day", "Month", "Year"), day, strict=True):
            group.get_by_label(part).fill(text)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**and_on=2014-02-01**")
    compared = page.get_by_role("row").filter(has_text="Band").inner_text()
    assert "4" in compared
    assert "5" in compared
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "a-member-compared")

    page.get_by_role("link", name="Consultations").click()
    page.wait_for_url("**/consultations")
    assert "NNC takes part in 1 consultation; 1 question waits" in main.inner_text()
    assert "framework, for the exercise tr" in main.inner_text()
    row = page.get_by_role("row").filter(has_text="Who pays for travel")
    assert "owed since 13 Nov 2013" in row.inner_text()
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "consultations")
    page.get_by_role("link", name="The people of tr in numbers").click()
    page.wait_for_url("**/consultations/tr/totals")
    assert "fewer than 5" in main.inner_text()
    assert (violations(page), overflow(page)) == ([], 0)
    page.go_back()

    page.get_by_role("button", name="Ask the employer a question").click()
    page.wait_for_url("**/consultations/tr/ask")
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "consultations-ask")
    page.get_by_label("Question").fill("Will anybody have to move house?")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Ask the question").wait_for()
    assert "NNC asked: Will anybody have to move house?" in main.inner_text()
    assert (violations(page), overflow(page)) == ([], 0)
    pictured(page, "consultations-check")
    page.get_by_role("button", name="Ask the question").click()
    page.wait_for_url("**/consultations?done=ask")
    assert "The employer owes an answer." in page.get_by_role("alert").inner_text()
    assert "2 questions wait" in main.inner_text()
    assert (violations(page), overflow(page)) == ([], 0)
    page.get_by_role("link", name="Do not endorse the agreement").click()
    page.wait_for_url("**/consultations/tr/refuse")
    assert (violations(page), overflow(page)) == ([], 0)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Record that we do not endorse it").wait_for()
    assert (violations(page), overflow(page)) == ([], 0)
    context.close()


def appoint(site: Site, page: Page) -> None:
    """The member of staff S1 appoints the representative, for everything, from today on."""
    site.sign_in(page, "staff", "S1")
    page.goto(f"{site.address}/my-choices/appoint")
    page.get_by_label("Who the representative is").fill("rep")
    page.get_by_label("Everything").check()
    for part, text in (("Day", "2"), ("Month", "12"), ("Year", "2013")):
        page.get_by_label(part).first.fill(text)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Appoint the representative").click()
    page.wait_for_url("**/my-choices?done=appoint")


def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(site: Site, page: Page) -> None:
    site.sign_in(page, "union", "rep")
    found = {}
    for address in (
        "/my-members",
        "/my-members/totals",
        "/my-members/totals?effective_at=31/2/2014",
        "/consultations",
        f"/my-members?since=2013-11-11&cursor={'x' * 300}",
    ):
        page.goto(f"{site.address}{address}")
        found[address] = (violations(page), overflow(page))
    page.goto(f"{site.address}/my-members?since-day=31&since-month=2&since-year=2013")
    assert "real date" in page.get_by_role("alert").inner_text()
    found["wrong"] = (violations(page), overflow(page))
    page.get_by_role("button", name="Sign out").click()
    site.sign_in(page, "union", "y" * 60)
    page.goto(f"{site.address}/my-members")
    assert "nobody has appointed you" in page.get_by_role("main").inner_text()
    found["nobody"] = (violations(page), overflow(page))
    assert found == dict.fromkeys(found, ([], 0))
