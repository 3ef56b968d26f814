"""Waiting for the log: woken by a commit, not by a clock, and over a lost connection."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import psycopg
import pytest

from transfer.core.record.staff import StaffRegistered
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

LONG = 30.0
"""Seconds that no test should ever wait out."""


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    yield opened
    opened.close()


def append(log: Log[Fact], number: int) -> None:
    fact = StaffRegistered(staff_number="S1", effective_from=date(2013, 11, 1))
    log.append([(f"staff:S{number}", 0, fact)], Command(UUID(int=number), "hr", b""))


def test_what_is_there_already_needs_no_wait(log: Log[Fact]) -> None:
    append(log, 1)
    assert log.wait_past(0, LONG)


def test_without_anything_new_the_wait_ends_in_vain(log: Log[Fact]) -> None:
    append(log, 1)
    assert not log.wait_past(1, 0.2)


def test_a_commit_wakes_every_waiter(log: Log[Fact]) -> None:
    append(log, 1)
    assert log.wait_past(0, LONG)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(log.wait_past, 1, LONG) for _ in range(3)]
        append(log, 2)
        assert [each.result() for each in waiting] == [True] * 3


def test_what_is_committed_while_the_connection_is_lost_is_not_missed(
    log: Log[Fact], database_url: str
) -> None:
    append(log, 1)
    assert log.wait_past(0, LONG)
    with psycopg.connect(database_url, autocommit=True) as other:
        for position in (1, 2):
            lost = other.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE '%last_position FROM log_head'"
                " AND pid <> pg_backend_pid()"
            ).fetchall()
            assert lost == [(True,)]
            append(log, position + 1)
            assert log.wait_past(position, LONG)


def test_closing_wakes_a_waiter(database_url: str) -> None:
    log = open_log(database_url)
    append(log, 1)
    assert log.wait_past(0, LONG)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(log.wait_past, 1, LONG)
        log.close()
        assert waiting.result() is False
