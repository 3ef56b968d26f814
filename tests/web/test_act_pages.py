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
    to_the_letters,
)
from tests.web.visiting import Visitor, carried, sent, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.commands.acts.offered import offered

pytestmark = pytest.mark.engines

PAGE = "/procedures/exercise/tr"
BEGIN = "/procedures/exercise/begin"
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
    assert "The scope is not set: set scope comes first." in text_of(page)
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
    for n, (name, day) in enumerate(days.items()):
        at = f"milestones-{n}"
        fields |= {f"{at}-name": name, f"{at}-value-year": "2014"}
        fields |= dict(zip((f"{at}-value-day", f"{at}-value-month"), day.split("/"), strict=True))
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


def test_a_form_of_another_session_does_nothing(hr: Visitor, played: Practised) -> None:
    played.open()
    answer = hr.post(MOVE, {"form_token": "0" * 64, **NEW_DAY, "then": "do", "key": "1"})
    assert answer.status_code == 403
