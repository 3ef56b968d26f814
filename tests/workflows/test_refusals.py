"""A refused step stays due: tried again when a fact changes the answer, and its reason is readable.

Nobody waits for a timer in the tests that take a scene alone; those on a stage run the procedures.
"""

from datetime import date
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, TRANSFER_ON, Scene
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import move_transfer
from tests.workflows.test_concerns import take_cohort_step
from tests.workflows.test_moving_plans import (
    DISSOLUTION,
    JUNE,
    move_dissolution,
    refused,
    take_exercise_step,
    take_exercise_steps,
)
from tests.workflows.test_person import CLOSED
from transfer.commands import exercises, procedures, record
from transfer.core.record.entries import Change, Correction
from transfer.core.record.staff import PositionChanged
from transfer.core.refusals import Refused
from transfer.core.words import Facet
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise import CohortStep, ExerciseStep, Next
from transfer.procedures.exercise.next_for_person import PersonStep
from transfer.procedures.facts import STORED_NAMES
from workflows.concerns import CONCERNING_NAMES, Concerns
from workflows.messages import Whose

pytestmark = pytest.mark.engines

MISTYPED = "Londen Probation Trust"
NOTICED = date(2014, 4, 3)
WAITS = Next(PersonStep.AWAIT_REMEDY, None, CohortStep.TRANSFER)


def mistype(scene: Scene, number: str, employer: str = MISTYPED) -> UUID:
    """An employer's name is entered wrongly."""
    return record.enter(
        scene.office,
        scene.act(date(2013, 11, 20)),
        number,
        Change(
            effective_from=date(2013, 11, 18),
            changes={Facet.EMPLOYER: employer},
            reason="as typed",
        ),
    ).event_id


def correct(scene: Scene, number: str, of: UUID, employer: str, on: date = NOTICED) -> None:
    """The entry is corrected."""
    record.enter(
        scene.office,
        scene.act(on),
        number,
        Correction(
            of=of,
            effective_from=date(2013, 11, 18),
            changes={Facet.EMPLOYER: employer},
            reason="mistyped",
        ),
    )


def up_to_the_transfer(scene: Scene) -> None:
    """Letters, windows, transfer."""
    for day in (LETTERS_ON["sifted"], CLOSED, TRANSFER_ON):
        take_cohort_step(scene, day)


def next_of(scene: Scene, number: str) -> Next | None:
    """What somebody's own procedure waits for."""
    return procedures.next_person_step(scene.office, NAME, number)


def take_own_step(scene: Scene, number: str, on: date) -> None:
    """Somebody's own next step, taken without any workflow."""
    step = next_of(scene, number)
    assert step is not None
    procedures.take_person_step(
        scene.office, scene.act(on), name=NAME, staff_number=number, step=step, on=on
    )


async def test_an_employer_corrected_two_days_late_transfers_on_the_lawful_day(
    stage: Stage,
) -> None:
    scene = stage.scene
    number = scene.members()[0]
    move_dissolution(scene, DISSOLUTION, on=date(2013, 11, 20))
    entry = mistype(scene, number)
    async with stage.playing() as play:
        await play.go_to(NOTICED)
        assert scene.person(number).transfer is None
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.RUNNING
        assert next_of(scene, number) == WAITS
        correct(scene, number, entry, "London Probation Trust")
        await play.time.settle()
        (moved,) = [r for r in scene.facts(a.StaffTransferred) if r.stream == f"staff:{number}"]
        assert moved.fact.effective_from == TRANSFER_ON
        assert moved.recorded_at.date() == NOTICED
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED
        await play.go_to(DISSOLUTION)
    assert scene.person(number).ending is None


async def test_who_stays_refused_is_not_dismissed_and_is_not_tried_day_by_day(
    stage: Stage,
) -> None:
    scene = stage.scene
    number = scene.members()[0]
    move_dissolution(scene, DISSOLUTION, on=date(2013, 11, 20))
    entry = mistype(scene, number)
    async with stage.playing() as play:
        await play.go_to(date(2014, 11, 3))
        assert scene.person(number).ending is None
        assert set(refused(scene, ExerciseStep.DISSOLVE)) == {number}
        assert scene.facts(e.ExerciseCompleted) == []
        correct(scene, number, entry, "London Probation Trust", date(2014, 11, 3))
        await play.go_to(date(2014, 11, 5))
    moved = scene.person(number).transfer
    assert moved is not None
    assert moved.effective_from == TRANSFER_ON
    assert len(scene.facts(e.ExerciseCompleted)) == 1


