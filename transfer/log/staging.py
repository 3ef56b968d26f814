"""Large imports: stored in pieces that nobody sees, put on the log whole in one transaction.

A stop while staging loses at most the piece under way, and where the server's machine stops, also
those of the second before: nothing waits for the disk until all is recorded. The next run asks
where it had got to (`ImportBatch.staged_to`) and goes on from there. A batch that is committed
stays on record under the digest of its file, so the same file cannot be imported twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow, class_row
from psycopg.sql import SQL

from transfer.core.refusals import Conflict, NotOnRecord
from transfer.log import packing
from transfer.log.answers import Begun, Entry, Read
from transfer.log.appending import Alongside, Appender
from transfer.log.envelope import Command

_STAGE = SQL(
    "INSERT INTO import_pieces (batch_id, first_ordinal, rows, places, streams, versions)"
    " VALUES (%b, %b, %b, %b, %b, %b)"
)
# What a crash takes back is staged again, or removed again.
_NO_WAIT = "SET LOCAL synchronous_commit = off"
# Events in one stored row: less than a megabyte of most facts.
_BLOCK_EVENTS = 1_000
# Either side of the batch in the index of the primary key: two look-ups.
_OTHERS = """
SELECT EXISTS (SELECT FROM import_pieces WHERE batch_id < %(batch)s)
    OR EXISTS (SELECT FROM import_pieces WHERE batch_id > %(batch)s) AS others
"""
_FIND = "SELECT batch_id, file_sha256, command_id, expected, staged_to, state FROM import_batches "


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import: how many events it will have, and below which ordinal they are staged."""

    batch_id: UUID
    file_sha256: bytes
    command_id: UUID
    expected: int
    staged_to: int
    state: str

    @property
    def is_committed(self) -> bool:
        """Whether its events are on the log."""
        return self.state == "committed"


class Staging:
    """The import batches of one log."""

    def __init__(self, datastore: PostgresDatastore, appender: Appender) -> None:
        self._datastore = datastore
        self._appender = appender

    def open_batch(
        self, batch_id: UUID, file_sha256: bytes, command: Command, expected: int
    ) -> ImportBatch:
        """A new batch, or the one that this file has already: resume it at its `staged_to`.

        Raises `Conflict` where the file's batch was opened under another command, whose id the
        staged events carry, or for another number of events.
        """
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO import_batches (batch_id, file_sha256, command_id, expected)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (file_sha256) DO NOTHING",
                (batch_id, file_sha256, command.command_id, expected),
            )
        batch = self.find_batch(file_sha256)
        if batch is None:
            raise NotOnRecord("the batch was discarded in the same moment")
        if batch.command_id != command.command_id:
            raise Conflict("this file has an import under way as another command")
        if batch.expected != expected:
            raise Conflict(
                f"this file's import was opened for {batch.expected} events, not {expected}"
            )
        return batch

    def find_batch(self, file_sha256: bytes) -> ImportBatch | None:
        """The batch of a file, committed or not."""
        with (
            self._datastore.get_connection() as connection,
            connection.cursor(row_factory=class_row(ImportBatch)) as cursor,
        ):
            cursor.execute(_FIND + "WHERE file_sha256 = %s", (file_sha256,))
            return cursor.fetchone()

    def stage(self, batch_id: UUID, from_ordinal: int, count: int, entries: Iterable[Entry]) -> int:
        """Store the next piece, in a transaction of its own; returns the new `staged_to`.

        Raises `Conflict` unless `from_ordinal` is just where the batch has got to.
        """
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(_NO_WAIT)
            cursor.execute(
                "UPDATE import_batches SET staged_to = staged_to + %s"
                " WHERE batch_id = %s AND staged_to = %s AND state = 'staging'"
                " AND staged_to + %s <= expected RETURNING staged_to",
                (count, batch_id, from_ordinal, count),
            )
            row = cursor.fetchone()
            if row is None:
                raise Conflict(f"the batch is not waiting for {count} from {from_ordinal}")
            at = from_ordinal
            # The server stores a block while the next one is made.
            with cursor.connection.pipeline():
                for block in packing.blocks_of(entries, _BLOCK_EVENTS):
                    cursor.execute(_STAGE, (batch_id, at, *_piece_of(block)))
                    at += len(block.places)
            if at != from_ordinal + count:
                raise ValueError(f"{at - from_ordinal} events, where {count} were said")
        staged_to: int = row["staged_to"]
        return staged_to

    def commit(
        self,
        batch_id: UUID,
        command: Command,
        alongside: Alongside | None = None,
        reads: Sequence[Read] = (),
    ) -> Begun:
        """Put the whole batch on the log as one command, in one transaction.

        Raises `Conflict` unless every event is staged under this command; the event library's
        `IntegrityError` where a version is taken or one of the `reads` has moved (see
        `appending.staleness`).
        """
        batch = self._batch(batch_id)
        if batch.command_id != command.command_id:
            raise Conflict("the batch was staged under another command")
        if batch.staged_to != batch.expected:
            raise Conflict(f"only {batch.staged_to} of {batch.expected} events are staged")
        begun = self._appender.append_staged(batch_id, command, alongside, reads)
        # Not under the log's lock. If this is lost, the next call for this batch does it.
        self._forget_pieces(batch_id)
        return begun

    def discard(self, batch_id: UUID) -> None:
        """Forget a batch that is not committed. Raises `Conflict` if it is."""
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "SELECT state FROM import_batches WHERE batch_id = %s FOR UPDATE", (batch_id,)
            )
            row: dict[str, Any] | None = cursor.fetchone()
            if row is None:
                return
            if row["state"] == "committed":
                raise Conflict("the batch is on the log and stays there")
            cursor.execute("DELETE FROM import_batches WHERE batch_id = %s", (batch_id,))

    def _forget_pieces(self, batch_id: UUID) -> None:
        """Remove a batch's pieces: all at once where there are no others and nobody looks."""
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(_NO_WAIT)
            if not _emptied(cursor, batch_id):
                cursor.execute("DELETE FROM import_pieces WHERE batch_id = %s", (batch_id,))

    def _batch(self, batch_id: UUID) -> ImportBatch:
        with (
            self._datastore.get_connection() as connection,
            connection.cursor(row_factory=class_row(ImportBatch)) as cursor,
        ):
            cursor.execute(_FIND + "WHERE batch_id = %s", (batch_id,))
            batch = cursor.fetchone()
        if batch is None:
            raise NotOnRecord(f"there is no import batch {batch_id}")
        return batch


def _piece_of(block: packing.Block) -> tuple[bytes, bytes, list[str], list[int]]:
    return (
        block.rows,
        packing.packed_places(block.places),
        [stream.decode() for stream, _ in block.unchecked],
        [version for _, version in block.unchecked],
    )


def _emptied(cursor: psycopg.Cursor[DictRow], batch_id: UUID) -> bool:
    try:
        with cursor.connection.transaction():
            cursor.execute("LOCK TABLE import_pieces IN ACCESS EXCLUSIVE MODE NOWAIT")
            cursor.execute(_OTHERS, {"batch": batch_id})
            row = cursor.fetchone()
            if row is None or row["others"]:
                raise psycopg.Rollback  # gives the lock back as well
            cursor.execute("TRUNCATE import_pieces")
            return True
    except psycopg.errors.LockNotAvailable:
        pass  # another import is being staged just now
    return False
