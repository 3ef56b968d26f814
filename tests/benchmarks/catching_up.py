"""The projection of positions made from an empty table, beside COPY and the library's runner."""

import os
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

from projections.position.projection import PositionProjection
from projections.rebuilding.fill import Fill
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, seconds_of
from tests.benchmarks.population import Population
from tests.benchmarks.scene import Scene
from tests.support.projecting import positions_of
from transfer.kinds import KNOWN
from transfer.log.application import open_log

_IN_A_SAVE = 100
_PATIENCE_SECONDS = 600.0
_TABLES = ("position_sheet", "ever_stated")
"""Those that the rows of a population lie in."""

_MADE = "made"
_BARE = "bare"
_KEYED = "keyed"


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
        closing(open_log(url, known=KNOWN)) as log,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        people.record(log)
        connection.execute("VACUUM ANALYZE events")
        ours = partial(_rate_of_fill, connection, url, positions_of(log), people)
        ours()
        blocks = [_finished(connection, table) for table in _TABLES]
        rows = sum(count for _, count in blocks)
        if blocks[0][1] != people.sheets:
            raise AssertionError(f"{blocks[0][1]} sheets, where {people.sheets} were expected")
        library = Library(url, scene.sizes.runner_events)
        made, *copied, followed = in_turns(
            ours,
            partial(_copy_rate, connection, _BARE, [block for block, _ in blocks], rows),
            partial(_copy_rate, connection, _KEYED, [block for block, _ in blocks], rows),
            library.rate,
            rounds=scene.sizes.rounds,
        )
    size = f"{people.rows:,} rows of position in {rows:,} rows"
    for figures, table, target in zip(
        copied, ("bare tables", "same indexes"), (0.25, 0.5), strict=True
    ):
        yield median_line(
            f"positions caught up from empty, {size}, beside COPY ({table})",
            ([rate * rows / people.events for rate in made], figures),
            "rows/s",
            Target(">=", target),
        )
    yield median_line(
        f"positions caught up from empty, {people.events:,} events, beside the library's runner",
        (made, followed),
        "events/s",
        Target(">=", 50),
    )


def _make_tables(connection: psycopg.Connection, schema: str, like: str) -> None:
    """Empty tables in a schema of their own."""
    name = sql.Identifier(schema)
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    for table in PositionProjection.tables:
        copy = sql.Identifier(schema, table)
        original = sql.Identifier("public", table)
        statement = sql.SQL("CREATE TABLE {} (LIKE {} {})")
        connection.execute(statement.format(copy, original, sql.SQL(like)))


def _rate_of_fill(
    connection: psycopg.Connection, url: str, projection: PositionProjection, people: Population
) -> Sequence[float]:
    """Events a second, tables and indexes ready to be read."""
    _make_tables(connection, _MADE, "INCLUDING ALL")
    processes = os.cpu_count() or 1
    fill = Fill(url, _MADE, people.events, processes, lambda _: None)
    return [people.events / seconds_of(partial(projection.fill, fill))]


def _finished(connection: psycopg.Connection, table: str) -> tuple[bytes, int]:
    name = sql.Identifier(_MADE, table)
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT BINARY)").format(name)) as copy:
            block = b"".join(bytes(part) for part in copy)
        rows = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
    return block, rows[0] if rows else 0


def _copy_rate(
    connection: psycopg.Connection, schema: str, blocks: Sequence[bytes], rows: int
) -> Sequence[float]:
    def copy_in() -> None:
        for table, block in zip(_TABLES, blocks, strict=True):
            statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(
                sql.Identifier(schema, table)
            )
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(block)

    _make_tables(connection, schema, "" if schema == _BARE else "INCLUDING ALL")
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
