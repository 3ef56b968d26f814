"""One person's own: an appeal and its panel, an objection, an extension, and back to the cohort."""

from datetime import date

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.support.words_2013 import Destination, Window
from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, SIFTED_DUE, TRANSFER_ON, Scene
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import move_transfer
from transfer.commands import people, record
from transfer.core.record.entries import Annulment, Change
from transfer.core.words import AppealOutcome, Facet
from transfer.procedures.exercise import facts as a

pytestmark = pytest.mark.engines

APPEALED = date(2013, 12, 18)
PANEL_DUE = date(2014, 1, 6)
CLOSED = date(2013, 12, 24)


def appeal(scene: Scene, number: str, on: date = APPEALED) -> None:
    """The person appeals."""
    people.lodge_appeal(
        scene.office, scene.act(on), name=NAME, staff_number=number, on=on, grounds="the caseload"
    )


def determine(
    scene: Scene, number: str, on: date, outcome: AppealOutcome = AppealOutcome.REJECTED
) -> None:
    """The panel decides; an appeal that it upholds sends the person elsewhere."""
    other: dict[str, str] = {Destination.NPS: Destination.CRC, Destination.CRC: Destination.NPS}
    now = scene.person(number).destination
    assert now is not None
    people.determine_appeal(
        scene.office,
        scene.act(on),
        name=NAME,
        staff_number=number,
        on=on,
        outcome=outcome,
        destination=other[now] if outcome is AppealOutcome.UPHELD else None,
        reason="as the panel saw it",
    )


def extend(scene: Scene, number: str, due_on: date, *, on: date) -> None:
    """The person is given longer to appeal."""
    people.extend_window(
        scene.office,
        scene.act(on),
        name=NAME,
        staff_number=number,
        window=Window.APPEAL,
        due_on=due_on,
        reason="on leave",
    )


async def test_an_appeal_keeps_its_person_back_until_it_is_determined(stage: Stage) -> None:
    scene = stage.scene
    number, *others = scene.members()
    proposed = scene.person(number).destination
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
        await play.go_to(CLOSED)
        assert scene.person(number).confirmation is None
        assert all(scene.person(other).confirmation for other in others)
        determine(scene, number, CLOSED, AppealOutcome.UPHELD)
        await play.time.settle()
        confirmed = scene.person(number).confirmation
        assert confirmed is not None
        assert confirmed.confirmed_on == CLOSED
        assert confirmed.destination != proposed
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED
        await play.go_to(TRANSFER_ON)
    (moved,) = [r for r in scene.facts(a.StaffTransferred) if r.stream == f"staff:{number}"]
    assert moved.recorded_by == f"procedure:cohort/{NAME}/{SIFTED}"
    assert moved.fact.destination == confirmed.destination


async def test_a_panel_that_lets_its_day_pass_is_on_record_the_day_after(stage: Stage) -> None:
    scene = stage.scene
    number = scene.members()[0]
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
        await play.go_to(PANEL_DUE)
        assert scene.facts(a.PanelOverdue) == []
        await play.go_to(date(2014, 1, 7))
        (overdue,) = scene.facts(a.PanelOverdue)
        assert overdue.fact.panel_due_on == PANEL_DUE
        await play.go_to(date(2014, 1, 20))
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.RUNNING
        determine(scene, number, date(2014, 1, 20))
        await play.time.settle()
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED
    confirmed = scene.person(number).confirmation
    assert confirmed is not None
    assert confirmed.confirmed_on == date(2014, 1, 20)
    assert len(scene.facts(a.PanelOverdue)) == 1


async def test_who_is_determined_after_the_transfer_follows_alone(stage: Stage) -> None:
    scene = stage.scene
    number = scene.members()[0]
    late = date(2014, 4, 9)
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
        await play.go_to(late)
        assert scene.person(number).transfer is None
        determine(scene, number, late)
        await play.time.settle()
        moved = scene.person(number).transfer
        assert moved is not None
        assert moved.effective_from == TRANSFER_ON
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED


