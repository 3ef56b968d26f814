"""Contested facts over HTTP: what each side asserts, side by side; who says and reads it; and what
rests on it."""

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

PAY = "assertion/vlo-back-pay"
BEGIN: dict[str, Any] = {
    "id": "vlo-back-pay",
    "question": "On which day did the job description last change?",
    "people": ["s1"],
}
UNIONS: dict[str, Any] = {
    "assertion": "unions",
    "party": "Napo",
    "side": "union",
    "value": "2013-07-04",
    "statement": "It last changed on 4 July.",
}
EMPLOYER: dict[str, Any] = {
    "assertion": "employer",
    "party": "London Probation Trust",
    "side": "employer",
    "value": "2013-10-26",
    "statement": "It counts from the reorganisation.",
}
MINE: dict[str, Any] = {
    "staff_number": "S1",
    "statement": "My duties changed in the spring.",
    "value": "2013-04-02",
}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with two people, and a contested fact of S1."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        opened.register("S1")
        opened.register("S2")
        created(opened.begin("assertion", BEGIN))
        yield opened


def both(played: Practised) -> None:
    created(played.act(PAY, "assert", UNIONS))
    created(played.act(PAY, "assert", EMPLOYER))


def of(played: Practised, number: str = "S1", token: str | None = None) -> dict[str, Any]:
    answer = played.api.get(f"/staff/{number}/assertions", token=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_each_side_stands_beside_the_other(played: Practised) -> None:
    both(played)
    created(played.act(PAY, "dispute", {"assertion": "employer", "party": "Napo", "side": "union"}))
    shown = played.read(f"/procedures/{PAY}")["contested"]
    assert shown["state"] == "contested"
    assert shown["says"] == (
        "On which day did the job description last change? Contested: Napo (union) asserts "
        "2013-07-04 (not disputed); London Probation Trust (employer) asserts 2013-10-26 (disputed "
        "by Napo)."
    )
    told_of = [
        (each["assertion"], each["value_kind"], each["status"]) for each in shown["assertions"]
    ]
    assert told_of == [
        ("assertion:vlo-back-pay/unions", "date", "asserted"),
        ("assertion:vlo-back-pay/employer", "date", "disputed"),
    ]
    (item,) = of(played)["items"]
    assert item["assertions"] == shown["assertions"]
    assert of(played, "S2")["items"] == []


def test_a_member_of_staff_says_what_they_assert_of_themselves(played: Practised) -> None:
    """Their words are in the vault, and shown with their own record alone."""
    own, other = played.token("S1", Role.STAFF), played.token("S2", Role.STAFF)
    done = created(played.act(PAY, "assert", MINE, token=own))
    told(played.act(PAY, "assert", MINE, token=other), 404, "not-on-record")
    theirs = {**MINE, "staff_number": "S2"}
    told(played.act(PAY, "assert", theirs, token=other), 404, "not-on-record")
    stated = played.record.log.read("matter:assertion/vlo-back-pay")[-1]
    assert str(stated.event_id) == done["event_id"]
    assert MINE["statement"] not in stated.fact.model_dump_json()
    (said,) = of(played, token=own)["items"][0]["assertions"]
    assert (said["party"], said["statement"]) == ("S1", MINE["statement"])
    (said,) = played.read(f"/procedures/{PAY}")["contested"]["assertions"]
    assert ("party" in said, "statement" in said, said["value"]) == (False, False, "2013-04-02")
    told(played.api.get("/staff/S1/assertions", token=other), 404, "not-on-record")
    withdrawn = {"assertion": "1", "staff_number": "S1"}
    created(played.act(PAY, "withdraw", withdrawn, token=own))
    assert of(played)["items"][0]["assertions"][0]["status"] == "withdrawn"


def test_a_member_of_staff_opens_one_about_themselves_alone(played: Practised) -> None:
    own = played.token("S1", Role.STAFF)
    told(
        played.begin("assertion", {**BEGIN, "id": "two", "people": ["S1", "S2"]}, token=own),
        404,
        "not-on-record",
    )
    told(
        played.begin("assertion", {"id": "three", "question": "Which?"}, token=own),
        422,
        "malformed",
    )
    created(played.begin("assertion", {**BEGIN, "id": "four", "people": ["S1"]}, token=own))


def test_a_union_says_what_it_asserts_for_its_members_and_where_it_takes_part(
    played: Practised,
) -> None:
    rep = played.api.identity.issue("rep-1", Role.UNION, 600, body="Napo")
    said = {key: value for key, value in UNIONS.items() if key not in ("party", "side")}
    told(played.act(PAY, "assert", said, token=rep), 404, "not-on-record")
    played.appoint("S1", "everything", representative="rep-1")
    created(played.act(PAY, "assert", said, token=rep))
    (shown,) = of(played, token=rep)["items"][0]["assertions"]
    assert (shown["party"], shown["side"]) == ("Napo", "union")
    other = {**EMPLOYER, "side": "union"}
    told(played.act(PAY, "assert", other, token=rep), 422, "malformed")
    told(played.api.get(f"/procedures/{PAY}", token=rep), 404, "not-on-record")
    general = {"id": "guide", "question": "What holds?", "unions": ["Napo"]}
    created(played.begin("assertion", general))
    created(played.act("assertion/guide", "assert", said, token=rep))
    read = played.api.get("/procedures/assertion/guide", token=rep)
    assert read.status_code == 200, read.text
    stranger = played.api.identity.issue("rep-2", Role.UNION, 600, body="GMB")
    told(played.api.get("/procedures/assertion/guide", token=stranger), 404, "not-on-record")
    told(played.act("assertion/guide", "assert", said, token=stranger), 404, "not-on-record")
    told(played.act(PAY, "clarify", {**said}, token=rep), 403, "not-allowed")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"people": ["S7"]}, "people", id="nobody"),
        pytest.param({"procedure": "exercise:none"}, "procedure", id="no-procedure"),
        pytest.param({"clause": "TR-99", "rulebook": "tr-2013"}, "clause", id="no-such-clause"),
    ],
)
def test_what_it_concerns_is_there(played: Practised, more: dict[str, Any], field: str) -> None:
    problem = told(played.begin("assertion", {**BEGIN, "id": "new", **more}), 422, "malformed")
    assert [each["field"] for each in problem["errors"]] == [field]


