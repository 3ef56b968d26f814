"""Appending, beside a plain insert, the event library's own recorder, and COPY.

Writers are threads of one process with one log between them, as in the service.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from threading import Barrier
from time import perf_counter

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import sql

from tests.benchmarks.measuring import (
    Line,
    Target,
    in_turns,
    median_line,
    rate_of,
    seconds_of,
)
from tests.benchmarks.population import command_of, fact_of, id_of, registrations
from tests.benchmarks.scene import Scene
from transfer.core.streams import staff_stream
from transfer.kinds import KNOWN
from transfer.log.application import Log, New, open_datastore, open_log
from transfer.procedures.facts import Fact

WRITERS = 8
_PIECE = 5_000
_STORED = "originator_id, originator_version, topic, state, notification_id, recorded_at, event_id"
_BARE = "CREATE TABLE bare (LIKE events)"
_KEYED = "CREATE TABLE keyed (LIKE events INCLUDING INDEXES)"
ONE_ROW = """
CREATE TABLE one_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    originator_id text, originator_version bigint, topic text, state bytea)
"""
_INSERT = b"""
INSERT INTO one_row (originator_id, originator_version, topic, state) VALUES (%b, %b, %b, %b)
"""

Append = Callable[[int], object]
"""Writes the piece with that number, which nobody else has."""


def one_at_a_time(scene: Scene) -> Iterator[Line]:
    """The cost of one event, its command's row included, beside one row inserted and committed."""
    with scene.database() as url, closing(open_log(url, pool_size=WRITERS, known=KNOWN)) as log:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ONE_ROW)
        stored = stored_event(log)
        numbers = itertools.count(1)
        for writers, named in ((1, "1 writer"), (4, "4 writers")):
            with ExitStack() as stack:
                connections = [
                    stack.enter_context(psycopg.connect(url, autocommit=True))
                    for _ in range(writers)
                ]
                ours = [partial(append_one, log)] * writers
                baseline = [partial(insert_one, each, stored) for each in connections]
                figures = in_turns(
                    partial(costs, ours, numbers, scene.sizes.appends),
                    partial(costs, baseline, numbers, scene.sizes.appends),
                    rounds=scene.sizes.rounds,
                )
            yield median_line(f"append of one event, {named}", figures, "ms", Target("<=", 2), 1e3)


def eight_writers(scene: Scene) -> Iterator[Line]:
    """The rate of eight writers, beside the library's recorder as it comes."""
    with (
        scene.database() as url,
        closing(open_log(url, pool_size=WRITERS, known=KNOWN)) as log,
        open_datastore(url, pool_size=WRITERS) as datastore,
    ):
        recorder = _library_recorder(datastore)
        stored = stored_event(log)
        numbers = itertools.count(1)
        together = WRITERS * scene.sizes.appends

        def rate(append: Append) -> Callable[[], Sequence[float]]:
            work = [append] * WRITERS
            return rate_of(together, lambda: costs(work, numbers, scene.sizes.appends))

        figures = in_turns(
            rate(partial(append_one, log)),
            rate(partial(_record_one, recorder, stored)),
            rounds=scene.sizes.rounds,
        )
        yield median_line(
            f"append, {WRITERS} writers, beside the library's recorder",
            figures,
            "events/s",
            Target(">=", 4),
        )


def in_bulk(scene: Scene) -> Iterator[Line]:
    """The rate of one large append, and of a staged import, beside COPY of the same bytes."""
    for named, append in (("one append", _append_all), ("staged as an import", _import_all)):
        yield from _in_bulk(scene, named, append)


