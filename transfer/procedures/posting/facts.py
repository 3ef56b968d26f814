"""What is put on record of the notice of one person's posting.

A letter went out on the day on which its fact happened, and reached the person on that of the
receipt.
"""

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import Basis


class PostingNotified(BegunUnderEdition):
    """A letter on a posting went out; `band_before` is what the record showed on that day.

    `lower` is whether the post is in a lower band; `None` where the record does not say. `group` is
    a group of which the edition has what somebody says. `training` is by what training is owed
    where the post is lower.
    """

    post: str
    band: str
    band_before: str | None = None
    lower: bool | None = None
    letter: str
    group: str | None = None
    training: Basis


class PostingLetterSent(MatterFact):
    """Another letter on the posting went out."""

    letter: str


class PostingLetterReached(MatterFact):
    """A letter reached the person."""

    letter: str


class PostingLetterReturned(MatterFact):
    """A letter came back: it did not reach the person."""

    letter: str


class DowngradeTrainingGiven(MatterFact):
    """Training or support was given that the lower post asks for; `complete`: all of it."""

    what: str
    complete: bool