def test_the_same_reasons_are_said_once_and_other_reasons_anew(scene: Scene) -> None:
    number = scene.members()[0]
    entry = mistype(scene, number)
    up_to_the_transfer(scene)
    assert next_of(scene, number) == WAITS
    take_own_step(scene, number, NOTICED)
    assert len([r for r in scene.facts(a.StepRefused) if r.fact.step == "transfer"]) == 1

    correct(scene, number, entry, "Another Company Ltd")
    assert next_of(scene, number) == Next(PersonStep.TRANSFER, TRANSFER_ON)
    take_own_step(scene, number, NOTICED)
    reasons = [r.fact.reasons for r in scene.facts(a.StepRefused) if r.fact.step == "transfer"]
    assert reasons == [
        (f"employed by {employer} on 2014-04-01, which is not a transferor",)
        for employer in (MISTYPED, "Another Company Ltd")
    ]
    assert next_of(scene, number) == WAITS


def test_a_plan_that_moves_makes_a_refused_step_due_by_the_new_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by the transfer date of April, which then moves: other reasons, and another day."""
    monkeypatch.setattr(exercises, "CHUNK", 3)
    number = scene.members()[0]
    mistype(scene, number)
    for day in (LETTERS_ON["sifted"], CLOSED):
        take_cohort_step(scene, day)

    def moves(done: int, _of: int) -> None:
        if done == 3:
            move_transfer(scene, JUNE, on=TRANSFER_ON)

    take_cohort_step(scene, TRANSFER_ON, moves)
    assert set(refused(scene, "transfer")) == {number}
    assert next_of(scene, number) == Next(PersonStep.TRANSFER, JUNE)


def test_nobody_with_a_refused_step_is_dismissed_and_the_exercise_stays_open(
    scene: Scene,
) -> None:
    number = scene.members()[0]
    move_dissolution(scene, DISSOLUTION, on=date(2013, 11, 20))
    entry = mistype(scene, number)
    up_to_the_transfer(scene)
    take_exercise_steps(scene, DISSOLUTION, until=ExerciseStep.DISSOLVE)
    take_exercise_step(scene, DISSOLUTION)
    dismissed = {r.stream for r in scene.facts(a.EmploymentEnded)}
    assert f"staff:{number}" not in dismissed
    assert refused(scene, ExerciseStep.DISSOLVE) == {
        number: (
            f"transfer was refused and is still due: employed by {MISTYPED} on 2014-04-01, which is"
            " not a transferor",
        )
    }
    after = date(2014, 11, 1)
    take_exercise_steps(scene, after, until=ExerciseStep.COMPLETE)
    with pytest.raises(Refused, match="accounted for"):
        take_exercise_step(scene, after)

    correct(scene, number, entry, "London Probation Trust", after)
    take_own_step(scene, number, after)
    moved = scene.person(number).transfer
    assert moved is not None
    assert moved.effective_from == TRANSFER_ON
    take_exercise_step(scene, after)
    assert len(scene.facts(e.ExerciseCompleted)) == 1


def test_what_changes_the_record_of_somebody_refused_concerns_them(scene: Scene) -> None:
    number, other = scene.members()[:2]
    concerns = Concerns(scene.office)
    assert concerns.names == CONCERNING_NAMES
    entry = mistype(scene, number)
    up_to_the_transfer(scene)
    assert STORED_NAMES[PositionChanged] in concerns.names
    page = scene.office.log.page(0, 1_000, [STORED_NAMES[a.StepRefused]])
    own = Whose(exercise=NAME, staff_number=number)
    of_refusals = concerns.of_page(page)
    assert [each.whose for each in of_refusals.concerns] == [own]

    at = scene.office.log.head().position
    correct(scene, number, entry, "London Probation Trust")
    mistype(scene, other)
    page = scene.office.log.page(at, 10, concerns.names)
    assert len(page) == 2
    assert [each.whose for each in concerns.of_page(page).concerns] == [own]
    assert procedures.next_cohort_step(scene.office, NAME, SIFTED) is None
