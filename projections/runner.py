"""Keeps the read models up with the log.

A page of whole commands is read once and handed to every projection that stands where the page
begins. Each takes it in a transaction of its own that writes its rows and its position together,
under the row lock of that position, so that two runners never both write, and whatever stops a
runner leaves rows and position true of one another.

A projection that fails stops alone: the event and the failure are recorded beside its position, and
the others go on. A lost connection is not a failure; it is tried again.

A page never ends inside a command, however large: what a reader may ask for is always a state
between commands.
"""

import gc
import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol
from uuid import UUID

import psycopg
from eventsourcing import persistence
from psycopg import sql
from psycopg.rows import tuple_row

from projections.texts import Conn
from transfer.core.facts import Fact
from transfer.log.application import Log
from transfer.log.envelope import Recorded

Page = Sequence[Recorded[Fact]]
"""Whole commands in the log's order."""

PAGE_EVENTS = 2_000

BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)
"""The knowledge time of a projection that has seen nothing: no event is ever recorded before."""

# How long the runner waits for news before it looks at the log anyway, and after a lost connection.
_LISTEN_SECONDS = 1.0
_RETRY_SECONDS = 0.5
_POLL_SECONDS = 0.005


class Projection(Protocol):
    """A read model: some tables, and how events change them."""

    @property
    def name(self) -> str:
        """Under which its position is kept; literal, for ever."""

    @property
    def tables(self) -> Sequence[str]:
        """What it owns: emptied before a rebuild, digested after one."""

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """The facts that change it; it is given no other."""

    def apply(self, conn: Conn, page: Page) -> None:
        """Write what these events change, inside the caller's transaction."""

    def forget(self) -> None:
        """Drop whatever is kept in memory: the transaction was rolled back, or others wrote."""


class ProjectionStoppedError(Exception):
    """A projection cannot take an event: the read model stands still until that is mended."""

    def __init__(self, name: str, event_id: UUID | None, failure: str) -> None:
        super().__init__(f"projection {name} stopped at event {event_id}: {failure}")
        self.name = name
        self.event_id = event_id
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far a projection has seen the log: a position and the instant of the command there."""

    position: int
    recorded_at: datetime
    failed_event: UUID | None = None
    failure: str | None = None


# --- what readers ask --------------------------------------------------------------------------


def horizon(conn: Conn, name: str) -> Horizon:
    """How far a projection is complete; before the first event, position 0 and 1970."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT position, recorded_at, failed_event, failure FROM projection_positions"
            " WHERE name = %s",
            (name,),
        ).fetchone()
    if row is None:
        return Horizon(0, BEFORE_ANYTHING)
    seen: datetime | None = row[1]
    return Horizon(row[0], seen.astimezone(UTC) if seen else BEFORE_ANYTHING, row[2], row[3])


