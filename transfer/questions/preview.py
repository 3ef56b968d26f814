"""What would be read if something were recorded: applied, asked, and taken back.

In one transaction that is always rolled back, facts that are not on record are given to fresh
projections on top of what is there, and the ordinary queries are asked as of before and after them
on the same connection. So a preview has no logic of its own that could differ from what is read
once it is written. Nothing leaks: no event is appended, nobody is notified, no sequence is drawn
from, and the projections that run never see it.

Meanwhile the position's row is held in share, so that the running projection waits; and one preview
at a time, because it needs a second connection of the pool while it holds one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from projections.deadlines.deadlines import MOST_DEADLINES, Deadline, DeadlinesProjection, deadlines
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import every_page
from projections.keeping_up.horizon import BehindError
from projections.keeping_up.runner import horizon, wait_for
from projections.position.projection import NAME, PositionProjection
from projections.position.queries import Held, Lane, position_at, timeline
from transfer.core.dating.differences import Days, Stretch, stretches, value_of
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Facet
from transfer.log.envelope import Recorded, as_if_recorded
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.differences import Item

WAIT_SECONDS = 5.0
"""How long a preview waits for the read model to have what is on record of its people."""

_ATTEMPTS = 10
_ONE_AT_A_TIME = threading.Lock()
_ONE = UUID(int=0)
_INSTANT = timedelta(microseconds=1)


class Records(Protocol):
    """The part of the log that is needed here."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """A connection to the read models."""

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


Events = Sequence[Recorded[Fact]]
Deciding = Callable[[Mapping[str, Events]], Mapping[str, Sequence[tuple[UUID, Fact]]]]
"""From each person's events, the facts that would be recorded of them, each with an id for now."""

Commands = Mapping[UUID, UUID]
"""By the id of an event that would be recorded, the id of its command."""

ONE_COMMAND: Commands = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DeadlineChanged:
    """Something due as it stands and as it would; `None`: there is no such obligation."""

    before: Deadline | None
    after: Deadline | None


@dataclass(frozen=True, slots=True)
class WouldRead:
    """What of one person would read differently.

    `values`: by item, the days on which its value would be another. `before` and `after` have the
    periods in force of every item whose periods differ in anything. `version` is that of the last
    event on record.
    """

    staff_number: str
    version: int
    values: Mapping[Item, Sequence[Stretch[Held]]]
    before: Mapping[Item, Sequence[Held]]
    after: Mapping[Item, Sequence[Held]]
    deadlines: tuple[DeadlineChanged, ...]


def would_read(
    log: Records,
    staff_numbers: Sequence[str],
    decide: Deciding,
    *,
    not_before: datetime,
    commands: Commands = ONE_COMMAND,
) -> list[WouldRead]:
    """What would read differently of these people, were what `decide` answers recorded now.

    `not_before` is the record's clock. `commands` says which command each of the facts is of, where
    they are of several. Raises what `decide` raises, and `BehindError`.
    """
    streams = [staff_stream(number) for number in staff_numbers]
    for _ in range(_ATTEMPTS):
        with _ONE_AT_A_TIME, log.connection() as conn, conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL lock_timeout = '5s'")
            reached = _hold(conn, NAME)
            of_stream = log.read_many(streams)
            events = {number: of_stream[staff_stream(number)] for number in staff_numbers}
            wanted = max((of[-1].position for of in events.values() if of), default=0)
            lacks, until = NAME, wanted
            if wanted <= reached:
                try:
                    return _suppose(conn, log, events, decide(events), not_before, commands)
                except _DeadlinesLag as lag:
                    lacks, until = DeadlinesProjection.name, lag.until
        with log.connection() as conn:
            if not wait_for(conn, lacks, until, WAIT_SECONDS):
                break
    raise BehindError("the read models have not reached what is on record of them")


class _DeadlinesLag(Exception):  # noqa: N818 - it is waited for, and no error to anybody
    """The deadlines have not come as far as positions have, which are at `until`."""

    def __init__(self, until: int) -> None:
        super().__init__(until)
        self.until = until


def _hold(conn: Conn, name: str) -> int:
    """How far a projection is, kept from going on until the transaction is over."""
    conn.execute("SELECT FROM projection_positions WHERE name = %s FOR SHARE", (name,))
    return horizon(conn, name).position


def _suppose(
    conn: Conn,
    log: Records,
    events: Mapping[str, Events],
    facts: Mapping[str, Sequence[tuple[UUID, Fact]]],
    not_before: datetime,
    commands: Commands,
) -> list[WouldRead]:
    last = horizon(conn, NAME)
    # Of a large command the position may be ahead of the horizon: the person's own events count.
    known_before = max([last.recorded_at, *(of[-1].recorded_at for of in events.values() if of)])
    known_after = max(known_before + _INSTANT, not_before)
    page = list(_page(events, facts, last.position, known_after, commands))
    due_before: dict[str, dict[UUID, Deadline]] = {}
    of_due = DeadlinesProjection(log.read_many, log.known)
    of_deadlines = [each for each in page if isinstance(each.fact, of_due.facts)]
    if of_deadlines:
        if _hold(conn, DeadlinesProjection.name) < last.position:
            raise _DeadlinesLag(last.position)
        due_before = {number: _due(conn, number, known_after) for number in facts}
        of_due.apply(conn, of_deadlines)
    by_stream = {staff_stream(number): of for number, of in events.items()}
    positions = PositionProjection(
        lambda streams: {each: by_stream[each] for each in streams}, log.known
    )
    of_positions = [each for each in page if isinstance(each.fact, positions.facts)]
    if of_positions:
        positions.apply(conn, of_positions)
    found = []
    for number in facts:
        before = _lanes(conn, number, known_before)
        after = _lanes(conn, number, known_after)
        values = dict(_values(before, after))
        if _employment_differs(before, after):
            knowing = (known_before, known_after)
            values |= _collective(conn, log, number, events[number], (before, after), knowing)
        differing = [item for item in before.keys() | after.keys() if _differs(item, before, after)]
        due_after = _due(conn, number, known_after) if of_deadlines else {}
        found.append(
            WouldRead(
                staff_number=number,
                version=events[number][-1].version,
                values=values,
                before={item: before[item].in_force for item in differing if item in before},
                after={item: after[item].in_force for item in differing if item in after},
                deadlines=tuple(_deadlines_changed(due_before.get(number, {}), due_after)),
            )
        )
    return found


