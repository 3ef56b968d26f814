"""What an edition says of changes around a transfer: the table `[variation]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Part


class OfContract(Part):
    """Which changes of a contract are void, for changes made from the day its clause is in force.

    `connected`: a reason that is connected with the transfer is measured as well, and only one that
    changes the workforce saves it; the transfer as the reason is never saved. Without it, only the
    transfer as the only or main reason makes a change void, and a reason that changes the workforce
    saves it, or a contract that permits it.
    """

    clause: ClauseId
    connected: bool = False


class Variation(Part):
    """By which clauses a change holds, and what goes over.

    `workplace` is the clause by which a change of workplace may be a reason that changes the
    workforce. `collective` is the clause of how long after the transfer collective terms may be
    changed, `later_agreements` that on agreements which others make after the transfer, and
    `earlier_law` that of the law before it, where nobody has read that. `agreements` and
    `recognition` are the clauses by which these go over. `pensions` is the clause that lists the
    rights of pension schemes that do not, `pension_floor` and `public_pensions` those on what is
    given instead. `refused_change` is a clause of the day from which others say that dismissal for
    refusing a change is unfair, `instrument` that of the law which nobody has read. `not_enacted`
    are clauses of what was proposed and is no law; each from when it was known.
    """

    contract: tuple[OfContract, ...] = Field(min_length=1)
    workplace: ClauseId
    collective: Length
    later_agreements: ClauseId
    earlier_law: ClauseId
    agreements: ClauseId
    recognition: ClauseId
    pensions: ClauseId
    pension_floor: ClauseId
    public_pensions: ClauseId
    refused_change: ClauseId
    instrument: ClauseId
    not_enacted: tuple[ClauseId, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        clauses = [each.clause for each in self.contract]
        if len(set(clauses)) < len(clauses):
            raise ValueError("two entries of [[variation.contract]] name the same clause")
        return self
