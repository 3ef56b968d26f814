"""Dates and instants as this API reads and writes them.

A date is ISO 8601, `YYYY-MM-DD`, and nothing else. An instant is RFC 3339 with an offset; one that
is finer than a microsecond is truncated. Instants are written in UTC with six digits of fraction.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
# A plus sign that nobody escaped reaches us as a space.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+\- ])([0-9]{2}):([0-9]{2}))",
    re.ASCII,
)

LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


def parse_day(text: object) -> date:
    """A date from `YYYY-MM-DD`; raises `ValueError` for anything else."""
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    match = _DAY.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("not a date of the form YYYY-MM-DD")
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise ValueError("no such day in the calendar") from None


def parse_instant(text: object) -> datetime:
    """An instant in UTC from RFC 3339; raises `ValueError` for anything else.

    One after the year 9999 in UTC becomes the last instant of it: it is later than any record.
    """
    if isinstance(text, datetime):
        return text
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            "not an instant of the form 2014-06-10T12:00:00Z or 2014-06-10T12:00:00+01:00 "
            "(RFC 3339; the offset is needed)"
        )
    day, hour, minute, second, fraction, sign, ahead_hours, ahead_minutes = match.groups()
    if second == "60":
        raise ValueError("leap seconds are not kept: give the second before or after")
    try:
        local = datetime(
            *parse_day(day).timetuple()[:3],
            int(hour),
            int(minute),
            int(second),
            int((fraction or "")[:6].ljust(6, "0")),
            tzinfo=UTC,
        )
    except ValueError:
        raise ValueError("no such date or time of day") from None
    if sign is None:
        return local
    if int(ahead_hours) > 23 or int(ahead_minutes) > 59:
        raise ValueError("the offset is not between -23:59 and +23:59")
    ahead = timedelta(hours=int(ahead_hours), minutes=int(ahead_minutes))
    try:
        return local.replace(tzinfo=timezone(-ahead if sign == "-" else ahead)).astimezone(UTC)
    except OverflowError:
        if sign == "-":
            return LAST_INSTANT
        raise ValueError("before the year 1 in UTC") from None


def print_instant(instant: datetime) -> str:
    """In UTC, with six digits of fraction."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


Day = Annotated[
    date,
    BeforeValidator(parse_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2014-06-01"]}),
]

Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant),
    PlainSerializer(print_instant, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2014-06-10T09:30:00.000000Z"]}
    ),
]
