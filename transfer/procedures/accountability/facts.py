"""What is put on record of who owns an organisation and who answers for it."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact


class AccountabilityBegun(BegunUnderEdition):
    """Owners and officers of an organisation are kept; `company` is its code in the edition."""

    company: str
    organisation: str
    sort: str


class OwnerRecorded(MatterFact):
    """Somebody owns the organisation from a day on, by a mechanism of the edition."""

    owner: str
    mechanism: str
    changes_employer: bool
    effective_from: date


class StaffMoved(MatterFact):
    """The transfer of staff that a change of owner asks for is dealt with elsewhere."""

    effective_from: date
    procedure: str


class OfficerRecorded(MatterFact):
    """The holder of an office answers for the organisation from a day on, up to and excluding
    another; an office by its title, and never a person's name."""

    office: str
    answers_for: str
    effective_from: date
    effective_to: date | None = None