def _in_bulk(scene: Scene, named: str, append: "Bulk") -> Iterator[Line]:
    count = scene.sizes.bulk
    # Facts are made before the clock starts: they are what an import has in hand.
    batches = enumerate(
        [
            registrations(f"S{turn}-{n}" for n in range(count))
            for turn in range(scene.sizes.rounds + 1)
        ]
    )
    with (
        scene.database() as url,
        closing(open_log(url, known=KNOWN)) as log,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        for statement in (_BARE, _KEYED):
            connection.execute(statement)

        def ours() -> Sequence[float]:
            number, batch = next(batches)
            return [count / seconds_of(partial(append, log, batch, number))]

        def copy(table: str) -> Sequence[float]:
            block = _copied_out(connection, count)
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
            return [count / seconds_of(partial(_copy_in, connection, table, block))]

        appended, *copied = in_turns(
            ours, partial(copy, "bare"), partial(copy, "keyed"), rounds=scene.sizes.rounds
        )
    for figures, table, target in zip(
        copied, ("bare table", "same indexes"), (0.25, 0.5), strict=True
    ):
        yield median_line(
            f"append of {count:,} events, {named}, beside COPY ({table})",
            (appended, figures),
            "events/s",
            Target(">=", target),
        )


Bulk = Callable[[Log[Fact], list[New[Fact]], int], object]
"""Puts many facts on the log as the command with that number."""


def _append_all(log: Log[Fact], new: list[New[Fact]], number: int) -> None:
    log.append(new, command_of(f"bulk {number}"))


def _import_all(log: Log[Fact], new: list[New[Fact]], number: int) -> None:
    command = command_of(f"import {number}")
    sha = hashlib.sha256(str(number).encode()).digest()
    batch = log.open_import(command.command_id, sha, command, len(new))
    for first in range(0, len(new), _PIECE):
        log.stage(batch, first, new[first : first + _PIECE], command)
    log.commit_import(batch, command)


def append_one(log: Log[Fact], number: int) -> None:
    """One event of ours, on a stream of its own."""
    log.append([(staff_stream(f"S{number}"), 0, fact_of(7, 0))], command_of(f"one {number}"))


def insert_one(connection: psycopg.Connection, stored: StoredEvent, number: int) -> None:
    connection.execute(_INSERT, (f"staff:S{number}", 1, stored.topic, stored.state), prepare=True)


def _record_one(recorder: PostgresApplicationRecorder, stored: StoredEvent, number: int) -> None:
    recorder.insert_events([StoredEvent(id_of(number), 1, stored.topic, stored.state)])


def stored_event(log: Log[Fact]) -> StoredEvent:
    """What one of our events is stored as, for the baselines to write as many bytes."""
    log.append([(staff_stream("S0"), 0, fact_of(7, 0))], command_of("the first"))
    with log.connection() as connection:
        row = connection.execute("SELECT topic, state FROM events LIMIT 1").fetchone()
    if row is None:
        raise AssertionError("nothing was appended")
    return StoredEvent("staff:S0", 1, row["topic"], row["state"])


def _library_recorder(datastore: PostgresDatastore) -> PostgresApplicationRecorder:
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()
    return recorder


def costs(work: Sequence[Append], numbers: Iterator[int], each: int) -> list[float]:
    """Let every writer write `each` pieces, beginning together; the seconds of every piece."""
    start = Barrier(len(work))
    # Taken before: the numbers are not for several threads at once.
    shares = [list(itertools.islice(numbers, each)) for _ in work]

    def write(append: Append, share: Sequence[int]) -> list[float]:
        start.wait()
        found = []
        for number in share:
            began = perf_counter()
            append(number)
            found.append(perf_counter() - began)
        return found

    with ThreadPoolExecutor(len(work)) as pool:
        return [figure for some in pool.map(write, work, shares) for figure in some]


def _copied_out(connection: psycopg.Connection, count: int) -> bytes:
    """The rows of the first `count` events as COPY writes and reads them."""
    statement = (
        f"COPY (SELECT {_STORED} FROM events WHERE notification_id <= {count})"
        " TO STDOUT (FORMAT BINARY)"
    )
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        return b"".join(bytes(block) for block in copy)


def _copy_in(connection: psycopg.Connection, table: str, block: bytes) -> None:
    statement = f"COPY {table} ({_STORED}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(block)
