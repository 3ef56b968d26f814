"""A log of its own for each test, a connection to look at the tables, and an office to record."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.projecting import Office
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    return Office(log)
