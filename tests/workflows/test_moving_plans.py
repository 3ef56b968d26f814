"""A plan that moves while a step over many people is under way: the step stops there.

Nobody waits for a timer here: each step is taken by hand, and the plan moves between two chunks.
"""

from datetime import date, timedelta

import psycopg
import pytest

from projections.deadlines import obligations as o
from projections.deadlines.deadlines import DeadlinesProjection, State, deadlines
from projections.keeping_up.runner import Runner
from tests.support.words_2013 import MilestoneName, Window
from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, SIFTED_DUE, TRANSFER_ON, Scene
from tests.workflows.test_cohort import count_of, move_transfer
from tests.workflows.test_concerns import take_cohort_step
from tests.workflows.test_person import CLOSED, appeal, determine
from transfer.commands import exercises, procedures
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise import CohortStep, ExerciseStep, Next
from transfer.procedures.exercise.next_for_person import PersonStep

pytestmark = pytest.mark.engines

JUNE = date(2014, 6, 1)
LATER = date(2014, 1, 3)
DISSOLUTION = date(2014, 10, 31)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "CHUNK", 3)


class Once:
    """A `progress` that does something after the first chunk, and nothing after the others."""

    def __init__(self, scene: Scene, then: str, to: date) -> None:
        self._scene, self._then, self._to = scene, then, to
        self.fired = False

    def __call__(self, _done: int, _of: int) -> None:
        """Move the plan, the first time."""
        if self.fired:
            return
        self.fired = True
        scene = self._scene
        if self._then == "transfer":
            move_transfer(scene, self._to, on=TRANSFER_ON)
        elif self._then == "window":
            move_window(scene, self._to)
        else:
            move_dissolution(scene, self._to, on=DISSOLUTION)


def move_window(scene: Scene, to: date, cohort: str = SIFTED) -> None:
    """The employer gives the whole cohort longer to appeal."""
    exercises.reset_window(
        scene.office,
        scene.act(CLOSED),
        name=NAME,
        cohort=cohort,
        window=Window.APPEAL,
        due_on=to,
        reason="offices closed",
    )


def move_dissolution(scene: Scene, to: date, *, on: date) -> None:
    """The day on which the Trusts cease to exist is set, or moves."""
    exercises.reset_milestone(
        scene.office,
        scene.act(on),
        name=NAME,
        milestone=MilestoneName.DISSOLUTION,
        due_on=to,
        reason="laid before Parliament",
    )


def up_to(scene: Scene, *days: date) -> None:
    """Take the cohort's steps of those days."""
    for day in days:
        take_cohort_step(scene, day)


def next_step(scene: Scene) -> Next | None:
    """What the cohort waits for."""
    return procedures.next_cohort_step(scene.office, NAME, SIFTED)


def take_exercise_steps(scene: Scene, on: date, *, until: ExerciseStep) -> None:
    """Everything of the exercise's own that comes before a step."""
    while (step := procedures.next_exercise_step(scene.office, NAME)) and step.step != until:
        take_exercise_step(scene, on)


def take_exercise_step(scene: Scene, on: date, progress: procedures.Progress | None = None) -> None:
    """The exercise's own next step, taken without any workflow."""
    step = procedures.next_exercise_step(scene.office, NAME)
    assert step is not None
    procedures.take_exercise_step(
        scene.office,
        scene.act(on),
        name=NAME,
        step=step,
        on=on,
        progress=progress or (lambda _done, _of: None),
    )


def refused(scene: Scene, step: str) -> dict[str, tuple[str, ...]]:
    """Whom a step was refused, with the last reasons."""
    return {
        recorded.stream.removeprefix("staff:"): recorded.fact.reasons
        for recorded in scene.facts(a.StepRefused)
        if recorded.fact.step == step
    }


def to_reconsider(scene: Scene, database_url: str) -> dict[str, str]:
    """Who has an open duty of the employer to reconsider, and about which step."""
    Runner(scene.office.log, [DeadlinesProjection(scene.office.log.read_many)]).catch_up()
    head = scene.office.log.head().recorded_at
    assert head is not None
    with psycopg.connect(database_url) as conn:
        found = deadlines(conn, head, owner=o.Owner.EMPLOYER, state=State.OPEN, limit=1000)
    return {
        each.staff_number: each.about
        for each in found.items
        if each.what == o.What.RECONSIDER and each.staff_number is not None
    }


