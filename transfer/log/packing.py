"""Binary forms that PostgreSQL takes without a look at each value: arrays, and rows of COPY.

The driver can make both, value by value; an append would spend more time there than anywhere else
in this process. Everything here is big-endian, as the protocol has it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from struct import Struct
from uuid import UUID

import psycopg

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ARRAY_BEGINS = Struct("!iIIii").pack
_LENGTH = Struct("!i").pack
_PACKED_INTEGER = Struct("!ii").pack
_PACKED_BIGINT = Struct("!iq").pack
_NULL = _LENGTH(-1)
_TRUE, _FALSE = _LENGTH(1) + b"\1", _LENGTH(1) + b"\0"

BOOLEAN, BYTEA, BIGINT, INTEGER, TEXT, TIMESTAMPTZ, UUID_ = 16, 17, 20, 23, 25, 1184, 2950
"""The server's numbers for the types of elements."""

# What every binary COPY begins and ends with.
_COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_ENDS = b"\xff\xff"
# How many parts of rows are sent at a time.
_COPY_PARTS = 1024


def array_of(element: int, count: int, packed: Iterable[bytes]) -> bytes:
    """An array of `count` elements of a type.

    `packed` are pieces that hold them one after another, each as a function below packs it.
    """
    # Said to have NULLs, which costs nothing where there are none.
    return _ARRAY_BEGINS(1, 1, element, count, 1) + b"".join(packed)


def packed_bytes(value: bytes) -> bytes:
    """An element of `bytea`, `text` (in UTF-8) or `uuid`."""
    return _LENGTH(len(value)) + value


def packed_integer(value: int) -> bytes:
    """An element of `integer`."""
    return _PACKED_INTEGER(4, value)


def packed_bigint(value: int) -> bytes:
    """An element of `bigint`."""
    return _PACKED_BIGINT(8, value)


def packed_boolean(value: bool) -> bytes:
    """An element of `boolean`."""
    return _TRUE if value else _FALSE


def packed_instant(value: datetime | None) -> bytes:
    """An element of `timestamptz`."""
    return _NULL if value is None else _PACKED_BIGINT(8, microseconds_of(value))


def microseconds_of(instant: datetime) -> int:
    """An instant as the server counts it: microseconds since the year 2000."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant_of(microseconds: int) -> datetime:
    """The instant that the server counts so."""
    return _EPOCH + timedelta(microseconds=microseconds)


class EventIds:
    """The ids of one command's events in binary: those of `envelope.event_id_of`, made faster."""

    def __init__(self, command_id: UUID) -> None:
        self._of_command = sha1(command_id.bytes, usedforsecurity=False)

    def packed(self, index: int) -> bytes:
        """The 16 bytes of the id of event number `index`, from 0."""
        digest = self._of_command.copy()
        digest.update(b"%d" % index)
        made = bytearray(digest.digest()[:16])
        # A UUID of version 5 in the variant of RFC 9562.
        made[6] = made[6] & 0x0F | 0x50
        made[8] = made[8] & 0x3F | 0x80
        return bytes(made)


def write_rows(copy: psycopg.Copy, rows: Iterable[tuple[bytes, ...]]) -> None:
    """Send rows, each in parts that make up its binary form, to a `COPY … (FORMAT BINARY)`.

    They are sent as they come, so that the server works while the next ones are made.
    """
    parts = [_COPY_BEGINS]
    for row in rows:
        parts += row
        if len(parts) > _COPY_PARTS:
            copy.write(b"".join(parts))
            parts.clear()
    parts.append(_COPY_ENDS)
    copy.write(b"".join(parts))
