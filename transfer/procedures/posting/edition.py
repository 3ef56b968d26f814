"""What an edition says of notices of a posting: the table `[posting]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class SaidOfGroup(Part):
    """What somebody says of a group of people: that none of them was notified before a day.

    `before` is the clause of that day.
    """

    id: Name
    title: Words
    said_by: Words
    before: ClauseId


class Posting(Part):
    """What follows from a notice that came before a day.

    `clause` is the rule, `before` the clause of the day, `gives` the clause of what it gives, and
    `reached` the clause by which a notice counts once it reached the person. `training` is the
    clause on training after a posting to a lower band, `training_said_by` whose account that is,
    and `training_which` the clause of what training is meant.
    """

    clause: ClauseId
    before: ClauseId
    gives: ClauseId
    reached: ClauseId
    training: ClauseId
    training_said_by: Words
    training_which: ClauseId
    groups: tuple[SaidOfGroup, ...] = Field((), alias="group")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.groups]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[posting.group]] have the same id")
        return self
