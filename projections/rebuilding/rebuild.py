"""A read model made again from the log, beside the live one, which goes on answering meanwhile.

    build      into tables beside the live ones, up to the log's end
    draw level with what came meanwhile, in ever smaller steps
    compare    the live tables and these, both at one position; nobody is made to wait for it
    swap       in one short transaction, under the lock of the live projection's position

Until the swap is committed the live tables have not been touched, whatever stops a rebuild. Readers
wait at most for the swap's locks; a reader that is too long for them is waited for.
"""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

import psycopg
from psycopg.rows import DictRow

from projections.keeping_up.horizon import horizon
from projections.keeping_up.runner import PAGE_EVENTS, Projection, ProjectionStoppedError, Runner
from projections.rebuilding.digests import TableDifference, difference, digest_of, table_digests
from projections.rebuilding.fill import Fill, FillsItself
from projections.rebuilding.side_tables import SideTables, connect, tables_beside
from transfer.core.refusals import Conflict
from transfer.log.application import Log
from transfer.log.faults import is_lost_connection, kept
from transfer.procedures.facts import Fact

FILL_FROM = 50_000
"""Events from which on a projection fills itself where it can; below, pages are as quick."""

# Pages between two words about how far it is, and how often those are written down for others.
_PAGES_AT_ONCE = 5
_TELL_SECONDS = 0.5

# How often it tries to come near the live projection before it makes it wait.
_ROUNDS = 30

# How long the swap waits for a lock, with readers queueing behind it: well below PostgreSQL's
# deadlock_timeout (1 s), so that of the two it is never the reader that is given up.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '400ms'"
_SWAP_SECONDS = 600.0
_LONGEST_PAUSE_SECONDS = 5.0

# How long the live projection may stand still short of the log's end.
_STANDSTILL_SECONDS = 60.0
_LOOK_SECONDS = 0.2


class Stage(StrEnum):
    """What a rebuild is doing."""

    BUILDING = "building"
    COMPARING = "comparing"
    SWAPPING = "swapping"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is: events done of how many, and seconds since it began."""

    projection: str
    stage: Stage
    events: int
    until: int
    seconds: float


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild of `events` events.

    `digest_before` is the live tables' and `digest_after` the new ones', both at one position;
    without the former they were not compared, and `not_compared` says why. `seconds` is how long
    the making took, without comparing and swapping; it was by pages where `fill_failed` says what
    the projection's own way of filling tripped over.
    """

    projection: str
    events: int
    seconds: float
    digest_before: str | None
    digest_after: str
    not_compared: str | None
    differences: tuple[TableDifference, ...]
    swapped: bool
    fill_failed: str | None = None

    @property
    def same(self) -> bool | None:
        """Whether the live tables were right; `None` if they were not compared."""
        return None if self.digest_before is None else not self.differences

    @property
    def events_per_second(self) -> float:
        """How fast it was made."""
        return self.events / self.seconds if self.seconds else 0.0


def rebuild(
    log: Log[Fact],
    database_url: str,
    projection: Projection,
    *,
    accept: bool = False,
    dry_run: bool = False,
    page_events: int = PAGE_EVENTS,
    fill_from: int = FILL_FROM,
    processes: int | None = None,
    report: Report = lambda _: None,
) -> Rebuilt:
    """Make a projection's tables again from the log and put them in place of the live ones.

    `projection` is an instance of its own, not one that a runner has. Somebody must be bringing the
    live one on meanwhile. Where the live tables differ, they stay, unless `accept`; with `dry_run`
    they always do. A live projection that has failed or seen nothing is not compared.

    Raises `Conflict` where another rebuild is at work, or the live projection neither moves nor has
    failed, or its readers never leave a moment for the swap; `ProjectionStoppedError` for an event
    that the projection cannot take. The live tables are then as they were.
    """
    with (
        tables_beside(database_url, projection.name, projection.tables) as beside,
        connect(database_url) as live,
    ):
        work = _Work(log, database_url, projection, beside, live, page_events, report)
        made_at = work.build(fill_from, processes or os.cpu_count() or 1)
        work.draw_level()
        beside.settle()
        compared = work.compare()
        swapped = not dry_run and (accept or not compared.differences)
        if swapped:
            work.swap()
        return Rebuilt(
            projection=projection.name,
            events=made_at.events,
            seconds=made_at.seconds,
            digest_before=compared.before,
            digest_after=compared.after,
            not_compared=compared.why_not,
            differences=compared.differences,
            swapped=swapped,
            fill_failed=made_at.fill_failed,
        )


def fill_what_is_empty(
    log: Log[Fact],
    database_url: str,
    projections: Iterable[Projection],
    *,
    fill_from: int = FILL_FROM,
    report: Report = lambda _: None,
) -> list[Rebuilt]:
    """Fill those that have seen nothing of a long log, before a runner would page through it.

    After a migration that emptied one, or a large first import. What cannot be filled is left to
    the runner, which says why. `projections` are instances of their own, as for `rebuild`.
    """
    done: list[Rebuilt] = []
    if log.head().position <= fill_from:
        return done
    for projection in projections:
        with log.connection() as conn:
            seen = horizon(conn, projection.name)
        if isinstance(projection, FillsItself) and seen.position == 0 and seen.failure is None:
            try:
                done.append(
                    rebuild(log, database_url, projection, fill_from=fill_from, report=report)
                )
            except (Conflict, ProjectionStoppedError):
                continue
    return done


@dataclass(frozen=True, slots=True)
class _Compared:
    before: str | None
    after: str
    differences: tuple[TableDifference, ...] = ()
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    events: int
    seconds: float
    fill_failed: str | None


