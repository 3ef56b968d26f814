"""The event library's recorder on our tables: one round trip, one instant, exactly once.

The library asks a recorder to insert and select stored events. Ours does so through the SQL
functions of migration 0001, which hold the lock that makes the order of commits the order of
positions, and write the command's row in the same transaction. The library's own way of inserting
(a table lock and pipelined statements) hangs on large appends, and its database functions take no
lock at all, so that a tailing reader misses events; neither is used here.

An append of many events goes by COPY under the same lock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    InterfaceError,
    Notification,
    OperationalError,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL, Composable, Composed

from transfer.log.envelope import Command, event_id_of

Alongside = Callable[[psycopg.Cursor[DictRow]], None]
"""Further writes in the append's own transaction; repeatable, as a broken connection is retried."""

COPY_FROM_EVENTS = 200
"""From this many events on, an append goes by COPY."""

NO_GAP = "events_no_gap"
STREAM_KEY = "events_pkey"

# A race for one command id is lost at most once; a broken connection is tried again for a while.
_RACES = 3
_retry = retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)

_COLUMNS = SQL(
    "originator_id, originator_version, topic, state, notification_id, recorded_at, event_id"
)
_APPEND = SQL(
    "SELECT * FROM append_to_log(%b, %b, %b, %b::timestamptz, %b::text[], %b::bigint[],"
    " %b::text[], %b::bytea[], %b::uuid[])"
)
_BEGIN = SQL("SELECT * FROM begin_command(%b, %b, %b, %b::timestamptz, %b::integer)")
_APPEND_STAGED = SQL("SELECT * FROM append_staged(%b, %b, %b, %b::timestamptz, %b::uuid)")
_COPY = SQL("COPY events ({}) FROM STDIN (FORMAT BINARY)").format(_COLUMNS)
_COPY_TYPES = ("text", "int8", "text", "bytea", "int8", "timestamptz", "uuid")

LogRow = tuple[str, int, str, bytes, int, datetime, UUID]
"""Stream, version, stored name, state, position, instant, event id."""


@dataclass(frozen=True)
class PendingEvent(StoredEvent):
    """A stored event on its way in, with the id that it will have."""

    event_id: UUID


@dataclass(frozen=True, eq=False)
class LoggedEvent(Notification):
    """A stored event that is on record: with its instant and its id beside the position `id`."""

    recorded_at: datetime
    event_id: UUID

    def __eq__(self, other: object) -> bool:
        """Equal to any stored event with the same stream, version, name and state."""
        if not isinstance(other, StoredEvent):
            return NotImplemented
        return _content(self) == _content(other)

    def __hash__(self) -> int:
        """In keeping with equality."""
        return hash(_content(self))


def _content(event: StoredEvent) -> tuple[object, int, str, bytes]:
    return event.originator_id, event.originator_version, event.topic, event.state


@dataclass(frozen=True, slots=True)
class Begun:
    """What the log says to a command: its place and instant, or the first delivery's."""

    replayed: bool
    request_hash: bytes
    recorded_at: datetime
    first_position: int
    event_count: int

    @property
    def positions(self) -> range:
        """The positions of the command's events."""
        return range(self.first_position, self.first_position + self.event_count)


