"""What stands in a procedure's way, kept beside the record for whoever looks after the service.

    unreadable   the log's facts of a matter cannot be made sense of: a fold that fails, a rulebook
                 that is gone, an event that cannot be decoded
    stuck        its workflow cannot go on: a deployment has changed it, or the program fails in it;
                 of one person, whose workflow is that of a lane: the program fails in their step
    untold       Temporal does not accept what it is told about it

The dispatcher writes it, and of persons that are stuck the worker; doctor, /health/ready and
/metrics read it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

Kind = Literal["unreadable", "stuck", "untold"]

Conn = psycopg.Connection[Any]

_MEND = {
    "unreadable": (
        "nothing is done for it, and everything else goes on. If its rulebook is gone, put it "
        "back; if its facts are in order, install the version that reads them. It is tried again "
        "when it has new facts, every day, and by transfer sweep"
    ),
    "stuck": (
        "the program is not the one that it began under, or fails in it: install the version that "
        "goes on with it. Or terminate that workflow in Temporal: it is begun anew from the log "
        "within a minute"
    ),
    "untold": (
        "Temporal does not take what it is told: see the reason, mend that, then transfer sweep"
    ),
}
"""What to do about each kind."""

_MEND_ONE_PERSON = (
    "the program fails in a step of this person, and tries it again within an hour; everybody else "
    "goes on. If the reason does not tell what to put right in the record, install the version "
    "that can take the step"
)

_NO_LONGER = """
DELETE FROM procedure_troubles
WHERE task_queue = %(queue)s AND kind = %(kind)s
  AND CASE WHEN %(among)s::text[] IS NOT NULL THEN procedure = ANY(%(among)s)
           WHEN kind = 'stuck' AND position('/person/' IN procedure) > 0
           THEN procedure <> ALL(%(waiting)s::text[])
           ELSE true END
  AND procedure <> ALL(%(still)s)
"""
_STANDS = """
INSERT INTO procedure_troubles (task_queue, kind, procedure, reason)
VALUES (%(queue)s, %(kind)s, %(procedure)s, %(reason)s)
ON CONFLICT (task_queue, kind, procedure) DO UPDATE SET reason = excluded.reason
RETURNING xmax = 0 AS is_new
"""
_SWEPT = """
UPDATE dispatcher_positions
SET swept_at = clock_timestamp(), waiting = %(waiting)s, started = %(started)s
WHERE task_queue = %(queue)s
"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One procedure's trouble. `reason` may quote the record; `cause` does not."""

    kind: str
    procedure: str
    reason: str
    since: datetime

    @property
    def public_name(self) -> str:
        """What everybody may be told: who has an individual case is not theirs to know."""
        return public_name(self.procedure)

    @property
    def mend(self) -> str:
        """What to do about it."""
        is_one_person = self.kind == "stuck" and "/person/" in self.procedure
        return _MEND_ONE_PERSON if is_one_person else _MEND[self.kind]

    @property
    def cause(self) -> str:
        """The name of what went wrong, without what it says."""
        return self.reason.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Swept:
    """When Temporal was last compared with the log, how many must wait, how many were started."""

    at: datetime
    waiting: int
    started: int


def note(
    conn: Conn,
    queue: str,
    kind: Kind,
    found: Mapping[str, str],
    *,
    among: set[str] | None = None,
    waiting: Collection[str] | None = None,
) -> list[str]:
    """Write down who is in trouble of a kind, and forget who was; answers who is newly so.

    `among` names those that were looked at. `None` is everybody who has a workflow; a person who is
    stuck has none, and is forgotten then where they are not among those that must be `waiting`.
    """
    values = {
        "queue": queue,
        "kind": kind,
        "among": None if among is None else sorted(among),
        "waiting": None if waiting is None else sorted(waiting),
        "still": sorted(found),
    }
    newly: list[str] = []
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(_NO_LONGER, values)
        for procedure, reason in sorted(found.items()):
            one = values | {"procedure": procedure, "reason": reason}
            row = cursor.execute(_STANDS, one).fetchone()
            if row is not None and row["is_new"]:
                newly.append(procedure)
    return newly


def note_sweep(conn: Conn, queue: str, *, waiting: int, started: int) -> None:
    """Write down that the log and Temporal were compared."""
    conn.execute(_SWEPT, {"queue": queue, "waiting": waiting, "started": started})


def public_name(procedure: str) -> str:
    """The name of a procedure without whose it is, where it is one person's."""
    whose, is_one_person, number = procedure.partition("/person/")
    if is_one_person:
        kind, _, name = whose.partition("/")
        # A matter that is one person's alone is named after them.
        return f"{kind}/{'…' if number in name else name}/person/…"
    return "a member of staff" if whose.startswith("staff:") else whose


def troubles(conn: Conn) -> list[Trouble]:
    """Everybody's troubles, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT kind, procedure, reason, since FROM procedure_troubles"
            " ORDER BY since, kind, procedure"
        ).fetchall()
    return [Trouble(**row) for row in rows]


def last_sweep(conn: Conn) -> Swept | None:
    """The last comparison of Temporal with the log; `None` before the first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "SELECT swept_at, waiting, started FROM dispatcher_positions"
            " WHERE swept_at IS NOT NULL ORDER BY swept_at DESC LIMIT 1"
        ).fetchone()
    return None if row is None else Swept(row["swept_at"], row["waiting"], row["started"])
