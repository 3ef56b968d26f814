"""The clock of a practice: begun, asked for a later day, and waited for.

The service that runs on the record moves the clock (`workflows.practice`); whoever asks for a day
says so in the record's database, and waits there. Those who ask at once are served one after the
other.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from transfer.core.dating.calendars import date_in_london, morning_in_london
from transfer.core.refusals import Conflict, HeldUp, Malformed, NotOnRecord
from transfer.log.application import Log
from transfer.log.clock import ClockReading
from transfer.procedures.facts import Fact

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
"""Between which days the clock of a practice may stand."""

UNMOVED_SECONDS = 150.0
"""How long whoever waits sees nothing move before they are told so. The service gives up sooner,
and says what is in the way."""

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock that was moved: from which day to which, and the log's positions then."""

    since: date
    until: date
    after_position: int
    last_position: int


def a_practice_day(day: date, field: str) -> date:
    """The day itself; raises `Malformed` for one on which no practice can be."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Malformed(f"give a day between {FIRST_DAY} and {LAST_DAY}", field=field)
    return day


def begin_or_continue(log: Log[Fact], on: date | None, today: date) -> None:
    """Make a practice of an empty record, on the day given or `today`; or go on with one.

    Raises `Conflict` for a record that is real or a rehearsal, and for a practice whose clock
    stands on another day than the one given.
    """
    mark = log.rehearsal()
    if mark is None:
        if log.head().position:
            raise Conflict(
                "this folder holds a real record: a practice begins in a folder of its own. Name "
                "another with --data"
            )
        log.begin_practice(morning_in_london(a_practice_day(on or today, "--on")))
        return
    if not mark.is_practice:
        raise Conflict(
            f"this folder holds a rehearsal of {mark.edition}: a practice begins in a folder of "
            "its own. Name another with --data"
        )
    stands = practice_day(log.clock.read())
    if on is not None and on != stands:
        raise Conflict(
            f"the clock of this practice stands on {stands}: leave out --on, and move it with "
            f"transfer clock --to {on}"
        )


def practice_day(reading: ClockReading) -> date:
    """The day of a practice; raises `NotOnRecord` for a record that is none."""
    if not reading.is_practice:
        raise NotOnRecord(
            "this record is no practice: its clock is not moved. transfer serve --practice begins "
            "one in a folder of its own"
        )
    return date_in_london(reading.now)


async def move_clock(
    log: Log[Fact],
    to: date,
    *,
    report: Callable[[date], None] = lambda _: None,
    unmoved_seconds: float = UNMOVED_SECONDS,
) -> Moved:
    """Have the clock of a practice moved to a day, and wait until all that is due by then is done.

    `report` is told each day that the clock comes to. The day on which it stands already is no
    move: then what is due on it is waited for. Raises `Conflict` for an earlier day, `HeldUp` where
    the clock stays on the way, with what is in the way, and `NotOnRecord` where the record is no
    practice.
    """
    a_practice_day(to, "to")
    waiting = _Waiting(log, report, unmoved_seconds)
    reading = await waiting.read()
    since, head = practice_day(reading), await asyncio.to_thread(log.head)
    while True:
        today = practice_day(reading)
        if to < today:
            raise Conflict(f"the clock stands on {today}: it goes forward only, not to {to}")
        if await asyncio.to_thread(log.clock.ask_for, to):
            break
        reading = await waiting.read()  # on its way to another day, for somebody else
    while (reading := await waiting.read()).moving_to == to:
        pass
    today = practice_day(reading)
    if today < to or reading.stopped_because is not None:
        raise HeldUp(reading.stopped_because or f"the clock stays on {today}")
    last = await asyncio.to_thread(log.head)
    # Somebody else may have had it moved further by now.
    return Moved(since, to, head.position, last.position)


class _Waiting:
    """Looks at the clock now and then, and gives up where nothing moves."""

    def __init__(self, log: Log[Fact], report: Callable[[date], None], seconds: float) -> None:
        self._log = log
        self._report = report
        self._seconds = seconds
        self._seen: object = None
        self._day: date | None = None
        self._since = 0.0

    async def read(self) -> ClockReading:
        """The clock as it is a moment later."""
        time = asyncio.get_running_loop().time
        if self._seen is not None:
            await asyncio.sleep(_LOOK_SECONDS)
        reading = await asyncio.to_thread(self._log.clock.read)
        seen = (reading.standing_at, reading.last_recorded_at, reading.moving_to)
        if seen != self._seen:
            self._seen, self._since = seen, time()
        elif time() - self._since > self._seconds:
            raise HeldUp(
                f"nothing has moved for {self._seconds:g} seconds, and the clock is to go to "
                f"{reading.moving_to}: is the service running, with its procedures?"
            )
        day = date_in_london(reading.now)
        if day != self._day:
            self._day = day
            self._report(day)
        return reading
