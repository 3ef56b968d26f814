"""Writing the log: one command, several in one commit, many events.

Whatever writes, an SQL function takes the lock of `log_head` first, so that the order of commits
is the order of positions, and writes the command's row in the same transaction.

- **Few events** go to `append_commands` (migration 0044), which takes several commands at once and
  answers each for itself. Callers that have to wait for each other share a commit: see `groups`.
- **Many events** go by COPY under the same lock, packed while the server takes them in. Those of
  an import may have been packed before, by other processes: see `staging`.

An append may name streams that its decision only read, each with its version: the same lock makes
sure that none of them has moved. Who names none pays nothing for it.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC
from functools import wraps
from itertools import chain
from time import monotonic, sleep
from typing import Any, ParamSpec, TypeVar, cast

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, ProgrammingError
from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow
from psycopg.sql import SQL

from transfer.log import packing
from transfer.log.answers import Begun, Entry, Read, StaleError
from transfer.log.availability import Availability
from transfer.log.calls import Few, append_one, append_several, prepare
from transfer.log.envelope import Command
from transfer.log.groups import Groups

P = ParamSpec("P")
T = TypeVar("T")

Alongside = Callable[[psycopg.Cursor[DictRow]], None]
"""Further writes in the append's own transaction; repeatable, as a broken connection is retried."""

COPY_FROM_EVENTS = 200
"""From this many events on, an append goes by COPY."""

SENT_EVENTS = 128
"""Events sent at a time: few enough for the connection to take in while the server still works on
those before, so that the next ones are made meanwhile."""

NO_GAP = "events_no_gap"
STREAM_KEY = "events_pkey"
ONE_SPELLING = "events_one_spelling"
READ_MOVED = "events_read_moved"

# A race for one command id is lost at most once.
_RACES = 3

# A broken connection is tried again for as long as a caller can be kept waiting. A server that
# restarts takes longer: then the caller is refused, and repeats the request with the same key.
_AGAIN_SECONDS = 0.6
_PAUSE_SECONDS = 0.1

# Events in one commit of several commands: some milliseconds of the lock.
_GROUP_EVENTS = 256


# How many versions the server checks for gaps in one call, so that the list stays small.
_CHECKED_AT_ONCE = 10_000

_BEGIN = SQL("SELECT * FROM begin_command(%b, %b, %b, %b::timestamptz, %b::integer)")
_REFUSE_GAPS = SQL("SELECT refuse_gaps(%b::text[], %b::bigint[])")
_REFUSE_MOVED_READS = SQL("SELECT refuse_moved_reads(%b::text[], %b::bigint[])")
_COPY = SQL("COPY events (" + packing.COPY_COLUMNS + ") FROM STDIN (FORMAT BINARY)")


def retried(call: Callable[P, T]) -> Callable[P, T]:
    """The call, made again where the connection broke, for some tenths of a second."""

    @wraps(call)
    def again(*arguments: P.args, **named: P.kwargs) -> T:
        until = monotonic() + _AGAIN_SECONDS
        while True:
            try:
                return call(*arguments, **named)
            except (InterfaceError, OperationalError):
                if monotonic() > until:
                    raise
                sleep(_PAUSE_SECONDS)

    return again


class _Leading:
    """The connection of whoever leads a group: kept, with its statements prepared."""

    def __init__(self, datastore: PostgresDatastore, availability: Availability) -> None:
        self._datastore = datastore
        self._availability = availability
        self._connection: psycopg.Connection[DictRow] | None = None
        self._is_closed = False

    def append(self, group: Sequence[Few]) -> list[Begun | StaleError]:
        """Append a group. After any error the connection is another one."""
        try:
            pgconn = self._opened().pgconn
            if len(group) == 1 and len(group[0].entries) == 1 and not group[0].reads:
                with contextlib.suppress(psycopg.IntegrityError):
                    return [append_one(pgconn, group[0])]
            return append_several(pgconn, group, prepared=True)
        except BaseException:
            # Also an interrupt: what is on its way on this connection is nobody's any more.
            self._drop()
            raise

    def give_up(self) -> None:
        """Open no other connection; the one that may be in use stays its user's."""
        self._is_closed = True

    def close(self) -> None:
        """Close the connection for good."""
        self.give_up()
        self._drop()

    def _opened(self) -> psycopg.Connection[DictRow]:
        if self._is_closed:
            raise psycopg.OperationalError("the log is closed")
        if self._connection is None:
            parameters = cast(dict[str, Any], self._datastore.pool.kwargs)
            self._availability.require()
            connection = psycopg.Connection[DictRow].connect(**parameters, autocommit=True)
            self._connection = connection
            self._availability.lend(connection)
            prepare(connection.pgconn)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._availability.take_back(connection)
            connection.close()


