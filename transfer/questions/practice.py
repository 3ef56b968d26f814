"""A practice's clock: where it stands, what waits for somebody, and what a move of it came to."""

from collections.abc import Iterator
from datetime import date

from psycopg.rows import class_row
from pydantic import Field

from projections.deadlines import deadlines
from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import complete_until, wait_for
from transfer.commands.practice import Moved, practice_day
from transfer.core.dating.instants import Instant
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from workflows.troubles import troubles

_CATCHING_UP_SECONDS = 5.0

_ENTRIES = """
SELECT (recorded_at AT TIME ZONE 'Europe/London')::date AS day, count(*) AS entries
FROM events WHERE notification_id > %s AND notification_id <= %s GROUP BY 1 ORDER BY 1
"""


class WaitsForSomebody(Answer):
    """Something that somebody has still to do: an approval, a decision to settle, a step that was
    refused and has to be put right, a duty whose day has come. `people` counts whom it is about (0:
    the matter as a whole), `staff_numbers` names the first 20 of them."""

    exercise: str
    what: str
    about: str
    owner: str
    since: date | None
    people: int
    staff_numbers: tuple[str, ...]


class InTrouble(Answer):
    """A procedure that cannot go on, and why. The clock goes on without it."""

    procedure: str
    kind: str
    reason: str


class PracticeClock(Answer):
    """Where the clock of a practice stands.

    `moving_to` is the day to which it is on its way, `stopped_because` says why it last got no
    further than this."""

    now: Instant
    today: date
    moving_to: date | None = None
    stopped_because: str | None = Field(None, exclude_if=absent)
    waits_for_somebody: tuple[WaitsForSomebody, ...]
    in_trouble: tuple[InTrouble, ...] = Field((), exclude_if=absent)


class DayDone(Answer):
    """A day on which the clock stood on its way, and how many entries were recorded on it."""

    day: date
    entries: int


class ClockMoved(PracticeClock):
    """A clock that was moved, and everything due by then done. `days` are the days on which
    something was recorded meanwhile."""

    moved_from: date
    days: tuple[DayDone, ...]


def practice_clock(log: Log[Fact]) -> PracticeClock:
    """Where the clock stands; raises `NotOnRecord` where the record is no practice."""
    reading = log.clock.read()
    today = practice_day(reading)
    with log.connection() as conn:
        wait_for(conn, deadlines.NAME, log.head().position, _CATCHING_UP_SECONDS)
        known_at = complete_until(conn, (deadlines.NAME,))
        return PracticeClock(
            now=reading.now,
            today=today,
            moving_to=reading.moving_to,
            stopped_because=reading.stopped_because,
            waits_for_somebody=deadlines.waits_for_somebody(conn, today, known_at),
            in_trouble=tuple(
                InTrouble(procedure=each.procedure, kind=each.kind, reason=each.reason)
                for each in troubles(conn)
            ),
        )


def clock_moved(log: Log[Fact], moved: Moved) -> ClockMoved:
    """What a move of the clock came to, and where it stands now."""
    stands = practice_clock(log)
    with log.connection() as conn:
        days = tuple(_days(conn, moved))
    return ClockMoved(**dict(stands), moved_from=moved.since, days=days)


def _days(conn: Conn, moved: Moved) -> Iterator[DayDone]:
    with conn.cursor(row_factory=class_row(DayDone)) as cursor:
        yield from cursor.execute(_ENTRIES, (moved.after_position, moved.last_position))
