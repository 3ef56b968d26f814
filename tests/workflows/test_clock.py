"""Which day it is: the database's and the log's, and never that of the machine a worker runs on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from tests.core.matter.desks import MATTER
from tests.support.desk_scene import Scene, known, scene_on
from tests.workflows.stage import GROUP, OTHER, WHOLE
from transfer.commands.office import Office
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.matter import facts as t
from transfer.log.application import open_log
from transfer.log.trace import Trace, current
from workflows.activities import Activities
from workflows.clock import RecordClock
from workflows.concerns import Waiting
from workflows.messages import DueStep, Following, TakeStep, Whose

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """An empty, real record."""
    log = open_log(database_url, known=known())
    yield scene_on(log)
    log.close()


@pytest.fixture
def office(scene: Scene) -> Office:
    """Its office."""
    return scene.office


def today() -> date:
    """The date in London by this machine's clock: a service lives in the present."""
    return datetime.now(ZoneInfo("Europe/London")).date()  # noqa: TID251 - see above


def letters_on(scene: Scene, day: date) -> DueStep:
    """A group of one, whose letter goes out on a day."""
    scene.register("S1")
    scene.begin(today())
    scene.do(today(), "plan-group", group="A", people=["S1"], letters_on=str(day))
    return DueStep(step="letters", about="", due_on=day)


def on_a_skewed_worker(scene: Scene, due: DueStep, skew: timedelta) -> Following:
    """Take a step in a worker whose clock is wrong by so much, as Temporal's library tells it."""
    environment = ActivityEnvironment()
    then = datetime.now(UTC) + skew  # noqa: TID251 - the wrong clock
    environment.info = replace(
        environment.info,
        started_time=then,
        scheduled_time=then,
        current_attempt_scheduled_time=then,
    )
    activities = Activities(scene.due, RecordClock(scene.log), Waiting(scene.office, scene.due))
    taken: Following = environment.run(
        activities.take_step, TakeStep(whose=GROUP, due=due, caused_by=None)
    )
    return taken


def test_a_step_carries_on_the_correlation_of_the_fact_that_led_to_it(scene: Scene) -> None:
    followed = current.set(Trace("4bf92f3577b34da6a3ce929d0e0e4736"))
    try:
        due = letters_on(scene, today())
    finally:
        current.reset(followed)
    (planned,) = scene.facts(t.GroupFormed)
    activities = Activities(scene.due, RecordClock(scene.log), Waiting(scene.office, scene.due))
    asked = TakeStep(whose=GROUP, due=due, caused_by=planned.event_id)
    ActivityEnvironment().run(activities.take_step, asked)
    (sent,) = scene.facts(t.NoticeGiven)
    assert sent.causation_id == planned.event_id
    assert sent.correlation_id == planned.correlation_id == UUID("4bf92f3577b34da6a3ce929d0e0e4736")
    assert current.get() is None


def sent_on(scene: Scene) -> list[date]:
    """The days on which letters are recorded as sent."""
    return [each.fact.happened_on for each in scene.facts(t.NoticeGiven)]


def test_a_worker_whose_clock_is_ahead_does_not_act_early(scene: Scene) -> None:
    due = letters_on(scene, today() + DAY)
    following = on_a_skewed_worker(scene, due, 400 * DAY)
    assert sent_on(scene) == []
    # And it is to wait for what is really left of the day.
    assert following.due == due
    assert following.wait is not None
    assert timedelta() < following.wait <= 2 * DAY


def test_a_worker_whose_clock_is_behind_loses_no_day(scene: Scene) -> None:
    due = letters_on(scene, today())
    on_a_skewed_worker(scene, due, -400 * DAY)
    assert sent_on(scene) == [today()]


def test_the_clock_is_never_behind_what_is_on_record(office: Office) -> None:
    """The server's clock was stepped back a little."""
    with office.log.connection() as connection:
        row = connection.execute(
            "UPDATE log_head SET last_recorded_at = clock_timestamp() + interval '40 seconds'"
            " RETURNING last_recorded_at"
        ).fetchone()
    assert row is not None
    now = RecordClock(office.log).now()
    assert now.instant == row["last_recorded_at"]
    assert now.given is None


def test_an_entry_of_a_day_to_come_moves_no_day(office: Office) -> None:
    """It was made while the server's clock was wrong: no step is taken early because of it."""
    with office.log.connection() as connection:
        connection.execute("UPDATE log_head SET last_recorded_at = '2999-01-01T00:30Z'")
    assert RecordClock(office.log).now().day == today()
    wait = RecordClock(office.log).until(date(2999, 1, 1))
    assert wait is not None
    assert wait > 100 * 365 * DAY


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


def asked_for(whose: Whose, step: str, on: date, about: str = "") -> TakeStep:
    """A step that somebody says is due."""
    due = DueStep(step=step, about=about, due_on=on)
    return TakeStep(whose=whose, due=due, caused_by=UUID(int=7))


def test_an_activity_asked_for_what_is_not_due_writes_nothing(scene: Scene) -> None:
    """A step is believed only where the log itself says that it is due, whoever asks for it."""
    letters_on(scene, today() + DAY)
    scene.do(today(), "fix-day", milestone="move", on=str(today() + 400 * DAY))
    activities = Activities(scene.due, RecordClock(scene.log), Waiting(scene.office, scene.due))
    person = Whose(matter=MATTER, staff_number="S1")
    unheard_of = Whose(matter="desk-move:autumn", group="A")
    head = scene.log.head().position
    for asked in (
        asked_for(GROUP, "letters", today()),
        asked_for(GROUP, "letters", today() - 400 * DAY),
        asked_for(GROUP, "move", today()),
        asked_for(GROUP, "no such step", today()),
        asked_for(WHOLE, "close", today()),
        asked_for(OTHER, "letters", today()),
        asked_for(person, "move", today()),
        asked_for(Whose(matter=MATTER, staff_number="S99"), "end", today()),
    ):
        ActivityEnvironment().run(activities.take_step, asked)
        assert scene.log.head().position == head, asked
    with pytest.raises(ApplicationError, match="autumn"):
        ActivityEnvironment().run(activities.take_step, asked_for(unheard_of, "letters", today()))
    assert scene.log.head().position == head
