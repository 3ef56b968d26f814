"""Appending, beside a plain insert, the event library's own recorder, and COPY.

Writers are threads of one process with one log between them, as in the service.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from time import perf_counter
from typing import Any, TypeAlias

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
from transfer.imports.history.import_history import PROCESSES
from transfer.imports.history.lines import Dates
from transfer.imports.history.spool import Judged, Spool, SpooledPiece
from transfer.kinds import KNOWN
from transfer.log.application import Log, New, open_datastore, open_log
from transfer.log.envelope import Command
from transfer.log.mapper import FactMapper, mapper_of_facts
from transfer.log.packing import EventIds
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
    yield from _in_bulk(scene, "one append", _one_append)
    yield from _in_bulk(scene, "staged as an import", _staged)


def _in_bulk(scene: Scene, named: str, prepare: "Prepare") -> Iterator[Line]:
    count = scene.sizes.bulk
    numbers = itertools.count()
    with (
        scene.database() as url,
        closing(open_log(url, known=KNOWN)) as log,
        psycopg.connect(url, autocommit=True) as connection,
        prepare(log, count) as ready,
    ):
        for statement in (_BARE, _KEYED):
            connection.execute(statement)

        def ours() -> Sequence[float]:
            # Facts are made before the clock starts: they are what an import has in hand.
            return [count / seconds_of(ready(next(numbers)))]

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


Ready = Callable[[int], Callable[[], object]]
"""Makes the facts of a turn; what is returned puts them on the log."""

Prepare = Callable[[Log[Fact], int], AbstractContextManager[Ready]]

Helper: TypeAlias = "Connection[Any, Any]"
"""This end of a pipe to a process that packs."""


@contextmanager
def _one_append(log: Log[Fact], count: int) -> Iterator[Ready]:
    def ready(turn: int) -> Callable[[], object]:
        return partial(log.append, _facts(turn, 0, count), command_of(f"bulk {turn}"))

    yield ready


@contextmanager
def _staged(log: Log[Fact], count: int) -> Iterator[Ready]:
    """As a history is imported once it is judged: by so many processes, each with its facts."""
    with TemporaryDirectory(dir=".transfer") as folder, ExitStack() as stack:
        edges = [count * n // PROCESSES for n in range(PROCESSES + 1)]
        helpers = [
            stack.enter_context(_packing(Path(folder), number, edges[number], edges[number + 1]))
            for number in range(PROCESSES)
        ]

        def ready(turn: int) -> Callable[[], object]:
            for helper in helpers:
                helper.send(turn)
            for helper in helpers:
                helper.recv()
            return partial(_import_all, log, count, helpers, Spool(Path(folder)), turn)

        yield ready


def _import_all(
    log: Log[Fact], count: int, helpers: Sequence[Helper], spool: Spool, turn: int
) -> None:
    for helper in helpers:
        helper.send(None)
    judged = [helper.recv() for helper in helpers]
    command = command_of(f"bulk {turn}")
    sha = hashlib.sha256(str(turn).encode()).digest()
    batch = log.open_import(command.command_id, sha, command, count)
    log.stage(batch, 0, count)
    log.commit_import(batch, command, lambda: spool.blocks(judged))


@contextmanager
def _packing(folder: Path, number: int, first: int, last: int) -> Iterator[Helper]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    helper = context.Process(target=_pack, args=(theirs, folder, number, first, last))
    helper.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        helper.join()


def _pack(asked: Helper, folder: Path, number: int, first: int, last: int) -> None:
    """Turn by turn: make facts and say so; asked again, pack them into the spool and say so."""
    spool = Spool(folder)
    mapper = mapper_of_facts(KNOWN)
    with suppress(EOFError):
        while True:
            turn = asked.recv()
            facts = _facts(turn, first, last)
            asked.send(None)
            asked.recv()
            command = command_of(f"bulk {turn}")
            spool.write_pieces(number, _pieces(facts, first, command, mapper))
            judged = Judged(first, last - first, last - first, 0, 0, 0, Dates())
            spool.write_judged(number, judged, ())
            asked.send(judged)


def _pieces(
    facts: list[New[Fact]], first: int, command: Command, mapper: FactMapper[Fact]
) -> Iterator[SpooledPiece]:
    ids = EventIds(command.command_id)
    for start in range(0, len(facts), _PIECE):
        events = []
        for index, (stream, known, fact, *_) in enumerate(facts[start : start + _PIECE], start):
            name, state = mapper.stored_form(fact, command, None)
            events.append((stream.encode(), known + 1, name, state, ids.packed(first + index)))
        yield SpooledPiece(first + start, events, [])


def _facts(turn: int, first: int, last: int) -> list[New[Fact]]:
    return registrations(f"S{turn}-{n}" for n in range(first, last))


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
