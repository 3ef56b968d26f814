"""What is put on record of a list of staff.

A change of a draft is on record of the person whom it is about. A version that was prepared or made
keeps its people as they stood, and is never changed: another version takes its place.
"""

from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import Frozen, StaffNumber


class StaffListBegun(BegunUnderEdition):
    """Lists are begun: they say who goes from one employer to which other, on a day, by a scheme.

    After `cut_off_on` a list is changed only as a late change.
    """

    transferor: str
    transferees: tuple[str, ...]
    cut_off_on: date
    transfer_on: date


class ListDaysMoved(MatterFact):
    """The cut-off day or the day of transfer is another; `to_make` are the lists still to be made
    by then."""

    cut_off_before: date
    cut_off_on: date
    transfer_before: date
    transfer_on: date
    to_make: tuple[str, ...]


class PutOnList(MatterFact):
    """Somebody is put on the draft of a list; `late`: after the cut-off day, by an authority."""

    transferee: str
    late: bool
    authority: str = ""


class MovedToOtherList(MatterFact):
    """Somebody is moved in the draft from one list to another."""

    before: str
    transferee: str
    late: bool
    authority: str = ""


class TakenOffList(MatterFact):
    """Somebody is taken off the draft of a list, and is on none."""

    before: str
    late: bool
    authority: str = ""


class ListVersionPrepared(MatterFact):
    """A version of one transferee's list was drawn from the draft as it stood."""

    transferee: str
    version: int
    people: tuple[StaffNumber, ...]


class ListVersionMade(MatterFact):
    """A version was made (signed): it is in force from a day, in place of the one before.

    `digest` is the SHA-256 of what was signed, in hexadecimal. `authority` allowed it to take
    effect on a day that was over.
    """

    transferee: str
    version: int
    people: tuple[StaffNumber, ...]
    made_by: str
    effective_from: date
    digest: str | None = None
    authority: str = ""


class Difference(StrEnum):
    """How lists and record differ about somebody."""

    MISSING = "missing"
    """The record has them go over, and they are on no list."""
    EXTRA = "extra"
    """They are on a list, and the record does not have them go over."""
    DIFFERING = "differing"
    """They are on one list, and the record has them go elsewhere."""
    TWICE = "twice"
    """They are on two lists."""


class ListDifference(Frozen):
    """How lists and record differ about somebody: on which lists they are, and what the record
    says in words."""

    staff_number: StaffNumber
    difference: Difference
    lists: tuple[str, ...] = ()
    record_says: str


class ListCompared(MatterFact):
    """The last version of each list was compared with the record.

    `differences` are those that are new and to be settled, `ended` is who no longer differs. Both
    are empty where nothing changed.
    """

    as_at: date
    differences: tuple[ListDifference, ...]
    ended: tuple[StaffNumber, ...]


class DifferenceExplained(MatterFact):
    """List and record differ about somebody, and that is right, for the reason that is given."""

    whom: StaffNumber
    difference: Difference
    because: str
