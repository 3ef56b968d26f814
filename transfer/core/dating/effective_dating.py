"""The effective-dating rule: from entries on record to periods on two clocks.

The rule is the contract's ("The effective-dating rule", 1 to 4); this module is its one home.

1. A *standing* value (no end) holds from its day until the next standing value of the same key by
   effective date; of two on one day the one recorded last holds. A back-dated standing value thus
   never overwrites a later-dated one. `None` ends the key from that day.
2. A *temporary* value (both dates) overlays the standing one from its first day up to and
   excluding its last; of overlapping temporary values the one recorded last holds.
3. A correction replaces the whole content of the entry it names, in that entry's place in the
   order; the latest correction that is not itself annulled holds; corrections can be corrected.
   An annulment takes the named entry's effect away and is final.
4. What was recorded after K plays no part in what K answers.

"Recorded last" is the log order of the *original* entry, within one command too. Nothing here
reads a clock or a log: entries come in, in log order, and periods come out.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from transfer.core.words import Basis


class Kind(StrEnum):
    """What a key names: a facet of a position, or a term."""

    FACET = "facet"
    TERM = "term"


class Key(NamedTuple):
    """What is dated on its own: one facet of one assignment, or one term (assignment blank)."""

    kind: Kind
    assignment: str
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One value of one key with its dates, as an entry states it.

    `effective_to` is the first day it no longer holds; `None` makes the value standing.
    `basis` is given where the piece rests on something of its own, else the entry's serves.
    """

    key: Key
    value: str | None
    effective_from: date
    effective_to: date | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event that states, corrects or annuls content; `of` names the entry it acts upon."""

    event_id: UUID
    recorded_at: datetime
    content: tuple[Piece, ...] = ()
    of: UUID | None = None
    annuls: bool = False
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days on which one entry supplies the value of a key.

    `event_id` is the original entry; `corrected_by` the correction whose content is in force, if
    any; `recorded_at` when that content was recorded. `effective_to` is excluded, `None` is open.
    """

    key: Key
    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: datetime
    basis: Basis | None
    temporary: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All periods of one key: those in force, and the standing ones beneath a temporary value."""

    in_force: tuple[Period, ...] = ()
    beneath: tuple[Period, ...] = ()

    def at(self, effective_at: date) -> Period | None:
        """The period in force on a day, if the key has a value then."""
        return _covering(self.in_force, effective_at)

    def standing_at(self, effective_at: date) -> Period | None:
        """The standing period beneath a temporary value on a day, if there is one."""
        return _covering(self.beneath, effective_at)


class Acting(Protocol):
    """What rule 3 needs to know of an entry, whatever its content looks like."""

    @property
    def event_id(self) -> UUID:
        """The entry's own id."""

    @property
    def of(self) -> UUID | None:
        """The entry that it acts upon."""

    @property
    def annuls(self) -> bool:
        """Whether it takes that entry's effect away, instead of replacing its content."""


A = TypeVar("A", bound=Acting)


class Resolved(NamedTuple, Generic[A]):
    """An original entry, its place in the order, and the entry whose content it now has."""

    root: UUID
    order: int
    content: A | None


class Resolution(Generic[A]):
    """Rule 3: whose content every original entry has, as entries are added in log order."""

    def __init__(self) -> None:
        self._by_id: dict[UUID, A] = {}
        self._originals: dict[UUID, int] = {}
        self._corrections: dict[UUID, list[A]] = defaultdict(list)
        self._annulled: set[UUID] = set()

    def copy(self) -> "Resolution[A]":
        """The same, which takes further entries by itself."""
        made = Resolution[A]()
        made._by_id = dict(self._by_id)
        made._originals = dict(self._originals)
        for event_id, corrections in self._corrections.items():
            made._corrections[event_id] = list(corrections)
        made._annulled = set(self._annulled)
        return made

    @property
    def count(self) -> int:
        """How many originals there are: the order of the next one."""
        return len(self._originals)

    def add(self, entry: A) -> Resolved[A]:
        """Take the next entry; answer what the original that it is, or acts upon, says now."""
        self._by_id[entry.event_id] = entry
        if entry.of is None:
            order = self._originals[entry.event_id] = len(self._originals)
            return Resolved(entry.event_id, order, entry)
        if entry.annuls:
            self._annulled.add(entry.of)
        else:
            self._corrections[entry.of].append(entry)
        root = self.root(entry.of)
        return Resolved(root, self._originals[root], self.content_of(root))

    def root(self, event_id: UUID) -> UUID:
        """The original entry at the end of a chain of corrections; itself if it is one."""
        while (above := self._by_id[event_id].of) is not None:
            event_id = above
        return event_id

    def is_annulled(self, event_id: UUID) -> bool:
        """Whether the entry itself was annulled (an annulled ancestor does not count)."""
        return event_id in self._annulled

    def entry(self, event_id: UUID) -> A | None:
        """The entry of that id, if it is one of these."""
        return self._by_id.get(event_id)

    def content_of(self, root: UUID) -> A | None:
        """The entry whose content an original has now, unless it was annulled."""
        if root in self._annulled:
            return None
        current = self._by_id[root]
        while True:
            latest = next(
                (
                    correction
                    for correction in reversed(self._corrections.get(current.event_id, ()))
                    if correction.event_id not in self._annulled
                ),
                None,
            )
            if latest is None:
                return current
            current = latest


