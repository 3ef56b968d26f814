"""Special leave and hours of one person in a round, where its scheme has them.

They are on record as terms with days, and can be put right afterwards: what was answered before
stays as it was known then.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field, model_validator

from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.round import chooser_of, month_of, scheme_of
from transfer.procedures.choice.telling import not_employed


class LeaveDays(Frozen):
    """Which leave, and from which day up to and excluding which."""

    leave: str = Field(min_length=1)
    effective_from: date
    effective_to: date

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to <= self.effective_from:
            raise ValueError("effective_to is the first day after it: later than effective_from")
        return self


class LeavePutRight(Frozen):
    """Which leave, the day on which it begins on record, and its right days; none of them where
    there was no such leave."""

    leave: str = Field(min_length=1)
    began: date
    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        first, end = self.effective_from, self.effective_to
        if (first is None) != (end is None):
            raise ValueError("give both days, or neither where there was no such leave")
        if first is not None and end is not None and end <= first:
            raise ValueError("effective_to is the first day after it: later than effective_from")
        return self


class HoursOfMonth(Frozen):
    """The month (by any of its days), the hours worked in it, and the hours by contract."""

    month: date
    hours: Decimal = Field(ge=0, le=999, decimal_places=2)
    full_hours: Decimal = Field(gt=0, le=999, decimal_places=2)

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.hours > self.full_hours:
            raise ValueError("hours are no more than full_hours")
        return self


def record_leave(case: Case, needs: LeaveDays) -> tuple[MatterFact, ...]:
    """Put a special leave on record, as a term that is held on its days."""
    scheme, mine = scheme_of(case), chooser_of(case)
    leave = scheme.leave(needs.leave)
    if (found := mine.leave(leave.id, needs.effective_from)) is not None:
        if found.effective_to == needs.effective_to:
            return ()
        raise Refused(
            f"it is on record until {found.effective_to}: correct it", clause=leave.clause
        )
    require([not_employed(case, scheme)])
    require(
        Failure(
            f"{each.leave} is on record from {each.effective_from} to {each.effective_to}",
            leave.clause,
        )
        for each in mine.leaves
        if each.days_within(needs.effective_from, needs.effective_to)
    )
    return (
        f.LeaveRecorded(
            **case.stamp(leave.clause),
            leave=leave.id,
            term=leave.term,
            value=leave.value,
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
        ),
    )


def correct_leave(case: Case, needs: LeavePutRight) -> tuple[MatterFact, ...]:
    """Put the days of a leave right, or say that there was none."""
    leave = scheme_of(case).leave(needs.leave)
    found = chooser_of(case).leave(leave.id, needs.began)
    if found is None:
        raise Refused(f"no {leave.id} from {needs.began} is on record", clause=leave.clause)
    if (needs.effective_from, needs.effective_to) == (found.effective_from, found.effective_to):
        return ()
    return (
        f.LeaveCorrected(
            **case.stamp(leave.clause),
            leave=leave.id,
            term=leave.term,
            value=leave.value,
            before_from=found.effective_from,
            before_to=found.effective_to,
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
        ),
    )


def state_hours(case: Case, needs: HoursOfMonth) -> tuple[MatterFact, ...]:
    """Say how many hours somebody worked in a month; said again, the last holds."""
    scheme, mine = scheme_of(case), chooser_of(case)
    if scheme.monthly is None:
        raise Refused(f"{scheme.id} pays no sum a month", clause=scheme.clause)
    month, _ = month_of(needs.month)
    said = mine.hours.get(month)
    if said is not None and (said.hours, said.full_hours) == (needs.hours, needs.full_hours):
        return ()
    return (
        f.HoursStated(
            **case.stamp(scheme.monthly),
            month_from=month,
            hours=needs.hours,
            full_hours=needs.full_hours,
        ),
    )
