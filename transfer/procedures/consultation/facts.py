"""What happens between the employers' and the unions' sides, and the collective terms it carries.

A fact that carries a collective term states it for everybody in the exercise's scope, so nothing
is written on 16,600 streams when the sides meet. The day on which something happened is that of the
fact; a term says besides from when it stands.
"""

from datetime import date

from transfer.core.dating.effective_dating import Piece
from transfer.core.matter.facts import MatterBegun, MatterFact
from transfer.core.record.staff import term_piece


class ConsultationOpened(MatterBegun):
    """Bodies are consulted on an agreement for an exercise."""

    bodies: tuple[str, ...]
    agreement: str


class BodyAdded(MatterFact):
    """A further body is consulted from now on."""

    body: str


class RepresentativesElected(MatterFact):
    """Staff who have no recognised union have elected people to be consulted for them.

    They are named by staff number or by a reference of the office: names are personal data.
    """

    representatives: tuple[str, ...]


class MeasuresStated(MatterFact):
    """The employer has said what it means to do with the staff concerned."""

    measures: str


class QuestionAsked(MatterFact):
    """Something is asked in writing, by a body where one is named; an answer is owed."""

    question: str
    asked_by: str = ""


class QuestionAnswered(MatterFact):
    """A question was answered in writing, to everybody who had asked it."""

    question: str
    answer: str


# --- meetings -----------------------------------------------------------------------------------


class MeetingCalled(MatterFact):
    """The bodies are to meet on a day; its outcome is due then."""

    meeting_on: date
    purpose: str


class MeetingHeld(MatterFact):
    """The bodies met, with this outcome in the words of the record.

    `account` is what was said, or where the minutes are kept.
    """

    meeting_on: date
    outcome: str
    account: str = ""


class MinutesFiled(MatterFact):
    """The minutes of a meeting are kept under a reference; the digest shows that they are these.

    `sha256` is the SHA-256 of the file, in hexadecimal. The minutes themselves are not on record.
    """

    meeting_on: date
    reference: str
    sha256: str


class OutcomeMissing(MatterFact):
    """The day of a meeting passed and no outcome is on record."""

    meeting_on: date


# --- the agreement ------------------------------------------------------------------------------


class EndorsementRefused(MatterFact):
    """The bodies, or the one named, did not endorse the agreement."""

    body: str = ""


class EndorsementGiven(MatterFact):
    """The bodies, or the one named, endorsed the agreement, at once or later."""

    body: str = ""


class BallotHeld(MatterFact):
    """A body has asked its members; `accepted` is what they answered."""

    body: str
    accepted: bool


class Referred(MatterFact):
    """The sides have gone to somebody outside, such as a conciliator."""

    to: str


class DraftAgreementIssued(MatterFact):
    """An improved draft came out of conciliation or negotiation."""


# --- terms --------------------------------------------------------------------------------------


class CollectiveTermFact(MatterFact):
    """How a term stands for everybody in the exercise's scope from a day on."""

    term: str
    value: str
    effective_from: date


class CollectiveTermGranted(CollectiveTermFact):
    """Everybody in scope has a term that hangs on nobody's endorsement.

    With `employed_on`, only those whom somebody employs on that day, by what is on record of it.
    """

    effective_to: date | None = None
    employed_on: date | None = None


class OfferWithdrawn(CollectiveTermFact):
    """A term that needs collective agreement is off, for want of it."""


class OfferReferredToConciliation(CollectiveTermFact):
    """No agreement was reached; it goes to a conciliator and the offer stays off."""

    conciliator: str


class OfferMadeConditional(CollectiveTermFact):
    """The offer is back on a condition that is still to be met."""

    condition: str


class OfferRestored(CollectiveTermFact):
    """The condition is met: the offer is on."""


def collective_pieces(fact: CollectiveTermFact) -> tuple[Piece, ...]:
    """The term that the fact states for everybody in the exercise's scope."""
    end = fact.effective_to if isinstance(fact, CollectiveTermGranted) else None
    return (term_piece(fact.term, fact.value, fact.effective_from, end),)
