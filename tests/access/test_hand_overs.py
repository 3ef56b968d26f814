"""Who does whose work: kept as it was said, one at a time for each who is away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from transfer.access.hand_overs import HandOver, HandOvers
from transfer.app import Record
from transfer.core.refusals import Conflict, KeyReused, Malformed, NotOnRecord

pytestmark = pytest.mark.engines

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 12, 21), date(2027, 1, 4)


@pytest.fixture
def store(record: Record) -> HandOvers:
    """The hand-overs of an empty record."""
    return HandOvers(record.log.connection)


def hand_over(store: HandOvers, n: int = 1, **but: Any) -> HandOver:
    given: dict[str, Any] = {
        "by": "A",
        "away": "A",
        "stands_in": "B",
        "first_day": FIRST,
        "last_day": LAST,
        "at": NOON,
        "today": NOON.date(),
    }
    return store.hand_over(UUID(int=n), **(given | but))


def test_it_runs_on_both_its_days_and_on_none_beside(store: HandOvers) -> None:
    made = hand_over(store)
    for day in (FIRST, LAST):
        assert store.on(day, NOON) == {"A": made}
    for day in (FIRST - timedelta(1), LAST + timedelta(1)):
        assert store.on(day, NOON) == {}
    assert store.on(FIRST, NOON - timedelta(seconds=1)) == {}


def test_one_that_was_ended_is_known_as_running_before(store: HandOvers) -> None:
    made = hand_over(store)
    later = NOON + timedelta(days=22)
    ended = store.end(made.hand_over, by="C", at=later)
    assert (ended.ended_at, ended.ended_by) == (later, "C")
    assert store.end(made.hand_over, by="D", at=later + timedelta(1)) == ended
    assert store.on(LAST, later) == {}
    assert store.on(LAST, later - timedelta(seconds=1)) == {"A": made}
    assert store.found(NOON, limit=5) == [made]
    assert store.found(later, limit=5) == [ended]


def test_the_same_command_again_writes_nothing(store: HandOvers) -> None:
    made = hand_over(store, asked="x")
    assert hand_over(store, asked="x", today=LAST + timedelta(9)) == made
    with pytest.raises(KeyReused):
        hand_over(store, asked="y", stands_in="C")
    assert store.found(NOON, limit=5) == [made]


@pytest.mark.parametrize(
    ("but", "field"),
    [
        ({"stands_in": "A"}, "stands_in"),
        ({"last_day": FIRST - timedelta(1)}, "last_day"),
        ({"today": LAST + timedelta(1)}, "last_day"),
    ],
)
def test_what_cannot_be_is_refused(store: HandOvers, but: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        hand_over(store, **but)
    assert refused.value.field == field
    assert store.found(NOON, limit=5) == []


def test_work_is_handed_over_to_one_at_a_time(store: HandOvers) -> None:
    first = hand_over(store)
    with pytest.raises(Conflict, match="handed over to B from 2026-12-21 to 2027-01-04"):
        hand_over(store, 2, stands_in="C", first_day=LAST, last_day=LAST)
    after = LAST + timedelta(1)
    hand_over(store, 3, stands_in="C", first_day=after, last_day=after)
    hand_over(store, 4, away="B", stands_in="C")
    store.end(first.hand_over, by="A", at=NOON)
    assert hand_over(store, 5, stands_in="C").stands_in == "C"


def test_none_is_changed_or_forgotten(store: HandOvers, record: Record) -> None:
    made = hand_over(store)
    store.end(made.hand_over, by="A", at=NOON)
    for statement in (
        "UPDATE hand_overs SET last_day = last_day + 1",
        "DELETE FROM hand_overs",
        "DELETE FROM ended_hand_overs",
        "TRUNCATE hand_overs, ended_hand_overs",
    ):
        with (
            record.log.connection() as connection,
            pytest.raises(psycopg.errors.RestrictViolation),
            connection.transaction(),
        ):
            connection.execute(statement.encode())
    with pytest.raises(NotOnRecord):
        store.end(UUID(int=9), by="A", at=NOON)
