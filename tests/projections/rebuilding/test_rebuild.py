"""A rebuild beside the live tables: what it leaves, what it refuses, and who notices (nobody)."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic

import psycopg
import pytest

from projections.deadlines.deadlines import DeadlinesProjection
from projections.exercise.steps import ExerciseOutcomeProjection
from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import horizon, wait_for
from projections.keeping_up.pages import Page
from projections.keeping_up.runner import Projection, ProjectionStoppedError, digest
from projections.position.projection import NAME
from projections.position.queries import position_at
from projections.rebuilding.fill import Fill
from projections.rebuilding.rebuild import (
    Progress,
    Rebuilt,
    Stage,
    fill_what_is_empty,
    rebuild,
)
from projections.rebuilding.side_tables import UnderWay, rebuild_under_way, tables_beside
from tests.support.changes import change
from tests.support.projecting import Office, positions_of
from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import Conflict
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines
JAN = date(2014, 1, 1)
FEB = date(2014, 2, 1)


class Roll:
    """Lists who was registered, and cannot bear some people."""

    name = "roll"
    tables = ("roll", "roll_note")
    facts: tuple[type[Fact], ...] = (StaffRegistered,)

    def __init__(self, *unbearable: str) -> None:
        self.unbearable = unbearable

    def apply(self, conn: Conn, page: Page) -> None:
        for event in page:
            assert isinstance(event.fact, StaffRegistered)
            if event.fact.staff_number in self.unbearable:
                raise ValueError(f"cannot bear {event.fact.staff_number}")
            conn.execute("INSERT INTO roll VALUES (%s, %s)", (event.position, event.stream))

    def forget(self) -> None:
        pass


class FilledRoll(Roll):
    """The same, which fills itself; or tries to."""

    def __init__(self, *unbearable: str, breaks: bool = False) -> None:
        super().__init__(*unbearable)
        self.breaks = breaks
        self.filled: list[Fill] = []

    def fill(self, fill: Fill) -> None:
        self.filled.append(fill)
        with psycopg.connect(fill.database_url, autocommit=True) as conn:
            conn.execute(f"SET search_path TO {fill.schema}, public")
            conn.execute("DROP INDEX roll_stream_idx")
            conn.execute(
                "INSERT INTO roll SELECT notification_id, originator_id FROM events"
                " WHERE topic = 'staff-registered.v1' AND notification_id <= %s",
                (fill.until,),
            )
            if self.breaks:
                raise ValueError("broken")
            conn.execute("CREATE INDEX roll_stream_idx ON roll (left(stream, 3) DESC)")
        fill.progress(fill.until)


@pytest.fixture
def _roll(conn: psycopg.Connection) -> None:
    conn.execute(
        'CREATE TABLE roll (place bigint NOT NULL, stream text COLLATE "C",'
        " CONSTRAINT the_key PRIMARY KEY (place), CONSTRAINT named CHECK (stream <> 'x'))"
        " WITH (fillfactor = 70, autovacuum_enabled = false)"
    )
    conn.execute("CREATE INDEX roll_stream_idx ON roll (left(stream, 3) DESC)")
    conn.execute("CREATE UNIQUE INDEX some_idx ON roll (stream) WHERE stream <> 'y'")
    conn.execute(
        "CREATE UNLOGGED TABLE roll_note (place bigint REFERENCES roll, note text DEFAULT 'none')"
    )


def rebuilt(office: Office, url: str, projection: Projection, **how: object) -> Rebuilt:
    """A rebuild while the office's runner goes on."""
    return rebuild(office.log, url, projection, **how)  # type: ignore[arg-type]  # by name


def _left_behind(conn: psycopg.Connection) -> list[object]:
    return [
        *conn.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rebuilding%'"),
        *conn.execute("SELECT name FROM projection_rebuilds"),
    ]


_SHAPE = """
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'table', relname, concat_ws(' ', relkind, relpersistence, reloptions::text,
    relacl::text, relowner) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
UNION ALL SELECT 'column', attrelid::regclass::text || ' ' || attnum || ' ' || attname,
    concat_ws(' ', atttypid::regtype, atttypmod, attnotnull, attcollation, attstorage,
              attcompression, attstattarget, pg_get_expr(adbin, adrelid)) FROM pg_attribute
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
ORDER BY 1, 2, 3
"""


