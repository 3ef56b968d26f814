"""What a record is at one point of its log, in digests: the same rows and answers, the same text.

The log and the projections are held still for the moment in which a mark is written into the log of
changes and a view of the database is opened; the digests are then worked out from that view while
everybody goes on. So a recovery that stops at the mark has to give the same ones.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row, tuple_row
from pydantic_core import to_json

from projections.keeping_up.runner import BEFORE_ANYTHING, Projection, complete_until
from projections.position import queries
from projections.rebuilding.digests import digest_of, table_digests
from transfer.backups.manifest import Digests, ProjectionDigest
from transfer.core.dating.calendars import date_in_london
from transfer.core.refusals import Conflict, NotOnRecord
from transfer.core.streams import take_apart
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from transfer.questions import attested
from transfer.questions.attested import AttestedLog
from transfer.questions.position import SEEN_BY

Conn = psycopg.Connection[DictRow]

_LOG = ("events", "commands")
_EDITIONS = ("rulebook_editions", "rulebook_names")
_ASKED = 24
_ATTEMPTS = 120

# Projections first: one that is at work on a long page keeps its row, and must not keep the log. By
# name, as who brings them on locks several.
_STILL = (
    "SELECT FROM projection_positions ORDER BY name FOR UPDATE",
    "SELECT FROM log_head FOR UPDATE",
    "LOCK TABLE rulebook_editions, rulebook_names IN SHARE MODE",
)
_SOME_PEOPLE = """
SELECT originator_id FROM events
WHERE originator_version = 1 AND originator_id > 'staff:' AND originator_id < 'staff;'
  AND recorded_at <= %s
ORDER BY hashtextextended(originator_id, 0), originator_id LIMIT %s
"""
_PEOPLE = """
SELECT count(*) FROM events
WHERE originator_version = 1 AND originator_id > 'staff:' AND originator_id < 'staff;'
"""
_SEEN = "SELECT name, position FROM projection_positions"
_HEAD = "SELECT last_position, last_recorded_at FROM log_head"


@dataclass(frozen=True, slots=True)
class Still:
    """A record that was held still for a moment: a view of it, the place of the mark in the log of
    changes, and the instant. What is recorded later, by the same clock, has a later instant."""

    view: Conn
    place: str
    instant: datetime


@contextlib.contextmanager
def still_view(
    database_url: str, mark: Callable[[psycopg.Connection[Any]], str]
) -> Iterator[Still]:
    """A view of the database as it is at a mark in its log of changes, and where that mark is.

    Raises `Conflict` where the record could not be held still for a moment, for a minute.
    """
    with _connected(database_url) as view:
        for _ in range(_ATTEMPTS):
            try:
                with _connected(database_url) as holding, holding.transaction():
                    holding.execute("SET LOCAL lock_timeout = '500ms'")
                    for statement in _STILL:
                        holding.execute(statement)
                    view.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    view.execute("SELECT 1")
                    place = mark(holding)
                    instant = _now(holding)
                break
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                continue
        else:
            raise Conflict(
                "the record could not be held still for the moment that a backup needs: something "
                "large is being recorded. Try again when that is done"
            )
        yield Still(view, place, instant)


def _now(connection: psycopg.Connection[Any]) -> datetime:
    with connection.cursor(row_factory=tuple_row) as cursor:
        (now,) = cursor.execute("SELECT clock_timestamp()").fetchone() or (None,)
    if not isinstance(now, datetime):
        raise LookupError("the server gave no time")
    return now.astimezone(UTC)


def digests_of(
    log: Log[Fact],
    view: Conn,
    projections: tuple[Projection, ...],
    *,
    with_answers: bool = True,
) -> Digests:
    """What the record is by a view of its database."""
    with view.cursor(row_factory=tuple_row) as cursor:
        position, recorded_at = cursor.execute(_HEAD).fetchone() or (0, None)
        (people,) = cursor.execute(_PEOPLE).fetchone() or (0,)
        seen: dict[str, int] = dict(cursor.execute(_SEEN).fetchall())
    known_at = complete_until(view, SEEN_BY)
    asked, answers = _answers(log, view, known_at) if with_answers else (0, "")
    return Digests(
        position=position,
        recorded_at=recorded_at,
        log=digest_of(table_digests(view, _LOG)),
        editions=digest_of(table_digests(view, _EDITIONS)),
        people=people,
        projections={
            each.name: ProjectionDigest(
                position=seen.get(each.name, 0),
                digest=digest_of(table_digests(view, each.tables)),
            )
            for each in projections
        },
        known_at=None if known_at == BEFORE_ANYTHING else known_at,
        asked=asked,
        answers=answers,
    )


def _answers(log: Log[Fact], view: Conn, known_at: datetime) -> tuple[int, str]:
    """Of how many people it was asked, and a digest of what it answered by both clocks.

    What is known at an instant never changes, so the log may be read on other connections.
    """
    with view.cursor(row_factory=tuple_row) as cursor:
        streams = [row[0] for row in cursor.execute(_SOME_PEOPLE, (known_at, _ASKED)).fetchall()]
    day = date_in_london(known_at)
    told = hashlib.sha256()
    by_attested = AttestedLog(log, known_at)
    for stream in streams:
        _, number = take_apart(stream)
        asking: tuple[Callable[[], object], ...] = (
            partial(queries.position_at, view, number, day, known_at),
            partial(queries.timeline, view, number, known_at),
            partial(attested.position_at, log, by_attested, number, day, known_at),
        )
        for ask in asking:
            try:
                told.update(to_json(ask()))
            except NotOnRecord:
                told.update(b"not on record")
    return len(streams), told.hexdigest()


@contextlib.contextmanager
def _connected(database_url: str) -> Iterator[Conn]:
    # In UTC, so that rows read the same on every machine.
    options = f"{conninfo_to_dict(database_url).get('options') or ''} -c timezone=UTC".strip()
    with psycopg.connect(
        database_url, autocommit=True, row_factory=dict_row, options=options
    ) as connection:
        yield connection


def view_of(database_url: str) -> contextlib.AbstractContextManager[Conn]:
    """A view of a database that nobody else is at work on."""
    return _connected(database_url)
