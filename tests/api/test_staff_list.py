"""Lists of staff over HTTP: at two knowledge times, by the office, staff and a union."""

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

MATTER = "staff-list/london"
ANSWERS = f"/procedures/{MATTER}/answers"
TRUST, CRC = "London Probation Trust", "London Community Rehabilitation Company"


@pytest.fixture
def made(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1 and S2 of a Trust; S1 is on a list that is made on 2 May 2014."""
    with practising(record, folder, date(2014, 4, 1)) as practised:
        for number in ("S1", "S2"):
            practised.register(number)
        body = {
            "rulebook": "tr-2013.3",
            "id": "london",
            "transferor": TRUST,
            "transferees": [CRC],
            "cut_off_on": "2014-05-09",
            "transfer_on": "2014-06-01",
        }
        created(practised.begin("staff-list", body))
        created(practised.act(MATTER, "put-on", {"staff_number": "S1", "transferee": CRC}))
        created(practised.act(MATTER, "prepare"))
        practised.to(date(2014, 5, 2))
        signing = {"transferee": CRC, "made_by": "a director of the Ministry"}
        created(practised.act(MATTER, "make", signing | {"document": "the list as signed"}))
        yield practised


def answer(played: Practised, name: str, **asked: str) -> Json:
    answered: Json = played.read(f"{ANSWERS}/{name}", **asked)["answer"]
    return answered


def test_a_late_change_is_asked_for_at_two_knowledge_times(made: Practised) -> None:
    made.to(date(2014, 5, 12))
    created(made.act(MATTER, "compare-records", {"staff_numbers": ["S2"]}))
    (missing,) = answer(made, "differences")["to_settle"]
    assert (missing["staff_number"], missing["difference"]) == ("S2", "missing")
    late = {"staff_number": "S2", "transferee": CRC}
    refused = made.act(MATTER, "put-on", late)
    assert refused.status_code == 409
    assert "TR-12-late" in refused.text
    created(made.act(MATTER, "put-on", late | {"authority": "programme director"}))
    made.to(date(2014, 5, 20))
    created(made.act(MATTER, "prepare", {"transferee": CRC}))
    created(made.act(MATTER, "compare-records"))
    created(made.act(MATTER, "make", {"transferee": CRC, "made_by": "a director of the Ministry"}))
    before = {"effective_at": "2014-06-01", "known_at": "2014-05-19T12:00:00Z"}
    after = before | {"known_at": "2014-05-20T13:00:00Z"}
    for when, version, people in ((before, 1, ["S1"]), (after, 2, ["S1", "S2"])):
        (found,) = answer(made, "lists", **when)["lists"]
        assert (found["version"], found["people"]) == (version, people)
    assert answer(made, "differences")["to_settle"] == []
    passes = answer(made, "passes", staff_number="S2", since="2014-02-03", **after)
    assert (passes["went_over"], passes["answers"]) == (True, CRC)
    # A list moves nobody: the record has the Trust until the exercise moves them.
    assert (passes["employer_on_record"], passes["record_agrees"]) == (TRUST, False)


def test_staff_see_whether_they_are_on_it_and_a_union_sees_it_for_its_members(
    made: Practised,
) -> None:
    made.appoint("S1", representative="rep-1")
    own, rep = made.token("S1", Role.STAFF), made.token("rep-1", Role.UNION)
    for token in (own, rep):
        found = made.api.get(f"{ANSWERS}/on-list", {"staff_number": "S1"}, token=token)
        assert found.json()["answer"]["stands"] == "is on one list"
        other = made.api.get(f"{ANSWERS}/on-list", {"staff_number": "S2"}, token=token)
        assert other.status_code in (403, 404)
        told(made.api.get(f"{ANSWERS}/lists", token=token), 403, "not-allowed")
