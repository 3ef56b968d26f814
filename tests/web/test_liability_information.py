"""The page of an exercise's liability information: complete or not, by when, what has changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import Practised, to_the_letters
from tests.support.surrey_scene import (
    DOCUMENTS,
    ELMBRIDGE,
    EXERCISE,
    OPENED,
    file_documents,
    open_surrey,
    person,
)
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role
from transfer.web.office import liability_information

pytestmark = pytest.mark.engines

PAGE = "/exercises/surrey/liability-information"


@pytest.fixture
def surrey(played: Practised) -> Practised:
    """Three people of two councils, proposed on 1 October 2026."""
    played.to(OPENED)
    open_surrey(played)
    return played


def test_the_first_sentence_says_whether_it_is_complete_and_by_when(
    hr: Visitor, surrey: Practised
) -> None:
    page = shown(hr, PAGE)
    says = (
        "The liability information of surrey as at 1 Oct 2026 is complete for 0 of 3 people; it "
        "must be given by the end of 4 Mar 2027"
    )
    assert says in page
    assert "Safer day3 Mar 2027" in page
    assert (
        "may be given until 15 Oct 2026 (clause TU-15-as-at); on the last day it has to be as at "
        "18 Feb 2027 or later." in page
    )
    assert "Identity and age" in page
    assert "Date of birth: missing for 1 person. Needed: the staff return" in page
    assert "no document on file. Needed: Claims of two years and claims expected" in page
    assert "Elmbridge Borough Council ToEast Surrey Council People2 Complete0" in page
    people = page.partition("People of whom the record lacks something")[2]
    assert "E2" in people
    assert "Person E1" not in people
    surrey.to(date(2026, 10, 2))
    file_documents(surrey)
    page = shown(hr, PAGE)
    assert "is complete for 1 of 3 people" in page
    assert "in a document D000003, Claims of two years and claims expected" in page
    assert "Person E1" in shown(hr, f"{PAGE}?show=all")


def test_what_has_changed_since_a_day_is_listed(hr: Visitor, surrey: Practised) -> None:
    surrey.to(date(2026, 10, 5))
    correction = {
        "effective_from": "2015-09-01",
        "changes": {"employer": ELMBRIDGE, "role": "Senior officer", "band": "6", "fte": "1"},
        "reason": "the letter of 2015",
        "of": surrey.read("/staff/E1/history")["items"][0]["event_id"],
    }
    created(surrey.api.post("/staff/E1/corrections", correction))
    person(surrey, "E3", ELMBRIDGE)
    created(surrey.act(EXERCISE, "join", {"staff_number": "E3"}))
    page = shown(hr, f"{PAGE}?since=2026-10-02&show=changed")
    assert (
        "Since the end of 2 Oct 2026: 1 changed, 1 came into the information, 0 went out of it."
        in page
    )
    assert "Title of the job: Housing officer → Senior officer" in page
    assert "Place of work: Esher → no value" in page
    assert "Now in the information" in page


def test_days_are_typed_in_three_fields_and_what_is_wrong_is_said(
    hr: Visitor, surrey: Practised
) -> None:
    assert surrey.today == OPENED
    typed = (
        "effective_at-day=20&effective_at-month=2&effective_at-year=2027"
        "&since-day=&since-month=&since-year=&show=all"
    )
    answer = hr.get(f"{PAGE}?{typed}")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"{PAGE}?effective_at=2027-02-20&show=all",
    )
    wrong = hr.get(f"{PAGE}?effective_at-day=31&effective_at-month=2&effective_at-year=2027")
    assert wrong.status_code == 422
    assert "As at must be a real date, like 31 3 2014" in wrong.text
    early = hr.get(f"{PAGE}?since-day=1&since-month=10&since-year=2026")
    assert early.status_code == 303
    late = hr.get(early.headers["location"])
    assert late.status_code == 422
    assert "Changed since must be a day before 1 Oct 2026" in late.text
    assert hr.get(f"{PAGE}?effective_at=never").status_code == 422
    assert hr.get(f"{PAGE}?show=some").status_code == 422
    assert hr.get(f"{PAGE}?colour=red").status_code == 422


def test_the_file_has_everything_and_pages_join(
    hr: Visitor, surrey: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert surrey.today == OPENED
    monkeypatch.setattr(liability_information, "ON_A_PAGE", 2)
    page = hr.get(f"{PAGE}?show=all").text
    assert f'href="{PAGE}.csv"' in page
    following = page.partition("Next people")[0].rpartition('href="')[2].partition('"')[0]
    second = hr.get(following.replace("&amp;", "&")).text
    assert "/staff/W1?" in second
    assert "/staff/E1?" not in second
    assert "Download everything" not in second
    answer = hr.get(f"{PAGE}.csv?effective_at=2026-09-30")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {each["staff_number"] for each in rows} == {"E1", "E2", "W1"}
    assert {each["effective_at"] for each in rows} == {"2026-09-30"}


def test_the_exercise_leads_there_until_what_was_given_is_on_file(
    hr: Visitor, surrey: Practised
) -> None:
    page = hr.get("/exercises/surrey").text
    assert f'href="{PAGE}"' in page
    assert "The last day to give it is 4 Mar 2027" in shown(hr, "/exercises/surrey")
    title = "Employee liability information"
    registered = {"title": title, "issuer": "the councils", "dated_on": "2026-09-01"}
    document = created(surrey.api.post("/documents", registered))["document"]
    created(surrey.act(EXERCISE, "file-document", {"title": title, "document": document}))
    assert "What was given is on file." in shown(hr, "/exercises/surrey")
    assert title not in DOCUMENTS


def test_rules_that_say_nothing_say_so_with_the_clause(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    page = shown(hr, "/exercises/tr/liability-information")
    assert (
        "The rules of tr, tr-2013, say nothing about liability information: in law the move is no "
        "transfer under TUPE (clause TR-12)." in page
    )
    assert "it is not a TUPE transfer" in page
    assert hr.get("/exercises/tr/liability-information.csv").status_code == 404


def test_an_edition_of_tupe_without_items_says_which_is_needed(
    hr: Visitor, played: Practised
) -> None:
    played.to(OPENED)
    open_surrey(played, "surrey-2027")
    page = shown(hr, PAGE)
    assert "say nothing about liability information, though TUPE applies (clause LG-02)" in page
    assert "is needed" in page


@pytest.mark.parametrize("role", [Role.UNION, Role.DISPUTE, Role.STAFF])
def test_it_is_for_the_office_and_the_audit_alone(
    window: Callable[[], Visitor], surrey: Practised, role: Role
) -> None:
    assert surrey.today == OPENED
    visitor = window().sign_in(role, "E1")
    assert visitor.get(PAGE).status_code == 403
    assert visitor.get(f"{PAGE}.csv").status_code == 403
    assert window().sign_in(Role.AUDIT, "auditor").get(PAGE).status_code == 200