class LogRecorder(PostgresApplicationRecorder):
    """Stored events in table `events`, under text ids, appended a command at a time.

    `make_id` makes the id of a command for callers that bring none (the library's own test
    cases); without it such an append is a `ValueError`.
    """

    def __init__(
        self, datastore: PostgresDatastore, *, make_id: Callable[[], UUID] | None = None
    ) -> None:
        super().__init__(datastore, events_table_name="events")
        self._make_id = make_id

    def create_table(self) -> None:
        """Check that the migrations have been applied; they alone create anything.

        Raises `eventsourcing.persistence.ProgrammingError` where they have not.
        """
        with self.datastore.get_connection() as connection:
            found = connection.execute(
                "SELECT to_regclass('log_head') IS NOT NULL AS there"
            ).fetchone()
        if found is None or not found["there"]:
            raise ProgrammingError("the database has no log: its migrations were not applied")

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> list[int] | None:
        """The library's way in to `append`: returns the positions, `None` if nothing was written.

        Keywords: `command`, a `Command`; `alongside`; `answered`, called with what `append` says.
        """
        if kwargs.get("tracking") is not None:
            raise ProgrammingError("this log tracks no other application's positions")
        if not stored_events:
            return None
        begun = self.append(
            stored_events, kwargs.get("command") or self._command(), kwargs.get("alongside")
        )
        answered: Callable[[Begun], None] | None = kwargs.get("answered")
        if answered is not None:
            answered(begun)
        return None if begun.replayed else list(begun.positions)

    def append(
        self,
        stored_events: Sequence[StoredEvent],
        command: Command,
        alongside: Alongside | None = None,
    ) -> Begun:
        """Append one command's events, all or none, under one instant.

        A command that is on record writes nothing (not `alongside` either) and answers `replayed`;
        it is for the caller to compare the request's hash. Raises the library's `IntegrityError`
        where a version is taken or would leave a hole: see `is_stale`.
        """
        begun: Begun = self._append(stored_events, command, alongside)
        return begun

    @_retry
    def _append(
        self,
        stored_events: Sequence[StoredEvent],
        command: Command,
        alongside: Alongside | None,
    ) -> Begun:
        if len(stored_events) < COPY_FROM_EVENTS:
            return self._in_one_transaction(
                lambda cursor: self._insert(cursor, stored_events, command), alongside
            )
        return self._in_one_transaction(
            lambda cursor: self._copy(cursor, stored_events, command), alongside, several=True
        )

    def commit_staged(
        self, batch_id: UUID, command: Command, alongside: Alongside | None = None
    ) -> Begun:
        """Append a fully staged batch as one command: see `staging`, which checks it first."""
        begun: Begun = self._commit_staged(batch_id, command, alongside)
        return begun

    @_retry
    def _commit_staged(
        self, batch_id: UUID, command: Command, alongside: Alongside | None
    ) -> Begun:
        return self._in_one_transaction(
            lambda cursor: begin(cursor, _APPEND_STAGED, command, batch_id), alongside
        )

    def _in_one_transaction(
        self,
        write: Callable[[psycopg.Cursor[DictRow]], Begun],
        alongside: Alongside | None,
        *,
        several: bool = False,
    ) -> Begun:
        """Run `write`, and `alongside` unless replayed; again if it lost a race for a command id.

        Without `alongside`, and unless `write` sends `several` statements, its one statement is
        its own transaction: one round trip.
        """
        with self.datastore.get_connection() as connection:
            for _ in range(_RACES - 1):
                try:
                    return _write(connection, write, alongside, several=several)
                except psycopg.errors.SerializationFailure:
                    continue
            return _write(connection, write, alongside, several=several)

    def _insert(
        self, cursor: psycopg.Cursor[DictRow], events: Sequence[StoredEvent], command: Command
    ) -> Begun:
        return begin(
            cursor,
            _APPEND,
            command,
            [str(event.originator_id) for event in events],
            [event.originator_version for event in events],
            [event.topic for event in events],
            [event.state for event in events],
            [_id_of(event, command, index) for index, event in enumerate(events)],
        )

    def _copy(
        self, cursor: psycopg.Cursor[DictRow], events: Sequence[StoredEvent], command: Command
    ) -> Begun:
        begun = begin(cursor, _BEGIN, command, len(events))
        if begun.replayed:
            return begun
        with cursor.copy(_COPY) as copy:
            copy.set_types(_COPY_TYPES)
            for index, event in enumerate(events):
                copy.write_row(
                    (
                        event.originator_id,
                        event.originator_version,
                        event.topic,
                        event.state,
                        begun.first_position + index,
                        begun.recorded_at,
                        _id_of(event, command, index),
                    )
                )
        written = {(event.originator_id, event.originator_version) for event in events}
        to_check = [
            (str(stream), version)
            for stream, version in written
            if version > 1 and (stream, version - 1) not in written
        ]
        cursor.execute(
            "SELECT refuse_gaps(%b::text[], %b::bigint[])",
            ([stream for stream, _ in to_check], [version for _, version in to_check]),
        )
        return begun

    def _command(self) -> Command:
        if self._make_id is None:
            raise ValueError("an append needs its command")
        return Command(command_id=self._make_id(), recorded_by="", request_hash=b"")

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """One stream's events between two versions, oldest first unless `desc`."""
        conditions: list[tuple[Composable, object]] = [(SQL("originator_id = %b"), originator_id)]
        if gt is not None:
            conditions.append((SQL("originator_version > %b"), gt))
        if lte is not None:
            conditions.append((SQL("originator_version <= %b"), lte))
        order = SQL("originator_version DESC") if desc else SQL("originator_version")
        return [logged_event(row) for row in self.select(conditions, order, limit)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        """The log's events between two positions, in order, of some stored names or of all."""
        conditions: list[tuple[Composable, object]] = []
        if start is not None:
            first = start if inclusive_of_start else start + 1
            conditions.append((SQL("notification_id >= %b"), first))
        if stop is not None:
            conditions.append((SQL("notification_id <= %b"), stop))
        if topics:
            conditions.append((SQL("topic = ANY(%b)"), list(topics)))
        rows = self.select(conditions, SQL("notification_id"), limit)
        return [logged_event(row) for row in rows]

    def select(
        self,
        conditions: Sequence[tuple[Composable, object]],
        order: Composable,
        limit: int | None = None,
    ) -> list[LogRow]:
        """Rows of the log that meet every condition, as tuples in the order of `LogRow`."""
        statement = SQL("SELECT {} FROM events").format(_COLUMNS)
        if conditions:
            statement += SQL(" WHERE ") + SQL(" AND ").join([text for text, _ in conditions])
        statement += SQL(" ORDER BY ") + order
        values = [value for _, value in conditions]
        if limit is not None:
            statement += SQL(" LIMIT %b")
            values.append(limit)
        rows: list[LogRow] = self._fetch(statement, values)
        return rows

    @_retry
    def _fetch(self, statement: Composed, values: Sequence[object]) -> list[LogRow]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            cursor.execute(statement, values, prepare=True)
            return cursor.fetchall()


def _write(
    connection: psycopg.Connection[DictRow],
    write: Callable[[psycopg.Cursor[DictRow]], Begun],
    alongside: Alongside | None,
    *,
    several: bool,
) -> Begun:
    with connection.cursor() as cursor:
        if alongside is None and not several:
            return write(cursor)
        with connection.transaction():
            begun = write(cursor)
            if alongside is not None and not begun.replayed:
                alongside(cursor)
            return begun


def begin(
    cursor: psycopg.Cursor[DictRow], statement: SQL, command: Command, *arguments: object
) -> Begun:
    """Call one of the SQL functions that begin a command and answer with its place."""
    cursor.execute(
        statement,
        (
            command.command_id,
            command.request_hash,
            command.recorded_by,
            command.at,
            *arguments,
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


def is_stale(error: Exception) -> bool:
    """Whether an append failed because a stream has moved on (or is not as far as was said)."""
    cause = error.__cause__
    return isinstance(cause, psycopg.IntegrityError) and cause.diag.constraint_name in (
        STREAM_KEY,
        NO_GAP,
    )


def logged_event(row: LogRow) -> LoggedEvent:
    """The event library's form of a row of the log."""
    stream, version, topic, state, position, recorded_at, event_id = row
    return LoggedEvent(
        stream, version, topic, state, position, recorded_at.astimezone(UTC), event_id
    )


def _id_of(event: StoredEvent, command: Command, index: int) -> UUID:
    if isinstance(event, PendingEvent):
        return event.event_id
    return event_id_of(command.command_id, index)
