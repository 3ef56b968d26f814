"""The clocks by which a record goes: where they disagree, nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from transfer.app import clock
from transfer.core.record.staff import StaffRegistered
from transfer.log.application import Log, open_log
from transfer.log.clock_watch import Clocks, ClocksDisagreeError, ClockWatch
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

NOTHING = timedelta()
YEAR = timedelta(days=365)


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    yield opened
    opened.close()


class Machine:
    """A clock that can be set, and the time that passes whatever it shows."""

    def __init__(self) -> None:
        self.wrong_by = NOTHING

    def clock(self) -> datetime:
        return clock() + self.wrong_by

    def passing(self) -> float:
        return clock().timestamp()


def watched(log: Log[Fact], machine: Machine) -> ClockWatch:
    log.clock_watch = ClockWatch(log.clock, machine.clock, passing=machine.passing)
    return log.clock_watch


def record_one(log: Log[Fact], number: int) -> None:
    fact = StaffRegistered(staff_number=f"S{number}", effective_from=date(2014, 1, 1))
    log.append([(f"staff:S{number}", 0, fact)], Command(UUID(int=number), "hr", b"r"))


def test_clocks_that_agree_are_no_hindrance(log: Log[Fact]) -> None:
    machine = Machine()
    watch = watched(log, machine)
    record_one(log, 1)
    seen = watch.compare()
    assert abs(seen.database) < timedelta(seconds=1)
    assert (watch.disagreement(seen), watch.log_ahead(seen)) == (None, None)
    machine.wrong_by = timedelta(seconds=29)
    record_one(log, 2)


@pytest.mark.parametrize(
    ("wrong_by", "told"), [(YEAR, "behind"), (-YEAR, "ahead of"), (timedelta(seconds=35), "behind")]
)
def test_a_database_whose_clock_differs_records_nothing(
    log: Log[Fact], wrong_by: timedelta, told: str
) -> None:
    machine = Machine()
    machine.wrong_by = wrong_by
    watched(log, machine)
    with pytest.raises(ClocksDisagreeError, match=f"of the database is .* {told} that of this"):
        record_one(log, 1)
    batch = log.open_import(UUID(int=2), b"x" * 32, Command(UUID(int=2), "hr", b"r"), 1)
    with pytest.raises(ClocksDisagreeError):
        log.commit_import(batch, Command(UUID(int=2), "hr", b"r"), list)
    assert log.head().position == 0
    watched(log, Machine())
    record_one(log, 1)


def test_a_jump_of_the_one_clock_that_all_share_is_seen_at_once(log: Log[Fact]) -> None:
    machine = Machine()
    watched(log, machine)
    record_one(log, 1)
    machine.wrong_by = YEAR
    with pytest.raises(ClocksDisagreeError, match=r"has jumped 365 days, 0:00:0. forward"):
        record_one(log, 2)
    machine.wrong_by = NOTHING
    record_one(log, 2)


def test_small_steps_of_the_clock_do_not_add_up(log: Log[Fact]) -> None:
    machine = Machine()
    watch = watched(log, machine)
    for number in range(1, 6):
        machine.wrong_by += timedelta(seconds=20)
        assert abs(watch.compare().jumped) < timedelta(seconds=21), number


def test_a_temporal_whose_clock_differs_counts_too(log: Log[Fact]) -> None:
    watch = watched(log, Machine())
    watch.note_temporal(timedelta(minutes=5))
    with pytest.raises(ClocksDisagreeError, match="Temporal server is 0:05:00 ahead of"):
        record_one(log, 1)
    watch.note_temporal(timedelta(seconds=1))
    record_one(log, 1)


def test_a_log_that_is_ahead_is_told_and_goes_on(log: Log[Fact]) -> None:
    watch = watched(log, Machine())
    record_one(log, 1)
    with log.connection() as connection:
        connection.execute(
            "UPDATE log_head SET last_recorded_at = clock_timestamp() + interval '1 year'"
        )
    seen = watch.compare()
    assert seen.log > timedelta(days=364)
    assert "carries an instant that is 36" in (watch.log_ahead(seen) or "")
    assert watch.disagreement(seen) is None
    record_one(log, 2)


def test_simulated_time_is_not_compared(log: Log[Fact]) -> None:
    machine = Machine()
    machine.wrong_by = YEAR
    watch = watched(log, machine)
    log.clock.simulate()
    log.clock.stop(datetime(2014, 3, 31, tzinfo=UTC))
    assert watch.compare() == Clocks(NOTHING, NOTHING, None, NOTHING)
    record_one(log, 1)
