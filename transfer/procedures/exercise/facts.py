"""What one staff member goes through in one exercise: scope, proposal, letter, appeal, transfer.

These facts lie on the staff member's own stream, beside those of `staff.py`, so that one history
tells the whole of it. Facts here; the state, its fold and the decisions are in
`person.py`, the choice of a route in `routes.py`.
"""

from datetime import date

from pydantic import Field

from transfer.core.dating.effective_dating import Piece
from transfer.core.record.staff import facet_pieces, leaving_pieces
from transfer.core.words import (
    MAIN,
    Answer,
    AppealOutcome,
    AssignmentName,
    Basis,
    Destination,
    ExerciseId,
    Facet,
    Frozen,
    Mechanism,
    MilestoneName,
    Route,
    Side,
    WindowKind,
    WindowName,
)


class EvidenceReturned(Frozen):
    """What the staff return said beside the position, as an edition declares it; not judged.

    `values` are the fields that the return fills, in their written form; `documents` name the
    document behind a field, where the edition asks for one. `basis` says which edition and file.
    """

    values: dict[str, str] = Field(default_factory=dict)
    documents: dict[str, str] = Field(default_factory=dict)
    basis: Basis | None = None


class BroughtIntoScope(Frozen):
    """The exercise covers this person from a day: its collective terms reach them.

    `transferor` is whose they are; `None` where the record did not say.
    """

    exercise: ExerciseId
    effective_from: date
    transferor: str | None = None
    basis: Basis


class Draw(Frozen):
    """A random allocation that can be checked: the seed, what was hashed, what came of it."""

    seed: str
    drawn: str
    between: tuple[Destination, ...]
    outcome: Destination


class Evidence(Frozen):
    """What an assignment was decided by, as it stood when it was decided.

    `matched` is the condition of the row that decided, as the edition has it; `saw` the values that
    it looked at, by name or clause. Empty for a panel's decision, which no row makes.
    """

    matched: str = ""
    saw: dict[str, str] = Field(default_factory=dict)
    draw: Draw | None = None


class AssignmentProposed(Frozen):
    """A destination is proposed, by a route and for a reason."""

    exercise: ExerciseId
    route: Route
    destination: Destination
    proposed_on: date
    reason: str
    evidence: Evidence
    basis: Basis


class WindowOpened(Frozen):
    """A window that a letter opens: what may be done in it, and until which day.

    `calendar` says what it was counted with where that is another than the letter's.
    """

    window: WindowName
    kind: WindowKind
    due_on: date
    calendar: str | None = None
    basis: Basis


class AssignmentLetterIssued(Frozen):
    """The letter is sent, and says until when the person may act on it.

    `letters` are those of the edition that went out together, `contents` what they had to state.
    """

    exercise: ExerciseId
    cohort: str
    letters: tuple[str, ...]
    contents: tuple[str, ...] = ()
    issued_on: date
    destination: Destination
    windows: tuple[WindowOpened, ...]
    calendar: str
    basis: Basis

    def due_on(self, window: WindowName) -> date | None:
        """The last day of a window as the letter gave it; `None` if it opened no such window."""
        return next((each.due_on for each in self.windows if each.window == window), None)


class ResponseRecorded(Frozen):
    """The person answered the letter; a late answer is kept, and says so."""

    exercise: ExerciseId
    window: WindowName
    kind: WindowKind
    responded_on: date
    response: Answer
    in_time: bool
    admitted_because: str | None = None
    basis: Basis


class WindowExtended(Frozen):
    """One person is given longer to respond or appeal; the cohort's date stays as it is."""

    exercise: ExerciseId
    window: WindowName
    kind: WindowKind
    due_on_before: date
    due_on: date
    reason: str
    basis: Basis


class AppealLodged(Frozen):
    """An appeal arrived within its window, or late where the edition takes late ones.

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
    """An appeal arrived after its window and was refused for that alone."""

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
    """The panel's day passed without a determination."""

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
    """The person objects to the transfer and so will not transfer.

    `told_to` says who was told, `learned_on` when the employer learned of it, `milestone` with
    which day of the plan employment ends, and `transferors` whose that day is, where it is not
    everybody's.
    """

    exercise: ExerciseId
    raised_on: date
    told_to: Side
    milestone: MilestoneName
    transferors: tuple[str, ...] = ()
    learned_on: date
    basis: Basis


class AssignmentConfirmed(Frozen):
    """The assignment is final: its windows have closed and no appeal is open."""

    exercise: ExerciseId
    confirmed_on: date
    destination: Destination
    route: Route
    windows_closed_on: date
    basis: Basis


class StaffTransferred(Frozen):
    """The contract moves to the new employer by the staff transfer scheme.

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
    """Employment ends on the eve of `effective_from`: by objection, or because no scheme
    carried the person over before the body was dissolved."""

    exercise: ExerciseId
    effective_from: date
    assignment: AssignmentName = MAIN
    treated_as_dismissed: bool
    milestone: MilestoneName | None = None
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
