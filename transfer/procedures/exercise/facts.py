"""What one staff member goes through in one exercise: scope, proposal, letter, appeal, transfer.

These facts lie on the staff member's own stream, beside those of `staff.py`, so that one history
tells the whole of it. Facts here; the state, its fold and the decisions are in
`person.py`, the choice of a route in `routes.py`.
"""

from datetime import date
from decimal import Decimal

from transfer.core.dating.effective_dating import Piece
from transfer.core.record.staff import facet_pieces, leaving_pieces
from transfer.core.words import (
    MAIN,
    AppealOutcome,
    AssignmentName,
    Basis,
    Destination,
    ExerciseId,
    Facet,
    Frozen,
    Mechanism,
    Response,
    Route,
    Side,
    Window,
)


class EvidenceReturned(Frozen):
    """What the staff return said that a local criterion may use (TR-09); stated, not judged."""

    caseload_total: int | None = None
    caseload_high_risk: int | None = None
    preference: Destination | None = None
    automatic: Destination | None = None
    basis: Basis | None = None


class BroughtIntoScope(Frozen):
    """The exercise covers this person from a day (TR-01): its collective terms reach them."""

    exercise: ExerciseId
    effective_from: date
    basis: Basis


class Draw(Frozen):
    """A random allocation that can be checked: the seed, what was hashed, what came of it."""

    seed: str
    drawn: str
    outcome: Destination


class Evidence(Frozen):
    """What an assignment was decided by, as it stood when it was decided (TR-09)."""

    role: str | None = None
    band: str | None = None
    caseload_total: int | None = None
    caseload_high_risk: int | None = None
    caseload_on: date | None = None
    high_risk_share: Decimal | None = None
    share_for_nps: Decimal | None = None
    preference: Destination | None = None
    automatic: Destination | None = None
    draw: Draw | None = None


class AssignmentProposed(Frozen):
    """A destination is proposed, by a route and for a reason (TR-08)."""

    exercise: ExerciseId
    route: Route
    destination: Destination
    proposed_on: date
    reason: str
    evidence: Evidence
    basis: Basis


class AssignmentLetterIssued(Frozen):
    """The letter is sent, and says until when the person may respond and appeal (TR-10, TR-11).

    `calendar` says what the appeal window was counted with, and `response_calendar` the response
    window where that is another (only one of them past the calendar's end).
    """

    exercise: ExerciseId
    cohort: str
    issued_on: date
    destination: Destination
    response_due_on: date
    appeal_due_on: date
    calendar: str
    response_calendar: str | None = None
    response_basis: Basis
    basis: Basis


class ResponseRecorded(Frozen):
    """The person answered the letter (TR-10); a late answer is kept, and says so."""

    exercise: ExerciseId
    responded_on: date
    response: Response
    in_time: bool
    basis: Basis


class WindowExtended(Frozen):
    """One person is given longer to respond or appeal; the cohort's date stays as it is."""

    exercise: ExerciseId
    window: Window
    due_on_before: date
    due_on: date
    reason: str
    basis: Basis


class AppealLodged(Frozen):
    """An appeal arrived within its window (TR-11).

    `calendar` says what the panel's day was counted with.
    """

    exercise: ExerciseId
    lodged_on: date
    due_on: date
    grounds: str
    panel_due_on: date
    calendar: str | None = None
    basis: Basis


class AppealRefusedOutOfTime(Frozen):
    """An appeal arrived after its window and was refused for that alone (TR-11b)."""

    exercise: ExerciseId
    lodged_on: date
    due_on: date
    grounds: str
    basis: Basis


class AppealAcceptedOutOfTime(Frozen):
    """A refused late appeal is heard after all, with a reason; the refusal stays on record."""

    exercise: ExerciseId
    lodged_on: date
    due_on: date
    accepted_on: date
    reason: str
    panel_due_on: date
    calendar: str | None = None
    basis: Basis


class PanelOverdue(Frozen):
    """The panel's day passed without a determination (TR-11b-panel)."""

    exercise: ExerciseId
    panel_due_on: date
    basis: Basis


class AppealDetermined(Frozen):
    """The panel decided; an upheld appeal names the destination that it gives instead."""

    exercise: ExerciseId
    determined_on: date
    outcome: AppealOutcome
    destination: Destination
    reason: str
    basis: Basis


class ObjectionRaised(Frozen):
    """The person objects to the transfer and so will not transfer (TR-14).

    `told_to` says who was told, `learned_on` when the employer learned of it.
    """

    exercise: ExerciseId
    raised_on: date
    told_to: Side
    learned_on: date
    basis: Basis


class AssignmentConfirmed(Frozen):
    """The assignment is final: its windows have closed and no appeal is open (TR-11)."""

    exercise: ExerciseId
    confirmed_on: date
    destination: Destination
    route: Route
    windows_closed_on: date
    basis: Basis


class StaffTransferred(Frozen):
    """The contract moves to the new employer by the staff transfer scheme (TR-12, TR-13).

    Only what moves is stated: the terms of the contract go over unchanged.
    """

    exercise: ExerciseId
    mechanism: Mechanism
    destination: Destination
    effective_from: date
    assignment: AssignmentName = MAIN
    changes: dict[Facet, str | None]
    basis: Basis


class EmploymentEnded(Frozen):
    """Employment ends on the eve of `effective_from`: by objection (TR-14) or because no scheme
    carried the person over before the body was dissolved (TR-16)."""

    exercise: ExerciseId
    effective_from: date
    assignment: AssignmentName = MAIN
    treated_as_dismissed: bool
    reason: str
    basis: Basis


class StepRefused(Frozen):
    """A step could not be taken for this person, and stays due: an open obligation of theirs.

    Recorded anew when the reasons change: the last one says why it is refused now.
    """

    exercise: ExerciseId
    step: str
    refused_on: date
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]
    basis: Basis


class LeaverPassedBy(Frozen):
    """A step found that nobody employs this person on its day: the exercise passes them by.

    No letter, no confirmation, no move and no end of an employment that is over. `left_on` is the
    first day without an employer; none is given where they never had one, or begin later. Should
    the record come to say that they are employed after all, the next step takes them again.
    """

    exercise: ExerciseId
    step: str
    noted_on: date
    left_on: date | None = None
    reason: str
    basis: Basis


AssignmentFact = (
    EvidenceReturned
    | BroughtIntoScope
    | AssignmentProposed
    | AssignmentLetterIssued
    | ResponseRecorded
    | WindowExtended
    | AppealLodged
    | AppealRefusedOutOfTime
    | AppealAcceptedOutOfTime
    | PanelOverdue
    | AppealDetermined
    | ObjectionRaised
    | AssignmentConfirmed
    | StaffTransferred
    | EmploymentEnded
    | StepRefused
    | LeaverPassedBy
)


def transfer_pieces(fact: StaffTransferred) -> tuple[Piece, ...]:
    """The facets that move, standing from the transfer date."""
    return facet_pieces(
        fact.changes, assignment=fact.assignment, effective_from=fact.effective_from
    )


def ending_pieces(fact: EmploymentEnded) -> tuple[Piece, ...]:
    """Employment that ends leaves no position in the assignment, as if the person had left."""
    return leaving_pieces(fact.assignment, fact.effective_from)
