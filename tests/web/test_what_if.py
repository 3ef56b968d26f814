"""The page of what would have come of a procedure under other rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.practised import Practised, consult, to_the_letters
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role
from transfer.questions.what_if import AnswerSupposed
from transfer.web.office import what_if

pytestmark = pytest.mark.engines

PAGE = "/procedures/exercise/tr/what-if"


def test_it_asks_and_shows_what_would_be_otherwise(
    window: Callable[[], Visitor], hr: Visitor, played: Practised
) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    played.to(date(2013, 12, 20))
    assert f'href="{PAGE}"' in hr.get("/procedures/exercise/tr").text
    auditor = window().sign_in(Role.AUDIT)
    assert "Nothing is written." in shown(auditor, PAGE)
    found = shown(auditor, f"{PAGE}?values=TR-11b%3D30wd")
    assert "with TR-11b=30wd: 4 people of 4 would fare otherwise" in found
    assert "appeal until 16 Jan 2014" in found
    misread = hr.get(f"{PAGE}?values=ten+days")
    assert misread.status_code == 422
    assert "is not CLAUSE=VALUE" in misread.text
    assert hr.get(f"{PAGE}?rulebook=surrey-2027").status_code == 422
    assert hr.get(PAGE.replace("/tr/", "/x/")).status_code == 404


def test_an_answer_is_shown_part_by_part_as_it_is_and_as_supposed() -> None:
    last = {"respondent": "the company", "safe_on": "2026-03-22", "basis": [{"clause": "EC-02"}]}
    other = {**last, "safe_on": "2026-05-03"}
    answer = AnswerSupposed(
        question="last-day", now={"respondents": [last]}, supposed={"respondents": [other]}
    )
    ((question, (part,)),) = what_if._answers([answer])
    assert (question, part.name) == ("Last day", "Respondents, safe on")
    assert (part.now, part.supposed) == (("22 Mar 2026",), ("3 May 2026",))
    ((_, (gone,)),) = what_if._answers([answer.model_copy(update={"supposed": None})])
    assert (gone.name, gone.supposed) == ("Respondents", ("no answer",))
    assert gone.now == ("respondent: the company; safe on: 22 Mar 2026",)
