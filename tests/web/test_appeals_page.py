"""The pages of appeals: due, late, decided; what a decision would change, and where it is made."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor, carried, sent, shown, text_of
from transfer.access.identity import Role
from transfer.web.office import appeals

pytestmark = pytest.mark.engines

PAGE = "/exercises/tr/appeals"
ACTS = "/procedures/appeal/tr.{}.1/acts"


def _appeal(played: Practised, number: str, **more: object) -> None:
    body = {"exercise": "tr", "staff_number": number, "grounds": f"the words of {number}"}
    created(played.begin("appeal", body | more))


def _appeals(played: Practised) -> None:
    """S1 and S2 appeal in time, S3 too late; the last day is 16 December."""
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    played.to(date(2013, 12, 10))
    _appeal(played, "S2")
    played.to(date(2013, 12, 16))
    _appeal(played, "S1")
    played.to(date(2013, 12, 18))
    _appeal(played, "S3")


def test_what_is_due_what_came_late_and_what_upholding_would_change(
    hr: Visitor, played: Practised
) -> None:
    _appeals(played)
    page = shown(hr, PAGE)
    assert (
        "3 appeals were made in tr: a panel has to decide 2; none is decided; 1 came late. "
        "Record decision: A. Example (S2)" in page
    )
    # The earliest day first, then what came late.
    assert page.index("words of S2") < page.index("words of S1") < page.index("words of S3")
    assert "Against whatThe letter of 2 Dec 2013: to" in page
    assert "Came10 Dec 2013 In time. The last day was 16 Dec 2013 (Time to appeal, TR-11b)." in page
    assert "DecisionTo be decidedBy 10 Jan 2014 (" in page
    assert "Time for the panel to determine an appeal, TR-11b-panel" in page
    assert "If upheldCommunity Rehabilitation Company → National Probation Service" in page
    assert "Came18 Dec 2013 Late. The last day was 16 Dec 2013 (Time to appeal, TR-11b)." in page
    assert "DecisionRefused as lateAdmit late the appeal of A. Example (S3)" in page
    assert "If upheldNothing as long as it is not heard" in page
    body = hr.get(PAGE).text
    for number, act in (("S1", "determine"), ("S2", "determine"), ("S3", "admit-late")):
        assert f'href="{ACTS.format(number)}/{act}"' in body
    assert 'href="/exercises/tr/appeals"' in hr.get("/exercises/tr").text
    assert 'href="/exercises/tr/appeals"' in hr.get("/work").text

    form = f"{ACTS.format('S2')}/determine"
    decided = {"outcome": "upheld", "to": "NPS", "panel": "three members"}
    decided |= {"reason": "counted twice"}
    check = sent(hr, form, decided | {"then": "check"})
    assert "the appeal is upheld, the destination NPS: counted twice" in text_of(check)
    assert "Recorded" in text_of(sent(hr, form, carried(check) | {"then": "do"}))
    rejected = {"outcome": "rejected", "panel": "three members", "reason": "as it was"}
    created(played.act("appeal/tr.S1.1", "determine", rejected))
    page = shown(hr, PAGE)
    assert "no panel has to decide any; 2 are decided; 1 came late." in page
    assert "UpheldOn 18 Dec 2013 by three members: counted twice." in page
    assert "If upheldCommunity Rehabilitation Company → National Probation Service" in page
    assert "RejectedOn 18 Dec 2013 by three members: as it was." in page
    assert "If upheldNothing: Community Rehabilitation Company, as before" in page
    assert "words of S2" not in page
    assert "words of S1" not in page
    assert "words of S1" in shown(hr, f"{PAGE}?known_at=17/12/2013")


def test_a_late_one_is_admitted_and_an_old_one_is_overdue(hr: Visitor, played: Practised) -> None:
    _appeals(played)
    created(played.act("appeal/tr.S3.1", "admit-late", {"reason": "in hospital"}))
    page = shown(hr, PAGE)
    assert "Heard all the same: In hospital." in page
    assert "a panel has to decide 3; none is decided; 1 came late." in page
    played.to(date(2014, 1, 14))
    page = shown(hr, PAGE)
    assert "a panel has to decide 3, 1 of them overdue" in page
    assert "DecisionOverdueBy 10 Jan 2014" in page


def test_a_day_published_afterwards_makes_a_late_appeal_one_in_time(
    hr: Visitor, played: Practised
) -> None:
    _appeals(played)
    more = {"window": "appeal", "until": "2013-12-20", "reason": "the post", "staff_number": "S3"}
    more |= {"happened_on": "2013-12-13"}
    created(played.act(EXERCISE, "extend-window", more))
    page = shown(hr, f"{PAGE}?state=late")
    assert "Late when it came. The last day was 20 Dec 2013 (Time to appeal, TR-11b)" in page
    assert "which was published afterwards." in page


def test_filters_pages_and_all_exercises(
    hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    _appeals(played)
    created(played.act("appeal/tr.S1.1", "withdraw", {}))
    for state, whose in (("open", {"S2"}), ("late", {"S3"}), ("decided", set[str]())):
        page = hr.get(f"{PAGE}?state={state}").text
        assert {*re.findall(r'href="/staff/(S\d)"', page)} == whose
    assert "None of them is of that sort." in shown(hr, f"{PAGE}?state=decided")
    assert "Withdrawn" in shown(hr, PAGE)
    everywhere = shown(hr, "/appeals")
    assert (
        "3 appeals were made: a panel has to decide 1; none is decided; 1 came late." in everywhere
    )
    assert f'href="{PAGE}"' in hr.get("/appeals").text
    assert 'href="/appeals"' in hr.get("/work").text

    monkeypatch.setattr(appeals, "ON_A_PAGE", 1)
    seen, address = [], PAGE
    while address:
        page = hr.get(address).text
        seen += re.findall(r'href="/staff/(S\d)"', page)
        following = re.search(r'href="([^"]*cursor=[^"]*)">Next', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == ["S2", "S3", "S1"]
    read = [each.what for each in played.service.register.of("S3", limit=1)]
    assert read == ["/exercises/{exercise}/appeals"]


def test_nobody_has_appealed_and_what_cannot_be_shown_is_said(
    hr: Visitor, played: Practised
) -> None:
    played.open()
    assert "Nobody has appealed in tr." in shown(hr, PAGE)
    assert "Nobody has appealed." in shown(hr, "/appeals")
    shown(hr, "/exercises/none/appeals", 404)
    for address in (
        f"{PAGE}?state=x",
        f"{PAGE}?colour=red",
        f"{PAGE}?cursor=x",
        "/appeals?state=x",
    ):
        shown(hr, address, 422)


def test_they_are_for_administrators_and_auditors_who_decide_nothing(
    window: Callable[[], Visitor], played: Practised
) -> None:
    _appeals(played)
    auditor = window().sign_in(Role.AUDIT, "auditor")
    page = auditor.get(PAGE).text
    assert "3 appeals were made" in page
    assert "/acts/" not in page
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        other = window().sign_in(role, "S1")
        assert {other.get(each).status_code for each in (PAGE, "/appeals")} == {403}
