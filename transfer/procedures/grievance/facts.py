"""What is put on record of a grievance: of the whole, and of each person in it.

What somebody writes in their grievance is not on record here: the act names the document.
"""

from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Frozen
from transfer.procedures.grievance.edition import AnswerCountedFrom


class GrievanceOutcome(StrEnum):
    """What was decided on a grievance."""

    UPHELD = "upheld"
    UPHELD_IN_PART = "upheld-in-part"
    NOT_UPHELD = "not-upheld"


class RepresentationsOutcome(StrEnum):
    """What the employer said to the representations of a union."""

    REJECTED = "rejected"
    ACCEPTED = "accepted"


class ConfirmBy(Frozen):
    """By which day the decision is to be confirmed, counted from one day."""

    counted_from: AnswerCountedFrom
    last_day: date


# --- the whole ----------------------------------------------------------------------------------


class GrievanceBegun(BegunUnderEdition):
    """A grievance on one matter is submitted, or with `prepared` is made ready and waits.

    `complaint` is what it is about, `brought_by` the union that brings it for its members, where
    one does, `advice` what the union advises of it by the edition.
    """

    complaint: str
    policy: str
    brought_by: str | None = None
    advice: str | None = None
    decided_by: str
    prepared: bool = False


class RepresentationsAnswered(MatterFact):
    """The employer answered what the union put to it last."""

    outcome: RepresentationsOutcome


class RepresentationsRenewed(MatterFact):
    """The union put it to the employer again: that is not answered yet."""


class GrievanceSubmitted(MatterFact):
    """A grievance that was made ready is submitted; `advised` is whether the union advised it."""

    advised: bool


class GrievanceDelegated(MatterFact):
    """Somebody else decides from now on."""

    decided_by: str
    before: str


# --- one person ---------------------------------------------------------------------------------


class GrievanceJoined(MatterFact):
    """Somebody raises it; the decision on it is to be confirmed by `confirm_by`."""

    confirm_by: Reckoned
    readings: tuple[ConfirmBy, ...] = ()


class GrievanceAnsweredOrally(MatterFact):
    """Who decides has told them; the decision is still to be confirmed."""

    confirm_by: Reckoned
    readings: tuple[ConfirmBy, ...] = ()


class GrievanceDecided(MatterFact):
    """The decision is confirmed; `further_by` is until when they may take it further."""

    outcome: GrievanceOutcome
    decided_by: str
    further_by: Reckoned


class GrievanceTakenFurther(MatterFact):
    """They are not satisfied, and take it further."""


class FurtherGrievanceDecided(MatterFact):
    """It was decided after they took it further."""

    outcome: GrievanceOutcome
    decided_by: str


class GrievanceWithdrawn(MatterFact):
    """They raise it no more."""