class Appender:
    """Appends commands to the log of one database; safe to share among threads.

    A command that is on record writes nothing (not `alongside` either) and answers `replayed`;
    it is for the caller to compare the request's hash. Every method raises the event library's
    `IntegrityError` where a version is taken or would leave a hole, or where one of the `reads` has
    moved: see `staleness`.
    """

    def __init__(
        self, datastore: PostgresDatastore, availability: Availability | None = None
    ) -> None:
        self._datastore = datastore
        self._leading = _Leading(datastore, availability or Availability(""))
        self._groups: Groups[Few, Begun | StaleError] = Groups(
            self._leading.append,
            self._append_alone,
            make_ready=Few.arrays,
            weigh=lambda few: len(few.entries) + len(few.reads),
            most=_GROUP_EVENTS,
        )

    def give_up(self) -> None:
        """Wait for the database no more; callable while appends are under way."""
        self._leading.give_up()

    def close(self) -> None:
        """Close what is not the datastore's."""
        self._leading.close()

    def append_few(
        self,
        entries: Sequence[Entry],
        command: Command,
        alongside: Alongside | None = None,
        reads: Sequence[Read] = (),
    ) -> Begun:
        """Append a command of some events, in one commit with those that wait beside it.

        With `alongside` it has a transaction of its own.
        """
        few = Few(command, entries, reads)
        if alongside is not None:
            return self._append_beside(few, alongside)
        answer = self._groups.do(few)
        if isinstance(answer, StaleError):
            raise answer
        return answer

    def append_many(
        self,
        count: int,
        entries: Callable[[], Iterable[Entry]],
        command: Command,
        alongside: Alongside | None = None,
        reads: Sequence[Read] = (),
    ) -> Begun:
        """Append a command of `count` events by COPY, encoded while the server takes them in.

        `entries` makes them, once for every attempt.
        """

        def blocks() -> Iterator[packing.Block]:
            return packing.blocks_of(entries(), SENT_EVENTS)

        return self.append_blocks(count, blocks, command, alongside, reads)

    def append_blocks(
        self,
        count: int,
        blocks: Callable[[], Iterable[packing.Block]],
        command: Command,
        alongside: Alongside | None = None,
        reads: Sequence[Read] = (),
    ) -> Begun:
        """As `append_many`, of blocks that may have been packed before.

        Raises `ValueError` where they hold another number of events than `count`.
        """
        begun: Begun = self._append_blocks(count, blocks, command, alongside, reads)
        return begun

    def _append_alone(self, few: Few) -> Begun | StaleError:
        answer: Begun | StaleError = self._append_until_answered(few)
        return answer

    @retried
    def _append_until_answered(self, few: Few) -> Begun | StaleError:
        with self._datastore.get_connection() as connection:
            return append_several(connection.pgconn, [few], prepared=False)[0]

    def _append_beside(self, few: Few, alongside: Alongside) -> Begun:
        def append(connection: psycopg.Connection[DictRow]) -> Begun:
            (answer,) = append_several(connection.pgconn, [few], prepared=False)
            if isinstance(answer, StaleError):
                raise answer
            return answer

        begun: Begun = self._in_one_transaction(append, alongside)
        return begun

    def _append_blocks(
        self,
        count: int,
        blocks: Callable[[], Iterable[packing.Block]],
        command: Command,
        alongside: Alongside | None,
        reads: Sequence[Read],
    ) -> Begun:
        def copy(connection: psycopg.Connection[DictRow]) -> Begun:
            with connection.cursor() as cursor:
                begun = _begin(cursor, command, count)
                if not begun.replayed:
                    if reads:
                        cursor.execute(_REFUSE_MOVED_READS, _columns(reads))
                    _copy(cursor, blocks(), begun)
            return begun

        begun: Begun = self._in_one_transaction(copy, alongside)
        return begun

    @retried
    def _in_one_transaction(
        self,
        append: Callable[[psycopg.Connection[DictRow]], Begun],
        alongside: Alongside | None,
    ) -> Begun:
        """Run `append`, and `alongside` unless replayed; again if it lost a race for its id."""
        with self._datastore.get_connection() as connection:
            for _ in range(_RACES - 1):
                try:
                    return _append_and(connection, append, alongside)
                except psycopg.errors.SerializationFailure:
                    continue
            return _append_and(connection, append, alongside)


