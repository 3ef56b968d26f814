"""The last day on which a claim can be made to an employment tribunal, and how it comes about.

The rules of this file
- A limit begins with its event: the act, the last act of a series, or the effective date of
  termination. That day counts. Where the day before it ends a short month there are two readings
  (`last_day_of_months_beginning_with`); the earlier is the safe one. Nothing rolls off a weekend.
- Day A is the day on which conciliation was asked for, day B the day on which its certificate was
  received. The days after A up to B are not counted, but only those after the event: a clock that
  has not begun to run cannot be stopped (HMRC v Garau; Raison v DF Capital Bank).
- After that, a limit that would end before so many months after B ends with these: one rule after
  the other, not the better of the two (Luton v Haque), and on the corresponding date (Tanveer).
- A limit that was over before day A stays over (EC-03). Of several conciliations in one matter the
  first alone counts (EC-04). Every respondent has a conciliation and a limit (EC-06).
- A certificate that is not on record is taken as received on the last day of the longest
  conciliation (CN-13). One that was received earlier makes the limit end earlier.

What the law is (lengths, days, names of provisions) comes from an edition, row by row, each with
the days on which it was known. Nothing here says what the law is, and nothing reads a clock.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, model_validator

from transfer.core.dating.calendars import Period
from transfer.core.refusals import Refused
from transfer.core.words import Frozen

_ONE_DAY = timedelta(days=1)


def _in_months(period: Period) -> Period:
    if period.months is None:
        raise ValueError(f"a limit is counted in months or years, not in {period.words}")
    return period


def _in_calendar_days(period: Period) -> Period:
    if period.unit == "wd":
        raise ValueError("a conciliation is not counted in working days")
    return period


Months = Annotated[Period, AfterValidator(_in_months)]
"""A period of months or years: `3m`, `1y`."""

CalendarDays = Annotated[Period, AfterValidator(_in_calendar_days)]
"""A period that needs no calendar: `1m`, `6w`, `14d`."""


class _Row(Frozen):
    """What is common to the rows of both tables.

    `provision` names the row's provision as people cite it. `begins` is the first day that the row
    is for, `None` for all days before the next row. `known_from` is the day since which people
    could know it (`None`: always) and `known_to` the first day on which they knew that it is not
    so, such as a day of commencement that was put off. `reported_only`: others say so, and the
    instrument was not read.
    """

    provision: str
    begins: date | None = None
    known_from: date | None = None
    known_to: date | None = None
    reported_only: bool = False

    def known(self, on: date | None) -> bool:
        """Whether the row was known on that day; `None` asks about all that is known."""
        if on is None:
            return self.known_to is None
        return (self.known_from or date.min) <= on < (self.known_to or date.max)

    @property
    def order(self) -> tuple[date, date]:
        """Which of two rows holds: the one that begins later, then the one known later."""
        return self.begins or date.min, self.known_from or date.min


class LimitRegime(_Row):
    """How long a claim can be made for events from `begins` on, the event's day included."""

    length: Months


class Extension(Frozen):
    """How a conciliation moves a limit, and by which provisions.

    `not_counted_by` leaves out the days of conciliation; `at_least_by` leaves at least `at_least`
    after the certificate. `longest` is how long a conciliation can last, and `prolonged_by` how
    much longer by agreement. It begins with the day on which it was asked for, unless
    `first_day_counts` is false.
    """

    not_counted_by: str
    at_least: Months
    at_least_by: str
    longest: CalendarDays
    prolonged_by: CalendarDays | None = None
    first_day_counts: bool = True

    def last_day(self, notified_on: date) -> date:
        """The last day of the longest conciliation that was asked for on that day."""
        first = notified_on if self.first_day_counts else notified_on + _ONE_DAY
        last = self.longest.beginning_with(first).safe
        return last if self.prolonged_by is None else self.prolonged_by.due_after(last)


class ConciliationRegime(_Row):
    """What a conciliation does to a limit that was asked for from `begins` on: `None`, nothing."""

    extension: Extension | None = None


