"""What is put on record of key work in one establishment."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact


class KeyWorkBegun(BegunUnderEdition):
    """An establishment is to do key work; `estate` is what kind of establishment it is.

    `needed` are the ids of what its plan must have by the edition.
    """

    establishment: str
    estate: str
    needed: tuple[str, ...]


class CapacityStated(MatterFact):
    """The establishment's operational capacity from a day on, in prisoners."""

    prisoners: int
    effective_from: date


class KeyWorkersStated(MatterFact):
    """How many key workers the establishment has from a day on, as people."""

    key_workers: int
    effective_from: date


class Band3Stated(MatterFact):
    """The establishment's Band 3 officers from a day on, as people: how many are in post, how many
    its benchmark has, and how many of those in post are trained for key work."""

    in_post: int
    benchmark: int
    trained: int
    effective_from: date


class PutInPlan(MatterFact):
    """Something that the plan must have is in it."""

    what: str


class TakenFromPlan(MatterFact):
    """Something that the plan must have is not in it any more."""

    what: str
