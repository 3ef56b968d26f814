"""One person in brief: who they are, where they work on a day, and what is open for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

POST = {
    "employer": "LDN",
    "unit": "Camden",
    "role": "Probation officer",
    "band": "4",
    "fte": "0.6",
    "line_manager": "S9",
}
IN_MAIN = {
    "assignment": "main",
    "employer": "LDN",
    "unit": "Camden",
    "role": "Probation officer",
    "band": "4",
    "line_manager": "S9",
}
NOWHERE = dict.fromkeys(IN_MAIN)
EVENINGS = {
    "assignment": "evenings",
    "employer": "The Mission",
    "unit": None,
    "role": None,
    "band": None,
    "line_manager": None,
}


def summary(api: Api, number: str = "S1", **asked: object) -> Json:
    answer = api.get(f"/staff/{number}", asked)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def place(found: Json) -> Json:
    return {name: found[name] for name in IN_MAIN}


@pytest.fixture
def two_jobs(api: Api) -> Api:
    """S1, employed from 2014: in `evenings` too from March, in that alone from June."""
    api.register("S1", name="Ann Marsh", position=POST)
    evenings = {"employer": "The Mission", "fte": "0.2"}
    body = {"effective_from": "2014-03-01", "changes": evenings, "reason": "a second job"}
    created(api.post("/staff/S1/changes", body | {"assignment": "evenings"}))
    leaving = {"effective_from": "2014-06-01", "reason": "r", "assignment": "main"}
    created(api.post("/staff/S1/leavings", leaving))
    return api


@pytest.mark.parametrize(
    ("day", "employed", "where", "others"),
    [
        ("2013-12-31", False, NOWHERE, []),
        ("2014-02-28", True, IN_MAIN, []),
        ("2014-03-01", True, IN_MAIN, [EVENINGS]),
        ("2014-06-01", True, EVENINGS, []),
    ],
)
def test_it_says_whether_anybody_employs_them_on_the_day_and_where(
    two_jobs: Api, day: str, employed: bool, where: Json, others: list[Json]
) -> None:
    found = summary(two_jobs, effective_at=day)
    assert (found["effective_at"], found["employed"], place(found)) == (day, employed, where)
    assert found.get("other_jobs", []) == others


def test_it_answers_as_known_at_an_instant(api: Api) -> None:
    before = api.register("S2")
    first = api.register("S1", name="Ann Marsh", position=POST)
    api.change(start="2014-02-01", band="5")
    api.change(start="2014-02-01", end="2014-05-01", unit="Hackney")
    new_name = {"name": "Ann Otzi", "effective_from": "2014-02-01", "reason": "deed poll"}
    created(api.post("/staff/S1/names", new_name))
    now = summary(api, effective_at="2014-02-01")
    assert (now["name"], now["band"], now["unit"]) == ("Ann Otzi", "5", "Hackney")
    then = summary(api, effective_at="2014-02-01", known_at=first["recorded_at"])
    assert (then["name"], then["band"], then["unit"]) == ("Ann Marsh", "4", "Camden")
    assert then["known_at"] == first["recorded_at"]
    assert summary(api, effective_at="2014-02-01", known_at=now["known_at"]) == now
    unknown = api.get("/staff/S1", known_at=before["recorded_at"])
    told(unknown, 404, "not-on-record")


def test_links_and_open_objections_stand_in_it(api: Api) -> None:
    first = api.register("S1")
    api.register("S2")
    created(api.post("/staff/S1/links", {"other": "S2", "reason": "the same person"}))
    objection = {"of": first["event_id"], "statement": "my own words"}
    made = [created(api.post("/staff/S1/objections", objection))["event_id"] for _ in range(2)]
    created(api.post(f"/staff/S1/objections/{made[0]}/withdrawal", {}))
    found = api.get("/staff/S1")
    assert "my own words" not in found.text
    assert found.json()["linked"] == ["S2"]
    assert [(each["event_id"], each["of"]) for each in found.json()["open_objections"]] == [
        (made[1], first["event_id"])
    ]
    assert summary(api, "S2")["open_objections"] == []


def test_an_erased_person_has_no_name_and_is_still_there(api: Api, record: Record) -> None:
    api.register("S1", name="Ann Marsh")
    assert summary(api)["name"] == "Ann Marsh"
    record.vault.erase("S1")
    found = summary(api)
    assert "name" not in found
    assert found["employer"] == "LDN"


def test_what_it_says_is_what_the_other_questions_say(two_jobs: Api) -> None:
    found = summary(two_jobs, effective_at="2014-04-01")
    asked = {"effective_at": "2014-04-01", "known_at": found["known_at"]}
    held = two_jobs.get("/staff/S1/position", asked, name="true").json()
    assert found["name"] == held["name"]
    for facet in ("employer", "unit", "role", "band", "line_manager"):
        assert found[facet] == held["position"][facet]["value"]


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record in which S1 has got a letter and S2 has not joined the exercise."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2"):
            opened.register(number)
        opened.open()
        opened.to(date(2013, 11, 13))
        tr = "exercise/tr"
        scope = {"staff_numbers": ["S1"], "effective_from": "2013-11-13"}
        created(opened.act(tr, "set-scope", scope))
        panel = {"to": "CRC", "panel": "the local panel", "staff_numbers": ["S1"]}
        created(opened.act(tr, "decide-by-panel", panel))
        group = {"group": "LDN", "staff_numbers": ["S1"], "letters_on": "2013-12-02"}
        created(opened.act(tr, "form-group", group))
        opened.to(date(2013, 12, 2))
        yield opened


def test_what_is_due_and_what_runs_for_the_person(played: Practised) -> None:
    grounds = {"exercise": "tr", "staff_number": "S1", "grounds": "so"}
    before = summary(played.api)
    lodged = created(played.begin("appeal", grounds))
    found = summary(played.api)
    asked = {"staff": "S1", "state": "open", "known_at": found["known_at"]}
    due = played.read("/deadlines", **asked)["items"]
    assert due
    assert found["next_deadlines"] == due[:20]
    assert found["more_deadlines"] == (len(due) > 20)
    assert [(each["kind"], each["id"]) for each in found["open_procedures"]] == [
        ("appeal", lodged["id"]),
        ("exercise", "tr"),
    ]
    assert [each["kind"] for each in before["open_procedures"]] == ["exercise"]
    then = summary(played.api, known_at=before["known_at"])
    assert then["open_procedures"] == before["open_procedures"]
    other = summary(played.api, "S2")
    assert (other["open_procedures"], other["next_deadlines"]) == ([], [])
    created(played.act(f"appeal/{lodged['id']}", "withdraw"))
    assert [each["kind"] for each in summary(played.api)["open_procedures"]] == ["exercise"]


def test_who_may_read_it(api: Api) -> None:
    api.register("S1")
    for role, subject in ((Role.AUDIT, "somebody"), (Role.STAFF, "S1")):
        assert api.get("/staff/S1", token=api.token_for(role, subject)).status_code == 200
    for role, subject in ((Role.STAFF, "S2"), (Role.UNION, "S1")):
        told(api.get("/staff/S1", token=api.token_for(role, subject)), 404, "not-on-record")
    told(api.get("/staff/S1", token=api.token_for(Role.DISPUTE, "S1")), 403, "not-allowed")
    told(api.get("/staff/S9"), 404, "not-on-record")
    told(api.get("/staff/S1", assignment="main"), 422, "malformed")