# --- what rests on it ----------------------------------------------------------------------------


def test_an_entry_says_that_it_rests_on_what_one_side_asserts(played: Practised) -> None:
    both(played)
    change = {
        "effective_from": "2013-10-26",
        "changes": {"band": "5"},
        "reason": "regraded",
        "basis": {"assertions": ["assertion:vlo-back-pay/employer"]},
    }
    created(played.api.post("/staff/S1/changes", change))
    before = played.record.log.head().recorded_at
    basis = played.read("/staff/S1/position", effective_at="2013-10-26")["position"]["band"][
        "basis"
    ]
    assert basis["assertions"] == ["assertion:vlo-back-pay/employer"]
    (resting,) = basis["asserted"]
    assert (resting["party"], resting["status"]) == ("London Probation Trust", "asserted")
    assert [(each["party"], each["value"]) for each in resting["others"]] == [
        ("Napo", "2013-07-04")
    ]
    assert resting["says"] == (
        "It rests on what one side asserts: London Probation Trust (employer) asserts 2013-10-26 "
        "(not disputed). Beside it: Napo (union) asserts 2013-07-04."
    )
    given = {"assertion": "employer", "superseded_by": "unions"}
    created(played.act(PAY, "supersede", given))
    now = played.read("/staff/S1/position", effective_at="2013-10-26")["position"]["band"]["basis"]
    assert now["asserted"][0]["status"] == "superseded"
    assert before is not None
    then = played.api.get(
        "/staff/S1/position",
        {"effective_at": "2013-10-26", "known_at": before.isoformat()},
    ).json()
    assert then["position"]["band"]["basis"]["asserted"][0]["status"] == "asserted"
    told(played.api.post("/staff/S1/changes", change), 409, "refused")
    change["basis"] = {"assertions": ["assertion:vlo-back-pay/board"]}
    problem = told(played.api.post("/staff/S1/changes", change), 422, "malformed")
    assert problem["errors"][0]["field"] == "basis.assertions"


