"""Dates and instants as people type them, into a form or on the command line.

a day       2014-06-01 · 01/06/2014 · 1.6.2014 · 1 June 2014 · 1 Jun 2014
an instant  any of these, which means the end of that day in London · 2014-06-10T14:02:00Z
"""

import re
from datetime import date, datetime

from transfer.core.dating.calendars import end_of_day_london
from transfer.core.dating.instants import parse_day, parse_instant

NOT_A_DAY = "Enter a date, such as 2014-06-01, 01/06/2014 or 1 June 2014"
NOT_AN_INSTANT = (
    "Enter a date, such as 10/06/2014, or an instant with its offset, "
    "such as 2014-06-10T14:02:00+01:00"
)

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
"""The names of the months, as they are compared."""
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})", re.ASCII)
_IN_WORDS = re.compile(r"([0-9]{1,2}) +([A-Za-z]{3,9}) +([0-9]{4})", re.ASCII)


def typed_day(text: str) -> date:
    """A date; raises `ValueError` with what to do instead."""
    day_first, in_words = _DAY_FIRST.fullmatch(text), _IN_WORDS.fullmatch(text)
    try:
        if day_first is not None:
            return date(int(day_first[4]), int(day_first[3]), int(day_first[1]))
        if in_words is not None:
            return date(int(in_words[3]), _month(in_words[2].lower()), int(in_words[1]))
        return parse_day(text)
    except ValueError:
        raise ValueError(NOT_A_DAY) from None


def typed_instant(text: str) -> datetime | None:
    """An instant; `None` for the end of all time, which is what is known now.

    Raises `ValueError` with what to do instead.
    """
    try:
        day = typed_day(text)
    except ValueError:
        pass
    else:
        return None if day == date.max else end_of_day_london(day)
    try:
        return parse_instant(text)
    except ValueError:
        raise ValueError(NOT_AN_INSTANT) from None


def _month(name: str) -> int:
    """The number of a month by its name or the first three letters of it."""
    for number, month in enumerate(MONTHS, start=1):
        if name in (month, month[:3]):
            return number
    raise ValueError(NOT_A_DAY)
