"""What an edition says of owners and accountable officers: the table `[accountability]`."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class Company(Part):
    """An organisation by its code and its name; `sort` is what kind of organisation it is."""

    id: Name
    name: Words
    sort: Name


class Mechanism(Part):
    """How an organisation comes to another owner, and whether that changes its staff's employer."""

    id: Name
    title: Words
    clause: ClauseId
    changes_employer: bool


class Owner(Part):
    """Who owns organisations, by their codes, from the day of the clause `starts`.

    `by` names the mechanism; left out where they were its own from its beginning.
    """

    owner: Words
    clause: ClauseId
    starts: ClauseId
    of: tuple[Name, ...] = Field(min_length=1)
    by: Name | None = None


class Officer(Part):
    """Who answers for every organisation of a sort: the value of `clause` names them.

    Where a source gives the month alone, `not_before` and `holds_by` are the clauses of the first
    day on which it may be so and of the day by which it is. `ends` is the clause of the first day
    on which it is not any more.
    """

    clause: ClauseId
    sort: Name
    not_before: ClauseId
    holds_by: ClauseId
    ends: ClauseId


class Accountability(Part):
    """Organisations, how they change owners, who owned them, and who answered for them."""

    companies: tuple[Company, ...] = Field(alias="company", min_length=1)
    mechanisms: tuple[Mechanism, ...] = Field(alias="mechanism", min_length=1)
    owners: tuple[Owner, ...] = Field((), alias="owner")
    officers: tuple[Officer, ...] = Field((), alias="officer")

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Self:
        companies = [each.id for each in self.companies]
        mechanisms = [each.id for each in self.mechanisms]
        for ids in (companies, mechanisms):
            if len(set(ids)) < len(ids):
                raise ValueError("two entries of one table have the same id")
        for owner in self.owners:
            if missing := sorted({*owner.of} - {*companies}):
                raise ValueError(f"{owner.owner} owns {missing[0]}, which is no company here")
            if owner.by is not None and owner.by not in mechanisms:
                raise ValueError(f"there is no mechanism {owner.by}")
        return self

    def company(self, id_: str) -> Company | None:
        """An organisation by its code, if the edition knows it."""
        return next((each for each in self.companies if each.id == id_), None)

    def mechanism(self, id_: str) -> Mechanism | None:
        """A mechanism by its id, if the edition has it."""
        return next((each for each in self.mechanisms if each.id == id_), None)
