"""Where staff, representatives and members of a panel begin, and what a panel reaches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.app import Record

pytestmark = pytest.mark.engines

CASE = "dispute-case/ET-1"
TRUST = {"side": "respondent", "known_by": "organisation", "party": "London Probation Trust"}
BODY: dict[str, Any] = {
    "id": "ET-1",
    "people": ["S1"],
    "parties": [{"side": "claimant", "known_by": "staff-number", "party": "S1"}, TRUST],
    "members": [{"subject": "judge-1"}],
    "effective_between": ["2013-01-01", "2013-11-30"],
    "known_between": ["2013-11-11", "2013-11-12"],
}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with three people."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2", "S3"):
            opened.register(number)
        yield opened


def mine(played: Practised, what: str, token: str, **asked: object) -> Json:
    answer = played.api.get(f"/my/{what}", asked, token=token)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def position(played: Practised, token: str, number: str = "S1", **asked: object) -> Response:
    return played.api.get(f"/staff/{number}/position", asked, token=token)


def appoint(played: Practised, number: str, *scope: str, **more: object) -> str:
    return str(played.appoint(number, *scope, representative="rep-1", **more)["id"])


def of_body(played: Practised, body: str | None) -> str:
    """The token of a representative who acts for a body."""
    identity = played.service.identity
    assert isinstance(identity, EmbeddedIdentity)
    return identity.issue("rep-1", Role.UNION, 600, body=body)


# --- staff ---------------------------------------------------------------------------------------


def test_a_member_of_staff_begins_on_their_own_record(played: Practised) -> None:
    found = mine(played, "record", played.token("S1", Role.STAFF))
    assert (found["staff_number"], found["unit"]) == ("S1", "Camden")
    told(played.api.get("/my/record", token=played.token("S9", Role.STAFF)), 404, "not-on-record")
    told(played.api.get("/my/record", token=played.token("S1", Role.UNION)), 403, "not-allowed")
    assert played.service.register.of("S1", limit=9)[0].what == "/v1/my/record"


# --- representatives -----------------------------------------------------------------------------


def test_a_representative_sees_whom_they_act_for_and_no_more(played: Practised) -> None:
    rep = played.token("rep-1", Role.UNION)
    assert mine(played, "members", rep)["items"] == []
    first = appoint(played, "S1", "everything", effective_to="2013-12-01")
    appoint(played, "S2", "procedures")
    appoint(played, "S3", "record", effective_from="2013-11-20")
    found = mine(played, "members", rep)
    assert (found["members"], found["next_cursor"]) == (2, None)
    whole, procedures = found["items"]
    assert (whole["staff_number"], whole["employer"], whole["unit"]) == (
        "S1",
        "London Probation Trust",
        "Camden",
    )
    assert whole["name"]
    assert whole["appointments"] == [
        {
            "id": f"representation:{first}",
            "scope": ["procedures", "record"],
            "effective_from": "2013-11-11",
            "effective_to": "2013-12-01",
        }
    ]
    assert procedures.keys() == {"staff_number", "appointments"}
    noted = played.service.register.of("S1", limit=9)[0]
    assert (noted.role, noted.appointment) == ("union", f"representation:{first}")
    assert mine(played, "members", played.token("rep-2", Role.UNION))["members"] == 0
    created(played.act(f"representation/{first}", "dismiss", token=played.token("S1", Role.STAFF)))
    assert [each["staff_number"] for each in mine(played, "members", rep)["items"]] == ["S2"]
    played.to(date(2013, 11, 20))
    assert [each["staff_number"] for each in mine(played, "members", rep)["items"]] == ["S2", "S3"]


def test_members_come_page_by_page(played: Practised) -> None:
    for number in ("S1", "S2", "S3"):
        appoint(played, number, "record")
    rep = played.token("rep-1", Role.UNION)
    first = mine(played, "members", rep, limit=2)
    assert [each["staff_number"] for each in first["items"]] == ["S1", "S2"]
    second = mine(played, "members", rep, limit=2, cursor=first["next_cursor"])
    assert [each["staff_number"] for each in second["items"]] == ["S3"]
    assert (second["next_cursor"], second["members"]) == (None, 3)


def test_a_body_follows_the_consultations_that_it_takes_part_in(played: Practised) -> None:
    played.open()
    opened = {"exercise": "tr", "bodies": ["Union A", "Union B"], "agreement": "framework"}
    created(played.begin("consultation", opened))
    consultation = "consultation/tr"
    measures = {"measures": "no redundancies are planned", "document": "letter 4"}
    created(played.act(consultation, "state-measures", measures))
    asked = {"question": "Who pays for travel?", "asked_by": "Union A"}
    created(played.act(consultation, "ask", asked))
    created(played.act(consultation, "ask", {"question": "When?", "asked_by": "Union B"}))
    created(played.act(consultation, "reply", {"question": "When?", "answer": "in May"}))
    created(played.act(consultation, "call-meeting", {"on": "2013-11-20", "purpose": "travel"}))
    created(played.act(consultation, "endorse", {"body": "Union A"}))

    union = of_body(played, " Union  A")
    (found,) = mine(played, "consultations", union)["items"]
    assert found["exercise"] == "tr"
    assert (found["id"], found["bodies"], found["endorsed"]) == ("tr", ["Union A", "Union B"], True)
    assert [(m["stated_on"], m["measures"]) for m in found["measures"]] == [
        ("2013-11-11", "no redundancies are planned")
    ]
    assert [(q["question"], q["asked_by"], q["answer"]) for q in found["questions"]] == [
        ("Who pays for travel?", ["Union A"], None),
        ("When?", ["Union B"], "in May"),
    ]
    assert [(m["meeting_on"], m["outcome"]) for m in found["meetings"]] == [("2013-11-20", None)]
    (other,) = mine(played, "consultations", of_body(played, "Union B"))["items"]
    assert other["endorsed"] is None
    shown = played.api.get(f"/procedures/{consultation}", token=union)
    assert "Union A asked: Who pays for travel?" in shown.text

    created(played.act(consultation, "ask", {"question": "When?", "asked_by": "Union A"}))
    (found,) = mine(played, "consultations", union)["items"]
    assert [q["answer"] for q in found["questions"]] == [None, None]


def test_who_acts_for_no_body_of_it_sees_no_consultation(played: Practised) -> None:
    played.open()
    opened = {"exercise": "tr", "bodies": ["Union A"], "agreement": "framework"}
    created(played.begin("consultation", opened))
    for token in (of_body(played, "Union B"), of_body(played, None)):
        assert mine(played, "consultations", token)["items"] == []
        for part in ("", "/acts"):
            answer = played.api.get(f"/procedures/consultation/tr{part}", token=token)
            told(answer, 404, "not-on-record")
            nobody = played.api.get(f"/procedures/consultation/x{part}", token=token)
            assert answer.text.replace("tr", "x") == nobody.text.replace("tr", "x")
    for role in (Role.STAFF, Role.DISPUTE):
        token = played.token("S1", role)
        told(played.api.get("/procedures/consultation/tr", token=token), 403, "not-allowed")
        told(played.api.get("/my/consultations", token=token), 403, "not-allowed")
    added = {"body": "Union B"}
    created(played.act("consultation/tr", "add-body", added))
    assert len(mine(played, "consultations", of_body(played, "Union B"))["items"]) == 1


def test_a_body_asks_and_answers_by_its_representative(played: Practised) -> None:
    consulted(played, "Union A", "Union B")
    union = of_body(played, " Union  A")
    asked = {"question": "Who pays for travel?"}
    would = played.act("consultation/tr", "ask", asked, token=union, preview=True)
    assert would.json()["would_record"][0]["sentence"] == "Union A asked: Who pays for travel?"
    assert mine(played, "consultations", union)["items"][0]["questions"] == []
    done = created(played.act("consultation/tr", "ask", asked, token=union, key="one"))
    assert created(played.act("consultation/tr", "ask", asked, token=union, key="one")) == done
    named = asked | {"asked_by": "Union A"}  # no more is written: it has asked that already
    assert played.act("consultation/tr", "ask", named, token=union).status_code == 200
    (found,) = mine(played, "consultations", union)["items"]
    assert [(q["question"], q["asked_by"], q["answer"]) for q in found["questions"]] == [
        ("Who pays for travel?", ["Union A"], None)
    ]
    last = played.read("/procedures/consultation/tr")["sentences"][-1]
    assert (last["recorded_by"], last["happened_on"]) == ("rep-1", "2013-11-11")

    for act, endorsed in (("refuse", False), ("endorse", True)):
        created(played.act("consultation/tr", act, {"body": "Union A"}, token=union))
        (found,) = mine(played, "consultations", union)["items"]
        assert found["endorsed"] is endorsed
    (other,) = mine(played, "consultations", of_body(played, "Union B"))["items"]
    assert other["endorsed"] is None


def test_a_representative_acts_for_no_other_body_and_of_no_other_day(played: Practised) -> None:
    consulted(played, "Union A", "Union B")
    union, before = of_body(played, "Union A"), played.read("/procedures/consultation/tr")
    duty = "018f3c5e-7d4a-7b1e-9f00-0a1b2c3d4e5f"
    for act, given, field in (
        ("ask", {"question": "Why?", "asked_by": "Union B"}, "asked_by"),
        ("endorse", {"body": "Union B"}, "body"),
        ("refuse", {"body": "Union A", "happened_on": "2013-11-10"}, "happened_on"),
        ("ask", {"question": "Why?", "later": {duty: "stands"}}, "later"),
    ):
        answer = played.act("consultation/tr", act, given, token=union)
        told(answer, 422, "malformed")
        assert field in answer.text
    for act, given in (("reply", {"question": "Why?"}), ("add-body", {"body": "Union A"})):
        told(played.act("consultation/tr", act, given, token=union), 403, "not-allowed")
    assert played.read("/procedures/consultation/tr")["version"] == before["version"]


def test_a_consultation_of_other_bodies_looks_to_a_body_as_if_it_were_not_there(
    played: Practised,
) -> None:
    consulted(played, "Union A")
    for act, given in (("ask", {"question": "Why?"}), ("endorse", {"body": "Union B"})):
        for body in ("Union B", None):
            token = of_body(played, body)
            there, nowhere = (
                played.act(f"consultation/{id_}", act, given, token=token) for id_ in ("tr", "x")
            )
            told(there, 404, "not-on-record")
            assert there.text == nowhere.text
        for role in (Role.STAFF, Role.DISPUTE, Role.AUDIT):
            token = played.token("S1", role)
            told(played.act("consultation/tr", act, given, token=token), 403, "not-allowed")


def test_a_body_sees_what_was_offered_and_is_not_delivered(played: Practised) -> None:
    consulted(played, "Union A")
    created(played.act("consultation/tr", "refer", {"to": "ACAS", "document": "letter 7"}))
    union = of_body(played, "Union A")
    (found,) = mine(played, "consultations", union)["items"]
    (offer,) = found["offers"]
    assert (offer["status"], offer["delivered"], offer["document"]) == (
        "not-on-offer-referred-to-conciliation",
        False,
        "letter 7",
    )
    stated = {"offer": offer["term"], "status": "on-offer"}
    created(played.act("consultation/tr", "state-offer", stated))
    (found,) = mine(played, "consultations", union)["items"]
    assert [(o["term"], o["delivered"]) for o in found["offers"]] == [(offer["term"], True)]


def consulted(played: Practised, *bodies: str) -> None:
    """The consultation of these bodies on the exercise."""
    played.open()
    opened = {"exercise": "tr", "bodies": bodies, "agreement": "framework"}
    created(played.begin("consultation", opened))


# --- panels --------------------------------------------------------------------------------------


def test_a_panel_reads_the_people_of_its_case_on_its_days(played: Practised) -> None:
    judge = played.token("judge-1", Role.DISPUTE)
    assert mine(played, "cases", judge)["items"] == []
    told(position(played, judge), 404, "not-on-record")
    created(played.begin("dispute-case", BODY))
    assert mine(played, "cases", judge)["items"] == [
        {
            "id": "ET-1",
            "is_open": True,
            "barred": False,
            "opened_on": "2013-11-11",
            "people": [{"staff_number": "S1"}],
            "parties": [
                {"side": "claimant", "known_by": "staff-number", "party": "S1"},
                TRUST,
            ],
            "effective_between": ["2013-01-01", "2013-11-30"],
            "known_between": ["2013-11-11", "2013-11-12"],
        }
    ]
    assert position(played, judge).json()["staff_number"] == "S1"
    noted = played.service.register.of("S1", limit=9)[0]
    assert (noted.role, noted.dispute_case) == ("dispute", "dispute-case:ET-1")
    assert mine(played, "cases", played.token("judge-2", Role.DISPUTE))["items"] == []
    told(position(played, played.token("judge-2", Role.DISPUTE)), 404, "not-on-record")


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        pytest.param({"effective_at": "2013-01-01"}, True, id="the-first-day"),
        pytest.param({"effective_at": "2012-12-31"}, False, id="before-it"),
        pytest.param({"effective_at": "2013-11-30"}, True, id="the-last-day"),
        pytest.param({"effective_at": "2013-12-01"}, False, id="after-it"),
        pytest.param({"known_at": "2013-11-11T12:30:00Z"}, True, id="known-on-a-day-of-it"),
        pytest.param({"known_at": "2013-11-10T23:59:59Z"}, False, id="known-before"),
    ],
)
def test_on_which_days_a_panel_may_ask(
    played: Practised, asked: dict[str, Any], *, reached: bool
) -> None:
    created(played.begin("dispute-case", BODY))
    answer = position(played, played.token("judge-1", Role.DISPUTE), **asked)
    assert answer.status_code == (200 if reached else 404), answer.text


def test_what_the_record_says_after_the_days_of_the_case_is_out_of_reach(
    played: Practised,
) -> None:
    created(played.begin("dispute-case", BODY))
    judge = played.token("judge-1", Role.DISPUTE)
    played.to(date(2013, 11, 13))
    told(position(played, judge), 404, "not-on-record")
    assert position(played, judge, known_at="2013-11-12T23:59:59Z").status_code == 200


@pytest.mark.parametrize(
    ("act", "body"),
    [
        pytest.param("close", {}, id="closed"),
        pytest.param("decide-interest", {"subject": "judge-1", "may_sit": False}, id="barred"),
        pytest.param(
            "declare-interest", {"subject": "judge-1", "interest": "other"}, id="interest"
        ),
        pytest.param(
            "set-dates", {"effective_between": ["2013-01-01", "2013-01-31"]}, id="narrowed"
        ),
    ],
)
def test_reach_ends_at_once(played: Practised, act: str, body: dict[str, object]) -> None:
    created(played.begin("dispute-case", BODY))
    judge = played.token("judge-1", Role.DISPUTE)
    assert position(played, judge).status_code == 200
    created(played.act(CASE, act, body))
    gone = position(played, judge)
    assert told(gone, 404, "not-on-record") == told(
        position(played, judge, "S9"), 404, "not-on-record"
    )
    (shown,) = mine(played, "cases", judge)["items"]
    assert shown["is_open"] is (act != "close")
    assert shown["barred"] is act.endswith("interest")
    assert bool(shown["people"]) is (act == "set-dates")


def test_whoever_is_off_the_case_is_out_of_reach(played: Practised) -> None:
    created(played.begin("dispute-case", BODY | {"people": ["S1", "S2"]}))
    judge = played.token("judge-1", Role.DISPUTE)
    assert position(played, judge, "s2").json()["staff_number"] == "S2"
    created(played.act(CASE, "remove-people", {"people": ["s2"]}))
    told(position(played, judge, "S2"), 404, "not-on-record")
    created(played.act(CASE, "add-members", {"members": [{"subject": "judge-2"}]}))
    created(played.act(CASE, "remove-members", {"subjects": ["judge-1"]}))
    assert mine(played, "cases", judge)["items"] == []
    told(position(played, judge), 404, "not-on-record")
    for path in ("timeline", "history"):
        other = played.token("judge-2", Role.DISPUTE)
        told(played.api.get(f"/staff/S1/{path}", token=other), 403, "not-allowed")
