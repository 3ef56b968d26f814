"""Working days, notice periods and corresponding dates, for a given calendar edition.

The rules of this file
- A working day is not a Saturday, a Sunday or a bank holiday of England and Wales (with Good
  Friday and Christmas Day). No source of the field defines its own "working days" (inferred);
  days that one employer closes besides (privilege days) are given to the calendar.
- "Within N days of" leaves the day of the event out: 10 working days from Wednesday 13 November
  2013 end with Wednesday 27 November. So does "not less than N days before".
- A period of months or years ends on the corresponding date, or on the month's last day where
  there is none. A period "beginning with" a day ends a day sooner.
- Statutory limits do not roll forward off a weekend, so nothing here rolls.
- A period lasts until the end of its last day in London.

- After the last year of an edition its holidays go on as computed (`computed_holidays.py`). A
  deadline that was counted with such days says so: `ew-2026, computed beyond 2027`.

Nothing here reads a clock. A calendar is named by its edition so that a deadline can say which one
it was computed with; a year before the first edition is refused, never guessed.
"""

import calendar as _months
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, ModelWrapValidatorHandler, model_serializer, model_validator

from transfer.core.computed_holidays import computed_holidays
from transfer.core.dating.calendar_editions import (
    EDITIONS,
    FIRST_YEAR,
    LATEST_EDITION,
    Edition,
)
from transfer.core.refusals import Malformed, Refused
from transfer.core.words import Frozen

__all__ = [
    "EDITIONS",
    "LATEST_EDITION",
    "Calendar",
    "CountedAnew",
    "LastDay",
    "Period",
    "Unit",
    "count_anew",
    "date_in_london",
    "edition_known_on",
    "end_of_day_london",
    "in_london",
    "last_day_of_months_beginning_with",
    "months_after",
    "not_less_than_days_before",
    "start_of_day_london",
]

Unit = Literal["wd", "d", "w", "m", "y"]
"""Working days, days, weeks, months, years."""

_NAMES: Mapping[Unit, str] = {
    "wd": "working day",
    "d": "day",
    "w": "week",
    "m": "month",
    "y": "year",
}
_PERIOD = re.compile(rf"([1-9][0-9]{{0,2}})({'|'.join(get_args(Unit))})")
_ONE_DAY = timedelta(days=1)


def months_after(on: date, months: int) -> date:
    """The corresponding date so many calendar months after `on`, or that month's last day.

    31 January and one month is 28 February, or 29 in a leap year. `months` may be negative.
    """
    index = on.year * 12 + on.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(on.day, _months.monthrange(year, month)[1]))


