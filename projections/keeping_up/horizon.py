"""How far a read model has seen the log: what a reader asks before it asks anything else."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn

BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)
"""The knowledge time of a projection that has seen nothing: no event is ever recorded before."""

_POLL_SECONDS = 0.005


class BehindError(Exception):
    """A read model does not have yet what is on record: ask again later."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far a projection has seen the log.

    `position` is the last event that it has seen, which may be one inside a large command;
    `recorded_at` the instant of the last command that it has seen whole: what it can answer for.
    """

    position: int
    recorded_at: datetime
    failed_event: UUID | None = None
    failure: str | None = None
    failed_at: datetime | None = None


def horizon(conn: Conn, name: str) -> Horizon:
    """How far a projection is complete; before the first event, position 0 and 1970."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT position, recorded_at, failed_event, failure, failed_at"
            " FROM projection_positions WHERE name = %s",
            (name,),
        ).fetchone()
    return Horizon(0, BEFORE_ANYTHING) if row is None else _horizon(row)


def standing(conn: Conn) -> tuple[dict[str, Horizon], int]:
    """How far every projection is complete, by name, and the log's last position at that time."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT last_position, name, position, recorded_at, failed_event, failure, failed_at"
            " FROM log_head LEFT JOIN projection_positions ON true"
        ).fetchall()
    found = {name: _horizon(at) for _, name, *at in rows if name is not None}
    return found, rows[0][0]


def _horizon(row: Sequence[Any]) -> Horizon:
    seen: datetime | None = row[1]
    failed_at: datetime | None = row[4]
    return Horizon(
        row[0],
        seen.astimezone(UTC) if seen else BEFORE_ANYTHING,
        row[2],
        row[3],
        failed_at and failed_at.astimezone(UTC),
    )


def complete_until(conn: Conn, names: Sequence[str]) -> datetime:
    """The instant that all of these projections have reached; 1970 before the first event."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT count(recorded_at), min(recorded_at) FROM projection_positions"
            " WHERE name = ANY(%s)",
            (list(names),),
        ).fetchone()
    seen: datetime | None = None if row is None or row[0] < len(set(names)) else row[1]
    return seen.astimezone(UTC) if seen else BEFORE_ANYTHING


def resolve_known_at(
    conn: Conn, names: str | tuple[str, ...], known_at: datetime | None
) -> datetime:
    """The knowledge time that an answer from these projections is given at (contract, "Words").

    One that is left out, or later than what the projection has seen, becomes the complete horizon.
    Ask before the query itself: what is recorded in between is then later, and left out.
    """
    seen = complete_until(conn, (names,) if isinstance(names, str) else names)
    return seen if known_at is None or known_at > seen else known_at


def wait_for(conn: Conn, name: str, position: int, timeout: float) -> bool:
    """Whether a projection can answer for the event at a position, waiting up to `timeout` seconds.

    That is when it has the whole command of that event. The connection must be in autocommit.
    Answers at once where the projection has failed.
    """
    until = monotonic() + timeout
    pause = threading.Event()
    while True:
        seen = horizon(conn, name)
        if seen.position >= position and seen.recorded_at >= _instant_of(conn, position):
            return True
        left = until - monotonic()
        if left <= 0 or seen.failure is not None:
            return False
        pause.wait(min(_POLL_SECONDS, left))


def _instant_of(conn: Conn, position: int) -> datetime:
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT recorded_at FROM events WHERE notification_id = %s", (position,)
        ).fetchone()
    return BEFORE_ANYTHING if row is None else row[0]
