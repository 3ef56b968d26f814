"""The two clocks as areas: on which days, and known from when until when, the record gave a value.

An area is a rectangle: a period of one key (`effective_dating.py`), for as long as the record
answered exactly that period. A change effective later cuts the period before it short, so the area
of that ends when the change is recorded and one with an earlier last day begins. The areas of a key
never overlap; where none lies, the record gave no value.

Entries come in, in log order, and areas come out: nothing here reads a clock or a log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from transfer.core.dating.effective_dating import Entries, Entry, Key, Period, PeriodId, period_of


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A value on the days from `effective_from`, as the record told it from `recorded_from`.

    `effective_to` and `recorded_to` are excluded; `None` is open. `event_id`, `corrected_by` and
    `temporary` are those of the period. `corrects` and `corrected_away` say that the area begins,
    or ends, because a correction or an annulment was recorded then, and not merely something new.
    """

    value: str
    effective_from: date
    effective_to: date | None
    recorded_from: datetime
    recorded_to: datetime | None
    event_id: UUID
    corrected_by: UUID | None = None
    temporary: bool = False
    corrects: bool = False
    corrected_away: bool = False

    def covers(self, effective_at: date, known_at: datetime) -> bool:
        """Whether the record, known at that instant, gave this value for that day."""
        return (
            self.effective_from <= effective_at
            and (self.effective_to is None or effective_at < self.effective_to)
            and self.recorded_from <= known_at
            and (self.recorded_to is None or known_at < self.recorded_to)
        )


def rectangles(entries: Iterable[Entry], key: Key) -> tuple[Rectangle, ...]:
    """Every area of a key, from one stream's entries in log order.

    They come by the instant from which they were known, then by their first day. Entries of one
    instant are one command's: there is no knowledge time between them, and no area either.
    """
    found: list[Rectangle] = []
    held: dict[PeriodId, Rectangle] = {}
    known = Entries()
    for recorded_at, command in groupby(entries, key=lambda entry: entry.recorded_at):
        touched = corrects = False
        for entry in command:
            if key in known.add(entry):
                touched = True
                corrects = corrects or entry.of is not None
        if not touched:
            continue
        stretches = known.statements(key).in_force()
        for ended in held.keys() - stretches.keys():
            area = replace(held.pop(ended), recorded_to=recorded_at, corrected_away=corrects)
            found.append(area)
        for begun in stretches.keys() - held.keys():
            period = period_of(*stretches[begun])
            held[begun] = _begun(period, recorded_at, corrects=corrects)
    found += held.values()
    return tuple(sorted(found, key=lambda area: (area.recorded_from, area.effective_from)))


def nearest(
    areas: Iterable[Rectangle], effective_at: date, known_at: datetime, most: int
) -> tuple[Rectangle, ...]:
    """At most so many of these areas, in their order: those that lie nearest to a day and, of the
    same distance in days, to an instant."""

    def distance(area: Rectangle) -> tuple[timedelta, timedelta]:
        days, knowledge = timedelta(), timedelta()
        if effective_at < area.effective_from:
            days = area.effective_from - effective_at
        elif area.effective_to is not None and effective_at >= area.effective_to:
            days = effective_at - area.effective_to + timedelta(days=1)
        if known_at < area.recorded_from:
            knowledge = area.recorded_from - known_at
        elif area.recorded_to is not None and known_at >= area.recorded_to:
            knowledge = known_at - area.recorded_to + timedelta(microseconds=1)
        return days, knowledge

    everything = tuple(areas)
    ranked = sorted(range(len(everything)), key=lambda n: distance(everything[n]))
    return tuple(everything[n] for n in sorted(ranked[:most]))


def keys_of(entries: Iterable[Entry]) -> tuple[Key, ...]:
    """Every key that some entry has ever stated a value for, in the order of their names."""
    return tuple(sorted({piece.key for entry in entries for piece in entry.content}))


def _begun(period: Period, recorded_at: datetime, *, corrects: bool) -> Rectangle:
    return Rectangle(
        value=period.value,
        effective_from=period.effective_from,
        effective_to=period.effective_to,
        recorded_from=recorded_at,
        recorded_to=None,
        event_id=period.event_id,
        corrected_by=period.corrected_by,
        temporary=period.temporary,
        corrects=corrects,
    )
