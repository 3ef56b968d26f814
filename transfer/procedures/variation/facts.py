"""What is put on record of a change of terms around a transfer."""

from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import Frozen


class Subject(StrEnum):
    """What it is that changes, or is asked whether it goes over."""

    CONTRACT = "contract"
    COLLECTIVE_TERMS = "collective-terms"
    LATER_AGREEMENT = "later-agreement"
    AGREEMENT = "agreement"
    RECOGNITION = "recognition"
    PENSION = "pension"


class VariationCause(StrEnum):
    """What the only or main reason of a change is."""

    TRANSFER = "transfer"
    CONNECTED = "connected"
    OTHER = "other"


class Circumstances(Frozen):
    """What is known of a change; what nobody has said is `None`.

    `workforce_reason`: an economic, technical or organisational reason that changes the workforce.
    `pension_right` is what a right of a pension scheme is for, such as `old age`. `is_restricted`:
    it is one of pay, pension, hours, leave and shifts.
    """

    cause: VariationCause | None = None
    workforce_reason: bool | None = None
    contract_permits: bool | None = None
    changes_workplace: bool | None = None
    no_less_favourable: bool | None = None
    new_employer_took_part: bool | None = None
    keeps_identity: bool | None = None
    pension_right: str | None = None
    was_public: bool | None = None
    is_restricted: bool | None = None


class VariationProposed(BegunUnderEdition):
    """A change is made, or somebody asks what goes over, around a transfer on a day."""

    title: str
    subject: Subject
    transfer_on: date
    made_on: date
    known: Circumstances


class VariationExplained(MatterFact):
    """What was learned of the change since."""

    known: Circumstances
