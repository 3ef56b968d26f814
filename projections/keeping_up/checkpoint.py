"""A projection's checkpoint row: how far it has taken the log."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn


class Checkpoint(NamedTuple):
    """Where a projection stands, in which generation of its tables."""

    position: int
    generation: int


_PLACE = "SELECT position, generation FROM projection_positions WHERE name = %s"

# By name, so that no two who lock several wait for one another. What a crash of the server takes
# back is made again from the log. Between two statements of a page a projection may have much to
# work out, but a process that hangs is not to hold its row for ever. The settings are those of the
# transaction; here, because another round trip would cost as much as this one.
_LOCK = """
SELECT name, position, generation, set_config('synchronous_commit', 'off', true),
       set_config('idle_in_transaction_session_timeout', '60s', true)
FROM projection_positions WHERE name = ANY(%s) ORDER BY name FOR UPDATE
"""
_BEGIN = """
INSERT INTO projection_positions (name) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
_MOVE = """
UPDATE projection_positions SET position = %s, recorded_at = coalesce(%s, recorded_at),
       failed_event = NULL, failure = NULL, failed_at = NULL WHERE name = ANY(%s)
"""

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


def lock_checkpoints(conn: Conn, names: Sequence[str]) -> dict[str, Checkpoint]:
    """Where projections stand, by name, their rows locked until commit; rows are made if need be.

    The commit of this transaction does not wait until it is on the disk.
    """
    wanted = sorted(names)
    found = _locked(conn, wanted)
    if len(found) < len(wanted):
        conn.execute(_BEGIN, (wanted,))
        found = _locked(conn, wanted)
    if len(found) < len(wanted):
        raise LookupError(f"projections have lost their positions: {set(wanted) - found.keys()}")
    return found


def _locked(conn: Conn, names: Sequence[str]) -> dict[str, Checkpoint]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_LOCK, (names,)).fetchall()
    return {name: Checkpoint(position, generation) for name, position, generation, *_ in rows}


def move_checkpoints(
    conn: Conn, names: Sequence[str], position: int, complete_at: datetime | None
) -> None:
    """Note that projections have got to a position, complete until an instant (`None`: as before);
    what failed there before has not."""
    conn.execute(_MOVE, (position, complete_at, list(names)))


def keep_failure(conn: Conn, name: str, at: int, event_id: UUID, failure: str) -> None:
    """Note beside a projection's position at which event it stopped, and why."""
    conn.execute(_KEEP_FAILURE, {"name": name, "at": at, "event": event_id, "why": failure})
