"""What another matter says of pay that is to be protected, where that follows from it."""

from datetime import date
from decimal import Decimal

from transfer.core.pay.money import written
from transfer.core.refusals import Failure
from transfer.core.words import Frozen
from transfer.procedures.protection.facts import ProtectionGranted

PROTECTION = "protection"
"""The kind of procedure that counts a protection down."""

TAKE_ON = "take-on"
"""Its act that begins one from a regrade in another procedure."""


class PayToProtect(Frozen):
    """Pay that is to be protected because of a regrade.

    `ground` is the one of the edition, `band` the band from before: that on the record of the day
    before, where it is not said. `salary` is what was stated for it, in pounds a year; without one
    nothing is protected yet. `months` is for how long, where that was agreed for this person.
    """

    ground: str
    effective_from: date
    band: str = ""
    salary: Decimal | None = None
    months: int | None = None


def not_as_protected(
    granted: ProtectionGranted | None, salary: Decimal, clause: str
) -> Failure | None:
    """That a salary cannot be stated any more, since another one is protected: it is put right
    where it is protected."""
    if granted is None or granted.salary == salary:
        return None
    return Failure(
        f"{written(granted.salary)} pounds a year are protected already ({granted.matter}): say "
        "there that another salary is protected (vary)",
        clause,
    )
