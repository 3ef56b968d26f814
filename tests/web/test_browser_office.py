"""An administrator in a real browser, on a practice service: from the staff return to the transfer.

Every act is done on the pages. By the API: the clock alone, which no page moves.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.support.practised import VALUES
from tests.web.browsing import NARROW, Site, overflow, pictured, served, violations
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER

ADMINISTRATOR = "Continue as administrator"
PEOPLE = ("A1", "A2", "A3")
RETURN = "staff_number,name,employer,unit,role,band,fte,in_post_from,in_post_to,line_manager\n" + (
    "".join(
        f"{number},{name},London Probation Trust,Camden,Probation officer,4,1,2010-04-01,,\n"
        for number, name in zip(PEOPLE, ("Ann Abel", "Ben Best", "Cat Cole"), strict=True)
    )
)
DAYS = {
    "people-transition-complete": "31 3 2014",
    "transfer": "1 6 2014",
    "dissolution": "31 10 2014",
}
EXERCISE = "/procedures/exercise/london"
CLOCK_SECONDS = 180


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A practice on 11 November 2013, with nobody on record."""
    data = tmp_path_factory.mktemp("office") / "data"
    with served(data, practice_on="2013-11-11") as running:
        yield running


def move_clock(site: Site, day: str) -> None:
    """Move the clock to a day; what falls due until then is done when it answers."""
    answer = httpx.post(
        f"{site.address}/v1/practice/clock",
        json={"to": day},
        headers={"Authorization": f"Bearer {site.token('admin')}"},
        timeout=CLOCK_SECONDS,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["today"] == day, answer.text


class Desk:
    """What the administrator does with forms, and what was wrong with any page on the way."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site = site
        self.page = page
        self.main = page.get_by_role("main")
        self.found: dict[str, tuple[list[str], int]] = {}

    def look(self, name: str) -> None:
        """Note what is wrong with the page as it is shown, and take its picture."""
        self.page.set_viewport_size({"width": NARROW, "height": 800})
        self.found[name] = (violations(self.page), overflow(self.page))
        pictured(self.page, f"office-{name}")

    def open(self, path: str, name: str) -> str:
        """Open a page; what it says."""
        self.page.goto(f"{self.site.address}{path}")
        self.look(name)
        return self.main.inner_text()

    def row(self, text: str) -> str:
        """The first row of a table with this text."""
        return self.page.get_by_role("row").filter(has_text=text).first.inner_text()

    def act(self, act: str, typed: dict[str, str]) -> str:
        """Follow the link to an act of the exercise, and do it; what the check said."""
        self.open(EXERCISE, f"before-{act}")
        self.page.locator(f'a[href="{EXERCISE}/acts/{act}"]').click()
        return self.fill_in(act, typed)

    def fill_in(self, name: str, typed: dict[str, str]) -> str:
        """Fill in the form that is shown, check it, confirm it; what the check said.

        A field whose name ends with `*` is a day, of three inputs.
        """
        self.page.get_by_role("button", name="Continue").wait_for()
        self.look(name)
        for field, text in typed.items():
            if field.endswith("*"):
                for part, value in zip(("day", "month", "year"), text.split(), strict=True):
                    self.page.locator(f'[name="{field[:-1]}-{part}"]').fill(value)
                continue
            inputs = self.page.locator(f'[name="{field}"]')
            if inputs.count() == 0:  # no blank row is left
                self.page.get_by_role("button", name="Add more rows").first.click()
            if inputs.first.evaluate("each => each.tagName") == "SELECT":
                inputs.first.select_option(text)
            elif inputs.first.get_attribute("type") == "radio":
                self.page.locator(f'[name="{field}"][value="{text}"]').check()
            else:
                inputs.first.fill(text)
        self.page.get_by_role("button", name="Continue").click()
        self.look(f"{name}-check")
        said = self.main.inner_text()
        assert "Nothing is recorded yet." in said, said
        self.page.get_by_role("button", name="Confirm and record").click()
        self.look(f"{name}-done")
        assert self.page.get_by_role("heading", name="Recorded").is_visible()
        return said


@pytest.mark.thorough
def test_from_a_staff_return_to_people_who_have_moved(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": NARROW, "height": 800})
    page = context.new_page()
    desk = Desk(site, page)
    page.goto(f"{site.address}/")
    desk.look("sign-in")
    page.get_by_role("button", name=ADMINISTRATOR).click()
    page.get_by_role("button", name="Sign out").wait_for()
    desk.look("home")

    upload(desk)
    begin(desk)
    move_clock(site, "2013-11-13")
    scope = {"criterion": "everybody of the Trust"}
    assert "A3: Covered by the exercise" in desk.act("set-scope", scope)
    panel = {"to": "CRC", "panel": "the Trust's panel", "staff_numbers": "\n".join(PEOPLE)}
    assert "A3: To go to CRC" in desk.act("decide-by-panel", panel)
    group = {"group": "LDN", "staff_numbers": "\n".join(PEOPLE), "letters_on*": "2 12 2013"}
    assert "3 people of London Probation Trust together in LDN" in desk.act("form-group", group)
    desk.open("/exercises/london", "before-consultation")
    page.get_by_role("link", name="Consultation of the unions").click()
    page.wait_for_url("**/procedures/consultation/begin?exercise=london")
    assert page.get_by_label("london", exact=True).is_checked()
    desk.fill_in("consultation", {"bodies": "NNC", "agreement": "National agreement"})
    says = desk.open("/exercises/london", "exercise")
    assert "next, on 2 Dec 2013, the letters go out" in says
    page.get_by_role("button", name="Go on: Letters").click()
    page.wait_for_url("**/exercises/london/letters")
    desk.look("letters-planned")
    assert "planned for 2 Dec 2013" in desk.row("LDN")
    assert "not sent yet" in desk.row("Ann Abel")

    move_clock(site, "2013-12-02")
    desk.open("/exercises/london/letters", "letters")
    assert "went out on 2 Dec 2013" in desk.row("LDN")
    assert "Response to the letter: 9 Dec 2013" in desk.row("Ann Abel")
    assert "Appeal against the assignment: 16 Dec 2013" in desk.row("Ann Abel")

    move_clock(site, "2014-06-02")
    says = desk.open("/exercises/london", "moved")
    assert "3 of 3 people have moved" in says
    page.get_by_role("link", name="See the people").click()
    page.wait_for_url("**/exercises/london/people")
    desk.look("people")
    for number in PEOPLE:
        now = page.get_by_role("row").filter(has_text=number).get_by_role("cell").first
        assert "Community Rehabilitation Company" in now.inner_text()
    page.get_by_role("link", name="A1", exact=True).click()
    page.wait_for_url("**/staff/A1")
    desk.look("person")
    moved = "On 2 Jun 2014, as the record stands now, A1 works for London Community Rehabilitation"
    assert moved in desk.main.inner_text()
    before = desk.open("/staff/A1?effective_at=2014-05-31", "person-before")
    assert "A1 worked for London Probation Trust" in before
    context.close()
    assert desk.found == dict.fromkeys(desk.found, ([], 0))


def upload(desk: Desk) -> None:
    """Take in the staff return."""
    page = desk.page
    page.get_by_role("link", name="Exercises").first.click()
    desk.look("exercises")
    page.get_by_role("link", name="Upload a staff return").click()
    desk.look("upload")
    file = {"name": "staff.csv", "mimeType": "text/csv", "buffer": RETURN.encode()}
    page.get_by_label("The file", exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Check the file").click()
    desk.look("upload-check")
    assert "3 rows are good, of 3 people. Nothing is recorded yet." in desk.main.inner_text()
    page.get_by_role("button", name="Confirm and record").click()
    desk.look("upload-done")
    assert page.get_by_role("heading", name="Recorded").is_visible()


def begin(desk: Desk) -> None:
    """Begin the exercise: the days of its plan, and the values that the edition leaves open."""
    typed = {"id": "london"} | {f"milestones-{name}*": day for name, day in DAYS.items()}
    for n, (clause, value) in enumerate(VALUES.items()):
        typed |= {f"values-{n}-clause": clause, f"values-{n}-value": value}
        typed |= {f"values-{n}-document": "the Trust's own guidance"}
    desk.page.goto(f"{desk.site.address}/exercises")
    desk.page.get_by_role("link", name="begin an exercise").click()
    desk.look("begin-rulebook")
    desk.page.locator('[name="rulebook"][value="tr-2013"]').check()
    desk.page.get_by_role("button", name="Continue").click()
    desk.page.wait_for_url("**/procedures/exercise/begin?rulebook=tr-2013")
    said = desk.fill_in("begin", typed)
    assert "Transfer is on 1 Jun 2014" in said
    assert "decided again" not in said
