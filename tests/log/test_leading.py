"""One process at a time leads, and another one soon, whatever becomes of the first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic

import psycopg
import pytest

from transfer.log import leading
from transfer.log.leading import Lead, Part, led

pytestmark = pytest.mark.engines

SOON = 5.0


class Told:
    """What a lead has said to the process that it belongs to."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def begin(self) -> None:
        self.begun.set()
        self.go_on.wait()

    def end(self) -> None:
        self.ended.set()


@pytest.fixture
def leads(database_url: str) -> Iterator[list[Lead]]:
    made = [Lead(database_url, Part.PROJECTIONS) for _ in range(2)]
    yield made
    for each in made:
        each.close()


def test_the_second_stands_by_until_the_first_has_ended(
    leads: list[Lead], database_url: str
) -> None:
    first, second = leads
    told = Told(), Told()
    with psycopg.connect(database_url, autocommit=True) as looking:
        assert led(looking) == set()
        assert first.try_now()
        assert not second.try_now()
        for lead, each in zip(leads, told, strict=True):
            lead.follow(each.begin, each.end)
        assert told[0].begun.wait(SOON)
        assert led(looking) == {Part.PROJECTIONS}
        assert not told[1].begun.is_set()
        first.close()
        assert told[0].ended.is_set()
        assert told[1].begun.wait(SOON)
        assert led(looking) == {Part.PROJECTIONS}
    assert (first.is_held, second.is_held) == (False, True)


def test_parts_are_led_by_themselves(database_url: str, leads: list[Lead]) -> None:
    other = Lead(database_url, Part.PROCEDURES)
    try:
        assert leads[0].try_now()
        assert other.try_now()
    finally:
        other.close()


def test_who_lost_the_session_ends_and_takes_the_lead_again(
    leads: list[Lead], database_url: str
) -> None:
    first, _ = leads
    told = Told()
    first.follow(told.begin, told.end)
    assert told.begun.wait(SOON)
    told.begun.clear()
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND objsubid = 2 AND pid <> pg_backend_pid()"
        )
    assert told.ended.wait(SOON)
    assert told.begun.wait(SOON)


def test_who_hangs_is_followed_by_another(
    leads: list[Lead], monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    assert leading.IDLE_SECONDS < SOON
    monkeypatch.setattr(leading, "IDLE_SECONDS", 1.0)
    hanging, other = Lead(database_url, Part.PROJECTIONS), leads[0]
    told, second = Told(), Told()
    told.go_on.clear()
    hanging.follow(told.begin, told.end)
    assert told.begun.wait(SOON)
    since = monotonic()
    other.follow(second.begin, second.end)
    assert second.begun.wait(SOON)
    assert monotonic() - since < leading.IDLE_SECONDS + 2
    assert not told.ended.is_set()
    told.go_on.set()
    assert told.ended.wait(SOON)  # it comes back, and sees that somebody else leads
    hanging.close()
    assert other.is_held


def test_who_stops_does_not_wait_for_a_server_that_is_silent(database_url: str) -> None:
    stopping = Lead(database_url, Part.PROCEDURES)
    assert stopping.try_now()
    session = stopping._session
    assert session is not None
    busy = threading.Thread(target=lambda: session.execute("SELECT pg_sleep(60)"), daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda _: None)  # it is cut off, as it should be
        busy.start()
        threading.Event().wait(1.0)  # the lead's own thread waits for the session now
        since = monotonic()
        stopping.close()
        assert monotonic() - since < SOON
        busy.join(SOON)
    assert not busy.is_alive()


def test_what_cannot_begin_while_the_database_comes_back_is_begun_again(
    leads: list[Lead],
) -> None:
    told, tried = Told(), threading.Semaphore(0)

    def begin() -> None:
        tried.release()
        if not told.ended.is_set():
            raise psycopg.OperationalError("the database does not answer")
        told.begin()

    leads[0].follow(begin, told.end)
    assert told.begun.wait(SOON)
    assert tried.acquire(timeout=SOON)
    assert tried.acquire(timeout=SOON)
    assert leads[0].is_held
