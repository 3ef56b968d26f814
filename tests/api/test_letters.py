"""GET /v1/staff/{no}/letters: what may be done about a letter, until when, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import EXERCISE, Practised, consult, practising, to_the_letters
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

LETTER = date(2013, 12, 2)
WINDOWS = {"response": "2013-12-09", "appeal": "2013-12-16"}
"""The last days of the letter of 2 December: 5 and 10 working days."""


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        yield opened


def letter(played: Practised, number: str = "S1") -> Json:
    """What the one exercise says to somebody."""
    (found,) = played.read(f"/staff/{number}/letters")["items"]
    assert isinstance(found, dict)
    return found


def choices(played: Practised, number: str = "S1") -> dict[str, tuple[str, str]]:
    """The state and the last day of each thing that somebody may do."""
    return {
        each["window"]: (each["state"], each["last_day"])
        for each in letter(played, number)["choices"]
    }


def test_from_no_letter_to_the_move(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    before = letter(played)
    assert (before["letter"], before["choices"], before["is_over"]) == (None, [], False)
    assert before["destination"] == "CRC"

    played.to(LETTER)
    sent = letter(played)
    assert sent["letter"]["names"] == ["Letter of assignment"]
    assert sent["letter"]["sent_on"] == "2013-12-02"
    assert choices(played) == {name: ("open", day) for name, day in WINDOWS.items()}
    assert (sent["may_appeal"], sent["may_object"]) == (True, True)
    assert (sent["becomes_final_on"], sent["moves_on"]) == ("2013-12-17", "2014-06-01")

    own = played.token("S1", Role.STAFF)
    reply = {"staff_number": "S1", "answer": "acknowledged"}
    created(played.act(EXERCISE, "record-answer", reply, token=own))
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "my caseload"}
    lodged = created(played.begin("appeal", appeal, token=own))
    after = letter(played)
    assert {each["window"]: each["state"] for each in after["choices"]} == {
        "response": "done",
        "appeal": "done",
    }
    assert after["choices"][0]["answer"] == "acknowledged"
    assert after["appeals"] == [
        {
            "id": lodged["id"],
            "lodged_on": "2013-12-02",
            "state": "with-panel",
            "panel_by": "2014-01-02",
        }
    ]
    assert after["may_appeal"] is False

    played.to(date(2013, 12, 17))
    assert choices(played, "S2") == {name: ("closed", day) for name, day in WINDOWS.items()}
    assert letter(played, "S2")["final_on"] == "2013-12-17"
    panel = {"outcome": "upheld", "to": "NPS", "panel": "three members"}
    created(played.act(f"appeal/{lodged['id']}", "determine", panel))
    decided = letter(played)
    assert decided["appeals"][0]["state"] == "upheld"
    assert decided["destination"] == "NPS"
    played.to(date(2014, 6, 1))
    assert letter(played)["moved_on"] == "2014-06-01"
    assert letter(played)["is_over"] is True


def test_every_last_day_that_was_published_is_there_and_the_latest_counts(
    played: Practised,
) -> None:
    to_the_letters(played)
    consult(played)
    played.to(LETTER)
    played.to(date(2013, 12, 3))
    longer = {"group": "LDN", "window": "appeal", "until": "2013-12-20", "reason": "late post"}
    created(played.act(EXERCISE, "move-window", longer))
    alone = {"staff_number": "S1", "window": "appeal", "until": "2013-12-24", "reason": "ill"}
    created(played.act(EXERCISE, "extend-window", alone))
    found = {number: letter(played, number)["choices"][1] for number in ("S1", "S2")}
    days = {
        number: [(each["published_by"], each["due_on"]) for each in choice["published"]]
        for number, choice in found.items()
    }
    assert days == {
        "S1": [("letter", "2013-12-16"), ("reset", "2013-12-20"), ("extension", "2013-12-24")],
        "S2": [("letter", "2013-12-16"), ("reset", "2013-12-20")],
    }
    assert {n: each["last_day"] for n, each in found.items()} == {
        "S1": "2013-12-24",
        "S2": "2013-12-20",
    }


def test_a_letter_that_is_sent_again_publishes_its_last_days_anew(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(LETTER)
    back = {"staff_number": "S1", "letter": "assignment", "reason": "moved house"}
    created(played.act(EXERCISE, "letter-returned", back))
    assert letter(played)["letter"]["came_back"] is True
    played.to(date(2013, 12, 5))
    again = {"staff_number": "S1", "letter": "assignment", "corrects": "the address"}
    created(played.act(EXERCISE, "reissue-letter", again))
    sent = letter(played)
    assert (sent["letter"]["came_back"], sent["letter"]["sent_again_on"]) == (False, "2013-12-05")
    assert [(each["published_by"], each["due_on"]) for each in sent["choices"][1]["published"]] == [
        ("letter", "2013-12-16"),
        ("letter-again", "2013-12-19"),
    ]

    # The appeal is in time by the second, and that one counts.
    played.to(date(2013, 12, 18))
    created(played.begin("appeal", {"exercise": "tr", "staff_number": "S1", "grounds": "so"}))
    (appeal,) = played.read("/staff/S1/appeals")["items"]
    assert [
        (each["due_on"], each["in_time"], each["in_force"]) for each in appeal["deadlines"]
    ] == [("2013-12-16", False, False), ("2013-12-19", True, True)]


def test_a_late_or_withdrawn_appeal_says_so(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(LETTER)
    own = played.token("S1", Role.STAFF)
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "so"}
    lodged = created(played.begin("appeal", appeal, token=own))
    created(played.act(f"appeal/{lodged['id']}", "withdraw", token=own))
    assert [each["state"] for each in letter(played)["appeals"]] == ["withdrawn"]
    assert letter(played)["may_appeal"] is True
    played.to(date(2013, 12, 23))
    created(played.begin("appeal", {**appeal, "staff_number": "S2"}))
    late = letter(played, "S2")
    assert [each["state"] for each in late["appeals"]] == ["too-late"]
    assert late["may_appeal"] is False


def test_who_is_in_no_exercise_has_no_letters_and_nobody_elses_are_shown(
    played: Practised,
) -> None:
    played.register("S1")
    played.register("S2")
    assert played.read("/staff/S1/letters")["items"] == []
    told(played.api.get("/staff/S9/letters", {}), 404, "not-on-record")
    own = played.token("S1", Role.STAFF)
    assert played.api.get("/staff/S1/letters", {}, token=own).status_code == 200
    assert played.api.get("/staff/S2/letters", {}, token=own).status_code in (403, 404)
