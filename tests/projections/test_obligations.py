"""What facts make of what is due, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.deadlines.obligations import OWNERS, Book, Outcome, Owner, Slot, What, effects
from tests.projections.histories import instant, recorded
from transfer.core.streams import consultation_stream, exercise_stream, staff_stream
from transfer.core.words import (
    AppealOutcome,
    Basis,
    Destination,
    Mechanism,
    MilestoneName,
    Response,
    Route,
    Window,
)
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact

X = "tr-2013"
S1, S2 = staff_stream("S1"), staff_stream("S2")
EXERCISE, SIDES = exercise_stream(X), consultation_stream(X)
BASIS = Basis(rulebook="tr-2013", clause="TR-11b", assumptions=("TR-11b=10wd",))
NOV_20, DEC_4, DEC_11, DEC_18, JUNE_1, APRIL_1 = (
    date(2013, 11, 20),
    date(2013, 12, 4),
    date(2013, 12, 11),
    date(2013, 12, 18),
    date(2014, 6, 1),
    date(2014, 4, 1),
)

LETTER = a.AssignmentLetterIssued(
    exercise=X,
    cohort="LDN",
    issued_on=NOV_20,
    destination=Destination.CRC,
    response_due_on=DEC_4,
    appeal_due_on=DEC_4,
    calendar="ew-2013",
    response_basis=BASIS,
    basis=BASIS,
)
COHORT = e.CohortFormed(
    exercise=X,
    cohort="LDN",
    transferor="LDN",
    path=(Route.AUTOMATIC,),
    letters_on=NOV_20,
    members=("S1", "S2"),
    basis=BASIS,
)
LODGED = a.AppealLodged(
    exercise=X, lodged_on=DEC_4, due_on=DEC_4, grounds="g", panel_due_on=DEC_18, basis=BASIS
)
REFUSED_LATE = a.AppealRefusedOutOfTime(
    exercise=X, lodged_on=DEC_11, due_on=DEC_4, grounds="g", basis=BASIS
)
ACCEPTED_LATE = a.AppealAcceptedOutOfTime(
    exercise=X,
    lodged_on=DEC_11,
    due_on=DEC_4,
    accepted_on=DEC_18,
    reason="in hospital",
    panel_due_on=JUNE_1,
    basis=BASIS,
)
DETERMINED = a.AppealDetermined(
    exercise=X,
    determined_on=DEC_11,
    outcome=AppealOutcome.UPHELD,
    destination=Destination.NPS,
    reason="r",
    basis=BASIS,
)
RESPONDED = a.ResponseRecorded(
    exercise=X,
    responded_on=DEC_4,
    response=Response.ACKNOWLEDGED,
    in_time=True,
    basis=BASIS,
)
OBJECTED = a.ObjectionRaised(
    exercise=X, raised_on=DEC_4, told_to="transferor", learned_on=DEC_4, basis=BASIS
)
ENDED = a.EmploymentEnded(
    exercise=X, effective_from=JUNE_1, treated_as_dismissed=False, reason="r", basis=BASIS
)
REFUSED_TRANSFER = a.StepRefused(
    exercise=X, step="transfer", refused_on=JUNE_1, reasons=("r",), clauses=("TR-12",), basis=BASIS
)
STOPPED = e.StepStopped(
    exercise=X,
    cohort="LDN.sifted",
    step="transfer",
    stopped_on=APRIL_1,
    due_on_before=APRIL_1,
    done=("S1", "S2"),
    reason="transfer was due on 2014-04-01 and is now due on 2014-06-01",
    basis=BASIS,
)
TRANSFERRED = a.StaffTransferred(
    exercise=X,
    mechanism=Mechanism.OMA_STS,
    destination=Destination.CRC,
    effective_from=JUNE_1,
    changes={},
    basis=BASIS,
)
TRANSFER_SET = e.MilestoneSet(
    exercise=X, milestone=MilestoneName.TRANSFER, due_on=APRIL_1, basis=BASIS
)
TRANSFER_RESET = e.MilestoneReset(
    exercise=X,
    milestone=MilestoneName.TRANSFER,
    due_on_before=APRIL_1,
    due_on=JUNE_1,
    reason="slipped",
    basis=BASIS,
)


def extended(due_on: date) -> a.WindowExtended:
    return a.WindowExtended(
        exercise=X,
        window=Window.APPEAL,
        due_on_before=DEC_4,
        due_on=due_on,
        reason="r",
        basis=BASIS,
    )


def reset(due_on: date, window: Window = Window.APPEAL) -> e.WindowReset:
    return e.WindowReset(
        exercise=X,
        window=window,
        cohort="LDN",
        due_on_before=DEC_4,
        due_on=due_on,
        reason="r",
        basis=BASIS,
    )


def reached(*, met: bool) -> e.MilestoneReached:
    return e.MilestoneReached(
        exercise=X,
        milestone=MilestoneName.TRANSFER,
        due_on=APRIL_1,
        met=met,
        outstanding=0 if met else 3,
        basis=BASIS,
    )


def given(*facts: tuple[str, Fact]) -> Book:
    """The book after these facts, a command each."""
    book = Book()
    for number, (stream, fact) in enumerate(facts):
        event = recorded(stream, number + 1, number + 1, instant(number), fact)
        book.enter(event, effects(event))
    return book


def told(book: Book, what: What, staff: str | None = "S1") -> Sequence[tuple[object, ...]]:
    """Each obligation of a kind in turn: its day and what became of it."""
    return [
        (row.due_on, *[o.outcome for o in book.outcomes if o.obligation_id == row.obligation_id])
        for row in book.opened
        if row.slot.what is what and row.slot.staff_number == staff
    ]


def test_a_letter_publishes_both_windows_and_a_response_meets_one() -> None:
    book = given((S1, LETTER), (S1, RESPONDED))
    assert told(book, What.RESPONSE) == [(DEC_4, Outcome.MET)]
    assert told(book, What.APPEAL) == [(DEC_4,)]
    assert book.opened[0].basis.assumptions == ("TR-11b=10wd",)
    assert book.opened[0].calendar == "ew-2013"
    assert OWNERS[What.RESPONSE] is Owner.STAFF


def test_an_appeal_puts_the_panel_under_a_duty_that_its_determination_meets() -> None:
    book = given((S1, LETTER), (S1, LODGED), (S1, DETERMINED))
    assert told(book, What.APPEAL) == [(DEC_4, Outcome.MET)]
    assert told(book, What.DETERMINATION) == [(DEC_18, Outcome.MET)]


def test_a_panel_that_was_late_has_missed_its_day_and_met_it_later() -> None:
    overdue = a.PanelOverdue(exercise=X, panel_due_on=DEC_18, basis=BASIS)
    book = given((S1, LETTER), (S1, LODGED), (S1, overdue), (S1, DETERMINED))
    assert told(book, What.DETERMINATION) == [(DEC_18, Outcome.MISSED, Outcome.MET)]


def test_an_appeal_refused_out_of_time_meets_nothing_until_it_is_accepted() -> None:
    refused = given((S1, LETTER), (S1, REFUSED_LATE))
    assert told(refused, What.APPEAL) == [(DEC_4,)]
    accepted = given((S1, LETTER), (S1, REFUSED_LATE), (S1, ACCEPTED_LATE))
    assert told(accepted, What.APPEAL) == [(DEC_4, Outcome.MET)]
    assert accepted.outcomes[0].outcome_on == DEC_11
    assert told(accepted, What.DETERMINATION) == [(JUNE_1,)]


def test_an_extension_supersedes_one_persons_window_and_keeps_it_on_record() -> None:
    book = given((S1, LETTER), (S2, LETTER), (S1, extended(DEC_11)))
    assert told(book, What.APPEAL) == [(DEC_4, Outcome.SUPERSEDED), (DEC_11,)]
    assert told(book, What.APPEAL, "S2") == [(DEC_4,)]
    assert told(book, What.RESPONSE) == [(DEC_4,)]


def test_a_reset_moves_the_window_of_the_whole_cohort_but_nobody_loses_a_day() -> None:
    book = given(
        (EXERCISE, COHORT),
        (S1, LETTER),
        (S2, LETTER),
        (S1, extended(DEC_18)),
        (EXERCISE, reset(DEC_11)),
    )
    assert told(book, What.APPEAL) == [(DEC_4, Outcome.SUPERSEDED), (DEC_18,)]
    assert told(book, What.APPEAL, "S2") == [(DEC_4, Outcome.SUPERSEDED), (DEC_11,)]


def test_a_reset_opens_nothing_anew_for_who_has_already_acted() -> None:
    book = given((EXERCISE, COHORT), (S1, LETTER), (S1, LODGED), (EXERCISE, reset(DEC_11)))
    assert told(book, What.APPEAL) == [(DEC_4, Outcome.MET)]


def test_a_reset_before_the_letter_counts_where_it_is_the_later_day() -> None:
    book = given((EXERCISE, COHORT), (EXERCISE, reset(DEC_11)), (S1, LETTER))
    assert told(book, What.APPEAL) == [(DEC_11,)]
    assert told(book, What.RESPONSE) == [(DEC_4,)]


def test_employment_ends_with_the_transfer_date_also_where_that_moves() -> None:
    book = given((EXERCISE, TRANSFER_SET), (S1, OBJECTED), (EXERCISE, TRANSFER_RESET), (S1, ENDED))
    assert told(book, What.END_OF_EMPLOYMENT) == [
        (APRIL_1, Outcome.SUPERSEDED),
        (JUNE_1, Outcome.MET),
    ]
    assert told(book, What.MILESTONE, None) == [(APRIL_1, Outcome.SUPERSEDED), (JUNE_1,)]


def test_a_milestone_is_missed_until_it_is_reset() -> None:
    missed = given((EXERCISE, TRANSFER_SET), (EXERCISE, reached(met=False)))
    assert told(missed, What.MILESTONE, None) == [(APRIL_1, Outcome.MISSED)]
    moved = given(
        (EXERCISE, TRANSFER_SET), (EXERCISE, reached(met=False)), (EXERCISE, TRANSFER_RESET)
    )
    assert told(moved, What.MILESTONE, None) == [
        (APRIL_1, Outcome.MISSED, Outcome.SUPERSEDED),
        (JUNE_1,),
    ]
    met = given((EXERCISE, TRANSFER_SET), (EXERCISE, reached(met=True)))
    assert told(met, What.MILESTONE, None) == [(APRIL_1, Outcome.MET)]


def test_a_refused_step_is_due_until_it_is_taken() -> None:
    book = given((S1, REFUSED_TRANSFER), (S1, TRANSFERRED))
    assert told(book, What.REFUSED_STEP) == [(None, Outcome.MET)]


def test_a_step_refused_for_other_reasons_is_due_for_those() -> None:
    """The event that opened what is due gives the reasons of today."""
    book = given((S1, REFUSED_TRANSFER), (S1, REFUSED_TRANSFER), (S1, TRANSFERRED))
    assert told(book, What.REFUSED_STEP) == [(None, Outcome.SUPERSEDED), (None, Outcome.MET)]


def test_whoever_a_stopped_step_had_reached_is_to_be_reconsidered() -> None:
    book = given((EXERCISE, STOPPED))
    assert [(row.slot.staff_number, row.slot.about, row.basis) for row in book.opened] == [
        ("S1", "transfer", BASIS),
        ("S2", "transfer", BASIS),
    ]
    assert told(book, What.RECONSIDER) == [(None,)]
    assert OWNERS[What.RECONSIDER] is Owner.EMPLOYER


def test_a_refused_step_is_moot_once_employment_has_ended() -> None:
    book = given((S1, REFUSED_TRANSFER), (S1, ENDED))
    assert told(book, What.REFUSED_STEP) == [(None, Outcome.SUPERSEDED)]


def test_a_meeting_is_due_from_the_bodies_and_may_be_held_late() -> None:
    called = c.MeetingCalled(exercise=X, meeting_on=NOV_20, purpose="p", basis=BASIS)
    missing = c.OutcomeMissing(exercise=X, meeting_on=NOV_20, basis=BASIS)
    held = c.MeetingHeld(exercise=X, meeting_on=NOV_20, outcome="o", basis=BASIS)
    book = given((SIDES, called), (SIDES, missing), (SIDES, held))
    assert told(book, What.MEETING, None) == [(NOV_20, Outcome.MISSED, Outcome.MET)]
    assert book.opened[0].slot == Slot(X, None, What.MEETING, "2013-11-20")


def test_every_obligation_has_an_id_of_its_own() -> None:
    book = given((EXERCISE, COHORT), (S1, LETTER), (S2, LETTER), (EXERCISE, reset(DEC_11)))
    assert len({row.obligation_id for row in book.opened}) == len(book.opened) == 6
