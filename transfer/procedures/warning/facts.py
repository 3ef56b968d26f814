"""What is put on record of a formal warning. What it was for is not put on record."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import StaffNumber
from transfer.procedures.warning.edition import Relation


class WarningIssued(BegunUnderEdition):
    """Somebody was warned.

    `relations` are what the one who issued it was to them on that day, by their record.
    `decided_by` are the relations by which somebody could; empty where the edition does not know.
    `is_shown` is whether it does, `is_authorised` whether one of the former is among the latter.
    """

    issued_by: StaffNumber
    process: str
    reference: str
    relations: tuple[Relation, ...]
    decided_by: tuple[Relation, ...]
    is_shown: bool
    is_authorised: bool


class DecidingRelationShown(MatterFact):
    """A document shows who decides a formal case, from a day on."""

    decided_by: tuple[Relation, ...]
    effective_from: date
    is_authorised: bool


class WarningWithdrawn(MatterFact):
    """The warning has no effect any more."""

    reason: str


class WarningLetStand(MatterFact):
    """The warning stands, although who issued it could not by what was shown."""

    reason: str
