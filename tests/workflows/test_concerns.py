"""Whom a fact concerns, read from the log alone."""

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, TRANSFER_ON, Scene
from tests.workflows.test_cohort import move_transfer
from tests.workflows.test_person import APPEALED, CLOSED, appeal, determine
from transfer.commands import exercises, procedures
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from workflows.concerns import CONCERNING_NAMES, Concerns
from workflows.ids import actor
from workflows.messages import Whose

pytestmark = pytest.mark.engines

EXERCISE = Whose(exercise=NAME)
COHORT = Whose(exercise=NAME, cohort=SIFTED)


def person(number: str) -> Whose:
    """One person's procedure."""
    return Whose(exercise=NAME, staff_number=number)


def take_cohort_step(scene: Scene, on: date, progress: procedures.Progress | None = None) -> None:
    """The cohort's next step, taken without any workflow."""
    step = procedures.next_cohort_step(scene.office, NAME, SIFTED)
    assert step is not None
    procedures.take_cohort_step(
        scene.office,
        scene.act(on),
        name=NAME,
        cohort=SIFTED,
        step=step,
        on=on,
        progress=progress or (lambda _done, _of: None),
    )


def confirm(scene: Scene, number: str, on: date) -> None:
    """The person's own confirmation, taken without any workflow."""
    step = procedures.next_person_step(scene.office, NAME, number)
    assert step is not None
    procedures.take_person_step(
        scene.office, scene.act(on), name=NAME, staff_number=number, step=step, on=on
    )


def test_the_opening_and_each_cohort_begin_their_procedures_once(scene: Scene) -> None:
    page = scene.office.log.page(0, 1_000, CONCERNING_NAMES)
    concerns = Concerns(scene.office).of_page(page).concerns
    cohorts = [Whose(exercise=NAME, cohort=name) for name in scene.cohorts()]
    assert [concern.whose for concern in concerns] == [EXERCISE, *cohorts]


def test_a_transfer_date_that_moves_concerns_everybody_with_a_procedure(scene: Scene) -> None:
    number = scene.members()[0]
    take_cohort_step(scene, LETTERS_ON["sifted"])
    appeal(scene, number)
    at = scene.office.log.head().position
    move_transfer(scene, date(2014, 6, 1), on=APPEALED)
    page = scene.office.log.page(at, 10, CONCERNING_NAMES)
    told = {concern.whose: concern for concern in Concerns(scene.office).of_page(page).concerns}
    cohorts = [Whose(exercise=NAME, cohort=name) for name in scene.cohorts()]
    assert set(told) == {EXERCISE, *cohorts, person(number)}
    assert {concern.caused_by for concern in told.values()} == {page[0].event_id}


def test_who_is_confirmed_while_the_cohort_transfers_begins_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cohort's step passed them by, and their own procedure thought they went with it."""
    monkeypatch.setattr(exercises, "CHUNK", 3)
    confirmed, open_still = scene.members()[:2]
    take_cohort_step(scene, LETTERS_ON["sifted"])
    appeal(scene, confirmed)
    appeal(scene, open_still)
    take_cohort_step(scene, CLOSED)

    def meanwhile(done: int, _of: int) -> None:
        if done > 3:
            return
        determine(scene, confirmed, TRANSFER_ON)
        confirm(scene, confirmed, TRANSFER_ON)
        assert procedures.next_person_step(scene.office, NAME, confirmed) is None

    take_cohort_step(scene, TRANSFER_ON, meanwhile)
    last = scene.facts(e.CohortStepTaken)[-1]
    assert last.fact.left_to_their_own == 2
    page = scene.office.log.page(last.position - 1, 1)
    concerns = Concerns(scene.office).of_page(page).concerns
    assert {concern.whose for concern in concerns} == {person(confirmed), person(open_still)}


def test_nobody_is_told_what_they_did_themselves(scene: Scene) -> None:
    number = scene.members()[0]
    take_cohort_step(scene, LETTERS_ON["sifted"])
    appeal(scene, number)
    (lodged,) = scene.office.log.page(0, 10, ["appeal-lodged.v1"])
    assert isinstance(lodged.fact, a.AppealLodged)
    concerns = Concerns(scene.office)
    assert [each.whose for each in concerns.of_page([lodged]).concerns] == [person(number)]
    own = replace(lodged, recorded_by=actor(person(number)))
    assert concerns.of_page([own]).concerns == []
