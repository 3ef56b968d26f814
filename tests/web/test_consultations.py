"""The page of a representative's consultations: what is owed, what was answered, when they meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, carried, sent, shown, text_of
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

PAGE = "/consultations"


@pytest.fixture
def consulted(played: Practised) -> Practised:
    """A consultation of Union A, that asked twice and was answered once."""
    played.open()
    opened = {"exercise": "tr", "bodies": ["Union A", "Union B"], "agreement": "the framework"}
    created(played.begin("consultation", opened))
    for act, given in (
        ("state-measures", {"measures": "no redundancies are planned", "document": "letter 4"}),
        ("ask", {"question": "Who pays for travel?", "asked_by": "Union A"}),
        ("ask", {"question": "When is it?"}),
        ("reply", {"question": "When is it?", "answer": "in May"}),
        ("call-meeting", {"on": "2013-11-12", "purpose": "travel"}),
        ("endorse", {"body": "Union A"}),
    ):
        created(played.act("consultation/tr", act, given))
    return played


def test_what_a_body_is_owed_comes_first(
    consulted: Practised, window: Callable[[], Visitor]
) -> None:
    page = shown(window().sign_in(Role.UNION, "rep", body="Union A"), PAGE)
    for says in (
        "Union A takes part in 1 consultation; 1 question waits for the employer's answer.",
        "Opened on 11 Nov 2013 with Union A, Union B. Union A endorsed the agreement.",
        "Who pays for travel? Askedon 11 Nov 2013 by Union A Answerowed since 11 Nov 2013",
        "When is it? Askedon 11 Nov 2013 Answerin May (on 11 Nov 2013)",
        "no redundancies are planned: stated on 11 Nov 2013, by letter 4, recorded 11 Nov 2013",
        "12 Nov 2013, travel: called on 11 Nov 2013.",
    ):
        assert says in page
    consulted.to(date(2013, 11, 13))
    other = shown(window().sign_in(Role.UNION, "rep", body="Union B"), PAGE)
    assert "Union B has not said yet whether it endorses the agreement." in other
    assert "12 Nov 2013, travel: no outcome is on record." in other


def test_who_acts_for_no_body_of_it_sees_none(
    consulted: Practised, window: Callable[[], Visitor]
) -> None:
    assert consulted.read("/procedures/consultation/tr")["id"] == "tr"
    other = shown(window().sign_in(Role.UNION, "rep", body="Union C"), PAGE)
    assert "Union C takes part in no consultation on record." in other
    assert "framework" not in other
    nobody = shown(window().sign_in(Role.UNION, "rep"), PAGE)
    assert "Your sign-in names no body that you act for" in nobody
    assert "framework" not in nobody
    for role in (Role.ADMIN, Role.STAFF, Role.DISPUTE, Role.AUDIT):
        shown(window().sign_in(role), PAGE, 403)


@pytest.mark.usefixtures("consulted")
def test_a_body_asks_on_the_page(window: Callable[[], Visitor]) -> None:
    browser = window().sign_in(Role.UNION, "rep", body="Union B")
    page = browser.get(PAGE).text
    assert 'href="/consultations/tr/ask"' in page
    form = f"{PAGE}/tr/ask"
    assert "from then on the employer owes an answer" in shown(browser, form).lower()
    blank = text_of(sent(browser, form, {"then": "check"}, 422))
    assert "Fill in “Question”" in blank
    checked = sent(browser, form, {"question": "Who decides?", "then": "check"})
    assert "Union B asked: Who decides?" in text_of(checked)
    assert "Who decides?" not in shown(browser, PAGE)
    # What only looks like a day stays as it was typed.
    no_day = sent(browser, form, {"question": "Is it 2014-02-31?", "then": "check"})
    assert "Union B asked: Is it 2014-02-31?" in text_of(no_day)
    fields = carried(checked) | {"then": "do"}
    for _ in range(2):  # sent twice, it is asked once
        sent(browser, form, fields, 303)
    told = shown(browser, f"{PAGE}?done=ask")
    assert "Your question is on record. The employer owes an answer." in told
    assert told.count("Who decides? Askedon 11 Nov 2013 by Union B") == 1


def test_a_body_says_whether_it_endorses(
    consulted: Practised, window: Callable[[], Visitor]
) -> None:
    browser = window().sign_in(Role.UNION, "rep", body="Union A")
    page = browser.get(PAGE).text  # it endorsed the agreement already
    assert 'href="/consultations/tr/refuse"' in page
    assert 'href="/consultations/tr/endorse"' not in page
    checked = sent(browser, f"{PAGE}/tr/refuse", {"then": "check"})
    assert "Union A did not endorse the agreement" in text_of(checked)
    sent(browser, f"{PAGE}/tr/refuse", carried(checked) | {"then": "do"}, 303)
    told = shown(browser, f"{PAGE}?done=refuse")
    assert "Union A did not endorse the agreement." in told
    created(consulted.act("consultation/tr", "refer", {"to": "ACAS", "document": "letter 7"}))
    assert "off, and referred to conciliation since 11 Nov 2013, by clause" in shown(browser, PAGE)


@pytest.mark.usefixtures("consulted")
def test_the_form_of_a_consultation_of_others_is_not_there(window: Callable[[], Visitor]) -> None:
    browser = window().sign_in(Role.UNION, "rep", body="Union C")
    told = {shown(browser, f"{PAGE}/{id_}/ask", 404).replace(id_, "…") for id_ in ("tr", "nowhere")}
    assert len(told) == 1
    own = window().sign_in(Role.UNION, "rep", body="Union A")
    assert "nothing of that name" in shown(own, f"{PAGE}/tr/reply", 404)
    for role in (Role.ADMIN, Role.STAFF, Role.DISPUTE, Role.AUDIT):
        shown(window().sign_in(role), f"{PAGE}/tr/ask", 403)
