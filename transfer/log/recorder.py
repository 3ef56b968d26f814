"""The event library's recorder on our tables: one round trip, one instant, exactly once.

The library asks a recorder to insert and select stored events. Ours inserts as `appending` does,
under a lock that makes the order of commits the order of positions, with the command's row in the
same transaction. The library's own way of inserting (a table lock and pipelined statements) hangs
on large appends, and its database functions take no lock at all, so that a tailing reader misses
events; neither is used here. Its methods `insert_events` and `select_…`, and the mapper's
`to_…_event`, are there for the library's own test cases, which hold this recorder to its seam: the
program itself appends by `append` and reads by `select`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Composed

from transfer.log import appending
from transfer.log.answers import Begun, Entry
from transfer.log.appending import Alongside, Appender, retried
from transfer.log.availability import Availability
from transfer.log.envelope import Command, event_id_of

_COLUMNS = SQL(
    "originator_id, originator_version, topic, state, notification_id, recorded_at, event_id"
)

_NEW_OF_STREAMS = (
    SQL("""
SELECT {0} FROM unnest(%b::text[], %b::bigint[]) AS known (stream, version), LATERAL (
    SELECT {0} FROM events
    WHERE originator_id = known.stream AND originator_version > known.version
    ORDER BY originator_version
) AS new_of_it
""")
).format(_COLUMNS)

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


class LogRecorder(PostgresApplicationRecorder):
    """Stored events in table `events`, under text ids, appended a command at a time.

    `make_id` makes the id of a command for callers that bring none (the library's own test
    cases); without it such an append is a `ValueError`.
    """

    def __init__(
        self,
        datastore: PostgresDatastore,
        *,
        make_id: Callable[[], UUID] | None = None,
        availability: Availability | None = None,
    ) -> None:
        super().__init__(datastore, events_table_name="events")
        self.appender = Appender(datastore, availability)
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
        where a version is taken or would leave a hole: see `staleness`.
        """
        entries = [
            _entry_of(event, _id_of(event, command, index))
            for index, event in enumerate(stored_events)
        ]
        if len(entries) < appending.COPY_FROM_EVENTS:
            return self.appender.append_few(entries, command, alongside)
        return self.appender.append_many(len(entries), lambda: entries, command, alongside)

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
        return self._rows(statement, values)

    def select_new(self, known: Mapping[str, int]) -> list[LogRow]:
        """Rows of these streams above the version that is known of each, a stream's in order."""
        return self._rows(_NEW_OF_STREAMS, [list(known), list(known.values())])

    def _rows(self, statement: Composed, values: Sequence[object]) -> list[LogRow]:
        rows: list[LogRow] = self._fetch(statement, values)
        return rows

    @retried
    def _fetch(self, statement: Composed, values: Sequence[object]) -> list[LogRow]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            cursor.execute(statement, values, prepare=True)
            return cursor.fetchall()


def logged_event(row: LogRow) -> LoggedEvent:
    """The event library's form of a row of the log."""
    stream, version, topic, state, position, recorded_at, event_id = row
    return LoggedEvent(
        stream, version, topic, state, position, recorded_at.astimezone(UTC), event_id
    )


def entry_of(event: PendingEvent) -> Entry:
    """An event that has its id, in the form that is written."""
    return _entry_of(event, event.event_id)


def _entry_of(event: StoredEvent, event_id: UUID) -> Entry:
    return (
        str(event.originator_id).encode(),
        event.originator_version,
        event.topic.encode(),
        event.state,
        event_id.bytes,
    )


def _id_of(event: StoredEvent, command: Command, index: int) -> UUID:
    if isinstance(event, PendingEvent):
        return event.event_id
    return event_id_of(command.command_id, index)
