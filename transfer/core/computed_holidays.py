"""Bank holidays of England and Wales for years that nobody has proclaimed yet.

What the law and long practice give in any year: New Year's Day, Good Friday, Easter Monday, the
first and the last Monday of May, the last Monday of August, Christmas Day and Boxing Day, with a
substitute on the next free weekday where one of them falls on a weekend (Banking and Financial
Dealings Act 1971, Schedule 1; Good Friday and Christmas Day at common law; New Year's Day, the
early May day and some substitutes by yearly proclamation). A day that is moved or added for an
occasion cannot be computed: so whoever shows such a day says that it is not proclaimed yet
(`transfer.core.dating.calendars`).
"""

from datetime import date, timedelta
from functools import cache

_SATURDAY, _SUNDAY = 5, 6
_DECEMBER = 12


def easter_sunday(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the usual computation, good for any year)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    moon = (8 * century + 13) // 25
    epact = (19 * golden + century - leap_centuries - moon + 15) % 30
    leap_years, odd = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * leap_years - epact - odd) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def computed_holidays(year: int) -> frozenset[date]:
    """The weekdays of a year that are bank holidays unless something else is proclaimed."""
    easter = easter_sunday(year)
    new_year, christmas = date(year, 1, 1), date(year, _DECEMBER, 25)
    boxing = christmas + timedelta(days=1)
    # Where both would be kept on one day, they take that day and the next: which is which does not
    # matter here.
    christmas_kept, boxing_kept = _next_weekday(christmas), _next_weekday(boxing)
    if boxing_kept == christmas_kept:
        boxing_kept += timedelta(days=1)
    return frozenset(
        {
            _next_weekday(new_year),
            easter - timedelta(days=2),
            easter + timedelta(days=1),
            _first_monday(date(year, 5, 1)),
            _last_monday(date(year, 5, 31)),
            _last_monday(date(year, 8, 31)),
            christmas_kept,
            boxing_kept,
        }
    )


def _next_weekday(day: date) -> date:
    return day + timedelta(days={_SATURDAY: 2, _SUNDAY: 1}.get(day.weekday(), 0))


def _first_monday(first: date) -> date:
    return first + timedelta(days=-first.weekday() % 7)


def _last_monday(last: date) -> date:
    return last - timedelta(days=last.weekday())
