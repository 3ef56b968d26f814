"""Facts of an exercise that open, move, meet and miss what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from projections.deadlines.obligations import Book, What, effects
from tests.support.histories import instant, recorded
from tests.support.words_2013 import Destination, MilestoneName, Response, Route, Window
from transfer.core.streams import consultation_stream, exercise_stream, staff_stream
from transfer.core.words import (
    AppealOutcome,
    Basis,
    Mechanism,
    MilestoneRole,
    WindowKind,
)
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
    letters=("assignment",),
    issued_on=NOV_20,
    destination=Destination.CRC,
    windows=tuple(
        a.WindowOpened(window=kind, kind=kind, due_on=DEC_4, basis=BASIS)
        for kind in (WindowKind.RESPONSE, WindowKind.APPEAL)
    ),
    calendar="ew-2013",
    basis=BASIS,
)

COHORT = e.CohortFormed(
    exercise=X,
    cohort="LDN",
    transferor="LDN",
    path="automatic",
    routes=(Route.AUTOMATIC,),
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
    window=Window.RESPONSE,
    kind=WindowKind.RESPONSE,
    responded_on=DEC_4,
    response=Response.ACKNOWLEDGED,
    in_time=True,
    basis=BASIS,
)

OBJECTED = a.ObjectionRaised(
    exercise=X,
    raised_on=DEC_4,
    told_to="transferor",
    milestone=MilestoneName.TRANSFER,
    learned_on=DEC_4,
    basis=BASIS,
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
    exercise=X,
    milestone=MilestoneName.TRANSFER,
    role=MilestoneRole.TRANSFER,
    due_on=APRIL_1,
    basis=BASIS,
)

TRANSFER_RESET = e.MilestoneReset(
    exercise=X,
    milestone=MilestoneName.TRANSFER,
    role=MilestoneRole.TRANSFER,
    due_on_before=APRIL_1,
    due_on=JUNE_1,
    reason="slipped",
    basis=BASIS,
)


def extended(due_on: date) -> a.WindowExtended:
    return a.WindowExtended(
        exercise=X,
        window=Window.APPEAL,
        kind=WindowKind.APPEAL,
        due_on_before=DEC_4,
        due_on=due_on,
        reason="r",
        basis=BASIS,
    )


def reset(due_on: date, window: Window = Window.APPEAL) -> e.WindowReset:
    return e.WindowReset(
        exercise=X,
        window=window,
        kind=WindowKind(window.value),
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


# The commands of these tests are recorded from 1 February 2014 on, after every day of the letter.
EVERYTHING: tuple[tuple[str, Fact], ...] = (
    (EXERCISE, COHORT),
    (EXERCISE, TRANSFER_SET),
    (S1, LETTER),
    (S2, LETTER),
    (S1, RESPONDED),
    (S1, extended(DEC_11)),
    (EXERCISE, reset(DEC_11)),
    (S2, LODGED),
    (S1, OBJECTED),
    (EXERCISE, TRANSFER_RESET),
    (S1, REFUSED_TRANSFER),
)
