"""What yearly rates of pay come to month by month, and what is owed between two of them.

The rules of this file (CN-5, a convention: no source of the field says how)
- A month's pay is a twelfth of the year's. Part of a month is so many of its calendar days.
- A month is added up exactly and rounded half up to the penny once, at its end; a total is the sum
  of the rounded months.
- Arrears are the difference of two months' pay, each rounded, since each is on a payslip. Back pay
  is one sum a month, the difference of the rates, rounded once. The two can differ by a penny.
- Days are covered by one rate. A gap or an overlap is refused, not paid as nothing or twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, model_validator

from transfer.core.dating.calendars import months_after
from transfer.core.pay.money import Pounds, to_the_penny
from transfer.core.refusals import Refused
from transfer.core.words import Frozen

_ONE_DAY = timedelta(days=1)
_MONTHS_A_YEAR = 12

Share = Annotated[Decimal, Field(ge=0, le=1)]
"""Part of a full time, 0 to 1."""


class Rate(Frozen):
    """A yearly rate of pay from a day up to and excluding another (`None`: for good).

    `a_year` is what full-time work is paid; `fte` is the part of a full time that is worked.
    `called` says which point or band it is, where a table shows it.
    """

    a_year: Pounds
    effective_from: date
    effective_to: date | None = None
    fte: Share = Decimal(1)
    called: str = ""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError(f"a rate from {self.effective_from} ends after that day")
        return self

    @property
    def until(self) -> date:
        """The first day on which the rate no longer holds."""
        return self.effective_to or date.max


class MonthsPay(Frozen):
    """The pay of one month, or of the days of it that were asked about.

    `first` and `last` are both included; `pay` is rounded.
    """

    first: date
    last: date
    days: int
    pay: Pounds


class Pay(Frozen):
    """Pay month by month, and its total."""

    months: tuple[MonthsPay, ...]
    total: Pounds


class MonthsArrears(Frozen):
    """One month before a change and after it; `difference` is owed to the person if positive."""

    first: date
    last: date
    days: int
    was: Pounds
    now: Pounds
    difference: Pounds


class Arrears(Frozen):
    """Arrears month by month, and their total."""

    months: tuple[MonthsArrears, ...]
    total: Pounds


class AssertedBackPay(Frozen):
    """What is owed if it is owed from the day that somebody asserts."""

    by: str
    effective_from: date
    owed: Pay


def pay_by_month(rates: Sequence[Rate], effective_from: date, effective_to: date) -> Pay:
    """What the rates come to from a day up to and excluding another, month by month.

    Rates may be given in any order. `Refused` where a day has no rate, or two, and where no day is
    asked about. Source: CN-5.
    """
    return _summed(
        MonthsPay(
            first=first,
            last=to - _ONE_DAY,
            days=(to - first).days,
            pay=to_the_penny(_exactly(rates, first, to)),
        )
        for first, to in _months(effective_from, effective_to)
    )


def back_pay(
    paid: Sequence[Rate], due: Sequence[Rate], effective_from: date, effective_to: date
) -> Pay:
    """What is owed where other rates were due than were paid, month by month.

    From the day that back pay begins, up to and excluding the day from which what is due is paid.
    A month in which more was paid than was due is negative. `Refused` as `pay_by_month`. Sources:
    E3-07, CN-5.
    """
    return _summed(
        MonthsPay(
            first=first,
            last=to - _ONE_DAY,
            days=(to - first).days,
            pay=to_the_penny(_exactly(due, first, to) - _exactly(paid, first, to)),
        )
        for first, to in _months(effective_from, effective_to)
    )


def back_pay_as_asserted(
    paid: Sequence[Rate],
    due: Sequence[Rate],
    *,
    asserted: Mapping[str, date],
    effective_to: date,
) -> tuple[AssertedBackPay, ...]:
    """`back_pay` from each day that somebody asserts, by who asserts it, in the order given."""
    return tuple(
        AssertedBackPay(by=by, effective_from=day, owed=back_pay(paid, due, day, effective_to))
        for by, day in asserted.items()
    )


def arrears(
    was: Sequence[Rate], now: Sequence[Rate], effective_from: date, effective_to: date
) -> Arrears:
    """What a change of rates backwards comes to: each month as it was paid, as it is, and between.

    From a day up to and excluding another; negative where too much was paid. `Refused` as
    `pay_by_month`. Sources: RE-07, RE-10, CN-5.
    """
    paid = pay_by_month(was, effective_from, effective_to)
    due = pay_by_month(now, effective_from, effective_to)
    months = tuple(
        MonthsArrears(
            first=old.first,
            last=old.last,
            days=old.days,
            was=old.pay,
            now=new.pay,
            difference=new.pay - old.pay,
        )
        for old, new in zip(paid.months, due.months, strict=True)
    )
    return Arrears(months=months, total=due.total - paid.total)


def _summed(months: Iterator[MonthsPay]) -> Pay:
    those = tuple(months)
    return Pay(months=those, total=sum((month.pay for month in those), Decimal(0)))


def _months(effective_from: date, effective_to: date) -> Iterator[tuple[date, date]]:
    """The months of a stretch of days, each from its first day to the day after its last."""
    if effective_to <= effective_from:
        raise Refused(f"there is no day from {effective_from} up to {effective_to}")
    first = effective_from
    while first < effective_to:
        to = min(months_after(first.replace(day=1), 1), effective_to)
        yield first, to
        first = to


def _exactly(rates: Sequence[Rate], first: date, to: date) -> Fraction:
    """What the rates come to within one month, not rounded."""
    of_month = (months_after(first.replace(day=1), 1) - first.replace(day=1)).days
    total = Fraction(0)
    day = first
    for rate in sorted(rates, key=lambda each: each.effective_from):
        begins, ends = max(rate.effective_from, first), min(rate.until, to)
        if begins >= ends:
            continue
        if begins < day:
            raise Refused(f"two rates of pay hold on {begins}")
        if begins > day:
            break
        part = Fraction((ends - begins).days, of_month)
        total += Fraction(rate.a_year) * Fraction(rate.fte) * part / _MONTHS_A_YEAR
        day = ends
    if day < to:
        raise Refused(f"no rate of pay is known for {day}")
    return total
