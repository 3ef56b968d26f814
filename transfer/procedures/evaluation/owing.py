"""The band that was due to somebody and the band that was paid, and what lies between the two.

The rules of this file
- What was paid on a day is the band that the record has as paid, or else the band.
- By a day that somebody asserts the higher band was due from then on; before it what was paid.
- Full-time pay is what was stated for the band; a part-timer has their part, and nobody is owed
  anything for days without an employer. Months are added up as CN-5 says.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from transfer.core.dating.calendars import months_after
from transfer.core.dating.effective_dating import Entries, Key, Kind, Period
from transfer.core.pay.monthly import Pay, Rate, back_pay
from transfer.core.refusals import Refused
from transfer.core.words import MAIN, Facet
from transfer.procedures.evaluation.job import Holder

_ONE_DAY = timedelta(days=1)


def band_paid(entries: Entries, day: date) -> str | None:
    """The band by which somebody was paid on a day; `None` without an employer or a band."""
    if _at(_periods(entries, Facet.EMPLOYER), day) is None:
        return None
    return _at(_periods(entries, Facet.PAID_BAND), day) or _at(_periods(entries, Facet.BAND), day)


def ends_of_months(first: date, last: date) -> Iterator[date]:
    """The last day of each month from that of `first` on, none after `last`."""
    month = first.replace(day=1)
    while (end := months_after(month, 1) - _ONE_DAY) <= last:
        yield end
        month = end + _ONE_DAY


def owed_from(
    mine: Holder, entries: Entries, effective_from: date, effective_to: date, band: str, before: str
) -> Pay:
    """Back pay month by month, in pounds, from a day up to and excluding another.

    `before` is the band by which they are taken to have been paid where the record names none.
    Raises `Refused` where what a band is worth was not stated. Sources: E3-07, CN-5.
    """
    if effective_to <= effective_from:
        return Pay(months=(), total=Decimal("0.00"))
    paid: list[Rate] = []
    due: list[Rate] = []
    for first, to in _stretches(mine, entries, effective_from, effective_to):
        was = band_paid(entries, first) or before
        is_employed = _at(_periods(entries, Facet.EMPLOYER), first) is not None
        fte = Decimal(_at(_periods(entries, Facet.FTE), first) or 1)
        for rates, of in ((paid, was), (due, band)):
            a_year = _worth(mine, of, first) if is_employed else Decimal(0)
            rates.append(
                Rate(a_year=a_year, effective_from=first, effective_to=to, fte=fte, called=of)
            )
    return back_pay(paid, due, effective_from, effective_to)


def _worth(mine: Holder, band: str, day: date) -> Decimal:
    """What a band is worth a year on a day: what was stated for it last."""
    said = [each for each in mine.pay if each.band == band and each.effective_from <= day]
    if not said:
        raise Refused(f"what Band {band} is worth on {day} was not stated (state-pay)")
    return max(enumerate(said), key=lambda each: (each[1].effective_from, each[0]))[1].a_year


def _stretches(
    mine: Holder, entries: Entries, first: date, to: date
) -> Iterator[tuple[date, date]]:
    """The days, apart where anything changes."""
    edges = {first, to, *(each.effective_from for each in mine.pay)}
    for facet in (Facet.EMPLOYER, Facet.FTE, Facet.BAND, Facet.PAID_BAND):
        for each in _periods(entries, facet):
            edges.add(each.effective_from)
            if each.effective_to is not None:
                edges.add(each.effective_to)
    yield from pairwise(sorted(day for day in edges if first <= day <= to))


def _periods(entries: Entries, facet: Facet) -> Sequence[Period]:
    return entries.timeline(Key(Kind.FACET, MAIN, facet)).in_force


def _at(periods: Sequence[Period], day: date) -> str | None:
    for each in periods:
        if each.effective_from <= day and (each.effective_to is None or day < each.effective_to):
            return each.value
    return None