@dataclass
class _Work:
    """One rebuild under way. `live` sees the live tables, `beside.conn` the new ones."""

    log: Log[Fact]
    database_url: str
    projection: Projection
    beside: SideTables
    live: psycopg.Connection[DictRow]
    page_events: int
    report: Report
    _began: float = field(default_factory=monotonic)
    _told_at: float = 0.0
    _pause: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._builder = Runner(
            self.log,
            [self.projection],
            page_events=self.page_events,
            connecting=lambda: nullcontext(self.beside.conn),
        )

    @property
    def at(self) -> int:
        """How much of the log is in the new tables."""
        return horizon(self.beside.conn, self.projection.name).position

    # --- build ----------------------------------------------------------------------------------

    def build(self, fill_from: int, processes: int) -> _Made:
        """Everything that is on record now."""
        until = self.log.head().position
        self._tell(Stage.BUILDING, 0, until)
        failed = None
        if until > fill_from and isinstance(self.projection, FillsItself):
            failed = self._fill(self.projection, until, processes)
        self._page_to(until)
        return _Made(until, monotonic() - self._began, failed)

    def _fill(self, projection: FillsItself, until: int, processes: int) -> str | None:
        """Have the projection fill itself; what it failed with."""
        fill = Fill(
            self.database_url,
            self.beside.schema,
            until,
            processes,
            lambda events: self._tell(Stage.BUILDING, events, until),
        )
        try:
            projection.fill(fill)
        except Exception as error:
            if is_lost_connection(error):
                raise
            # Page by page it stops at the event that is the trouble, and says which that is.
            self.beside.make_tables()
            self.projection.forget()
            return kept(error)
        self.beside.set_position(self.projection.name, until)
        return None

    def _page_to(self, until: int, stage: Stage = Stage.BUILDING) -> None:
        at = self.at
        while at < until:
            at = self._builder.catch_up(min(at + _PAGES_AT_ONCE * self.page_events, until))
            self._tell(stage, at, until)

    def draw_level(self) -> None:
        """Take what came meanwhile, until it is less than a page."""
        for _ in range(_ROUNDS):
            head = self.log.head().position
            behind = head - self.at
            self._page_to(head)
            if behind <= self.page_events:
                return

    # --- compare --------------------------------------------------------------------------------

    def compare(self) -> _Compared:
        """The live tables and the new ones, at a position where the live projection was."""
        self._tell(Stage.COMPARING, self.at, self.at)
        stood_at, since = -1, monotonic()
        while True:
            with self.live.transaction():
                # Sees the live tables as they are now, while the live projection goes on.
                self.live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                seen = horizon(self.live, self.projection.name)
                if seen.failure is not None:
                    return self._not_compared(f"the live one had stopped: {seen.failure}")
                if seen.position == 0:
                    return self._not_compared("the live one had seen nothing")
                complete = self.log.position_at(seen.recorded_at)
                if complete == seen.position >= self.at:
                    self._page_to(complete, Stage.COMPARING)
                    return self._compare_here()
            # It is behind, or inside a large command.
            if seen.position != stood_at:
                stood_at, since = seen.position, monotonic()
            elif monotonic() - since > _STANDSTILL_SECONDS:
                raise Conflict(
                    f"the live projection {self.projection.name} stands at {stood_at:,} of"
                    f" {self.at:,} events and nobody brings it on: start the service"
                )
            self._pause.wait(_LOOK_SECONDS)

    def _compare_here(self) -> _Compared:
        before = table_digests(self.live, self.projection.tables)
        after = table_digests(self.beside.conn, self.projection.tables)
        differences = tuple(
            difference(self.live, self.beside.conn, one, other)
            for one, other in zip(before, after, strict=True)
            if one != other
        )
        return _Compared(digest_of(before), digest_of(after), differences)

    def _not_compared(self, why: str) -> _Compared:
        after = table_digests(self.beside.conn, self.projection.tables)
        return _Compared(None, digest_of(after), why_not=why)

    # --- swap -----------------------------------------------------------------------------------

    def swap(self) -> None:
        """Put the new tables in place, with everything that the live ones have seen."""
        until = monotonic() + _SWAP_SECONDS
        pause = _LOOK_SECONDS
        while True:
            self.draw_level()
            self._tell(Stage.SWAPPING, self.at, self.at)
            try:
                self._swap_now()
            except psycopg.errors.LockNotAvailable as error:
                # Somebody reads for longer than others shall be kept waiting. What was taken in
                # that transaction is not in the tables.
                self._builder.forget()
                if monotonic() > until:
                    raise Conflict(
                        f"{self.projection.name} was never unread for a moment in"
                        f" {_SWAP_SECONDS / 60:.0f} minutes: end the long question and try again"
                    ) from error
                self._pause.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                return

    def _swap_now(self) -> None:
        conn, name = self.beside.conn, self.projection.name
        with conn.transaction():
            conn.execute(_LOCK_TIMEOUT)
            live = self.beside.lock_live_position(name)
            if live > self.at:
                self._builder.catch_up(live)
            # Pages are written with it off: what says that they are in place shall last.
            conn.execute("SET LOCAL synchronous_commit = on")
            self.beside.take_place(name)

    # --- telling --------------------------------------------------------------------------------

    def _tell(self, stage: Stage, events: int, until: int) -> None:
        now = monotonic()
        self.report(Progress(self.projection.name, stage, events, until, now - self._began))
        if now - self._told_at < _TELL_SECONDS and events < until:
            return
        self._told_at = now
        with self.log.connection() as conn:
            conn.execute(
                "UPDATE projection_rebuilds SET stage = %s, position = %s, until = %s"
                " WHERE name = %s",
                (stage, events, until, self.projection.name),
            )
