"""What protected pay comes to, month by month: what is due, what was believed then, what was paid.

The rules of this file
- While a salary is protected, the higher of it and the pay point is paid (CN-9), for the part of a
  full time that the record has on the day, and on no day without an employer.
- A month is added up over its calendar days and rounded once (CN-5).
- What was believed of a month is what follows from what the office knew at its end. Where no
  payment of a month is on record, that is what it is taken to have paid.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from transfer.core.dating.calendars import months_after
from transfer.core.dating.effective_dating import Entries, Key, Kind, Period
from transfer.core.pay.money import Pounds
from transfer.core.pay.monthly import Rate, pay_by_month
from transfer.core.pay.protecting import higher_of
from transfer.core.words import MAIN, Facet, Frozen
from transfer.procedures.protection.protected import Protected, Stated, standing_on

_ONE_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


class MonthDue(Frozen):
    """One month: `protected` and `point` are what the protected salary and the pay point come to on
    the days that have one, and `due` the higher of the two, day by day.

    `days` are those on which something is known to be due, `protected_days` those protected.
    `by_later_reading` is what is due if the last day is read as the later one, where that differs.
    `believed_then` is what was due by what was known at the month's end, and `paid` what was paid,
    where payments are on record. `owed` is what is due less what was paid, or else less what was
    believed; `None` for a month that has not ended.
    """

    month: date
    days: int
    protected_days: int
    protected: Pounds
    point: Pounds
    due: Pounds
    by_later_reading: Pounds | None = None
    believed_then: Pounds | None = None
    paid: Pounds | None = None
    paid_on_account: Pounds | None = None
    owed: Pounds | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What was known of one protection on a day: `until` is the first day without it."""

    salaries: Sequence[Stated]
    points: Sequence[Stated]
    since: date | None
    until: date | None

    def protects(self, day: date) -> bool:
        """Whether a salary is protected on a day."""
        if self.since is None or day < self.since:
            return False
        return self.until is None or day < self.until


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days on which nothing changes: both sums a year, `None` for what is not known or not due."""

    first: date
    to: date
    fte: Decimal
    protected: Decimal | None
    point: Decimal | None

    @property
    def days(self) -> int:
        return (self.to - self.first).days

    @property
    def due(self) -> Decimal | None:
        known = [each for each in (self.protected, self.point) if each is not None]
        return higher_of(known[0], known[-1]) if known else None

    def rate(self, a_year: Decimal | None) -> Rate:
        return Rate(
            a_year=_NOTHING if a_year is None else a_year,
            effective_from=self.first,
            effective_to=self.to,
            fte=self.fte,
        )


def view_of(found: Protected, known_on: date = date.max) -> View:
    """What was known of a protection at the end of a day."""
    granted = found.granted if found.granted_known_on <= known_on else None
    lasts = found.lasts if found.length_known_on <= known_on else None
    if lasts is None and granted is not None:
        lasts = granted.lasts
    ended = found.ended if found.ended_known_on <= known_on else None
    ends = (
        None if lasts is None else lasts.until,
        None if ended is None else ended.effective_from,
    )
    return View(
        salaries=[each for each in found.salaries if each.known_on <= known_on],
        points=[each for each in found.points if each.known_on <= known_on],
        since=None if granted is None else granted.effective_from,
        until=min((day for day in ends if day is not None), default=None),
    )


def months_due(
    found: Protected, entries: Entries, first: date, last: date, known_on: date
) -> Iterator[MonthDue]:
    """Each whole month from that of `first` to that of `last`, as known on a day. Sources: CN-5,
    CN-9."""
    now = view_of(found)
    later = found.lasts.later
    by_later = None
    if later is not None and found.ended is None:
        by_later = replace(now, until=later + _ONE_DAY)
    month = first.replace(day=1)
    while month <= last:
        to = months_after(month, 1)
        yield _month(found, entries, (month, to), now, by_later, known_on)
        month = to


def _month(
    found: Protected,
    entries: Entries,
    days: tuple[date, date],
    now: View,
    by_later: View | None,
    known_on: date,
) -> MonthDue:
    month, to = days
    stretches = list(_stretches(now, entries, month, to))
    due = _sum([each.rate(each.due) for each in stretches], month, to)
    other = None if by_later is None else _due(by_later, entries, month, to)
    has_ended = to <= known_on
    believed = None
    if has_ended:
        then = view_of(found, to - _ONE_DAY)
        if then.points or then.since is not None:  # else nothing was known, which is not nothing
            believed = _due(then, entries, month, to)
    payments = [each for each in found.paid if each.month == month]
    paid = sum((each.paid for each in payments), _NOTHING) if payments else None
    advances = [each.paid for each in payments if each.on_account]
    had = believed if paid is None else paid
    return MonthDue(
        month=month,
        days=sum(each.days for each in stretches if each.due is not None),
        protected_days=sum(each.days for each in stretches if each.protected is not None),
        protected=_sum([each.rate(each.protected) for each in stretches], month, to),
        point=_sum([each.rate(each.point) for each in stretches], month, to),
        due=due,
        by_later_reading=None if other == due else other,
        believed_then=believed,
        paid=paid,
        paid_on_account=sum(advances, _NOTHING) if advances else None,
        owed=None if had is None or not has_ended else due - had,
    )


def _due(view: View, entries: Entries, month: date, to: date) -> Decimal:
    rates = [each.rate(each.due) for each in _stretches(view, entries, month, to)]
    return _sum(rates, month, to)


def _sum(rates: Sequence[Rate], month: date, to: date) -> Decimal:
    return pay_by_month(rates, month, to).total


def _stretches(view: View, entries: Entries, first: date, to: date) -> Iterator[_Stretch]:
    """The days of a month, apart where anything changes."""
    employed, ftes = _periods(entries, Facet.EMPLOYER), _periods(entries, Facet.FTE)
    edges = {first, to}
    edges |= {stated.effective_from for stated in (*view.salaries, *view.points)}
    edges |= {each.effective_from for each in (*employed, *ftes)}
    edges |= {day for each in (*employed, *ftes) if (day := each.effective_to) is not None}
    edges |= {day for day in (view.since, view.until) if day is not None}
    for start, end in pairwise(sorted(day for day in edges if first <= day <= to)):
        is_employed = _at(employed, start) is not None
        fte = _at(ftes, start)
        salary = standing_on(view.salaries, start) if view.protects(start) else None
        point = standing_on(view.points, start)
        yield _Stretch(
            first=start,
            to=end,
            fte=Decimal(1) if fte is None else Decimal(fte.value),
            protected=salary.a_year if salary is not None and is_employed else None,
            point=point.a_year if point is not None and is_employed else None,
        )


def _periods(entries: Entries, facet: Facet) -> Sequence[Period]:
    return entries.timeline(Key(Kind.FACET, MAIN, facet)).in_force


def _at(periods: Sequence[Period], day: date) -> Period | None:
    for each in periods:
        if each.effective_from <= day and (each.effective_to is None or day < each.effective_to):
            return each
    return None
