"""A practice over HTTP: whose clock it is, who may move it, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, told
from tests.support.real_exercise import NAME, open_a_real_exercise
from tests.support.serving import asking
from transfer.access.identity import Role
from transfer.app import Record, embedded_identity, http_service_of
from transfer.commands.matters import Asking
from transfer.commands.office import Act, key_id
from transfer.commands.practice import move_clock
from transfer.core.dating.calendars import morning_in_london
from transfer.settings import Settings

pytestmark = pytest.mark.engines

BEGINS = date(2013, 11, 11)
CLOCK = "/practice/clock"


@pytest.fixture
def practice(record: Record, folder: DataFolder, settings: Settings) -> Iterator[Api]:
    """The API of a practice on which no procedures run."""
    record.log.begin_practice(morning_in_london(BEGINS))
    with asking(http_service_of(record, embedded_identity(folder, settings), settings)) as api:
        yield api


def test_today_is_the_practices_day(practice: Api, record: Record) -> None:
    written = practice.register()
    assert written["rehearsed"] == "practice"
    assert written["recorded_at"] == "2013-11-11T09:00:00.000000Z"
    assert practice.get("/staff/S1/position").json()["effective_at"] == "2013-11-11"
    record.log.clock.advance(morning_in_london(date(2014, 6, 1)))
    assert practice.get("/staff/S1/position").json()["effective_at"] == "2014-06-01"
    changed = practice.change("S1", start="2014-06-01", band="5")
    assert changed["recorded_at"] == "2014-06-01T08:00:00.000000Z"
    clock = practice.get(CLOCK)
    assert clock.status_code == 200
    assert clock.headers["transfer-rehearsed"] == "practice"
    assert clock.json() == {
        "rehearsed": "practice",
        "now": "2014-06-01T08:00:00.000000Z",
        "today": "2014-06-01",
        "moving_to": None,
        "waits_for_somebody": [],
    }


@pytest.mark.parametrize(
    ("body", "status", "kind", "says"),
    [
        ({"to": "2013-11-10"}, 409, "conflict", "it goes forward only, not to 2013-11-10"),
        ({"to": "2200-01-01"}, 422, "malformed", "between 1990-01-01 and 2199-12-31"),
        ({"to": "11/11/2013"}, 422, "malformed", "YYYY-MM-DD"),
        ({}, 422, "malformed", "to: "),
        ({"to": "2013-11-12", "by": "x"}, 422, "malformed", "by: "),
    ],
)
def test_a_move_that_is_refused(
    practice: Api, body: dict[str, str], status: int, kind: str, says: str
) -> None:
    refused = practice.post(CLOCK, body)
    assert says in told(refused, status, kind)["detail"]
    assert practice.get(CLOCK).json()["today"] == "2013-11-11"


def test_a_move_that_nobody_makes_ends_with_the_reason(
    practice: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = partial(move_clock, unmoved_seconds=0.3)
    monkeypatch.setattr("transfer.api.resources.practice.move_clock", soon)
    problem = told(practice.post(CLOCK, {"to": "2013-11-12"}), 503, "unavailable")
    assert "nothing has moved for 0.3 seconds" in problem["detail"]


def test_who_may(practice: Api) -> None:
    for role, reads, moves in ((Role.AUDIT, 200, 403), (Role.STAFF, 403, 403)):
        token = practice.token_for(role)
        assert practice.get(CLOCK, token=token).status_code == reads
        assert practice.post(CLOCK, {"to": "2013-11-12"}, token=token).status_code == moves


def test_a_real_record_has_no_such_clock(api: Api) -> None:
    told(api.get(CLOCK), 404, "not-on-record")
    told(api.post(CLOCK, {"to": "2013-11-12"}), 404, "not-on-record")


def test_what_waits_for_somebody_is_listed(practice: Api, record: Record) -> None:
    """Somebody objects to the transfer: that ends employment, and waits for approval."""
    letters, moved = date(2013, 12, 2), BEGINS + timedelta(days=200)
    open_a_real_exercise(record.office, letters, BEGINS)
    matter = f"exercise:{NAME}"
    [person, *_] = sorted(
        stream.removeprefix("staff:") for stream in record.log.streams_under("staff:")
    )

    def take(day: date, number: int) -> None:
        record.log.clock.advance(morning_in_london(day))
        act = Act(by="the clock", command_id=key_id("taken", str(number)))
        record.due.take_due(act, matter, today=day)

    take(letters, 1)
    asking = Asking("hr", letters, frozenset({"admin", "staff"}))
    objecting = Act(by="hr", command_id=key_id("objects"))
    record.matters.do(
        objecting, asking, matter, "object", person=person, inputs={"told_to": "transferor"}
    )
    for number, day in enumerate((date(2014, 2, 3), moved), start=2):
        take(day, number)
    waits = practice.get(CLOCK).json()["waits_for_somebody"]
    assert [each["what"] for each in waits] == ["approve", "end-of-employment"]
    assert waits[0] == {
        "exercise": NAME,
        "what": "approve",
        "about": "end-by-objection",
        "owner": "employer",
        "since": str(moved),
        "people": 1,
        "staff_numbers": [person],
    }
