"""A lane of people: its loop by itself, on activities that answer from a script, and its activities
by themselves, on a real record."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from deploy.embedded import Engines
from deploy.processes import EngineError
from tests.core.matter.desks import DeskConfirmed
from tests.support.desk_scene import LETTERS, Scene, noon
from tests.workflows.conftest import service_engines
from tests.workflows.stage import GROUP, KEY, Stage, person, working
from workflows import people, simulated_time, troubles
from workflows.activities import Activities, short_reason
from workflows.clock import RecordClock
from workflows.concerns import Waiting
from workflows.ids import procedure_name, runs_in
from workflows.messages import (
    Lane,
    LookAgain,
    Own,
    OwnFollowing,
    OwnSteps,
    OwnWait,
    PeopleStart,
    Whose,
)
from workflows.people import FEW, MOST_AT_ONCE, OWN_STEPS, WHO_WAITS, People
from workflows.procedure import READ_AGAIN
from workflows.troubles import Trouble
from workflows.worker import RUNNER, connect

pytestmark = pytest.mark.engines

LANE = Lane(number=1)
TODAY, LATER = date(2014, 2, 10), date(2014, 2, 20)
OBJECTED = date(2014, 2, 10)


def heard(*numbers: str) -> LookAgain:
    """A fact about these people is on record."""
    return LookAgain(those=tuple(Own(whose=person(number)) for number in numbers))


class Script:
    """People who wait: for a day that has come, for one that comes in a second, or for a fact.

    Who is looked at on their day is through. `asked` has the people of each look, `None` for a
    question about everybody; `besides` the day of somebody else that came with each look.
    """

    def __init__(self, **days: date | None) -> None:
        self.days: dict[Whose, date | None] = {person(who): day for who, day in days.items()}
        self.asked: list[set[str] | None] = []
        self.besides: list[date | None] = []
        self.fails: list[str] = []
        self.refuses: str | None = None
        self.takes_seconds = 0.0
        self.says_while_asked: LookAgain | None = None
        self.handle: WorkflowHandle[People, None] | None = None

    @activity.defn(name=WHO_WAITS)
    async def who_waits(self, _lane: Lane) -> OwnFollowing:
        """Everybody."""
        self.asked.append(None)
        if self.says_while_asked is not None and self.handle is not None:
            says, self.says_while_asked = self.says_while_asked, None
            await self.handle.signal(READ_AGAIN, says)
        # Asked once more, as where a signal ends the task, it answers the same.
        failed = [each for each in self.days if each.staff_number in self.fails]
        waiting = {each: day for each, day in self.days.items() if each not in failed}
        return self._following(waiting, None, failed)

    @activity.defn(name=OWN_STEPS)
    async def own_steps(self, asked: OwnSteps) -> OwnFollowing:
        """Whose day it is are through; the others go on waiting."""
        those = [each.whose for each in asked.those]
        self.asked.append({each.staff_number or "" for each in those})
        self.besides.append(asked.besides)
        await asyncio.sleep(self.takes_seconds)
        failed = [each for each in those if each.staff_number in self.fails]
        for each in failed:
            self.fails.remove(each.staff_number or "")
        first = min(filter(None, self.days.values()), default=None)
        for each in those:
            if first is not None and self.days.get(each) == first:
                self.days.pop(each, None)
        waiting = {each: self.days[each] for each in those if each in self.days}
        return self._following(waiting, asked.besides, failed)

    def _following(
        self,
        waiting: Mapping[Whose, date | None],
        besides: date | None,
        failed: Sequence[Whose] = (),
    ) -> OwnFollowing:
        first = min(filter(None, (*waiting.values(), besides)), default=None)
        wait = None if first is None else timedelta() if first <= TODAY else timedelta(seconds=1)
        those = tuple(
            OwnWait(whose=each, day=day, refused=self.refuses) for each, day in waiting.items()
        )
        return OwnFollowing(waiting=those, wait=wait, failed=tuple(failed))


@asynccontextmanager
async def played(engines: Engines, script: Script) -> AsyncIterator[WorkflowHandle[People, None]]:
    """A lane on the script."""
    assert engines.temporal_address is not None
    client = await connect(engines.temporal_address, key=KEY)
    async with working(client, People, [script.who_waits, script.own_steps], RUNNER):
        script.handle = await client.start_workflow(
            People.run, PeopleStart(lane=LANE), id="a-lane", task_queue="script"
        )
        yield script.handle


async def has_asked(script: Script, asked: int) -> None:
    """Until it has asked so often."""
    while len(script.asked) < asked:
        await asyncio.sleep(0.01)


async def is_quiet(script: Script) -> None:
    """Until it has asked nothing for a while.

    What is said next then reaches no task within which the timer of the next look runs out: that
    would stop the time-skipping server (`workflows.simulated_time`).
    """
    before = -1
    while before != len(script.asked):
        before = len(script.asked)
        await asyncio.sleep(0.3)


async def test_it_asks_who_waits_and_ends_where_nobody_does(engines: Engines) -> None:
    script = Script()
    async with played(engines, script) as handle:
        await handle.result()
    assert script.asked == [None]


async def test_those_of_the_first_day_are_looked_at_together_and_the_others_on_theirs(
    engines: Engines,
) -> None:
    script = Script(S1=TODAY, S2=LATER, S3=TODAY)
    async with played(engines, script) as handle:
        await handle.result()
    assert script.asked == [None, {"S1", "S3"}, {"S2"}]
    assert script.besides == [LATER, None]


async def test_who_is_heard_of_is_looked_at_and_the_others_go_on_waiting(engines: Engines) -> None:
    script = Script(S1=None, S2=None)
    async with played(engines, script) as handle:
        await has_asked(script, 1)
        del script.days[person("S1")]
        await handle.signal(READ_AGAIN, heard("S1"))
        await has_asked(script, 2)
        await handle.signal(READ_AGAIN)  # nobody's who may tell it anything
        script.days[person("S2")] = TODAY
        await handle.signal(READ_AGAIN, heard("S2"))
        await handle.result()
    assert script.asked == [None, {"S1"}, {"S2"}]


async def test_what_is_heard_while_it_asks_is_looked_at_before_it_ends(engines: Engines) -> None:
    script = Script()
    script.says_while_asked = heard("S1")
    async with played(engines, script) as handle:
        await handle.result()
    # The fact arrives with the end of its task, which is then done once more, from the beginning.
    assert script.asked in ([None, {"S1"}], [None, None])


async def test_it_asks_for_everybody_where_somebody_says_so(engines: Engines) -> None:
    script = Script(S1=None)
    async with played(engines, script) as handle:
        await has_asked(script, 1)
        script.days.clear()
        await handle.signal(READ_AGAIN, LookAgain(those=None))
        await handle.result()
    assert script.asked == [None, None]


async def test_who_could_not_be_looked_at_is_looked_at_again_after_a_while(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_FIRST_AGAIN", timedelta(seconds=0.2))
    script = Script(S1=TODAY, S2=LATER)
    script.fails = ["S1", "S1"]
    async with played(engines, script) as handle:
        await handle.result()
    looks = [asked for asked in script.asked if asked is not None]
    assert sum("S1" in asked for asked in looks) == 3
    assert {"S2"} in looks or {"S1", "S2"} in looks


async def test_who_could_not_be_looked_at_has_a_turn_in_a_lane_that_hears_all_the_time(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "_FIRST_AGAIN", timedelta(seconds=0.5))
    script = Script(S1=None, S2=None)
    script.fails = ["S1"]
    # What is heard all the time reaches tasks within which the timer runs out: see `is_quiet`.
    with service_engines(tmp_path / "service", database_url) as engines:
        await _hears_all_the_time(engines, script)
    assert {"S2"} in script.asked


async def _hears_all_the_time(engines: Engines, script: Script) -> None:
    async with played(engines, script) as handle:
        while not any("S1" in (asked or ()) for asked in script.asked):
            await handle.signal(READ_AGAIN, heard("S2"))
            await asyncio.sleep(0.05)
        await is_quiet(script)
        script.days.clear()
        await handle.signal(READ_AGAIN, LookAgain(those=None))
        await handle.result()


async def test_what_is_in_the_way_of_its_people_is_seen_at_the_lane(engines: Engines) -> None:
    script = Script(S1=None, S2=None, S3=None)
    script.refuses = "no floor is proposed"
    script.fails = ["S3"]
    async with played(engines, script) as handle:
        await has_asked(script, 1)
        await is_quiet(script)
        seen = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert seen.current_details == (
        "2 wait, the first for a fact; 1 could not be looked at: transfer doctor says why; "
        "the rules refuse a step of 2, e.g. because: no floor is proposed"
    )


async def test_many_are_an_activity_and_very_many_several(engines: Engines) -> None:
    script = Script(**{f"S{n}": TODAY for n in range(MOST_AT_ONCE + 1)})
    async with played(engines, script) as handle:
        await handle.result()
        history = await handle.fetch_history()
    assert [len(asked) for asked in script.asked if asked is not None] == [MOST_AT_ONCE, 1]
    activities = [
        event
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert len(activities) == 1  # one alone is looked at within the workflow's own task
    assert FEW < MOST_AT_ONCE


async def test_a_long_run_is_continued_and_loses_nothing_that_it_heard(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "ROUNDS_A_RUN", 2)
    script = Script(S1=None)
    async with played(engines, script) as handle:
        first = (await handle.describe()).run_id
        await has_asked(script, 1)
        script.days.clear()
        await handle.signal(READ_AGAIN, heard("S1", "S2"))
        await handle.result()
        assert (await handle.describe()).run_id != first


async def test_a_timer_that_runs_out_while_it_is_taken_back_stops_simulated_time_which_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated_time, "STANDS_STILL_SECONDS", 1.5)
    script = Script(S1=LATER, S2=None)
    script.takes_seconds = 1.5  # the timer of S1 has a second left
    async with stage.playing() as play:
        await play.time.settle()
        async with working(play.client, People, [script.who_waits, script.own_steps], RUNNER):
            lane = await play.client.start_workflow(
                People.run, PeopleStart(lane=LANE), id="a-lane", task_queue="script"
            )
            await has_asked(script, 1)
            await lane.signal(READ_AGAIN, heard("S2"))
            with pytest.raises(EngineError, match="Simulated time stands still"):
                await asyncio.wait_for(play.time.settle(), 60)


# --- its activities, on a real record ------------------------------------------------------------


@pytest.fixture
def objected(scene: Scene) -> Scene:
    """Letters are out. Two of group A have objected; for two the window is longer by a week."""
    for group in ("A", "B"):
        scene.take(date(2014, 1, 20), group)
        scene.take(LETTERS, group)
    for number in ("S1", "S2"):
        scene.do(OBJECTED, "object", number)
    for number in ("S5", "S6"):
        scene.do(
            OBJECTED, "extend-window", number, window="object", until=str(LATER), reason="on leave"
        )
    return scene


def activities_of(scene: Scene) -> Activities:
    """The activities of the scene's record."""
    return Activities(scene.due, RecordClock(scene.log), Waiting(scene.office, scene.due))