def test_a_transfer_that_moves_after_the_first_chunk_stops_there(
    scene: Scene, database_url: str
) -> None:
    up_to(scene, LETTERS_ON["sifted"], CLOSED)
    members = scene.members()
    take_cohort_step(scene, TRANSFER_ON, Once(scene, "transfer", JUNE))

    assert count_of(scene, a.StaffTransferred) == 3
    assert refused(scene, "transfer") == {}
    assert next_step(scene) == Next(CohortStep.TRANSFER, JUNE)
    (stopped,) = scene.facts(e.StepStopped)
    assert (stopped.fact.step, stopped.fact.cohort) == (CohortStep.TRANSFER, SIFTED)
    assert (stopped.fact.due_on_before, stopped.fact.stopped_on) == (TRANSFER_ON, TRANSFER_ON)
    assert stopped.fact.done == members[:3]
    assert to_reconsider(scene, database_url) == dict.fromkeys(members[:3], "transfer")

    take_cohort_step(scene, JUNE)
    moved = {r.stream: r.fact.effective_from for r in scene.facts(a.StaffTransferred)}
    assert moved == {
        f"staff:{number}": TRANSFER_ON if number in members[:3] else JUNE for number in members
    }
    taken = scene.facts(e.CohortStepTaken)[-1].fact
    assert (taken.done, taken.left_to_their_own, taken.refused) == (len(members) - 3, 3, 0)


def test_a_window_that_moves_while_windows_close_keeps_the_others_open(
    scene: Scene, database_url: str
) -> None:
    up_to(scene, LETTERS_ON["sifted"])
    reached, waiting = scene.members()[:3], scene.members()[3:]
    take_cohort_step(scene, CLOSED, Once(scene, "window", LATER))

    assert count_of(scene, a.AssignmentConfirmed) == 3
    assert next_step(scene) == Next(CohortStep.CLOSE_WINDOWS, date(2014, 1, 4))
    assert to_reconsider(scene, database_url) == dict.fromkeys(reached, "close-windows")

    # Appeals within the new window, both upheld: one of somebody who was confirmed too early.
    early, other = reached[0], waiting[0]
    for number in (early, other):
        appeal(scene, number, LATER)
        determine(scene, number, LATER, AppealOutcome.UPHELD)
    take_cohort_step(scene, date(2014, 1, 4))
    confirmed = scene.person(other).confirmation
    assert confirmed is not None
    assert confirmed.destination == scene.person(other).destination

    take_cohort_step(scene, TRANSFER_ON)
    assert count_of(scene, a.StaffTransferred) == len(waiting)
    assert set(refused(scene, "transfer")) == set(reached)
    assert refused(scene, "transfer")[early] == (
        "what was done to them is to be reconsidered first: close-windows was due on 2013-12-24"
        " and is now due on 2014-01-04",
    )
    waits = procedures.next_person_step(scene.office, NAME, early)
    assert waits == Next(PersonStep.AWAIT_RECONSIDERATION, None)


def test_a_plan_that_moves_while_nobody_works_is_noticed_all_the_same(scene: Scene) -> None:
    """The worker was lost after the first chunk; the date moves before another one comes."""
    up_to(scene, LETTERS_ON["sifted"], CLOSED)

    class LostError(Exception):
        pass

    def lost(_done: int, _of: int) -> None:
        raise LostError

    with pytest.raises(LostError):
        take_cohort_step(scene, TRANSFER_ON, lost)
    move_transfer(scene, JUNE, on=TRANSFER_ON)
    assert next_step(scene) == Next(CohortStep.STOP, TRANSFER_ON, "transfer")
    take_cohort_step(scene, date(2014, 4, 2))
    (stopped,) = scene.facts(e.StepStopped)
    assert stopped.fact.done == scene.members()[:3]
    assert next_step(scene) == Next(CohortStep.TRANSFER, JUNE)


