"""What is put on record of who leaves around a transfer. Days are the first without employment."""

from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import AppealOutcome, Destination, Facet


class Ground(StrEnum):
    """Why somebody leaves."""

    LATE_OBJECTION = "late-objection"
    DETRIMENT = "detriment"
    BREACH = "breach"
    DISMISSAL = "dismissal"


class DepartureDeclared(BegunUnderEdition):
    """Somebody says that they leave, or that they were dismissed; or the employer says so.

    `employer` is who employs them on the last day. `account` is what changes for the worse, which
    breach it was, or why they were dismissed, as it is said. What nobody has said is `None`.
    `ended_already`: the record says without this that they have left.
    """

    ground: Ground
    transfer_on: date
    leaves_on: date
    employer: str
    account: str
    because_of_transfer: bool | None = None
    workforce_reason: bool | None = None
    refused_change: bool = False
    service_from: date | None = None
    ended_already: bool = False


class DismissalExplained(MatterFact):
    """What was learned of a dismissal; what nobody has said is `None`."""

    because_of_transfer: bool | None = None
    workforce_reason: bool | None = None
    refused_change: bool | None = None
    service_from: date | None = None


class DepartureTakenBack(MatterFact):
    """They do not leave after all."""


class EmploymentLeft(MatterFact):
    """Employment ends on the eve of `effective_from`, with `employer`.

    `treated_as_dismissed`: by the rule that it goes by. Where that says nothing of it, whether it
    is a dismissal is for a tribunal.
    """

    effective_from: date
    employer: str
    treated_as_dismissed: bool
    reason: str


class DismissalAppealLodged(MatterFact):
    """Somebody appeals to the employer against their dismissal."""

    to: str


class DismissalAppealDecided(MatterFact):
    """The appeal against a dismissal is decided.

    Upheld, the employment has gone on from `effective_from`, the day of the dismissal, with the
    details that they `held` before.
    """

    outcome: AppealOutcome
    effective_from: date
    held: dict[Facet, str | None]
    reason: str


class TransferredByAppeal(MatterFact):
    """Their appeal was upheld after the transfer: they have transferred with the others.

    `changes` is what the move has changed.
    """

    destination: Destination
    effective_from: date
    changes: dict[Facet, str | None]
