"""Who could read a person's record on a day, and whether they did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.api.test_mine import BODY as A_CASE
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import parse_instant

pytestmark = pytest.mark.engines


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with two people."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2"):
            opened.register(number)
        yield opened


def readers(played: Practised, **asked: object) -> Json:
    return played.read("/staff/S1/readers", **asked)


def said(found: Json) -> dict[str, tuple[bool, bool]]:
    """Of each reader whether it is so by now, and whether it was on the day."""
    return {each["reader"]: (each["in_force"], each["let_in"]) for each in found["items"]}


def test_a_dismissal_that_is_recorded_late_kept_nobody_out_before(played: Practised) -> None:
    id_ = played.appoint("S1", "record", representative="rep-1")["id"]
    played.appoint("S2", "record", representative="rep-2")
    played.to(date(2013, 11, 20))
    own = played.token("S1", Role.STAFF)
    created(
        played.act(f"representation/{id_}", "dismiss", {"happened_on": "2013-11-15"}, token=own)
    )
    for day, expected in {
        "2013-11-10": {},
        "2013-11-11": {"rep-1": (True, True)},
        "2013-11-14": {"rep-1": (True, True)},
        "2013-11-15": {"rep-1": (False, True)},
        "2013-11-20": {"rep-1": (False, True)},
        "2013-11-21": {},
    }.items():
        assert said(readers(played, effective_at=day)) == expected, day
    before = readers(played, effective_at="2013-11-15", known_at="2013-11-16T00:00:00Z")
    assert said(before) == {"rep-1": (True, True)}
    (held,) = readers(played, effective_at="2013-11-14")["items"]
    assert held == {
        "reader": "rep-1",
        "role": "union",
        "appointment": f"representation:{id_}",
        "what": ["record"],
        "since": "2013-11-11",
        "until": "2013-11-15",
        "in_force": True,
        "let_in": True,
        "reads": 0,
        "last_read_at": None,
    }


def test_an_appointment_entered_later_let_nobody_in_before(played: Practised) -> None:
    played.to(date(2013, 11, 20))
    created(
        played.begin(
            "representation",
            {
                "staff_number": "S1",
                "representative": "rep-1",
                "scope": ["everything"],
                "effective_from": "2013-11-12",
                "happened_on": "2013-11-12",
                "document": "form 7",
            },
        )
    )
    assert said(readers(played, effective_at="2013-11-14")) == {"rep-1": (True, False)}
    assert said(readers(played, effective_at="2013-11-20")) == {"rep-1": (True, True)}


def test_a_panel_could_read_while_its_case_was_open_and_a_barred_member_never(
    played: Practised,
) -> None:
    members = [{"subject": "judge-1"}, {"subject": "judge-2"}]
    created(played.begin("dispute-case", {**A_CASE, "members": members}))
    played.to(date(2013, 11, 13))
    interest = {"subject": "judge-2", "interest": "other", "concerning": "S1"}
    created(played.act("dispute-case/ET-1", "declare-interest", interest))
    played.to(date(2013, 11, 18))
    created(played.act("dispute-case/ET-1", "close"))
    both, one = {"judge-1": (True, True), "judge-2": (True, True)}, {"judge-1": (True, True)}
    assert said(readers(played, effective_at="2013-11-12")) == both
    # On the day itself until the interest was on record.
    assert said(readers(played, effective_at="2013-11-13")) == one | {"judge-2": (False, True)}
    assert said(readers(played, effective_at="2013-11-17")) == one
    assert said(readers(played, effective_at="2013-11-18")) == {"judge-1": (False, True)}
    assert said(readers(played, effective_at="2013-11-19")) == {}
    # Of a day that lies after what was known: by what was known.
    asked = {"effective_at": "2013-11-19", "known_at": "2013-11-17T00:00:00Z"}
    assert said(readers(played, **asked)) == one
    assert played.read("/staff/S2/readers", effective_at="2013-11-12")["items"] == []
    assert readers(played, effective_at="2013-11-12")["items"][0]["case"] == "dispute-case:ET-1"


def test_it_says_whether_they_did_and_who_read_besides(played: Practised) -> None:
    id_ = played.appoint("S1", "record", representative="rep-1")["id"]
    for token in (played.token("rep-1", Role.UNION), played.token("auditor", Role.AUDIT)):
        for _ in range(2):
            assert played.api.get("/staff/S1/position", token=token).status_code == 200
    (last, *_) = played.read("/staff/S1/reads")["items"]
    today = date_in_london(parse_instant(last["read_at"]))
    found = readers(played, effective_at=today)
    (held,) = found["items"]
    assert (held["appointment"], held["reads"]) == (f"representation:{id_}", 2)
    assert [(each["reader"], each["role"], each["reads"]) for each in found["besides"]] == [
        ("auditor", "audit", 2)
    ]
    other_day = readers(played, effective_at="2013-11-12")
    assert (other_day["items"][0]["reads"], other_day["besides"]) == (0, [])
    assert other_day["items"][0]["last_read_at"] == held["last_read_at"]


def test_it_is_for_the_person_their_representative_and_the_office(played: Practised) -> None:
    played.appoint("S1", "record", representative="rep-1")
    path = "/staff/S1/readers"
    for subject, role in (("S1", Role.STAFF), ("rep-1", Role.UNION), ("auditor", Role.AUDIT)):
        answer = played.api.get(path, token=played.token(subject, role))
        assert answer.status_code == 200, answer.text
        assert played.service.register.of("S1", limit=1)[0].subject == subject
    for subject, role in (("S2", Role.STAFF), ("rep-2", Role.UNION)):
        told(played.api.get(path, token=played.token(subject, role)), 404, "not-on-record")
    judge = played.token("judge-1", Role.DISPUTE)
    told(played.api.get(path, token=judge), 403, "not-allowed")
    told(played.api.get("/staff/S9/readers"), 404, "not-on-record")
