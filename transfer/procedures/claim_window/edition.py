"""What an edition says of the time for claims: the table `[claim_window]` of its file.

From which day a row holds, and since when it was known, its clause says (`in_force_from`,
`known_from`).
"""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Name, Part, Words


class Limit(Part):
    """How long a claim can be made, for events from the day on that the clause of `length` gives.

    `provision` is how people cite it. `reported`: others say so, and nobody read the instrument.
    """

    length: Length
    provision: Words
    reported: bool = False


class Longest(Part):
    """How long a conciliation can last that is asked for from the day that the clause gives.

    `longer` is the clause of how much longer it can be made by agreement.
    """

    length: Length
    longer: Length | None = None
    provision: Words
    reported: bool = False


class ExtendedBy(Part):
    """By which provisions a conciliation moves a limit, if it was asked for from `begins` on.

    `begins` is the clause whose value is that day; `none_before` says in words what held before.
    """

    id: Name
    clause: ClauseId
    begins: ClauseId
    none_before: Words
    not_counted_by: Words
    at_least: Length
    at_least_by: Words


class Claim(Part):
    """One kind of claim: from which day it counts, how long, and what conciliation does to it.

    `award` is the clause whose value bounds what a tribunal may award, in the clause's unit.
    """

    id: Name
    title: Words
    clause: ClauseId
    counts_from: Words
    extended_by: Name
    award: ClauseId | None = None
    limits: tuple[Limit, ...] = Field(alias="limit", min_length=1)


class ClaimWindow(Part):
    """The kinds of claim, and the clauses by which their time is counted.

    `counted` is the clause on the two readings of months, `over_before` that on a limit that was
    over before conciliation, `first_counts` that on a second conciliation, `apart` that on several
    respondents, `assumed` that on a certificate which is not on record. `compulsory` is the clause
    whose value is the day from which a claim needs a certificate.
    """

    counted: ClauseId
    over_before: ClauseId
    first_counts: ClauseId
    apart: ClauseId
    assumed: ClauseId
    compulsory: ClauseId
    longest: tuple[Longest, ...] = Field(min_length=1)
    extended_by: tuple[ExtendedBy, ...] = Field(min_length=1)
    claims: tuple[Claim, ...] = Field(alias="claim", min_length=1)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        for named in (self.extended_by, self.claims):
            ids = [each.id for each in named]
            if len(set(ids)) < len(ids):
                raise ValueError("two entries of [claim_window] have the same id")
        known = {each.id for each in self.extended_by}
        for claim in self.claims:
            if claim.extended_by not in known:
                raise ValueError(f"{claim.id}: no extended_by has the id {claim.extended_by}")
        return self
