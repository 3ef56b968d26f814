"""The clock of a record, as its database keeps it (migration 0045).

A real record goes by the database's own clock, and the database refuses whoever brings an instant.
A simulated clock is one row, which can be made only while the log is empty: it stands at an
instant, or runs ahead of the clock of whatever plays the record.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eventsourcing.persistence import IntegrityError
from eventsourcing.postgres import PostgresDatastore

from transfer.core.refusals import Conflict

_SIMULATE = """
INSERT INTO simulated_clock (only_row)
SELECT true WHERE NOT EXISTS (SELECT FROM simulated_clock)
"""
_STAND = "UPDATE simulated_clock SET standing_at = %s, ahead = NULL"
_RUN = "UPDATE simulated_clock SET ahead = %s, standing_at = NULL"
_READ = """
SELECT clock_timestamp() AS database_now, last_recorded_at, is_simulated, standing_at, ahead
FROM log_head LEFT JOIN simulated_clock ON true
"""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the database knows of a record's clock at one moment.

    A real record goes by `database_now`. A simulated clock stands (`standing_at`), or runs `ahead`
    of the clock of whatever plays the record, or has not begun to (neither).
    """

    database_now: datetime
    last_recorded_at: datetime | None
    is_simulated: bool
    standing_at: datetime | None
    ahead: timedelta | None

    @property
    def now(self) -> datetime:
        """What time it is by the record, where an entry brings no instant of its own; never behind
        the last entry."""
        running = self.database_now + (self.ahead or timedelta())
        instant = self.standing_at or running
        return instant if self.last_recorded_at is None else max(instant, self.last_recorded_at)


class RecordClockRow:
    """The clock of the record in one database; safe to share among threads."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore

    def simulate(self) -> None:
        """Let the record's entries bring their own instants, for ever; again is no error.

        Raises `Conflict` where the log holds real entries.
        """
        try:
            with self._datastore.transaction(commit=True) as cursor:
                cursor.execute(_SIMULATE)
        except IntegrityError as error:
            raise Conflict("the log holds real entries: its clock cannot be simulated") from error

    def run(self, ahead: timedelta) -> None:
        """Let a simulated clock run, that far ahead of the clock of whatever plays the record.

        Raises `Conflict` for a record that goes by real time.
        """
        self._set(_RUN, ahead)

    def stop(self, at: datetime) -> None:
        """Let a simulated clock stand at an instant, wherever it was.

        Raises `Conflict` for a record that goes by real time.
        """
        self._set(_STAND, at)

    def read(self) -> ClockReading:
        """What the database knows of the clock now."""
        with self._datastore.get_connection() as connection:
            row = connection.execute(_READ, prepare=True).fetchone()
        if row is None:
            raise LookupError("the log has lost its head row")
        last: datetime | None = row["last_recorded_at"]
        standing: datetime | None = row["standing_at"]
        return ClockReading(
            database_now=row["database_now"].astimezone(UTC),
            last_recorded_at=last and last.astimezone(UTC),
            is_simulated=row["is_simulated"],
            standing_at=standing and standing.astimezone(UTC),
            ahead=row["ahead"],
        )

    def _set(self, statement: str, value: object) -> None:
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(statement, (value,))
            if cursor.rowcount != 1:
                raise Conflict("this record goes by real time: its clock cannot be set")
