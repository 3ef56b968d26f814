"""What the record says differently between two knowledge times, and what brought each about.

The answers at both ends, and after every command between them that could have changed one, are
those of `position_queries`; the causes of a difference are the events of exactly those commands
after which its answer was another.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple, Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from projections.position.queries import Held, Lane, PositionAt, position_at, timeline
from transfer.core.dating.differences import (
    Changed,
    Days,
    Stretch,
    stretches,
    touched_keys,
    what_changed,
)
from transfer.core.dating.effective_dating import Kind
from transfer.core.dating.instants import Instant
from transfer.core.matter.words import id_of
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_of, matter_stream, staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.answer import Answer, BasisShown
from transfer.questions.values import Supplied


class Item(NamedTuple):
    """What has an answer of its own: a facet of an assignment, a person's own term (no
    assignment), or a collective one of an exercise."""

    assignment: str | None
    name: str
    exercise: str | None = None


class Cause(Answer):
    """An event that changed what is answered: who recorded it, when, why, and what it replaced.

    `corrects` or `annuls` is the entry that it acts upon. `replaced` is what was answered just
    before it was recorded, `replaced_by` just after; null: no value. `stream` is the person's own,
    or for a collective term may be that of the exercise or its consultation.
    """

    event_id: UUID
    stream: str
    type: str
    recorded_at: Instant
    recorded_by: str
    reason: str | None
    basis: BasisShown | None
    corrects: UUID | None
    annuls: UUID | None
    replaced: Supplied | None
    replaced_by: Supplied | None


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that reads differently on some days; `None`: it has no value then."""

    item: Item
    effective_from: date
    effective_to: date | None
    before: Held | None
    after: Held | None
    causes: tuple[Cause, ...]

    @property
    def changed(self) -> tuple[Changed, ...]:
        """In what the two answers differ."""
        return what_changed(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Differences:
    """Everything of one person that reads differently.

    `known_before`: whether they were on record at the first of the two instants at all.
    """

    known_before: bool
    items: tuple[Difference, ...]


class Records(Protocol):
    """The part of the log that is needed here. No connection is held while another is asked for:
    many questions at once must not wait for each other."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """A connection to ask the read models by."""

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


def differences_on(
    log: Records,
    staff_number: str,
    effective_at: date,
    known_from: datetime,
    known_to: datetime,
    assignment: str | None = None,
) -> Differences:
    """What reads differently on one day, of one assignment or of all.

    Both instants must be resolved before. Raises `NotOnRecord` for a person whom the record did
    not know at `known_to`; where it did not at `known_from`, everything is new.
    """
    person = log.read_many([staff_stream(staff_number)], up_to_recorded=known_to)
    chosen = _assignments(person, log.known) if assignment is None else (assignment,)
    end = None if effective_at == date.max else effective_at + timedelta(days=1)

    def read(known_at: datetime) -> _Readings:
        readings: _Readings = {}
        for each in chosen:
            with log.connection() as conn:
                found = position_at(conn, staff_number, effective_at, known_at, each)
            readings |= {item: [(effective_at, end, held)] for item, held in _held(found)}
        return readings

    return _differences(read, log, staff_number, known_from, known_to)


def differences_over_time(
    log: Records,
    staff_number: str,
    known_from: datetime,
    known_to: datetime,
    assignment: str | None = None,
) -> Differences:
    """The stretches of days that read differently; collective terms by their own dates.

    Raises as `differences_on` does.
    """

    def read(known_at: datetime) -> _Readings:
        with log.connection() as conn:
            found = timeline(conn, staff_number, known_at, assignment)
        return {
            Item(lane.assignment, lane.name, lane.exercise): days_of_lane(lane)
            for lane in (*found.facets, *found.terms)
        }

    return _differences(read, log, staff_number, known_from, known_to)


def days_of_lane(lane: Lane) -> list[Days[Held]]:
    """A lane's periods in force, one that overlays others apart for each of those."""
    return [each for held in lane.in_force for each in _over(held, lane.beneath)]


def _over(held: Held, beneath: Sequence[Held]) -> Iterator[Days[Held]]:
    since, until = held.effective_from, held.effective_to
    if held.temporary and until is not None:
        for standing in beneath:
            start = max(since, standing.effective_from)
            end = until if standing.effective_to is None else min(until, standing.effective_to)
            if start < end:
                if since < start:
                    yield since, start, held
                yield start, end, held._replace(standing=standing)
                since = end
        if since >= until:
            return
    yield since, until, held


_Readings = dict[Item, list[Days[Held]]]
_Read = Callable[[datetime], _Readings]


def _held(found: PositionAt) -> Iterator[tuple[Item, Held]]:
    for facet, held in found.position.items():
        yield Item(found.assignment, facet), held
    for each in found.terms:
        yield Item(None, each.term, each.exercise), each.held


def _assignments(
    streams: Mapping[str, Iterable[Recorded[Fact]]], known: KnownFacts
) -> tuple[str, ...]:
    """Every assignment that anything was ever said of, and the main one."""
    named = {
        piece.key.assignment
        for events in streams.values()
        for event in events
        for piece in known.pieces_of(event.fact)
        if piece.key.kind is Kind.FACET
    }
    return (MAIN, *sorted(named - {MAIN}))


def _differences(
    read: _Read, log: Records, staff_number: str, known_from: datetime, known_to: datetime
) -> Differences:
    after = read(known_to)
    known_before = True
    try:
        before = read(known_from)
    except NotOnRecord:
        known_before, before = False, {}
    found = _compare(before, after)
    if found:
        between = _commands(log, staff_number, found.keys(), known_from, known_to)
        causes = _causes(read, before, between, found, log.known)
    return Differences(
        known_before,
        tuple(
            Difference(
                item,
                stretch.effective_from,
                stretch.effective_to,
                stretch.before,
                stretch.after,
                tuple(causes[item, stretch.effective_from]),
            )
            for item in sorted(found, key=_in_order)
            for stretch in found[item]
        ),
    )


def _in_order(item: Item) -> tuple[bool, str, str, str]:
    return item.assignment is None, item.assignment or "", item.name, item.exercise or ""


def _compare(before: _Readings, after: _Readings) -> dict[Item, list[Stretch[Held]]]:
    found = {
        item: stretches(before.get(item, []), after.get(item, []))
        for item in before.keys() | after.keys()
    }
    return {item: differing for item, differing in found.items() if differing}


# --- what brought it about ---------------------------------------------------------------------

_Touching = tuple[Recorded[Fact], frozenset[Item]]
"""An event, and the items whose answer it may have changed."""


def _commands(
    log: Records,
    staff_number: str,
    items: Iterable[Item],
    known_from: datetime,
    known_to: datetime,
) -> list[tuple[datetime, list[_Touching]]]:
    """The commands between two instants that may have changed one of these items, in order."""
    wanted = frozenset(items)
    exercises = {item.exercise for item in wanted if item.exercise is not None}
    streams = [staff_stream(staff_number)]
    for exercise in exercises:
        kinds = ("exercise", "consultation")
        streams += [matter_stream(f"{kind}:{exercise}") for kind in kinds]
    touching: list[_Touching] = []
    for events in log.read_many(streams, up_to_recorded=known_to).values():
        for event, touched in _touched(staff_number, events, wanted, log.known):
            if event.recorded_at > known_from and touched:
                touching.append((event, touched))
    touching.sort(key=lambda each: each[0].position)
    return [
        (recorded_at, list(command))
        for recorded_at, command in groupby(touching, key=lambda each: each[0].recorded_at)
    ]


def _touched(
    staff_number: str,
    events: Sequence[Recorded[Fact]],
    wanted: frozenset[Item],
    known: KnownFacts,
) -> Iterator[_Touching]:
    """What each event of one stream may have changed, of the items that are wanted."""
    entries = (known.entry_of(each.event_id, each.recorded_at, each.fact) for each in events)
    keys = touched_keys(entry for entry in entries if entry is not None)
    for event in events:
        fact = event.fact
        found: set[Item] = set()
        if isinstance(fact, BroughtIntoScope) or (
            isinstance(fact, ScopeSet) and staff_number in fact.members
        ):
            found |= {item for item in wanted if item.exercise == id_of(fact.matter)}
        matter = matter_of(event.stream)
        of_exercise = None if matter is None else id_of(matter)
        for key in keys.get(event.event_id, ()):
            if key.kind is Kind.TERM:
                found.add(Item(None, key.name, of_exercise))
            else:
                found.add(Item(key.assignment, key.name))
                if key.name == Facet.EMPLOYER:
                    # Collective terms are had while somebody employs the person.
                    found |= {item for item in wanted if item.exercise is not None}
        yield event, wanted & found


def _causes(
    read: _Read,
    before: _Readings,
    commands: Iterable[tuple[datetime, list[_Touching]]],
    found: Mapping[Item, list[Stretch[Held]]],
    known: KnownFacts,
) -> dict[tuple[Item, date], list[Cause]]:
    """By item and first day of a stretch: the events that changed its answer, in order."""
    causes: dict[tuple[Item, date], list[Cause]] = {
        (item, stretch.effective_from): [] for item in found for stretch in found[item]
    }
    reads_now = before
    for recorded_at, events in commands:
        reads_then, reads_now = reads_now, _read_or_nothing(read, recorded_at)
        for item in frozenset[Item]().union(*(items for _, items in events)):
            steps = stretches(reads_then.get(item, []), reads_now.get(item, []))
            for stretch in found[item]:
                step = next((each for each in steps if each.overlaps(stretch)), None)
                if step is not None:
                    causes[item, stretch.effective_from] += [
                        _cause(event, step, known) for event, items in events if item in items
                    ]
    return causes


def _read_or_nothing(read: _Read, known_at: datetime) -> _Readings:
    """The answers at an instant; none, where the person was not on record yet."""
    try:
        return read(known_at)
    except NotOnRecord:
        return {}


def _cause(event: Recorded[Fact], step: Stretch[Held], known: KnownFacts) -> Cause:
    fact = event.fact
    upon = known.upon(fact)
    return Cause(
        event_id=event.event_id,
        stream=event.stream,
        type=known.stored_name(fact),
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by,
        # Facts differ in which of these they have.
        reason=getattr(fact, "reason", None),
        basis=getattr(fact, "basis", None),
        corrects=None if upon is None or upon.annuls else upon.fact,
        annuls=upon.fact if upon is not None and upon.annuls else None,
        replaced=step.before,
        replaced_by=step.after,
    )
