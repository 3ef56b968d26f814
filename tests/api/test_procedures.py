"""Acts over HTTP: an exercise is opened, steered and completed, and everything can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import (
    EXERCISE,
    PEOPLE,
    VALUES,
    Practised,
    consult,
    practising,
    to_ends_that_wait,
    to_the_letters,
)
from transfer.access.identity import Role
from transfer.app import Record
from transfer.questions import procedures as questions

pytestmark = pytest.mark.engines


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        yield opened


def test_a_plan_is_checked_before_it_is_opened(played: Practised) -> None:
    played.to(date(2013, 11, 20))
    asked = {"rulebook": "tr-2013", "letters_on": {"sifted": "2014-03-20"}}
    preview = played.begin("exercise", asked, preview=True)
    assert preview.status_code == 200, preview.text
    found = preview.json()
    assert {each["clauses"][0] for each in found["missing"]} >= {"TR-11b", "TR-10-response"}
    plan = found["says"]["plan"]
    assert plan["collisions"]
    assert {each["path"] for each in plan["latest"]} == {"automatic", "sifted", "drawn"}
    assert played.read("/procedures")["items"] == []
    refused = told(played.begin("exercise", {"rulebook": "tr-2013"}), 409, "refused")
    assert set(refused["clauses"]) >= {"TR-11b", "TR-10-response"}


def test_the_preview_of_an_opening_says_what_the_opening_records(played: Practised) -> None:
    values = [{"clause": c, "value": v, "document": "guidance"} for c, v in VALUES.items()]
    days = {"people-transition-complete": "2014-03-31", "transfer": "2014-06-01"}
    asked = {"id": "tr", "rulebook": "tr-2013", "values": values, "milestones": days}
    preview = played.begin("exercise", asked, preview=True).json()
    assert preview["to_settle"] == []
    opened = created(played.begin("exercise", asked))
    assert (preview["would_record_in_all"], preview["to_settle"]) == (opened["wrote"], [])
    said = [each["sentence"] for each in played.read("/procedures/exercise/tr")["sentences"]]
    assert [each["sentence"] for each in preview["would_record"]] == said


def test_an_exercise_from_its_opening_to_its_end(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    people = played.read("/procedures/exercise/tr/people")["items"]
    assert [each["letter"] for each in people] == [True] * 4
    played.to(date(2013, 12, 10))
    created(played.act(EXERCISE, "record-answer", {"staff_number": "S1", "answer": "acknowledged"}))
    lodged = created(
        played.begin("appeal", {"exercise": "tr", "staff_number": "S2", "grounds": "so"})
    )
    assert lodged["staff_number"] == "S2"
    appeal = f"appeal/{lodged['id']}"
    upheld = {"outcome": "upheld", "to": "NPS", "panel": "three members"}
    created(played.act(appeal, "determine", upheld))
    again = played.act(appeal, "determine", upheld)
    assert again.status_code == 200, again.text
    played.to(date(2014, 1, 10))
    played.to(date(2014, 6, 1))
    shown = played.read("/procedures/exercise/tr")
    assert shown["counts"]["transferred"] == 4
    destinations = {
        each["staff_number"]: each["state"]
        for each in played.read("/procedures/exercise/tr/people")["items"]
    }
    assert destinations == {"S1": "CRC", "S2": "NPS", "S3": "CRC", "S4": "CRC"}
    played.to(date(2014, 11, 2))
    assert played.read("/procedures/exercise/tr")["state"] == "completed"
    listed = played.read("/procedures")["items"]
    assert [(each["kind"], each["state"]) for each in listed] == [
        ("appeal", "over"),
        ("consultation", "running"),
        ("exercise", "completed"),
    ]


def test_an_exercise_is_not_abandoned_over_ends_that_wait_for_an_answer(played: Practised) -> None:
    to_ends_that_wait(played, "S1", "S2")
    why = {"reason": "the order was not made"}
    refused = told(played.act(EXERCISE, "abandon", why), 409, "refused")
    assert refused["failures"] == [
        {
            "clause": None,
            "reason": f"end-by-objection of {number} has been due since 2014-06-01 and waits for "
            "approval: approve or decline it first",
        }
        for number in ("S1", "S2")
    ]
    told(played.act(EXERCISE, "abandon", why | {"people": {}}), 422, "malformed")
    answers = {"staff_numbers": ["S1", "S2"], "step": "end-by-objection", "reason": "they stay"}
    created(played.act(EXERCISE, "decline", answers, token=played.token("chief")))
    created(played.act(EXERCISE, "abandon", why))
    assert played.read("/procedures/exercise/tr")["state"] == "abandoned"

    played.to(date(2014, 6, 3))
    late = {"staff_number": "S3", "told_to": "transferor", "happened_on": "2014-05-28"}
    done = created(played.act(EXERCISE, "object", late))
    to_settle = {each["step"]: each for each in done["to_settle"]}
    assert to_settle.keys() == {"abandon", "reach"}
    duty = {"duty": to_settle["abandon"]["duty"], "decision": "redo", "reason": "as it was"}
    created(played.act(EXERCISE, "settle", duty))
    assert played.read("/procedures/exercise/tr")["state"] == "running"


def test_everything_that_is_waited_for_is_counted_and_the_earliest_listed(
    played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "_MOST_WAITING", 2)
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    shown = played.read(f"/procedures/{EXERCISE}")
    assert [each["what"] for each in shown["waits_for"]] == ["response", "response"]
    assert shown["waiting"] == {"appeal": 4, "milestone": 3, "response": 4}
    assert shown["says"].endswith("; 11 things are waited for.")


def test_what_can_be_no_id_is_not_on_record(played: Practised) -> None:
    for address in ("%00", "%00/acts", "%00/people"):
        told(played.api.get(f"/procedures/exercise/{address}"), 404, "not-on-record")


def test_who_may_do_what(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    own, other = played.token("S1", Role.STAFF), played.token("S9", Role.STAFF)
    audit = played.token("auditor", Role.AUDIT)
    answer = {"staff_number": "S1", "answer": "acknowledged"}
    created(played.act(EXERCISE, "record-answer", answer, token=own))
    told(played.act(EXERCISE, "record-answer", answer, token=other), 404, "not-on-record")
    told(played.act(EXERCISE, "record-answer", answer, token=audit), 403, "not-allowed")
    told(played.act(EXERCISE, "abandon", token=own), 403, "not-allowed")
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "my own words"}
    lodged = created(played.begin("appeal", appeal, token=own))
    told(played.act(f"appeal/{lodged['id']}", "withdraw", token=other), 404, "not-on-record")
    created(played.act(f"appeal/{lodged['id']}", "withdraw", token=own))
    with played.record.log.connection() as connection:
        stored = connection.execute(
            "SELECT string_agg(state::text, '') AS all FROM events"
        ).fetchone()
    assert stored is not None
    assert "my own words" not in stored["all"]


def test_an_act_for_many_answers_who_is_refused(played: Practised) -> None:
    to_the_letters(played)
    many = {"staff_numbers": [*PEOPLE, "S9"], "told_to": "transferor"}
    preview = played.act(EXERCISE, "object", many, preview=True).json()
    assert preview["people"] == 4
    assert [each["staff_number"] for each in preview["refused"]] == ["S9"]
    done = created(played.act(EXERCISE, "object", many, key="once"))
    assert done["wrote"] == 4
    assert [each["staff_number"] for each in done["refused"]] == ["S9"]
    again = created(played.act(EXERCISE, "object", many, key="once"))
    assert again["recorded_at"] == done["recorded_at"]
    other = played.act(EXERCISE, "object", many | {"told_to": "transferee"}, key="once")
    told(other, 422, "key-reused")
    nobody = played.act(
        EXERCISE, "object", {"staff_numbers": ["S8", "S9"], "told_to": "transferor"}
    )
    assert told(nobody, 422, "items-refused")["clauses"]
    group = {"selection": {"group": "LDN"}, "told_to": "transferor"}
    assert created(played.act(EXERCISE, "withdraw-objection", group))["wrote"] == 4


def test_versions_and_documents(played: Practised) -> None:
    to_the_letters(played)
    shown = played.read(f"/procedures/{EXERCISE}")
    to = {"milestone": "transfer", "to": "2014-06-02", "document": "Letter of 20 November"}
    stale = played.act(EXERCISE, "move-milestone", to, if_match="1")
    told(stale, 412, "stale-version")
    moved = played.act(EXERCISE, "move-milestone", to, if_match=str(shown["version"]))
    assert created(moved)["wrote"] == 1
    last = played.read(f"/procedures/{EXERCISE}")["sentences"][-1]
    assert "2014-06-02" in last["sentence"]
    assert last["document"] == "Letter of 20 November"


def test_what_stands_in_the_way_is_said_with_its_clause(played: Practised) -> None:
    played.register("S1")
    played.open()
    acts = {each["act"]: each for each in played.read(f"/procedures/{EXERCISE}/acts")["acts"]}
    assert acts["set-scope"]["may_be_done"]
    why = "nobody is covered yet: first, say whom it covers"
    assert acts["form-group"]["stands_in_the_way"] == why
    assert "next is to " in played.read(f"/procedures/{EXERCISE}")["says"]
    assert acts["issue-letters"]["clause"] is None
    assert not acts["settle"]["may_be_done"]
    early = played.act(EXERCISE, "complete")
    told(early, 409, "refused")


def test_an_objection_learned_late_is_settled_with_the_act(played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    for day in (date(2013, 12, 2), date(2014, 1, 10), date(2014, 6, 1)):
        played.to(day)
    played.to(date(2014, 6, 3))
    late = {"staff_number": "S1", "told_to": "transferor", "happened_on": "2014-05-28"}
    preview = played.act(EXERCISE, "object", late, preview=True).json()
    assert {each["step"]: each["staff_number"] for each in preview["to_settle"]} == {
        "move": "S1",
        "reach": None,
    }
    (due,) = (each for each in preview["deadlines"] if each["what"] == "end-of-employment")
    assert (due["before"], due["after"], due["owner"]) == (None, "2014-06-01", "employer")
    recorded = created(played.act(EXERCISE, "object", late))
    assert recorded["to_settle"] == preview["to_settle"]
    (duty,) = to_settle_of_people(played)
    assert (duty["staff_number"], duty["decided_on"]) == ("S1", "2014-06-01")
    settle = {"staff_number": "S1", "duty": duty["duty"], "decision": "stands"}
    created(played.act(EXERCISE, "settle", settle))
    assert to_settle_of_people(played) == []
    other = late | {"staff_number": "S2"}
    found = played.act(EXERCISE, "object", other, preview=True).json()["to_settle"]
    moved = next(each["duty"] for each in found if each["step"] == "move")
    settled = other | {"later": {moved: "stands"}}
    preview = played.act(EXERCISE, "object", settled, preview=True).json()
    assert "move" not in {each["step"] for each in preview["to_settle"]}
    recorded = created(played.act(EXERCISE, "object", settled))
    assert recorded["to_settle"] == preview["to_settle"]
    assert to_settle_of_people(played) == []


def test_a_correction_lists_what_it_collides_with_and_settles_it(played: Practised) -> None:
    to_the_letters(played)
    played.to(date(2013, 12, 2))
    registration = played.read("/staff/S1/history")["items"][0]["event_id"]
    position = {"employer": "Essex Probation Trust", "unit": "Harlow", "band": "4"}
    correction = {
        "of": registration,
        "effective_from": "2010-04-01",
        "changes": position,
        "reason": "registered with the wrong Trust",
    }
    preview = played.api.post("/staff/S1/corrections?preview=true", correction).json()
    duties = preview["to_settle"]
    assert {each["procedure"] for each in duties} == {"exercise:tr"}
    assert {each["step"] for each in duties} >= {"join"}
    written = created(played.api.post("/staff/S1/corrections", correction))
    assert written["to_settle"] == duties
    again = correction | {"changes": position | {"unit": "Camden"}, "reason": "the unit besides"}
    later = {each["duty"]: "stands" for each in duties}
    said = created(played.api.post("/staff/S1/corrections", again | {"later": later}))
    assert all("Nothing is to be settled" in each for each in said["warnings"])
    assert len(said["warnings"]) == len(later)


def to_settle_of_people(played: Practised) -> list[Json]:
    shown = played.read(f"/procedures/{EXERCISE}")["to_settle"]
    return [each for each in shown if each["staff_number"] is not None]


def test_a_mistyped_day_is_put_right_by_undoing_the_act_as_of_it(played: Practised) -> None:
    to_the_letters(played)
    played.to(date(2013, 12, 2))
    told_to = {"staff_number": "S1", "told_to": "transferor"}
    created(played.act(EXERCISE, "object", told_to | {"happened_on": "2013-11-15"}))
    created(played.act(EXERCISE, "withdraw-objection", told_to | {"happened_on": "2013-11-15"}))
    created(played.act(EXERCISE, "object", told_to | {"happened_on": "2013-11-25"}))
    due = played.read("/deadlines", staff="S1")["items"]
    ends = [each for each in due if each["what"] == "end-of-employment"]
    assert [each["state"] for each in ends].count("open") == 1
