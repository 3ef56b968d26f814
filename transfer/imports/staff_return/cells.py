"""What one cell of a staff return means: text, a date, a whole number, a part of full time.

Each function takes the cell's text, cleaned and not blank, and returns the value or raises
`CellFault` with the reason. Nothing here knows of columns, rows or other cells.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import get_args

from transfer.core.words import AssignmentName, StaffNumber
from transfer.imports.staff_return.columns import LONGEST_VALUE


class CellFault(ValueError):  # noqa: N818 - a fault of a cell, said to a person
    """Why a cell cannot be taken; a sentence without its subject, which is the column."""


def clean(cell: str, *, longest: int = LONGEST_VALUE) -> str:
    """The cell without surrounding blanks; line breaks and tabs inside become one blank.

    Raises `CellFault` for a NUL, another control character, or more than `longest` characters.
    """
    if not cell.isprintable():
        for character in cell:
            if character == "\0":
                raise CellFault("holds a NUL character")
            if unicodedata.category(character) == "Cc" and character not in "\t\n\r":
                raise CellFault(f"holds a control character (U+{ord(character):04X})")
        cell = " ".join(cell.split())
    cell = cell.strip()
    if len(cell) > longest:
        raise CellFault(f"is {len(cell)} characters long; at most {longest} are taken")
    return cell


_STAFF_NUMBER = re.compile(get_args(StaffNumber)[1].pattern)


def parse_staff_number(text: str) -> str:
    """A staff number: letters, digits, full stop, underscore and hyphen; at most 64 of them."""
    if not _STAFF_NUMBER.fullmatch(text):
        raise CellFault("is not a staff number (letters, digits, . _ - and at most 64 of them)")
    return text


def parse_text(text: str) -> str:
    """Free text, as it stands."""
    return text


# The 1900 date system of spreadsheets counts 1 January 1900 as day 1 and believes in a
# 29 February 1900 (day 60), so every later day is one ahead of the true count.
_SERIAL_DAY_0 = date(1899, 12, 30)
_FIRST_SERIAL = 10_000
_LAST_SERIAL = 73_415
_FIRST_FAR_SERIAL = (date(2200, 1, 1) - _SERIAL_DAY_0).days
_LAST_FAR_SERIAL = (date.max - _SERIAL_DAY_0).days
_FIRST_YEAR = 1900

_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_IN_FIGURES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
_SERIAL = re.compile(r"(\d{1,7})(?:\.(\d+))?", re.ASCII)


@lru_cache(maxsize=65_536)
def parse_date(text: str, *, month_first: bool = False) -> date:
    """A date: ISO, in figures (`01/04/2009`) or a spreadsheet's serial number (1900 system).

    In figures the day stands first unless the file has the month first. A serial number is taken
    from 10000 (18 May 1927) to 73415 (31 December 2100): a smaller one is far likelier a year, a
    larger one no date of anybody's work. Years before 1900 are refused.
    """
    if iso := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in iso.groups())
    elif parts := day_and_month(text):
        day, month, year = parts
        if month_first:
            day, month = month, day
    elif serial := _SERIAL.fullmatch(text):
        return _from_serial(int(serial[1]), serial[2] or "")
    else:
        raise CellFault("is not a date: 2009-04-01, 01/04/2009 or a spreadsheet's serial number")
    if year < _FIRST_YEAR:
        raise CellFault(f"is before {_FIRST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        first = "month" if month_first else "day"
        raise CellFault(f"is not a day of the calendar (the {first} comes first)") from None


def parse_end(text: str, *, month_first: bool = False) -> date:
    """A date on which something ends, which may be so far off that it stands for no end.

    Such a date may be a serial number too: 2958465 is 31 December 9999.
    """
    serial = _SERIAL.fullmatch(text)
    if serial and _FIRST_FAR_SERIAL <= int(serial[1]) <= _LAST_FAR_SERIAL:
        return _SERIAL_DAY_0 + timedelta(days=int(serial[1]))
    return parse_date(text, month_first=month_first)


def day_and_month(text: str) -> tuple[int, int, int] | None:
    """The three figures of a date such as `01/04/2009`, as they stand; `None` for anything else."""
    figures = _IN_FIGURES.fullmatch(text)
    return None if figures is None else (int(figures[1]), int(figures[3]), int(figures[4]))


def _from_serial(days: int, fraction: str) -> date:
    if not _FIRST_SERIAL <= days <= _LAST_SERIAL:
        raise CellFault(
            f"is a bare number outside the serial dates taken ({_FIRST_SERIAL} to {_LAST_SERIAL})"
        )
    if fraction.strip("0"):
        raise CellFault("is a serial date with a time of day")
    return _SERIAL_DAY_0 + timedelta(days=days)


# 1,000 may be a thousand as well, and says nothing.
_DECIMAL_COMMA = re.compile(
    r"-?(?:0?,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+)", re.ASCII
)


def no_number(text: str, reason: str) -> CellFault:
    """Why a cell is no number: a decimal comma, a percent sign or a fraction is named as such."""
    if _DECIMAL_COMMA.fullmatch(text):
        point = text.replace(".", "").replace(",", ".")
        return CellFault(f"has a decimal comma (here it is written {point}), and {reason}")
    if text.endswith("%"):
        return CellFault(f"is a percentage, and {reason}")
    if "/" in text:
        return CellFault(f"is a fraction, and {reason}")
    return CellFault(reason)


_WHOLE = re.compile(r"(\d{1,9})(?:\.0+)?", re.ASCII)


def parse_whole(text: str) -> int:
    """A whole number of at most nine digits; a spreadsheet's `4.0` is one."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise no_number(text, "is not a whole number")
    return int(found[1])


def parse_grade(text: str) -> str:
    """A band or a grade, `4` or `SCS1`; a spreadsheet's `4.0` is the band 4."""
    found = _WHOLE.fullmatch(text)
    return text if found is None else str(int(found[1]))


_ASSIGNMENT = re.compile(get_args(AssignmentName)[1].pattern)


def parse_assignment(text: str) -> str:
    """Which of somebody's concurrent jobs; in capitals it is the same one."""
    name = text.casefold()
    if not _ASSIGNMENT.fullmatch(name):
        raise CellFault("is not a name of letters, digits and hyphens, at most 32 of them")
    return name


_DECIMAL = re.compile(r"(\d*)\.?(\d*)", re.ASCII)


def parse_fte(text: str) -> str:
    """A part of full time from 0 (on call) to 1, its digits kept as given (`.60` is `0.60`)."""
    found = _DECIMAL.fullmatch(text)
    if found is None or not (found[1] or found[2]):
        raise no_number(text, "is not a decimal number such as 0.6")
    whole, fraction = found[1].lstrip("0") or "0", found[2]
    if whole != "0" and (whole != "1" or fraction.strip("0")):
        raise CellFault("is not from 0 (on call) to 1")
    return f"{whole}.{fraction}" if fraction else whole