def complete_until(conn: Conn, names: Sequence[str]) -> datetime:
    """The instant that all of these projections have reached; 1970 before the first event."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT count(recorded_at), min(recorded_at) FROM projection_positions"
            " WHERE name = ANY(%s)",
            (list(names),),
        ).fetchone()
    seen: datetime | None = None if row is None or row[0] < len(names) else row[1]
    return seen.astimezone(UTC) if seen else BEFORE_ANYTHING


def resolve_known_at(
    conn: Conn, names: str | tuple[str, ...], known_at: datetime | None
) -> datetime:
    """The knowledge time that an answer from these projections is given at (contract, "Words").

    One that is left out, or later than what the projection has seen, becomes the complete horizon.
    Ask before the query itself: what is recorded in between is then later, and left out.
    """
    seen = complete_until(conn, (names,) if isinstance(names, str) else names)
    return seen if known_at is None or known_at > seen else known_at


def wait_for(conn: Conn, name: str, position: int, timeout: float) -> bool:
    """Whether a projection has come as far as a position, waiting up to `timeout` seconds.

    The connection must be in autocommit. Answers at once where the projection has failed.
    """
    until = monotonic() + timeout
    pause = threading.Event()
    while True:
        seen = horizon(conn, name)
        if seen.position >= position:
            return True
        left = until - monotonic()
        if left <= 0 or seen.failure is not None:
            return False
        pause.wait(min(_POLL_SECONDS, left))


def digest(conn: Conn, projection: Projection) -> str:
    """A digest of every row of a projection, whatever order they lie in: equal rows, equal digest.

    The sum of the rows' hashes rather than of their concatenation, so that nothing is sorted.
    """
    total = hashlib.sha256()
    with conn.cursor(row_factory=tuple_row) as cursor:
        for table in projection.tables:
            row = cursor.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0),"
                    " coalesce(sum(hashtextextended(t::text, 1)::numeric), 0) FROM {} AS t"
                ).format(sql.Identifier(table))
            ).fetchone()
            total.update(f"{table} {row}\n".encode())
    return total.hexdigest()


# --- keeping up --------------------------------------------------------------------------------


class Runner:
    """Brings projections up with a log: in a thread (`start`, `stop`) or at once (`catch_up`).

    `catch_up` may be called while the thread runs, and several runners may share a database.
    """

    def __init__(
        self, log: Log[Fact], projections: Iterable[Projection], *, page_events: int = PAGE_EVENTS
    ) -> None:
        self._log = log
        self._projections = tuple(projections)
        self._page_events = page_events
        # Where this runner left each projection; elsewhere means that another one has been there.
        self._left_at: dict[str, int] = {}
        self._failed: dict[str, ProjectionStoppedError] = {}
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow the log in a thread until `stop`; a projection that had failed is tried again."""
        if self._thread is not None:
            raise RuntimeError("the runner was started before")
        self._thread = threading.Thread(target=self._follow, name="projections", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the page under way and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def failures(self) -> dict[str, ProjectionStoppedError]:
        """The projections that have stopped, and why."""
        return dict(self._failed)

    def catch_up(self, until: int | None = None) -> int:
        """Bring every projection to a position (the log's end), and return the lowest reached.

        Raises `ProjectionStoppedError` for the first that cannot, once the others are there.
        """
        goal = self._log.head().position if until is None else until
        with self._turn:
            self._failed.clear()
            while (reached := self._step(goal)) is not None and reached < goal:
                pass
        for failed in self._failed.values():
            raise failed
        return goal if reached is None else reached

    def rebuild(self, *names: str) -> int:
        """Empty the named projections (all, if none is) and make them again from the log."""
        chosen = [each for each in self._projections if not names or each.name in names]
        with self._turn, self._log.connection() as conn:
            for projection in chosen:
                with conn.transaction():
                    _lock_position(conn, projection.name)
                    for table in projection.tables:
                        conn.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
                    conn.execute(
                        "UPDATE projection_positions SET position = 0, recorded_at = NULL,"
                        " failed_event = NULL, failure = NULL WHERE name = %s",
                        (projection.name,),
                    )
                projection.forget()
                self._left_at[projection.name] = 0
        return self.catch_up()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn:
                    head = self._log.head().position
                    reached = self._step(head)
                if reached is None:
                    self._stopping.wait(_LISTEN_SECONDS)
                elif reached >= head:
                    self._log.wait_past(reached, _LISTEN_SECONDS)
            except Exception as error:
                if not _is_lost_connection(error):
                    raise
                # The server has gone, or is not back yet.
                self._stopping.wait(_RETRY_SECONDS)

    def _step(self, goal: int) -> int | None:
        """Take every projection that is behind `goal` one page on; the lowest position of those
        that run (`None`: none does)."""
        running = [each for each in self._projections if each.name not in self._failed]
        if not running:
            return None
        page_after: int | None = None
        page: Page = ()
        reached = []
        for projection in running:
            at = self._position_of(projection)
            if at < goal:
                if page_after != at:
                    page_after, page = at, self._page(at)
                at = self._take(projection, page)
            reached.append(at)
        return min(reached)

    def _page(self, after: int) -> Page:
        with collector_paused():
            page = self._log.page(after, self._page_events)
        if len(page) == self._page_events:
            # A full page may end inside a command: take the rest of it.
            end = self._log.position_at(page[-1].recorded_at)
            if end > page[-1].position:
                page += self._log.page(page[-1].position, end - page[-1].position)
        return page

    def _position_of(self, projection: Projection) -> int:
        left_at = self._left_at.get(projection.name)
        if left_at is None:
            with self._log.connection() as conn:
                left_at = horizon(conn, projection.name).position
            self._left_at[projection.name] = left_at
        return left_at

    def _take(self, projection: Projection, page: Page) -> int:
        """Apply a page; where it fails, command by command up to the one that does."""
        try:
            return self._write(projection, page)
        except Exception as error:
            self._lost(projection)
            if _is_lost_connection(error):
                raise
        at = self._position_of(projection)
        for command in _commands(page):
            if command[-1].position <= at:
                continue
            try:
                at = self._write(projection, command)
            except Exception as error:
                self._lost(projection)
                if _is_lost_connection(error):
                    raise
                self._record_failure(projection, command, error)
                return at
        return at

    def _write(self, projection: Projection, page: Page) -> int:
        """Rows and position in one transaction; returns the position."""
        if not page:
            return self._position_of(projection)
        of_interest = [each for each in page if isinstance(each.fact, projection.facts)]
        with self._log.connection() as conn, conn.transaction():
            # What a crash of the server takes back is made again from the log.
            conn.execute("SET LOCAL synchronous_commit = off")
            at = _lock_position(conn, projection.name)
            if at != page[0].position - 1:
                # Another runner has been here: go on from where it got to.
                projection.forget()
                self._left_at[projection.name] = at
                return at
            if of_interest:
                projection.apply(conn, of_interest)
            last = page[-1]
            conn.execute(
                "UPDATE projection_positions SET position = %s, recorded_at = %s,"
                " failed_event = NULL, failure = NULL WHERE name = %s",
                (last.position, last.recorded_at, projection.name),
            )
        self._left_at[projection.name] = last.position
        return last.position

    def _lost(self, projection: Projection) -> None:
        projection.forget()
        self._left_at.pop(projection.name, None)

    def _record_failure(self, projection: Projection, command: Page, error: Exception) -> None:
        culprit = next((e for e in command if isinstance(e.fact, projection.facts)), command[0])
        failure = f"{type(error).__name__}: {error}"
        with self._log.connection() as conn:
            conn.execute(
                "UPDATE projection_positions SET failed_event = %s, failure = %s WHERE name = %s",
                (culprit.event_id, failure.replace("\x00", "\ufffd"), projection.name),
            )
        failed = ProjectionStoppedError(projection.name, culprit.event_id, failure)
        failed.__cause__ = error
        self._failed[projection.name] = failed


def _is_lost_connection(error: Exception) -> bool:
    """Whether it is the server that failed, not the projection: shut down, gone, out of room."""
    if isinstance(error, persistence.PersistenceError):
        return True
    # psycopg says OperationalError also of a row that is too large for its index: not a loss.
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57P", "40"))
    )


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the garbage collector, which looks through all that is in memory again and again:
    half the time of a fold. Nothing that a fold makes is cyclic."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _lock_position(conn: Conn, name: str) -> int:
    """Where a projection stands, its row locked until commit; the row is made if need be."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        statement = "SELECT position FROM projection_positions WHERE name = %s FOR UPDATE"
        row = cursor.execute(statement, (name,)).fetchone()
        if row is None:
            cursor.execute(
                "INSERT INTO projection_positions (name) VALUES (%s) ON CONFLICT DO NOTHING",
                (name,),
            )
            row = cursor.execute(statement, (name,)).fetchone()
    if row is None:
        raise LookupError(f"projection {name} has lost its position")
    position: int = row[0]
    return position


def _commands(page: Page) -> list[Page]:
    """The page's commands: the events of each share their instant."""
    found: list[list[Recorded[Fact]]] = []
    for event in page:
        if found and found[-1][0].recorded_at == event.recorded_at:
            found[-1].append(event)
        else:
            found.append([event])
    return [*found]
