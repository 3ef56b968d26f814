"""Change, correct and leave as pages: a form, what would read differently, once on record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, Practised, to_the_letters
from tests.web.visiting import Visitor, carried, sent, shown, text_of
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

PAGE = "/staff/S1"
CHANGE = f"{PAGE}/change"
LEAVE = f"{PAGE}/leave"


def day(name: str, text: str) -> dict[str, str]:
    """The inputs of a day, e.g. `1 7 2014`."""
    return {
        f"{name}-{part}": n for part, n in zip(("day", "month", "year"), text.split(), strict=True)
    }


NEW_BAND = {
    **day("effective_from", "1 3 2014"),
    "changes-band": "5",
    "assignment": "main",
    "reason": "Promoted",
}
LEFT = {**day("effective_from", "1 2 2014"), "assignment": "main", "reason": "Resigned"}


def entry_to_correct(visitor: Visitor, n: int = 0) -> str:
    """The address by which the history leads to the correction of its entry `n`, the newest 0."""
    found: list[str] = re.findall(
        r'href="(/staff/S1/correct\?of=[^"]+)"', visitor.get(f"{PAGE}/history").text
    )
    return found[n]


@pytest.fixture
def registered(played: Practised) -> None:
    played.register("S1")


@pytest.mark.usefixtures("registered")
def test_a_change_is_asked_checked_and_recorded_once(hr: Visitor) -> None:
    assert f'href="{CHANGE}"' in hr.get(PAGE).text
    asked = shown(hr, CHANGE)
    assert "Today: 4." in asked
    check = sent(hr, CHANGE, {**NEW_BAND, "then": "check"})
    assert "Band, from 1 Mar 2014 onward: 4 → 5." in text_of(check)
    assert "Last day for the written statement about band" in text_of(check)
    assert "HR operations (you, as you are signed in)" in text_of(check)
    for _ in range(2):
        done = sent(hr, CHANGE, {**carried(check), "then": "do"})
        assert "Recorded" in text_of(done)
    history = shown(hr, f"{PAGE}/history")
    assert history.count("Band: 4 → 5, from 1 Mar 2014 onward") == 1


@pytest.mark.usefixtures("registered")
def test_a_correction_begins_from_what_the_entry_says(hr: Visitor) -> None:
    check = sent(hr, CHANGE, {**NEW_BAND, **day("last_day", "30 6 2014"), "then": "check"})
    sent(hr, CHANGE, {**carried(check), "then": "do"})
    correct = entry_to_correct(hr)
    form = hr.get(correct).text
    assert "In force from 1 Mar 2014 to the end of 30 Jun 2014" in text_of(form)
    assert re.search(r'name="changes-band"[^>]* value="5"', form)
    assert re.search(r'name="last_day-day"[^>]* value="30"', form)
    right = {
        **NEW_BAND,
        **day("last_day", "31 7 2014"),
        "what": "replace",
        "reason": "A month more",
    }
    check = sent(hr, correct, {**right, "then": "check"})
    assert "Band, from 1 Jul 2014 to the end of 31 Jul 2014: 4 → 5." in text_of(check)
    sent(hr, correct, {**carried(check), "then": "do"})
    assert "A month more" in shown(hr, f"{PAGE}/history")
    # The next form begins from the correction's content, and an entry may be cancelled for good.
    first = entry_to_correct(hr, 1)
    assert re.search(r'name="last_day-month"[^>]* value="7"', hr.get(first).text)
    check = sent(hr, first, {"what": "cancel", "reason": "Never agreed", "then": "check"})
    assert "Band, from 1 Mar 2014 to the end of 31 Jul 2014: 5 → 4." in text_of(check)
    sent(hr, first, {**carried(check), "then": "do"})
    assert hr.get(first).status_code == 409


@pytest.mark.usefixtures("registered")
def test_a_leaving_asks_what_becomes_of_what_would_bring_the_person_back(hr: Visitor) -> None:
    later = {**day("effective_from", "1 6 2014"), "changes-employer": "Another Trust"}
    check = sent(hr, CHANGE, {**later, "assignment": "main", "reason": "Moves", "then": "check"})
    sent(hr, CHANGE, {**carried(check), "then": "do"})
    assert "works for" in shown(hr, LEAVE)
    choose = sent(hr, LEAVE, {**LEFT, "then": "check"}, 409)
    assert "Another Trust, from 1 Jun 2014 onward" in text_of(choose)
    assert 'value="do"' not in choose
    check = sent(hr, LEAVE, {**carried(choose), "later": "annul", "then": "check"})
    assert "Another Trust, from 1 Jun 2014 onward: annulled" in text_of(check)
    sent(hr, LEAVE, {**carried(check), "then": "do"})
    assert "nobody employs S1" in shown(hr, f"{PAGE}?effective_at=2014-07-01")


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("address", "fields", "at", "says"),
    [
        (CHANGE, {"effective_from-year": ""}, "effective_from-year", "must include a year"),
        (CHANGE, {"changes-band": ""}, "changes-employer", "Fill in a new value"),
        (CHANGE, {"changes-fte": "2"}, "changes-fte", "not a decimal from 0"),
        (CHANGE, {"ends-band": "yes"}, "changes-band", "cannot have a new value and end"),
        (CHANGE, day("last_day", "1 2 2014"), "last_day-day", "."),
        (CHANGE, {"reason": " "}, "reason", "Fill in “Reason”"),
        (LEAVE, {"effective_from-day": "32"}, "effective_from-day", "must be a real date"),
    ],
)
def test_what_the_api_refuses_is_said_beside_its_field(
    hr: Visitor, address: str, fields: dict[str, str], at: str, says: str
) -> None:
    base = NEW_BAND if address == CHANGE else LEFT
    page = sent(hr, address, {**base, **fields, "then": "check"}, 422)
    assert f'<a href="#{at}">' in page
    assert f'id="{at}"' in page
    assert says in text_of(page)
    assert "govuk-error-message" in page


@pytest.mark.usefixtures("registered")
def test_what_was_recorded_in_between_is_shown_before_it_is_confirmed(hr: Visitor) -> None:
    mine = sent(hr, CHANGE, {**NEW_BAND, "then": "check"})
    other = sent(hr, CHANGE, {**NEW_BAND, "changes-band": "6", "then": "check"})
    sent(hr, CHANGE, {**carried(other), "then": "do"})
    again = sent(hr, CHANGE, {**carried(mine), "then": "do"}, 409)
    assert "The record has changed since you checked" in text_of(again)
    assert "Band: 4 → 6" in text_of(again)
    assert "6 → 5" in text_of(again)
    assert "Recorded" in text_of(sent(hr, CHANGE, {**carried(again), "then": "do"}))


@pytest.mark.usefixtures("registered")
def test_they_are_for_administrators_alone(window: Callable[[], Visitor]) -> None:
    for address in (CHANGE, LEAVE, f"{PAGE}/correct"):
        assert window().get(address).status_code == 303
        for role in (Role.AUDIT, Role.STAFF, Role.UNION, Role.DISPUTE):
            assert window().sign_in(role, "S1").get(address).status_code in (403, 404)
    audit = window().sign_in(Role.AUDIT, "auditor")
    assert "/change" not in audit.get(PAGE).text
    assert "/correct" not in audit.get(f"{PAGE}/history").text
    assert window().sign_in().get("/staff/NOBODY/change").status_code == 404
    assert window().sign_in().get(f"{PAGE}/correct").headers["location"] == f"{PAGE}/history"
    for of, status in (("x", 422), ("018f3c5e-7d4a-7b1e-9f00-0a1b2c3d4e5f", 404)):
        assert window().sign_in().get(f"{PAGE}/correct?of={of}").status_code == status


@pytest.mark.usefixtures("registered")
def test_a_term_and_a_name_are_corrected_too(hr: Visitor, played: Practised) -> None:
    term = {"term": "pay-protection", "value": "band 4", "effective_from": "2013-12-01"}
    created(played.api.post("/staff/S1/terms", term | {"reason": "Agreed"}))
    correct = entry_to_correct(hr)
    assert 'value="pay-protection"' in hr.get(correct).text
    right = {**day("effective_from", "1 12 2013"), "term": "pay-protection", "value": "band 5"}
    right |= {"what": "replace", "reason": "Misread"}
    check = sent(hr, correct, {**right, "then": "check"})
    assert "Pay protection, from 1 Dec 2013 onward: band 4 → band 5." in text_of(check)
    sent(hr, correct, {**carried(check), "then": "do"})

    named = {"name": "B. Exampel", "effective_from": "2013-11-01", "reason": "Married"}
    created(played.api.post("/staff/S1/names", named))
    correct = entry_to_correct(hr)
    right = {**day("effective_from", "1 11 2013"), "what": "replace", "reason": "Misspelt"}
    sent(hr, correct, {**right, "then": "check"}, 422)
    check = sent(hr, correct, {**right, "name": "B. Example", "then": "check"})
    sent(hr, correct, {**carried(check), "then": "do"})
    assert "Name on that day: B. Example" in shown(hr, PAGE)


def test_what_collides_with_a_decision_may_be_settled_at_once(
    hr: Visitor, played: Practised
) -> None:
    to_the_letters(played)
    played.to(date(2013, 12, 2))
    correct = entry_to_correct(hr, -1)
    right = {
        **day("effective_from", "1 4 2010"),
        "what": "replace",
        "assignment": "main",
        "reason": "Registered with the wrong Trust",
        "changes-employer": "Essex Probation Trust",
        "changes-unit": "Harlow",
        "changes-band": "4",
    }
    check = sent(hr, correct, {**right, "then": "check"})
    assert "what becomes of it?" in text_of(check)
    offered = re.findall(r'name="(later-\d+-value)"[^>]*value="stands"', check)
    assert offered
    stands = dict.fromkeys(offered, "stands")
    done = sent(hr, correct, {**carried(check), **stands, "then": "do"})
    assert "Recorded" in text_of(done)
    left = played.read(f"/procedures/{EXERCISE}")["to_settle"]
    assert [each for each in left if each["staff_number"] == "S1"] == []


@pytest.mark.usefixtures("registered")
def test_a_term_is_granted_varied_and_ended(hr: Visitor) -> None:
    terms = f"{PAGE}/terms"
    assert f'href="{terms}"' in hr.get(PAGE).text
    assert f'href="{terms}/grant"' in hr.get(terms).text
    granted = {
        "term": "pay-protection",
        "value": "band 4",
        **day("effective_from", "1 11 2013"),
        "reason": "Redeployed",
    }
    check = sent(hr, f"{terms}/grant", {**granted, "then": "check"})
    assert "Pay protection, from 1 Nov 2013 onward: no value → band 4." in text_of(check)
    fields = {**carried(check), "then": "do"}
    assert "Recorded" in text_of(sent(hr, f"{terms}/grant", fields))
    sent(hr, f"{terms}/grant", fields)  # a second click
    page = hr.get(terms).text
    assert page.count("band 4") >= 1
    assert f'href="{terms}/vary?term=pay-protection"' in page
    assert len(re.findall("Term granted", shown(hr, f"{PAGE}/history"))) == 1

    vary = f"{terms}/vary?term=pay-protection"
    assert "Today Pay protection is band 4." in shown(hr, vary)
    new = {"value": "band 5", **day("effective_from", "11 11 2013"), "reason": "Agreed"}
    new |= day("last_day", "31 12 2013")
    check = sent(hr, vary, {**new, "then": "check"})
    says = "Pay protection, from 11 Nov 2013 to the end of 31 Dec 2013: band 4 → band 5."
    assert says in text_of(check)
    assert "Recorded" in text_of(sent(hr, vary, {**carried(check), "then": "do"}))
    assert "Today Pay protection is band 5." in shown(hr, vary)

    end = f"{terms}/end?term=pay-protection"
    check = sent(hr, end, {**day("effective_from", "1 1 2014"), "reason": "Over", "then": "check"})
    assert "Pay protection, from 1 Jan 2014 onward: band 4 → no value." in text_of(check)
    assert "Recorded" in text_of(sent(hr, end, {**carried(check), "then": "do"}))


@pytest.mark.usefixtures("registered")
def test_a_term_that_cannot_be_is_told_beside_its_field(
    hr: Visitor, window: Callable[[], Visitor]
) -> None:
    terms = f"{PAGE}/terms"
    page = sent(hr, f"{terms}/grant", {"then": "check"}, 422)
    assert page.count("There is a problem") == 1
    service = {"term": "continuous_service_from", "value": "long ago", "reason": "r"}
    service |= day("effective_from", "1 11 2013")
    page = sent(hr, f"{terms}/grant", {**service, "then": "check"}, 422)
    assert "is a date" in text_of(page)
    for name in ("vary", "end"):
        assert hr.get(f"{terms}/{name}").headers["location"] == terms
        assert hr.get(f"{terms}/{name}?term=parking").status_code == 404
    assert hr.get("/staff/S9/terms/grant").status_code == 404
    for role in (Role.AUDIT, Role.STAFF, Role.UNION):
        assert window().sign_in(role, "S1").get(f"{terms}/grant").status_code in (403, 404)
