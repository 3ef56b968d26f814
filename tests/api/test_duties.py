"""Duties of the office over a practised exercise: given to somebody, taken back, excused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from projections.deadlines.deadlines import DeadlinesProjection
from projections.rebuilding.rebuild import rebuild
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, consult, practising, to_the_letters
from transfer.access.identity import Limits, Role
from transfer.app import Record
from transfer.core.duties import NEAR_DAYS

pytestmark = pytest.mark.engines

ADMIN, NORTH = "the administrator", "HR operations, north"
GIVEN: Json = {"to": NORTH, "reason": "the north office sends letters"}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Two appeals are with a panel; each has to be decided by a day."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        to_the_letters(opened)
        consult(opened)
        opened.to(date(2013, 12, 2))
        for number in ("S1", "S2"):
            appeal = {"exercise": "tr", "staff_number": number, "grounds": "so"}
            created(opened.begin("appeal", appeal))
        yield opened


def owed(played: Practised, what: str = "determination", **asked: object) -> list[Json]:
    """What is due under a name."""
    items = played.read("/deadlines", limit=1000, **asked)["items"]
    return [each for each in items if each["what"] == what]


def give(played: Practised, due: Json, body: Json, **more: str) -> Json:
    """Say who takes care of a duty."""
    return created(played.api.post(f"/deadlines/{due['obligation_id']}/delegations", body, **more))


def excuse(played: Practised, due: Json, body: Json) -> Json:
    """Say why it is not done."""
    return created(played.api.post(f"/deadlines/{due['obligation_id']}/excuses", body))


def test_a_duty_is_given_taken_back_and_known_as_it_was(played: Practised) -> None:
    first, second = owed(played)
    assert (first["delegated_to"], first["delegated_until"]) == (None, None)
    given = give(played, first, GIVEN | {"until": "2013-12-20"})
    assert given["obligation_id"] == first["obligation_id"]
    now, other = owed(played)
    assert (now["delegated_to"], now["delegated_until"]) == (NORTH, "2013-12-20")
    assert other == second
    assert [each["staff_number"] for each in owed(played, delegated_to=NORTH)] == [
        first["staff_number"]
    ]
    assert owed(played, delegated_to="nobody") == []
    lines = {each["delegated_to"]: each for each in played.read("/work", kind="appeal")["items"]}
    assert (lines[NORTH]["people"], lines[None]["people"]) == (1, 1)
    assert lines[NORTH]["run_by"] == ADMIN

    played.to(date(2013, 12, 3))
    give(played, first, GIVEN | {"to": None, "reason": "it is closed"})
    assert owed(played)[0]["delegated_to"] is None
    assert owed(played, delegated_to=NORTH) == []
    (line,) = played.read("/work", kind="appeal")["items"]
    assert (line["people"], line["delegated_to"]) == (2, None)
    then = {"known_at": given["recorded_at"]}
    assert owed(played, delegated_to=NORTH, **then)[0]["obligation_id"] == first["obligation_id"]
    told_twice = played.api.post(
        f"/deadlines/{first['obligation_id']}/delegations", GIVEN | {"to": None}
    )
    assert "given to nobody" in told(told_twice, 409, "conflict")["detail"]


def test_it_is_given_up_to_its_last_day_and_on_it(played: Practised) -> None:
    (due, _) = owed(played)
    give(played, due, GIVEN | {"until": "2013-12-04"})
    played.to(date(2013, 12, 4))
    played.register("S8")  # so that the record knows that day
    assert owed(played)[0]["delegated_to"] == NORTH
    assert played.read("/work", of=NORTH)["items"] != []
    played.to(date(2013, 12, 5))
    played.register("S9")
    assert (owed(played)[0]["delegated_to"], owed(played, delegated_to=NORTH)) == (None, [])
    assert played.read("/work", of=NORTH)["items"] == []


def test_whose_work_it_is_follows_who_was_given_it(played: Practised) -> None:
    for due in owed(played):
        give(played, due, GIVEN)
    appeals = {"kind": "appeal"}
    assert played.read("/work", of=ADMIN, **appeals)["items"] == []
    (line,) = played.read("/work", of=NORTH, **appeals)["items"]
    assert (line["people"], line["delegated_to"]) == (2, NORTH)
    away = {"away": NORTH, "stands_in": "B", "first_day": "2013-12-02", "last_day": "2013-12-06"}
    created(played.api.post("/hand-overs", away))
    assert played.read("/work", of=NORTH)["items"] == []
    (line,) = played.read("/work", of="B")["items"]
    assert line["stands_in"] == {"subject": "B", "last_day": "2013-12-06"}


def test_near_and_overdue_as_they_were_and_an_excuse_stops_both(played: Practised) -> None:
    due, other = owed(played)
    day = date.fromisoformat(due["due_on"])
    assert due["escalation"] is None
    played.to(day)
    assert {each["escalation"] for each in owed(played)} == {"near"}
    assert owed(played, escalation="near") == owed(played)
    played.to(date(2014, 2, 3))
    assert {each["escalation"] for each in owed(played, state="missed")} == {"overdue"}
    assert owed(played, escalation="near") == []

    said = {"reason": "the panel could not sit", "document": "minute of 12 December"}
    made = excuse(played, due, said)
    first = owed(played)[0]
    assert (first["state"], first["escalation"]) == ("missed", None)
    assert first["excused"] == said | {"on": "2014-02-03", "event_id": made["event_id"]}
    (left,) = owed(played, escalation="overdue")
    assert left["obligation_id"] == other["obligation_id"]
    lines = played.read("/work", kind="appeal")["items"]
    assert {each["excuse"] for each in lines} == {None, said["reason"]}
    assert {each["state"] for each in lines} == {"overdue"}
    # Earlier it had none, and no day had passed.
    before = owed(played, known_at="2013-12-03T12:00:00Z")[0]
    assert (before["excused"], before["escalation"]) == (None, None)

    excuse(played, due, {"reason": "it could have sat", "withdrawn": True})
    assert (owed(played)[0]["excused"], owed(played)[0]["escalation"]) == (None, "overdue")
    again = {"reason": "so", "withdrawn": True}
    path = f"/deadlines/{due['obligation_id']}/excuses"
    assert "no excuse" in told(played.api.post(path, again), 409, "conflict")["detail"]


def test_near_is_as_many_days_as_the_service_is_set_to(played: Practised) -> None:
    day = date.fromisoformat(owed(played)[0]["due_on"])
    assert owed(played, escalation="near") == []
    played.service.near_days = (day - played.today).days
    assert len(owed(played, escalation="near")) == 2
    assert {each["escalation"] for each in owed(played)} == {"near"}
    played.service.near_days -= 1
    assert owed(played, escalation="near") == []
    assert NEAR_DAYS == 3


def test_a_right_and_what_staff_have_to_do_are_not_the_offices(played: Practised) -> None:
    right = next(each for each in owed(played, "appeal") if each["state"] == "open")
    milestone = next(each for each in owed(played, "milestone") if each["state"] == "open")
    for path, body in (("delegations", GIVEN), ("excuses", {"reason": "so"})):
        for due, says in ((right, "a right"), (milestone, "a milestone")):
            refused = played.api.post(f"/deadlines/{due['obligation_id']}/{path}", body)
            assert says in told(refused, 409, "conflict")["detail"]


def test_what_is_done_is_not_given_to_anybody(played: Practised) -> None:
    due = owed(played, staff="S1")[0]
    (appeal,) = (each for each in played.read("/procedures", kind="appeal", staff="S1")["items"])
    rejected = {"outcome": "rejected", "panel": "three members"}
    created(played.act(f"appeal/{appeal['id']}", "determine", rejected))
    refused = played.api.post(f"/deadlines/{due['obligation_id']}/delegations", GIVEN)
    assert "nothing is to be done" in told(refused, 409, "conflict")["detail"]


def test_what_breaks_a_rule_of_form(played: Practised) -> None:
    (due, _) = owed(played)
    path = f"/deadlines/{due['obligation_id']}"
    for where, body, field in (
        ("delegations", GIVEN | {"reason": " "}, "reason"),
        ("delegations", {"reason": "so"}, "to"),
        ("delegations", GIVEN | {"to": " "}, "to"),
        ("delegations", GIVEN | {"to": "a\x00"}, "to"),
        ("delegations", GIVEN | {"until": "2013-12-01"}, "until"),
        ("excuses", {}, "reason"),
        ("excuses", {"reason": "so", "document": "D000099"}, "document"),
    ):
        refused = told(played.api.post(f"{path}/{where}", body), 422, "malformed")
        assert field in str(refused), body
    told(played.api.post(f"{path}/delegations", GIVEN, if_match='"1"'), 422, "malformed")
    for unknown in ("x", "00000000-0000-0000-0000-000000000000"):
        told(played.api.post(f"/deadlines/{unknown}/delegations", GIVEN), 404, "not-on-record")
        told(
            played.api.post(f"/deadlines/{unknown}/excuses", {"reason": "so"}),
            404,
            "not-on-record",
        )
    told(played.api.get("/deadlines", escalation="soon"), 422, "malformed")


def test_the_same_key_says_it_once(played: Practised) -> None:
    (due, _) = owed(played)
    first = give(played, due, GIVEN, key="k")
    (appeal,) = played.read("/procedures", kind="appeal", staff="S1")["items"]
    played.to(date(2013, 12, 3))
    rejected = {"outcome": "rejected", "panel": "three members"}
    created(played.act(f"appeal/{appeal['id']}", "determine", rejected))
    assert give(played, due, GIVEN, key="k") == first
    path = f"/deadlines/{due['obligation_id']}/delegations"
    told(played.api.post(path, GIVEN | {"to": "C"}, key="k"), 422, "key-reused")


def test_limits_reach_people_and_no_further(played: Practised) -> None:
    limits = Limits(employers=frozenset({"London Probation Trust"}), units=frozenset({"Camden"}))
    inside = played.api.identity.issue("in", Role.ADMIN, 600, limits=limits)
    elsewhere = Limits(employers=frozenset({"Kent Probation Trust"}))
    outside = played.api.identity.issue("out", Role.ADMIN, 600, limits=elsewhere)
    (due, _) = owed(played)
    path = f"/deadlines/{due['obligation_id']}/delegations"
    told(played.api.post(path, GIVEN, token=outside), 404, "not-on-record")
    created(played.api.post(path, GIVEN, token=inside))
    assert owed(played)[0]["delegated_to"] == NORTH
    for role in (Role.AUDIT, Role.STAFF, Role.UNION, Role.DISPUTE):
        token = played.api.token_for(role, staff_number="S1")
        told(played.api.post(path, GIVEN, token=token), 403, "not-allowed")


def test_a_member_of_staff_sees_who_takes_care_of_what_is_owed_to_them(played: Practised) -> None:
    (due,) = owed(played, staff="S1")
    give(played, due, GIVEN)
    excuse(played, due, {"reason": "a flood"})
    own = played.token("S1", Role.STAFF)
    answer = played.api.get("/deadlines", staff="S1", token=own)
    assert answer.status_code == 200
    (seen,) = (each for each in answer.json()["items"] if each["what"] == "determination")
    assert (seen["delegated_to"], seen["excused"]["reason"]) == (NORTH, "a flood")


def test_exports_and_a_rebuild_say_the_same(played: Practised) -> None:
    due, other = owed(played)
    give(played, due, GIVEN)
    excuse(played, due, {"reason": "a flood"})
    give(played, other, GIVEN)
    give(played, other, GIVEN | {"to": None})
    rows = list(csv.DictReader(io.StringIO(played.api.get("/deadlines.csv").text)))
    found = {each["obligation_id"]: each for each in rows}
    row, beside = found[due["obligation_id"]], found[other["obligation_id"]]
    assert (row["delegated_to"], row["excuse_reason"]) == (NORTH, "a flood")
    assert row["excused_on"] == "2013-12-02"
    assert (beside["delegated_to"], beside["excuse_reason"]) == ("", "")
    before = played.read("/deadlines", limit=1000), played.read("/work")
    log = played.record.log
    rebuild(log, played.record.database_url, DeadlinesProjection(log.read_many, log.known))
    assert (played.read("/deadlines", limit=1000), played.read("/work")) == before
