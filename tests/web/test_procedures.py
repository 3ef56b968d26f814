"""What runs beside the exercises, on pages: the list of it, and what a kind answers of one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

LIST, PRISON = "/procedures", "/procedures/key-work/HMP-Moorland"


def begin(played: Practised) -> None:
    prison = {"establishment": "HMP Moorland", "estate": "male closed"}
    created(played.begin("key-work", {"id": "HMP-Moorland", "rulebook": "omic-2018"} | prison))
    created(played.act("key-work/HMP-Moorland", "state-capacity", {"prisoners": 600}))
    created(played.act("key-work/HMP-Moorland", "put-in-plan", {"what": "risk-assessments"}))


def test_every_kind_but_the_exercise_is_listed_and_can_be_begun(
    hr: Visitor, window: Callable[[], Visitor], played: Practised
) -> None:
    assert "Nothing is under way beside the exercises." in shown(hr, LIST)
    begin(played)
    assert "1 procedure is under way beside the exercises." in shown(hr, LIST)
    page = hr.get(LIST).text
    assert f'href="{PRISON}"' in page
    assert 'href="/procedures/key-work/begin"' in page
    assert 'href="/procedures/exercise/begin"' not in page
    auditor = window().sign_in(Role.AUDIT).get(LIST).text
    assert "HMP-Moorland" in auditor
    assert 'href="/procedures/' not in auditor


def test_a_procedure_says_what_it_answers_by_which_clauses_and_what_happened(
    hr: Visitor, played: Practised
) -> None:
    begin(played)
    text = shown(hr, PRISON)
    assert "Hours 450.00" in text
    assert "Key workers in post none on record" in text
    assert "contingency plans" in text
    assert "Clause OM-01 of omic-2018 (read in a source): POA circular 118" in text
    assert "The plan has risk-assessments (clause OM-12)" in text
    assert text.index("The plan has") < text.index("Key work begins in HMP Moorland")
