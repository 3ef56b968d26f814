"""The exercise as a whole: meetings, milestones, dissolution, completion."""

from datetime import date

import pytest
from temporalio.client import WorkflowExecutionStatus

import workflows.procedure
from tests.support.words_2013 import Happening, MilestoneName
from tests.workflows.scene import NAME, TRANSFER_ON, Scene
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import move_transfer
from transfer.commands import exercises, people
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from workflows.messages import Whose

pytestmark = pytest.mark.engines

DISSOLUTION = date(2014, 10, 31)


def open_consultation(scene: Scene) -> None:
    """The bodies are consulted."""
    exercises.open_consultation(
        scene.office,
        scene.act(date(2013, 11, 20)),
        name=NAME,
        bodies=("NNC",),
        agreement="National Agreement",
        on=date(2013, 11, 20),
    )


def call_meeting(scene: Scene, on: date) -> None:
    """They are to meet."""
    exercises.call_meeting(
        scene.office, scene.act(date(2013, 11, 20)), name=NAME, on=on, purpose="endorsement"
    )


async def test_a_meeting_without_an_outcome_is_on_record_the_day_after(stage: Stage) -> None:
    scene = stage.scene
    async with stage.playing() as play:
        await play.time.settle()
        open_consultation(scene)
        call_meeting(scene, date(2013, 11, 25))
        call_meeting(scene, date(2013, 11, 27))
        await play.go_to(date(2013, 11, 25))
        exercises.record_happening(
            scene.office,
            scene.act(date(2013, 11, 25)),
            name=NAME,
            happening=Happening.ENDORSEMENT_REFUSED,
            on=date(2013, 11, 25),
            clause="TR-02",
            document="minutes",
            account="not endorsed",
        )
        await play.go_to(date(2013, 11, 27))
        assert scene.facts(c.OutcomeMissing) == []
        await play.go_to(date(2013, 11, 28))
    missing = scene.facts(c.OutcomeMissing)
    assert [recorded.fact.meeting_on for recorded in missing] == [date(2013, 11, 27)]


async def test_a_milestone_is_judged_when_its_day_has_passed(stage: Stage) -> None:
    scene = stage.scene

    def judged() -> dict[str, tuple[date, bool]]:
        reached = scene.facts(e.MilestoneReached)
        return {r.fact.milestone: (r.fact.due_on, r.fact.met) for r in reached}

    async with stage.playing() as play:
        await play.go_to(date(2014, 1, 28))
        assert judged() == {MilestoneName.ASSIGNMENT_STARTS: (date(2013, 11, 13), True)}
        move_transfer(scene, date(2014, 6, 1), on=date(2014, 1, 28))
        await play.go_to(date(2014, 4, 2))
        assert judged()[MilestoneName.PEOPLE_TRANSITION_COMPLETE] == (TRANSFER_ON, True)
        assert MilestoneName.TRANSFER not in judged()
        await play.go_to(date(2014, 6, 2))
        assert judged()[MilestoneName.TRANSFER] == (date(2014, 6, 1), True)


async def test_an_exercise_is_complete_when_everybody_is_accounted_for(stage: Stage) -> None:
    scene = stage.scene
    number = scene.members()[0]
    async with stage.playing() as play:
        await play.go_to(date(2013, 12, 18))
        people.lodge_appeal(
            scene.office,
            scene.act(date(2013, 12, 18)),
            name=NAME,
            staff_number=number,
            on=date(2013, 12, 18),
            grounds="never heard",
        )
        await play.go_to(date(2014, 5, 1))
        exercises.reset_milestone(
            scene.office,
            scene.act(date(2014, 5, 1)),
            name=NAME,
            milestone=MilestoneName.DISSOLUTION,
            due_on=DISSOLUTION,
            reason="the order",
        )
        await play.go_to(date(2014, 10, 30))
        assert [*scene.facts(e.TransferorDissolved), *scene.facts(a.EmploymentEnded)] == []
        await play.go_to(date(2014, 11, 1))
        ending = scene.person(number).ending
        assert ending is not None
        assert ending.treated_as_dismissed
        (completed,) = scene.facts(e.ExerciseCompleted)
        assert completed.fact.in_scope == 40
        assert await play.status() is WorkflowExecutionStatus.COMPLETED
        # Nothing is left to wait for, not even for the appeal that no panel heard.
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED


async def test_a_long_run_is_continued_as_a_new_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = stage.scene
    monkeypatch.setattr(workflows.procedure, "ROUNDS_A_RUN", 2)
    meetings = [date(2013, 11, day) for day in (21, 22, 25, 26, 27, 28)]
    async with stage.playing() as play:
        open_consultation(scene)
        for meeting in meetings:
            call_meeting(scene, meeting)
            await play.time.settle()
        first = await play.procedure(Whose(exercise=NAME)).describe()
        await play.go_to(date(2013, 11, 29))
        last = await play.procedure(Whose(exercise=NAME)).describe()
    missing = scene.facts(c.OutcomeMissing)
    assert [recorded.fact.meeting_on for recorded in missing] == meetings
    assert first.run_id != last.run_id
    assert last.status is WorkflowExecutionStatus.RUNNING
