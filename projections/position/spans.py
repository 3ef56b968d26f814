"""Spans: which entry supplies a key's value on which days, kept up as entries are recorded.

An entry that is standing and comes last in the log only touches its neighbours in its key's line of
values. Everything else (temporary values, corrections, annulments) works the key out anew by the
rule (`transfer.core.dating.effective_dating`, its one home), and tells the days that differ.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from transfer.core.dating.effective_dating import (
    Entry,
    Kind,
    overlaid_stretches,
    standing_stretches,
)
from transfer.core.words import Basis

OWN = ""
"""Stands where the name of an assignment would: what is the person's own, their terms."""

Days = tuple[date, date | None]
"""From the first to the second, which is excluded; `None` is open."""


class Content(NamedTuple):
    """Values of one assignment (`OWN`: terms) that share their dates and what they rest on."""

    assignment: str
    values: Mapping[str, str | None]
    effective_from: date
    effective_to: date | None = None
    basis: Basis | None = None


class Stated(NamedTuple):
    """One event as the sheets take it: what it says, or what it corrects or annuls."""

    event_id: UUID
    recorded_at: datetime
    contents: tuple[Content, ...] = ()
    of: UUID | None = None
    annuls: bool = False
    registers: bool = False


def stated_of(entry: Entry, *, registers: bool = False) -> Stated:
    """An entry with its pieces put together by assignment, dates and basis."""
    together: dict[tuple[str, date, date | None, Basis | None], dict[str, str | None]] = {}
    # Of two pieces of one key in one entry, the later holds.
    for piece in {piece.key: piece for piece in entry.content}.values():
        assignment = OWN if piece.key.kind is Kind.TERM else piece.key.assignment
        basis = piece.basis or entry.basis
        shared = (assignment, piece.effective_from, piece.effective_to, basis)
        together.setdefault(shared, {})[str(piece.key.name)] = piece.value
    return Stated(
        entry.event_id,
        entry.recorded_at,
        tuple(
            Content(assignment, values, start, end, basis)
            for (assignment, start, end, basis), values in together.items()
        ),
        entry.of,
        entry.annuls,
        registers,
    )


class Part:
    """A content in its original entry's place in the order, with where it comes from.

    `written` is for whoever writes sheets down: what they made of the values, once.
    """

    __slots__ = (
        "basis",
        "corrected_by",
        "effective_from",
        "effective_to",
        "event_id",
        "order",
        "recorded_at",
        "spans",
        "values",
        "written",
    )

    def __init__(self, content: Content, event_id: UUID, order: int, source: Stated) -> None:
        self.order = order
        self.event_id = event_id
        self.corrected_by = None if source.event_id == event_id else source.event_id
        self.recorded_at = source.recorded_at
        self.values = content.values
        self.effective_from = content.effective_from
        self.effective_to = content.effective_to
        self.basis = content.basis
        self.spans: dict[tuple[date, date | None], Span] = {}
        self.written: dict[str, str] = {}

    def span(self, start: date, end: date | None) -> "Span":
        """The stretch of days for which this supplies a value: one object for equal ones."""
        found = self.spans.get((start, end))
        if found is None:
            found = self.spans[start, end] = Span(self, start, end)
        return found


class Span:
    """The days on which a part supplies its values; `end` is excluded, `None` is open.

    Equal spans are one object. `written` is for whoever writes sheets down.
    """

    __slots__ = ("end", "part", "start", "written")

    def __init__(self, part: Part, start: date, end: date | None) -> None:
        self.part = part
        self.start = start
        self.end = end
        self.written = ""

    @property
    def is_temporary(self) -> bool:
        """Whether it overlays a standing value."""
        return self.part.effective_to is not None


Spans = dict[str, Span]
"""By facet or term."""


