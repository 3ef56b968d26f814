"""A staff return chosen, asked about, judged and recorded in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.web.browsing import Site, overflow, pictured, recording, served, violations
from tests.web.test_upload import FILE, GOOD, HEAD
from tests.web.windows import NEEDS_BROWSER

pytestmark = NEEDS_BROWSER


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service on an empty record."""
    data = tmp_path_factory.mktemp("upload") / "data"
    with recording(data):
        pass
    with served(data) as running:
        yield running


def test_from_the_exercises_to_a_return_on_record(site: Site, page: Page) -> None:
    site.sign_in(page)
    main = page.get_by_role("main")
    found = {}

    def check(content: bytes) -> None:
        page.goto(f"{site.address}/exercises")
        page.get_by_role("link", name="Upload a staff return").click()
        file = page.get_by_label("The file", exact=True)
        file.set_input_files({"name": "staff.csv", "mimeType": "text/csv", "buffer": content})
        page.get_by_label("Yes", exact=True).check()
        page.get_by_role("button", name="Check the file").click()

    def look(name: str) -> None:
        found[name] = (violations(page), overflow(page))
        pictured(page, f"upload-{name}")

    page.goto(f"{site.address}/upload")
    look("form")
    page.get_by_role("button", name="Check the file").click()
    assert "Choose the file" in page.get_by_role("alert").inner_text()
    look("nothing-chosen")
    check(FILE)
    assert page.get_by_role("heading", name="Some rows are wrong").is_visible()
    look("wrong-rows")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file with the reasons").click()
    assert download.value.suggested_filename == "staff-return-to-mend.csv"
    check((HEAD + GOOD.replace("2010-04-01", "04/25/2009")).encode())
    look("asked")
    page.get_by_role("button", name="Check again").click()
    assert "Choose an answer" in page.get_by_role("alert").inner_text()
    look("not-answered")
    page.get_by_label("The month: 04/01/2009 is 1 April").check()
    page.get_by_role("button", name="Check again").click()
    assert "1 row is good, of 1 person. Nothing is recorded yet." in main.inner_text()
    look("check")
    page.get_by_role("button", name="Confirm and record").click()
    assert page.get_by_role("heading", name="Recorded").is_visible()
    look("done")
    page.goto(f"{site.address}/staff/A1")
    assert "London Probation Trust" in main.inner_text()
    assert found == dict.fromkeys(found, ([], 0))
