"""Appointments over HTTP: by the member, and by an administrator with what the member signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

BODY = {"representative": "rep-1", "scope": ["record"], "effective_from": "2013-11-12"}


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with three people."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2", "S3"):
            opened.register(number)
        yield opened


def test_a_member_appoints_and_dismisses_for_themselves_alone(played: Practised) -> None:
    own, other = played.token("S1", Role.STAFF), played.token("S2", Role.STAFF)
    audit = played.token("auditor", Role.AUDIT)
    mine = {"staff_number": "S1", **BODY}
    told(played.begin("representation", mine, token=other), 404, "not-on-record")
    both = {"staff_number": "S2", "staff_numbers": ["S1"], **BODY}
    told(played.begin("representation", both, token=other), 404, "not-on-record")
    told(played.begin("representation", mine, token=audit), 403, "not-allowed")
    done = created(played.begin("representation", mine, token=own))
    assert (done["id"], done["staff_number"]) == ("S1.1", "S1")
    again = played.begin("representation", mine, token=own)
    assert (again.status_code, again.json()["id"]) == (200, "S1.1")
    replaced = {**mine, "representative": "rep-2"}
    told(played.begin("representation", replaced, token=own), 409, "refused")
    assert played.read("/procedures/representation/S1.1")["state"] == "running"
    told(played.act("representation/S1.1", "dismiss", token=other), 404, "not-on-record")
    created(played.act("representation/S1.1", "dismiss", token=own))
    shown = played.read("/procedures/representation/S1.1")
    assert shown["state"] == "over"
    assert [each["sentence"] for each in shown["sentences"]] == [
        "rep-1 acts for the member (record) from 2013-11-12",
        "rep-1 acts for the member no more",
    ]
    second = created(played.begin("representation", replaced, token=own))
    assert second["id"] == "S1.2"


def test_an_administrator_appoints_for_many_with_what_they_signed(played: Practised) -> None:
    many = {"staff_numbers": ["S1", "S2", "S9"], **BODY}
    unsigned = told(played.begin("representation", many), 422, "malformed")
    assert unsigned["errors"][0]["field"] == "document"
    nobody = {"staff_number": "S9", "document": "form 7", **BODY}
    told(played.begin("representation", nobody), 404, "not-on-record")
    preview = played.begin("representation", {**many, "document": "form 7"}, preview=True)
    assert preview.status_code == 200, preview.text
    assert played.read("/procedures")["items"] == []
    done = created(played.begin("representation", {**many, "document": "form 7"}))
    assert [each["staff_number"] for each in done["refused"]] == ["S9"]
    listed = played.read("/procedures")["items"]
    assert [(each["id"], each["staff_number"], each["state"]) for each in listed] == [
        ("S1.1", "S1", "running"),
        ("S2.1", "S2", "running"),
    ]


def test_an_appointment_leaves_an_exercise_of_the_member_as_it_is(played: Practised) -> None:
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act("exercise/tr", "set-scope", {"criterion": "all"}))
    body = {"staff_number": "S1", **BODY, "effective_from": "2013-11-13"}
    created(played.begin("representation", body, token=played.token("S1", Role.STAFF)))
    panel = {"to": "CRC", "panel": "the local panel", "staff_number": "S1"}
    created(played.act("exercise/tr", "decide-by-panel", panel))
    people = played.read("/procedures/exercise/tr/people")["items"]
    assert {each["staff_number"]: each["destination"] for each in people}["S1"] == "CRC"