class LimitLaw(Frozen):
    """The law of limits for one kind of claim: two tables of dated rows, in any order."""

    limits: tuple[LimitRegime, ...]
    conciliations: tuple[ConciliationRegime, ...] = ()

    @model_validator(mode="after")
    def _decides(self) -> Self:
        for rows in (self.limits, self.conciliations):
            if len({row.order for row in rows}) < len(rows):
                raise ValueError("two rows begin on one day and were known from one day")
        return self

    def read(self) -> "LimitLaw":
        """The same law without what is only reported."""
        return LimitLaw(
            limits=tuple(row for row in self.limits if not row.reported_only),
            conciliations=tuple(row for row in self.conciliations if not row.reported_only),
        )


class Conciliation(Frozen):
    """One conciliation with one respondent.

    `notified_on` is day A, `certified_on` day B (`None`: no certificate is on record). `effective`
    is whether it counts for this matter; `None` leaves that to EC-04. `because` is the reason of
    whoever decided it, a short clause such as `it was about another matter`.
    """

    notified_on: date
    certified_on: date | None = None
    effective: bool | None = None
    because: str = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.certified_on is not None and self.certified_on < self.notified_on:
            raise ValueError(
                f"a conciliation cannot end on {self.certified_on}, before {self.notified_on}"
            )
        return self


class Step(Frozen):
    """One step to the day: what happened in a sentence, from which day to which, by what."""

    what: str
    from_day: date
    to_day: date
    provision: str | None = None


class Reading(Frozen):
    """The last day by one reading of the law, and every step to it."""

    on: date
    steps: tuple[Step, ...]


class ClaimLimit(Frozen):
    """The last day of a claim against one respondent.

    `safe` is the day to act by; `later` the later reading, where it differs. `assumed` are days on
    which certificates were taken as received (CN-13). `reported` are provisions that the day rests
    on and that nobody read; `by_law_read` is then the safe day by what was read alone, `None` where
    that gives no day.
    """

    respondent: str
    event_on: date
    safe: Reading
    later: Reading | None = None
    assumed: tuple[date, ...] = ()
    reported: tuple[str, ...] = ()
    by_law_read: date | None = None


def claim_limits(
    event_on: date,
    *,
    law: LimitLaw,
    conciliations: Mapping[str, Sequence[Conciliation]],
    known_on: date | None = None,
) -> tuple[ClaimLimit, ...]:
    """The last day of a claim against each respondent, in the order given (EC-06).

    `conciliations` has every respondent, with none or several conciliations in any order.
    `known_on` asks for the law as it was known on a day. Raises `Refused` where the law as given
    has no row for a day. Sources: EC-02 to EC-07, TU-17, TU-22, CN-13.
    """
    return tuple(
        claim_limit(
            event_on, law=law, conciliations=those, respondent=respondent, known_on=known_on
        )
        for respondent, those in conciliations.items()
    )


def claim_limit(
    event_on: date,
    *,
    law: LimitLaw,
    conciliations: Sequence[Conciliation] = (),
    respondent: str = "",
    known_on: date | None = None,
) -> ClaimLimit:
    """The last day of a claim against one respondent; as `claim_limits`."""
    regime = _row_for(law.limits, event_on, known_on, "limit is known for an event")
    length = regime.length
    readings = length.beginning_with(event_on)
    both = f"{length.words} that begin with {event_on} end on"
    less_a_day = f"{both} {readings.later}, the corresponding date less a day."
    carried_on = f"{both} {readings.safe}, the corresponding date of the day before."
    if readings.safe == readings.later:
        less_a_day = carried_on = f"{both} {readings.safe}."
    found = []
    for on, said in ((readings.safe, carried_on), (readings.later, less_a_day)):
        count = _Count(event_on, on, law.conciliations, known_on)
        count.rows.append(regime)
        count.step(said, event_on, on, regime.provision)
        for conciliation in _that_count(count, conciliations):
            count.conciliate(conciliation)
        found.append(count)
    safe, later = found
    # Where one reading was over before day A the other may rest on more than it.
    rows = [row for each in found for row in each.rows if row.reported_only]
    reported = tuple(dict.fromkeys(row.provision for row in rows))
    return ClaimLimit(
        respondent=respondent,
        event_on=event_on,
        safe=safe.reading,
        later=None if later.on == safe.on else later.reading,
        assumed=tuple(sorted({*safe.assumed, *later.assumed})),
        reported=reported,
        by_law_read=_without_reports(event_on, law, conciliations, known_on) if reported else None,
    )


