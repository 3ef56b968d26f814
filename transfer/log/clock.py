"""The clock of a record, as its database keeps it (migration 0045).

A real record goes by the database's own clock, and the database refuses whoever brings an instant.
A simulated clock is one row, which can be made only while the log is empty: it stands at an
instant, or runs ahead of the clock of whatever plays the record. A practice's stands, and is moved
forward by the service that runs on it (migration 0059): somebody says to which day, and the service
takes it there a day at a time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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
SELECT clock_timestamp() AS database_now, last_recorded_at, is_simulated, standing_at, ahead,
       coalesce(is_practice, false) AS is_practice, moving_to, stopped_because
FROM log_head LEFT JOIN simulated_clock ON true
"""
_ASK = """
UPDATE simulated_clock SET moving_to = %s, stopped_because = NULL
WHERE is_practice AND moving_to IS NULL
"""
_ADVANCE = "UPDATE simulated_clock SET standing_at = greatest(standing_at, %s) WHERE is_practice"
_ARRIVE = """
UPDATE simulated_clock SET moving_to = NULL, stopped_because = %s
WHERE is_practice AND moving_to = %s
"""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What the database knows of a record's clock at one moment.

    A real record goes by `database_now`. A simulated clock stands (`standing_at`), or runs `ahead`
    of the clock of whatever plays the record, or has not begun to (neither).

    A practice's is on its way to the day `moving_to`, if somebody has asked for that;
    `stopped_because` says why the last such way ended early.
    """

    database_now: datetime
    last_recorded_at: datetime | None
    is_simulated: bool
    standing_at: datetime | None
    ahead: timedelta | None
    is_practice: bool = False
    moving_to: date | None = None
    stopped_because: str | None = None

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

    # --- a practice's ---------------------------------------------------------------------------

    def ask_for(self, day: date) -> bool:
        """Ask the service to take a practice's clock to a day; `False` while it is on its way to
        another, or where the record is no practice."""
        return self._moved(_ASK, day)

    def advance(self, at: datetime) -> None:
        """Let a practice's clock stand at a later instant; an earlier one changes nothing."""
        self._moved(_ADVANCE, at)

    def arrive(self, day: date, stopped_because: str | None = None) -> None:
        """Note that the clock is not on its way to that day any more: it is there, or it could
        not go on."""
        self._moved(_ARRIVE, stopped_because, day)

    # --- reading --------------------------------------------------------------------------------

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
            is_practice=row["is_practice"],
            moving_to=row["moving_to"],
            stopped_because=row["stopped_because"],
        )

    def _set(self, statement: str, value: object) -> None:
        if not self._moved(statement, value):
            raise Conflict("this record goes by real time: its clock cannot be set")

    def _moved(self, statement: str, *values: object) -> bool:
        with self._datastore.transaction(commit=True) as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount == 1
