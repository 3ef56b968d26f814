"""What is put on record of a written statement that is owed to one person."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned


class StatementOwed(BegunUnderEdition):
    """A statement is owed: of all particulars, or of a change alone (`of_change`)."""

    owed_for: str
    of_change: bool
    counts_from: date
    is_worker: bool
    public_contract: bool
    due: Reckoned


class StatementGiven(MatterFact):
    """The statement was given in writing; `is_late`: after its last day."""

    is_late: bool