def _page(
    events: Mapping[str, Events],
    facts: Mapping[str, Sequence[tuple[UUID, Fact]]],
    position: int,
    recorded_at: datetime,
    commands: Commands,
) -> Iterator[Recorded[Fact]]:
    """The facts as they would be on record, all at one instant."""
    for number, of_person in facts.items():
        version = events[number][-1].version
        for event_id, fact in of_person:
            version, position = version + 1, position + 1
            yield as_if_recorded(
                staff_stream(number),
                version,
                event_id,
                fact,
                position=position,
                recorded_at=recorded_at,
                command_id=commands.get(event_id, _ONE),
            )


# --- comparing ---------------------------------------------------------------------------------

_Lanes = dict[Item, Lane]


def _lanes(conn: Conn, staff_number: str, known_at: datetime) -> _Lanes:
    found = timeline(conn, staff_number, known_at)
    return {
        Item(lane.assignment, lane.name, lane.exercise): lane
        for lane in (*found.facets, *found.terms)
    }


def _differs(item: Item, before: _Lanes, after: _Lanes) -> bool:
    return item.exercise is None and before.get(item) != after.get(item)


def _days(lane: Lane | None) -> list[Days[Held]]:
    periods = lane.in_force if lane is not None else ()
    return [(each.effective_from, each.effective_to, each) for each in periods]


def _values(before: _Lanes, after: _Lanes) -> Iterator[tuple[Item, Sequence[Stretch[Held]]]]:
    for item in before.keys() | after.keys():
        if _differs(item, before, after):
            found = stretches(_days(before.get(item)), _days(after.get(item)), value_of)
            if found:
                yield item, found


def _employment_differs(before: _Lanes, after: _Lanes) -> bool:
    return any(
        item.name == Facet.EMPLOYER
        and item.assignment is not None
        and _differs(item, before, after)
        for item in before.keys() | after.keys()
    )


def _collective(
    conn: Conn,
    log: Records,
    number: str,
    events: Events,
    lanes: tuple[_Lanes, _Lanes],
    knowing: tuple[datetime, datetime],
) -> dict[Item, Sequence[Stretch[Held]]]:
    """The days on which a collective term would be had, or had no more: it is while employed.

    Asked day by day, of every day on which that may change.
    """
    terms = {item for each in lanes for item in each if item.exercise is not None}
    if not terms:
        return {}
    exercises = {item.exercise for item in terms if item.exercise is not None}
    edges = set(_scope_days(log, number, events, exercises))
    for each in lanes:
        for item, lane in each.items():
            if item.name == Facet.EMPLOYER or item in terms:
                starts_and_ends = ((p.effective_from, p.effective_to) for p in lane.in_force)
                edges |= {day for both in starts_and_ends for day in both if day is not None}
    days = sorted(edges)

    def read(known_at: datetime) -> dict[Item, list[Days[Held]]]:
        found: dict[Item, list[Days[Held]]] = {}
        for n, day in enumerate(days):
            end = days[n + 1] if n + 1 < len(days) else None
            for term in position_at(conn, number, day, known_at).terms:
                if term.exercise is not None:
                    item = Item(None, term.term, term.exercise)
                    found.setdefault(item, []).append((day, end, term.held))
        return found

    before, after = (read(known_at) for known_at in knowing)
    compared = {
        item: stretches(before.get(item, []), after.get(item, []), value_of) for item in terms
    }
    return {item: found for item, found in compared.items() if found}


def _scope_days(
    log: Records, number: str, events: Events, exercises: Iterable[str]
) -> Iterator[date]:
    """The days from which the person is in the scope of these exercises."""
    streams = log.read_many([matter_stream(f"exercise:{each}") for each in exercises])
    for event in (*events, *(each for of in streams.values() for each in of)):
        fact = event.fact
        if isinstance(fact, BroughtIntoScope) or (
            isinstance(fact, ScopeSet) and number in fact.members
        ):
            yield fact.effective_from


def _due(conn: Conn, staff_number: str, known_at: datetime) -> dict[UUID, Deadline]:
    pages = every_page(
        lambda cursor: deadlines(
            conn, known_at, staff=staff_number, limit=MOST_DEADLINES, cursor=cursor
        )
    )
    return {each.obligation_id: each for page in pages for each in page.items}


def _deadlines_changed(
    before: Mapping[UUID, Deadline], after: Mapping[UUID, Deadline]
) -> Iterator[DeadlineChanged]:
    for each in sorted(before.keys() | after.keys()):
        if before.get(each) != after.get(each):
            yield DeadlineChanged(before.get(each), after.get(each))
