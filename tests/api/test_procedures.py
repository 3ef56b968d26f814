"""Acts over HTTP: an exercise is opened, steered and completed, and everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import created, told
from tests.support.practised import Practised, practising
from transfer.app import Record

pytestmark = pytest.mark.engines

EXERCISE = "exercise/tr"
PEOPLE = ("S1", "S2", "S3", "S4")


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        yield opened


def to_the_letters(played: Practised) -> str:
    """Four people in scope, assigned by a panel, and one group with letters on 2 December."""
    for number in PEOPLE:
        played.register(number)
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    panel = {"to": "CRC", "panel": "the local panel", "staff_numbers": PEOPLE}
    created(played.act(EXERCISE, "decide-by-panel", panel))
    group = {"group": "LDN", "staff_numbers": PEOPLE, "letters_on": "2013-12-02"}
    formed = created(played.act(EXERCISE, "form-group", group))
    assert formed["says"] == {"groups": ["LDN"]}
    return "LDN"


def consult(played: Practised) -> None:
    created(
        played.begin(
            "consultation", {"exercise": "tr", "bodies": ["NNC"], "agreement": "framework"}
        )
    )


def test_a_plan_is_checked_before_it_is_opened(played: Practised) -> None:
    played.to(date(2013, 11, 20))
    asked = {"rulebook": "tr-2013", "letters_on": {"sifted": "2014-03-20"}}
    preview = played.begin("exercise", asked, preview=True)
    assert preview.status_code == 200, preview.text
    found = preview.json()
    assert {each["clauses"][0] for each in found["missing"]} >= {"TR-11b", "TR-10-response"}
    plan = found["says"]["plan"]
    assert plan["collisions"]
    assert {each["path"] for each in plan["latest"]} == {"automatic", "sifted", "drawn"}
    assert played.read("/procedures")["items"] == []
    refused = told(played.begin("exercise", {"rulebook": "tr-2013"}), 409, "refused")
    assert set(refused["clauses"]) >= {"TR-11b", "TR-10-response"}


def test_an_exercise_from_its_opening_to_its_end(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    people = played.read("/procedures/exercise/tr/people")["items"]
    assert [each["letter"] for each in people] == [True] * 4
    played.to(date(2013, 12, 10))
    created(played.act(EXERCISE, "record-answer", {"staff_number": "S1", "answer": "acknowledged"}))
    lodged = created(
        played.begin("appeal", {"exercise": "tr", "staff_number": "S2", "grounds": "so"})
    )
    assert lodged["staff_number"] == "S2"
    appeal = f"appeal/{lodged['id']}"
    upheld = {"outcome": "upheld", "to": "NPS", "panel": "three members"}
    created(played.act(appeal, "determine", upheld))
    again = played.act(appeal, "determine", upheld)
    assert again.status_code == 200, again.text
    played.to(date(2014, 1, 10))
    played.to(date(2014, 6, 1))
    shown = played.read("/procedures/exercise/tr")
    assert shown["counts"]["transferred"] == 4
    destinations = {
        each["staff_number"]: each["state"]
        for each in played.read("/procedures/exercise/tr/people")["items"]
    }
    assert destinations == {"S1": "CRC", "S2": "NPS", "S3": "CRC", "S4": "CRC"}
    played.to(date(2014, 11, 2))
    assert played.read("/procedures/exercise/tr")["state"] == "completed"
    listed = played.read("/procedures")["items"]
    assert [(each["kind"], each["state"]) for each in listed] == [
        ("appeal", "over"),
        ("consultation", "running"),
        ("exercise", "completed"),
    ]
