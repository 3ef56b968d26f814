"""For whom connections are restricted: the reader whom a request serves, if they read by a grant.

A connection that is taken from the pool while there is one puts on the role `transfer_restricted`
and says who reads; the database then shows it the rows of the people whom the record grants to that
reader (deploy/migrations/0072_restricted.sql). It takes the role off when it is given back.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg
from eventsourcing.persistence import PersistenceError
from psycopg import sql

ROLE: Final = "transfer_restricted"

_PUT_ON = sql.SQL("SET ROLE transfer_restricted; SELECT set_config('transfer.reader', {}, false)")
_TAKE_OFF = sql.SQL("RESET ROLE; SELECT set_config('transfer.reader', '', false)")
_MAY_PUT_ON = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'transfer_restricted'
               AND pg_has_role(current_user, oid, 'SET'))
   AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS named (name)
                   WHERE NOT EXISTS (SELECT FROM pg_policies WHERE tablename = named.name
                                     AND policyname = 'reachable'))
"""
OF_PEOPLE: Final = (
    "duty_care",
    "events",
    "obligation",
    "obligation_outcome",
    "person_fields",
    "person_keys",
    "position_sheet",
    "read_answers",
    "read_questions",
    "reads",
    "remark",
    "scope_membership",
)
"""The tables of which such a connection sees some people's rows."""


class NotRestrictedError(PersistenceError):
    """The database cannot restrict a connection: callers who read by a grant are refused."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """Who reads: in which role, what of a record, about whom (`None`: everybody granted to them).

    `own` are the numbers of a member of staff; `today` is the day on which appointments have to
    run.
    """

    role: str
    subject: str
    today: date
    what: Collection[str]
    asked: str | None
    own: Collection[str]

    def told(self) -> str:
        """The same as the database is told it."""
        return json.dumps(
            {
                "role": self.role,
                "subject": self.subject,
                "today": self.today.isoformat(),
                "what": sorted(self.what),
                "asked": self.asked,
                "own": sorted(self.own),
            }
        )


_reader: ContextVar[Restricted | None] = ContextVar("reader", default=None)


def serve(reader: Restricted | None) -> None:
    """From now on, in this request, connections are restricted to a reader; `None`: to nobody."""
    _reader.set(reader)


def is_restricted() -> bool:
    """Whether connections are restricted to a reader now."""
    return _reader.get() is not None


@contextmanager
def unrestricted() -> Iterator[None]:
    """For a while connections are not restricted: for what the program does for itself."""
    token = _reader.set(None)
    try:
        yield
    finally:
        _reader.reset(token)


def put_on(connection: psycopg.Connection[Any]) -> bool:
    """Restrict a connection to the reader whom this request serves; whether there is one.

    Raises `NotRestrictedError`.
    """
    reader = _reader.get()
    if reader is None:
        return False
    try:
        connection.execute(_PUT_ON.format(sql.Literal(reader.told())))
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege) as error:
        raise NotRestrictedError(
            "the database has no role for those who read by a grant"
        ) from error
    return True


def take_off(connection: psycopg.Connection[Any]) -> None:
    """Let a connection be used for anybody again."""
    connection.execute(_TAKE_OFF)


def can_restrict(connection: psycopg.Connection[Any]) -> bool:
    """Whether the database restricts connections as it should."""
    row = connection.execute(_MAY_PUT_ON, (list(OF_PEOPLE),)).fetchone()
    return row is not None and bool(next(iter(row.values())) if isinstance(row, dict) else row[0])
