"""The preview of a beginning says by when each step has to be done, and whether it still can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json
from tests.support.practised import Practised, practising
from transfer.app import Record

pytestmark = pytest.mark.engines

EMPLOYERS = {"transferor": "London Probation Trust", "transferee": "London CRC"}
MOVE = EMPLOYERS | {"transfer_on": "2027-04-01"}
LIABILITY = MOVE | {"rulebook": "liability-2006", "id": "london"}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 5 March 2027, with one person."""
    with practising(record, folder, date(2027, 3, 5)) as practised:
        practised.register("S1")
        yield practised


def plan(played: Practised, kind: str, body: dict[str, Any]) -> Json:
    """The plan that the preview of a beginning has; nothing may be written by it."""
    before = played.record.log.head().position
    answer = played.begin(kind, body, preview=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["refused"] == []
    assert played.record.log.head().position == before
    found: Json = answer.json()["says"]["plan"]
    return found


def test_a_step_whose_latest_day_is_over_makes_the_plan_impossible(played: Practised) -> None:
    found = plan(played, "liability-information", LIABILITY)
    (give,) = found["latest"]
    assert (give["step"], give["on"], give["safe_on"]) == (
        "give-liability-information",
        "2027-03-04",
        "2027-03-03",
    )
    assert give["because"].startswith("Not less than this long before the transfer")
    assert (give["clause"], give["confidence"], give["too_late"]) == ("TU-16", "S", True)
    assert (found["judged_on"], found["possible_from_today"]) == ("2027-03-05", False)
    assert found["too_late"] == ["give-liability-information"]
    # Changes are owed only where some were found.
    assert found["depends"] == [
        {"step": "notify-changes", "nature": "duty", "once": ["liability changes found"]}
    ]
    # Entered a day late it is no more possible: what counts is what can be done from today.
    of_the_day_before = LIABILITY | {"happened_on": "2027-03-04"}
    assert not plan(played, "liability-information", of_the_day_before)["possible_from_today"]


def test_what_has_no_number_of_days_has_to_come_before_the_transfer(played: Practised) -> None:
    body = {"rulebook": "consultation-law", "id": "london", "regime": "tupe"}
    found = plan(played, "informing", MOVE | body | {"employees": 60, "transferring": 25})
    fact = next(each for each in found["latest"] if each.get("about") == "fact")
    assert (fact["on"], fact["before"], fact["clause"]) == (None, "2027-04-01", "TU-18-fact")
    assert "no source says how long before 2027-04-01" in fact["because"]
    assert found["possible_from_today"]


def test_one_persons_plan_says_which_document_is_missing(played: Practised) -> None:
    granted = {
        "rulebook": "e3-2016",
        "staff_number": "S1",
        "ground": "regraded",
        "salary": "30000",
        "effective_from": "2027-03-05",
    }
    found = plan(played, "protection", granted)
    assert {each["step"]: each["on"] for each in found["latest"]}["find-length"] is None
    assert any(each["document_needed"] for each in found["missing"])
    count_down = next(each for each in found["depends"] if each["step"] == "count-down")
    assert count_down["once"] == ["protection length found"]


def test_an_act_that_publishes_a_day_has_it_in_its_preview(played: Practised) -> None:
    entitled = {
        "rulebook": "redundancy-2014",
        "staff_number": "S1",
        "scheme": "enhanced",
        "last_day": "2027-06-30",
        "weeks_pay": "600.00",
        "service_from": "2010-06-01",
        "service_said_by": "employer",
    }
    assert {each["step"] for each in plan(played, "redundancy", entitled)["depends"]} == {
        "begin-consultation"
    }
    assert played.begin("redundancy", entitled).status_code == 201
    proposal = {
        "establishment": "Leeds",
        "dismissals": 100,
        "proposed_on": "2027-03-05",
        "first_dismissal_on": "2027-06-30",
    }
    answer = played.act("redundancy/S1.1", "note-proposal", proposal, preview=True)
    assert answer.status_code == 200, answer.text
    (begin,) = answer.json()["says"]["plan"]["latest"]
    assert (begin["step"], begin["on"]) == ("begin-consultation", "2027-05-16")


def test_a_kind_without_an_edition_answers_what_waits_for_something_later(
    played: Practised,
) -> None:
    begun = {"exercise": "tr", "bodies": ["NNC"], "agreement": "framework"}
    played.open()
    found = plan(played, "consultation", begun)
    assert {each["step"]: each["once"] for each in found["depends"]}["reply"] == ["question asked"]
