"""The projection of positions made from an empty table, beside COPY and the library's runner."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from threading import Event
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from projections.position import PositionProjection
from projections.runner import Runner
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, rate_of, seconds_of
from tests.benchmarks.scene import Scene
from transfer.core.facts import Fact
from transfer.log.application import Log, open_log

_IN_A_SAVE = 100
_PATIENCE_SECONDS = 600.0
_BARE = "CREATE TABLE bare (LIKE position_sheet)"
_KEYED = "CREATE TABLE keyed (LIKE position_sheet INCLUDING INDEXES)"


class Note(Aggregate):
    """A thing of the library's own kind, with facts of its own kind."""

    class Noted(Aggregate.Event):
        """Something was noted."""

        text: str

    def note(self, text: str) -> None:
        """Note something."""
        self.trigger_event(self.Noted, text=text)


class Noting(Application[UUID]):
    """The library's application, as it comes."""


class Tracked(Projection[TrackingRecorder]):
    """The simplest view that there is: it only notes how far it has seen."""

    goal = 0
    arrived = Event()

    def process_event(self, _event: Any, tracking: Tracking) -> None:
        """Note the position, in a transaction, as the library's runner would have it."""
        self.view.insert_tracking(tracking)
        if tracking.notification_id >= self.goal:
            self.arrived.set()


def lines(scene: Scene) -> Iterator[Line]:
    """The rate in rows beside COPY's, and the rate in events beside the library's runner."""
    people = scene.sizes.caught_up
    with (
        scene.database() as url,
        closing(open_log(url)) as log,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        people.record(log)
        ours = partial(_make_anew, log)
        ours()
        for statement in (_BARE, _KEYED):
            connection.execute(statement)
        block, rows = _finished(connection)
        if rows != people.sheets:
            raise AssertionError(f"{rows} sheets, where {people.sheets} were expected")
        library = Library(url, scene.sizes.runner_events)
        made, *copied, followed = in_turns(
            rate_of(rows, ours),
            partial(_copy_rate, connection, "bare", block, rows),
            partial(_copy_rate, connection, "keyed", block, rows),
            library.rate,
            rounds=scene.sizes.rounds,
        )
    for figures, table in zip(copied, ("bare table", "same indexes"), strict=True):
        yield median_line(
            f"positions caught up from empty, {rows:,} sheets, beside COPY ({table})",
            (made, figures),
            "sheets/s",
            Target(">=", 0.25),
        )
    yield median_line(
        f"positions caught up from empty, {people.events:,} events, beside the library's runner",
        ([rate * people.events / rows for rate in made], followed),
        "events/s",
        Target(">=", 50),
    )


def _make_anew(log: Log[Fact]) -> None:
    Runner(log, [PositionProjection(log.read_many)]).rebuild()


def _finished(connection: psycopg.Connection) -> tuple[bytes, int]:
    with connection.cursor() as cursor:
        with cursor.copy(b"COPY position_sheet TO STDOUT (FORMAT BINARY)") as copy:
            block = b"".join(bytes(part) for part in copy)
        rows = cursor.execute("SELECT count(*) FROM position_sheet").fetchone()
    return block, rows[0] if rows else 0


def _copy_rate(
    connection: psycopg.Connection, table: str, block: bytes, rows: int
) -> Sequence[float]:
    name = sql.Identifier(table)

    def copy_in() -> None:
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(name)
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(block)

    connection.execute(sql.SQL("TRUNCATE {}").format(name))
    return [rows / seconds_of(copy_in)]


class Library:
    """The library's application and its projection runner, on the same server."""

    def __init__(self, url: str, events: int) -> None:
        given = conninfo_to_dict(url)
        self._url = url
        self._events = events
        self._env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(given["dbname"]),
            "POSTGRES_HOST": str(given["host"]),
            "POSTGRES_PORT": str(given["port"]),
            "POSTGRES_USER": str(given["user"]),
            "POSTGRES_PASSWORD": "",
        }
        # Small saves: it hangs on large ones.
        with Noting(self._env) as application:
            for _ in range(0, events, _IN_A_SAVE):
                note = Note()
                for n in range(_IN_A_SAVE - 1):
                    note.note(str(n))
                application.save(note)

    def rate(self) -> Sequence[float]:
        """Events a second, from the moment it begins to the last one's transaction."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS tracked_tracking")
        Tracked.goal = self._events
        Tracked.arrived = Event()
        began = perf_counter()
        with ProjectionRunner(
            application_class=Noting,
            projection_class=Tracked,
            view_class=PostgresTrackingRecorder,
            env=self._env,
        ):
            if not Tracked.arrived.wait(_PATIENCE_SECONDS):
                raise TimeoutError("the library's runner does not arrive")
            return [self._events / (perf_counter() - began)]
