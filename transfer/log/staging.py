"""Large imports: prepared where nobody sees them, put on the log whole in one transaction.

The events wait outside the database, in blocks that were packed for COPY by other processes
(`imports.history.spool`). What else is to be stored with them, such as personal data, may be
prepared in the database, a piece at a time; `ImportBatch.staged_to` says how far that has got, and
a run that was stopped goes on from there. A batch that is committed stays on record under the
digest of its file, so the same file cannot be imported twice.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow, class_row

from transfer.core.refusals import Conflict, NotOnRecord
from transfer.log.answers import Begun, Read
from transfer.log.appending import Alongside, Appender
from transfer.log.envelope import Command
from transfer.log.packing import Block

# What a crash of the server's machine takes back is staged again.
_NO_WAIT = "SET LOCAL synchronous_commit = off"
_ADVANCE = """
UPDATE import_batches SET staged_to = staged_to + %(count)s
WHERE batch_id = %(batch)s AND staged_to = %(from)s AND state = 'staging'
  AND staged_to + %(count)s <= expected
RETURNING staged_to
"""
_COMMITTED = """
UPDATE import_batches SET state = 'committed'
WHERE batch_id = %s AND state = 'staging' AND staged_to = expected
"""
_FIND = "SELECT batch_id, file_sha256, command_id, expected, staged_to, state FROM import_batches "


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import: how many events its file has, and below which ordinal they are staged."""

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
        events carry, or for another number of events.
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

    def stage(
        self, batch_id: UUID, from_ordinal: int, count: int, alongside: Alongside | None
    ) -> int:
        """Store what goes with the next `count` events, in a transaction; the new `staged_to`.

        Raises `Conflict` unless `from_ordinal` is just where the batch has got to.
        """
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(_NO_WAIT)
            cursor.execute(_ADVANCE, {"batch": batch_id, "from": from_ordinal, "count": count})
            row = cursor.fetchone()
            if row is None:
                raise Conflict(f"the batch is not waiting for {count} from {from_ordinal}")
            if alongside is not None:
                alongside(cursor)
        staged_to: int = row["staged_to"]
        return staged_to

    def commit(
        self,
        batch_id: UUID,
        command: Command,
        count: int,
        blocks: Callable[[], Iterable[Block]],
        alongside: Alongside | None = None,
        reads: Sequence[Read] = (),
    ) -> Begun:
        """Put the whole batch on the log as one command of `count` events, in one transaction.

        `blocks` gives its events, once for every attempt. Raises `Conflict` unless the whole batch
        is staged under this command; the event library's `IntegrityError` where a version is taken
        or one of the `reads` has moved (see `appending.staleness`).
        """
        batch = self._batch(batch_id)
        if batch.command_id != command.command_id:
            raise Conflict("the batch was staged under another command")
        if batch.staged_to != batch.expected:
            raise Conflict(f"only {batch.staged_to} of {batch.expected} events are staged")

        def and_say_so(cursor: psycopg.Cursor[DictRow]) -> None:
            if cursor.execute(_COMMITTED, (batch_id,)).rowcount != 1:
                raise Conflict("the batch was discarded in the same moment")
            if alongside is not None:
                alongside(cursor)

        return self._appender.append_blocks(count, blocks, command, and_say_so, reads)

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