def look_at(scene: Scene, *numbers: str, besides: date | None = None) -> OwnFollowing:
    """Look at some people as a lane does."""
    asked = OwnSteps(those=tuple(Own(whose=person(each)) for each in numbers), besides=besides)
    looked: OwnFollowing = ActivityEnvironment().run(activities_of(scene).own_steps, asked)
    return looked


def test_who_waits_by_the_log_is_found_lane_by_lane(objected: Scene) -> None:
    objected.log.clock.stop(noon(OBJECTED))
    activities = activities_of(objected)
    for number in ("S1", "S2", "S5", "S6"):
        lane = runs_in(person(number))
        assert isinstance(lane, Lane)
        found = ActivityEnvironment().run(activities.who_waits, lane)
        assert [each.whose for each in found.waiting] == [person(number)]


def test_what_is_due_of_several_is_taken_and_the_first_day_of_all_is_waited_for(
    objected: Scene,
) -> None:
    day_after = LATER + timedelta(days=1)
    objected.log.clock.stop(noon(OBJECTED))
    before = look_at(objected, "S1", "S5", "S6")
    assert {each.whose: each.day for each in before.waiting} == {
        person("S1"): None,
        person("S5"): day_after,
        person("S6"): day_after,
    }
    assert objected.facts(DeskConfirmed) == []
    objected.log.clock.stop(noon(day_after))
    after = look_at(objected, "S1", "S5", "S6", besides=day_after + timedelta(days=9))
    assert {each.stream for each in objected.facts(DeskConfirmed)} == {"staff:S5", "staff:S6"}
    assert {each.recorded_by for each in objected.facts(DeskConfirmed)} == {
        "procedure:desk-move/spring/person/S5",
        "procedure:desk-move/spring/person/S6",
    }
    assert [each.whose for each in after.waiting] == [person("S1")]
    assert after.wait is None  # the clock stands
    assert after.failed == ()


