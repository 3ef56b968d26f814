"""Positions made from a whole log at once: the same rows as page by page, in several processes.

The log is read stream by stream, in ranges of streams, so that each person is folded once over all
that was ever recorded of them and their rows are written once, as they are in the end. A range is
one transaction. The commonest facts are read straight from their JSON; all others as everywhere.
Indexes are dropped before and built after.

    python -m projections.position.fill

is one of those processes: it reads its job from standard input, then a range a line, and prints a
line for each that it has committed. A range that it fails at, or dies of, is done again by the
process that asked, which so either finishes or raises what is really wrong.

This one knows no kind of procedure of the engine. A program that has some names a module of its own
where such a process begins, which calls `work` with what reads them (`transfer.position_helper`);
if it did not, the ranges that hold their facts would be left to the one process. The kinds are read
when the first range has a fact that is not the record's own: a log that was just imported has none,
and with the kinds a process takes three times as long to begin.
"""

import os
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from threading import Thread
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from pydantic_core import from_json, to_json

from projections.keeping_up.collector import collector_paused
from projections.keeping_up.copying import copy_lines
from projections.position import collective_terms
from projections.position.rows import (
    COLLECTIVE,
    SCOPE_COLUMNS,
    STATED_COLUMNS,
    ConsultationSubject,
    Rows,
    StaffSubject,
    scope_lines_of,
    subject_of,
)
from projections.position.spans import Content, Stated, stated_of
from projections.position.stored import FACET_NAMES, SHEET_COLUMNS, read_basis, sheet_line
from projections.rebuilding.fill import Fill
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.words import MAIN
from transfer.procedures.facts import STORED_NAMES, Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

ALONE_UP_TO = 20_000
"""Events that one process has done before others would have begun."""

WITHOUT_KINDS = "projections.position.fill"
"""Where a process begins that knows no kind of the engine: this module."""

_RANGE_EVENTS = 10_000
_RANGES_EACH = 4
_SAMPLED_ROWS = 20_000

