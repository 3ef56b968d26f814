"""Which day it is: the database's and the log's, and never that of the machine a worker runs on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from tests.support.real_exercise import NAME, open_a_real_exercise, today
from tests.workflows.scene import office_on
from transfer.commands.office import Office
from transfer.core.dating.calendars import start_of_day_london
from transfer.log.application import open_log
from transfer.procedures.exercise import exercise_facts as e
from workflows.activities import Activities
from workflows.clock import RecordClock
from workflows.messages import DueStep, Following, TakeStep, Whose

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """The office of an empty, real record."""
    log = open_log(database_url)
    yield office_on(log)
    log.close()


def on_a_skewed_worker(office: Office, whose: Whose, due: DueStep, skew: timedelta) -> Following:
    """Take a step in a worker whose clock is wrong by so much, as Temporal's library tells it."""
    environment = ActivityEnvironment()
    then = datetime.now(UTC) + skew  # noqa: TID251 - the wrong clock
    environment.info = replace(
        environment.info,
        started_time=then,
        scheduled_time=then,
        current_attempt_scheduled_time=then,
    )
    activities = Activities(office, RecordClock(office.log))
    taken: Following = environment.run(
        activities.take_step, TakeStep(whose=whose, due=due, caused_by=None)
    )
    return taken


def letters_of(office: Office) -> list[date]:
    """The days on which letters are recorded as sent."""
    page = office.log.page(0, 100_000, ["cohort-step-taken.v1"])
    return [r.fact.taken_on for r in page if isinstance(r.fact, e.CohortStepTaken)]


def test_a_worker_whose_clock_is_ahead_does_not_act_early(office: Office) -> None:
    tomorrow = today() + DAY
    cohort = open_a_real_exercise(office, letters_on=tomorrow)
    due = DueStep(step="issue-letters", about="", due_on=tomorrow)
    whose = Whose(exercise=NAME, cohort=cohort)
    following = on_a_skewed_worker(office, whose, due, 400 * DAY)
    assert letters_of(office) == []
    # And it is to wait for what is really left of the day.
    assert following.due == due
    assert following.wait is not None
    assert timedelta() < following.wait <= 2 * DAY


def test_a_worker_whose_clock_is_behind_loses_no_day(office: Office) -> None:
    cohort = open_a_real_exercise(office)
    due = DueStep(step="issue-letters", about="", due_on=today())
    on_a_skewed_worker(office, Whose(exercise=NAME, cohort=cohort), due, -400 * DAY)
    assert letters_of(office) == [today()]


def test_the_day_is_never_behind_what_is_on_record(office: Office) -> None:
    """The server's clock was set back over midnight: the log has seen the later day."""
    with office.log.connection() as connection:
        connection.execute("UPDATE log_head SET last_recorded_at = '2999-01-01T00:30Z'")
    now = RecordClock(office.log).now()
    assert now.day == date(2999, 1, 1)
    assert now.given is None
    assert RecordClock(office.log).until(date(2999, 1, 1)) == timedelta()
    assert RecordClock(office.log).until(date(2999, 1, 2)) == timedelta(hours=23, minutes=30)


def test_the_day_is_londons(office: Office) -> None:
    office.log.clock.simulate()
    office.log.clock.stop(datetime(2014, 3, 31, 23, 30, tzinfo=UTC))
    assert RecordClock(office.log).now().day == date(2014, 4, 1)


def test_a_clock_that_stands_is_waited_for_until_somebody_moves_it(office: Office) -> None:
    clock = RecordClock(office.log)
    office.log.clock.simulate()
    office.log.clock.stop(start_of_day_london(date(2014, 3, 31)))
    assert clock.until(date(2014, 3, 31)) == timedelta()
    assert clock.until(date(2014, 4, 1)) is None
    office.log.clock.stop(start_of_day_london(date(2014, 4, 1)))
    assert clock.until(date(2014, 4, 1)) == timedelta()
    assert clock.now().given == start_of_day_london(date(2014, 4, 1))
