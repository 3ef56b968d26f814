"""That a record was restored from a backup, and what of it is lost: what every answer goes by.

A restored record is as it was at one point of its log. Whatever was recorded after that point and
before the restoration is lost, and so are the answers that rested on it: an event that somebody was
told of is on record no more, and an instant in between shows what was known at the point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

_READ = """
SELECT restored_at, backup, position, known_at, lost_events, lost_until
FROM restorations ORDER BY number
"""
_KEEP = """
INSERT INTO restorations (backup, position, known_at, lost_events, lost_until)
VALUES (%s, %s, %s, %s, %s) RETURNING restored_at
"""
# On simulated time an instant may come again: nobody was told of it outside.
_NOT_BEFORE = """
UPDATE log_head SET not_before = greatest(not_before, %s) WHERE NOT is_simulated
"""


@dataclass(frozen=True, slots=True)
class Restoration:
    """One restoration of a record.

    `position` and `known_at` are the last on record from before it (`None`: the log was empty).
    `lost_events` and `lost_until` tell what the archive showed of what came after and is lost;
    `None` where no archive was at hand. More may be lost than the archive had.
    """

    restored_at: datetime
    backup: str
    position: int
    known_at: datetime | None
    lost_events: int | None
    lost_until: datetime | None

    def hides(self, known_at: datetime) -> bool:
        """Whether something may have been on record at an instant that is lost now."""
        if self.known_at is not None and known_at < self.known_at:
            return False
        # An entry whose clock was ahead may be lost although its instant is later.
        return known_at < self.restored_at or known_at <= (self.lost_until or self.restored_at)

    def takes(self, recorded_at: datetime) -> bool:
        """Whether what was recorded at an instant is lost: what somebody was told of then."""
        return self.hides(recorded_at) and recorded_at != self.known_at

    def in_words(self) -> str:
        """What happened, in one sentence."""
        point = "before its first entry" if self.known_at is None else f"of {_shown(self.known_at)}"
        return (
            f"this record was restored on {_shown(self.restored_at)} to its state {point}, and "
            "anything recorded in between is lost"
        )


def read_restorations(connection: psycopg.Connection[Any]) -> tuple[Restoration, ...]:
    """Every restoration of a migrated record, the first one first."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_READ).fetchall()
    return tuple(
        Restoration(
            _utc(row[0]), row[1], row[2], row[3] and _utc(row[3]), row[4], row[5] and _utc(row[5])
        )
        for row in rows
    )


def keep_restoration(
    connection: psycopg.Connection[Any],
    *,
    backup: str,
    position: int,
    known_at: datetime | None,
    lost_events: int | None,
    lost_until: datetime | None,
) -> None:
    """Note that a record was restored, and let its next entry come after all that is lost."""
    values = (backup, position, known_at, lost_events, lost_until)
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(_KEEP, values)
        if lost_until is not None:
            cursor.execute(_NOT_BEFORE, (lost_until,))


def what_hides(restorations: Sequence[Restoration], known_at: datetime) -> Restoration | None:
    """The last restoration that lost something which was known at an instant; `None` if none."""
    return next((each for each in reversed(restorations) if each.hides(known_at)), None)


def what_takes(restorations: Sequence[Restoration], recorded_at: datetime) -> Restoration | None:
    """The last restoration that lost what was recorded at an instant; `None` if none."""
    return next((each for each in reversed(restorations) if each.takes(recorded_at)), None)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _shown(instant: datetime) -> str:
    return f"{instant:%-d %B %Y, %H:%M:%S} UTC"
