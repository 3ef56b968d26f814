"""A projection's checkpoint row: how far it has taken the log."""

from typing import NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn


class Checkpoint(NamedTuple):
    """Where a projection stands, in which generation of its tables."""

    position: int
    generation: int


_PLACE = "SELECT position, generation FROM projection_positions WHERE name = %s"

# Only where it still stands there: another runner may have come past it meanwhile.
_KEEP_FAILURE = """
INSERT INTO projection_positions AS p (name, failed_event, failure, failed_at)
VALUES (%(name)s, %(event)s, %(why)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET
    failed_at = CASE WHEN p.failed_event = EXCLUDED.failed_event
                     THEN coalesce(p.failed_at, EXCLUDED.failed_at) ELSE EXCLUDED.failed_at END,
    failed_event = EXCLUDED.failed_event, failure = EXCLUDED.failure
WHERE p.position = %(at)s
"""


def read_checkpoint(conn: Conn, name: str) -> Checkpoint:
    """Where a projection stands; at the beginning, if it has no row yet."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_PLACE, (name,)).fetchone()
    return Checkpoint(0, 1) if row is None else Checkpoint(*row)


def lock_checkpoint(conn: Conn, name: str) -> Checkpoint:
    """Where a projection stands, its row locked until commit; the row is made if need be."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(f"{_PLACE} FOR UPDATE", (name,)).fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO projection_positions (name) VALUES (%s) ON CONFLICT DO NOTHING",
                (name,),
            )
            row = cursor.execute(f"{_PLACE} FOR UPDATE", (name,)).fetchone()
    if row is None:
        raise LookupError(f"projection {name} has lost its position")
    return Checkpoint(*row)


def keep_failure(conn: Conn, name: str, at: int, event_id: UUID, failure: str) -> None:
    """Note beside a projection's position at which event it stopped, and why."""
    conn.execute(_KEEP_FAILURE, {"name": name, "at": at, "event": event_id, "why": failure})
