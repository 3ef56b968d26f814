"""The statements that append commands of few events, as bytes in and bytes out.

An append is short: on the driver's usual way, adapting each value costs more than the server's
work. So these go to the driver's own lower level (`psycopg.pq`), prepared once a connection.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from transfer.log import packing
from transfer.log.answers import Begun, Entry, Read, StaleError
from transfer.log.envelope import Command

# A command of one event in one statement, which either records it or fails and leaves nothing. The
# look for the version before may miss one that is only being committed; then too it fails (a
# position is never NULL), and `append_commands` tells what holds.
_ONE = b"""
WITH head AS (
    UPDATE log_head AS h
       SET last_position = h.last_position + 1, last_recorded_at = next_instant(h, $4::timestamptz)
    RETURNING h.last_position, h.last_recorded_at
), command AS (
    INSERT INTO commands (command_id, request_hash, subject, recorded_at, first_notification_id,
                          event_count)
    SELECT $1::uuid, $2::bytea, $3::text, last_recorded_at, last_position, 1 FROM head
), event AS (
    INSERT INTO events (originator_id, originator_version, topic, state, event_id, recorded_at,
                        notification_id)
    SELECT $5::text, $6::bigint, $7::text, $8::bytea, $9::uuid, last_recorded_at,
           CASE WHEN $6 <= 1 OR EXISTS (
               SELECT FROM events e WHERE e.originator_id = $5 AND e.originator_version = $6 - 1
           ) THEN last_position END
    FROM head
)
SELECT last_position, last_recorded_at, pg_notify('events', last_position::text) FROM head
"""
_SEVERAL = b"""
SELECT * FROM append_commands(
    $1::uuid[], $2::bytea[], $3::text[], $4::timestamptz[], $5::integer[], $6::integer[],
    $7::text[], $8::bigint[], $9::boolean[], $10::text[], $11::bytea[], $12::uuid[],
    $13::text[], $14::bigint[])