def test_a_rebuild_replaces_the_rows_and_nothing_else(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    office.register("S1", band="4")
    office.record((staff_stream("S1"), change(FEB, band="5")))
    office.runner.catch_up()
    shape = conn.execute(_SHAPE).fetchall()
    before = digest(conn, office.projection)
    told: list[Progress] = []
    done = rebuilt(office, database_url, positions_of(office.log), report=told.append)
    assert (done.same, done.swapped, done.events) == (True, True, 2)
    assert done.digest_before == done.digest_after
    assert digest(conn, office.projection) == before
    assert conn.execute(_SHAPE).fetchall() == shape
    assert [each.stage for each in told] == sorted(
        (each.stage for each in told), key=list(Stage).index
    )
    assert {each.stage for each in told} == set(Stage)
    assert _left_behind(conn) == []


@pytest.mark.usefixtures("_roll")
@pytest.mark.parametrize("made", [Roll, FilledRoll])
def test_the_copies_are_made_like_the_tables_in_every_respect(
    log: Log[Fact],
    conn: psycopg.Connection,
    database_url: str,
    made: type[Roll],
) -> None:
    office = Office(log, [Roll()])
    for n in range(3):
        office.register(f"S{n}")
    office.runner.catch_up()
    shape = conn.execute(_SHAPE).fetchall()
    projection = made()
    done = rebuilt(office, database_url, projection, fill_from=2)
    assert (done.same, done.swapped) == (True, True)
    if isinstance(projection, FilledRoll):
        assert [(each.until, each.schema[:11]) for each in projection.filled] == [
            (3, "rebuilding_")
        ]
    assert conn.execute(_SHAPE).fetchall() == shape
    office.register("S3")
    office.runner.catch_up()
    assert len(conn.execute("SELECT FROM roll").fetchall()) == 4


def test_live_tables_that_differ_stay_unless_that_is_accepted(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    at = office.register("S1", band="4")
    office.register("S2", band="4")
    office.runner.catch_up()
    right = digest(conn, office.projection)
    conn.execute("DELETE FROM scope_membership; UPDATE projection_positions SET failure = NULL")
    table = office.projection.tables[1]
    conn.execute(f"DELETE FROM {table} WHERE staff_number = 'S2'")
    wrong = digest(conn, office.projection)

    refused = rebuilt(office, database_url, positions_of(office.log))
    assert (refused.same, refused.swapped) == (False, False)
    assert refused.digest_before != refused.digest_after
    assert [each.table for each in refused.differences] == [table]
    told = refused.differences[0]
    assert told.rows_before < told.rows_after
    assert told.only_before == ()
    assert "S2" in told.only_after[0]
    assert digest(conn, office.projection) == wrong

    looked = rebuilt(office, database_url, positions_of(office.log), accept=True, dry_run=True)
    assert (looked.same, looked.swapped) == (False, False)
    assert digest(conn, office.projection) == wrong

    taken = rebuilt(office, database_url, positions_of(office.log), accept=True)
    assert (taken.same, taken.swapped) == (False, True)
    assert digest(conn, office.projection) == right
    assert position_at(conn, "S1", JAN, at).position[Facet.BAND].value == "4"


@pytest.mark.usefixtures("_roll")
def test_a_projection_that_failed_is_mended_without_comparing(
    log: Log[Fact], conn: psycopg.Connection, database_url: str
) -> None:
    office = Office(log, [Roll("S1")])
    for n in range(3):
        office.register(f"S{n}")
    with pytest.raises(ProjectionStoppedError):
        office.runner.catch_up()
    with pytest.raises(ProjectionStoppedError, match="cannot bear S1"):
        rebuilt(office, database_url, Roll("S1"))
    assert horizon(conn, "roll").position == 1

    done = rebuilt(office, database_url, Roll())
    assert (done.same, done.swapped) == (None, True)
    assert "cannot bear S1" in (done.not_compared or "")
    assert horizon(conn, "roll").failure is None
    assert horizon(conn, "roll").position == 3


@pytest.mark.usefixtures("_roll")
def test_a_fill_that_fails_is_made_again_by_pages_which_say_at_what(
    log: Log[Fact], conn: psycopg.Connection, database_url: str
) -> None:
    office = Office(log, [Roll()])
    for n in range(3):
        office.register(f"S{n}")
    office.runner.catch_up()
    shape = conn.execute(_SHAPE).fetchall()
    done = rebuilt(office, database_url, FilledRoll(breaks=True), fill_from=2)
    assert (done.same, done.swapped, done.fill_failed) == (True, True, "ValueError: broken")
    assert conn.execute(_SHAPE).fetchall() == shape
    with pytest.raises(ProjectionStoppedError, match="cannot bear S2"):
        rebuilt(office, database_url, FilledRoll("S2", breaks=True), fill_from=2)
    assert digest(conn, Roll()) == done.digest_after


@pytest.mark.usefixtures("_roll")
def test_what_has_seen_nothing_of_a_long_log_is_filled_first(
    log: Log[Fact], conn: psycopg.Connection, database_url: str
) -> None:
    office = Office(log, [FilledRoll()])
    for n in range(3):
        office.register(f"S{n}")
    assert fill_what_is_empty(log, database_url, [FilledRoll()], fill_from=3) == []
    done = fill_what_is_empty(log, database_url, [FilledRoll(), Roll()], fill_from=2)
    assert [(each.projection, each.swapped) for each in done] == [("roll", True)]
    assert horizon(conn, "roll").position == 3
    assert fill_what_is_empty(log, database_url, [FilledRoll()], fill_from=2) == []
    office.register("S4")
    office.runner.catch_up()
    assert len(conn.execute("SELECT FROM roll").fetchall()) == 4


def test_of_two_rebuilds_the_second_is_refused_and_the_first_is_seen(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    office.register("S1")
    office.runner.catch_up()
    seen: list[UnderWay | None] = []

    def try_another(progress: Progress) -> None:
        if progress.stage is Stage.COMPARING and not seen:
            seen.append(rebuild_under_way(conn))
            with pytest.raises(Conflict, match=r"another rebuild of position, begun at .* UTC"):
                rebuilt(
                    office,
                    database_url,
                    DeadlinesProjection(office.log.read_many, office.log.known),
                )

    done = rebuilt(office, database_url, positions_of(office.log), report=try_another)
    assert done.swapped
    assert seen[0] is not None
    assert (seen[0].name, seen[0].until) == (NAME, 1)
    assert rebuild_under_way(conn) is None


_KILLED = """
import os, signal, sys
from contextlib import closing
from projections.rebuilding.rebuild import rebuild
from tests.support.projecting import positions_of
from transfer.kinds import KNOWN
from transfer.log.application import open_log

def die(progress):
    if progress.stage == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

with closing(open_log(sys.argv[1], known=KNOWN)) as log:
    rebuild(log, sys.argv[1], positions_of(log), report=die)
"""


@pytest.mark.parametrize("stage", list(Stage))
def test_a_rebuild_killed_half_way_leaves_the_live_tables_and_the_next_one_starts_clean(
    office: Office, conn: psycopg.Connection, database_url: str, stage: Stage
) -> None:
    for n in range(5):
        office.register(f"S{n}", band=str(n))
    office.runner.catch_up()
    before = digest(conn, office.projection)
    shape = conn.execute(_SHAPE).fetchall()
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, database_url, stage], check=False, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert _left_behind(conn) != []
    until = monotonic() + 30
    while rebuild_under_way(conn) is not None:  # until the server has noticed
        assert monotonic() < until
    assert digest(conn, office.projection) == before
    office.register("S9")
    office.runner.catch_up()

    done = rebuilt(office, database_url, positions_of(office.log))
    assert (done.same, done.swapped, done.events) == (True, True, 6)
    assert conn.execute(_SHAPE).fetchall() == shape
    assert _left_behind(conn) == []


def test_a_long_question_delays_the_swap_and_not_the_other_readers(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    office.register("S1", band="4")
    office.runner.catch_up()
    table = office.projection.tables[1]
    done: list[Rebuilt] = []
    trying = threading.Event()

    def note(progress: Progress) -> None:
        if progress.stage is Stage.SWAPPING:
            trying.set()

    with psycopg.connect(database_url) as reading:
        reading.execute(f"SELECT FROM {table}")
        thread = threading.Thread(
            target=lambda: done.append(
                rebuilt(
                    office,
                    database_url,
                    positions_of(office.log),
                    report=note,
                )
            )
        )
        thread.start()
        assert trying.wait(30)
        # Behind the swap, which waits for the long reader, and gives way in time.
        conn.execute("SET statement_timeout = '5s'")
        at = office.record((staff_stream("S1"), change(FEB, band="5")))
        office.runner.catch_up()
        for _ in range(20):
            assert position_at(conn, "S1", FEB, at).position[Facet.BAND].value == "5"
        assert done == []
    thread.join()
    assert done[0].swapped
    assert position_at(conn, "S1", FEB, at).position[Facet.BAND].value == "5"


def test_what_was_taken_in_a_swap_that_gave_way_is_taken_at_the_next(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    office.register("S1", band="4")
    office.runner.catch_up()
    recorded: list[datetime] = []

    with psycopg.connect(database_url) as reading:
        reading.execute(f"SELECT FROM {office.projection.tables[1]}")

        def note(progress: Progress) -> None:
            if progress.stage is not Stage.SWAPPING:
                return
            if recorded:
                reading.rollback()
            else:
                # After the new tables were level, and before the swap, which the reader stops.
                recorded.append(office.record((staff_stream("S1"), change(FEB, band="5"))))
                office.runner.catch_up()

        done = rebuilt(office, database_url, positions_of(office.log), report=note)

    assert done.swapped
    [at] = recorded
    assert horizon(conn, NAME).recorded_at == at
    assert position_at(conn, "S1", FEB, at).position[Facet.BAND].value == "5"


@contextmanager
def _threads(*targets: Callable[[], None]) -> Iterator[list[BaseException]]:
    """Run these until the block ends (they look at what it sets); what they raised."""
    raised: list[BaseException] = []

    def run(target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    try:
        yield raised
    finally:
        for thread in threads:
            thread.join()


def test_nobody_notices_a_rebuild(
    log: Log[Fact], conn: psycopg.Connection, database_url: str
) -> None:
    """Writers write, readers read by prepared statements, and every answer is right."""
    projections: list[Projection] = [
        positions_of(log),
        DeadlinesProjection(log.read_many, log.known),
        ExerciseOutcomeProjection(),
    ]
    office = Office(log, projections)
    for n in range(20):
        office.register(f"S{n}", band="0")
    office.runner.catch_up()
    office.runner.start()
    ended = threading.Event()
    said: list[tuple[str, str, datetime]] = []
    answers = [0]

    def write() -> None:
        with psycopg.connect(database_url, autocommit=True) as reading:
            n = 0
            while not ended.is_set():
                n += 1
                staff = f"S{n % 20}"
                at = office.record((staff_stream(staff), change(FEB, band=str(n))))
                said.append((staff, str(n), at))
                # The live projections go on: nobody waits for a rebuild to see a write.
                assert wait_for(reading, NAME, 20 + n, timeout=10)

    def read() -> None:
        with psycopg.connect(database_url, autocommit=True) as reading:
            n = 0
            while not ended.is_set():
                n += 1
                if len(said) < 3:
                    continue
                staff, band, at = said[-1 - n % 3]
                if horizon(reading, NAME).recorded_at < at:
                    continue
                found = position_at(reading, staff, FEB, at)
                assert found.position[Facet.BAND].value == band
                answers[0] += 1

    try:
        with _threads(write, read, read) as raised:
            try:
                done = [
                    rebuilt(office, database_url, each, page_events=50)
                    for _ in range(2)
                    for each in (
                        positions_of(log),
                        DeadlinesProjection(log.read_many, log.known),
                        ExerciseOutcomeProjection(),
                    )
                ]
            finally:
                ended.set()
        assert raised == []
        assert [(each.same, each.swapped) for each in done] == [(True, True)] * 6
        assert answers[0] > 100
        office.runner.catch_up()
        assert office.runner.failures() == {}
    finally:
        office.runner.stop()
    live = digest(conn, projections[0])
    again = rebuilt(office, database_url, positions_of(log))
    assert (again.digest_before, again.same) == (again.digest_after, True)
    assert digest(conn, projections[0]) == live


def test_a_runner_in_another_place_goes_on_after_the_swap(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    """Its memory of what the tables held is dropped, also where it stood at the same position."""
    office.register("S1", band="4")
    office.runner.catch_up()
    table = office.projection.tables[1]
    conn.execute(f"DELETE FROM {table}")
    assert rebuilt(office, database_url, positions_of(office.log), accept=True).swapped
    at = office.record((staff_stream("S1"), change(FEB, band="5")))
    office.runner.catch_up()
    assert position_at(conn, "S1", FEB, at).position[Facet.BAND].value == "5"
    assert rebuilt(office, database_url, positions_of(office.log)).same


def test_what_a_killed_rebuild_still_has_running_is_ended(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    conn.execute("CREATE SCHEMA rebuilding_1_1")
    conn.execute("CREATE TABLE rebuilding_1_1.left_over (n int)")
    with psycopg.connect(database_url) as orphan:
        orphan.execute("INSERT INTO rebuilding_1_1.left_over VALUES (1)")
        with tables_beside(database_url, NAME, office.projection.tables):
            pass
        with pytest.raises(psycopg.OperationalError):
            orphan.execute("SELECT 1")
    assert _left_behind(conn) == []


def test_a_live_projection_that_nobody_brings_on_is_not_waited_for_without_end(
    office: Office, conn: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.register("S1")
    office.runner.catch_up()
    office.register("S2")
    monkeypatch.setattr("projections.rebuilding.rebuild._STANDSTILL_SECONDS", 0.1)
    with pytest.raises(Conflict, match="stands at 1 of 2 events and nobody brings it on"):
        rebuilt(office, database_url, positions_of(office.log))
    assert horizon(conn, NAME).position == 1
    assert _left_behind(conn) == []