def not_less_than_days_before(on: date, days: int) -> date:
    """The last day on which notice of not less than `days` before `on` can still be given.

    The day of the event is left out: not less than 7 days before 8 October is 1 October
    (Employment Tribunals Rules 2013, rule 4(4)).
    """
    _at_least(days, 0, "days of notice")
    return on - timedelta(days=days)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a period of months that begins with a given day, under two readings.

    They differ only where the day before the start ends a short month. `safe` is the earlier:
    the day to advise; `later` is shown beside it where it differs.
    """

    safe: date
    later: date


def last_day_of_months_beginning_with(start: date, months: int) -> LastDay:
    """The last day of "three months beginning with" `start`, and the like.

    One reading takes the corresponding date less a day, or the month's last day where there is no
    corresponding date; the other takes the corresponding date of the day before. Three months
    beginning with 1 March 2015 end on 31 May by the first, 28 May by the second. That the readings
    exist is sourced; which of them the judgments hold is general knowledge.
    """
    _at_least(months, 1, "months")
    corresponding = months_after(start, months)
    first = corresponding - _ONE_DAY if corresponding.day == start.day else corresponding
    second = months_after(start - _ONE_DAY, months)
    return LastDay(safe=min(first, second), later=max(first, second))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of England and Wales as one edition knows them.

    `edition` is an id such as `ew-2013-11`; an unknown one is `Refused`. `privilege_days` are days
    on which this employer is closed besides (none unless given). After the edition's last year the
    holidays are computed ones; a question that needs a year before the first edition is `Refused`.
    """

    edition: str
    privilege_days: frozenset[date] = frozenset()
    _days: frozenset[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.edition not in EDITIONS:
            raise Refused(
                f"no calendar edition {self.edition}; there are {', '.join(EDITIONS)}",
            )
        object.__setattr__(self, "_days", EDITIONS[self.edition].days | self.privilege_days)

    @property
    def last_proclaimed_year(self) -> int:
        """The last year whose holidays the edition has; those of later years are computed."""
        return EDITIONS[self.edition].last_year

    def is_working_day(self, on: date) -> bool:
        """Whether `on` is neither a Saturday or Sunday, nor a bank holiday or privilege day."""
        if on.year < FIRST_YEAR:
            raise Refused(
                f"calendar edition {self.edition} has no year {on.year} "
                f"(it begins with {FIRST_YEAR}): add an edition"
            )
        if on.weekday() >= 5 or on in self._days:
            return False
        return on.year <= self.last_proclaimed_year or on not in computed_holidays(on.year)

    def said_of(self, *days: date) -> str:
        """The edition, and that it was carried on where any of these days lies past its end:
        `ew-2026, computed beyond 2027`."""
        last = self.last_proclaimed_year
        if all(day.year <= last for day in days):
            return self.edition
        return f"{self.edition}, computed beyond {last}"

    def add_working_days(self, on: date, days: int) -> date:
        """The last of so many working days after `on`, which is itself left out.

        No days is `on` itself, working day or not.
        """
        _at_least(days, 0, "working days")
        return self._step(on, days, _ONE_DAY)

    def not_less_than_working_days_before(self, on: date, days: int) -> date:
        """The last day on which not less than so many working days' notice of `on` can be given.

        Counted back with the day of the event left out, so that the result is a working day.
        """
        _at_least(days, 0, "working days of notice")
        return self._step(on, days, -_ONE_DAY)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and including `end`.

        Negative where `end` is before `start`, by the same count the other way. So `end` is
        within N working days of `start` exactly where the answer is at most N.
        """
        if end < start:
            return -self.working_days_between(end, start)
        return sum(
            self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)
        )

    def not_less_than_days_before(self, on: date, days: int) -> date:
        """`not_less_than_days_before`: in calendar days, the same in every edition."""
        return not_less_than_days_before(on, days)

    def months_after(self, on: date, months: int) -> date:
        """`months_after`: the corresponding date, the same in every edition."""
        return months_after(on, months)

    def _step(self, on: date, days: int, step: timedelta) -> date:
        day = on
        while days:
            day += step
            days -= self.is_working_day(day)
        return day


class Period(Frozen):
    """A length of time with its unit, written `10wd`, `15d`, `2w`, `6m` or `3y`.

    In JSON it is that text, and it is read from it. `amount` is 1 to 999.
    """

    amount: int = Field(ge=1, le=999)
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read a period as it is written; `Malformed` where the text is not one."""
        found = _PERIOD.fullmatch(text.strip())
        if found is None:
            raise Malformed(
                f"{text!r} is not a period: a whole number from 1 to 999 and its unit, "
                "as in 10wd (working days), 15d, 2w, 6m or 3y",
                field="period",
            )
        for unit in get_args(Unit):
            if unit == found[2]:
                return cls(amount=int(found[1]), unit=unit)
        raise AssertionError(found[2])

    @model_validator(mode="wrap")
    @classmethod
    def _from_text(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, str):
            return handler(value)
        try:
            period = cls.parse(value)
        except Malformed as malformed:
            raise ValueError(malformed.reason) from None
        return handler({"amount": period.amount, "unit": period.unit})

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def words(self) -> str:
        """The period as a sentence says it: `10 working days`."""
        return f"{self.amount} {_NAMES[self.unit]}{'' if self.amount == 1 else 's'}"

    def due_after(self, on: date, calendar: Calendar | None = None) -> date:
        """The last day of the period that follows the event of `on`, the event's day left out.

        `Refused` for working days without a calendar.
        """
        match self.unit:
            case "wd":
                return _needed(calendar).add_working_days(on, self.amount)
            case "d":
                return on + timedelta(days=self.amount)
            case "w":
                return on + timedelta(weeks=self.amount)
            case "m":
                return months_after(on, self.amount)
            case "y":
                return months_after(on, 12 * self.amount)

    @property
    def months(self) -> int | None:
        """The period in calendar months; `None` where it is counted in days of some kind."""
        match self.unit:
            case "m":
                return self.amount
            case "y":
                return 12 * self.amount
            case _:
                return None

    def beginning_with(self, start: date, calendar: Calendar | None = None) -> LastDay:
        """The last day of the period that begins with `start`, which counts, by both readings.

        Only months and years have two. `Refused` for working days without a calendar.
        """
        if self.months is not None:
            return last_day_of_months_beginning_with(start, self.months)
        on = self.due_after(start - _ONE_DAY, calendar)
        return LastDay(safe=on, later=on)

    def latest_notice_of(self, on: date, calendar: Calendar) -> date:
        """The last day on which notice of not less than this period before `on` can be given."""
        match self.unit:
            case "wd":
                return calendar.not_less_than_working_days_before(on, self.amount)
            case "d":
                return not_less_than_days_before(on, self.amount)
            case "w":
                return not_less_than_days_before(on, 7 * self.amount)
            case "m":
                return months_after(on, -self.amount)
            case "y":
                return months_after(on, -12 * self.amount)

    def calendar_of(self, on: date, last_day: date, calendar: Calendar) -> str:
        """What a deadline says of its calendar: the edition, and if computed days were counted.

        `on` is the day of the event and `last_day` what came of it, before it or after. Only
        working days are counted with holidays.
        """
        return calendar.said_of(*((on, last_day) if self.unit == "wd" else ()))


@dataclass(frozen=True, slots=True)
class CountedAnew:
    """A deadline as one calendar counts it and as another does, and what each says of itself."""

    before: date
    after: date
    calendar_before: str
    calendar_after: str

    @property
    def moves(self) -> bool:
        """Whether the day is another one."""
        return self.before != self.after

    @property
    def rested_on_computed_days(self) -> bool:
        """Whether the earlier count used days that nobody had proclaimed."""
        return "computed" in self.calendar_before


def count_anew(
    period: Period, on: date, *, pinned: Calendar, known: Calendar, before_it: bool = False
) -> CountedAnew:
    """What a deadline comes to once a new edition is known: its old day and its new one.

    `on` is the day of the event that the period follows or, with `before_it`, of what notice must
    be given. Nothing is moved here: the new day goes on record by a fact, and the old one stays.
    """
    count = period.latest_notice_of if before_it else period.due_after
    before, after = count(on, pinned), count(on, known)
    return CountedAnew(
        before,
        after,
        period.calendar_of(on, before, pinned),
        period.calendar_of(on, after, known),
    )


def edition_known_on(on: date) -> Edition:
    """The last edition that was known on that day; `Refused` for a day before the first."""
    known = [edition for edition in EDITIONS.values() if edition.known_from <= on]
    if not known:
        first = next(iter(EDITIONS.values()))
        raise Refused(
            f"no calendar edition was known on {on}: the first, {first.id}, "
            f"is known from {first.known_from}; add an edition"
        )
    return known[-1]


def start_of_day_london(on: date) -> datetime:
    """The instant, in UTC, at which that date begins in London."""
    return datetime.combine(on, time.min, tzinfo=_london()).astimezone(UTC)


def morning_in_london(on: date) -> datetime:
    """The instant, in UTC, at which the clock of a practice stands on that date: nine o'clock."""
    return datetime.combine(on, time(9), tzinfo=_london()).astimezone(UTC)


def end_of_day_london(on: date) -> datetime:
    """The last instant, in UTC and to the microsecond, of that date in London.

    Not counted back from the next date: the last date of all has none.
    """
    return datetime.combine(on, time.max, tzinfo=_london()).astimezone(UTC)


def in_london(instant: datetime) -> datetime:
    """An instant as London's clocks showed it.

    The first 75 seconds of year 1 in UTC were still year 0 in London, which Python's dates do not
    have: an instant in them stays as it is, so that every instant has a date.
    """
    try:
        return instant.astimezone(_london())
    except OverflowError:
        return instant


def date_in_london(instant: datetime) -> date:
    """The date in London at an instant; every instant has one."""
    return in_london(instant).date()


@cache
def _london() -> ZoneInfo:
    # The zone's table is read at first use, not at import.
    return ZoneInfo("Europe/London")


def _needed(calendar: Calendar | None) -> Calendar:
    if calendar is None:
        raise Refused("working days are counted by a calendar")
    return calendar


def _at_least(amount: int, least: int, what: str) -> None:
    if amount < least:
        raise Refused(f"{what} cannot be fewer than {least}: {amount}")
