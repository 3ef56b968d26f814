"""Two questions that real disputes raised about a transfer, asked over HTTP at two knowledge times.

Whoever objected on 28 May 2014: which mechanism governed, did the contract end, when did the
employer learn of it? And who was dismissed before a transfer and wins the appeal after it: who
employed them in between, and who answered meanwhile?
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import EXERCISE, Practised, consult, practising, to_the_letters
from transfer.access.identity import Role
from transfer.app import Record
from transfer.commands.office import Act, key_id
from transfer.core.matter.words import Whom

pytestmark = pytest.mark.engines

LONDON = "London Probation Trust"
WALES = "Wales Community Rehabilitation Company"
KENT = "Kent, Surrey and Sussex Community Rehabilitation Company"


@pytest.fixture
def objected(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1 objected on 28 May 2014; the office learned of it on 3 June, when the move was on record,
    and a second person approved on the 5th that the employment has ended."""
    with practising(record, folder, date(2013, 11, 13)) as played:
        to_the_letters(played)
        consult(played)
        for day in (date(2013, 12, 2), date(2014, 2, 3), date(2014, 6, 1), date(2014, 6, 3)):
            played.to(day)
        objects = {"staff_number": "S1", "told_to": "transferor", "happened_on": "2014-05-28"}
        done = created(played.act(EXERCISE, "object", objects))
        second = played.token("second person")
        played.to(date(2014, 6, 5))
        (duty,) = (each for each in done["to_settle"] if each["staff_number"] == "S1")
        settles = {"staff_number": "S1", "duty": duty["duty"], "decision": "redo"}
        created(played.act(EXERCISE, "settle", settles, token=second))
        approves = {"staff_number": "S1", "step": "end-by-objection"}
        told(played.act(EXERCISE, "approve", approves), 409, "refused")
        created(played.act(EXERCISE, "approve", approves, token=second))
        played.to(date(2014, 6, 6))
        yield played


def asked_at(played: Practised, token: str, path: str, known_on: str, **asked: str) -> Json:
    """The answer as known at noon of a day."""
    found = played.api.get(path, {"known_at": f"{known_on}T12:30:00Z", **asked}, token=token)
    assert found.status_code == 200, found.text
    answer: Json = found.json()["answer"]
    return answer


def test_6_which_mechanism_whether_the_contract_ended_and_when_it_was_learned(
    objected: Practised,
) -> None:
    own = objected.token("S1", Role.STAFF)
    path = f"/procedures/{EXERCISE}/answers/ending"
    of = {"staff_number": "S1", "effective_at": "2014-06-01"}
    then = asked_at(objected, own, path, "2014-06-02", **of)
    assert (then["mechanism"], then["objected_on"], then["last_day"]) == ("OMA_STS", None, None)
    now = asked_at(objected, own, path, "2014-06-06", **of)
    assert (now["objected_on"], now["learned_on"]) == ("2014-05-28", "2014-06-03")
    assert (now["last_day"], now["employer"], now["ended"]) == ("2014-05-31", LONDON, True)
    assert (now["is_dismissal"], now["dismissed_by"]) == (False, None)
    (basis,) = now["basis"]
    assert (basis["clause"], basis["confidence"]) == ("TR-14", "S")


@pytest.fixture
def reinstated(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1 was dismissed from 7 February 2019 and appealed on the 11th; the services went over on the
    15th; the appeal was upheld on 20 March, and the office learned of it on the 25th."""
    with practising(record, folder, date(2019, 2, 6)) as played:
        played.register("S1", employer=WALES, unit="Swansea")
        declared = {
            "rulebook": "working-links-2019",
            "staff_number": "S1",
            "ground": "dismissal",
            "transfer_on": "2019-02-15",
            "leaves_on": "2019-02-07",
            "because_of_transfer": False,
        }
        assert created(played.begin("departure", declared))["id"] == "S1.1"
        approve = {"step": "end-employment"}
        second = played.token("second person")
        created(played.act("departure/S1.1", "approve", approve, token=second))
        played.to(date(2019, 2, 7))
        act = Act(by="the clock", command_id=key_id("departure", "S1"))
        played.record.due.take(act, Whom("departure:S1.1", None, "S1"), played.today)
        played.to(date(2019, 2, 11))
        created(played.act("departure/S1.1", "lodge-appeal", {"to": "the chief executive"}))
        played.to(date(2019, 3, 25))
        decided = {"outcome": "upheld", "happened_on": "2019-03-20"}
        created(played.act("departure/S1.1", "decide-appeal", decided))
        played.to(date(2019, 3, 26))
        yield played


def test_7_who_employed_them_in_between_and_who_answered_meanwhile(reinstated: Practised) -> None:
    own = reinstated.token("S1", Role.STAFF)
    path = "/procedures/departure/S1.1/answers/between"
    then = asked_at(reinstated, own, path, "2019-03-01", effective_at="2019-03-01")
    assert (then["appeal"], then["counts_as_employed_before"], then["answers"]) == (
        "open",
        None,
        None,
    )
    assert then["employed"] == [
        {"employer": WALES, "first": "2019-02-06", "last": "2019-02-06"},
        {"employer": "nobody", "first": "2019-02-07", "last": None},
    ]
    assert {each["clause"] for each in then["basis"]} >= {"TU-24"}
    now = asked_at(reinstated, own, path, "2019-03-26", effective_at="2019-03-26")
    assert (now["appeal"], now["counts_as_employed_before"], now["answers"]) == (
        "upheld",
        True,
        KENT,
    )
    assert now["employed"] == [
        {"employer": WALES, "first": "2019-02-06", "last": "2019-02-14"},
        {"employer": KENT, "first": "2019-02-15", "last": None},
    ]
    confidence = {each["clause"]: each["confidence"] for each in now["basis"]}
    assert confidence == {"TU-24": "G", "TU-03": "S"}
    # The position on both clocks: who employed them on 10 February, as known on either day.
    for known_on, employer in (("2019-03-01", None), ("2019-03-26", WALES)):
        known = {"effective_at": "2019-02-10", "known_at": f"{known_on}T12:30:00Z"}
        held = reinstated.read("/staff/S1/position", **known)["position"].get("employer")
        assert (held and held["value"]) == employer


def test_nobody_else_of_the_staff_is_answered(reinstated: Practised) -> None:
    other = reinstated.token("S2", Role.STAFF)
    path = "/procedures/departure/S1.1/answers/between"
    told(reinstated.api.get(path, token=other), 404, "not-on-record")
