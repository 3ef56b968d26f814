"""What an edition says of a list of staff as a legal act: the table `[staff_list]` of its file."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Part, Words


class Effect(StrEnum):
    """What a scheme settles of somebody who goes over by it."""

    EMPLOYMENT = "employment"
    """The employment is not ended by the transfer."""
    TERMS = "terms"
    """The contract goes over with its terms unchanged."""
    NATIONAL_TERMS = "national-terms"
    """Terms that were agreed nationally go on."""
    LIABILITIES = "liabilities"
    """What the old employer owes, claims among it, is the new one's to answer for."""
    DONE_BEFORE = "done-before"
    """What the old employer did before counts as done by the new one."""
    NOT_AN_AGREEMENT = "not-an-agreement"
    """The scheme is no collective agreement."""


class EffectOfScheme(Part):
    """One thing that the scheme settles, and the clause by which it does."""

    what: Effect
    title: Words
    clause: ClauseId


class StaffList(Part):
    """By which clauses people go over by a list.

    `clause` is that on the scheme itself. `cut_off` is the clause of the day after which a list is
    changed only as a late change, `late` that of who may allow one, `made_by` that of who may make
    a list (the values of both are lists of names), and `unlisted` that on who is on no list, or on
    two. Where one of them has no value, the answers name the document that would tell. `effects`
    are what the scheme settles of those who are on a list.
    """

    clause: ClauseId
    cut_off: ClauseId
    late: ClauseId
    made_by: ClauseId
    unlisted: ClauseId
    effects: tuple[EffectOfScheme, ...] = Field(alias="effect", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        kinds = [each.what for each in self.effects]
        if len(set(kinds)) < len(kinds):
            raise ValueError("two entries of [[staff_list.effect]] say what becomes of the same")
        return self