def test_one_who_cannot_be_read_is_in_nobody_elses_way(objected: Scene) -> None:
    with objected.log.connection() as connection:
        connection.execute(
            "UPDATE events SET topic = 'unheard-of.v1' WHERE topic = 'floor-proposed.v1'"
            " AND originator_id = 'staff:S5'"
        )
    objected.log.clock.stop(noon(LATER + timedelta(days=1)))
    looked = look_at(objected, "S5", "S6")
    assert looked.failed == (person("S5"),)
    assert {each.stream for each in objected.facts(DeskConfirmed)} == {"staff:S6"}


def test_in_whom_the_program_fails_is_in_trouble_from_then_on_until_it_no_longer_does(
    objected: Scene,
) -> None:
    def rename(before: str, after: str) -> None:
        with objected.log.connection() as connection:
            connection.execute(
                "UPDATE events SET topic = %s WHERE topic = %s AND originator_id = 'staff:S5'",
                (after, before),
            )

    def in_trouble() -> list[Trouble]:
        with objected.log.connection() as connection:
            return troubles.troubles(connection)

    rename("floor-proposed.v1", "unheard-of.v1")
    objected.log.clock.stop(noon(LATER + timedelta(days=1)))
    look_at(objected, "S5", "S6")
    (first,) = in_trouble()
    assert (first.kind, first.procedure) == ("stuck", procedure_name(person("S5")))
    assert "in a step of this person" in first.mend
    look_at(objected, "S6")  # somebody else
    look_at(objected, "S5")
    assert [each.since for each in in_trouble()] == [first.since]
    rename("unheard-of.v1", "floor-proposed.v1")
    assert look_at(objected, "S5").failed == ()
    assert in_trouble() == []