def staleness(error: Exception) -> StaleError | None:
    """Which stream has moved on (or is not as far as was said), where an append failed for that.

    A command of many events does not say which of the streams it writes to it was.
    """
    cause = error.__cause__
    if isinstance(error, StaleError):
        return error
    if not isinstance(cause, psycopg.IntegrityError):
        return None
    match cause.diag.constraint_name:
        case name if name == READ_MOVED:
            return StaleError(cause.diag.message_detail or "", only_read=True)
        case name if name in (STREAM_KEY, NO_GAP, ONE_SPELLING):
            return StaleError()
        case _:
            return None


def is_stale(error: Exception) -> bool:
    """Whether an append failed because a stream has moved on (or is not as far as was said)."""
    return staleness(error) is not None


def _append_and(
    connection: psycopg.Connection[DictRow],
    append: Callable[[psycopg.Connection[DictRow]], Begun],
    alongside: Alongside | None,
) -> Begun:
    with connection.transaction():
        begun = append(connection)
        if alongside is not None and not begun.replayed:
            with connection.cursor() as cursor:
                alongside(cursor)
        return begun


def _begin(cursor: psycopg.Cursor[DictRow], command: Command, count: int) -> Begun:
    """Take the log's lock, and the place of a command of `count` events."""
    cursor.execute(
        _BEGIN,
        (
            command.command_id,
            command.request_hash,
            command.recorded_by,
            command.at,
            count,
        ),
        prepare=True,
    )
    row = cursor.fetchone()
    if row is None:
        raise ProgrammingError("the log gave no answer")
    return Begun(
        replayed=row["replayed"],
        request_hash=row["request_hash"],
        recorded_at=row["recorded_at"].astimezone(UTC),
        first_position=row["first_notification_id"],
        event_count=row["event_count"],
    )


def _copy(cursor: psycopg.Cursor[DictRow], blocks: Iterable[packing.Block], begun: Begun) -> None:
    at = packing.microseconds_of(begun.recorded_at)
    position = begun.first_position
    unchecked: list[tuple[bytes, int]] = []
    waiting = iter(blocks)
    for first in waiting:
        # The server takes in a block while the next one is made.
        with _copying(cursor) as copy:
            for block in chain([first], waiting):
                unchecked += block.unchecked
                copy.write(packing.placed(block.rows, block.places, position, at))
                position += len(block.places)
                if len(unchecked) > _CHECKED_AT_ONCE:
                    break
        cursor.execute(_REFUSE_GAPS, _columns(unchecked))
        unchecked.clear()
    if position != begun.first_position + begun.event_count:
        count = position - begun.first_position
        raise ValueError(f"{count} events, where {begun.event_count} were said")


@contextlib.contextmanager
def _copying(cursor: psycopg.Cursor[DictRow]) -> Iterator[psycopg.Copy]:
    with cursor.copy(_COPY) as copy:
        copy.write(packing.COPY_BEGINS)
        yield copy
        copy.write(packing.COPY_ENDS)


def _columns(versions: Sequence[tuple[bytes, int]]) -> tuple[list[str], list[int]]:
    return [stream.decode() for stream, _ in versions], [version for _, version in versions]
