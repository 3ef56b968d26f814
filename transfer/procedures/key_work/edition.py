"""What an edition says of key work: the table `[key_work]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class InPlan(Part):
    """Something that an establishment has to have in its plan before key work is done safely."""

    id: Name
    title: Words
    clause: ClauseId


class Condition(Part):
    """When key work may begin by the account of one side: only where more Band 3 officers are in
    post than the benchmark has, and all of them are trained.

    `stated_by` is the side. `others` is the clause of what another side says.
    """

    clause: ClauseId
    stated_by: Words
    others: ClauseId


class Without(Part):
    """An estate to which the time is not given, and what there is instead."""

    estate: Words
    title: Words
    clause: ClauseId


class KeyWork(Part):
    """How key work is counted, where it is done, and what a plan must have.

    `minutes` is the clause whose value is the time for each prisoner a week, in minutes, counted on
    operational capacity. `prisoners` is the clause whose value is how many prisoners a key worker
    has. `estates` is the clause whose value lists the estates for which that time is resourced.
    `condition` is when it may begin, and `without` the estates that do not have the time.
    """

    minutes: ClauseId
    prisoners: ClauseId
    estates: ClauseId
    plan: tuple[InPlan, ...] = Field(alias="in_plan", min_length=1)
    condition: Condition | None = Field(None, exclude_if=lambda it: it is None)
    without: tuple[Without, ...] = Field((), exclude_if=lambda them: not them)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.plan]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[key_work.in_plan]] have the same id")
        return self
