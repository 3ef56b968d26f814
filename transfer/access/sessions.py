"""The sessions of the pages: who is signed in, and until when.

A session is known by an id drawn by chance, which the browser alone holds. The record's database
has what it stands for under a keyed hash of that id. So a session can be ended here, whatever
cookies were copied, and a copy of the database opens none.

A session ends by itself an hour after its last page, twelve hours after its first, or with the
token that began it, whichever comes first.
"""

import hmac
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import DictRow

from transfer.access.identity import Caller, Limits, Role

LASTS: Final = timedelta(hours=12)
"""How long a session lasts at most."""

IDLE: Final = timedelta(hours=1)
"""After how long without a page it ends."""

_LOOKED_AT: Final = timedelta(minutes=1)  # a page does not write each time that it is looked at
_PURPOSE: Final = b"transfer.access.sessions"

_BEGIN: Final = """
WITH of_no_more_use AS (
    DELETE FROM sessions WHERE ends_at <= %(now)s OR seen_at <= %(idle_since)s
)
INSERT INTO sessions
    (session_hash, subject, roles, staff_number, body, employers, units, created_at, seen_at,
     ends_at)
VALUES
    (%(hash)s, %(subject)s, %(roles)s, %(staff_number)s, %(body)s, %(employers)s, %(units)s,
     %(now)s, %(now)s, %(ends_at)s)
"""
_FIND: Final = """
SELECT subject, roles, staff_number, body, employers, units, seen_at, ends_at
FROM sessions
WHERE session_hash = %(hash)s AND ends_at > %(now)s AND seen_at > %(idle_since)s
"""
_SEEN: Final = "UPDATE sessions SET seen_at = %(now)s WHERE session_hash = %(hash)s"
_END: Final = "DELETE FROM sessions WHERE session_hash = %(hash)s"
_END_ALL_OF: Final = """
DELETE FROM sessions WHERE subject = %(subject)s AND ends_at > %(now)s AND seen_at > %(idle_since)s
"""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's session; `caller` and `seen_at` are `None` while nobody has signed in.

    `ends_at` is when it ends whatever is done, `expires_at` when it ends if nothing is.
    """

    id: str
    caller: Caller | None = None
    seen_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def expires_at(self) -> datetime | None:
        """When the session ends if no page is asked for any more."""
        if self.seen_at is None or self.ends_at is None:
            return None
        return min(self.ends_at, self.seen_at + IDLE)


class SessionStore:
    """The sessions of one record, as every service on it sees them.

    `secret` is the identity's key: with another one, everybody has to sign in again.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        secret: bytes,
    ) -> None:
        self._connect = connect
        # A separate key: what is hashed here must not pass for a token, nor the other way round.
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def begin(self, caller: Caller, now: datetime) -> Session:
        """A session for somebody who has just been identified, under a new id."""
        ends_at = min(caller.expires_at or now + LASTS, now + LASTS)
        session = Session(new_id(), caller, now, ends_at)
        given = self._named(session.id, now) | {
            "subject": caller.subject,
            "roles": sorted(caller.roles),
            "staff_number": caller.claimed_number,
            "body": caller.body,
            "employers": sorted(caller.limits.employers),
            "units": sorted(caller.limits.units),
            "ends_at": ends_at,
        }
        with self._connect() as connection:
            connection.execute(_BEGIN, given)
        return session

    def find(self, session_id: str, now: datetime) -> Session | None:
        """The session of that id, if it has not ended, and note that it was used."""
        named = self._named(session_id, now)
        with self._connect() as connection:
            row = connection.execute(_FIND, named).fetchone()
            if row is None:
                return None
            session = _session(session_id, row)
            if session.seen_at is not None and now - session.seen_at >= _LOOKED_AT:
                connection.execute(_SEEN, named)
                session = replace(session, seen_at=now)
        return session

    def end(self, session_id: str, now: datetime) -> None:
        """End a session, wherever its cookie was copied to; nothing where it has ended."""
        with self._connect() as connection:
            connection.execute(_END, self._named(session_id, now))

    def _named(self, session_id: str, now: datetime) -> dict[str, object]:
        hashed = hmac.digest(self._key, session_id.encode(), "sha256")
        return {"hash": hashed, "now": now, "idle_since": now - IDLE}


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_urlsafe(32)


def end_all_of(connection: psycopg.Connection[DictRow], subject: str, now: datetime) -> int:
    """End every session of a subject; how many there were."""
    given = {"subject": subject, "now": now, "idle_since": now - IDLE}
    return connection.execute(_END_ALL_OF, given).rowcount


def _session(session_id: str, row: DictRow) -> Session:
    caller = Caller(
        row["subject"],
        frozenset(map(Role, row["roles"])),
        row["ends_at"],
        row["staff_number"],
        row["body"],
        Limits(frozenset(row["employers"]), frozenset(row["units"])),
    )
    return Session(session_id, caller, row["seen_at"], row["ends_at"])
