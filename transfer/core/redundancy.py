"""What a redundancy scheme pays: weeks of pay for each year of service, up to a most.

The day on which service began is asserted by others and often disputed; so an answer says which day
it was counted from.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from transfer.core.dating.calendars import last_day_of_months_beginning_with
from transfer.core.pay.money import Pounds, to_the_penny
from transfer.core.record.full_time import plain
from transfer.core.refusals import Refused
from transfer.core.words import Frozen

_MONTHS_A_YEAR = 12

Weeks = Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=3)]
"""Weeks of pay; a part of a week is a decimal, such as 4.5."""


class PartYears(StrEnum):
    """What becomes of service beyond the last whole year."""

    LEFT_OUT = "left out"
    BY_MONTHS = "a twelfth of a year for each complete month"


class Scheme(Frozen):
    """A redundancy scheme as an edition has it (`most_weeks` `None`: without a most)."""

    weeks_a_year: Weeks
    most_weeks: Weeks | None = None
    part_years: PartYears = PartYears.LEFT_OUT


class Entitlement(Frozen):
    """What a scheme gives to somebody, and what it was counted from.

    `years` are complete ones, `months` the complete months beyond them. `weeks_of_service` is
    before the most, `weeks` after it; both are shown to four places, and exact where they fit.
    """

    service_from: date
    last_day: date
    years: int
    months: int
    weeks_of_service: Decimal
    weeks: Decimal
    capped: bool


class Settlement(Frozen):
    """The sum due beside the sum paid; `short` is negative where more was paid than was due."""

    entitlement: Entitlement
    weeks_pay: Pounds
    due: Pounds
    paid: Pounds
    short: Pounds


def complete_months(service_from: date, last_day: date) -> int:
    """The complete months of service from its first day to its last, both included.

    A month is complete on the day before the corresponding date: service from 1 June 2014 has a
    year on 31 May 2015. `Refused` where service ends before it begins.
    """
    if last_day < service_from:
        raise Refused(f"service that begins on {service_from} cannot end on {last_day}")
    months = (last_day.year - service_from.year) * _MONTHS_A_YEAR
    months += last_day.month - service_from.month + 1
    while months and last_day_of_months_beginning_with(service_from, months).later > last_day:
        months -= 1
    return months


def entitlement(scheme: Scheme, *, service_from: date, last_day: date) -> Entitlement:
    """The weeks of pay that a scheme gives for service up to the last day in post.

    `service_from` is the first day of continuous service. Whole years count, unless the scheme
    counts months. `Refused` as `complete_months`. Sources: TR-07, TR-07c.
    """
    earned, weeks, (years, months) = _exactly(scheme, service_from, last_day)
    return Entitlement(
        service_from=service_from,
        last_day=last_day,
        years=years,
        months=months,
        weeks_of_service=_shown(earned),
        weeks=_shown(weeks),
        capped=weeks < earned,
    )


def settle(
    scheme: Scheme, *, service_from: date, last_day: date, weeks_pay: Decimal, paid: Decimal
) -> Settlement:
    """What is due at a week's pay in pounds, rounded half up once, and what of it was not paid.

    `Refused` as `entitlement`. Sources: TR-07, TR-07c, CN-5.
    """
    _, weeks, _ = _exactly(scheme, service_from, last_day)
    due = to_the_penny(weeks * Fraction(weeks_pay))
    return Settlement(
        entitlement=entitlement(scheme, service_from=service_from, last_day=last_day),
        weeks_pay=weeks_pay,
        due=due,
        paid=paid,
        short=due - paid,
    )


def _exactly(
    scheme: Scheme, service_from: date, last_day: date
) -> tuple[Fraction, Fraction, tuple[int, int]]:
    """The weeks before and after the most, and the complete years and months behind them."""
    years, months = divmod(complete_months(service_from, last_day), _MONTHS_A_YEAR)
    counted = Fraction(years)
    if scheme.part_years is PartYears.BY_MONTHS:
        counted += Fraction(months, _MONTHS_A_YEAR)
    earned = Fraction(scheme.weeks_a_year) * counted
    most = earned if scheme.most_weeks is None else Fraction(scheme.most_weeks)
    return earned, min(earned, most), (years, months)


def _shown(weeks: Fraction) -> Decimal:
    return Decimal(plain(Decimal(int(weeks * 10_000 + Fraction(1, 2))).scaleb(-4)))
