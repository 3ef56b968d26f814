"""What an edition says of the steps of a transfer: the table `[programme]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Name, Part, Words


class PlanStep(Part):
    """A step of a plan; `owner` is who has to take it.

    `before` is the clause of how long before the day it is taken at the latest; without one there
    is no day, and `afterwards` is a step that follows the day. `follows` are steps that come first,
    `looks_at` is the clause of the list of what has to be looked at.
    """

    id: Name
    title: Words
    clause: ClauseId
    owner: Words
    before: Length | None = None
    afterwards: bool = False
    follows: tuple[Name, ...] = ()
    looks_at: ClauseId | None = None


class Plan(Part):
    """The steps to one day. `target` says which day that is, `not_before` is the clause of the day
    before which it may not be, `clear_days` that on the cautious day."""

    id: Name
    title: Words
    clause: ClauseId
    target: Words
    clear_days: ClauseId
    not_before: ClauseId | None = None
    steps: tuple[PlanStep, ...] = Field(alias="step", min_length=1)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        known: set[str] = set()
        for each in self.steps:
            if each.id in known:
                raise ValueError(f"two steps of {self.id} have the same id: {each.id}")
            if not set(each.follows) <= known:
                raise ValueError(f"{each.id}: follows names steps that stand above it")
            known.add(each.id)
        return self


class Disagreement(Part):
    """Where authorities disagree: the clause by which somebody outside decides, and that on an
    award which holds without a decision."""

    clause: ClauseId
    default: ClauseId


class Programme(Part):
    """The plans of an edition, and what becomes of disagreements."""

    plans: tuple[Plan, ...] = Field(alias="plan", min_length=1)
    disagreement: Disagreement | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.plans]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[programme.plan]] have the same id")
        return self
