"""What reads differently: two readings of a record compared, day by day.

A *reading* is what somebody is told of one thing (a facet, a term) on some days: a value, the
period for which one entry supplies it, and where it comes from. Two readings can differ in each
of these alone, and in the standing value beneath a temporary one. Nothing here knows why; it says
on which days, and which entries *could* have brought it about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from transfer.core.position import Entries, Entry, Key, Period, Statement, Statements, Timeline
from transfer.core.words import Basis

R = TypeVar("R")

Days = tuple[date, date | None, R]
"""A reading with its first day and the day on which it does not hold any more (`None`: open)."""


class Reading(Protocol):
    """What is told of a value: `Period` here, and what the read models answer."""

    @property
    def value(self) -> str:
        """The value."""

    @property
    def effective_from(self) -> date:
        """The first day of the period that its entry supplies."""

    @property
    def effective_to(self) -> date | None:
        """The day on which that period is over."""

    @property
    def event_id(self) -> UUID:
        """The entry that it comes from."""

    @property
    def corrected_by(self) -> UUID | None:
        """The correction in force."""

    @property
    def basis(self) -> Basis | None:
        """What it rests on."""


class Changed(StrEnum):
    """In what two readings differ."""

    VALUE = "value"
    PERIOD = "period"
    SOURCE = "source"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Stretch(Generic[R]):
    """Days on which one thing reads differently; `None`: it has no value then."""

    effective_from: date
    effective_to: date | None
    before: R | None
    after: R | None

    def overlaps(self, other: "Stretch[R]") -> bool:
        """Whether they have a day in common."""
        return (self.effective_to is None or other.effective_from < self.effective_to) and (
            other.effective_to is None or self.effective_from < other.effective_to
        )


def what_changed(before: Reading | None, after: Reading | None) -> tuple[Changed, ...]:
    """In what two readings of one day differ; nothing, where they are the same."""
    if before == after:
        return ()
    if before is None or after is None:
        return (Changed.VALUE, Changed.PERIOD, Changed.SOURCE)
    found = []
    if before.value != after.value:
        found.append(Changed.VALUE)
    if (before.effective_from, before.effective_to) != (after.effective_from, after.effective_to):
        found.append(Changed.PERIOD)
    if _source(before) != _source(after):
        found.append(Changed.SOURCE)
    if getattr(before, "standing", None) != getattr(after, "standing", None):
        found.append(Changed.STANDING)
    return tuple(found)


def _source(reading: Reading) -> tuple[UUID, UUID | None, Basis | None]:
    return reading.event_id, reading.corrected_by, reading.basis


def stretches(
    before: Sequence[Days[R]],
    after: Sequence[Days[R]],
    aspect: Callable[[R | None], object] = lambda reading: reading,
) -> list[Stretch[R]]:
    """The days on which two readings of one thing differ, oldest first.

    Each reading is in order and without overlaps. `aspect` is what of a reading is looked at (all
    of it, if it is left out); neighbouring days on which it differs in the same way are one
    stretch, with the readings of its first day.
    """
    edges = sorted(
        {day for start, end, _ in (*before, *after) for day in (start, end) if day is not None}
    )
    found: list[Stretch[R]] = []
    was, would_be = _Pointer(before), _Pointer(after)
    for n, day in enumerate(edges):
        end = edges[n + 1] if n + 1 < len(edges) else None
        old, new = was.on(day), would_be.on(day)
        if aspect(old) == aspect(new):
            continue
        last = found[-1] if found else None
        if (
            last is not None
            and last.effective_to == day
            and aspect(last.before) == aspect(old)
            and aspect(last.after) == aspect(new)
        ):
            found[-1] = Stretch(last.effective_from, end, last.before, last.after)
        else:
            found.append(Stretch(day, end, old, new))
    return found


class _Pointer(Generic[R]):
    """Goes along a reading; asked for days in order."""

    def __init__(self, days: Sequence[Days[R]]) -> None:
        self._days = days
        self._at = 0

    def on(self, day: date) -> R | None:
        while self._at < len(self._days):
            start, end, reading = self._days[self._at]
            if end is None or day < end:
                return reading if start <= day else None
            self._at += 1
        return None


def days_of(timeline: Timeline | None) -> list[Days[Period]]:
    """The periods in force of a timeline, as a reading."""
    periods = timeline.in_force if timeline is not None else ()
    return [(each.effective_from, each.effective_to, each) for each in periods]


def value_of(reading: Reading | None) -> str | None:
    """The aspect of a reading that most people ask about."""
    return None if reading is None else reading.value


def touched_keys(entries: Iterable[Entry]) -> Mapping[UUID, frozenset[Key]]:
    """For each entry of a stream, in log order, every key whose periods it may have changed.

    That is the keys that it states, and where it corrects or annuls, those of the content that it
    takes the place of.
    """
    book = Entries()
    return {entry.event_id: book.add(entry) for entry in entries}


@dataclass(frozen=True)
class Known:
    """What the record said of one key from an instant on, and the entries that made it say so."""

    since: datetime
    by: tuple[UUID, ...]
    statements: Statements

    @cached_property
    def timeline(self) -> Timeline:
        """The periods, worked out when they are asked for: most steps are never looked at."""
        return self.statements.timeline()


def knowledge_of(entries: Iterable[Entry], wanted: frozenset[Key]) -> Mapping[Key, list[Known]]:
    """For each of these keys, how its periods came to be known: from a stream's entries in order.

    One step for each command that touched it, oldest first; between the entries of a command
    there is no instant.
    """
    book = Entries()
    found: dict[Key, list[Known]] = {key: [] for key in wanted}
    for recorded_at, command in groupby(entries, key=lambda each: each.recorded_at):
        touched: dict[Key, list[UUID]] = {}
        for entry in command:
            for key in book.add(entry) & wanted:
                touched.setdefault(key, []).append(entry.event_id)
        for key, by in touched.items():
            found[key].append(Known(recorded_at, tuple(by), book.statements(key)))
    return found


class Layer(StrEnum):
    """What of a step is looked at on a day: the value in force, or the standing one, whether or
    not a temporary one overlays it."""

    IN_FORCE = "in_force"
    STANDING = "standing"

    def at(self, known: Known, on: date) -> Period | None:
        """That of a step."""
        period = known.timeline.at(on)
        if self is Layer.IN_FORCE or (period is not None and not period.temporary):
            return period
        return known.timeline.standing_at(on)

    def content_at(self, known: Known, on: date) -> tuple[UUID, UUID] | None:
        """The entry that supplies it and the one whose content it is, without any period: much
        cheaper, for who looks at many steps."""
        top: Statement | None = None
        under: Statement | None = None
        for each in known.statements.each:
            start, end = each.effective_from, each.effective_to
            if start > on:
                continue
            if end is None:
                if under is None or (start, each.order) > (under.effective_from, under.order):
                    under = each
            elif on < end and (top is None or each.order > top.order):
                top = each
        # Beneath a temporary end there is nothing to be seen, as in a timeline.
        if top is not None and (self is Layer.IN_FORCE or top.piece.value is None):
            under = top
        if under is None or under.piece.value is None:
            return None
        return under.event_id, under.source.event_id


@dataclass(frozen=True, slots=True)
class Why:
    """How the record came to say what it says of a day.

    `known`: the step since which it has said so. `replaced` is what it said of that day before
    then; `preceded_by` what is in force on the day before the period begins. `None`: no value.
    """

    known: Known
    replaced: Period | None
    preceded_by: Period | None


def why(steps: Sequence[Known], on: date, layer: Layer = Layer.IN_FORCE) -> Why | None:
    """Why one key reads as it does on a day, after all these steps; `None` if it has no value."""
    if not steps:
        return None
    now = layer.at(steps[-1], on)
    if now is None:
        return None
    content = layer.content_at(steps[-1], on)
    at = len(steps) - 1
    while at > 0 and layer.content_at(steps[at - 1], on) == content:
        at -= 1
    before = layer.at(steps[at - 1], on) if at > 0 else None
    began = now.effective_from
    eve = began - timedelta(days=1) if began > date.min else None
    return Why(steps[at], before, layer.at(steps[-1], eve) if eve is not None else None)
