"""A record that was restored from a backup says so, and of what it cannot answer any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, told
from tests.support.serving import asking
from transfer.api.http.last_seen import SEEN
from transfer.app import Record, embedded_identity, http_service_of
from transfer.cli.doctor import restoration_findings
from transfer.log.restorations import keep_restoration, read_restorations
from transfer.settings import Settings

pytestmark = pytest.mark.engines

MARK = "record_restored_at"


def test_answers_about_what_is_lost_are_marked(
    api: Api, record: Record, folder: DataFolder, settings: Settings
) -> None:
    kept = datetime.fromisoformat(api.register("S1")["recorded_at"])
    assert MARK not in api.get("/staff/S1/position").json()
    with record.log.connection() as connection:
        keep_restoration(
            connection,
            backup="20261128T120000Z-1",
            position=1,
            known_at=kept,
            lost_events=7,
            lost_until=kept + timedelta(hours=1),
        )
        restorations = read_restorations(connection)
    assert [each.says for each in restoration_findings(restorations)] == [
        f"from 20261128T120000Z-1: {restorations[0].in_words()} (7 events by the archive)"
    ]
    # What is recorded now comes after all that is lost, whatever the clock says.
    later = datetime.fromisoformat(api.register("S2")["recorded_at"])
    assert later == kept + timedelta(hours=1, microseconds=1)

    service = http_service_of(record, embedded_identity(folder, settings), settings)
    with asking(service) as restored:
        for path in ("/staff/S1/position", "/staff/S1/history", "/workforce/members"):
            for after in (timedelta(milliseconds=1), timedelta(hours=1)):
                lost = restored.get(path, {"known_at": (kept + after).isoformat()}).json()
                assert datetime.fromisoformat(lost[MARK]) == restorations[0].restored_at
                assert datetime.fromisoformat(lost["record_restored_to"]) == kept
            before = restored.get(path, {"known_at": (kept - timedelta(days=1)).isoformat()})
            assert MARK not in before.json()
            assert MARK not in restored.get(path).json()
        # Who was told of an entry that is lost learns it, and does not wait for what does not come.
        for instant, is_lost in ((kept, False), (kept + timedelta(minutes=1), True)):
            seen = (SEEN.encode(), service.last_seen.seal(instant).encode())
            headers = [*restored.headers(None), seen]
            found = restored.client.get("/v1/staff/S1/position", headers).json()
            assert (MARK in found) is is_lost
        unknown = restored.get("/staff/S1/position", {"consistent_with": str(UUID(int=7))})
        assert restorations[0].in_words() in told(unknown, 422, "malformed")["detail"]
        (info,) = restored.client.get("/info").json()["restorations"]
        assert (info["position"], info["lost_events"]) == (1, 7)
