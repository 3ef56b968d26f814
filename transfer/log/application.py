"""The log as the rest of the program sees it: append, read, page, wait.

    log = open_log(database_url)
    receipt = log.append([(staff_stream("S10442"), 0, fact)], command)
    log.read(staff_stream("S10442"))

The log is the only truth: whatever else is stored anywhere can be made again from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, perf_counter
from typing import Any, Generic
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError, PersistenceError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL
from psycopg_pool import PoolTimeout

from transfer.core.refusals import Conflict, KeyReused, StaleRead, StaleVersion
from transfer.core.streams import StreamKind
from transfer.core.words import Attested
from transfer.database_url import SHORT_CONNECT_SECONDS, options_with
from transfer.log import restriction, trace
from transfer.log.answers import Begun, Entry, Read
from transfer.log.appending import COPY_FROM_EVENTS, SENT_EVENTS, Alongside, retried, staleness
from transfer.log.availability import Availability
from transfer.log.clock import RecordClockRow
from transfer.log.clock_watch import ClockWatch
from transfer.log.envelope import (
    PRACTICE,
    Command,
    EventRef,
    F,
    Head,
    ReadablePage,
    Receipt,
    Recorded,
    RehearsalMark,
    Undecodable,
    Written,
    WrittenInBinary,
    keyed_hash,
)
from transfer.log.listener import HeadListener
from transfer.log.mapper import FactMapper, mapper_of_facts
from transfer.log.measures import OfAppends
from transfer.log.packing import Block, EventIds, blocks_of
from transfer.log.recorder import LogRecorder
from transfer.log.staging import ImportBatch, Staging
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

New = tuple[str, int, F] | tuple[str, int, F, Attested | None]
"""Stream, last known version (0: a new stream), fact; and, where the fact comes from an older
system, what that one claims about it (else the command's own claim holds, if it makes one).
Several facts of one stream all give the version known before the first of them."""

Reads = Mapping[str, int]
"""Streams that a decision only read, each with the version it had then (0: nothing on record)."""

_GIVE_UP_SECONDS = 1.0
_RECONNECT_SECONDS = 2.0
_WAIT_SECONDS = 0.4

# What the server does by itself about a process that hangs or whose machine has gone: whatever that
# holds locked, others may wait for.
_LETS_GO = {
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "3",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
}

_BY_POSITION = SQL("notification_id")
_WRITTEN = (
    "SELECT convert_to(originator_id, 'UTF8'), originator_version, uuid_send(event_id)"
    " FROM events"
    " WHERE notification_id BETWEEN %b AND %b ORDER BY notification_id"
)

# A colon and a semicolon are neighbours: between them lie the streams of one kind.
_STREAMS = """
SELECT originator_id AS stream FROM events
WHERE originator_id > %s AND originator_id < %s AND originator_version = 1 AND recorded_at <= %s
ORDER BY originator_id LIMIT %s
"""
_LAST_STREAM = """
SELECT originator_id AS stream FROM events WHERE originator_id > %s AND originator_id < %s
ORDER BY originator_id DESC LIMIT 1
"""
# A command's instant is its own.
_BEGUN_BY = """
SELECT e.originator_id AS stream, c.subject FROM events AS e JOIN commands AS c USING (recorded_at)
WHERE e.originator_id = ANY(%s) AND e.originator_version = 1
"""


class GivenUpError(PersistenceError):
    """The database has gone for good, and is not tried again."""


class _RecentFirst(ConnectionPool[psycopg.Connection[DictRow]]):
    """A pool that gives out the connection that came back last.

    The library's goes round, so that one caller after another always meets a server process that
    has slept: a tenth of a millisecond for each call, several times what a look-up takes.
    """

    is_given_up = False

    def __init__(self, availability: Availability, *arguments: Any, **named: Any) -> None:
        self.availability = availability
        self._restricted: set[int] = set()
        super().__init__(*arguments, **named)

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[psycopg.Connection[DictRow]]:
        """A connection for a while; with one that leads to a standby, all of them are given up.

        What was a primary, or what a proxy led to, may take no writes any more. The connections
        are not lost by that, and each of them would refuse every write from then on. Raises
        `psycopg.OperationalError` then, as where they are lost.
        """
        try:
            with super().connection(timeout) as connection:
                yield connection
        except psycopg.errors.ReadOnlySqlTransaction as error:
            self.drain()
            raise psycopg.OperationalError("the database takes no writes now") from error

    def give_up(self) -> None:
        """Refuse everybody from now on, those included who wait for a connection."""
        self.is_given_up = True
        self.close(timeout=_GIVE_UP_SECONDS)

    def open(self, wait: bool = False, timeout: float = 30.0) -> None:
        if self.is_given_up:
            raise GivenUpError("the log is waited for no more")
        super().open(wait, timeout)

    def getconn(self, timeout: float | None = None) -> psycopg.Connection[DictRow]:
        """A connection, restricted where the request serves who reads by a grant.

        Raises `ServerAwayError` where the database is known not to answer.
        """
        connection = self._waited_for(self.timeout if timeout is None else timeout)
        try:
            if restriction.put_on(connection):
                self._restricted.add(id(connection))
        except BaseException:
            connection.close()
            super().putconn(connection)
            raise
        self.availability.lend(connection)
        return connection

    def _waited_for(self, seconds: float) -> psycopg.Connection[DictRow]:
        # In short waits: the database may go while somebody waits for a connection to it.
        until = monotonic() + seconds
        while True:
            self.availability.require()
            left = until - monotonic()
            try:
                return super().getconn(min(left, _WAIT_SECONDS))
            except PoolTimeout:
                if left <= _WAIT_SECONDS:
                    raise

    def putconn(self, conn: psycopg.Connection[DictRow]) -> None:
        """Take a connection back, for anybody."""
        self.availability.take_back(conn)
        if id(conn) in self._restricted:
            self._restricted.discard(id(conn))
            try:
                if not conn.closed:
                    restriction.take_off(conn)
            except psycopg.Error:
                conn.close()  # and the pool makes another
        super().putconn(conn)

    def _get_ready_connection(self, timeout: float | None) -> psycopg.Connection[DictRow] | None:
        self._pool.rotate(1)
        return super()._get_ready_connection(timeout)


def open_datastore(
    database_url: str, *, pool_size: int = 8, availability: Availability | None = None
) -> PostgresDatastore:
    """The event library's datastore for a libpq URL, sockets and further parameters included."""
    parameters = conninfo_to_dict(database_url)
    parameters["options"] = options_with(database_url, {"timezone": "UTC", **_LETS_GO})
    datastore = PostgresDatastore(dbname="", host="", port="", user="", password="")
    datastore.pool = _RecentFirst(
        availability or Availability(database_url),
        kwargs={
            **parameters,
            # Shorter than for a command: somebody is waiting, and it is tried again.
            "connect_timeout": SHORT_CONNECT_SECONDS,
            "row_factory": psycopg.rows.dict_row,
        },
        connection_class=psycopg.Connection[DictRow],
        configure=datastore.after_connect_func(),
        min_size=1,
        max_size=pool_size,
        timeout=5,
        # Not for minutes: the next request for a connection begins another attempt.
        reconnect_timeout=_RECONNECT_SECONDS,
        open=False,
    )
    return datastore


class Log(Generic[F]):
    """The record: facts of every stream, in one order, each under the command that wrote it.

    Open one a process; it is safe to share among threads. With a `clock_watch`, nothing is recorded
    while the clocks disagree: what records raises `ClocksDisagreeError` then. `known` are the facts
    that are read from it, which whoever reads them asks what they mean. `request_key` keys the hash
    that is kept of each request, so that nobody without it can try requests against the hash; only
    tests and what writes nothing go without. Raises the event library's `ProgrammingError` on a
    database whose migrations were not applied.
    """

    def __init__(
        self,
        database_url: str,
        *,
        mapper: FactMapper[F],
        known: KnownFacts = NO_KINDS,
        pool_size: int = 8,
        request_key: bytes | None = None,
    ) -> None:
        self._mapper = mapper
        self._request_key = request_key
        self.known = known
        self.availability = Availability(database_url)
        self._datastore = open_datastore(
            database_url, pool_size=pool_size, availability=self.availability
        )
        self._recorder = LogRecorder(self._datastore, availability=self.availability)
        self._recorder.create_table()
        self._appender = self._recorder.appender
        self.clock = RecordClockRow(self._datastore)
        self.clock_watch: ClockWatch | None = None
        self._staging = Staging(self._datastore, self._appender)
        self._listener = HeadListener(make_conninfo(database_url))
        self.appends = OfAppends()

    # --- writing -------------------------------------------------------------------------------

    def append(
        self,
        new: Sequence[New[F]],
        command: Command,
        alongside: Alongside | None = None,
        *,
        reads: Reads | None = None,
        encode_first: bool = False,
    ) -> Receipt:
        """Record facts of one command: all or none, in this order, under one instant.

        A repeated command writes nothing and gets its first receipt again, `replayed`, also when
        the repetition is the retry of an attempt whose answer was lost. `alongside` writes further
        rows in the same transaction, and must bear to be run again after a rollback. `reads` names
        what the decision rests on beside the streams that it writes to: it is recorded only if
        they have not moved either. Many facts are encoded while the server takes in those before;
        with `encode_first` all of them before, which is slower by itself but holds the log's lock
        for less long where this process has much else to do.

        Raises `StaleVersion` where a stream is not at the version given, `StaleRead` where it is
        one of the `reads`, `KeyReused` where the command's id is on record with another request,
        `ValueError` for nothing to record.
        """
        if not new:
            raise ValueError("nothing to record")
        self._require_right_time()
        command = self._keyed(command)
        read = _read(reads)
        written: list[WrittenInBinary] = []
        since = perf_counter()

        def blocks() -> Iterator[Block]:
            return blocks_of(self._kept(new, command, written), SENT_EVENTS)

        try:
            if len(new) < COPY_FROM_EVENTS:
                few = list(self._entries(new, command))
                written += ((stream, version, its_id) for stream, version, _, _, its_id in few)
                begun = self._appender.append_few(few, command, alongside, read)
            else:
                made = list(blocks()) if encode_first else None
                begun = self._appender.append_blocks(
                    len(new), blocks if made is None else lambda: made, command, alongside, read
                )
        except IntegrityError as error:
            raise _refusal(error) from error
        if begun.replayed:
            return self._first_receipt(begun, command)
        self._note(len(new), perf_counter() - since)
        return Receipt(
            command_id=command.command_id,
            recorded_at=begun.recorded_at,
            events=Written(written),
            replayed=False,
            last_position=begun.positions[-1],
        )

    def open_import(
        self, batch_id: UUID, file_sha256: bytes, command: Command, expected: int
    ) -> ImportBatch:
        """Begin a large import of `expected` facts, or find how far that of this file has got.

        Raises `Conflict` where it was begun as another command or for another number.
        """
        return self._staging.open_batch(batch_id, file_sha256, command, expected)

    def find_import(self, file_sha256: bytes) -> ImportBatch | None:
        """The import of a file, whether under way or on the log."""
        return self._staging.find_batch(file_sha256)

    def stage(
        self, batch: ImportBatch, from_ordinal: int, count: int, alongside: Alongside | None = None
    ) -> int:
        """Store what goes with the next `count` events of an import, unseen, in one transaction.

        Returns the ordinal to go on from. Raises `Conflict` unless `from_ordinal` is where the
        batch has got to.
        """
        return self._staging.stage(batch.batch_id, from_ordinal, count, alongside)

    def commit_import(
        self,
        batch: ImportBatch,
        command: Command,
        blocks: Callable[[], Iterable[Block]],
        new: Sequence[New[F]] = (),
        alongside: Alongside | None = None,
        *,
        reads: Reads | None = None,
    ) -> Begun:
        """Record a whole staged import as one command, in one transaction; answers where it is.

        `blocks` gives the events that the batch expects, encoded elsewhere, once for every attempt;
        their versions, and their ids by `event_id_of` their ordinals, are the caller's care. `new`
        is recorded after them. Raises as `append` does, `Conflict` where something is not staged
        yet, `ValueError` where the blocks hold another number of events than the batch expects.
        """
        self._require_right_time()
        command = self._keyed(command)

        def all_blocks() -> Iterator[Block]:
            yield from blocks()
            yield from blocks_of(self._entries(new, command, batch.expected), SENT_EVENTS)

        count = batch.expected + len(new)
        since = perf_counter()
        try:
            begun = self._staging.commit(
                batch.batch_id, command, count, all_blocks, alongside, _read(reads)
            )
        except IntegrityError as error:
            raise _refusal(error) from error
        if begun.request_hash != command.request_hash:
            raise KeyReused("this key was used before, with another request")
        if not begun.replayed:
            self._note(begun.event_count, perf_counter() - since)
        return begun

    def discard_import(self, batch: ImportBatch) -> None:
        """Forget an import that is not recorded. Raises `Conflict` if it is."""
        self._staging.discard(batch.batch_id)

    def mark_rehearsed(self, edition: str, clock_stopped_at: datetime | None = None) -> None:
        """Mark this log, for ever, as a rehearsal of a rulebook's edition.

        With `clock_stopped_at` its simulated clock stands there from now on: what is recorded
        without an instant of its own carries that one (or just after what is on record). Raises
        `Conflict` where the log holds real entries or another rehearsal.
        """
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "UPDATE log_head SET rehearsed_edition = %(edition)s"
                " WHERE rehearsed_edition = %(edition)s"
                " OR (rehearsed_edition IS NULL AND last_position = 0)",
                {"edition": edition},
            )
            if cursor.rowcount != 1:
                raise Conflict("the log holds real entries or another rehearsal")
        self.clock.simulate()
        if clock_stopped_at is not None:
            self.clock.stop(clock_stopped_at)

    def begin_practice(self, at: datetime) -> None:
        """Mark this log, for ever, as a practice, whose clock stands at an instant.

        Raises `Conflict` where the log holds entries, or is a rehearsal or a practice already.
        """
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "UPDATE log_head SET rehearsed_edition = %s"
                " WHERE rehearsed_edition IS NULL AND last_position = 0",
                (PRACTICE,),
            )
            if cursor.rowcount != 1:
                raise Conflict("the log holds real entries, a rehearsal or a practice")
            cursor.execute(
                "INSERT INTO simulated_clock (standing_at, is_practice) VALUES (%s, true)", (at,)
            )

    # --- reading -------------------------------------------------------------------------------

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[F]]:
        """One stream's facts above a version, oldest first; `[]` where it has none.

        `up_to_recorded`: only what was on record at that instant, itself included.
        """
        conditions: list[tuple[SQL, object]] = [
            (SQL("originator_id = %b"), stream),
            (SQL("originator_version > %b"), after),
        ]
        if up_to_recorded is not None:
            conditions.append((SQL("recorded_at <= %b"), up_to_recorded))
        rows = self._recorder.select(conditions, SQL("originator_version"))
        return [self._mapper.decode(*row) for row in rows]

    def read_new(self, known: Mapping[str, int]) -> dict[str, list[Recorded[F]]]:
        """The facts of many streams above the version that is known of each, in one query; every
        stream asked for has its key."""
        found: dict[str, list[Recorded[F]]] = {stream: [] for stream in known}
        for row in self._recorder.select_new(known):
            found[row[0]].append(self._mapper.decode(*row))
        return found

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[F]]]:
        """The facts of many streams in one query; every stream asked for has its key."""
        conditions: list[tuple[SQL, object]] = [(SQL("originator_id = ANY(%b)"), list(streams))]
        if up_to_recorded is not None:
            conditions.append((SQL("recorded_at <= %b"), up_to_recorded))
        found: dict[str, list[Recorded[F]]] = {stream: [] for stream in streams}
        for row in self._recorder.select(conditions, SQL("originator_id, originator_version")):
            found[row[0]].append(self._mapper.decode(*row))
        return found

    def streams_under(self, prefix: str) -> list[str]:
        """The names of the streams that begin so, in order."""
        rows = self._recorder.select(
            [(SQL("originator_version = %b"), 1), (SQL("starts_with(originator_id, %b)"), prefix)],
            SQL("originator_id"),
        )
        return [row[0] for row in rows]

    def page(
        self, after_position: int, limit: int, topics: Sequence[str] = ()
    ) -> list[Recorded[F]]:
        """Up to `limit` facts above a position, in the log's order, of those stored names only."""
        conditions: list[tuple[SQL, object]] = [(SQL("notification_id > %b"), after_position)]
        if topics:
            conditions.append((SQL("topic = ANY(%b)"), list(topics)))
        rows = self._recorder.select(conditions, _BY_POSITION, limit)
        return [self._mapper.decode(*row) for row in rows]

    def page_readable(
        self, after_position: int, limit: int, topics: Sequence[str]
    ) -> ReadablePage[F]:
        """As `page`, for whoever must go on: what cannot be decoded comes apart from the rest."""
        rows = self._recorder.select(
            [(SQL("notification_id > %b"), after_position), (SQL("topic = ANY(%b)"), list(topics))],
            _BY_POSITION,
            limit,
        )
        readable: list[Recorded[F]] = []
        undecodable: list[Undecodable] = []
        for row in rows:
            try:
                readable.append(self._mapper.decode(*row))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one is its own fault
                undecodable.append(Undecodable(stream=row[0], error=error))
        last = rows[-1][4] if rows else after_position
        return ReadablePage(readable, undecodable, last, is_last=len(rows) < limit)

    def streams_begun(
        self, kind: StreamKind, limit: int, *, after: str = "", up_to_recorded: datetime
    ) -> list[str]:
        """Up to `limit` streams of one kind, by name, above a name; those begun by an instant."""
        with self._datastore.get_connection() as connection:
            rows = connection.execute(
                _STREAMS, (after or f"{kind}:", f"{kind};", up_to_recorded, limit)
            ).fetchall()
        return [row["stream"] for row in rows]

    def begun_by(self, streams: Sequence[str]) -> dict[str, str]:
        """By stream, who recorded its first event."""
        with self._datastore.get_connection() as connection:
            rows = connection.execute(_BEGUN_BY, (list(streams),)).fetchall()
        return {row["stream"]: row["subject"] for row in rows}

    def last_stream(self, kind: StreamKind) -> str | None:
        """The stream of one kind that comes last by name."""
        row = self._one(_LAST_STREAM, f"{kind}:", f"{kind};")
        return None if row is None else str(row["stream"])

    def find(self, event_id: UUID) -> EventRef | None:
        """Where an event is; `None` if there is no such event."""
        rows = self._recorder.select([(SQL("event_id = %b"), event_id)], _BY_POSITION)
        if not rows:
            return None
        stream, version, _, _, position, recorded_at, _ = rows[0]
        return EventRef(stream, version, event_id, position, recorded_at.astimezone(UTC))

    def get(self, event_id: UUID) -> Recorded[F] | None:
        """One event with its content; `None` if there is no such event."""
        rows = self._recorder.select([(SQL("event_id = %b"), event_id)], _BY_POSITION)
        return self._mapper.decode(*rows[0]) if rows else None

    def correlation_of(self, event_id: UUID) -> UUID | None:
        """The correlation id of one event, readable or not; `None` if there is no such event."""
        rows = self._recorder.select([(SQL("event_id = %b"), event_id)], _BY_POSITION)
        return self._mapper.correlation_in(rows[0][3]) if rows else None

    def find_command(self, command_id: UUID) -> Receipt | None:
        """What a command wrote, as its repetition would be told; `None` if not on record."""
        begun = self._begun(command_id)
        return None if begun is None else self._receipt_of(command_id, begun)

    def first_answer(self, command: Command) -> Receipt | None:
        """What a command answered the first time it was delivered; `None` the first time.

        Raises `KeyReused` where its id is on record with another request.
        """
        begun = self.first_place(command)
        return None if begun is None else self._receipt_of(command.command_id, begun)

    def first_place(self, command: Command) -> Begun | None:
        """As `first_answer`; but answers where the command's events are, and does not list them."""
        begun = self._begun(command.command_id)
        if begun is not None and begun.request_hash != self._keyed(command).request_hash:
            raise KeyReused("this key was used before, with another request")
        return begun

    def head(self) -> Head:
        """The end of the log as committed now."""
        row = self._one("SELECT last_position, last_recorded_at FROM log_head")
        if row is None:
            raise LookupError("the log has lost its head row")
        recorded_at: datetime | None = row["last_recorded_at"]
        return Head(row["last_position"], recorded_at and recorded_at.astimezone(UTC))

    def position_at(self, known_at: datetime) -> int:
        """The last position on record at an instant, itself included; 0 before the first."""
        row = self._one(
            "SELECT first_notification_id + event_count - 1 AS position FROM commands"
            " WHERE recorded_at <= %s ORDER BY recorded_at DESC LIMIT 1",
            known_at,
        )
        return row["position"] if row else 0

    def rehearsal(self) -> RehearsalMark | None:
        """The mark of a rehearsed log; `None` for a real one."""
        row = self._one(
            "SELECT rehearsed_edition, standing_at, is_practice"
            " FROM log_head LEFT JOIN simulated_clock ON true"
        )
        if row is None or row["rehearsed_edition"] is None:
            return None
        stopped: datetime | None = row["standing_at"]
        return RehearsalMark(
            row["rehearsed_edition"],
            stopped and stopped.astimezone(UTC),
            is_practice=bool(row["is_practice"]),
        )

    def identity(self) -> str:
        """Which record this is: a UUID that stays the same for ever, made when first asked for.

        A copy of a database is the same record: give it a namespace or a task queue of its own
        before it shares a Temporal server with the original.
        """
        row = self._one("SELECT own_identity() AS id")
        if row is None:
            raise LookupError("the record has lost its identity")
        return str(row["id"])

    def wait_past(self, position: int, timeout: float) -> bool:
        """Whether the log has grown past a position, waiting up to `timeout` seconds for it.

        Survives the loss of its connection; `False` also when the log is closed meanwhile.
        """
        return self._listener.wait_past(position, timeout)

    def pool_statistics(self) -> Mapping[str, int]:
        """What the pool of connections counts (`get_stats` of `psycopg_pool`)."""
        found: Mapping[str, int] = self._datastore.pool.get_stats()
        return found

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        """A connection of the pool, in autocommit, rows as dictionaries; errors are psycopg's."""
        self._datastore.pool.open()
        with self._datastore.pool.connection() as connection:
            yield connection

    def give_up(self) -> None:
        """Let everybody who waits for a connection fail now: the database has gone for good.

        Callable from any thread, while others use the log; they get `GivenUpError`.
        """
        self._appender.give_up()
        if isinstance(self._datastore.pool, _RecentFirst):
            self._datastore.pool.give_up()

    def close(self) -> None:
        """Wake whoever waits, end the listening thread, close every connection."""
        self.availability.close()
        self._listener.close()
        self._appender.close()
        self._datastore.close()

    # --- inside --------------------------------------------------------------------------------

    def _note(self, events: int, seconds: float) -> None:
        self.appends.note(events, seconds)
        if trace.listeners and (within := trace.current.get()) is not None:
            about = {"transfer.events": events}
            trace.tell(trace.Span("append", within, seconds, about, parent_id=within.span_id))

    def _require_right_time(self) -> None:
        if self.clock_watch is not None:
            self.clock_watch.require_agreement()

    def _keyed(self, command: Command) -> Command:
        """The command as it is kept: what was asked cannot be guessed from it without the key."""
        if self._request_key is None:
            return command
        kept = keyed_hash(self._request_key, command.request_hash)
        return replace(command, request_hash=kept)

    def _entries(
        self, new: Sequence[New[F]], command: Command, first_index: int = 0
    ) -> Iterator[Entry]:
        stored_form = self._mapper.stored_form
        event_ids = EventIds(command.command_id)
        reached: dict[str, tuple[int, int]] = {}
        for index, (stream, expected, fact, *claimed) in enumerate(new, start=first_index):
            known, last = reached.get(stream, (expected, expected))
            if known != expected:
                raise ValueError(f"{stream}: expected at version {known} and at {expected}")
            reached[stream] = (known, last + 1)
            name, state = stored_form(fact, command, claimed[0] if claimed else None)
            yield stream.encode(), last + 1, name, state, event_ids.packed(index)

    def _kept(
        self, new: Sequence[New[F]], command: Command, kept: list[WrittenInBinary]
    ) -> Iterator[Entry]:
        kept.clear()
        for entry in self._entries(new, command):
            stream, version, _, _, event_id = entry
            kept.append((stream, version, event_id))
            yield entry

    def _first_receipt(self, begun: Begun, command: Command) -> Receipt:
        if begun.request_hash != command.request_hash:
            raise KeyReused("this key was used before, with another request")
        return self._receipt_of(command.command_id, begun)

    def _begun(self, command_id: UUID) -> Begun | None:
        row = self._one(
            "SELECT request_hash, recorded_at, first_notification_id, event_count FROM commands"
            " WHERE command_id = %s",
            command_id,
        )
        if row is None:
            return None
        return Begun(
            replayed=True,
            request_hash=bytes(row["request_hash"]),
            recorded_at=row["recorded_at"].astimezone(UTC),
            first_position=row["first_notification_id"],
            event_count=row["event_count"],
        )

    def _receipt_of(self, command_id: UUID, begun: Begun) -> Receipt:
        return Receipt(
            command_id=command_id,
            recorded_at=begun.recorded_at,
            events=Written(self._written_at(begun.positions)),
            replayed=begun.replayed,
            last_position=begun.positions[-1],
        )

    # The append is on record: a server that goes away just then must not make a failure of it.
    @retried
    def _written_at(self, positions: range) -> Sequence[WrittenInBinary]:
        with (
            self._datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            cursor.execute(_WRITTEN, (positions[0], positions[-1]))
            return cursor.fetchall()

    def _one(self, statement: str, *values: object) -> DictRow | None:
        with self._datastore.get_connection() as connection:
            return connection.execute(statement, values, prepare=True).fetchone()


def _read(reads: Reads | None) -> list[Read]:
    return [(stream.encode(), version) for stream, version in (reads or {}).items()]


def _refusal(error: IntegrityError) -> Exception:
    diag = getattr(error.__cause__, "diag", None)
    if diag is not None and diag.constraint_name == "clock_is_real":
        return Conflict("a real record goes by its database's clock: no instant can be given")
    stale = staleness(error)
    if stale is None:
        return error
    if stale.only_read:
        return StaleRead(f"{stale.stream} has moved since this was decided", stream=stale.stream)
    return StaleVersion(
        "the record has moved past the version that this relied on", stream=stale.stream
    )


def open_log(
    database_url: str,
    *,
    pool_size: int = 8,
    known: KnownFacts = NO_KINDS,
    request_key: bytes | None = None,
) -> Log[Fact]:
    """The log of the facts that a program knows, at a libpq URL (unix socket: `?host=/folder`)."""
    return Log(
        database_url,
        mapper=mapper_of_facts(known),
        known=known,
        pool_size=pool_size,
        request_key=request_key,
    )
