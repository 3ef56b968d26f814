"""What one staff member goes through in one exercise: scope, proposal, letter, move.

These facts lie on the staff member's own stream, so that one history tells the whole of it.
"""

from datetime import date

from pydantic import Field

from transfer.core.dating.effective_dating import Piece
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.record.staff import facet_pieces, leaving_pieces, term_piece
from transfer.core.words import (
    MAIN,
    Answer,
    AssignmentName,
    Destination,
    Facet,
    Frozen,
    Mechanism,
    MilestoneName,
    Route,
    Side,
    WindowKind,
    WindowName,
)

END_BY_OBJECTION = "end-by-objection"
"""The step that ends the employment of who objects."""


class BroughtIntoScope(MatterFact):
    """The exercise covers this person from a day: its collective terms reach them.

    `transferor` is whose they are; `None` where the record did not say.
    """

    effective_from: date
    transferor: str | None = None


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


class AssignmentProposed(MatterFact):
    """A destination is proposed, by a route and for a reason; `panel` is who sat, where one did."""

    route: Route
    destination: Destination
    reason: str
    evidence: Evidence
    panel: str = ""


class WindowOpened(Frozen):
    """A window that a letter opens: what may be done in it, and until which day."""

    window: WindowName
    kind: WindowKind
    when: Reckoned


class AssignmentLetterIssued(MatterFact):
    """The letter is sent, and says until when the person may act on it.

    `letters` are those of the edition that went out together, `contents` what they had to state.
    """

    group: str
    letters: tuple[str, ...]
    contents: tuple[str, ...] = ()
    destination: Destination
    windows: tuple[WindowOpened, ...]


class ResponseRecorded(MatterFact):
    """The person answered the letter; a late answer is kept, and says so."""

    window: WindowName
    kind: WindowKind
    response: Answer
    in_time: bool
    admitted_because: str | None = None


class ObjectionRaised(MatterFact):
    """The person objects to the transfer and so will not transfer.

    `told_to` says who was told, `milestone` with which day of the plan employment ends, and
    `transferors` whose that day is, where it is not everybody's. `detriment` is the change for the
    worse that they object to, in their words, where the edition gives that another effect.
    """

    told_to: Side
    milestone: MilestoneName
    transferors: tuple[str, ...] = ()
    detriment: str = Field("", exclude_if=lambda said: not said)

    @property
    def about(self) -> str:
        """What the end of employment is about: the day's own name where it is not everybody's."""
        return self.milestone if self.transferors else ""


class ObjectionWithdrawn(MatterFact):
    """The person no longer objects: the transfer goes on for them."""

    told_to: Side
    about: str = ""


class AssignmentConfirmed(MatterFact):
    """The assignment is final: its windows have closed and no appeal is open."""

    destination: Destination
    route: Route
    windows_closed_on: date


class StaffTransferred(MatterFact):
    """The contract moves to the new employer by the staff transfer scheme.

    Only what moves is stated: the terms of the contract go over unchanged.
    """

    mechanism: Mechanism
    destination: Destination
    effective_from: date
    assignment: AssignmentName = MAIN
    changes: dict[Facet, str | None]


class TermGivenByMove(MatterFact):
    """A term that the edition gives with the move, from its day on."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    reason: str


class EmploymentEnded(MatterFact):
    """Employment ends on the eve of `effective_from`: by objection, or because no scheme
    carried the person over before the body was dissolved."""

    effective_from: date
    assignment: AssignmentName = MAIN
    treated_as_dismissed: bool
    reason: str

    @property
    def by_objection(self) -> bool:
        """Whether it ended because the person objected, and not with the dissolution."""
        return self.made.act == END_BY_OBJECTION


class LeaverPassedBy(MatterFact):
    """A step found that nobody employs this person on its day: the exercise passes them by.

    No letter, no confirmation, no move and no end of an employment that is over. `left_on` is the
    first day without an employer; none is given where they never had one, or begin later. Should
    the record come to say that they are employed after all, the next step takes them again.
    """

    step: str
    left_on: date | None = None
    reason: str


def transfer_pieces(fact: StaffTransferred) -> tuple[Piece, ...]:
    """The facets that move, standing from the transfer date."""
    return facet_pieces(
        fact.changes, assignment=fact.assignment, effective_from=fact.effective_from
    )


def term_pieces(fact: TermGivenByMove) -> tuple[Piece, ...]:
    """The term, from the day of the move."""
    return (term_piece(fact.term, fact.value, fact.effective_from, fact.effective_to),)


def ending_pieces(fact: EmploymentEnded) -> tuple[Piece, ...]:
    """Employment that ends leaves no position in the assignment, as if the person had left."""
    return leaving_pieces(fact.assignment, fact.effective_from)
