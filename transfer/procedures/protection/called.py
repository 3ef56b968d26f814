"""What another matter says of pay that is to be protected, where that follows from it."""

from datetime import date
from decimal import Decimal

from transfer.core.words import Frozen

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