class Lane:
    """One key's values in order: who states one, and the spans that follow from them."""

    __slots__ = ("beneath", "in_force", "is_stale", "name", "parts", "starts", "temporary")

    def __init__(self, name: str) -> None:
        self.name = name
        # By the order of their original entries.
        self.parts: dict[int, Part] = {}
        self.temporary = 0
        # Also spans that state no value: they end the one before.
        self.in_force: list[Span] = []
        self.starts: list[date] = []
        self.beneath: list[Span] = []
        self.is_stale = False

    def put(self, part: Part) -> None:
        """Let a part be one of those that state a value."""
        self.parts[part.order] = part
        if part.effective_to is not None:
            self.temporary += 1
        self.is_stale = True

    def take_away(self, part: Part) -> None:
        """Let a part not be one of them any more."""
        if self.parts.get(part.order) is part:
            del self.parts[part.order]
            if part.effective_to is not None:
                self.temporary -= 1
            self.is_stale = True

    def put_last(self, part: Part) -> tuple[date, date | None] | None:
        """Put a standing part that comes last in the log among nothing but standing ones.

        Answers the days that it touches; `None` where there is more to it, and nothing was done.
        """
        if self.is_stale or self.temporary or part.effective_to is not None:
            return None
        start = part.effective_from
        at = bisect_right(self.starts, start)
        end = self.starts[at] if at < len(self.starts) else None
        touched = start
        if at and self.starts[at - 1] == start:
            self.in_force[at - 1] = part.span(start, end)
        else:
            if at:
                before = self.in_force[at - 1]
                self.in_force[at - 1] = before.part.span(before.start, start)
                touched = before.start
            self.in_force.insert(at, part.span(start, end))
            self.starts.insert(at, start)
        self.parts[part.order] = part
        return touched, end

    def ends_before(self, day: date) -> bool:
        """Whether all that is stated is standing and begins before a day."""
        return (
            not self.temporary and not self.is_stale and (not self.starts or self.starts[-1] < day)
        )

    def append(self, part: Part, cut: dict[Span, Span]) -> Span | None:
        """Put a standing part that begins after all others, and comes last in the log.

        Answers the span before it as it is cut short now; `cut` has those of other lanes.
        """
        day = part.effective_from
        self.parts[part.order] = part
        before = None
        if self.in_force:
            last = self.in_force[-1]
            before = cut.get(last)
            if before is None:
                before = cut[last] = last.part.span(last.start, day)
            self.in_force[-1] = before
        self.in_force.append(part.span(day, None))
        self.starts.append(day)
        return before

    def work_out(self) -> tuple[date, date | None] | None:
        """Work the spans out anew by the rule; the days on which they differ, if there are any."""
        parts = tuple(self.parts.values())
        standing = standing_stretches(parts)
        in_force = [part.span(start, end) for part, start, end in standing]
        beneath: list[Span] = []
        if self.temporary:
            under = in_force
            temporary = [part for part in parts if part.effective_to is not None]
            in_force = [
                part.span(start, end)
                for part, start, end in overlaid_stretches(standing, temporary)
            ]
            over = [span for span in in_force if span.is_temporary and self._has_value(span)]
            beneath = [
                span
                for span in under
                if self._has_value(span) and any(_overlap(span, other) for other in over)
            ]
        differs = _union(_difference(self.in_force, in_force), _difference(self.beneath, beneath))
        self.in_force, self.beneath = in_force, beneath
        self.starts = [span.start for span in in_force]
        self.is_stale = False
        return differs

    def at(self, day: date) -> Span | None:
        """The span in force on a day, if the key has a value then."""
        place = bisect_right(self.starts, day) - 1
        if place < 0:
            return None
        span = self.in_force[place]
        if span.end is not None and span.end <= day:
            return None
        return span if span.part.values[self.name] is not None else None

    def beneath_at(self, day: date) -> Span | None:
        """The standing span beneath a temporary one on a day, if there is one."""
        for span in self.beneath:
            if span.start <= day and (span.end is None or day < span.end):
                return span
        return None

    def cuts(self, start: date, end: date | None) -> Iterator[date]:
        """The days after `start` and before `end` on which a span begins or ends."""
        for place in range(max(0, bisect_right(self.starts, start) - 1), len(self.starts)):
            span = self.in_force[place]
            if end is not None and span.start >= end:
                break
            yield from _edges(span, start, end)
        for span in self.beneath:
            yield from _edges(span, start, end)

    def _has_value(self, span: Span) -> bool:
        return span.part.values[self.name] is not None


def _edges(span: Span, start: date, end: date | None) -> Iterator[date]:
    if span.start > start and (end is None or span.start < end):
        yield span.start
    if span.end is not None and span.end > start and (end is None or span.end < end):
        yield span.end


def _overlap(one: Span, other: Span) -> bool:
    return (other.end is None or one.start < other.end) and (
        one.end is None or other.start < one.end
    )


def _difference(old: Sequence[Span], new: Sequence[Span]) -> Days | None:
    """The days from the first span on to the last one in which two lists differ."""
    same_first = 0
    for one, other in zip(old, new, strict=False):
        if one is not other:
            break
        same_first += 1
    same_last = 0
    for one, other in zip(reversed(old[same_first:]), reversed(new[same_first:]), strict=False):
        if one is not other:
            break
        same_last += 1
    differing = [
        *old[same_first : len(old) - same_last],
        *new[same_first : len(new) - same_last],
    ]
    if not differing:
        return None
    ends = [span.end for span in differing]
    return (
        min(span.start for span in differing),
        None if None in ends else max(end for end in ends if end is not None),
    )


def _union(one: Days | None, other: Days | None) -> Days | None:
    if one is None or other is None:
        return one or other
    end = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return min(one[0], other[0]), end
