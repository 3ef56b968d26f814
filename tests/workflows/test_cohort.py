"""A cohort: letters, the closing of the windows and the transfer, each on its day and once."""

import asyncio
from collections import Counter
from datetime import date

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.support.words_2013 import MilestoneName, Window
from tests.workflows.scene import (
    LETTERS_ON,
    NAME,
    SIFTED,
    SIFTED_DUE,
    TRANSFER_ON,
    Scene,
    noon,
)
from tests.workflows.stage import Stage
from transfer.commands import exercises, record
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.record.entries import Change
from transfer.core.words import Facet
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise import CohortStep

pytestmark = pytest.mark.engines


def count_of(scene: Scene, kind: type[a.AssignmentFact], cohort: str = SIFTED) -> int:
    """How many members of the cohort have such a fact."""
    members = {f"staff:{number}" for number in scene.members(cohort)}
    return sum(recorded.stream in members for recorded in scene.facts(kind))


def move_transfer(scene: Scene, to: date, *, on: date) -> None:
    """The Secretary of State names another transfer date."""
    exercises.reset_milestone(
        scene.office,
        scene.act(on),
        name=NAME,
        milestone=MilestoneName.TRANSFER,
        due_on=to,
        reason="announced",
    )


async def test_each_step_is_taken_on_its_day_and_not_before(stage: Stage) -> None:
    scene = stage.scene
    everybody = len(scene.members())
    async with stage.playing() as play:
        await play.go_to(date(2013, 12, 8))
        assert count_of(scene, a.AssignmentLetterIssued) == 0
        await play.go_to(LETTERS_ON["sifted"])
        assert count_of(scene, a.AssignmentLetterIssued) == everybody
        await play.go_to(SIFTED_DUE)
        assert count_of(scene, a.AssignmentConfirmed) == 0
        await play.go_to(date(2013, 12, 24))
        assert count_of(scene, a.AssignmentConfirmed) == everybody
        await play.go_to(date(2014, 3, 31))
        assert count_of(scene, a.StaffTransferred) == 0
        await play.go_to(TRANSFER_ON)
        assert count_of(scene, a.StaffTransferred) == everybody

    taken = [r for r in scene.facts(e.CohortStepTaken) if r.fact.cohort == SIFTED]
    assert [(r.fact.step, r.fact.taken_on) for r in taken] == [
        (CohortStep.ISSUE_LETTERS, LETTERS_ON["sifted"]),
        (CohortStep.CLOSE_WINDOWS, date(2013, 12, 24)),
        (CohortStep.TRANSFER, TRANSFER_ON),
    ]
    for recorded in taken:
        begins = start_of_day_london(recorded.fact.taken_on)
        assert 0 <= (recorded.recorded_at - begins).total_seconds() < 60
        assert recorded.recorded_by == f"procedure:cohort/{NAME}/{SIFTED}"
    formed = next(r for r in scene.facts(e.CohortFormed) if r.fact.cohort == SIFTED)
    assert {recorded.causation_id for recorded in taken} == {formed.event_id}


async def test_a_window_that_is_reset_closes_on_its_new_day(stage: Stage) -> None:
    scene = stage.scene
    later = date(2014, 1, 3)
    async with stage.playing() as play:
        await play.go_to(SIFTED_DUE)
        exercises.reset_window(
            scene.office,
            scene.act(SIFTED_DUE),
            name=NAME,
            cohort=SIFTED,
            window=Window.APPEAL,
            due_on=later,
            reason="offices closed",
        )
        await play.go_to(later)
        assert count_of(scene, a.AssignmentConfirmed) == 0
        await play.go_to(date(2014, 1, 4))
        assert count_of(scene, a.AssignmentConfirmed) == len(scene.members())


