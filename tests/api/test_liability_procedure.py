"""Liability information as a procedure over HTTP, asked at two knowledge times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

MATTER = "liability-information/london-crc"
ANSWERS = f"/procedures/{MATTER}/answers"
TRUST, CRC = "London Probation Trust", "London CRC"


@pytest.fixture
def given(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1 and S2 of a Trust; what it owes a company about them is given on 2 May 2014."""
    with practising(record, folder, date(2014, 4, 1)) as practised:
        for number in ("S1", "S2"):
            practised.register(number)
        body = {
            "rulebook": "liability-2006",
            "id": "london-crc",
            "transferor": TRUST,
            "transferee": CRC,
            "transfer_on": "2014-06-01",
        }
        created(practised.begin("liability-information", body))
        practised.to(date(2014, 4, 28))
        named = {"as_at": "2014-04-24", "staff_numbers": ["S1", "S2"]}
        created(practised.act(MATTER, "prepare", named))
        practised.to(date(2014, 5, 2))
        created(practised.act(MATTER, "give", {"document": "letter of 2 May"}))
        yield practised


def answer(played: Practised, name: str, known_at: str, on: str = "2014-05-20") -> Json:
    found = played.read(f"{ANSWERS}/{name}", effective_at=on, known_at=known_at)
    answered: Json = found["answer"]
    return answered


def test_what_was_given_and_what_differs_are_asked_at_two_knowledge_times(
    given: Practised,
) -> None:
    given.to(date(2014, 5, 9))
    body = {"effective_from": "2014-04-10", "changes": {"band": "5"}, "reason": "regraded"}
    created(given.api.post("/staff/S1/changes", body))
    created(given.act(MATTER, "compare-records"))
    before, after = "2014-05-08T12:00:00Z", "2014-05-09T13:00:00Z"
    assert answer(given, "changes", before)["changed"] == []
    now = answer(given, "changes", after)
    assert (now["changed"], now["noted"], now["as_at"]) == (["S1"], ["S1"], "2014-05-20")
    assert answer(given, "standing", before)["to_notify"] == []
    found = answer(given, "standing", after)
    assert (found["stands"], found["to_notify"]) == ("was given in time", ["S1"])
    assert [each["clause"] for each in found["basis"]][:2] == ["TU-16", "TU-15"]
    assert found["basis"][0]["confidence"] == "S"
    # What was given can be asked again: by the day and the instant that the delivery names.
    (delivery,) = found["deliveries"]
    assert (delivery["effective_at"], delivery["document"]) == ("2014-04-24", "letter of 2 May")
    asked = {"effective_at": delivery["effective_at"], "known_at": delivery["known_at"]}
    then = given.read("/staff/S1/position", **asked)["position"]["band"]["value"]
    today = given.read("/staff/S1/position", effective_at="2014-04-24")["position"]["band"]["value"]
    assert then != "5"
    assert today == "5"
    due = given.read("/deadlines")["items"]
    assert {(each["what"], each["state"], each["due_on"]) for each in due} >= {
        ("give-liability-information", "met", "2014-05-04"),
        ("notify-changes", "open", None),
    }


def test_it_is_given_to_no_union_and_read_by_none(given: Practised) -> None:
    created(given.act(MATTER, "prepare", {"staff_numbers": ["S1"]}))
    refused = given.act(MATTER, "notify-changes", {"given_to": "Napo"})
    assert refused.status_code == 409
    assert "and to nobody else: not to Napo" in refused.text
    for token in (given.token("S1", Role.STAFF), given.token("rep", Role.UNION)):
        for path in (f"/procedures/{MATTER}", f"{ANSWERS}/standing", f"{ANSWERS}/changes"):
            told(given.api.get(path, token=token), 403, "not-allowed")