class Statement(NamedTuple):
    """A piece in its original entry's place in the order, with where its content comes from."""

    order: int
    piece: Piece
    event_id: UUID
    source: Entry

    @property
    def effective_from(self) -> date:
        return self.piece.effective_from

    @property
    def effective_to(self) -> date | None:
        return self.piece.effective_to


class PeriodId(NamedTuple):
    """What tells a period from the others of its key, within one `Entries`; cheap to compare."""

    order: int
    source: int
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class Statements:
    """What is stated of one key at one place of the log, before its periods are worked out."""

    each: tuple[Statement, ...]

    def timeline(self) -> Timeline:
        """The periods by rules 1 and 2."""
        return _timeline(self.each)

    def in_force(self) -> "dict[PeriodId, Stretch[Statement]]":
        """The stretches in force, for who compares many timelines and makes periods of few."""
        return {
            PeriodId(s.order, id(s.source), start, end): (s, start, end)
            for s, start, end in stretches_in_force(self.each)
            if _has_value(s)
        }


class Entries:
    """The entries of one stream in log order, resolved (rule 3) as they are added.

    `add` answers the keys whose periods may have changed; `timeline` works out one key's periods
    from nothing. Who keeps many people's positions up has `projections.position.sheets` instead.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._resolution: Resolution[Entry] = Resolution()
        self._stating: dict[Key, dict[UUID, Statement]] = defaultdict(dict)
        self._held: dict[UUID, tuple[Key, ...]] = {}
        for entry in entries:
            self.add(entry)

    def copy(self) -> "Entries":
        """The same, which take further entries by themselves."""
        made = Entries()
        made._resolution = self._resolution.copy()
        for key, statements in self._stating.items():
            made._stating[key] = dict(statements)
        made._held = dict(self._held)
        return made

    def add(self, entry: Entry) -> frozenset[Key]:
        """Take the next entry in log order; answer every key that it may have touched."""
        root, order, source = self._resolution.add(entry)
        before = self._held.get(root, ())
        for key in before:
            del self._stating[key][root]
        after: tuple[Key, ...] = ()
        if source is not None:
            for piece in source.content:
                self._stating[piece.key][root] = Statement(order, piece, root, source)
            # Of two pieces of one key in one entry, the later holds.
            after = tuple(dict.fromkeys(piece.key for piece in source.content))
        self._held[root] = after
        return frozenset(before + after)

    def original(self, event_id: UUID) -> UUID:
        """The entry in whose place in the order this one stands: itself, or what it corrects."""
        return self._resolution.root(event_id)

    def stated_by(self, key: Key, original: UUID) -> Statement | None:
        """What is stated of a key in the place of an original entry; `None` if nothing is."""
        return self._stating.get(key, {}).get(original)

    def stated_keys(self) -> Iterator[Key]:
        """Every key that some entry in force states a value for."""
        return (key for key, statements in self._stating.items() if statements)

    def timeline(self, key: Key) -> Timeline:
        """The periods of one key by rules 1 and 2."""
        return self.statements(key).timeline()

    def statements(self, key: Key) -> "Statements":
        """What the entries in force say of one key now; stays so whatever is added later."""
        return Statements(tuple(self._stating.get(key, {}).values()))

    def is_annulled(self, event_id: UUID) -> bool:
        """Whether the entry itself was annulled (an annulled ancestor does not count)."""
        return self._resolution.is_annulled(event_id)

    def entry(self, event_id: UUID) -> Entry | None:
        """The entry of that id, if it is one of these."""
        return self._resolution.entry(event_id)

    def content_in_place_of(self, event_id: UUID) -> Entry | None:
        """The entry whose content holds in the place of this one's original; `None` if none."""
        return self._resolution.content_of(self._resolution.root(event_id))


def timelines(entries: Iterable[Entry], *, known_at: datetime | None = None) -> dict[Key, Timeline]:
    """Every key's periods, from entries in log order, as known at an instant (all, if `None`)."""
    known = Entries(e for e in entries if known_at is None or e.recorded_at <= known_at)
    found = {key: known.timeline(key) for key in known.stated_keys()}
    return {key: timeline for key, timeline in found.items() if timeline.in_force}


def position_at(found: Mapping[Key, Timeline], effective_at: date) -> dict[Key, Period]:
    """The period in force of every key on a day; a key with no value then is absent."""
    at = {key: timeline.at(effective_at) for key, timeline in found.items()}
    return {key: period for key, period in at.items() if period is not None}