@pytest.mark.parametrize("to", [date(2014, 2, 1), date(2014, 6, 1)], ids=["earlier", "later"])
async def test_a_transfer_date_that_moves_moves_everybodys_timer(stage: Stage, to: date) -> None:
    scene = stage.scene
    async with stage.playing() as play:
        await play.go_to(date(2014, 1, 28))
        assert await play.status(cohort=SIFTED) is WorkflowExecutionStatus.RUNNING
        move_transfer(scene, to, on=date(2014, 1, 28))
        await play.go_to(date.fromordinal(to.toordinal() - 1))
        assert scene.facts(a.StaffTransferred) == []
        await play.go_to(to)
        moved = scene.facts(a.StaffTransferred)
        assert len(moved) == sum(len(scene.members(name)) for name in scene.cohorts())
        assert {recorded.fact.effective_from for recorded in moved} == {to}
        assert await play.status(cohort=SIFTED) is WorkflowExecutionStatus.COMPLETED


async def test_whom_the_rules_refuse_does_not_stop_the_others(stage: Stage) -> None:
    scene = stage.scene
    stranger, *others = scene.members()
    record.enter(
        scene.office,
        scene.act(date(2013, 11, 20)),
        stranger,
        Change(
            effective_from=date(2013, 11, 18),
            effective_to=None,
            changes={Facet.EMPLOYER: "A Company Ltd"},
            reason="left for another employer",
        ),
    )
    async with stage.playing() as play:
        await play.go_to(TRANSFER_ON)
    assert scene.person(stranger).transfer is None
    assert all(scene.person(number).transfer is not None for number in others)
    refused = [r for r in scene.facts(a.StepRefused) if r.stream == f"staff:{stranger}"]
    assert [r.fact.reasons for r in refused] == [
        ("employed by A Company Ltd on 2014-04-01, which is not a transferor",)
    ]
    last = scene.facts(e.CohortStepTaken)[-3:]
    assert sum(recorded.fact.refused for recorded in last) == 1


async def test_a_step_that_breaks_off_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = stage.scene
    monkeypatch.setattr(exercises, "CHUNK", 3)
    members = scene.members()
    log = scene.office.log
    with log.connection() as connection:
        connection.execute(
            "CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER break_off BEFORE INSERT ON events FOR EACH ROW WHEN"
            f" (new.originator_id = 'staff:{members[-1]}') EXECUTE FUNCTION break_off()"
        )
    async with stage.playing() as play:
        await play.go_to(date(2013, 12, 8))
        before = log.head().position
        going = asyncio.create_task(play.time.advance_to(noon(LETTERS_ON["sifted"])))
        whole_chunks = (len(members) - 1) // 3 * 3
        assert await asyncio.to_thread(log.wait_past, before + whole_chunks - 1, 30)
        assert 0 < count_of(scene, a.AssignmentLetterIssued) < len(members)
        with log.connection() as connection:
            connection.execute("DROP TRIGGER break_off ON events")
        await going
        await play.time.settle()
    letters = Counter(recorded.stream for recorded in scene.facts(a.AssignmentLetterIssued))
    assert [letters[f"staff:{number}"] for number in members] == [1] * len(members)
    taken = [r for r in scene.facts(e.CohortStepTaken) if r.fact.cohort == SIFTED]
    assert len(taken) == 1


async def test_letters_that_go_out_late_give_everybody_their_days(stage: Stage) -> None:
    """Nothing ran on the letters' day; the procedures begin a week later."""
    scene = stage.scene
    async with stage.playing(noon(date(2013, 12, 16))) as play:
        await play.time.settle()
        assert count_of(scene, a.AssignmentLetterIssued) == len(scene.members())
        await play.go_to(date(2014, 1, 2))  # ten working days after 16 December
        assert count_of(scene, a.AssignmentConfirmed) == 0
        await play.go_to(date(2014, 1, 3))
        confirmed = {recorded.stream for recorded in scene.facts(a.AssignmentConfirmed)}
        assert {f"staff:{number}" for number in scene.members()} <= confirmed
