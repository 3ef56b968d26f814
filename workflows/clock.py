"""The clock of a record: what day it is, and how long it is until another.

A real record goes by its database: PostgreSQL's clock, and never behind the last entry on record. A
simulated clock is a row of that database (`transfer.log.clock`): it stands, or runs ahead of the
clock of whatever plays the record. The clock of the machine that a worker runs on is never read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from transfer.core.dating.calendars import date_in_london, start_of_day_london
from transfer.log.application import Log
from transfer.procedures.facts import Fact

# How far a clock that is right is stepped back at most.
_STEPPED_BACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Now:
    """An instant of the record's clock.

    `given` is what an entry made now has to bring: the instant where the clock is simulated,
    `None` where the database gives its own. `stands` says that no wait brings another instant.
    """

    instant: datetime
    given: datetime | None
    stands: bool

    @property
    def day(self) -> date:
        """The date in London."""
        return date_in_london(self.instant)

    def until(self, day: date) -> timedelta | None:
        """How long it is from then until a day begins in London (see `RecordClock.until`)."""
        left = start_of_day_london(day) - self.instant
        if left <= timedelta():
            return timedelta()
        return None if self.stands else left


class RecordClock:
    """The clock of one log.

    `server_time` tells the time of the time-skipping server that plays a rehearsal; without it a
    simulated clock runs ahead of the database's.
    """

    def __init__(self, log: Log[Fact], server_time: Callable[[], datetime] | None = None) -> None:
        self._log = log
        self._server_time = server_time

    def now(self) -> Now:
        """What time it is by the record."""
        read = self._log.clock.read()
        if read.standing_at is not None:
            instant = _not_behind(read.standing_at, read.last_recorded_at)
            return Now(instant, instant, stands=True)
        if read.ahead is None:
            return Now(_real(read.database_now, read.last_recorded_at), None, stands=False)
        base = read.database_now if self._server_time is None else self._server_time()
        instant = _not_behind(base + read.ahead, read.last_recorded_at)
        return Now(instant, instant, stands=False)

    def until(self, day: date) -> timedelta | None:
        """How long it is until a day begins in London: nothing if it has begun.

        `None` where the clock stands before it: only somebody who moves the clock brings that day.
        """
        return self.now().until(day)


def _real(instant: datetime, last: datetime | None) -> datetime:
    """A real instant, not behind the last entry unless that carries one that is still to come.

    Such an entry was made while the clock was wrong; no step is taken early because of it.
    """
    if last is None or last - instant > _STEPPED_BACK:
        return instant
    return max(instant, last)


def _not_behind(instant: datetime, last: datetime | None) -> datetime:
    return instant if last is None else max(instant, last)
