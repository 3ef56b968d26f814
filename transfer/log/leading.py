"""Who leads what only one process at a time should do: by a lock of a database session.

    lead = Lead(database_url, Part.PROJECTIONS)
    lead.try_now()                    # whether it is ours from the beginning
    lead.follow(begin, end, beat)     # in a thread: begin when it is ours, end when no more
    ...
    lead.close()

The process that holds the lock leads; the others ask for it twice a second. The lock ends with the
session. A process that is killed gives it back at once; where one hangs, or its machine has gone,
the server ends the session after `IDLE_SECONDS` without a word. So another one leads within five
seconds, whatever has happened.

Where one thread hangs alone, the session goes on saying something. So what is led counts its steps
(`Beat`). A lead whose beat stands still for `STILL_SECONDS` gives up the lock and says so, and the
process has to end: nobody can stop a thread that hangs, nor undo what it holds.

Two that lead for a moment, as when a process that hung comes back, do no harm. PgBouncer in front
of the server must be in session mode.
"""

import threading
from collections.abc import Callable
from enum import StrEnum
from time import monotonic
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

STILL_SECONDS: Final = 180.0
"""For how long what is led may take no step before its process gives up the lead.

The longest step is a page of a read model that cannot be cut, one command about 25,000 people for
instance: some seconds, and several times as long on a busy machine. A process that ended over such
a page would meet it again, so this is far above it. Waiting for the database does not count
(`_WAITS`), whatever it waits for there.
"""

_LOOK_SECONDS: Final = 0.5
_WAITS_SECONDS: Final = 5.0
_ANSWERED_SECONDS: Final = 10.0
"""The time to take a step in, once the server has answered after all."""
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


# A statement of this process that the server has been at for long: then the process does not hang,
# it waits, perhaps for a lock of somebody else's, and another process would wait as long.
_WAITS = """
SELECT count(*) FROM pg_stat_activity AS ours
JOIN pg_stat_activity AS those USING (datid, usesysid, application_name)
WHERE ours.pid = pg_backend_pid() AND those.client_addr IS NOT DISTINCT FROM ours.client_addr
  AND those.state = 'active' AND those.pid <> ours.pid
  AND those.query_start < clock_timestamp() - make_interval(secs => %s)
"""


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


class Beat:
    """Counts the steps of what is led. To be called from any thread, as often as one likes."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self) -> None:
        """A step is done: what is led has not come to a halt."""
        self.steps += 1


class Lead:
    """One process's place in the queue for one part. Safe to ask from any thread.

    `begin` and `end` are called on a thread of the lead, one after the other, and must not take
    long: while `begin` runs, nothing is said to the server. Where `begin` raises that the
    database does not answer, `end` is called and `begin` tried again later; any other error ends
    the thread.

    `gives_up` is called with the reason, in words, where what is led takes no step any more. The
    lock is free by then, and `end` is not called: it would wait for what hangs.
    """

    def __init__(
        self, database_url: str, part: Part, gives_up: Callable[[str], None] = lambda _: None
    ) -> None:
        # The server's own clock ends the session of who is silent, wherever the network broke.
        options = options_with(database_url, {"idle_session_timeout": f"{IDLE_SECONDS:.0f}s"})
        self._conninfo = make_conninfo(
            database_url, options=options, connect_timeout=SHORT_CONNECT_SECONDS
        )
        self._part = part
        self._gives_up = gives_up
        self._session: psycopg.Connection | None = None
        self._leads = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._follower: tuple[Callable[[], None], Callable[[], None]] | None = None
        self._begun = False
        self._beat: Beat | None = None
        self._steps = 0
        self._looked_at = 0.0
        self._still = 0.0
        self._alone = 0.0
        """Of these seconds, those since it was last seen to wait for the database."""

    @property
    def part(self) -> Part:
        """What it is about."""
        return self._part

    @property
    def is_held(self) -> bool:
        """Whether this process leads, as far as it knows."""
        return self._leads

    @property
    def still_seconds(self) -> float:
        """For how long what this process leads has taken no step; 0 where it leads nothing."""
        return self._still

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

    def follow(
        self, begin: Callable[[], None], end: Callable[[], None], beat: Beat | None = None
    ) -> None:
        """Call `begin` whenever this process leads from now on, and `end` when no more.

        What `begin` begins has to call the `beat` as it gets on, also where it finds nothing to do.
        Without one it is not watched.
        """
        self._beat = beat
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
                if self._has_come_to_a_halt():
                    self._give_up()
                    return
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

    def _has_come_to_a_halt(self) -> bool:
        now = monotonic()
        # No more than it should take from look to look: where the whole process was held up, as by
        # a machine that slept, what is led has had no time to take a step either.
        passed, self._looked_at = min(now - self._looked_at, 2 * _LOOK_SECONDS), now
        if self._beat is None or not self._begun or self._beat.steps != self._steps:
            self._still = self._alone = 0.0
            self._steps = 0 if self._beat is None else self._beat.steps
            return False
        self._still += passed
        self._alone += passed
        if self._still > _WAITS_SECONDS and self._waits_for_the_database():
            self._alone = 0.0
        return self._still > STILL_SECONDS and self._alone > _ANSWERED_SECONDS

    def _waits_for_the_database(self) -> bool:
        """Whether the server is still at something that this process has asked for."""
        if self._session is None:
            return True  # nobody leads who has no session: the next look sees to that
        try:
            row = self._session.execute(_WAITS, (_WAITS_SECONDS,)).fetchone()
        except psycopg.Error:
            return True
        return row is None or bool(row[0])

    def _give_up(self) -> None:
        why = f"{self._part}: no step was taken for {self._still:.0f} seconds"
        _logger.error("gives up the lead", part=str(self._part), still_seconds=round(self._still))
        self._begun = False
        self._leave()
        self._gives_up(why)

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
