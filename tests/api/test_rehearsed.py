"""A rehearsed record: every answer says so, and its today is where its clock stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, told
from tests.support.serving import asking
from transfer.app import Record, embedded_identity, http_service_of
from transfer.settings import Settings

pytestmark = pytest.mark.engines

STOPPED = datetime(2014, 10, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def rehearsed(record: Record, folder: DataFolder, settings: Settings) -> Iterator[Api]:
    """The API of a rehearsed record."""
    record.log.mark_rehearsed("tr-2013", STOPPED)
    with asking(http_service_of(record, embedded_identity(folder, settings), settings)) as api:
        yield api


def test_every_answer_says_so(rehearsed: Api) -> None:
    written = rehearsed.register()
    assert written["rehearsed"] == "tr-2013"
    answers = [
        rehearsed.get("/staff/S1/position"),
        rehearsed.get("/staff/S1/history"),
        rehearsed.get("/workforce/members"),
        rehearsed.get("/deadlines"),
        rehearsed.client.get("/info"),
        rehearsed.client.get("/health/live"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["transfer-rehearsed"] == "tr-2013"
        assert next(iter(answer.json())) == "rehearsed"
        assert answer.json()["rehearsed"] == "tr-2013"
    refused = rehearsed.get("/staff/S9/position")
    assert told(refused, 404, "not-on-record")["rehearsed"] == "tr-2013"
    assert refused.headers["transfer-rehearsed"] == "tr-2013"


def test_its_clock_stands_still(rehearsed: Api) -> None:
    written = rehearsed.register()
    assert written["recorded_at"] >= "2014-10-31T23:30:00.000000Z"
    assert written["recorded_at"] < "2014-10-31T23:30:01"
    assert rehearsed.get("/staff/S1/position").json()["effective_at"] == "2014-10-31"
    stands = rehearsed.client.get("/info").json()["clock_stands_still_at"]
    assert stands == "2014-10-31T23:30:00.000000Z"
