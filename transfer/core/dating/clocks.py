"""The two clocks by which "known when" can be asked: the log's own, and the attested one.

By the log's clock a fact is known from the instant at which this record learned of it. By the
attested clock a fact that came from an older system is known from the end of the day on which that
system claims to have recorded it; any other as by the log's clock.
"""

from datetime import datetime
from enum import StrEnum

from transfer.core.dating.calendars import end_of_day_london
from transfer.core.words import Attested


class Clock(StrEnum):
    """By which clock a knowledge time is meant."""

    LOG = "log"
    ATTESTED = "attested"


def attested_instant(recorded_at: datetime, attested: Attested | None) -> datetime:
    """From when a fact was known by the attested clock, in UTC.

    The last microsecond of the claimed day in London, because a source that names a day does not
    claim to have known before that day was over; but never after `recorded_at`, when the fact was
    on this record without doubt. So a correction never comes before what it corrects.
    """
    if attested is None:
        return recorded_at
    return min(end_of_day_london(attested.recorded_on), recorded_at)
