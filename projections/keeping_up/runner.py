"""Keeps the read models up with the log.

A page is read once and handed to every projection that stands where it begins. Each writes its rows
and its position in one transaction, under the row lock of that position, so that two runners never
both write, and whatever stops a runner leaves rows and position true of one another. Under that
lock it also sees whether others have written, or whether other tables have taken the place of these
(`rebuild.py`): then what it keeps in memory is dropped.

Of a small page a transaction costs more than the rows, so all who stand there share one; of a large
page those that have no interest in it share one, and only move. Where one of several fails, nothing
is written, and each takes the page by itself.

A page may end inside a large command (`pages.py`). Then the position moves and the horizon stays:
what a reader may ask for is always a state between commands.

A projection that fails stops alone: the event and the failure are recorded beside its position, and
the others go on. It is tried again after a pause that grows, at once when it was mended by others,
and at every start. A lost connection is not a failure; it is tried again.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from time import monotonic
from typing import NamedTuple, Protocol, runtime_checkable
from uuid import UUID

import structlog
from psycopg import Connection, sql
from psycopg.rows import DictRow

from projections.keeping_up.checkpoint import (
    Checkpoint,
    keep_failure,
    lock_checkpoints,
    move_checkpoints,
    read_checkpoint,
)
from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import (
    BEFORE_ANYTHING,
    Horizon,
    complete_until,
    horizon,
    resolve_known_at,
    wait_for,
)
from projections.keeping_up.pages import (
    LogPiece,
    Page,
    UnreadableEventError,
    read_piece,
)
from projections.rebuilding.digests import digest_of, table_digests
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.log.faults import is_lost_connection, kept
from transfer.log.leading import Beat
from transfer.procedures.facts import Fact

__all__ = [
    "BEFORE_ANYTHING",
    "Horizon",
    "Page",
    "Projection",
    "ProjectionStoppedError",
    "Runner",
    "complete_until",
    "digest",
    "horizon",
    "resolve_known_at",
    "wait_for",
]

_logger = structlog.get_logger(__name__)

PAGE_EVENTS = 2_000

_SMALL_PAGE = 100
"""Up to so many events, the projections that take a page share a transaction."""

# How long the runner waits for news before it looks at the log anyway, how long one page begins
# after another while news comes all the time, how soon the runner sees that it is to stop, and how
# long it waits after a lost connection.
_LISTEN_SECONDS = 1.0
_PACE_SECONDS = 0.02
_STOP_SECONDS = 0.1
_RETRY_SECONDS = 0.5

# A projection that failed is tried again after so long, each time twice as long, up to so long.
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0

Connecting = Callable[[], AbstractContextManager[Connection[DictRow]]]
"""Gives a connection, in autocommit, whose `search_path` finds the tables to be written."""


class Projection(Protocol):
    """A read model: some tables, and how events change them."""

    @property
    def name(self) -> str:
        """Under which its position is kept; literal, for ever."""

    @property
    def tables(self) -> Sequence[str]:
        """What it owns, named without their schema: made anew by a rebuild, and digested."""

    @property
    def facts(self) -> tuple[type[Fact], ...]:
        """The facts that change it; it is given no other."""

    def apply(self, conn: Conn, page: Page) -> None:
        """Write what these events change, inside the caller's transaction.

        A page may hold a part of a large command, all of its events on each stream that it has. So
        the rows must say when they were recorded: then no reader sees half of a command.
        """

    def forget(self) -> None:
        """Drop whatever is kept in memory: the transaction was rolled back, or others wrote."""


@runtime_checkable
class Tidied(Protocol):
    """A projection with upkeep: work that makes answers quicker and changes none."""

    def tidy(self, conn: Conn) -> bool:
        """Do one short piece of it, in transactions of its own; whether there may be more."""


class ProjectionStoppedError(Exception):
    """A projection cannot take an event: the read model stands still until that is mended."""

    def __init__(self, name: str, event_id: UUID | None, failure: str) -> None:
        super().__init__(f"projection {name} stopped at event {event_id}: {failure}")
        self.name = name
        self.event_id = event_id
        self.failure = failure


def digest(conn: Conn, projection: Projection) -> str:
    """A digest of every row of a projection, whatever order they lie in: equal rows, equal digest.

    To be compared with those of a connection in the same time zone.
    """
    return digest_of(table_digests(conn, projection.tables))


def _of_interest(projection: Projection, piece: LogPiece) -> list[Recorded[Fact]]:
    return [each for each in piece.events if isinstance(each.fact, projection.facts)]


class _Stopped(NamedTuple):
    """A projection that failed, when it is to be tried again (monotonic; `None`: it is being
    tried), and the pause before that."""

    error: ProjectionStoppedError
    again_at: float | None
    pause: float


class Runner:
    """Brings projections up with a log: in a thread (`start`, `stop`) or at once (`catch_up`).

    `catch_up` may be called while the thread runs, and several runners may share a database.
    `connecting` gives the connections to write by; without it they are the log's. `beat` counts the
    steps of what is done: it stands still where something hangs, and never for want of news.
    """

    def __init__(
        self,
        log: Log[Fact],
        projections: Iterable[Projection],
        *,
        page_events: int = PAGE_EVENTS,
        first_pause: float = _FIRST_PAUSE_SECONDS,
        connecting: Connecting | None = None,
    ) -> None:
        self._log = log
        self._projections = tuple(projections)
        self._page_events = page_events
        self._first_pause = first_pause
        self._connecting = connecting or log.connection
        self.beat = Beat()
        # Where this runner left each projection; elsewhere means that another one has been there.
        self._left_at: dict[str, Checkpoint] = {}
        self._failed: dict[str, _Stopped] = {}
        self._tidy_at = 0.0
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow the log in a thread until `stop`; a projection that had failed is tried again.

        It may be started again once it was stopped.
        """
        if self._thread is not None:
            raise RuntimeError("the runner is running")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="projections", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the page under way and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def failures(self) -> dict[str, ProjectionStoppedError]:
        """The projections that have stopped, and why."""
        return {name: stopped.error for name, stopped in self._failed.items()}

    def catch_up(self, until: int | None = None) -> int:
        """Bring every projection to a position (the log's end), and return the lowest reached.

        A position inside a command is overshot. Raises `ProjectionStoppedError` for the first that
        cannot, once the others are there.
        """
        goal = self._log.head().position if until is None else until
        with self._turn:
            self._failed.clear()
            while (reached := self._step(goal, until)) is not None and reached < goal:
                pass
            failed = self.failures()
        for error in failed.values():
            raise error
        return goal if reached is None else reached

    def rebuild(self, *names: str) -> int:
        """Empty the named projections (all, if none is) and make them again, readers or not."""
        chosen = [each for each in self._projections if not names or each.name in names]
        with self._turn, self._connecting() as conn:
            for projection in chosen:
                with conn.transaction():
                    lock_checkpoints(conn, [projection.name])
                    # What says that they are empty shall last, whatever the server loses.
                    conn.execute("SET LOCAL synchronous_commit = on")
                    for table in projection.tables:
                        conn.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
                    conn.execute(
                        "UPDATE projection_positions SET position = 0, recorded_at = NULL,"
                        " generation = generation + 1,"
                        " failed_event = NULL, failure = NULL, failed_at = NULL WHERE name = %s",
                        (projection.name,),
                    )
                self._lost(projection)
        return self.catch_up()

    def forget(self) -> None:
        """Look again where the projections stand: a transaction about its writes was rolled back.

        Without this it would count as taken what is no longer in the tables.
        """
        with self._turn:
            for projection in self._projections:
                self._lost(projection)

    # --- following ------------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self.beat()
            began = monotonic()
            try:
                with self._turn:
                    head = self._log.head().position
                    self._try_again()
                    reached = self._step(head)
                if reached is None or reached >= head:
                    if self._log.wait_past(head, 0):
                        # Others write meanwhile: a page of some commands costs little more than
                        # one of a single command.
                        self._stopping.wait(max(0.0, began + _PACE_SECONDS - monotonic()))
                    elif not self._tidy():
                        self._wait_past(head)
            except Exception as error:
                if not is_lost_connection(error):
                    raise
                # The server has gone, or is not back yet.
                self._stopping.wait(_RETRY_SECONDS)

    def _tidy(self) -> bool:
        """Do a piece of the projections' upkeep; whether there may be more of it now."""
        if monotonic() < self._tidy_at:
            return False
        is_more = False
        pause = _LISTEN_SECONDS
        for projection in filter(self._is_running, self._projections):
            self.beat()
            if isinstance(projection, Tidied):
                try:
                    with self._connecting() as conn:
                        is_more = projection.tidy(conn) or is_more
                except Exception as error:
                    if is_lost_connection(error):
                        raise
                    # Answers do not depend on it: what is behind is slower, and the record goes on.
                    _logger.exception("upkeep has failed", projection=projection.name)
                    pause = _LONGEST_PAUSE_SECONDS
        self._tidy_at = monotonic() + (0 if is_more else pause)
        return is_more

    def _wait_past(self, position: int) -> None:
        """Until there is news, it is time to look anyway, or the runner is to stop."""
        until = monotonic() + _LISTEN_SECONDS
        while not self._stopping.is_set() and (left := until - monotonic()) > 0:
            if self._log.wait_past(position, min(_STOP_SECONDS, left)):
                return

    def _try_again(self) -> None:
        """Let those run again that have paused long enough or were mended by others."""
        for name, stopped in list(self._failed.items()):
            if stopped.again_at is not None and monotonic() < stopped.again_at:
                with self._connecting() as conn:
                    if horizon(conn, name).failure is not None:
                        continue
            # Kept, so that the next pause is longer, until it has taken something.
            self._failed[name] = stopped._replace(again_at=None)

    def _is_running(self, projection: Projection) -> bool:
        stopped = self._failed.get(projection.name)
        return stopped is None or stopped.again_at is None

    def _step(self, goal: int, stop_at: int | None = None) -> int | None:
        """Take every projection that is behind `goal` one page on, no page reaching beyond
        `stop_at`; the lowest position of those that run (`None`: none does)."""
        behind: dict[int, list[Projection]] = {}
        for projection in filter(self._is_running, self._projections):
            at = self._place_of(projection).position
            if at < goal:
                behind.setdefault(at, []).append(projection)
        for at, those in behind.items():
            piece = self._read(at, stop_at)
            self.beat()
            self._take_all(those, piece)
        running = filter(self._is_running, self._projections)
        return min((self._place_of(each).position for each in running), default=None)

    def _read(self, after: int, stop_at: int | None) -> LogPiece | UnreadableEventError | None:
        try:
            return read_piece(self._log, after, self._page_events, stop_at)
        except UnreadableEventError as error:
            return error

    def _place_of(self, projection: Projection) -> Checkpoint:
        checkpoint = self._left_at.get(projection.name)
        if checkpoint is None:
            with self._connecting() as conn:
                checkpoint = read_checkpoint(conn, projection.name)
            self._left_at[projection.name] = checkpoint
        return checkpoint

    # --- writing --------------------------------------------------------------------------------

    def _take_all(
        self, those: Sequence[Projection], piece: LogPiece | UnreadableEventError | None
    ) -> None:
        """Apply a piece to all of these, in as few transactions as are good for its size."""
        if isinstance(piece, LogPiece):
            together = [each for each in those if self._shares(each, piece)]
            if len(together) > 1 and self._have_taken(together, piece):
                those = [each for each in those if each not in together]
        for each in those:
            self._take(each, piece)

    def _shares(self, projection: Projection, piece: LogPiece) -> bool:
        """Whether a projection takes a piece in a transaction with others."""
        # What has failed may fail again, and the others would go back with it.
        is_light = len(piece.events) <= _SMALL_PAGE or not _of_interest(projection, piece)
        return is_light and projection.name not in self._failed

    def _have_taken(self, those: Sequence[Projection], piece: LogPiece) -> bool:
        """Apply a piece to all of these or, where one fails, to none; which of the two."""
        try:
            self._write(those, piece)
        except Exception as error:
            for each in those:
                self._lost(each)
            if is_lost_connection(error):
                raise
            return False
        return True

    def _take(self, projection: Projection, piece: LogPiece | UnreadableEventError | None) -> None:
        """Apply a piece; where it fails, command by command up to the one that does."""
        if isinstance(piece, UnreadableEventError):
            self._record_failure(projection, piece.event_id, piece)
        if not isinstance(piece, LogPiece) or self._have_taken([projection], piece):
            return
        at = self._place_of(projection).position
        for command in piece.commands():
            if command.events[-1].position <= at:
                continue
            try:
                self._write([projection], command)
            except Exception as error:
                self._lost(projection)
                if is_lost_connection(error):
                    raise
                culprit = self._first_that_fails(projection, command)
                self._record_failure(projection, culprit.event_id, error)
                return
            at = self._place_of(projection).position

    def _write(self, those: Sequence[Projection], piece: LogPiece) -> None:
        """The rows and the positions of all of these, in one transaction."""
        expected = {each.name: self._place_of(each) for each in those}
        first, last = piece.events[0].position, piece.events[-1].position
        moving = []
        with self._connecting() as conn, conn.transaction():
            found = lock_checkpoints(conn, list(expected))
            for each in those:
                checkpoint = found[each.name]
                if checkpoint == expected[each.name] and checkpoint.position == first - 1:
                    moving.append(each)
                else:
                    # Another runner has been here, or other tables are: go on from where they are.
                    each.forget()
                    self._left_at[each.name] = checkpoint
            for each in moving:
                if of_interest := _of_interest(each, piece):
                    each.apply(conn, of_interest)
                    self.beat()
            if moving:
                move_checkpoints(conn, [each.name for each in moving], last, piece.complete_at)
        self.beat()
        for each in moving:
            self._left_at[each.name] = found[each.name]._replace(position=last)
            self._failed.pop(each.name, None)

    def _lost(self, projection: Projection) -> None:
        projection.forget()
        self._left_at.pop(projection.name, None)

    # --- failing --------------------------------------------------------------------------------

    def _first_that_fails(self, projection: Projection, command: LogPiece) -> Recorded[Fact]:
        """The event of a command that fails which the projection trips over, by halving."""
        events = _of_interest(projection, command)
        taken, failing = 0, len(events)
        while failing - taken > 1:
            middle = (taken + failing) // 2
            if self._fails(projection, events[:middle]):
                failing = middle
            else:
                taken = middle
        return events[failing - 1] if events else command.events[0]

    def _fails(self, projection: Projection, events: Page) -> bool:
        """Whether these cannot be taken; nothing comes of trying."""
        self.beat()
        try:
            with self._connecting() as conn, conn.transaction(force_rollback=True):
                lock_checkpoints(conn, [projection.name])
                projection.apply(conn, events)
        except Exception as error:
            if is_lost_connection(error):
                raise
            return True
        finally:
            projection.forget()
        return False

    def _record_failure(self, projection: Projection, event_id: UUID, error: Exception) -> None:
        failure = kept(error).replace("\x00", "\ufffd")
        name = projection.name
        at = self._place_of(projection).position
        with self._connecting() as conn:
            keep_failure(conn, name, at, event_id, failure)
        failed = ProjectionStoppedError(name, event_id, failure)
        failed.__cause__ = error
        before = self._failed.get(name)
        pause = self._first_pause if before is None else 2 * before.pause
        pause = min(pause, _LONGEST_PAUSE_SECONDS)
        self._failed[name] = _Stopped(failed, monotonic() + pause, pause)
