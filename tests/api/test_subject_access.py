"""All that is held about somebody is in one file, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, created, told, without_correlation
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines


def held(api: Api, number: str = "S1", token: str | None = None, **asked: object) -> Json:
    answer = api.get(f"/staff/{number}/subject-access", asked, token=token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="held-about-{number}.json"'
    )
    content: Json = answer.json()
    return content


@pytest.fixture
def lettered(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Two people whom an exercise has sent letters, of whom one has appealed."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2"):
            opened.register(number)
        opened.open()
        opened.to(date(2013, 11, 13))
        created(opened.act("exercise/tr", "set-scope", {"criterion": "all"}))
        panel = {"to": "CRC", "panel": "the local panel", "staff_numbers": ["S1", "S2"]}
        created(opened.act("exercise/tr", "decide-by-panel", panel))
        group = {"group": "G", "staff_numbers": ["S1", "S2"], "letters_on": "2013-12-02"}
        created(opened.act("exercise/tr", "form-group", group))
        opened.to(date(2013, 12, 2))
        opened.to(date(2013, 12, 10))
        created(
            opened.begin(
                "appeal", {"exercise": "tr", "staff_number": "S1", "grounds": "my grounds"}
            )
        )
        yield opened


def test_each_part_is_the_answer_to_its_own_question(lettered: Practised) -> None:
    found = held(lettered.api)
    asked = {"known_at": found["known_at"]}
    history = lettered.read("/staff/S1/history", **asked, name=True)["items"]
    assert found["history"] == without_correlation(history)
    periods = lettered.read("/staff/S1/timeline", **asked)
    assert (found["facets"], found["terms"]) == (periods["facets"], periods["terms"])
    assert found["letters"] == lettered.read("/staff/S1/letters", **asked)["items"]
    assert found["deadlines"] == lettered.read("/deadlines", **asked, staff="S1")["items"]
    assert found["appeals"] == lettered.read("/staff/S1/appeals", **asked)["items"]
    assert found["procedures"] == lettered.read("/procedures", **asked, staff="S1")["items"]
    for part in ("history", "facets", "letters", "deadlines", "appeals", "procedures", "named_in"):
        assert found[part], part
    assert "my grounds" in str(found)
    assert "S2" not in str(found)


def test_it_has_all_personal_data_and_every_read(api: Api, record: Record) -> None:
    entry = api.register("S1", name="Ann First")
    named = {"name": "Ann Second", "effective_from": "2014-02-01", "reason": "deed poll"}
    second = created(api.post("/staff/S1/names", named))
    own = api.token_for(Role.STAFF, "S1")
    objection = {"of": entry["event_id"], "statement": "That is not so."}
    created(api.post("/staff/S1/objections", objection, token=own))
    api.get("/staff/S1/position", token=api.token_for(Role.AUDIT, "the auditor"))
    found = held(api, token=own)
    personal = found["personal_data"]
    assert personal["name"] == "Ann First"
    assert personal[f"name.{second['event_id']}"] == "Ann Second"
    assert "That is not so." in personal.values()
    assert [each["read_by"] for each in found["reads"]] == ["the auditor"]
    again = held(api)
    assert [each["what"].rpartition("/")[2] for each in again["reads"]] == [
        "subject-access",
        "position",
    ]
    before = held(api, known_at=entry["recorded_at"])
    assert [each["event_id"] for each in before["history"]] == [entry["event_id"]]
    record.vault.erase("S1")
    assert held(api)["personal_data"] is None


def test_it_goes_to_the_person_and_to_administrators(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    path = "/staff/S1/subject-access"
    for role in (Role.AUDIT, Role.UNION):
        told(api.get(path, token=api.token_for(role, "S1")), 403, "not-allowed")
    told(api.get(path, token=api.token_for(Role.STAFF, "S2")), 404, "not-on-record")
    told(api.get("/staff/S9/subject-access"), 404, "not-on-record")
