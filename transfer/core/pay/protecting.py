"""Pay that is protected: assimilation to a scale, and a protected salary that marks time.

A protected salary stays what it was while pay points move; total pay is the higher of the two
(CN-9). It is absorbed where the point overtakes it, and shows again where the point falls back.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from transfer.core.pay.money import Pounds, to_the_penny
from transfer.core.pay.monthly import Rate
from transfer.core.refusals import Refused
from transfer.core.words import Frozen


class Point(Frozen):
    """A pay point: its name in the scale, and what full-time work on it is paid a year."""

    name: str
    a_year: Pounds


class Assimilated(Frozen):
    """Where a former salary lands on a scale.

    `equivalent` is the former salary for the hours of the scale. `excess` lies above the top of the
    band and is protected, 0 where nothing does; `total` is paid: the point and the excess.
    """

    equivalent: Pounds
    point: Point
    excess: Pounds
    total: Pounds


def equivalent_salary(a_year: Decimal, *, hours: Decimal, at_hours: Decimal) -> Decimal:
    """A yearly salary for a full-time week of `hours`, as it would be for one of `at_hours`.

    Rounded to the penny, since it is stated to people. `Refused` for hours that are not above 0.
    Source: RE-04.
    """
    if hours <= 0 or at_hours <= 0:
        raise Refused(f"a full-time week has hours: {min(hours, at_hours)} is not above 0")
    return to_the_penny(Fraction(a_year) * Fraction(at_hours) / Fraction(hours))


def assimilate(
    a_year: Decimal, *, hours: Decimal, at_hours: Decimal, points: Sequence[Point]
) -> Assimilated:
    """Take a former salary over to the point of the band that is equal to it, or the next highest.

    `points` are those of the matched band, in any order; `hours` is the former full-time week and
    `at_hours` the scale's. Below the lowest point it is the lowest; above the top it is the top,
    and the rest is protected. `Refused` for a band without points. Source: RE-04.
    """
    if not points:
        raise Refused("the band has no pay points to assimilate to")
    equivalent = equivalent_salary(a_year, hours=hours, at_hours=at_hours)
    scale = sorted(points, key=lambda point: point.a_year)
    point = next((each for each in scale if each.a_year >= equivalent), scale[-1])
    total = higher_of(equivalent, point.a_year)
    return Assimilated(equivalent=equivalent, point=point, excess=total - point.a_year, total=total)


def higher_of(protected: Decimal, point: Decimal) -> Decimal:
    """Total pay a year where a salary is protected: it marks time (CN-9)."""
    return max(protected, point)


def marking_time(
    points: Sequence[Rate], protected: Decimal, *, effective_from: date, effective_to: date | None
) -> tuple[Rate, ...]:
    """The rates that are paid while a salary is protected, and before and after that.

    `points` are what the pay points are worth, as rates; `protected` is the salary a year for
    full-time work, from a day up to and excluding another (`None`: without an end that is known).
    A part-timer's share is of the higher. Source: CN-9.
    """
    until = effective_to or date.max
    paid: list[Rate] = []
    for rate in points:
        within = {day for day in (effective_from, until) if rate.effective_from < day < rate.until}
        for first, to in pairwise(sorted({rate.effective_from, rate.until, *within})):
            held = effective_from <= first < until
            part = {
                "a_year": higher_of(protected, rate.a_year) if held else rate.a_year,
                "effective_from": first,
                "effective_to": None if to == date.max else to,
            }
            paid.append(rate.model_copy(update=part))
    return tuple(paid)
