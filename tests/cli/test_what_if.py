"""`transfer what-if`: the same as the API answers, for everybody at once."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.cli.conftest import Run
from tests.support.practised import Practised, consult, to_the_letters

pytestmark = pytest.mark.engines

ASKED = ("what-if", "exercise", "tr", "--value", "TR-11b=30wd")


@pytest.fixture
def lettered(played: Practised) -> Practised:
    """Four people whose letters went out on 2 December 2013."""
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    played.to(date(2013, 12, 20))
    return played


def test_what_would_be_otherwise_is_told_in_words(run: Run, lettered: Practised) -> None:
    said = run(*ASKED)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert any("4 of 4 people would fare otherwise" in line for line in lines)
    assert "S4" in lines
    assert "2014-01-16" in said.out
    found = json.loads(run(*ASKED, "--json").out)
    api = lettered.read("/procedures/exercise/tr/what-if", value="TR-11b=30wd")
    assert {**found, "known_at": None} == {**api, "known_at": None}


def test_what_cannot_be_supposed_is_refused_with_the_option(run: Run, lettered: Practised) -> None:
    before = lettered.record.log.head()
    nothing = run("what-if", "exercise", "tr")
    assert nothing.code == 2
    assert "--rulebook" in nothing.err
    misread = run("what-if", "exercise", "tr", "--value", "ten days")
    assert (misread.code, "CLAUSE=VALUE" in misread.err) == (2, True)
    lacking = run("what-if", "exercise", "tr", "--rulebook", "surrey-2027")
    assert lacking.code == 1
    assert lettered.record.log.head() == before
