"""Agreements, notices of a posting and grievances over HTTP: who acts, who reads, what was known.

Which E3 posting notices had reached somebody before 1 October 2016 is one of the questions that
real disputes raised. It is asked by the person themselves, as it was known on two days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

LETTER = "letter of 12 September 2016"
POSTED = {
    "rulebook": "e3-2016",
    "staff_number": "S1",
    "post": "enforcement officer, Camden",
    "band": "3",
    "letter": LETTER,
}
PAY = "agreement/pay-2018"
MEETING = {"meeting": "Probation Service Joint Negotiating Committee"}


@pytest.fixture
def opened(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 12 September 2016, with two people."""
    with practising(record, folder, date(2016, 9, 12)) as practised:
        practised.register("S1")
        practised.register("S2")
        yield practised


def asked(opened: Practised, path: str, token: str | None = None, **when: str) -> dict[str, Any]:
    found = opened.api.get(f"/procedures/{path}", when, token=token)
    assert found.status_code == 200, found.text
    answer: dict[str, Any] = found.json()["answer"]
    return answer


def test_which_notices_had_reached_somebody_at_two_knowledge_times(opened: Practised) -> None:
    assert created(opened.begin("posting", POSTED))["id"] == "S1.1"
    opened.to(date(2017, 3, 1))
    came = {"letter": LETTER, "happened_on": "2016-09-15"}
    created(opened.act("posting/S1.1", "note-receipt", came))
    own, other = opened.token("S1", Role.STAFF), opened.token("S2", Role.STAFF)
    then, now = "2016-10-01T12:00:00Z", "2017-03-01T13:00:00Z"
    for known_at, notified, reached in ((then, None, []), (now, True, [LETTER])):
        when = {"effective_at": "2016-10-01", "known_at": known_at}
        found = asked(opened, "posting/S1.1/answers/notices", own, **when)
        assert (found["before"], found["notified"], found["reached"]) == (
            "2016-10-01",
            notified,
            reached,
        )
        assert found["notified_if_sent"] is True
        assert [(each["clause"], each["confidence"]) for each in found["basis"]] == [
            ("E3-08", "S"),
            ("E3-08-before", "S"),
            ("CN-7", "I"),
        ]
    path = "/procedures/posting/S1.1/answers/notices"
    told(opened.api.get(path, token=other), 404, "not-on-record")


def test_a_union_reports_what_is_undelivered_of_an_agreement_that_it_made(
    opened: Practised,
) -> None:
    opened.to(date(2021, 11, 10))
    begun = {"rulebook": "agreements-2021", "id": "pay-2018", "known_as": "pay-2018"}
    created(opened.begin("agreement", begun))
    issue = opened.api.identity.issue
    napo = issue("rep-4711", Role.UNION, 600, body="Napo")
    others = issue("rep-1", Role.UNION, 600, body="Another union")
    told(opened.act(PAY, "report", MEETING, token=others), 404, "not-on-record")
    told(opened.act(PAY, "report", {**MEETING, "reported_by": "GMB"}, token=napo), 422, "malformed")
    created(opened.act(PAY, "report", MEETING, token=napo))
    path = f"{PAY}/answers/undelivered"
    owed = asked(opened, path, napo)["undelivered"]
    assert [each["reported"][0]["reported_by"] for each in owed] == ["Napo", "Napo"]
    told(opened.api.get(f"/procedures/{path}", token=others), 404, "not-on-record")
    told(
        opened.api.get(f"/procedures/{path}", token=opened.token("S1", Role.STAFF)),
        403,
        "not-allowed",
    )
    due = opened.read("/deadlines", state="open", owner="employer")["items"]
    assert {(each["what"], each["due_on"], each["owner"]) for each in due} == {
        ("deliver-promise", None, "employer")
    }


# --- grievances ---------------------------------------------------------------------------------

LETTERS = "grievance/letters"
RAISED = {
    "rulebook": "grievances-2013",
    "id": "letters",
    "complaint": "training after E3",
    "policy": "nps",
}


def of_napo(opened: Practised) -> str:
    return opened.api.identity.issue("rep-4711", Role.UNION, 600, body="Napo")


def test_a_grievance_is_a_members_own_to_raise_and_to_read(opened: Practised) -> None:
    own, other = opened.token("S1", Role.STAFF), opened.token("S2", Role.STAFF)
    mine = {**RAISED, "staff_number": "S1"}
    told(opened.begin("grievance", mine, token=other), 404, "not-on-record")
    told(opened.begin("grievance", {**mine, "brought_by": "Napo"}, token=own), 422, "malformed")
    told(opened.begin("grievance", {**mine, "prepared": True}, token=own), 422, "malformed")
    created(opened.begin("grievance", mine, token=own))
    told(opened.act(LETTERS, "join", {"staff_number": "S1"}, token=other), 404, "not-on-record")
    created(opened.act(LETTERS, "join", {"staff_number": "S2"}, token=other))
    path = f"{LETTERS}/answers/stands"
    for token, number in ((own, "S1"), (other, "S2")):
        assert asked(opened, path, token, staff_number=number)["raised_on"] == "2016-09-12"
    found = opened.api.get(f"/procedures/{path}", {"staff_number": "S1"}, token=other)
    told(found, 404, "not-on-record")
    assert asked(opened, f"{LETTERS}/answers/people")["raised"] == 2
    created(opened.act(LETTERS, "withdraw", {"staff_number": "S2"}, token=other))
    assert asked(opened, f"{LETTERS}/answers/people")["withdrawn"] == 1


def test_a_union_brings_one_for_members_who_appointed_its_representative(
    opened: Practised,
) -> None:
    opened.appoint("S1", representative="rep-4711")
    both = {**RAISED, "staff_numbers": ["S1", "S2"]}
    told(opened.begin("grievance", both, token=of_napo(opened)), 404, "not-on-record")
    one = {**RAISED, "staff_number": "S1"}
    unison = {**one, "brought_by": "UNISON"}
    told(opened.begin("grievance", unison, token=of_napo(opened)), 422, "malformed")
    created(opened.begin("grievance", one, token=of_napo(opened)))
    path = f"{LETTERS}/answers/stands"
    stands = asked(opened, path, of_napo(opened), staff_number="S1")
    assert (stands["brought_by"], stands["stands"]) == ("Napo", "waits for a decision")
    told(opened.api.get(f"/procedures/{LETTERS}", token=of_napo(opened)), 404, "not-on-record")
    assert opened.api.get("/staff/S1/history", token=of_napo(opened)).status_code == 200


def test_nothing_is_written_where_somebody_named_is_not_on_record(opened: Practised) -> None:
    told(opened.begin("grievance", {**RAISED, "staff_number": "S9"}), 422, "malformed")
    told(opened.api.get(f"/procedures/{LETTERS}"), 404, "not-on-record")
    answer = opened.begin("grievance", {**RAISED, "staff_numbers": ["s1", "S2"]}, preview=True)
    assert answer.status_code == 200, answer.text
    told(opened.api.get(f"/procedures/{LETTERS}"), 404, "not-on-record")
    created(opened.begin("grievance", {**RAISED, "staff_numbers": ["s1", "S2"]}))
    confirmed = {"outcome": "upheld", "decided_by": "line manager"}
    created(opened.act(LETTERS, "confirm", {**confirmed, "staff_numbers": ["S1", "S2"]}))
    assert asked(opened, f"{LETTERS}/answers/people")["by_standing"] == {"decided": 2}