def _covering(periods: Sequence[Period], day: date) -> Period | None:
    return next(
        (
            p
            for p in periods
            if p.effective_from <= day and (p.effective_to is None or day < p.effective_to)
        ),
        None,
    )


def _timeline(statements: Sequence[Statement]) -> Timeline:
    standing = standing_stretches(statements)
    temporary = [s for s in statements if s.piece.effective_to is not None]
    if not temporary:
        return Timeline(
            in_force=tuple(period_of(s, start, end) for s, start, end in standing if _has_value(s))
        )
    stretches = list(overlaid_stretches(standing, temporary))
    covered = [
        (start, end)
        for s, start, end in stretches
        if s.piece.effective_to is not None and _has_value(s)
    ]
    beneath = tuple(
        period_of(s, start, end)
        for s, start, end in standing
        if _has_value(s) and any(_overlaps(start, end, since, until) for since, until in covered)
    )
    return Timeline(
        in_force=tuple(period_of(s, start, end) for s, start, end in stretches if _has_value(s)),
        beneath=beneath,
    )


def stretches_in_force(statements: Sequence[Statement]) -> "Iterable[Stretch[Statement]]":
    """Rules 1 and 2: which statement holds on which days, in order; one without a value too."""
    standing = standing_stretches(statements)
    temporary = [s for s in statements if s.piece.effective_to is not None]
    return overlaid_stretches(standing, temporary) if temporary else standing


class Dated(Protocol):
    """What rules 1 and 2 need to know of a statement; without an end it is standing."""

    @property
    def order(self) -> int:
        """The place of its original entry in the log."""

    @property
    def effective_from(self) -> date:
        """Its first day."""

    @property
    def effective_to(self) -> date | None:
        """The first day on which a temporary one no longer holds."""


D = TypeVar("D", bound=Dated)
Stretch = tuple[D, date, date | None]
"""A statement and the days on which it holds: the first, and the first one not (`None`: open)."""


def standing_stretches(statements: Iterable[D]) -> list[Stretch[D]]:
    """Rule 1: by effective date, the one recorded last of each day, each until the next."""
    by_day: dict[date, D] = {}
    for s in sorted((s for s in statements if s.effective_to is None), key=lambda s: s.order):
        by_day[s.effective_from] = s
    days = sorted(by_day)
    return [
        (by_day[day], day, days[n + 1] if n + 1 < len(days) else None) for n, day in enumerate(days)
    ]


def overlaid_stretches(
    standing: Sequence[Stretch[D]], temporary: Sequence[D]
) -> Iterator[Stretch[D]]:
    """Rule 2: sweep the days where anything starts or ends; the last recorded overlay is on top."""
    edges = {day for s in temporary for day in (s.effective_from, s.effective_to)}
    edges |= {start for _, start, _ in standing}
    days = sorted(day for day in edges if day is not None)
    arriving = sorted(temporary, key=lambda s: s.effective_from)
    on_top: list[tuple[int, D]] = []
    current: Stretch[D] | None = None
    next_arrival = next_standing = 0
    under: D | None = None
    for n, day in enumerate(days):
        end = days[n + 1] if n + 1 < len(days) else None
        while next_standing < len(standing) and standing[next_standing][1] <= day:
            under = standing[next_standing][0]
            next_standing += 1
        while next_arrival < len(arriving) and arriving[next_arrival].effective_from <= day:
            arrived = arriving[next_arrival]
            # No two statements of one key share their order: they themselves are never compared.
            heapq.heappush(on_top, (-arrived.order, arrived))
            next_arrival += 1
        while on_top and _ended(on_top[0][1], day):
            heapq.heappop(on_top)
        holds = on_top[0][1] if on_top else under
        if current is not None and current[0] is holds:
            current = (current[0], current[1], end)
            continue
        if current is not None:
            yield current
        current = (holds, day, end) if holds is not None else None
    if current is not None:
        yield current


def _ended(statement: Dated, day: date) -> bool:
    end = statement.effective_to
    return end is not None and end <= day


def _has_value(statement: Statement) -> bool:
    return statement.piece.value is not None


def _overlaps(start: date, end: date | None, since: date, until: date | None) -> bool:
    return (until is None or start < until) and (end is None or since < end)


def period_of(statement: Statement, start: date, end: date | None) -> Period:
    """The period that a statement with a value supplies on these days."""
    piece, source = statement.piece, statement.source
    if piece.value is None:
        raise ValueError("a stretch without a value has no period")
    return Period(
        key=piece.key,
        value=piece.value,
        effective_from=start,
        effective_to=end,
        event_id=statement.event_id,
        corrected_by=source.event_id if source.event_id != statement.event_id else None,
        recorded_at=source.recorded_at,
        basis=piece.basis or source.basis,
        temporary=piece.effective_to is not None,
    )