async def test_an_objection_ends_the_contract_on_the_transfer_date_as_it_then_is(
    stage: Stage,
) -> None:
    scene = stage.scene
    number = scene.members()[0]
    moved_to = date(2014, 6, 1)
    async with stage.playing() as play:
        await play.go_to(date(2014, 1, 15))
        people.raise_objection(
            scene.office,
            scene.act(date(2014, 1, 15)),
            name=NAME,
            staff_number=number,
            on=date(2014, 1, 15),
            told_to="transferor",
            learned_on=date(2014, 1, 15),
        )
        await play.go_to(date(2014, 1, 28))
        move_transfer(scene, moved_to, on=date(2014, 1, 28))
        await play.go_to(TRANSFER_ON)
        assert scene.person(number).ending is None
        await play.go_to(moved_to)
    ending = scene.person(number).ending
    assert ending is not None
    assert ending.effective_from == moved_to
    assert not ending.treated_as_dismissed
    assert scene.person(number).transfer is None


async def test_nobody_who_was_given_longer_is_confirmed_before(stage: Stage) -> None:
    scene = stage.scene
    number, *others = scene.members()
    until = date(2014, 1, 3)
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        extend(scene, number, until, on=APPEALED)
        await play.go_to(until)
        assert scene.person(number).confirmation is None
        assert all(scene.person(other).confirmation for other in others)
        await play.go_to(date(2014, 1, 4))
        confirmed = scene.person(number).confirmation
        assert confirmed is not None
        assert confirmed.windows_closed_on == until


async def test_a_confirmation_that_was_undone_is_given_again(stage: Stage) -> None:
    """The same step falls due for the same date a second time: it is a step of its own."""
    scene = stage.scene
    number = scene.members()[0]
    extended, late = date(2013, 12, 27), date(2013, 12, 30)
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        extend(scene, number, extended, on=APPEALED)
        await play.go_to(late)
        assert scene.person(number).confirmation is not None
        appeal(scene, number, late)
        people.accept_out_of_time(
            scene.office, scene.act(late), name=NAME, staff_number=number, on=late, reason="ill"
        )
        await play.time.settle()
        assert scene.person(number).confirmation is None
        determine(scene, number, late)
        await play.time.settle()
        assert scene.person(number).confirmation is not None
    confirmed = [r for r in scene.facts(a.AssignmentConfirmed) if r.stream == f"staff:{number}"]
    own = f"procedure:person/{NAME}/{number}"
    assert [recorded.recorded_by for recorded in confirmed] == [own, own]


async def test_windows_that_close_on_the_eve_of_the_transfer_leave_nobody_behind(
    stage: Stage,
) -> None:
    """Own confirmation and cohort's transfer fall due at one instant, in either order."""
    scene = stage.scene
    numbers = scene.members()[:6]
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        for number in numbers:
            extend(scene, number, date(2014, 3, 31), on=APPEALED)
        await play.go_to(TRANSFER_ON)
    assert all(scene.person(number).transfer is not None for number in numbers)


async def test_what_the_rules_refuse_is_tried_again_on_another_day(stage: Stage) -> None:
    scene = stage.scene
    number = scene.members()[0]
    entered = record.enter(
        scene.office,
        scene.act(date(2013, 11, 20)),
        number,
        Change(
            effective_from=date(2013, 11, 18),
            effective_to=None,
            changes={Facet.EMPLOYER: "A Company Ltd"},
            reason="entered in error",
        ),
    )
    async with stage.playing() as play:
        await play.go_to(APPEALED)
        appeal(scene, number)
        await play.go_to(date(2014, 4, 9))
        determine(scene, number, date(2014, 4, 9))
        await play.go_to(date(2014, 4, 11))
        assert scene.person(number).transfer is None
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.RUNNING
        record.enter(
            scene.office,
            scene.act(date(2014, 4, 11)),
            number,
            Annulment(of=entered.event_id, reason="never left"),
        )
        await play.go_to(date(2014, 4, 12))
        assert scene.person(number).transfer is not None
        assert await play.status(staff_number=number) is WorkflowExecutionStatus.COMPLETED


async def test_the_dates_of_a_person_are_counted_from_what_was_published(stage: Stage) -> None:
    scene = stage.scene
    number = scene.members()[0]
    async with stage.playing() as play:
        await play.go_to(LETTERS_ON["sifted"])
        letter = scene.person(number).letter
        assert letter is not None
        assert letter.due_on("appeal") == SIFTED_DUE
