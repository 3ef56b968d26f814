"""From when a fact is known by the attested clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from transfer.core.dating.clocks import attested_instant
from transfer.core.words import Attested

IMPORTED = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recorded_on", "known_from"),
    [
        (date(2004, 1, 15), datetime(2004, 1, 15, 23, 59, 59, 999999, UTC)),
        # In summer the London day ends at 23:00 in UTC.
        (date(2004, 7, 15), datetime(2004, 7, 15, 22, 59, 59, 999999, UTC)),
        # This record knew it at noon, whatever the source says of the rest of the day.
        (date(2026, 11, 22), IMPORTED),
        (date(2030, 1, 1), IMPORTED),
    ],
)
def test_a_claim_counts_from_the_end_of_its_day_and_never_after_the_log(
    recorded_on: date, known_from: datetime
) -> None:
    claim = Attested(source="old", recorded_on=recorded_on)
    assert attested_instant(IMPORTED, claim) == known_from


def test_without_a_claim_it_is_the_logs_own_instant() -> None:
    assert attested_instant(IMPORTED, None) == IMPORTED


def test_the_instant_before_the_end_of_the_day_is_too_early() -> None:
    claim = Attested(source="old", recorded_on=date(2004, 1, 15))
    end = datetime(2004, 1, 16, tzinfo=UTC)
    assert end - attested_instant(IMPORTED, claim) == timedelta(microseconds=1)