"""
_ARRAYS_OF_COMMANDS = (
    packing.UUID_,
    packing.BYTEA,
    packing.TEXT,
    packing.TIMESTAMPTZ,
    packing.INTEGER,
    packing.INTEGER,
)
_ARRAYS_OF_EVENTS = (
    packing.TEXT,
    packing.BIGINT,
    packing.BOOLEAN,
    packing.TEXT,
    packing.BYTEA,
    packing.UUID_,
)
_ARRAYS_OF_READS = (packing.TEXT, packing.BIGINT)
_ONE_NAME, _SEVERAL_NAME = b"append_one", b"append_several"
_BIGINT = Struct("!q")
_INTEGER = Struct("!i")
_BINARY = 1


class Few:
    """A command of few events on its way in, with what its decision only read."""

    __slots__ = ("_arrays", "command", "entries", "reads")

    def __init__(
        self, command: Command, entries: Sequence[Entry], reads: Sequence[Read] = ()
    ) -> None:
        self.command = command
        self.entries = entries
        self.reads = reads
        self._arrays: tuple[bytes, ...] | None = None

    def arrays(self) -> tuple[bytes, ...]:
        """Its piece of each array that `append_commands` takes; made once."""
        if self._arrays is None:
            self._arrays = self._packed()
        return self._arrays

    def _packed(self) -> tuple[bytes, ...]:
        command = self.command
        streams, versions, follows, names, states, event_ids = [], [], [], [], [], []
        reached: dict[bytes, int] = {}
        for stream, version, name, state, event_id in self.entries:
            streams.append(packing.packed_bytes(stream))
            versions.append(packing.packed_bigint(version))
            follows.append(packing.packed_boolean(reached.get(stream) == version - 1))
            names.append(packing.packed_bytes(name))
            states.append(packing.packed_bytes(state))
            event_ids.append(packing.packed_bytes(event_id))
            reached[stream] = version
        return (
            packing.packed_bytes(command.command_id.bytes),
            packing.packed_bytes(command.request_hash),
            packing.packed_bytes(command.recorded_by.encode()),
            packing.packed_instant(command.at),
            packing.packed_integer(len(self.entries)),
            packing.packed_integer(len(self.reads)),
            *(b"".join(each) for each in (streams, versions, follows, names, states, event_ids)),
            b"".join([packing.packed_bytes(stream) for stream, _ in self.reads]),
            b"".join([packing.packed_bigint(version) for _, version in self.reads]),
        )


def prepare(pgconn: PGconn) -> None:
    """Let the server prepare both statements, for `append_one` and `append_several`."""
    for name, statement in ((_ONE_NAME, _ONE), (_SEVERAL_NAME, _SEVERAL)):
        checked(pgconn.prepare(name, statement), ExecStatus.COMMAND_OK)


def append_one(pgconn: PGconn, few: Few) -> Begun:
    """Append a command of one event that names no read, in a transaction of its own.

    Raises psycopg's `IntegrityError` where it is stale or on record, or perhaps so: nothing is
    written, and `append_several` knows.
    """
    command = few.command
    ((stream, version, name, state, event_id),) = few.entries
    at = command.at
    values: tuple[Any, ...] = (  # the driver's annotation forgets that a value may be NULL
        command.command_id.bytes,
        command.request_hash,
        command.recorded_by.encode(),
        None if at is None else _BIGINT.pack(packing.microseconds_of(at)),
        stream,
        _BIGINT.pack(version),
        name,
        state,
        event_id,
    )
    result = pgconn.exec_prepared(_ONE_NAME, values, [_BINARY] * len(values), _BINARY)
    checked(result, ExecStatus.TUPLES_OK)
    return Begun(
        False,
        command.request_hash,
        packing.instant_of(_bigint(result, 0, 1)),
        _bigint(result, 0, 0),
        1,
    )


def append_several(
    pgconn: PGconn, group: Sequence[Few], *, prepared: bool
) -> list[Begun | StaleError]:
    """Append commands in one transaction, or within the one that is open; an answer to each."""
    columns = zip(*[few.arrays() for few in group], strict=True)
    events = sum(len(few.entries) for few in group)
    kinds = [(each, len(group)) for each in _ARRAYS_OF_COMMANDS]
    kinds += [(each, events) for each in _ARRAYS_OF_EVENTS]
    reads = sum(len(few.reads) for few in group)
    kinds += [(each, reads) for each in _ARRAYS_OF_READS]
    values = [
        packing.array_of(element, count, column)
        for (element, count), column in zip(kinds, columns, strict=True)
    ]
    formats = [_BINARY] * len(values)
    if prepared:
        result = pgconn.exec_prepared(_SEVERAL_NAME, values, formats, _BINARY)
    else:
        result = pgconn.exec_params(_SEVERAL, values, None, formats, _BINARY)
    checked(result, ExecStatus.TUPLES_OK)
    return [_answer(result, row) for row in range(result.ntuples)]


def _answer(result: PGresult, row: int) -> Begun | StaleError:
    outcome = result.get_value(row, 0)
    if outcome in (b"stale", b"moved"):
        stream = (result.get_value(row, 5) or b"").decode()
        return StaleError(stream, only_read=outcome == b"moved")
    return Begun(
        outcome == b"replayed",
        result.get_value(row, 1) or b"",
        packing.instant_of(_bigint(result, row, 2)),
        _bigint(result, row, 3),
        _INTEGER.unpack(result.get_value(row, 4) or b"")[0],
    )


def _bigint(result: PGresult, row: int, column: int) -> int:
    value: int = _BIGINT.unpack(result.get_value(row, column) or b"")[0]
    return value


def checked(result: PGresult, wanted: ExecStatus) -> None:
    """Raise psycopg's error where a result of the driver's lower level is not what was wanted."""
    if result.status == wanted:
        return
    # What has no code comes from the driver and not from the server: there was no answer.
    if result.error_field(DiagnosticField.SQLSTATE) is None:
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)
