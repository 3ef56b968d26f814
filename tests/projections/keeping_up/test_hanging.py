"""A process whose thread of the read models hangs gives up the lead; a slow one leads on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import psycopg
import pytest

from projections.keeping_up.horizon import wait_for
from projections.keeping_up.runner import Runner
from tests.support.projecting import Office
from tests.support.roll import Roll
from transfer.log import leading
from transfer.log.application import Log
from transfer.log.leading import Lead, Part
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines
SOON = 20.0


class Process:
    """What one process has of the read models: a runner, its place in the queue, a projection."""

    def __init__(self, log: Log[Fact], database_url: str) -> None:
        self.roll = Roll()
        self.runner = Runner(log, [self.roll], page_events=1)
        self.why = ""
        self.gave_up = threading.Event()
        self.lead = Lead(database_url, Part.PROJECTIONS, self._gives_up)

    def follow(self) -> None:
        """Lead, or stand by."""
        self.lead.follow(self.runner.start, self.runner.stop, self.runner.beat)

    def _gives_up(self, why: str) -> None:
        self.why = why
        self.gave_up.set()


@pytest.fixture
def processes(
    log: Log[Fact], conn: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Process, Process]]:
    conn.execute("CREATE TABLE roll (staff text PRIMARY KEY)")
    monkeypatch.setattr(leading, "STILL_SECONDS", 2.0)
    monkeypatch.setattr(leading, "_WAITS_SECONDS", 0.5)
    monkeypatch.setattr(leading, "_ANSWERED_SECONDS", 1.0)
    made = Process(log, database_url), Process(log, database_url)
    yield made
    for each in made:
        each.lead.close()


def _listed(conn: psycopg.Connection) -> int:
    return conn.execute("SELECT staff FROM roll").rowcount


def _until(seconds: float, is_so: Callable[[], bool]) -> None:
    until = monotonic() + seconds
    while not is_so():
        assert monotonic() < until
        sleep(0.05)


def test_where_one_thread_hangs_another_process_leads(
    log: Log[Fact], conn: psycopg.Connection, processes: tuple[Process, Process]
) -> None:
    hanging, standby = processes
    released, in_the_page = threading.Event(), threading.Event()

    def hang() -> None:
        in_the_page.set()
        released.wait()

    hanging.roll.looked = hang
    office = Office(log, [Roll()])
    hanging.follow()
    _until(SOON, lambda: hanging.lead.is_held)
    standby.follow()
    try:
        office.register("S1")
        assert in_the_page.wait(SOON)
        backends = [
            row[0]
            for row in conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        ]
        assert hanging.gave_up.wait(SOON)
        assert not hanging.lead.is_held
        assert "projections: no step was taken for" in hanging.why
        _until(SOON, lambda: standby.lead.is_held)
        # The process ends now, and the server lets go of what it held.
        for pid in backends:
            conn.execute("SELECT pg_terminate_backend(%s)", (pid,))
        assert wait_for(conn, "roll", 1, timeout=SOON)
        assert _listed(conn) == 1
        assert not standby.gave_up.is_set()
    finally:
        released.set()
        hanging.runner.stop()


def test_what_is_slow_and_what_has_nothing_to_do_lead_on(
    log: Log[Fact], conn: psycopg.Connection, processes: tuple[Process, Process]
) -> None:
    slow, _ = processes
    slow.roll.looked = lambda: sleep(0.5)
    slow.follow()
    _until(SOON, lambda: slow.lead.is_held)
    office = Office(log, [Roll()])
    began = monotonic()
    for n in range(7):
        office.register(f"S{n}")
    assert wait_for(conn, "roll", 7, timeout=SOON)
    assert monotonic() - began > leading.STILL_SECONDS
    sleep(leading.STILL_SECONDS + 1)
    assert slow.lead.is_held
    assert not slow.gave_up.is_set()


def test_who_waits_for_the_database_leads_on(
    log: Log[Fact], conn: psycopg.Connection, database_url: str, processes: tuple[Process, Process]
) -> None:
    waiting, _ = processes
    waiting.follow()
    _until(SOON, lambda: waiting.lead.is_held)
    office = Office(log, [Roll()])
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE roll")
        office.register("S1")
        _until(SOON, lambda: waiting.lead.still_seconds > leading.STILL_SECONDS + 1)
        assert waiting.lead.is_held
    assert wait_for(conn, "roll", 1, timeout=SOON)
    _until(SOON, lambda: waiting.lead.still_seconds == 0)
    assert not waiting.gave_up.is_set()


def test_whose_wait_for_the_database_has_just_ended_leads_on(
    log: Log[Fact],
    conn: psycopg.Connection,
    database_url: str,
    processes: tuple[Process, Process],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leading, "_ANSWERED_SECONDS", SOON)
    waiting, _ = processes

    def answered_late() -> None:
        with psycopg.connect(database_url) as session:
            session.execute("SELECT pg_sleep(%s)", (leading.STILL_SECONDS + 1,))
        sleep(1.2)  # long enough for the leader to check the thread, which has taken no step yet

    waiting.roll.looked = answered_late
    waiting.follow()
    _until(SOON, lambda: waiting.lead.is_held)
    Office(log, [Roll()]).register("S1")
    assert wait_for(conn, "roll", 1, timeout=SOON)
    assert not waiting.gave_up.is_set()
    assert waiting.lead.is_held
