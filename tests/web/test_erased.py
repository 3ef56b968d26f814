"""Of somebody whose personal data was erased every page is there, and says so in their place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role
from transfer.core.streams import staff_stream

pytestmark = pytest.mark.engines

TABS = ("", "/history", "/terms", "/compare", "/explain", "/contested")


def test_pages_say_that_it_was_erased(
    played: Practised, hr: Visitor, window: Callable[[], Visitor]
) -> None:
    played.api.register("S1", name="Ann Example", position={"employer": "LDN", "band": "4"})
    entry = str(played.record.log.read(staff_stream("S1"))[0].event_id)
    own = played.token("S1", Role.STAFF)
    said = {"of": entry, "statement": "wrongly banded"}
    objection = created(played.api.post("/staff/S1/objections", said, token=own))
    answer = {"outcome": "maintained", "reason": "as the letter says"}
    created(played.api.post(f"/staff/S1/objections/{objection['event_id']}/answer", answer))
    played.record.catch_up()
    member = window().sign_in(Role.STAFF, "S1")
    words = ("Ann Example", "wrongly banded", "as the letter says")
    assert words[0] in shown(hr, "/staff/S1")
    assert all(each in shown(member, "/my-record") for each in words)
    shown(member, "/who-read-my-record")

    played.record.vault.erase("S1", by="test", because="request 17")
    for tab in TABS:
        page = shown(hr, f"/staff/S1{tab}")
        assert "The name, and what S1 wrote, were erased" in page
        assert not any(each in page for each in (*words, "None"))
    assert shown(hr, "/staff/S1/history").count(": the words were erased") == 2
    mine = shown(member, "/my-record")
    assert "Your name and what you wrote were erased" in mine
    assert ": the words were erased" in mine
    for visitor, address in (
        (member, "/who-read-my-record"),
        (member, "/my-record/challenge"),
        (member, "/my-choices"),
        (hr, "/work"),
    ):
        page = shown(visitor, address)
        assert not any(each in page for each in words)
