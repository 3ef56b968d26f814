"""Connections that lead to a standby, or to a primary no more: given up, and the write repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow

from transfer.core.record.staff import StaffRegistered
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

READ_ONLY = "SET default_transaction_read_only = on"
"""As every connection is that leads to a standby."""


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    """A log with some connections that were used, all idle."""
    opened = open_log(database_url, pool_size=4)
    with opened.connection() as first, opened.connection() as second:
        assert first is not second
    yield opened
    opened.close()


def write_beside(cursor: psycopg.Cursor[DictRow]) -> None:
    """Another write of the same transaction."""
    cursor.execute("SELECT")


def append(log: Log[Fact], number: int, *, alongside: bool = False) -> None:
    """Record something: by the connection for few events, or by one of the pool."""
    fact = StaffRegistered(staff_number=f"S{number}", effective_from=date(2013, 11, 1))
    command = Command(UUID(int=number), "hr", b"request")
    log.append(
        [(f"staff:S{number}", 0, fact)],
        command,
        write_beside if alongside else None,
    )


@pytest.mark.parametrize("alongside", [True, False])
def test_a_write_that_meets_a_standby_is_done_on_another_connection(
    log: Log[Fact], *, alongside: bool
) -> None:
    append(log, 1, alongside=alongside)
    with log.connection() as first, log.connection() as second:
        for each in (first, second):
            each.execute(READ_ONLY)
    leading = log._appender._leading._connection
    if leading is not None:
        leading.execute(READ_ONLY)
    append(log, 2, alongside=alongside)
    assert len(log.read("staff:S2")) == 1
    assert log.head().position == 2
    # Nor is any of them left for who comes next.
    with log.connection() as first, log.connection() as second:
        for each in (first, second):
            assert each.execute("SHOW default_transaction_read_only").fetchone() == {
                "default_transaction_read_only": "off"
            }


def test_what_does_not_repeat_is_told_that_the_database_is_away(log: Log[Fact]) -> None:
    def write() -> None:
        with log.connection() as connection:
            connection.execute("UPDATE log_head SET last_position = last_position")

    with log.connection() as first, log.connection() as second:
        first.execute(READ_ONLY)
        second.execute(READ_ONLY)
    with pytest.raises(psycopg.OperationalError, match="takes no writes now"):
        write()
    write()
