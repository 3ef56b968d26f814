"""What reads differently: two readings of a record compared, day by day.

A *reading* is what somebody is told of one thing (a facet, a term) on some days: a value, the
period for which one entry supplies it, and where it comes from. Two readings can differ in each
of these alone, and in the standing value beneath a temporary one. Nothing here knows why; it says
on which days, and which entries *could* have brought it about.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from transfer.core.dating.effective_dating import Entries, Entry, Key
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
