"""What an edition says of pay protection: the table `[protection]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Length, Name, Part, Words


class Ground(Part):
    """For what pay is protected, and how long.

    `length` is the clause that says how long; a ground without one marks time without an end.
    `begins` and `ceases` are clauses whose values are days: it is for protections that begin on the
    first or after it, and before the second. `hours` is the clause whose value is the full-time
    week, in hours, that the protected salary is stated for. `hints` are clauses of other agreements
    that say how long, where the length is not known. `disputed_by` are the clauses of those who say
    otherwise. `placement` is the clause by which a post in the protected band is owed.
    """

    id: Name
    title: Words
    clause: ClauseId
    length: Length | None = None
    marks_time: bool = False
    begins: ClauseId | None = None
    ceases: ClauseId | None = None
    hours: ClauseId | None = None
    hints: tuple[ClauseId, ...] = ()
    disputed_by: tuple[ClauseId, ...] = ()
    placement: ClauseId | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if (self.length is None) is not self.marks_time:
            raise ValueError(f"{self.id}: say either length, or marks_time = true")
        return self


class EarlyEnd(Part):
    """What could end a protection before its day: a review that is due so long after an event."""

    id: Name
    title: Words
    clause: ClauseId
    due: Length
    counts_from: Words


class Protection(Part):
    """The grounds of pay protection, and how it is counted, announced and paid.

    `counted` is the clause that says how the last day is found, `notified` that on notices and
    `notices` the lengths before the last day at which they fall; `months` is the clause on part
    months and rounding, `total` that on what is paid while a salary is protected. `progression` is
    the clause by which a pay point that comes late is owed, `letters` that on the letters which
    state a salary.
    """

    counted: ClauseId
    notified: ClauseId
    notices: tuple[Length, ...] = Field(min_length=1)
    months: ClauseId
    total: ClauseId
    progression: ClauseId | None = None
    letters: ClauseId | None = None
    grounds: tuple[Ground, ...] = Field(alias="ground", min_length=1)
    early_ends: tuple[EarlyEnd, ...] = Field((), alias="ends_early")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for named in (self.grounds, self.early_ends):
            ids = [each.id for each in named]
            if len(set(ids)) < len(ids):
                raise ValueError("two entries of [protection] have the same id")
        return self
