"""How a day is found: once, in a decision; the fact keeps what came of it.

A later change of this file, of an edition or of a calendar therefore moves no deadline that has
been published. What an edition says is a `Reckoning`; what it comes to is a `Reckoned`.

- *After* an event leaves the event's own day out (CN-2, and "within N days of").
- *Not less than* so long *before* an event leaves the event's day out too. Read as clear days it
  is a day earlier: that is the cautious day, not the deadline (CN-12).
- *Beginning with* a day ends a day sooner, and has two readings where the day before ends a short
  month (CN-3): the earlier one is the one to act by.
- "Days" without a unit are calendar days; the working-day reading is shown beside it (CN-6).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen

_ONE_DAY = timedelta(days=1)


class Counting(StrEnum):
    """How a length of time is counted from its event."""

    AFTER = "after"
    NOT_LESS_THAN_BEFORE = "not-less-than-before"
    BEGINNING_WITH = "beginning-with"


class Reckoning(Frozen):
    """What an edition says of a day: so long, counted so.

    `unit_stated` is false where the source says "days" and no more.
    """

    length: Period
    counting: Counting = Counting.AFTER
    unit_stated: bool = True


class HangsOn(Frozen):
    """What a day follows, whenever that moves; with several, the latest.

    `milestone`: the day of that milestone. `after`: the day after each of these milestones.
    `day_after`: the day after the last day of each of these rights. `once_done`: no day while one
    of these is open, then the day it was done.
    """

    milestone: str | None = None
    after: tuple[str, ...] = ()
    day_after: tuple[str, ...] = ()
    once_done: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _on_something(self) -> Self:
        if not (self.milestone or self.after or self.day_after or self.once_done):
            raise ValueError("a day hangs on a milestone, on rights or on what has to be done")
        return self


class Reckoned(Frozen):
    """A day as a fact keeps it: found once, or hanging on something that may move.

    `on` is the last day (the day itself for an act); `None` is no day at all, or one that hangs.
    `safe` is an earlier, cautious day to act by and `later` the later reading, where they differ.
    """

    on: date | None = None
    safe: date | None = None
    later: date | None = None
    hangs_on: HangsOn | None = None
    calendar: str | None = None
    basis: Basis = Basis()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.on is not None:
            if self.safe is not None and self.safe >= self.on:
                raise ValueError(f"a cautious day is earlier than {self.on}: {self.safe}")
            if self.later is not None and self.later <= self.on:
                raise ValueError(f"a later reading is later than {self.on}: {self.later}")
        elif self.safe is not None or self.later is not None:
            raise ValueError("two readings are of a day")
        return self

    @property
    def last(self) -> date | None:
        """The last day under any reading: a right lapses after it, and not before."""
        return self.later or self.on


def fixed(on: date, basis: Basis) -> Reckoned:
    """A day that a source gives as it is."""
    return Reckoned(on=on, basis=basis)


def hanging(
    basis: Basis,
    *,
    milestone: str | None = None,
    after: tuple[str, ...] = (),
    day_after: tuple[str, ...] = (),
    once_done: tuple[str, ...] = (),
) -> Reckoned:
    """A day that follows others, whenever they move (see `HangsOn`)."""
    hangs_on = HangsOn(milestone=milestone, after=after, day_after=day_after, once_done=once_done)
    return Reckoned(hangs_on=hangs_on, basis=basis)


def reckon(
    reckoning: Reckoning,
    event_on: date,
    *,
    calendar: Calendar,
    basis: Basis,
    published: Iterable[date] = (),
    held: Iterable[tuple[date, date]] = (),
) -> Reckoned:
    """The day that a reckoning gives for an event.

    `published` are days given to the same people before: nobody loses a day, so the latest holds.
    `held` are the stretches, both days included, in which a hold stopped the clock.
    What is counted in working days names its calendar, and says where that was carried on beyond
    the days that were proclaimed. Raises `Refused` where the calendar does not reach.
    """
    length = reckoning.length
    safe: date | None = None
    match reckoning.counting:
        case Counting.AFTER:
            on = later = length.due_after(event_on, calendar)
            if length.unit == "d" and not reckoning.unit_stated:
                later = calendar.add_working_days(event_on, length.amount)
        case Counting.NOT_LESS_THAN_BEFORE:
            on = later = length.latest_notice_of(event_on, calendar)
            safe = _a_day_sooner(length, event_on, calendar)
        case Counting.BEGINNING_WITH:
            readings = length.beginning_with(event_on, calendar)
            on, later = readings.safe, readings.later
    names_calendar = length.unit == "wd" or later != on
    if reckoning.counting is not Counting.NOT_LESS_THAN_BEFORE:
        for first, last in held:
            on = _resumed(on, first, last, length, calendar)
            later = _resumed(later, first, last, length, calendar)
        on, later = max([on, *published]), max([later, *published])
    pinned = calendar.said_of(event_on, on, later) if names_calendar else None
    return Reckoned(
        on=on,
        safe=None if safe == on else safe,
        later=None if later == on else later,
        calendar=pinned,
        basis=basis,
    )


def _a_day_sooner(length: Period, before: date, calendar: Calendar) -> date:
    if length.unit == "wd":
        return calendar.not_less_than_working_days_before(before, length.amount + 1)
    return length.latest_notice_of(before, calendar) - _ONE_DAY


def _resumed(last_day: date, first: date, last: date, length: Period, calendar: Calendar) -> date:
    """The last day of a length of time that was stopped from `first` to `last`."""
    if last < first:
        raise Refused(f"a hold that ends on {last} cannot begin on {first}")
    if last_day < first:
        return last_day
    if length.unit == "wd":
        stopped = calendar.working_days_between(first - _ONE_DAY, last)
        return calendar.add_working_days(last_day, stopped)
    return last_day + (last - first + _ONE_DAY)


def latest(*days: Reckoned) -> Reckoned:
    """Of several days published to the same people the latest, by any reading."""
    dated = [day for day in days if day.last is not None]
    if not dated:
        raise ValueError("none of these is a day")
    return max(dated, key=lambda day: (day.last, day.on))
