"""What facts make of what is due, without a database."""

from __future__ import annotations

from projections.deadlines.obligations import OWNERS, Outcome, Owner, Slot, What
from tests.support.due import (
    ACCEPTED_LATE,
    APRIL_1,
    BASIS,
    COHORT,
    DEC_4,
    DEC_11,
    DEC_18,
    DETERMINED,
    ENDED,
    EXERCISE,
    JUNE_1,
    LETTER,
    LODGED,
    NOV_20,
    OBJECTED,
    REFUSED_LATE,
    REFUSED_TRANSFER,
    RESPONDED,
    S1,
    S2,
    SIDES,
    STOPPED,
    TRANSFER_RESET,
    TRANSFER_SET,
    TRANSFERRED,
    X,
    extended,
    given,
    reached,
    reset,
    told,
)
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import facts as a


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
