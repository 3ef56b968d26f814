"""What an edition says of informing and consulting: the table `[informing]` of its file.

From which day of transfer a row holds, its clause says (`in_force_from`).
"""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class Item(Part):
    """Something that has to be stated in writing; `owner` is who owes it."""

    id: Name
    title: Words
    clause: ClauseId
    owner: Words


class Requirement(Part):
    """Something that an election of representatives needs.

    `by_inviting`: it is met once staff were invited to elect.
    """

    id: Name
    title: Words
    clause: ClauseId
    by_inviting: bool = False


class Small(Part):
    """How small an employer or a transfer is in which each employee may be consulted directly.

    It is for transfers from the day on that `clause` is in force. Both numbers are clauses: fewer
    employees than the first, or, where there is a second, fewer who transfer than that.
    """

    clause: ClauseId
    employees: ClauseId
    transferring: ClauseId | None = None


class Policy(Part):
    """A policy beside the law. `cited` is the clause of the revision that an agreement cites, and
    `revisions` are those of the months, as `2007-11`, in which there was another."""

    title: Words
    clause: ClauseId
    cited: ClauseId
    revisions: tuple[ClauseId, ...] = Field(min_length=1)


class Regime(Part):
    """One duty to inform and consult: by which clause, of what, and who is consulted.

    `union` is the clause by which a recognised union is consulted and nobody else. `most_weeks` is
    the clause of the most weeks of pay of an award, and `jointly` that on who answers for it.
    """

    id: Name
    title: Words
    clause: ClauseId
    union: ClauseId
    items: tuple[Item, ...] = Field(alias="item", min_length=1)
    election: tuple[Requirement, ...] = ()
    small: tuple[Small, ...] = ()
    most_weeks: ClauseId | None = None
    jointly: ClauseId | None = None
    policy: Policy | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what in (self.items, self.election):
            ids = [each.id for each in what]
            if len(set(ids)) < len(ids):
                raise ValueError(f"two entries of {self.id} have the same id")
        return self


class Informing(Part):
    """The duties to inform and consult of an edition."""

    regimes: tuple[Regime, ...] = Field(alias="regime", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.regimes]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[informing.regime]] have the same id")
        return self
