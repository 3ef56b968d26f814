"""Whether the clocks agree by which a record goes; where they do not, nothing is recorded.

An entry carries the instant of the database's clock, for ever, and every later entry comes after
it. So a single one that is recorded while that clock is wrong spoils every instant until the real
time has caught up. Three things are compared, on a real record:

- the database's clock with this process's own, anew for an entry that comes over a second after the
  last comparison;
- this process's clock with the time that has passed on the machine since the last comparison, for
  every entry: that shows a jump of the one clock that all of them share;
- Temporal's clock with this process's, by whoever runs the procedures (`note_temporal`).

A clock that was set wrong before this process began, and by which everything goes, shows nowhere;
an entry that is on record with an instant to come does: the log is then *ahead*.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from transfer.log.clock import RecordClockRow

TOLERANCE = timedelta(seconds=30)
"""By how much clocks may differ, unless the settings say otherwise."""

_LOOK_SECONDS = 1.0
_NOTHING = timedelta()

# The time that has passed, a sleep of the machine included where the system counts that.
_PASSING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

_MEND = (
    "Nothing is recorded until they agree: an entry would carry a wrong instant for good. Put the "
    "wrong clock right"
)


class ClocksDisagreeError(Exception):
    """The clocks differ by more than they may; the message says which, by how much, what to do."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """By how much each clock is ahead of this process's (negative: behind).

    `jumped` is how far this process's own clock has jumped, `temporal` `None` where there is none,
    `log` how far the last entry on record is ahead of the database's clock (zero: it is not).
    """

    database: timedelta
    jumped: timedelta
    temporal: timedelta | None
    log: timedelta


class ClockWatch:
    """Compares the clocks of one process and its record; safe to share among threads.

    `clock` is this process's own, `tolerance` by how much they may differ.
    """

    def __init__(
        self,
        row: RecordClockRow,
        clock: Callable[[], datetime],
        tolerance: timedelta = TOLERANCE,
        passing: Callable[[], float] = lambda: time.clock_gettime(_PASSING),
    ) -> None:
        self._row = row
        self._clock = clock
        self.tolerance = tolerance
        self._passing = passing
        self._base = (clock(), passing())
        self._looked_at: float | None = None
        self._database = _NOTHING
        self._log = _NOTHING
        self._temporal: timedelta | None = None
        self._is_simulated = False

    def compare(self) -> Clocks:
        """Compare the clocks now. A record on simulated time has nothing to compare."""
        began, ours = self._passing(), self._clock()
        read = self._row.read()
        took = timedelta(seconds=self._passing() - began)
        self._is_simulated = read.is_simulated
        if read.is_simulated:
            self._database = self._log = _NOTHING
        else:
            # It was read some time between the question and the answer.
            self._database = _beyond(read.database_now - ours - took / 2, took / 2)
            last = read.last_recorded_at
            self._log = _NOTHING if last is None else max(_NOTHING, last - read.database_now)
        self._looked_at = self._passing()
        jumped = _NOTHING if read.is_simulated else self._jumped()
        return Clocks(self._database, jumped, self._temporal, self._log)

    def note_temporal(self, ahead: timedelta | None) -> None:
        """Note by how much Temporal's clock was last seen ahead of this process's."""
        self._temporal = ahead

    def require_agreement(self) -> None:
        """Raise `ClocksDisagreeError` where an entry made now could carry a wrong instant."""
        if self._looked_at is None or self._passing() - self._looked_at > _LOOK_SECONDS:
            self.compare()
        if not self._is_simulated and (why := self.disagreement(self._seen())) is not None:
            raise ClocksDisagreeError(why)

    def disagreement(self, seen: Clocks) -> str | None:
        """What is wrong with the clocks, and what to do; `None` where they agree."""
        limit = f"(at most {_span(self.tolerance)} is let pass)"
        if abs(seen.jumped) > self.tolerance:
            return (
                f"the clock of this machine has jumped {_direction(seen.jumped)} while the program "
                f"ran {limit}. {_MEND}, or start anew if it is right now"
            )
        for name, ahead in (("database", seen.database), ("Temporal server", seen.temporal)):
            if ahead is not None and abs(ahead) > self.tolerance:
                return (
                    f"the clock of the {name} is {_ahead(ahead)} that of this program {limit}. "
                    f"{_MEND}"
                )
        return None

    def log_ahead(self, seen: Clocks) -> str | None:
        """What to say where the last entry carries an instant to come; `None` where none does."""
        if seen.log <= self.tolerance:
            return None
        return (
            f"the last entry on record carries an instant that is {_span(seen.log)} ahead of the "
            "database's clock: it was made while that clock was wrong. Until then every entry "
            "carries the instant just after the one before it; the order is right, the instants "
            "are not"
        )

    def _seen(self) -> Clocks:
        return Clocks(self._database, self._jumped(), self._temporal, self._log)

    def _jumped(self) -> timedelta:
        before, then = self._base
        ours, now = self._clock(), self._passing()
        jumped = ours - before - timedelta(seconds=now - then)
        if abs(jumped) <= self.tolerance:
            # Small steps are how a clock is kept right; they do not add up.
            self._base = (ours, now)
        return jumped


def _beyond(difference: timedelta, doubt: timedelta) -> timedelta:
    """A difference without the part that may come from the measuring."""
    if abs(difference) <= doubt:
        return _NOTHING
    return difference - doubt if difference > _NOTHING else difference + doubt


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(abs(span).total_seconds())))


def _ahead(ahead: timedelta) -> str:
    return f"{_span(ahead)} {'ahead of' if ahead > _NOTHING else 'behind'}"


def _direction(jumped: timedelta) -> str:
    return f"{_span(jumped)} {'forward' if jumped > _NOTHING else 'back'}"
