"""The page of notices: what was sent, what waits, what could not be sent and what to do."""

from __future__ import annotations

import pytest

from tests.support.noticed import REASON, in_every_state
from tests.support.practised import Practised
from tests.web.visiting import Visitor, form_token_of, shown, text_of
from transfer.access.identity import Limits, Role
from transfer.notices.kept import NoticeState, Standing
from transfer.web.office import notices
from transfer.web.office.notices import says_notices

pytestmark = pytest.mark.engines

PAGE = "/notices"


def test_the_page_says_what_stands_how_and_what_to_do(hr: Visitor, played: Practised) -> None:
    assert "No notice was owed to anybody yet." in shown(hr, PAGE)
    assert "Notices that were sent to people" in shown(hr, "/work")
    played.register("S1")
    references = in_every_state(played.service.notices)
    page = shown(hr, PAGE)
    assert (
        "1 notice could not be sent, 1 has no address, 1 waits and 1 was sent. A notice tells"
        in page
    )
    for said in (
        "Could not be sent",
        f"{REASON}Put right what the reason names",
        "No address known",
        "Put the address into the address book.",
        "Not needed any more",
        "Its day has passed",
    ):
        assert said in page, said
    assert "Written to the outbox" in page
    for reference in references.values():
        assert reference in page
    assert "2 notices could not be sent or have no address" in shown(hr, "/work")
    kept = shown(hr, f"{PAGE}?state=failed")
    assert references[NoticeState.FAILED] in kept
    assert references[NoticeState.SENT] not in kept
    assert hr.get(f"{PAGE}?state=x").status_code == 422
    assert hr.get(f"{PAGE}?about=x").status_code == 422
    assert PAGE in [each.what for each in played.service.register.of("S1", limit=50)]


def test_what_could_not_be_sent_is_tried_again(hr: Visitor, played: Practised) -> None:
    played.register("S1")
    in_every_state(played.service.notices)
    fields = {"form_token": form_token_of(hr.get(PAGE).text)}
    assert hr.post(PAGE, {"form_token": "0" * 64}).status_code == 403
    answer = hr.post(PAGE, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=again")
    page = shown(hr, answer.headers["location"])
    assert "What could not be sent is tried again within a minute." in page
    found = played.service.notices.found(limit=9, states=[NoticeState.FAILED])
    assert found == []
    hr.sign_in(Role.AUDIT, "auditor")
    assert "Try again now" not in shown(hr, PAGE)
    assert hr.post(PAGE, {"form_token": form_token_of(hr.get("/work").text)}).status_code == 403


def test_limits_are_kept(hr: Visitor, played: Practised) -> None:
    played.register("S1")
    in_every_state(played.service.notices)
    limits = Limits(employers=frozenset({"nobody"}))
    hr.cookies.clear()
    hr.show_token(hr.identity.issue("another", Role.ADMIN, 600, limits=limits))
    page = shown(hr, PAGE)
    assert "0 notices on this page to people within your limits." in page
    assert "S1" not in page
    assert "Try again now" not in page
    assert "Notices that were sent to people" in shown(hr, "/work")


def test_more_than_a_page(hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch) -> None:
    played.register("S1")
    in_every_state(played.service.notices)
    monkeypatch.setattr(notices, "ON_A_PAGE", 3)
    first = hr.get(PAGE).text
    assert "More notices" in first
    address = first.split('href="/notices?cursor=')[1].split('"')[0]
    assert "Back to the first" in text_of(hr.get(f"{PAGE}?cursor={address}").text)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({}, "No notice was owed to anybody yet."),
        ({NoticeState.SENT: 1}, "1 notice was sent."),
        ({NoticeState.SENT: 1200}, "1,200 notices were sent."),
        (
            {NoticeState.SENT: 2, NoticeState.FAILED: 1},
            "1 notice could not be sent and 2 were sent.",
        ),
    ],
)
def test_how_they_stand_in_a_sentence(counts: dict[NoticeState, int], says: str) -> None:
    assert says_notices({each: Standing(n, 0.0) for each, n in counts.items()}) == says
