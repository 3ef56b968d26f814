"""Whether the database answers is known before somebody has to wait for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from time import monotonic

import psycopg
import pytest

from transfer.log.availability import Availability, ServerAwayError

pytestmark = pytest.mark.engines

SOON = 5.0


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"host=127.0.0.1 port={listening.getsockname()[1]} dbname=none user=none"


def until(availability: Availability, *, away: bool) -> float:
    """Wait until it is so; answers after how many seconds."""
    began = monotonic()
    while availability.is_away is not away:
        assert monotonic() - began < SOON
        threading.Event().wait(0.02)
    return monotonic() - began


def test_one_that_refuses_is_away_at_once_and_one_that_answers_is_not(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    refusing = Availability(f"host=127.0.0.1 port={port} dbname=none user=none")
    answering = Availability(database_url)
    try:
        assert not refusing.is_away  # nobody has looked
        refusing.start()
        answering.start()
        assert until(refusing, away=True) < 1
        with pytest.raises(ServerAwayError):
            refusing.require()
        answering.require()
    finally:
        refusing.close()
        answering.close()


def test_one_that_is_silent_is_away_within_a_second(silent: str) -> None:
    availability = Availability(silent)
    try:
        availability.start()
        assert until(availability, away=True) < 1
    finally:
        availability.close()


def test_who_waits_on_a_silent_server_is_let_go(silent: str, database_url: str) -> None:
    availability = Availability(silent)
    told: list[Exception] = []

    def wait_on(connection: psycopg.Connection) -> None:
        try:
            connection.execute("SELECT pg_sleep(60)")
        except psycopg.OperationalError as error:
            told.append(error)

    with psycopg.connect(database_url) as waiting, psycopg.connect(database_url) as kept:
        availability.lend(waiting)
        availability.lend(kept)
        availability.take_back(kept)
        thread = threading.Thread(target=wait_on, args=(waiting,))
        thread.start()
        availability.start()
        try:
            thread.join(SOON)
        finally:
            availability.close()
        assert len(told) == 1
        assert kept.execute("SELECT 1").fetchone() == (1,)


def test_who_left_a_connection_open_is_in_nobodys_way(silent: str, database_url: str) -> None:
    availability = Availability(silent)
    closed = psycopg.connect(database_url)
    availability.lend(closed)
    closed.close()
    availability.start()
    assert until(availability, away=True) < 1
    threading.Event().wait(1.5)
    availability.close()
