"""Binary forms that PostgreSQL takes without a look at each value: arrays, and rows of COPY.

The driver can make both, value by value; an append would spend more time there than anywhere else
in this process. Everything here is big-endian, as the protocol has it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from itertools import islice
from struct import Struct, calcsize, pack, unpack
from typing import NamedTuple
from uuid import UUID

from transfer.log.answers import Entry

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
COPY_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_ENDS = b"\xff\xff"

# A row of the log: its position and instant come first, as they are filled in last.
COPY_COLUMNS = (
    "notification_id, recorded_at, originator_id, originator_version, topic, state, event_id"
)
_ROW_BEGINS = Struct("!hiqiqi").pack
_VERSION_AND_NAME = Struct("!iqi").pack
_ID_LENGTH = _LENGTH(16)
_fill_in = Struct("!qiq").pack_into
# The count of columns and the length of the first one.
_BEFORE_PLACE = calcsize("!hi")
# From a row's position to its stream's name.
_TO_STREAM = calcsize("!qiqi")
_LENGTH_BYTES = calcsize("!i")
_VERSION_LENGTH = calcsize("!iqi")
_read_length = Struct("!i").unpack_from
_read_version = Struct("!iqi").unpack_from
_FIXED_LENGTH = calcsize("!hiqiqi") + calcsize("!iqi") + 2 * calcsize("!i") + 16


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


class Block(NamedTuple):
    """Rows of a binary COPY into the log, whose places in it are still to be filled in."""

    rows: bytes
    places: Sequence[int]
    """Where in the rows the place of each event lies."""
    unchecked: Sequence[tuple[bytes, int]]
    """The events (stream and version) that do not follow one of their own stream in this block."""


def blocks_of(entries: Iterable[Entry], most: int) -> Iterator[Block]:
    """Events in blocks of up to `most`, each made when it is asked for."""
    waiting = iter(entries)
    while some := list(islice(waiting, most)):
        yield _block_of(some)


def _block_of(entries: Sequence[Entry]) -> Block:
    parts: list[bytes] = []
    places: list[int] = []
    unchecked: list[tuple[bytes, int]] = []
    reached: dict[bytes, int] = {}
    at = _BEFORE_PLACE
    for stream, version, name, state, event_id in entries:
        if version > 1 and reached.get(stream) != version - 1:
            unchecked.append((stream, version))
        reached[stream] = version
        places.append(at)
        parts += (
            _ROW_BEGINS(7, 8, 0, 8, 0, len(stream)),
            stream,
            _VERSION_AND_NAME(8, version, len(name)),
            name,
            _LENGTH(len(state)),
            state,
            _ID_LENGTH,
            event_id,
        )
        at += _FIXED_LENGTH + len(stream) + len(name) + len(state)
    return Block(b"".join(parts), places, unchecked)


def placed(rows: bytes, places: Iterable[int], first_position: int, microseconds: int) -> bytearray:
    """A block's rows at the positions from the first one on, with the instant they share."""
    made = bytearray(rows)
    for position, at in enumerate(places, start=first_position):
        _fill_in(made, at, position, 8, microseconds)
    return made


def entries_of(block: Block) -> Iterator[Entry]:
    """The events of which a block was made."""
    rows = block.rows
    for at in block.places:
        at += _TO_STREAM
        (length,) = _read_length(rows, at - _LENGTH_BYTES)
        stream = rows[at : at + length]
        at += length
        _, version, length = _read_version(rows, at)
        at += _VERSION_LENGTH
        name = rows[at : at + length]
        at += length + _LENGTH_BYTES
        (length,) = _read_length(rows, at - _LENGTH_BYTES)
        state = rows[at : at + length]
        at += length + _LENGTH_BYTES
        yield stream, version, name, state, rows[at : at + 16]


def packed_places(places: Sequence[int]) -> bytes:
    """Where places lie, as a block in a file keeps it."""
    return pack(f"!{len(places)}i", *places)


def unpacked_places(packed: bytes) -> tuple[int, ...]:
    """What `packed_places` packed."""
    return unpack(f"!{len(packed) // 4}i", packed)