def _without_reports(
    event_on: date, law: LimitLaw, conciliations: Sequence[Conciliation], known_on: date | None
) -> date | None:
    try:
        read = claim_limit(event_on, law=law.read(), conciliations=conciliations, known_on=known_on)
    except Refused:
        return None
    return read.safe.on


_AnyRow = TypeVar("_AnyRow", bound=_Row)


def _row_for(rows: Sequence[_AnyRow], day: date, known_on: date | None, what: str) -> _AnyRow:
    found = [row for row in rows if row.known(known_on) and (row.begins or date.min) <= day]
    if not found:
        known = "" if known_on is None else f" as the law was known on {known_on}"
        raise Refused(f"no {what} of {day}{known}")
    return max(found, key=lambda row: row.order)


@dataclass
class _Count:
    """The count by one reading while it goes on: where it stands, and the steps so far."""

    event_on: date
    on: date
    table: Sequence[ConciliationRegime]
    known_on: date | None
    steps: list[Step] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    assumed: list[date] = field(default_factory=list)

    @property
    def reading(self) -> Reading:
        return Reading(on=self.on, steps=tuple(self.steps))

    def step(self, what: str, from_day: date, to_day: date, by: str | None = None) -> None:
        self.steps.append(Step(what=what, from_day=from_day, to_day=to_day, provision=by))

    def unmoved(self, why: str, by: str | None = None) -> None:
        self.step(why, self.on, self.on, by)

    def conciliate(self, one: Conciliation) -> None:
        asked = one.notified_on
        if self.on < asked:
            self.unmoved(f"The limit was over before conciliation was asked for on {asked}.")
            return
        regime = _row_for(self.table, asked, self.known_on, "rule on a conciliation")
        self.rows.append(regime)
        extension = regime.extension
        if extension is None:
            self.unmoved(f"A conciliation asked for on {asked} moves no limit.", regime.provision)
            return
        received = one.certified_on
        if received is None:
            received = extension.last_day(asked)
            self._assume(asked, received, regime.provision)
        self._leave_out(asked, received, extension)
        self._leave_at_least(received, extension)

    def _assume(self, asked: date, received: date, by: str) -> None:
        self.assumed.append(received)
        self.step(
            f"No certificate is on record. It is taken as received on {received}, the last day of "
            "the longest conciliation; one received earlier makes the limit end earlier.",
            asked,
            received,
            by,
        )

    def _leave_out(self, asked: date, received: date, extension: Extension) -> None:
        before = max(asked, self.event_on)
        days = (received - before).days
        if days > 0:
            which = f"The {days} days from {before + _ONE_DAY} to {received} are not counted."
            if days == 1:
                which = f"The day of {received} is not counted."
            moved = self.on + timedelta(days=days)
            self.step(which, self.on, moved, extension.not_counted_by)
            self.on = moved
        elif received > asked:
            self.unmoved(
                f"The conciliation ended on {received}, before the time ran: no day is left out.",
                extension.not_counted_by,
            )

    def _leave_at_least(self, received: date, extension: Extension) -> None:
        least = extension.at_least.due_after(received)
        if self.on < least:
            self.step(
                f"That is less than {extension.at_least.words} after the certificate of {received}:"
                f" the limit ends on {least}.",
                self.on,
                least,
                extension.at_least_by,
            )
            self.on = least


def _that_count(count: _Count, conciliations: Sequence[Conciliation]) -> Iterator[Conciliation]:
    """The conciliations that have an effect; each of the others becomes a step that says why."""
    begun = False
    for one in sorted(conciliations, key=lambda each: each.notified_on):
        of = f"The conciliation asked for on {one.notified_on}"
        if one.effective is False:
            count.unmoved(f"{of} does not count{f': {one.because}' if one.because else ''}.")
        elif begun and one.effective is None:
            count.unmoved(f"{of} is another in the same matter and does not count.")
        else:
            begun = True
            yield one
