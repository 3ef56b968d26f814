"""What happens between the employers' and the unions' sides, and the collective terms it carries.

A fact that carries a collective term states it for everybody in the exercise's scope, so nothing
is written on 16,600 streams when the sides meet. Facts here; decisions in `consultation.py`.
"""

from datetime import date

from transfer.core.dating.effective_dating import Piece
from transfer.core.record.staff import term_piece
from transfer.core.words import Basis, ExerciseId, Frozen


class ConsultationOpened(Frozen):
    """Bodies are consulted on an agreement for an exercise."""

    exercise: ExerciseId
    bodies: tuple[str, ...]
    agreement: str
    opened_on: date
    basis: Basis


class MeetingCalled(Frozen):
    """The bodies are to meet on a day; its outcome is due then."""

    exercise: ExerciseId
    meeting_on: date
    purpose: str
    basis: Basis


class MeetingHeld(Frozen):
    """The bodies met, with this outcome in the words of the record."""

    exercise: ExerciseId
    meeting_on: date
    outcome: str
    basis: Basis


class OutcomeMissing(Frozen):
    """The day of a meeting passed and no outcome is on record."""

    exercise: ExerciseId
    meeting_on: date
    basis: Basis


class EndorsementRefused(Frozen):
    """The bodies did not endorse the agreement."""

    exercise: ExerciseId
    refused_on: date
    basis: Basis


class EndorsementGiven(Frozen):
    """The bodies endorsed the agreement, at once or later."""

    exercise: ExerciseId
    given_on: date
    basis: Basis


class DraftAgreementIssued(Frozen):
    """An improved draft came out of conciliation or negotiation."""

    exercise: ExerciseId
    issued_on: date
    basis: Basis


class CollectiveTermGranted(Frozen):
    """Everybody in scope has a term that hangs on nobody's endorsement.

    With `employed_on`, only those whom somebody employs on that day, by what is on record of it.
    """

    exercise: ExerciseId
    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    employed_on: date | None = None
    basis: Basis


class OfferWithdrawn(Frozen):
    """A term that needs collective agreement is off, for want of it."""

    exercise: ExerciseId
    term: str
    value: str
    effective_from: date
    basis: Basis


class OfferReferredToConciliation(Frozen):
    """No agreement was reached; it goes to a conciliator and the offer stays off."""

    exercise: ExerciseId
    term: str
    value: str
    conciliator: str
    effective_from: date
    basis: Basis


class OfferMadeConditional(Frozen):
    """The offer is back on a condition that is still to be met."""

    exercise: ExerciseId
    term: str
    value: str
    condition: str
    effective_from: date
    basis: Basis


class OfferRestored(Frozen):
    """The condition is met: the offer is on."""

    exercise: ExerciseId
    term: str
    value: str
    effective_from: date
    basis: Basis


CollectiveTermFact = (
    CollectiveTermGranted
    | OfferWithdrawn
    | OfferReferredToConciliation
    | OfferMadeConditional
    | OfferRestored
)

ConsultationFact = (
    ConsultationOpened
    | MeetingCalled
    | MeetingHeld
    | OutcomeMissing
    | EndorsementRefused
    | EndorsementGiven
    | DraftAgreementIssued
    | CollectiveTermFact
)


def collective_pieces(fact: CollectiveTermFact) -> tuple[Piece, ...]:
    """The term that the fact states for everybody in the exercise's scope."""
    end = fact.effective_to if isinstance(fact, CollectiveTermGranted) else None
    return (term_piece(fact.term, fact.value, fact.effective_from, end),)
