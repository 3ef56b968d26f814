"""One matter that cannot be read stops that matter alone, and everybody can see which and why."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.support.words_2013 import MilestoneName, Window
from tests.workflows.scene import (
    LETTERS_ON,
    NAME,
    SIFTED,
    TRANSFER_ON,
    Scene,
    noon,
    terms,
)
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import count_of
from tests.workflows.test_coming_back import in_trouble
from tests.workflows.test_concerns import take_cohort_step
from tests.workflows.test_person import appeal
from transfer.commands import exercises, office
from transfer.core.streams import exercise_stream, staff_stream
from transfer.core.words import WindowKind
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.rulebooks import Rulebook, TermsOfExercise
from transfer.rulebooks.in_force import rules_of
from workflows.concerns import CONCERNING_NAMES, Concerns, must_be_waiting
from workflows.messages import Whose

pytestmark = pytest.mark.engines

POISONED = "tr-2013.poisoned"


def open_another(scene: Scene) -> None:
    """A second exercise beside the scene's."""
    exercises.open_exercise(
        scene.office,
        scene.act(date(2013, 11, 20)),
        name=POISONED,
        terms=terms(),
        transferors=("Kent Probation Trust",),
        on=date(2013, 11, 20),
        milestones={MilestoneName.TRANSFER: TRANSFER_ON},
        rehearsed=True,
    )


def poison(scene: Scene) -> None:
    """A fact that the fold cannot make sense of: the window of a cohort that was never formed."""
    _, version = scene.office.exercise(POISONED)
    formed = next(r.fact for r in scene.facts(e.CohortFormed))
    fact = e.WindowReset(
        exercise=POISONED,
        window=Window.APPEAL,
        kind=WindowKind.APPEAL,
        cohort="nobody",
        due_on_before=date(2013, 12, 23),
        due_on=date(2013, 12, 27),
        reason="r",
        basis=formed.basis,
    )
    command = scene.act(date(2013, 11, 20)).command()
    scene.office.log.append([(exercise_stream(POISONED), version, fact)], command)


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The exercises whose rulebook is gone, to be filled and emptied."""
    names: list[str] = []

    def rules_or_not(
        opened: e.ExerciseOpened, by_digest: Callable[[str], Rulebook | None]
    ) -> TermsOfExercise:
        if opened.exercise in names:
            raise LookupError(f"no rulebook {opened.rulebook}")
        return rules_of(opened, by_digest)

    monkeypatch.setattr(office, "rules_of", rules_or_not)
    return names


async def test_a_fold_that_raises_stops_its_exercise_alone(
    service: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    scene = service.scene
    open_another(scene)
    poison(scene)
    async with service.playing(noon(LETTERS_ON["sifted"])) as play:
        dispatcher = play.procedures.dispatcher
        while count_of(scene, a.AssignmentLetterIssued) < len(scene.members()):
            await asyncio.sleep(0.05)
        await dispatcher.caught_up(scene.office.log.head().position)
        assert play.procedures.failed() is None
        assert dispatcher.status.error is None
        assert dispatcher.status.unreadable == {f"exercise/{POISONED}": "KeyError: 'nobody'"}
        assert in_trouble(scene) == [(f"exercise/{POISONED}", "unreadable")]
        found = await dispatcher.sweep()
        assert found.unreadable == {f"exercise/{POISONED}": "KeyError: 'nobody'"}
        assert found.waiting == 1 + len(scene.cohorts())
    assert f"exercise/{POISONED}: unreadable: KeyError" in caplog.text


@pytest.mark.parametrize("by", ["a new fact", "a sweep"])
async def test_a_rulebook_that_comes_back_brings_its_exercise_back(
    service: Stage, gone: list[str], by: str
) -> None:
    scene = service.scene
    gone.append(POISONED)
    open_another(scene)
    async with service.playing() as play:
        dispatcher = play.procedures.dispatcher
        await dispatcher.caught_up(scene.office.log.head().position)
        assert in_trouble(scene) == [(f"exercise/{POISONED}", "unreadable")]
        gone.clear()
        if by == "a sweep":
            found = await dispatcher.sweep()
            assert f"exercise/{POISONED}" in found.started
        else:
            exercises.reset_milestone(
                scene.office,
                scene.act(date(2013, 11, 21)),
                name=POISONED,
                milestone=MilestoneName.TRANSFER,
                due_on=date(2014, 6, 1),
                reason="announced",
            )
            await dispatcher.caught_up(scene.office.log.head().position)
        assert in_trouble(scene) == []
        assert dispatcher.status.unreadable == {}
        described = await play.procedure(Whose(exercise=POISONED)).describe()
        assert described.status is WorkflowExecutionStatus.RUNNING


def test_an_event_that_cannot_be_decoded_hides_nobody_else(scene: Scene) -> None:
    broken, whole = scene.members()[:2]
    take_cohort_step(scene, LETTERS_ON["sifted"])
    appeal(scene, broken)
    appeal(scene, whole)
    with scene.office.log.connection() as connection:
        connection.execute(
            "UPDATE events SET state = '{' WHERE topic = 'appeal-lodged.v1' AND originator_id = %s",
            (staff_stream(broken),),
        )
    found = must_be_waiting(scene.office)
    person = Whose(exercise=NAME, staff_number=whole)
    cohorts = [Whose(exercise=NAME, cohort=name) for name in scene.cohorts()]
    assert {each.whose for each in found.concerns} == {Whose(exercise=NAME), *cohorts, person}
    assert set(found.unreadable) == {staff_stream(broken)}

    page = scene.office.log.page_readable(0, 1_000, CONCERNING_NAMES)
    told = Concerns(scene.office).of_page(page.facts, page.undecodable)
    assert Whose(exercise=NAME, cohort=SIFTED) in {each.whose for each in told.concerns}
    assert person in {each.whose for each in told.concerns}
    assert set(told.unreadable) == {staff_stream(broken)}
