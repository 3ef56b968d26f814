"""How the read models put Python values into PostgreSQL's COPY, and texts back out again.

A facet's value is an opaque string and may hold a NUL, which PostgreSQL's text cannot. One such
value must not stop a projection for everybody, so NULs are escaped on the way in, reversibly.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from psycopg import Connection, sql

from transfer.core.words import Basis

Conn = Connection[object]
"""Any connection, whatever shape its rows have: the read models choose their own."""

_ESCAPE = "\x01"
_ESCAPED_ESCAPE = "\x01\x01"
_ESCAPED_NUL = "\x01\x02"

COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
"""For `str.translate`: what COPY would take for the end of a column or a line."""

NULL = "\\N"
"""What COPY reads as null."""

INFINITY = "infinity"
"""What PostgreSQL reads as an open end, of dates and of instants."""


def to_text(value: str) -> str:
    """A string that PostgreSQL's text can hold; the same string unless it has a NUL or SOH."""
    if "\x00" in value or _ESCAPE in value:
        return value.replace(_ESCAPE, _ESCAPED_ESCAPE).replace("\x00", _ESCAPED_NUL)
    return value


def from_text(stored: str) -> str:
    """What `to_text` was given."""
    if _ESCAPE not in stored:
        return stored
    parts = stored.split(_ESCAPED_ESCAPE)
    return _ESCAPE.join(part.replace(_ESCAPED_NUL, "\x00") for part in parts)


def for_copy(value: str) -> str:
    """A text column of a COPY line, escaped for both the column and the line."""
    if value.isprintable() and "\\" not in value:
        return value  # as nearly all are
    return to_text(value).translate(COPY_ESCAPES)


def escaped_for_copy(text: str) -> str:
    """A text that PostgreSQL can hold as it is, escaped for the line of COPY."""
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(COPY_ESCAPES)


@lru_cache(maxsize=4096)
def day_for_copy(day: date | None) -> str:
    """A date column of a COPY line; no date is an open end."""
    return INFINITY if day is None else day.isoformat()


@lru_cache(maxsize=4096)
def instant_for_copy(instant: datetime) -> str:
    """A timestamptz column of a COPY line; a page has few instants, and they are slow to print."""
    return instant.astimezone(UTC).isoformat()


def basis_for_copy(basis: Basis | None) -> str:
    """A json column of a COPY line."""
    if basis is None:
        return NULL
    return escaped_for_copy(basis.model_dump_json(exclude_defaults=True))


@lru_cache(maxsize=4096)
def basis_from_text(stored: str) -> Basis:
    """What such a column holds, as text; many rows rest on the same clause."""
    return Basis.model_validate_json(stored)


def copy_lines(conn: Conn, table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    """Write lines made of the columns above, joined by tabs, into a table."""
    block = "\n".join(lines)
    if not block:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(block + "\n")
