"""The first page of the office: it counts what needs doing, and each count leads to its list."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor, shown, text_of
from transfer.access.identity import Role
from workflows.troubles import note

pytestmark = pytest.mark.engines

_LINE = re.compile(r'<li class="govuk-task-list__item.*?</li>', re.DOTALL)


def counted(page: str) -> dict[str, tuple[int, str]]:
    """How many there are of each thing to do, and where they are listed."""
    found = {}
    for line in _LINE.findall(page):
        link = re.search(r'href="([^"]+)"[^>]*>(.*?)</a>', line, re.DOTALL)
        number = re.search(r"([0-9]+) (?:thing|step|decision|question)s?", line)
        assert link is not None
        assert number is not None
        found[link[2].strip()] = (int(number[1]), html.unescape(link[1]))
    return found


def listed(hr: Visitor, address: str) -> int:
    """How many lines the list at an address has."""
    page = hr.get(address)
    assert page.status_code == 200
    return page.text.count('<th scope="row"')


def test_each_count_is_that_of_the_list_that_it_leads_to(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    own = played.token("S1", Role.STAFF)
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "so"}
    created(played.begin("appeal", appeal, token=own))
    objects = {"staff_number": "S2", "told_to": "transferor"}
    created(played.act(EXERCISE, "object", objects, token=played.token("S2", Role.STAFF)))
    played.to(date(2013, 12, 27))
    due = counted(hr.get("/").text)
    assert list(due) == ["Due by 10 Jan 2014"]
    played.to(date(2014, 6, 3))
    page = hr.get("/").text
    found = counted(page)
    assert list(found)[:2] == ["Overdue", "Waiting for an approval"]
    for of in (due, found):
        assert all(number > 0 for number, _ in of.values())
    for number, address in found.values():
        assert listed(hr, address) == number, address
    # The most urgent is what one goes on with.
    assert 'href="/work?state=overdue"' in page.partition("<ul")[2]
    assert "Continue: Overdue" in text_of(page)
    assert text_of(page).startswith(
        "What needs doing Overdue: 3 things; waiting for an approval: 1 step. "
    )


def test_what_the_service_could_not_do_is_said(hr: Visitor, played: Practised) -> None:
    played.open()
    assert "Stuck" not in shown(hr, "/")
    with played.record.log.connection() as conn:
        note(conn, "q", "stuck", {"exercise/tr": "Unreachable: on 2014-06-01"})
    said = shown(hr, "/")
    assert said.startswith("What needs doing Stuck: 1. 1 exercise is under way.")
    assert "exercise tr, since " in said
    assert "Unreachable: on 1 Jun 2014" in said


def test_with_nothing_to_do_one_goes_on_with_an_exercise(hr: Visitor, played: Practised) -> None:
    played.open()
    page = hr.get("/").text
    assert counted(page) == {}
    assert text_of(page).startswith(
        "What needs doing Nothing is overdue, and nothing is due by 25 Nov 2013. "
        "1 exercise is under way. Continue: Exercise tr"
    )
    assert 'href="/exercises/tr"' in page


def test_with_no_exercise_under_way_one_sees_what_the_last_came_to(
    hr: Visitor, played: Practised
) -> None:
    page = text_of(hr.get("/").text)
    assert "No exercise is under way. All exercises" in page
    played.open()
    created(played.act("exercise/tr", "abandon", {"reason": "it was put off"}))
    answer = hr.get("/")
    page = text_of(answer.text)
    assert "See what the exercise tr came to Exercises under way" in page
    assert "No exercise is under way. This one has ended: tr, abandoned All exercises" in page
    assert answer.text.count('href="/exercises/tr"') == 2
