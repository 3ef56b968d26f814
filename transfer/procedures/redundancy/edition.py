"""What an edition says of redundancy: the table `[redundancy]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, FieldName, Length, Name, Part, Words


class Scheme(Part):
    """What a scheme gives: weeks of pay for each whole year, up to a most.

    `weeks_a_year` and `most_weeks` are clauses of numbers, `apply_by` and `leave_before` clauses of
    days: the last day to apply, and the day before which the last day of service has to lie.
    `pension` is the clause on a pension that is paid at once. `stated_by` says whose account it is;
    `disputed_by` are ids of schemes that others say apply.
    """

    id: Name
    title: Words
    clause: ClauseId
    stated_by: Words
    weeks_a_year: ClauseId
    most_weeks: ClauseId
    apply_by: ClauseId | None = None
    leave_before: ClauseId | None = None
    pension: ClauseId | None = None
    disputed_by: tuple[Name, ...] = ()


class Consultation(Part):
    """How long before the first dismissal consultation begins, from so many dismissals on.

    `people` is the clause of that number. It is for proposals made from the day on that the clause
    of `length` is in force.
    """

    people: ClauseId
    length: Length


class Protected(Part):
    """Whom nobody makes redundant against their will: who holds the term on their last day.

    `clause` is that of the commitment, `variant` that of an account by which it lasts longer.
    """

    term: FieldName
    clause: ClauseId
    variant: ClauseId


class Redundancy(Part):
    """The schemes of an edition, and the rules on consultation before dismissals.

    `whole_years` is the clause by which whole years count, `better_local` that on local schemes,
    `rounded` that on sums. `trial` is the clause of the length of a trial in another post and
    `re_employment` that on what re-employment does. `clear_days` is the clause on the cautious day,
    `awards` are clauses of the most of a protective award in days, each from when it is in force,
    `award_between` the clause on which of two holds where proposal and dismissal lie on either
    side, and `wider` that on a threshold across the whole employer. `protected` is who is kept from
    a redundancy that they do not want.
    """

    whole_years: ClauseId
    better_local: ClauseId
    rounded: ClauseId
    trial: Length
    re_employment: ClauseId
    clear_days: ClauseId
    awards: tuple[ClauseId, ...] = Field(min_length=1)
    award_between: ClauseId
    wider: ClauseId
    consultations: tuple[Consultation, ...] = Field(alias="consultation", min_length=1)
    schemes: tuple[Scheme, ...] = Field(alias="scheme", min_length=1)
    protected: Protected | None = None

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        ids = [each.id for each in self.schemes]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[redundancy.scheme]] have the same id")
        for each in self.schemes:
            if not set(each.disputed_by) <= set(ids):
                raise ValueError(f"{each.id}: disputed_by names schemes of the edition")
        return self
