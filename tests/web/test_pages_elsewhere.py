"""Somebody saves by one process, and is sent to a page that another process draws."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from deploy.data_folder import DataFolder
from tests.support.asking import Client
from tests.support.serving import application
from tests.web.practised_pages import SECRET
from tests.web.visiting import Visitor, carried, sent, shown
from transfer.app import Record, embedded_identity, http_service_of, open_record
from transfer.settings import Settings
from transfer.web.frame.sessions import PLAIN_SEEN_COOKIE

pytestmark = pytest.mark.engines

PAGE = "/staff/S1"
CHANGE = f"{PAGE}/change"
NEW_BAND = {
    **{f"effective_from-{part}": n for part, n in (("day", "1"), ("month", "3"), ("year", "2014"))},
    "changes-band": "a new band",
    "assignment": "main",
    "reason": "Promoted",
}


@pytest.fixture
def elsewhere(database_url: str, folder: DataFolder, settings: Settings) -> Iterator[Client]:
    """The pages of a second process on the same record."""
    with open_record(database_url, folder) as opened, start_blocking_portal() as portal:
        service = http_service_of(opened, embedded_identity(folder, settings), settings)
        with application(service, pages=SECRET) as app:
            yield Client(portal, app)


@pytest.mark.usefixtures("story")
def test_the_next_page_has_what_was_saved_by_whichever_process_it_is_drawn(
    visitor: Visitor, elsewhere: Client, record: Record
) -> None:
    visitor.sign_in()
    check = sent(visitor, CHANGE, {**NEW_BAND, "then": "check"})
    record.runner.stop()
    sent(visitor, CHANGE, {**carried(check), "then": "do"})
    other = Visitor(elsewhere, visitor.identity, dict(visitor.cookies))
    del other.cookies[PLAIN_SEEN_COOKIE]
    assert "a new band" not in shown(other, f"{PAGE}?effective_at=2014-03-01")
    late = threading.Timer(0.3, record.runner.start)
    late.start()
    other.cookies[PLAIN_SEEN_COOKIE] = visitor.cookies[PLAIN_SEEN_COOKIE]
    assert "a new band" in shown(other, f"{PAGE}?effective_at=2014-03-01")
    late.join()


@pytest.mark.usefixtures("story")
def test_a_cookie_of_another_record_at_this_address_says_nothing(visitor: Visitor) -> None:
    visitor.sign_in()
    for odd in ("x", '"', "2999-01-01T00:00:00.000000Z.AAAAAAAAAAAAAAAAAAAAAAAA"):
        visitor.cookies[PLAIN_SEEN_COOKIE] = odd
        shown(visitor, PAGE)
