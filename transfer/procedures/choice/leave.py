"""Leave and hours of one person in a round, where its scheme has them.

They are on record as terms with days, and can be put right afterwards: what was answered before
stays as it was known then.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import LeaveKind
from transfer.procedures.choice.round import Chooser, Leave, chooser_of, month_of, scheme_of
from transfer.procedures.choice.telling import not_employed

MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True)]


class LeaveDays(Frozen):
    """Which leave, and from which day up to and excluding which.

    `can_work` is whether they can work, from home or otherwise, where that has been asked.
    """

    leave: str = Field(min_length=1)
    effective_from: date
    effective_to: date
    can_work: bool | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to <= self.effective_from:
            raise ValueError("effective_to is the first day after it: later than effective_from")
        return self


class LeavePutRight(Frozen):
    """Which leave, the day on which it begins on record, and its right days.

    `leave_now` is which leave it really was, where that is another. Without days it keeps those
    that it has; where no other leave is named either, there was no such leave. `can_work` is
    whether they could work, from home or otherwise, where that has been asked.
    """

    leave: str = Field(min_length=1)
    began: date
    effective_from: date | None = None
    effective_to: date | None = None
    leave_now: MayBeSaid = ""
    can_work: bool | None = None

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
    _require_cannot_work(leave, can_work=needs.can_work)
    require(_in_the_way(mine.leaves, leave, needs.effective_from, needs.effective_to))
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
    """Put a leave right: its days, or which leave it was; or say that there was none.

    Raises `Refused` where no such leave is on record, unless just this was put right already; and
    where another leave has one of the days.
    """
    scheme, mine = scheme_of(case), chooser_of(case)
    was = scheme.leave(needs.leave)
    leave = scheme.leave(needs.leave_now or needs.leave)
    found = mine.leave(was.id, needs.began)
    days = (needs.effective_from, needs.effective_to)
    if found is None:
        before = _put_right(mine, was.id, needs.began)
        if before is None:
            raise Refused(f"no {was.id} from {needs.began} is on record", clause=was.clause)
        if leave.id != was.id and needs.effective_from is None:
            days = (before.before_from, before.before_to)
        if (before.leave, before.effective_from, before.effective_to) == (leave.id, *days):
            return ()
        raise Refused(f"that was put right already: {f.put_right(before)}", clause=was.clause)
    if leave.id != was.id and needs.effective_from is None:
        days = (found.effective_from, found.effective_to)
    if leave.id == was.id and days == (found.effective_from, found.effective_to):
        return ()
    first, end = days
    if first is not None and end is not None:
        _require_cannot_work(leave, can_work=needs.can_work)
        others = [each for each in mine.leaves if each is not found]
        require(_in_the_way(others, leave, first, end))
    return (
        f.LeaveCorrected(
            **case.stamp(leave.clause),
            leave=leave.id,
            term=leave.term,
            value=leave.value,
            before_from=found.effective_from,
            before_to=found.effective_to,
            effective_from=first,
            effective_to=end,
            was=was.id if leave.id != was.id else "",
            was_term=was.term if leave.id != was.id else "",
        ),
    )


def _put_right(mine: Chooser, leave: str, began: date) -> f.LeaveCorrected | None:
    """The last correction of a leave that began on a day, as it was on record until then."""
    found = (
        each
        for each in reversed(mine.corrected)
        if (each.was or each.leave, each.before_from) == (leave, began)
    )
    return next(found, None)


def _require_cannot_work(leave: LeaveKind, *, can_work: bool | None) -> None:
    if leave.cannot_work and can_work:
        raise Refused(f"who can work is not on {leave.id}", clause=leave.clause)


def _in_the_way(
    leaves: Iterable[Leave], leave: LeaveKind, first: date, end: date
) -> Iterator[Failure]:
    """Each leave on record that has one of these days."""
    for each in leaves:
        if each.days_within(first, end):
            yield Failure(
                f"{each.leave} is on record from {each.effective_from} to {each.effective_to}",
                leave.clause,
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
