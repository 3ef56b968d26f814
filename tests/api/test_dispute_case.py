"""A dispute before a panel over HTTP: opened by an administrator, with what the record says of the
panel; a member of it declares an interest."""

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

CASE = "dispute-case/ET-1"
TRUST = {"side": "respondent", "known_by": "organisation", "party": "London Probation Trust"}
BODY: dict[str, Any] = {
    "id": "ET-1",
    "people": ["s1"],
    "parties": [{"side": "claimant", "known_by": "staff-number", "party": "S1"}, TRUST],
    "members": [{"subject": "judge-1"}],
    "effective_between": ["2013-01-01", "2013-12-31"],
    "known_between": ["2013-11-01", None],
}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with three people; S9 manages S1."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        opened.register("S9")
        opened.register("S1", line_manager="S9")
        opened.register("S2")
        yield opened


def test_a_case_runs_from_its_opening_to_its_close(played: Practised) -> None:
    done = created(played.begin("dispute-case", BODY))
    assert (done["kind"], done["id"]) == ("dispute-case", "ET-1")
    told(played.begin("dispute-case", BODY), 409, "already-on-record")
    shown = played.read(f"/procedures/{CASE}")
    assert (shown["state"], shown["edition"], shown["staff_number"]) == ("running", "none", None)
    assert [each["sentence"] for each in shown["sentences"]] == [
        "a dispute of S1 (claimant), London Probation Trust (respondent), about S1, is before "
        "judge-1: days from 2013-01-01 to 2013-12-31, as the record stood on days from 2013-11-01 "
        "on"
    ]
    created(played.act(CASE, "add-people", {"people": ["S2"]}))
    assert played.act(CASE, "add-people", {"people": ["S2"]}).status_code == 200
    created(played.act(CASE, "set-dates", {"effective_between": ["2013-06-01", None]}))
    created(played.act(CASE, "close", {"reason": "judgment of 11 November"}))
    shown = played.read(f"/procedures/{CASE}")
    assert shown["state"] == "over"
    told(played.act(CASE, "remove-people", {"people": ["S2"]}), 409, "refused")
    acts = {each["act"]: each for each in played.read(f"/procedures/{CASE}/acts")["acts"]}
    assert acts["reopen"]["may_be_done"]
    assert acts["add-people"]["stands_in_the_way"] == (
        "the case is closed: first, open a closed case again"
    )
    created(played.act(CASE, "reopen"))
    assert played.read(f"/procedures/{CASE}")["state"] == "running"


def test_who_may_read_everybody_finds_the_disputes_about_somebody(played: Practised) -> None:
    created(played.begin("dispute-case", BODY))

    def found(number: str, token: str | None = None, **asked: object) -> list[tuple[str, str]]:
        answer = played.api.get("/procedures", {"staff": number, **asked}, token=token)
        assert answer.status_code == 200, answer.text
        return [(each["kind"], each["id"]) for each in answer.json()["items"]]

    case = ("dispute-case", "ET-1")
    assert found("S1") == [case]
    assert found("S1", played.token("auditor", Role.AUDIT)) == [case]
    assert found("S1", kind="dispute-case", state="running") == [case]
    assert found("S1", kind="exercise") == found("S2") == []
    assert found("S1", played.token("S1", Role.STAFF)) == []
    played.appoint("S1", "procedures", representative="rep-1")
    rep = found("S1", played.token("rep-1", Role.UNION))
    assert [kind for kind, _ in rep] == ["representation"]
    created(played.act(CASE, "add-people", {"people": ["S2"]}))
    created(played.act(CASE, "remove-people", {"people": ["S1"]}))
    assert (case in found("S1"), case in found("S2")) == (False, True)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        pytest.param("people", ["S7"], "nobody of the number S7 is on record", id="people"),
        pytest.param(
            "parties",
            [{"side": "witness", "known_by": "staff-number", "party": "S7"}],
            "nobody of the number S7 is on record",
            id="parties",
        ),
        pytest.param(
            "members",
            [{"subject": "judge-1", "staff_number": "S7"}],
            "nobody of the number S7 is on record",
            id="members",
        ),
        pytest.param(
            "effective_between", ["2014-01-01"], "at least 2 items", id="a-first-day-alone"
        ),
    ],
)
def test_what_is_wrong_is_named(played: Practised, field: str, value: object, reason: str) -> None:
    answer = told(played.begin("dispute-case", BODY | {field: value}), 422, "malformed")
    assert answer["errors"][0]["field"].startswith(field)
    assert reason in answer["errors"][0]["reason"]


def test_a_line_manager_or_representative_on_the_panel_is_barred(played: Practised) -> None:
    rep = {"representative": "rep-1", "scope": ["record"], "effective_from": "2013-11-11"}
    created(
        played.begin(
            "representation", {"staff_number": "S2", **rep}, token=played.token("S2", Role.STAFF)
        )
    )
    members = [{"subject": "judge-9", "staff_number": "s9"}, {"subject": "rep-1"}]
    created(played.begin("dispute-case", BODY | {"members": members}))
    created(played.act(CASE, "add-people", {"people": ["S2"]}))
    said = [each["sentence"] for each in played.read(f"/procedures/{CASE}")["sentences"]]
    assert said[1:] == [
        "judge-9 has an interest by the record (line-manager of S1) and is barred until it is "
        "decided",
        "it is about S2 as well",
        "rep-1 has an interest by the record (representative of S2) and is barred until it is "
        "decided",
    ]


def test_a_member_of_the_panel_declares_their_own_interest_alone(played: Practised) -> None:
    created(played.begin("dispute-case", BODY))
    mine = {"subject": "judge-1", "interest": "other"}
    judge, other = played.token("judge-1", Role.DISPUTE), played.token("judge-2", Role.DISPUTE)
    staff = played.token("judge-1", Role.STAFF)
    there = told(played.act(CASE, "declare-interest", mine, token=other), 404, "not-on-record")
    not_there = told(
        played.act("dispute-case/ET-7", "declare-interest", mine, token=judge),
        404,
        "not-on-record",
    )
    assert {**there, "instance": None} == {**not_there, "instance": None}
    told(played.act(CASE, "declare-interest", mine, token=staff), 403, "not-allowed")
    told(played.act(CASE, "close", token=judge), 403, "not-allowed")
    created(played.act(CASE, "declare-interest", mine, token=judge))
    ruling = {"subject": "judge-1", "may_sit": True, "reason": "known to both sides"}
    told(played.act(CASE, "decide-interest", ruling, token=judge), 403, "not-allowed")
    created(played.act(CASE, "decide-interest", ruling))
    last = played.read(f"/procedures/{CASE}")["sentences"][-1]
    assert (last["sentence"], last["reason"]) == ("judge-1 may sit", "known to both sides")