_MEMORY = "SET maintenance_work_mem = '256MB'"
_STREAMS = """
SELECT percentile_disc(%(cuts)s::float8[]) WITHIN GROUP (ORDER BY originator_id)
FROM events TABLESAMPLE SYSTEM (%(percent)s)
"""
_EVENTS = """
SELECT originator_id, topic, state, recorded_at, event_id FROM events
WHERE originator_id >= %(first)s AND (%(after)s::text IS NULL OR originator_id < %(after)s)
  AND notification_id <= %(until)s AND topic = ANY(%(topics)s)
ORDER BY originator_id, originator_version
"""
_INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid)
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%s::text[]::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
ORDER BY pg_relation_size(i.indrelid) DESC, c.relname
"""

_OF_THE_RECORD = frozenset(STORED_NAMES.values())

Row = tuple[str, str, bytes, datetime, UUID]
"""Stream, stored name, state, instant and event id."""

Range = tuple[str, str | None]
"""The first stream, and the first one after (`None`: to the end)."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every process must know."""

    database_url: str
    schema: str
    until: int
    topics: tuple[str, ...]

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that finds the tables to fill, and the log."""
        connection = psycopg.connect(self.database_url, autocommit=True)
        path = sql.SQL("SET search_path = {}, public").format(sql.Identifier(self.schema))
        connection.execute(path)
        # What a crash takes back is made again: nobody reads a fill that has not ended.
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET timezone = 'UTC'")
        # There are many ranges; to read the whole log for each would take them all together.
        connection.execute("SET enable_seqscan = off")
        return connection


@dataclass(frozen=True, slots=True)
class Helpers:
    """How many processes work, this one included, what facts they know, and where one begins."""

    known: KnownFacts
    begin_at: str
    processes: int


def fill(
    wanted: Fill,
    tables: Sequence[str],
    facts: Sequence[type[Fact]],
    known: KnownFacts = NO_KINDS,
    helpers_begin_at: str = WITHOUT_KINDS,
) -> None:
    """Fill empty tables from the log's first `until` events: see `FillsItself.fill`."""
    job = Job(wanted.database_url, wanted.schema, wanted.until, known.names_of(facts))
    helpers = Helpers(known, helpers_begin_at, wanted.processes)
    with job.connect() as connection:
        indexes = connection.execute(_INDEXES, (list(tables),)).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(job.schema, name)))
        ranges = _ranges(connection, wanted)
    for done, _ in enumerate(_fill_ranges(job, ranges, helpers), start=1):
        # Whether the tables can be read is only known at the very end.
        wanted.progress(wanted.until * done // (len(ranges) + 1))
    statements = [definition for _, definition in indexes]
    with ThreadPoolExecutor(max(1, wanted.processes)) as threads:
        for _ in threads.map(lambda statement: _build(job, statement), statements):
            pass
    wanted.progress(wanted.until)


def _build(job: Job, definition: str) -> None:
    with job.connect() as connection:
        connection.execute(_MEMORY)
        connection.execute(definition.encode())


def _ranges(connection: psycopg.Connection[tuple[Any, ...]], wanted: Fill) -> list[Range]:
    """The streams in ranges of about as many events each."""
    count = -(-wanted.until // _RANGE_EVENTS)
    if wanted.until > ALONE_UP_TO:
        # Enough for nobody to wait long for the last to be ready.
        count = max(count, _RANGES_EACH * wanted.processes)
    cuts = [n / count for n in range(1, count)]
    percent = min(100.0, 100.0 * _SAMPLED_ROWS / max(1, wanted.until))
    row = connection.execute(_STREAMS, {"cuts": cuts, "percent": percent}).fetchone()
    found: list[str] = sorted(set(row[0])) if row and row[0] else []
    return list(zip(["", *found], [*found, None], strict=True))


def _fill_ranges(job: Job, ranges: Sequence[Range], helpers: Helpers) -> Iterator[Range]:
    """Fill range after range; each is told when it is committed."""
    left: list[Range] = list(ranges)
    if helpers.processes > 1 and job.until > ALONE_UP_TO:
        left = []
        for each, is_done in _in_processes(job, ranges, helpers):
            if is_done:
                yield each
            else:
                left.append(each)
    with job.connect() as connection:
        for each in left:
            fill_range(connection, job, lambda: helpers.known, each)
            yield each


# --- other processes ---------------------------------------------------------------------------


def _in_processes(
    job: Job, ranges: Sequence[Range], helpers: Helpers
) -> Iterator[tuple[Range, bool]]:
    """Have other processes fill the ranges: each, and whether that was done."""
    waiting: queue.SimpleQueue[Range] = queue.SimpleQueue()
    for each in ranges:
        waiting.put(each)
    told: queue.SimpleQueue[tuple[Range, bool]] = queue.SimpleQueue()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    workers = [
        subprocess.Popen(  # noqa: S603 - a module of this program
            [sys.executable, "-m", helpers.begin_at],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        for _ in range(min(helpers.processes, len(ranges)))
    ]
    threads = [
        Thread(target=_keep_busy, args=(worker, job, waiting, told), daemon=True)
        for worker in workers
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in ranges:
            yield told.get()
    finally:
        for worker in workers:
            worker.kill()
        for thread in threads:
            thread.join()
        for worker in workers:
            worker.communicate()


def _keep_busy(
    worker: "subprocess.Popen[bytes]",
    job: Job,
    waiting: "queue.SimpleQueue[Range]",
    told: "queue.SimpleQueue[tuple[Range, bool]]",
) -> None:
    """Give one process range after range, for as long as it lives."""
    reads, writes = worker.stdout, worker.stdin
    given: object = {
        "database_url": job.database_url,
        "schema": job.schema,
        "until": job.until,
        "topics": job.topics,
    }
    lives = reads is not None and writes is not None
    while True:
        try:
            each = waiting.get_nowait()
        except queue.Empty:
            return
        is_done = False
        if lives and reads is not None and writes is not None:
            try:
                for line in (given, each) if given else (each,):
                    writes.write(to_json(line) + b"\n")
                writes.flush()
                given = None
                is_done = reads.readline() == b"done\n"
            except OSError:
                is_done = False
            lives = is_done
        told.put((each, is_done))


def work(read_known: Callable[[], KnownFacts]) -> None:
    """Be one of those processes, with the facts that the program has, read when they are needed."""
    lines = sys.stdin.buffer
    given = from_json(lines.readline())
    job = Job(given["database_url"], given["schema"], given["until"], tuple(given["topics"]))
    with job.connect() as connection:
        for line in lines:
            first, after = from_json(line)
            fill_range(connection, job, read_known, (first, after))
            sys.stdout.buffer.write(b"done\n")
            sys.stdout.buffer.flush()


# --- one range ---------------------------------------------------------------------------------


def fill_range(
    connection: psycopg.Connection[tuple[Any, ...]],
    job: Job,
    read_known: Callable[[], KnownFacts],
    streams: Range,
) -> None:
    """Fold the streams of a range and write all their rows, in one transaction."""
    values = {
        "first": streams[0],
        "after": streams[1],
        "until": job.until,
        "topics": list(job.topics),
    }
    with collector_paused(), connection.transaction():
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            events: list[Row] = cursor.execute(_EVENTS.encode(), values).fetchall()
        names = {topic for _, topic, _, _, _ in events}
        # The record's own facts mean the same whatever kinds there are.
        known = NO_KINDS if names <= _OF_THE_RECORD else read_known()
        rows = Rows()
        scope: list[str] = []
        for stream, of_stream in groupby(events, key=itemgetter(0)):
            subject = subject_of(stream, known)
            if isinstance(subject, StaffSubject):
                _fold_person(subject, of_stream, rows, scope)
            else:
                _fold_other(subject, of_stream, rows, scope)
        lines = (sheet_line(staff_number, sheet) for staff_number, sheet in rows.begun)
        copy_lines(connection, "position_sheet", SHEET_COLUMNS, lines)
        copy_lines(connection, "ever_stated", STATED_COLUMNS, rows.stated_lines())
        collective_terms.write_rows(connection, rows.terms_begun)
        copy_lines(connection, "scope_membership", SCOPE_COLUMNS, scope)


def _fold_person(
    subject: StaffSubject, events: Iterator[Row], rows: Rows, scope: list[str]
) -> None:
    command: list[Stated] = []
    command_at: datetime | None = None
    for stream, topic, state, recorded_at, event_id in events:
        at = recorded_at.astimezone(UTC)
        if at != command_at:
            if command and command_at is not None:
                subject.take(command, command_at, rows)
            command, command_at = [], at
        told = from_json(state)["fact"]
        read = _STRAIGHT.get(topic)
        stated = None if read is None else read(event_id, at, told)
        if stated is None:
            fact = subject.known.load(topic, told)
            scope += scope_lines_of(stream, at, event_id, fact)
            entry = subject.known.entry_of(event_id, at, fact)
            if entry is None:
                continue
            stated = stated_of(entry, registers=isinstance(fact, StaffRegistered))
        command.append(stated)
    if command and command_at is not None:
        subject.take(command, command_at, rows)


def _fold_other(
    subject: ConsultationSubject, events: Iterator[Row], rows: Rows, scope: list[str]
) -> None:
    for at, command in groupby(events, key=itemgetter(3)):
        facts = [
            (event_id, subject.known.load(topic, from_json(state)["fact"]))
            for _, topic, state, _, event_id in command
        ]
        instant = at.astimezone(UTC)
        for event_id, fact in facts:
            scope += scope_lines_of(subject.consultation.stream, instant, event_id, fact)
        # What lies on the stream of a matter states nothing of anybody alone.
        collective = [each for each in facts if isinstance(each[1], COLLECTIVE)]
        if collective:
            subject.take(collective, instant, rows)


# The two facts that most of a log is made of. Whatever is not plain about one goes the usual way.

_Straight = Callable[[UUID, datetime, Mapping[str, Any]], Stated | None]
_NAMES = frozenset(FACET_NAMES)


def _registered(event_id: UUID, at: datetime, told: Mapping[str, Any]) -> Stated | None:
    if told.get("continuous_service_from") is not None:
        return None
    values = told.get("position", {})
    if not _NAMES.issuperset(values):
        return None
    return _stated(event_id, at, told, values, registers=True)


def _changed(event_id: UUID, at: datetime, told: Mapping[str, Any]) -> Stated | None:
    values = told["changes"]
    return _stated(event_id, at, told, values) if _NAMES.issuperset(values) else None


def _stated(
    event_id: UUID,
    at: datetime,
    told: Mapping[str, Any],
    values: Mapping[str, str | None],
    *,
    registers: bool = False,
) -> Stated:
    end = told.get("effective_to")
    basis = told.get("basis")
    content = Content(
        told.get("assignment", MAIN),
        values,
        date.fromisoformat(told["effective_from"]),
        None if end is None else date.fromisoformat(end),
        None if basis is None else read_basis(basis),
    )
    return Stated(event_id, at, (content,) if values else (), registers=registers)


_STRAIGHT: Mapping[str, _Straight] = {
    STORED_NAMES[StaffRegistered]: _registered,
    STORED_NAMES[PositionChanged]: _changed,
}

if __name__ == "__main__":
    work(lambda: NO_KINDS)
