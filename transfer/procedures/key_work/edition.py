"""What an edition says of key work: the table `[key_work]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class InPlan(Part):
    """Something that an establishment has to have in its plan before key work is done safely."""

    id: Name
    title: Words
    clause: ClauseId


class KeyWork(Part):
    """How key work is counted, where it is done, and what a plan must have.

    `minutes` is the clause whose value is the time for each prisoner a week, in minutes, counted on
    operational capacity. `prisoners` is the clause whose value is how many prisoners a key worker
    has. `estates` is the clause whose value lists the estates for which that time is resourced.
    """

    minutes: ClauseId
    prisoners: ClauseId
    estates: ClauseId
    plan: tuple[InPlan, ...] = Field(alias="in_plan", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.plan]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[key_work.in_plan]] have the same id")
        return self
