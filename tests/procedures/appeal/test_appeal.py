"""Appeals as a kind of the engine: lodged, refused as late, heard after all, determined.

By tables that an official reads, and in the exercise of 2013, which hears of them.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import cases
from tests.support.played_2013 import (
    EXERCISE,
    FIRST,
    HEARD,
    REJECTED,
    SECOND,
    UPHELD,
    Played,
    employed,
)
from tests.support.rules_2013 import (
    APPEAL_DUE,
    CLOSED,
    LETTERS,
    PANEL_DUE,
    RULES,
    TR_2013,
    TRANSFER,
    late_appeals_are,
)
from tests.support.words_2013 import Destination
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.rows import lines
from transfer.core.matter.words import Nature, Outcome, Settlement
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Late
from transfer.kinds import KNOWN
from transfer.procedures.appeal import facts as f
from transfer.procedures.appeal.kind import APPEAL
from transfer.procedures.exercise import facts as e

CASES = Path(__file__).parent / "cases" / "appeals.md"
DAY = timedelta(days=1)
ADMITTED = date(2014, 1, 13)


@pytest.fixture
def s1() -> Played:
    """With a letter: ten working days to appeal, twenty for a panel."""
    played = Played()
    played.letter()
    return played


# --- the declaration ----------------------------------------------------------------------------


def test_the_declarations_lack_nothing() -> None:
    assert APPEAL in KNOWN.kinds
    assert faults(*KNOWN.kinds) == ()


# --- lodging ------------------------------------------------------------------------------------


def test_an_appeal_in_time_says_until_when_its_panel_has(s1: Played) -> None:
    outcome = s1.lodge().then(t.MatterBegun, f.AppealLodged)
    outcome.saying(happened_on=APPEAL_DUE, due_on=APPEAL_DUE, confirm_again=None)
    outcome.resting_on("TR-11b=10wd", "TR-11b-panel=20wd")
    begun, lodged = outcome.facts
    assert isinstance(begun, t.MatterBegun)
    assert (begun.against, begun.edition, begun.digest) == (EXERCISE, "tr-2013", TR_2013.digest())
    assert isinstance(lodged, f.AppealLodged)
    assert (lodged.panel_by.on, lodged.panel_by.basis.clause) == (PANEL_DUE, "TR-11")
    assert lodged.panel_by.calendar == RULES.calendar.edition
    assert lodged.basis.clause == "TR-11"
    s1.lodge().then_nothing()
    s1.lodge(matter=SECOND).then_nothing()


def test_a_late_appeal_is_refused_and_the_refusal_is_on_record(s1: Played) -> None:
    assert s1.clock(CLOSED) == [e.AssignmentConfirmed]
    outcome = s1.lodge(CLOSED).then(t.MatterBegun, f.AppealRefusedOutOfTime)
    outcome.saying(happened_on=CLOSED, due_on=APPEAL_DUE, grounds="the caseload")
    assert outcome.facts[-1].basis.clause == "TR-11b"
    s1.lodge(CLOSED).then_nothing()
    s1.lodge(CLOSED, SECOND).then_nothing()
    assert s1.goes_to() == Destination.CRC
    s1.lodge(CLOSED + DAY).then_refused(because="another is a matter of its own")
    s1.lodge(CLOSED + DAY, SECOND).then(t.MatterBegun, f.AppealRefusedOutOfTime)


def test_there_must_be_something_to_appeal_against_and_once(s1: Played) -> None:
    Played().lodge().then_refused("TR-11", because="no assignment letter")
    s1.lodge(LETTERS + DAY)
    s1.lodge().then_refused("TR-11", because="open already")
    s1.lodge(matter=SECOND).then_refused("TR-11", because="open already")
    s1.determine(REJECTED, None, on=LETTERS + 2 * DAY)
    s1.lodge(matter=SECOND).then_refused("TR-11", because="determined already")
    s1.lodge(LETTERS + DAY, today=APPEAL_DUE).then_nothing()


def test_an_exercise_that_has_not_begun_is_not_appealed_against(s1: Played) -> None:
    inputs: dict[str, Any] = {"against": "exercise:other", "grounds": "the caseload"}
    s1.do(FIRST, "lodge", APPEAL_DUE, **inputs).then_refused(kind=NotOnRecord)


def test_nobody_appeals_before_their_letter(s1: Played) -> None:
    s1.lodge(LETTERS - DAY, today=APPEAL_DUE).then_refused("TR-11")


@pytest.mark.parametrize(("issued", "acts", "on", "expected"), cases(CASES, "In time, late"))
def test_appeals_by_the_table(issued: str, acts: str, on: str, expected: str) -> None:
    """Each row: a letter of ten working days, what came between, and what becomes of an appeal."""
    s1 = Played()
    s1.letter(date.fromisoformat(issued))
    if acts.startswith("extended to "):
        s1.extend(date.fromisoformat(acts.removeprefix("extended to ")), date.fromisoformat(issued))
    outcome = s1.lodge(date.fromisoformat(on))
    verdict, _, last_day = expected.partition(", last day ")
    kinds: dict[str, type[f.AppealFact]] = {
        "in time": f.AppealLodged,
        "refused out of time": f.AppealRefusedOutOfTime,
    }
    outcome.then(t.MatterBegun, kinds[verdict]).saying(due_on=date.fromisoformat(last_day))


def test_an_edition_may_take_late_appeals_unless_the_person_has_moved() -> None:
    s1 = Played(late_appeals_are(Late.ACCEPT))
    s1.letter()
    s1.clock(CLOSED)
    s1.lodge(CLOSED).then(t.MatterBegun, f.AppealLodged)
    assert s1.goes_to() is None
    s1.determine(REJECTED, None)
    s1.clock(TRANSFER)
    assert s1.exercise.is_settled
    s1.lodge(TRANSFER, SECOND).then(t.MatterBegun, f.AppealRefusedOutOfTime)


# --- heard after all -----------------------------------------------------------------------------


@pytest.mark.parametrize(("on_record", "reason", "expected"), cases(CASES, "Accepted out of time"))
def test_accepting_late_appeals_by_the_table(on_record: str, reason: str, expected: str) -> None:
    s1 = Played()
    s1.letter()
    match on_record:
        case "no appeal":
            pass
        case "an appeal in time":
            s1.lodge()
        case "a late appeal, refused":
            s1.lodge(CLOSED)
        case "a late appeal, refused; then one in time, after an extension":
            s1.lodge(CLOSED)
            s1.extend(date(2014, 1, 15), APPEAL_DUE, today=CLOSED)
            s1.office.settle_everything(Settlement.STANDS, CLOSED)
            s1.lodge(date(2014, 1, 10), SECOND).then(t.MatterBegun, f.AppealLodged)
        case "a late appeal, refused and accepted":
            s1.lodge(CLOSED)
            s1.admit(on=CLOSED)
        case "a late appeal, refused; assignment confirmed":
            s1.clock(CLOSED)
            s1.lodge(CLOSED)
        case "a late appeal, refused; transferred":
            s1.clock(CLOSED)
            s1.lodge(CLOSED)
            s1.clock(TRANSFER)
        case _:
            raise AssertionError(on_record)
    on = TRANSFER if on_record.endswith("transferred") else ADMITTED
    outcome = s1.admit(reason=reason, on=on)
    match expected.split(" ", 1):
        case ["accepted", _]:
            outcome.then(f.AppealAcceptedOutOfTime).saying(lodged_on=CLOSED, due_on=APPEAL_DUE)
            assert s1.due(FIRST, "determination") == (date(2014, 2, 10), None)
            s1.admit(reason=reason, on=on).then_nothing()
        case ["nothing", _]:
            outcome.then_nothing()
        case ["refused", because]:
            clause, _, words = because.partition(": ")
            outcome.then_refused(clause, because=words)
        case _:
            raise AssertionError(expected)


def test_an_edition_may_hear_no_late_appeal() -> None:
    s1 = Played(late_appeals_are(Late.REFUSE))
    s1.letter()
    s1.lodge(CLOSED).then(t.MatterBegun, f.AppealRefusedOutOfTime)
    s1.admit(on=ADMITTED).then_refused("TR-11b", because="not heard")


def test_a_late_appeal_keeps_its_refusal_and_reopens_what_was_final(s1: Played) -> None:
    s1.clock(CLOSED)
    s1.lodge(CLOSED)
    accepted = s1.admit(on=ADMITTED).then(f.AppealAcceptedOutOfTime).facts[0]
    assert isinstance(accepted, f.AppealAcceptedOutOfTime)
    assert accepted.confirm_again is not None
    assert f.AppealRefusedOutOfTime in [type(fact) for fact in s1.office.facts(FIRST)]
    assert s1.goes_to() is None
    assert s1.clock(HEARD - DAY) == []
    s1.determine().then(f.AppealDetermined)
    assert s1.clock(HEARD) == [e.AssignmentConfirmed]
    assert s1.goes_to() == Destination.NPS
    assert s1.clock(TRANSFER) == [e.StaffTransferred]


def test_what_was_not_final_is_not_made_final_again(s1: Played) -> None:
    s1.extend(ADMITTED, LETTERS)
    s1.lodge(LETTERS + DAY).then(t.MatterBegun, f.AppealLodged).saying(confirm_again=None)


# --- the panel ----------------------------------------------------------------------------------


def test_the_panel_has_a_duty_to_the_person(s1: Played) -> None:
    s1.lodge()
    due = s1.office.state(FIRST, "S1").due("determination")
    assert due is not None
    assert (due.nature, due.owner, due.owed_to) == (Nature.DUTY, "panel", "staff")
    assert (due.when.on, due.is_open) == (PANEL_DUE, True)
    s1.determine()
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.MET)
    assert s1.due(FIRST, "note-overdue") == (PANEL_DUE + DAY, Outcome.SUPERSEDED)


def test_the_panels_duty_is_published_in_the_appeal_alone(s1: Played) -> None:
    s1.lodge()
    published = {
        matter: {line.slot.what for line in lines(state.book, state.whom).values()}
        for matter in (EXERCISE, FIRST)
        for state in (s1.office.state(matter, "S1"),)
    }
    assert published == {EXERCISE: {"response", "appeal"}, FIRST: {"determination"}}


def test_an_overdue_panel_is_noted_the_day_after_its_day(s1: Played) -> None:
    s1.lodge()
    assert s1.clock(PANEL_DUE) == []
    assert s1.clock(PANEL_DUE + DAY) == [f.PanelOverdue]
    noted = s1.office.facts(FIRST)[-1]
    assert isinstance(noted, f.PanelOverdue)
    assert (noted.panel_due_on, noted.basis.clause) == (PANEL_DUE, "TR-11b-panel")
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.MISSED)
    assert s1.clock(PANEL_DUE + 9 * DAY) == []


def test_an_overdue_appeal_can_still_be_determined(s1: Played) -> None:
    s1.lodge()
    s1.clock(PANEL_DUE + DAY)
    s1.determine(on=PANEL_DUE + 2 * DAY).then(f.AppealDetermined)
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.MET)
    assert s1.clock(PANEL_DUE + 2 * DAY) == [e.AssignmentConfirmed]


def test_determining_an_appeal(s1: Played) -> None:
    s1.determine().then_refused("TR-11", because="no appeal is open")
    s1.lodge()
    s1.determine(destination=None).then_refused("TR-11", because="names another destination")
    s1.determine(destination=Destination.CRC).then_refused(
        "TR-11", because="names another destination"
    )
    s1.determine(on=APPEAL_DUE - DAY, today=APPEAL_DUE).then_refused("TR-11", because="no appeal")
    s1.determine().then(f.AppealDetermined).saying(destination=Destination.NPS, outcome=UPHELD)
    s1.determine().then_nothing()
    s1.determine(REJECTED, None).then_refused("TR-11", because="no appeal is open")
    assert s1.exercise.destination == Destination.NPS


def test_an_appeal_that_is_rejected_leaves_the_destination(s1: Played) -> None:
    s1.lodge()
    s1.determine(REJECTED).then(f.AppealDetermined).saying(destination=Destination.CRC)
    assert s1.clock(HEARD) == [e.AssignmentConfirmed]
    assert s1.goes_to() == Destination.CRC


def test_nobody_is_sent_where_the_edition_sends_nobody(s1: Played) -> None:
    s1.lodge()
    inputs: dict[str, Any] = {"outcome": UPHELD, "to": "elsewhere", "reason": "heard"}
    refusal = s1.do(FIRST, "determine", HEARD, **inputs).refusal
    assert refusal is not None
    assert "elsewhere" in refusal.reason


def test_the_panel_of_somebody_who_has_left_has_nothing_to_decide(s1: Played) -> None:
    s1.lodge()
    s1.office.entries = employed(until=date(2014, 1, 20))
    assert s1.clock(PANEL_DUE + DAY)[:1] == [f.AppealDropped]
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.SUPERSEDED)
    assert s1.exercise.appeals == []
    s1.determine(on=PANEL_DUE + DAY).then_refused("TR-11", because="no appeal is open")


# --- withdrawing --------------------------------------------------------------------------------


def test_an_appeal_is_withdrawn_and_the_assignment_goes_on(s1: Played) -> None:
    s1.withdraw().then_refused("TR-11", because="no appeal is open")
    s1.lodge()
    s1.withdraw().then(f.AppealWithdrawn)
    s1.withdraw(HEARD + DAY).then_nothing()
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.SUPERSEDED)
    assert s1.due(FIRST, "note-overdue") == (None, Outcome.SUPERSEDED)
    assert s1.clock(HEARD) == [e.AssignmentConfirmed]
    assert s1.goes_to() == Destination.CRC
    s1.determine(on=HEARD + DAY).then_refused("TR-11", because="no appeal is open")


def test_who_has_withdrawn_may_appeal_again_in_time(s1: Played) -> None:
    s1.lodge(LETTERS + DAY)
    s1.withdraw(LETTERS + 2 * DAY)
    s1.lodge(LETTERS + 2 * DAY, SECOND).then(t.MatterBegun, f.AppealLodged)
    s1.withdraw(LETTERS + 2 * DAY, SECOND).then(f.AppealWithdrawn)
    s1.lodge(CLOSED, "appeal:tr-2013.S1.3").then(t.MatterBegun, f.AppealRefusedOutOfTime)


# --- what the office learns of late --------------------------------------------------------------


def test_an_appeal_of_the_last_day_typed_in_after_the_confirmation(s1: Played) -> None:
    """It is in time; the confirmation would not have been made, and is put up for settling."""
    assert s1.clock(CLOSED) == [e.AssignmentConfirmed]
    late = s1.lodge(APPEAL_DUE, today=CLOSED)
    late.then(t.MatterBegun, f.AppealLodged, t.DutyToSettleOpened)
    late.saying(matter=EXERCISE, step="confirm", decided_on=CLOSED, would_state=())
    lodged = late.facts[1]
    assert isinstance(lodged, f.AppealLodged)
    assert (lodged.learned_on, lodged.confirm_again) == (CLOSED, None)
    assert s1.clock(PANEL_DUE + DAY) == []
    s1.office.redo_everything(ADMITTED)
    s1.determine().then(f.AppealDetermined)
    assert s1.clock(HEARD) == [e.AssignmentConfirmed]
    assert s1.goes_to() == Destination.NPS
    assert s1.clock(TRANSFER) == [e.StaffTransferred]


def test_an_appeal_of_the_last_day_learned_after_the_transfer(s1: Played) -> None:
    """The move is undone, and made anew to where the panel sends the person, from the same day."""
    learned = TRANSFER + 4 * DAY
    assert s1.clock(CLOSED) == [e.AssignmentConfirmed]
    assert s1.clock(TRANSFER)[0] is e.StaffTransferred
    s1.lodge(APPEAL_DUE, today=learned)
    assert {duty.step for duty in s1.office.duties().values()} == {"confirm", "move"}
    assert s1.clock(learned) == []
    s1.office.redo_everything(learned)
    assert s1.clock(learned) == [f.PanelOverdue]
    assert not s1.exercise.is_settled
    s1.determine(on=learned + DAY).then(f.AppealDetermined)
    assert s1.clock(learned + DAY)[:2] == [e.AssignmentConfirmed, e.StaffTransferred]
    moved = s1.exercise.transfer
    assert moved is not None
    assert (moved.destination, moved.effective_from) == (Destination.NPS, TRANSFER)


def test_an_extension_learned_late_puts_a_refusal_up_for_settling(s1: Played) -> None:
    s1.clock(CLOSED)
    s1.lodge(CLOSED).then(t.MatterBegun, f.AppealRefusedOutOfTime)
    late = s1.extend(date(2014, 1, 15), LETTERS, today=ADMITTED)
    late.then(t.WindowExtended, t.DutyToSettleOpened, t.DutyToSettleOpened)
    assert {duty.step for duty in s1.office.duties().values()} == {"confirm", "lodge"}
    s1.office.redo_everything(ADMITTED)
    assert s1.appeal().is_open
    assert s1.due(FIRST, "determination") == (date(2014, 2, 6), None)
    assert [each.is_open for each in s1.exercise.appeals] == [True]
    s1.determine().then(f.AppealDetermined)
    assert s1.clock(HEARD) == [e.AssignmentConfirmed]


def test_a_decision_of_the_panel_learned_after_it_was_noted_as_overdue(s1: Played) -> None:
    s1.lodge()
    assert s1.clock(PANEL_DUE + DAY) == [f.PanelOverdue]
    s1.determine(on=HEARD, today=PANEL_DUE + 5 * DAY).then(
        f.AppealDetermined, t.DutyToSettleOpened
    ).saying(step="note-overdue", would_state=())
    s1.office.redo_everything(PANEL_DUE + 5 * DAY)
    assert s1.due(FIRST, "determination") == (PANEL_DUE, Outcome.MET)
    assert s1.clock(PANEL_DUE + 5 * DAY) == [e.AssignmentConfirmed]


def test_a_withdrawal_learned_after_the_panel_decided(s1: Played) -> None:
    s1.lodge()
    s1.determine()
    s1.clock(HEARD)
    late = s1.do(FIRST, "withdraw", ADMITTED, today=HEARD + DAY)
    late.then(f.AppealWithdrawn, t.DutyToSettleOpened, t.DutyToSettleOpened)
    assert {duty.step for duty in s1.office.duties().values()} == {"confirm", "determine"}
    s1.office.redo_everything(HEARD + DAY)
    s1.clock(HEARD + DAY)
    assert s1.goes_to() == Destination.CRC


# --- in plain words -----------------------------------------------------------------------------


def test_each_fact_is_said_in_plain_words(s1: Played) -> None:
    s1.lodge(CLOSED)
    s1.admit(on=ADMITTED)
    s1.clock(date(2014, 2, 11))
    s1.determine(on=date(2014, 2, 12))
    assert [APPEAL.sentence(fact) for fact in s1.office.facts(FIRST)] == [
        "begun under tr-2013",
        "appeals too late: the last day was 2014-01-08",
        "the appeal of 2014-01-09, which came late, is heard after all: no fault; a panel decides "
        "by 2014-02-10",
        "the panel has not decided by 2014-02-10",
        "the panel decided: the appeal is upheld, the destination NPS: heard",
    ]
    others = Played()
    others.letter()
    lodged = others.lodge().facts[-1]
    withdrawn = others.withdraw().facts[-1]
    assert APPEAL.sentence(lodged) == "appeals; a panel decides by 2014-02-05"
    assert APPEAL.sentence(withdrawn) == "the appeal is withdrawn"
