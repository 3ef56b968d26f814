"""A monthly allowance for somebody who worked part of the month: both ways of counting it.

The payment of 2020 was "pro rata" and said no more (CV-02), so neither way is the right one: both
are shown.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from transfer.core.dating.calendars import months_after
from transfer.core.pay.money import Pounds, to_the_penny
from transfer.core.refusals import Refused
from transfer.core.words import Frozen


class ProRata(Frozen):
    """A month's allowance by the hours worked and by the days, each rounded half up once."""

    by_hours: Pounds
    by_days: Pounds


def pro_rata(
    a_month: Decimal, *, month: date, hours: Decimal, full_hours: Decimal, days: int
) -> ProRata:
    """What is due of an allowance of `a_month` pounds for the month that `month` lies in.

    `hours` were worked of `full_hours` (or 0.6 of 1, for a part of a full time); `days` are the
    calendar days of the month on which somebody was entitled. `Refused` where more is given than
    the whole, or less than nothing. Sources: CV-02, CN-5.
    """
    first = month.replace(day=1)
    of_month = (months_after(first, 1) - first).days
    if not 0 <= days <= of_month:
        raise Refused(f"{days} days are not of a month of {of_month} days")
    if full_hours <= 0 or not 0 <= hours <= full_hours:
        raise Refused(f"{hours} hours are not part of {full_hours} hours")
    whole = Fraction(a_month)
    return ProRata(
        by_hours=to_the_penny(whole * Fraction(hours) / Fraction(full_hours)),
        by_days=to_the_penny(whole * Fraction(days, of_month)),
    )
