"""A read by another process than the one that has written, with what the write told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic

import pytest
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, told
from tests.support.serving import asking
from transfer.access.last_seen import LastSeen
from transfer.api.http.last_seen import SEEN
from transfer.app import Record, embedded_identity, http_service_of, open_record
from transfer.settings import Settings

pytestmark = pytest.mark.engines

LATER = {"effective_from": "2014-02-01", "reason": "r"}


@pytest.fixture
def elsewhere(database_url: str, folder: DataFolder, settings: Settings) -> Iterator[Api]:
    """The API of a second process on the same record, which keeps no projection up itself."""
    with open_record(database_url, folder) as opened:
        identity = embedded_identity(folder, settings)
        with asking(http_service_of(opened, identity, settings)) as asked:
            yield asked


def write(api: Api, band: str) -> str:
    """Record a change, and answer what the caller is told that they have seen."""
    answer = api.post("/staff/S1/changes", {**LATER, "changes": {"band": band}})
    assert answer.status_code == 201, answer.text
    seen: str = answer.headers[SEEN]
    return seen


def read(api: Api, *seen: str) -> Response:
    """The position of S1, asked with these headers."""
    headers = [*api.headers(), *((SEEN.encode(), each.encode()) for each in seen)]
    path = "/v1/staff/S1/position"
    return api.client.request("GET", path, query="effective_at=2014-02-01", headers=headers)


def band_of(answer: Response) -> str:
    """The band that it shows."""
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    band: str = content["position"]["band"]["value"]
    return band


def test_two_hundred_reads_elsewhere_see_the_write_before_them(api: Api, elsewhere: Api) -> None:
    api.register()
    stale = 0
    for n in range(200):
        seen = write(api, str(n))
        stale += band_of(read(elsewhere, seen)) != str(n)
    assert stale == 0


def test_it_is_what_the_header_says_that_is_waited_for(
    api: Api, elsewhere: Api, record: Record
) -> None:
    api.register()
    write(api, "before")
    record.runner.catch_up()
    record.runner.stop()
    seen = write(api, "after")
    assert band_of(read(elsewhere)) == "before"
    late = threading.Timer(0.3, record.runner.start)
    late.start()
    assert band_of(read(elsewhere, seen)) == "after"
    late.join()


def test_nobody_waits_longer_than_a_second(
    api: Api, elsewhere: Api, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transfer.api.http_service.OWN_WRITES_SECONDS", 0.1)
    api.register()
    record.runner.catch_up()
    record.runner.stop()
    seen = write(api, "5")
    began = monotonic()
    assert band_of(read(elsewhere, seen)) == "4"
    assert monotonic() - began >= 0.1


def test_what_this_record_has_told_nobody_is_malformed(api: Api) -> None:
    api.register()
    seen = write(api, "5")
    foreign = LastSeen(bytes(32)).seal(datetime(2014, 6, 10, tzinfo=UTC))
    for odd in ([""], ["x"], [foreign], [seen[:-1]], [seen, seen]):
        problem = told(read(api, *odd), 422, "malformed")
        assert problem["errors"][0]["field"] == SEEN
    assert SEEN not in read(api, seen).headers


def test_a_repeated_write_tells_it_too_and_a_refused_one_does_not(api: Api) -> None:
    api.register()
    body = {**LATER, "changes": {"band": "5"}}
    first, again = (api.post("/staff/S1/changes", body, key="k") for _ in range(2))
    assert first.headers[SEEN] == again.headers[SEEN]
    assert SEEN not in api.post("/staff/S9/changes", body).headers