def test_why_the_rules_refuse_somebody_is_told_until_they_no_longer_do(scene: Scene) -> None:
    scene.register("S9")
    scene.do(date(2014, 1, 10), "join", "S9", group="A", reason="forgotten")
    for day in (date(2014, 1, 20), LETTERS):
        scene.take(day, "A")
    scene.do(OBJECTED, "extend-window", "S9", window="object", until=str(LATER), reason="on leave")
    day_after = LATER + timedelta(days=1)
    scene.log.clock.stop(noon(day_after))
    (waits,) = look_at(scene, "S9").waiting
    assert (waits.day, waits.refused) == (None, "no floor is proposed")
    scene.do(day_after, "propose", "S9", floor="3")
    assert look_at(scene, "S9").waiting == ()


def test_a_reason_is_short_and_without_the_number_of_the_person() -> None:
    reason = short_reason("S9 works elsewhere; " + 50 * "and so on ", person("S9"))
    assert reason.startswith("… works elsewhere; and")
    assert reason.endswith(" …")
    assert len(reason) <= 200


def test_a_matter_and_its_groups_run_by_themselves() -> None:
    assert runs_in(GROUP) == GROUP
    assert runs_in(person("S1")) == runs_in(Whose(matter="appeal:spring.S1.1", staff_number="S1"))
