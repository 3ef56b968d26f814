"""What an edition says of grievances: the table `[grievance]` of its file."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Name, Part, Words


class AnswerCountedFrom(StrEnum):
    """From which day the time for a decision counts."""

    RECEIVED = "received"
    ANSWERED_ORALLY = "answered-orally"


class Policy(Part):
    """A policy on grievances: who decides first, and how soon that is confirmed.

    `confirm` is the clause of how long there is to confirm the decision, and `runs_from` from which
    days that may count: several where the source does not say. `further` is the clause on taking it
    further, and `further_time` how long there is for that; either may have no value.
    """

    id: Name
    title: Words
    clause: ClauseId
    decided_by: Words
    confirm: Length
    runs_from: tuple[AnswerCountedFrom, ...] = Field(min_length=1)
    further: ClauseId
    further_time: Length


class Advice(Part):
    """What a union advises its members: to submit a grievance, or to do so once something happened.

    `only_if_rejected` is the clause by which the advice holds only once the latest representations
    were rejected.
    """

    id: Name
    title: Words
    clause: ClauseId
    given_by: Words
    only_if_rejected: ClauseId | None = None


class Grievances(Part):
    """The policies of an edition, and what unions advise."""

    policies: tuple[Policy, ...] = Field(alias="policy", min_length=1)
    advice: tuple[Advice, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, ids in (
            ("policy", [each.id for each in self.policies]),
            ("advice", [each.id for each in self.advice]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"two entries of [[grievance.{what}]] have the same id")
        return self
