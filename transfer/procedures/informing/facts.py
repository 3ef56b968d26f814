"""What is put on record of informing and consulting before one transfer."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.pay.money import Pounds
from transfer.core.words import Basis, Frozen


class ItemOwed(Frozen):
    """Something that has to be stated in writing, by whom, and why."""

    item: str
    owner: str
    basis: Basis


class InformingBegun(BegunUnderEdition):
    """Staff are to be informed and consulted. `representatives` are those whom they have already.

    `election_owed`: staff have nobody who is consulted for them, and have to be given the chance.
    """

    regime: str
    transferor: str
    transferee: str
    transfer_on: date
    employees: int
    transferring: int
    unions: tuple[str, ...]
    representatives: tuple[str, ...]
    owed: tuple[ItemOwed, ...]
    election_owed: bool


class InformingRestated(MatterFact):
    """The day of the transfer or the numbers are others than on record.

    `election_owed` is `None` where that stays as it was.
    """

    transfer_on: date
    employees: int
    transferring: int
    election_owed: bool | None = None


class UnionRecognised(MatterFact):
    """A union is recognised for the staff concerned, and is consulted for them."""

    body: str


class ElectionInvited(MatterFact):
    """Staff were invited to elect representatives."""


class ConsulteesElected(MatterFact):
    """Staff elected representatives. `lacking` are the requirements that the election did not meet.

    They are named by staff number or by a reference of the office: names are personal data.
    """

    representatives: tuple[str, ...]
    term_ends_on: date | None = None
    met: tuple[str, ...]
    lacking: tuple[str, ...]


class ItemStated(MatterFact):
    """Something that had to be stated in writing was stated; `none`: that there is nothing."""

    item: str
    statement: str
    none: bool = False


class ItemAsked(MatterFact):
    """Something is asked in writing, of the one who owes the answer."""

    question: str
    asked_by: str
    asked_of: str


class ItemAnswered(MatterFact):
    """A question was answered in writing."""

    question: str
    answer: str


class EmployeesConsultedDirectly(MatterFact):
    """Each employee was consulted, in the absence of representatives."""


class AwardStated(MatterFact):
    """A tribunal awarded weeks of pay for a failure to inform or consult.

    `weeks_pay` is one week's actual pay of all whom it concerns together, in pounds, uncapped.
    """

    failed: str
    concerned: int
    weeks_pay: Pounds
    weeks: int