def test_of_many_entries_those_are_refused_whose_ground_is_not_there(played: Practised) -> None:
    both(played)

    def item(number: str, name: str) -> dict[str, Any]:
        basis = {"assertions": [f"assertion:vlo-back-pay/{name}"]}
        change = {"effective_from": "2013-10-26", "changes": {"band": "5"}, "basis": basis}
        return {"staff_number": number, "change": change}

    wrong = {"items": [item("S1", "employer"), item("S2", "board")], "reason": "regraded"}
    problem = played.api.post("/bulk", wrong)
    assert problem.status_code == 422, problem.text
    (error,) = problem.json()["errors"]
    assert (error["index"], error["staff_number"]) == (1, "S2")
    assert error["field"] == "basis.assertions"
    right = {"items": [item("S1", "employer"), item("S2", "employer")], "reason": "regraded"}
    assert played.api.post("/bulk", right).status_code == 201


def test_what_was_decided_by_an_assertion_is_to_be_settled_once_it_holds_no_more(
    played: Practised,
) -> None:
    both(played)
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act("exercise/tr", "set-scope", {"criterion": "all"}))
    ref = "assertion:vlo-back-pay/employer"
    held = {"staff_number": "S1", "reason": "the grade is contested", "rests_on": [ref]}
    created(played.act("exercise/tr", "hold", held))
    (resting,) = played.read("/procedures/exercise/tr")["resting"]
    assert (resting["act"], resting["people"], resting["rests_on"]["assertion"]) == ("hold", 1, ref)
    people = played.read("/procedures/exercise/tr/people")["items"]
    assert {each["staff_number"]: each.get("rests_on") for each in people} == {
        "S1": [ref],
        "S2": None,
    }
    (mine,) = of(played)["resting"]
    assert (mine["act"], mine["staff_number"]) == ("hold", "S1")
    given = {"assertion": "employer", "superseded_by": "unions"}
    preview = played.act(PAY, "supersede", given, preview=True)
    assert [each["step"] for each in preview.json()["to_settle"]] == ["hold"]
    done = created(played.act(PAY, "supersede", given))
    assert (done["kind"], done["staff_number"]) == ("assertion", None)
    (duty,) = done["to_settle"]
    assert (duty["procedure"], duty["step"], duty["staff_number"]) == ("exercise:tr", "hold", "S1")
    assert duty["because_of"] == f"{ref} was superseded on 2013-11-13 by unions"
    settled = {"staff_number": "S1", "duty": duty["duty"], "decision": "redo", "reason": "seen"}
    created(played.act("exercise/tr", "settle", settled))
    problem = told(played.act("exercise/tr", "hold", held), 409, "refused")
    assert "nothing new rests on it" in problem["detail"]


def test_it_is_known_as_it_stood(played: Practised) -> None:
    created(played.act(PAY, "assert", UNIONS))
    before = played.record.log.head().recorded_at
    assert before is not None
    created(played.act(PAY, "assert", EMPLOYER))
    then = played.api.get("/staff/S1/assertions", {"known_at": before.isoformat()}).json()
    assert len(then["items"][0]["assertions"]) == 1
    read = played.api.get(f"/procedures/{PAY}", {"known_at": before.isoformat()}).json()
    assert len(read["contested"]["assertions"]) == 1
