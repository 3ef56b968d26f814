"""Who leads what only one process at a time should do: by a lock of a database session.

    lead = Lead(database_url, Part.PROJECTIONS)
    lead.try_now()                    # whether it is ours from the beginning
    lead.follow(begin, end)           # in a thread: begin when it is ours, end when no more
    ...
    lead.close()

The process that holds the lock leads; the others ask for it twice a second. The lock ends with the
session. A process that is killed gives it back at once; where one hangs, or its machine has gone,
the server ends the session after `IDLE_SECONDS` without a word. So another one leads within five
seconds, whatever has happened.

Two that lead for a moment, as when a process that hung comes back, do no harm. A process of which
one thread hangs alone goes on leading: the lag of what it leads, in /metrics, shows that it stands
still. PgBouncer in front of the server must be in session mode.
"""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.rows import tuple_row

from transfer.database_url import SHORT_CONNECT_SECONDS, options_with
from transfer.log.availability import cut
from transfer.log.faults import NO_ANSWER

_logger = structlog.get_logger(__name__)

IDLE_SECONDS: Final = 4.0
"""How long the server waits for a word of who leads, before it lets another one lead."""

_LOOK_SECONDS: Final = 0.5
_STOP_SECONDS: Final = 2.0
_END_SECONDS: Final = 30.0

# Any constant does, so long as nothing else in this database locks it ("lead" in ASCII).
_LOCKS: Final = 0x6C656164

_TAKE = "SELECT pg_try_advisory_lock(%s, %s)"
_HELD = (
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND classid = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Part(StrEnum):
    """What is led."""

    PROJECTIONS = "projections"
    """Read models kept up, and notices sent."""

    PROCEDURES = "procedures"
    """Temporal told of the log, and compared with it."""


_OBJECTS: Final = {Part.PROJECTIONS: 1, Part.PROCEDURES: 2}


def led(connection: psycopg.Connection[object]) -> frozenset[Part]:
    """The parts that some process leads now."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        held = {row[0] for row in cursor.execute(_HELD, (_LOCKS,))}
    return frozenset(part for part, number in _OBJECTS.items() if number in held)


class Lead:
    """One process's place in the queue for one part. Safe to ask from any thread.

    `begin` and `end` are called on a thread of the lead, one after the other, and must not take
    long: while `begin` runs, nothing is said to the server. Where `begin` raises that the
    database does not answer, `end` is called and `begin` tried again later; any other error ends
    the thread.
    """

    def __init__(self, database_url: str, part: Part) -> None:
        # The server's own clock ends the session of who is silent, wherever the network broke.
        options = options_with(database_url, {"idle_session_timeout": f"{IDLE_SECONDS:.0f}s"})
        self._conninfo = make_conninfo(
            database_url, options=options, connect_timeout=SHORT_CONNECT_SECONDS
        )
        self._part = part
        self._session: psycopg.Connection | None = None
        self._leads = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._follower: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._begun = False

    @property
    def part(self) -> Part:
        """What it is about."""
        return self._part

    @property
    def is_held(self) -> bool:
        """Whether this process leads, as far as it knows."""
        return self._leads

    def try_now(self) -> bool:
        """Take the lead if nobody has it, and keep it; whether it is ours. Once, before `follow`.

        A database that does not answer is no reason to fail: it is asked again by and by.
        """
        self._look()
        held = self._leads
        self._thread = threading.Thread(
            target=self._keep, name=f"lead of {self._part}", daemon=True
        )
        self._thread.start()
        return held

    def follow(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        """Call `begin` whenever this process leads from now on, and `end` when no more."""
        self._follower = begin, end
        if self._thread is None:
            self.try_now()

    def close(self) -> None:
        """End what was begun, then let another one lead. It waits for no server that is silent."""
        self._stopping.set()
        if self._thread is None:
            return
        self._thread.join(_STOP_SECONDS)
        session = self._session
        if self._thread.is_alive() and session is not None:
            cut(session)
        self._thread.join(_END_SECONDS)

    # --- the thread -----------------------------------------------------------------------------

    def _keep(self) -> None:
        try:
            while not self._stopping.is_set():
                self._look()
                if self._follower is not None and self._leads is not self._begun:
                    self._turn(*self._follower)
                self._stopping.wait(_LOOK_SECONDS)
        finally:
            if self._follower is not None and self._begun:
                self._begun = False
                self._follower[1]()
            self._leave()

    def _turn(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begun = self._leads
        if not self._leads:
            _logger.warning("no longer leading", part=str(self._part))
            end()
            return
        _logger.info("leading", part=str(self._part))
        try:
            begin()
        except NO_ANSWER as error:
            # It has just come back, or goes again: another process may be better off.
            _logger.warning("cannot lead yet", part=str(self._part), why=type(error).__name__)
            self._begun = False
            end()
            self._leave()

    def _look(self) -> None:
        """Say to the server that we are there, and ask for the lock where it is not ours."""
        try:
            if self._session is None:
                self._session = psycopg.connect(self._conninfo, autocommit=True)
            if self._leads:
                self._session.execute("SELECT")
            else:
                row = self._session.execute(_TAKE, (_LOCKS, _OBJECTS[self._part])).fetchone()
                self._leads = row is not None and bool(row[0])
        except psycopg.Error:
            # The server has gone, or has ended the session; or it is not back yet.
            self._leave()

    def _leave(self) -> None:
        self._leads = False
        session, self._session = self._session, None
        if session is not None:
            session.close()
