"""What is put on record of one person's redundancy. Sums are pounds; `short` is what of the sum due
was not paid after the fact, negative where more was paid."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.pay.money import Pounds


class RedundancyEntitled(BegunUnderEdition):
    """Somebody is entitled under a scheme; `service_from` is the start of service that is used."""

    scheme: str
    voluntary: bool
    applied_on: date | None = None
    last_day: date
    weeks_pay: Pounds
    service_from: date
    service_said_by: str
    short: Pounds


class ServiceStartAsserted(MatterFact):
    """Somebody says on which day continuous service began."""

    service_from: date
    said_by: str


class ServiceStartUsed(MatterFact):
    """The sum is counted from another start of service from now on."""

    service_from: date
    said_by: str
    short: Pounds


class LocalSchemeShown(MatterFact):
    """A local scheme was shown; it is honoured where it gives more."""

    title: str
    weeks_a_year: Decimal
    most_weeks: Decimal | None = None
    short: Pounds


class RedundancyPaid(MatterFact):
    """A sum was paid on a day."""

    paid: Pounds
    paid_on: date
    short: Pounds


class TrialBegun(MatterFact):
    """A trial in another post began."""

    post: str
    effective_from: date


class ReEmployed(MatterFact):
    """The person was employed again, by whom, from a day on."""

    employer: str
    effective_from: date


class CollectiveProposalNoted(MatterFact):
    """So many dismissals at one establishment were proposed on a day; the first is to be on one.

    `consult_by` is the last day on which consultation may begin; `None` for so few that no source
    gives a day.
    """

    establishment: str
    dismissals: int
    proposed_on: date
    first_dismissal_on: date
    consult_by: Reckoned | None = Field(None, exclude_if=lambda day: day is None)


class DismissalsConsulted(MatterFact):
    """Consultation on the dismissals that were proposed began on a day."""

    began_on: date
