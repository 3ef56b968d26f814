"""The acts of the office as pages: what may be done, a form, what it would come to, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import (
    EXERCISE,
    VALUES,
    Practised,
    consult,
    to_ends_that_wait,
    to_the_letters,
)
from tests.web.visiting import Visitor, carried, form_token_of, sent, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.commands.acts.offered import offered
from transfer.rulebooks import shipped

pytestmark = pytest.mark.engines

PAGE = "/procedures/exercise/tr"
BEGIN = "/procedures/exercise/begin"
UNDER_2013 = f"{BEGIN}?rulebook=tr-2013"
MOVE = f"{PAGE}/acts/move-milestone"
NEW_DAY = {"milestone": "transfer", "to-day": "1", "to-month": "7", "to-year": "2014"}


def test_every_act_of_every_kind_has_a_form_or_is_none_of_the_office(
    hr: Visitor, played: Practised
) -> None:
    played.open()
    asked = 0
    for act in offered(played.service.kinds):
        if act.kind != "exercise" and not act.begins:
            continue
        address = f"/procedures/{act.kind}/begin" if act.begins else f"{PAGE}/acts/{act.name}"
        under = [name for name, book in shipped().items() if act.kind in book.begins]
        if act.begins and under:
            address = f"{address}?rulebook={under[0]}"
        is_office = act.writes and "admin" in act.who
        answer = hr.get(address)
        assert answer.status_code == (200 if is_office else 404), address
        asked += is_office
        if is_office:
            assert 'value="check"' in answer.text
    assert asked > 25


def test_they_are_for_administrators_alone(
    window: Callable[[], Visitor], played: Practised
) -> None:
    played.open()
    for address in (PAGE, MOVE, BEGIN):
        assert window().get(address).status_code == 303
        for role in (Role.AUDIT, Role.STAFF, Role.UNION, Role.DISPUTE):
            assert window().sign_in(role, "S1").get(address).status_code == 403
    for missing in (f"{PAGE}/acts/fly", "/procedures/x/begin", "/procedures/exercise/other"):
        assert window().sign_in().get(missing).status_code == 404


def test_what_may_be_done_and_what_stands_in_the_way(hr: Visitor, played: Practised) -> None:
    played.open()
    page = hr.get(PAGE).text
    assert f'href="{PAGE}/acts/set-scope"' in page
    assert f'href="{PAGE}/acts/propose"' not in page
    assert "Nobody is covered yet: first, say whom it covers." in text_of(page)
    assert f'href="{PAGE}"' in hr.get("/exercises/tr").text
    led = hr.get("/exercises/tr/acts/set-scope")
    assert (led.status_code, led.headers["location"]) == (303, f"{PAGE}/acts/set-scope")


def test_an_act_is_asked_checked_and_done_once(hr: Visitor, played: Practised) -> None:
    played.open()
    before = played.read(f"/procedures/{EXERCISE}")["version"]
    page = sent(hr, MOVE, {"milestone": "transfer", "to-day": "31", "to-month": "6"}, 422)
    assert "New day must include a year" in text_of(page)
    assert title_of(page).startswith("Error: ")
    check = sent(hr, MOVE, NEW_DAY)
    assert "Nothing is recorded yet." in text_of(check)
    assert "1 Jul 2014" in text_of(check)
    assert played.read(f"/procedures/{EXERCISE}")["version"] == before
    again = sent(hr, MOVE, {**carried(check), "then": "change"})
    assert 'value="2014"' in again
    first = sent(hr, MOVE, {**carried(check), "then": "do"})
    assert "Recorded" in text_of(first)
    after = played.read(f"/procedures/{EXERCISE}")
    assert after["version"] > before
    assert text_of(sent(hr, MOVE, {**carried(check), "then": "do"})) == text_of(first)
    assert played.read(f"/procedures/{EXERCISE}")["version"] == after["version"]
    history = played.read(f"/procedures/{EXERCISE}")["sentences"]
    assert history[-1]["recorded_by"] == "HR operations"


def test_what_was_recorded_since_is_shown_and_checked_anew(hr: Visitor, played: Practised) -> None:
    played.open()
    check = sent(hr, MOVE, NEW_DAY)
    created(played.act(EXERCISE, "move-milestone", {"milestone": "transfer", "to": "2014-08-01"}))
    version = played.read(f"/procedures/{EXERCISE}")["version"]
    page = sent(hr, MOVE, {**carried(check), "then": "do"}, 409)
    assert "The record has changed since you checked. Nothing of yours was recorded." in text_of(
        page
    )
    assert "1 Aug 2014" in text_of(page)
    assert played.read(f"/procedures/{EXERCISE}")["version"] == version
    assert "Recorded" in text_of(sent(hr, MOVE, {**carried(page), "then": "do"}))


def test_a_refusal_has_its_clause_and_no_way_to_confirm(hr: Visitor, played: Practised) -> None:
    played.open()
    letters = f"{PAGE}/acts/record-answer"
    played.register("S1")
    page = sent(hr, letters, {"staff_numbers": "S1", "answer": "acknowledged"}, 409)
    assert "This cannot be done" in text_of(page)
    assert 'value="do"' not in page
    assert "S1" not in title_of(page)


def test_an_exercise_is_begun_and_what_it_lacks_is_listed(hr: Visitor) -> None:
    days = {"people-transition-complete": "31/3", "transfer": "1/6", "dissolution": "31/10"}
    fields = {"id": "tr", "rulebook": "tr-2013"}
    for name, day in days.items():
        at = f"milestones-{name}"
        fields |= dict(zip((f"{at}-day", f"{at}-month"), day.split("/"), strict=True))
        fields |= {f"{at}-year": "2014"}
    page = sent(hr, BEGIN, fields, 409)
    assert "What is missing first" in text_of(page)
    assert "TR-11b" in text_of(page)
    for n, (clause, value) in enumerate(VALUES.items()):
        fields |= {f"values-{n}-clause": clause, f"values-{n}-value": value}
        fields |= {f"values-{n}-document": "the Trust's own guidance"}
    check = sent(hr, BEGIN, fields)
    done = sent(hr, BEGIN, {**carried(check), **fields, "then": "do"})
    assert f'href="{PAGE}"' in done
    assert shown(hr, PAGE)


def test_what_many_are_refused_is_said_for_each(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    answers = f"{PAGE}/acts/record-answer"
    fields = {"staff_numbers": "S1\nS9", "answer": "acknowledged"}
    check = sent(hr, answers, fields)
    assert "S9:" in text_of(check)
    done = text_of(sent(hr, answers, {**carried(check), **fields, "then": "do"}))
    assert "Whom the rules refused, and why" in done
    people = played.read(f"/procedures/{EXERCISE}/people")["items"]
    assert [each["answer"] for each in people] == ["acknowledged", None, None, None]


def test_an_exercise_that_may_not_be_abandoned_yet_says_for_whom_and_what_to_do(
    hr: Visitor, played: Practised
) -> None:
    to_ends_that_wait(played, "S1", "S2")
    page = sent(hr, f"{PAGE}/acts/abandon", {"reason": "the order was not made"}, 409)
    assert "This cannot be done" in text_of(page)
    for number in ("S1", "S2"):
        assert f"of {number} has been due since" in text_of(page)
    assert "approve or decline it first" in text_of(page)
    assert 'value="do"' not in page
    assert played.read("/procedures/exercise/tr")["state"] == "running"


def test_a_form_of_another_session_does_nothing(hr: Visitor, played: Practised) -> None:
    played.open()
    answer = hr.post(MOVE, {"form_token": "0" * 64, **NEW_DAY, "then": "do", "key": "1"})
    assert answer.status_code == 403


def test_the_rulebook_of_an_exercise_is_chosen_first(hr: Visitor) -> None:
    page = hr.get(BEGIN).text
    assert 'value="choose"' in page
    assert "Days of the plan" not in page
    assert 'name="rulebook" type="radio" value="spo-2022"' in page
    blank = text_of(sent(hr, BEGIN, {"then": "choose"}, 422))
    assert "Choose an answer for “Rulebook”" in blank
    token = form_token_of(page)
    fields = {"form_token": token, "then": "choose", "rulebook": "tr-2013"}
    led = hr.post(BEGIN, fields)
    assert (led.status_code, led.headers["location"]) == (303, UNDER_2013)
    form = hr.get(UNDER_2013).text
    assert 'name="milestones-transfer-day"' in form
    assert 'name="rulebook" type="radio" value="tr-2013" checked' in form
    assert "spo-2022" not in form
    nowhere = hr.get(f"{BEGIN}?rulebook=nowhere").text
    assert 'value="choose"' in nowhere


def test_what_an_act_names_is_chosen_among_what_there_is(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    created(played.act("consultation/tr", "ask", {"question": "When?", "asked_by": "NNC"}))
    for act, choices in (
        (f"{PAGE}/acts/move-window", ['name="group" type="radio" value="LDN"']),
        (f"{PAGE}/acts/hold", ['<select class="govuk-select" id="group"', 'value="LDN"']),
        (f"{PAGE}/acts/extend-window", ['name="window" type="radio" value="appeal"']),
        (f"{PAGE}/acts/decide-by-panel", ['name="to" type="radio" value="CRC"']),
        (f"{PAGE}/acts/retry", ['name="step" type="radio" value="move"', "People move"]),
        (f"{PAGE}/acts/record-answer", ['name="answer" type="radio" value="acknowledged"']),
        (f"{PAGE}/acts/form-group", ['name="group" type="text"', 'id="routes-']),
        (MOVE, ['name="milestone" type="radio" value="transfer"']),
        ("/procedures/consultation/tr/acts/reply", ['type="radio" value="When?"']),
        ("/procedures/consultation/tr/acts/endorse", ['name="body" type="radio" value="NNC"']),
    ):
        page = hr.get(act).text
        assert [each for each in choices if each not in page] == [], act
        assert 'name="later' not in page


def test_what_becomes_of_decisions_is_asked_once_it_is_known_of_which(
    hr: Visitor, played: Practised
) -> None:
    to_the_letters(played)
    consult(played)
    for day in (date(2013, 12, 2), date(2014, 1, 10), date(2014, 6, 1), date(2014, 6, 3)):
        played.to(day)
    late = {"staff_numbers": "S1", "told_to": "transferor", "happened_on-day": "28"}
    late |= {"happened_on-month": "5", "happened_on-year": "2014"}
    address = f"{PAGE}/acts/object"
    check = sent(hr, address, late)
    said = text_of(check)
    assert "Move of S1, decided on 1 Jun 2014" in said
    assert said.count("what becomes of it?") == 2  # the other is of the exercise as a whole
    fields = carried(check) | late | {"then": "do"}
    settled = fields | {f"later-{n}-value": "stands" for n in (0, 1)}
    sent(hr, address, settled)
    shown_now = played.read(f"/procedures/{EXERCISE}")
    assert shown_now["to_settle"] == []
    # Who chooses nothing finds it on the list of work.
    other = {**late, "staff_numbers": "S2"}
    check = sent(hr, address, other)
    done = text_of(sent(hr, address, carried(check) | other | {"then": "do"}))
    assert "Say what becomes of each" in done


def test_what_is_about_to_begin_shows_by_when_each_step_has_to_be_done(hr: Visitor) -> None:
    asked = {
        "rulebook": "liability-2006",
        "id": "london",
        "transferor": "London Probation Trust",
        "transferee": "London CRC",
        "transfer_on-day": "1",
        "transfer_on-month": "6",
        "transfer_on-year": "2014",
    }
    begin = "/procedures/liability-information/begin?rulebook=liability-2006"
    said = text_of(sent(hr, begin, asked, 200))
    # 28 days before 1 June, which is left out.
    assert "Give liability information, the employer: by 4 May 2014; to be safe by 3 May" in said
    assert "Every step can still be done in time on" in said
    assert "Notify changes: known once “liability changes found” is on record." in said