def test_a_plan_that_moves_and_comes_back_has_stopped_nothing(scene: Scene) -> None:
    up_to(scene, LETTERS_ON["sifted"], CLOSED)

    def there_and_back(done: int, _of: int) -> None:
        if done == 3:
            move_transfer(scene, JUNE, on=TRANSFER_ON)
            move_transfer(scene, TRANSFER_ON, on=TRANSFER_ON)

    take_cohort_step(scene, TRANSFER_ON, there_and_back)
    assert count_of(scene, a.StaffTransferred) == len(scene.members())
    assert scene.facts(e.StepStopped) == []


def test_what_else_is_written_to_the_exercise_stops_no_step(scene: Scene) -> None:
    """Another cohort's step, and a window of another cohort: decided again, and gone on with."""
    up_to(scene, LETTERS_ON["sifted"])
    other = next(name for name in scene.cohorts() if name != SIFTED)

    def meanwhile(done: int, _of: int) -> None:
        move_window(scene, date(2014, 3, 1) + timedelta(days=done), other)

    take_cohort_step(scene, CLOSED, meanwhile)
    assert count_of(scene, a.AssignmentConfirmed) == len(scene.members())
    assert scene.facts(e.StepStopped) == []


def test_the_append_itself_refuses_what_was_decided_by_another_plan(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The date moves between the decision on the first chunk and its append."""
    up_to(scene, LETTERS_ON["sifted"], CLOSED)
    loads = scene.office.people
    move = Once(scene, "transfer", JUNE)

    def people_then_move(numbers: list[str]) -> object:
        loaded = loads(numbers)
        move(0, 0)
        return loaded

    monkeypatch.setattr(scene.office, "people", people_then_move)
    take_cohort_step(scene, TRANSFER_ON)
    assert move.fired
    assert count_of(scene, a.StaffTransferred) == 0
    assert "transfer" not in {recorded.fact.step for recorded in scene.facts(e.StepBegun)}
    assert next_step(scene) == Next(CohortStep.TRANSFER, JUNE)


def test_a_persons_own_step_is_decided_again_where_the_plan_moves(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    up_to(scene, LETTERS_ON["sifted"])
    number = scene.members()[0]
    appeal(scene, number, SIFTED_DUE)
    determine(scene, number, SIFTED_DUE)
    step = procedures.next_person_step(scene.office, NAME, number)
    assert step == Next(PersonStep.CONFIRM, CLOSED)
    loads = scene.office.person
    move = Once(scene, "window", LATER)

    def person_then_move(staff_number: str) -> object:
        loaded = loads(staff_number)
        move(0, 0)
        return loaded

    monkeypatch.setattr(scene.office, "person", person_then_move)
    procedures.take_person_step(
        scene.office, scene.act(CLOSED), name=NAME, staff_number=number, step=step, on=CLOSED
    )
    assert move.fired
    assert scene.person(number).confirmation is None


def test_a_dissolution_that_moves_dismisses_nobody_more_on_the_old_day(
    scene: Scene, database_url: str
) -> None:
    move_dissolution(scene, DISSOLUTION, on=TRANSFER_ON)
    november = date(2014, 11, 30)
    take_exercise_steps(scene, DISSOLUTION, until=ExerciseStep.DISSOLVE)
    take_exercise_step(scene, DISSOLUTION, Once(scene, "dissolution", november))
    dismissed = tuple(r.stream.removeprefix("staff:") for r in scene.facts(a.EmploymentEnded))
    assert len(dismissed) == 3
    (stopped,) = scene.facts(e.StepStopped)
    assert (stopped.fact.cohort, stopped.fact.done) == (None, dismissed)
    assert set(to_reconsider(scene, database_url)) == set(dismissed)

    take_exercise_step(scene, november)
    days = [r.fact.effective_from for r in scene.facts(a.EmploymentEnded)]
    assert days.count(DISSOLUTION) == 3
    assert days.count(november) == len(days) - 3 > 0
    take_exercise_steps(scene, date(2014, 12, 1), until=ExerciseStep.COMPLETE)
    with pytest.raises(Refused, match="3 people is still to be reconsidered"):
        take_exercise_step(scene, date(2014, 12, 1))
