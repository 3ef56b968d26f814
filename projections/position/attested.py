"""Everybody by the attested clock: rows, fold, registration and questions.

People of whom an older system has recorded anything have sheets of their own here, as in
`projection.py` but on the attested clock (`attested.py`). They are made anew, all of a person's,
whenever something is recorded of that person, because a history that is imported later may change
any of them. Everybody else's sheets are the same on both clocks and are read from there.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from time import monotonic

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from projections.keeping_up.copying import (
    INFINITY,
    Conn,
    copy_lines,
    day_for_copy,
    from_text,
    instant_for_copy,
)
from projections.keeping_up.horizon import BehindError, horizon
from projections.keeping_up.runner import Page, collector_paused
from projections.position import projection as position
from projections.position import queries as position_queries
from projections.position.queries import Group, Members
from projections.position.rows import Rows, StaffSubject
from projections.position.sheets import FIRST_DAY
from projections.position.spans import stated_of
from projections.position.stored import FACET_NAMES, NOTHING_HELD, sheet_cells
from projections.rebuilding.fill import Fill
from transfer.core.streams import staff_stream, take_apart
from transfer.core.words import Facet
from transfer.log.application import open_log
from transfer.log.attested_order import in_attested_order
from transfer.log.envelope import Recorded
from transfer.log.helping_processes import helping_processes
from transfer.procedures.facts import ENTRY_FACTS, Fact, entry_of

NAME = "attested"

_OF_STAFF = staff_stream("")
_STREAMS_AT_ONCE = 1_000

# As the mapper writes it. Within a text of a fact the quotation marks would be escaped.
_CLAIMED = """
SELECT DISTINCT originator_id FROM events
WHERE notification_id <= %(until)s AND originator_id LIKE 'staff:%%'
  AND position('"attested":{'::bytea IN state) > 0
ORDER BY originator_id
"""

_COLUMNS = (
    *("staff_number", "assignment", "effective_from", "effective_to"),
    *("recorded_from", "recorded_to", "epoch", "why", "at_once"),
    *FACET_NAMES,
    "amount",
)

# --- fold --------------------------------------------------------------------------------------


_Content = tuple[str, date, date | None, tuple[str, ...]]
"""An assignment, its first day and the first day after it, and the values."""


def lines_of(stream: str, events: Iterable[Recorded[Fact]]) -> list[str]:
    """The sheets of one person's assignments by the attested clock, as lines of `_COLUMNS`.

    Only values count here, so sheets that differ in nothing else follow on from one another in one
    line. `events` are in the log's order. By this clock a person is known from their first fact,
    which need not be the registration: that may have no claim, and an older change one.
    """
    subject, rows = StaffSubject(stream), Rows()
    for at, command in groupby(in_attested_order(events), key=lambda event: event.recorded_at):
        entries = (entry_of(event.event_id, at, event.fact) for event in command)
        stated = [stated_of(entry, registers=True) for entry in entries if entry is not None]
        subject.take(stated, at, rows)
    known: dict[_Content, list[tuple[datetime, datetime | None]]] = {}
    for _, sheet in rows.begun:
        if sheet.assignment:
            content = (sheet.assignment, sheet.start, sheet.end, sheet_cells(sheet))
            spans = known.setdefault(content, [])
            since = sheet.recorded_from
            if spans and spans[-1][1] == since:
                since = spans.pop()[0]
            spans.append((since, sheet.recorded_to))
    return [
        _line(subject.staff_number, content, since, until)
        for content, spans in known.items()
        for since, until in spans
    ]


def _line(staff_number: str, content: _Content, since: datetime, until: datetime | None) -> str:
    assignment, start, end, cells = content
    return "\t".join(
        (
            staff_number,
            assignment,
            "-infinity" if start == FIRST_DAY else day_for_copy(start),
            day_for_copy(end),
            instant_for_copy(since),
            INFINITY if until is None else instant_for_copy(until),
            instant_for_copy(since),
            NOTHING_HELD,
            "0",
            *cells,
        )
    )


# --- registration ------------------------------------------------------------------------------

ReadStreams = Callable[[Sequence[str]], Mapping[str, Sequence[Recorded[Fact]]]]
"""The facts of several streams, each oldest first (`Log.read_many`)."""


class AttestedSheetsProjection:
    """Keeps the tables of migration 0036."""

    name = NAME
    tables = ("attested_person", "attested_sheet")
    whole_commands = True  # rows are replaced: one that is there is in every answer from then on
    facts: tuple[type[Fact], ...] = ENTRY_FACTS

    def __init__(self, read_streams: ReadStreams) -> None:
        self._read_streams = read_streams

    def forget(self) -> None:
        """Nothing is kept in memory."""

    def apply(self, conn: Conn, page: Page) -> None:
        """See `Projection.apply`."""
        of_page: dict[str, list[Recorded[Fact]]] = {}
        for event in page:
            if event.stream.startswith(_OF_STAFF):
                of_page.setdefault(event.stream, []).append(event)
        known = _known(conn, of_page)
        claimed = {
            stream
            for stream, events in of_page.items()
            if stream not in known and any(event.attested is not None for event in events)
        }
        if known:
            conn.execute(
                "DELETE FROM attested_sheet WHERE staff_number = ANY(%s)",
                ([take_apart(stream)[1] for stream in known],),
            )
        copy_lines(
            conn,
            "attested_person",
            ("staff_number",),
            [take_apart(stream)[1] for stream in sorted(claimed)],
        )
        with collector_paused():
            streams = self._whole({each: of_page[each] for each in known | claimed}, page)
            lines = [line for stream, of in streams.items() for line in lines_of(stream, of)]
        copy_lines(conn, "attested_sheet", _COLUMNS, lines)

    def fill(self, fill: Fill) -> None:
        """See `FillsItself.fill`: people are folded in several processes, some at a time."""
        with psycopg.connect(fill.database_url) as conn:
            rows = conn.execute(_CLAIMED, {"until": fill.until}).fetchall()
        streams = [row[0] for row in rows]
        some = [streams[n : n + _STREAMS_AT_ONCE] for n in range(0, len(streams), _STREAMS_AT_ONCE)]
        job = partial(fill_people, fill.database_url, fill.schema, fill.until)
        with ExitStack() as stack:
            done: Iterable[None] = map(job, some)
            if fill.processes > 1 and len(some) > 1:
                done = stack.enter_context(helping_processes(fill.processes)).map(job, some)
            for n, _ in enumerate(done, start=1):
                fill.progress(fill.until * n // (len(some) + 1))
        fill.progress(fill.until)

    def _whole(
        self, of_page: Mapping[str, Sequence[Recorded[Fact]]], page: Page
    ) -> Mapping[str, Sequence[Recorded[Fact]]]:
        """Everything recorded of these people up to the end of the page."""
        begun = {each: events for each, events in of_page.items() if events[0].version == 1}
        before = [each for each in of_page if each not in begun]
        read = self._read_streams(before) if before else {}
        end = page[-1].position
        earlier = {
            stream: [event for event in events if event.position <= end]
            for stream, events in read.items()
        }
        return {**begun, **earlier}


def fill_people(database_url: str, schema: str, until: int, streams: Sequence[str]) -> None:
    """Write the rows of these people, of whom nothing is in the tables of the schema."""
    with (
        closing(open_log(database_url, pool_size=1)) as log,
        psycopg.connect(database_url) as conn,
    ):
        conn.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema)))
        found = log.read_many(streams)
        with collector_paused():
            lines = [
                line
                for stream, events in found.items()
                for line in lines_of(stream, (e for e in events if e.position <= until))
            ]
        numbers = [take_apart(stream)[1] for stream in streams]
        copy_lines(conn, "attested_person", ("staff_number",), numbers)
        copy_lines(conn, "attested_sheet", _COLUMNS, lines)


def _known(conn: Conn, streams: Iterable[str]) -> set[str]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            "SELECT staff_number FROM attested_person WHERE staff_number = ANY(%s)",
            ([take_apart(stream)[1] for stream in streams],),
        ).fetchall()
    return {staff_stream(row[0]) for row in rows}


# --- questions ---------------------------------------------------------------------------------

_AT_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_KEEP_TABLES = "LOCK TABLE attested_person, attested_sheet, position_sheet IN ACCESS SHARE MODE"
_POLL_SECONDS = 0.01


@contextmanager
def at_one_moment(conn: Conn, seconds: float = 1.0) -> Iterator[datetime]:
    """Ask the questions below within this: of all that was on record at the instant it gives.

    Rows by the attested clock do not say when the log had them, so they are read in one snapshot
    with how far they go. The connection must be in autocommit. Raises `BehindError` where the
    position stays behind the attested projection for so many seconds.
    """
    until = monotonic() + seconds
    pause = threading.Event()
    while True:
        with conn.transaction():
            conn.execute(_AT_ONE_MOMENT)
            # Before the snapshot, which the next statement takes: so that no rebuild can swap the
            # tables after it (ADR 15).
            conn.execute(_KEEP_TABLES)
            seen = horizon(conn, NAME).recorded_at
            if seen <= horizon(conn, position.NAME).recorded_at:
                yield seen
                return
        if monotonic() >= until:
            raise BehindError("the position has not reached what the attested clock tells of")
        pause.wait(_POLL_SECONDS)


_READ = ", ".join(
    (
        *("staff_number", "assignment", "effective_from", "effective_to"),
        *("recorded_from", "recorded_to", "amount"),
        *FACET_NAMES,
    )
)
_EVERYBODY = sql.SQL(
    f"""(
    SELECT {_READ} FROM attested_sheet
    UNION ALL
    SELECT {_READ} FROM position_sheet AS by_log WHERE NOT EXISTS (
        SELECT FROM attested_person AS a WHERE a.staff_number = by_log.staff_number))"""
)
_WORKFORCE = sql.SQL(
    """
SELECT s.{facet} AS value, count(DISTINCT s.staff_number), coalesce(sum(s.amount), 0)
FROM {everybody} AS s
WHERE s.assignment <> '' AND s.{facet} IS NOT NULL
  AND s.effective_from <= %(effective_at)s AND %(effective_at)s < s.effective_to
  AND s.recorded_from <= %(known_at)s AND %(known_at)s < s.recorded_to
  AND s.assignment = coalesce(%(assignment)s::text, s.assignment)
GROUP BY value ORDER BY value
"""
)


def workforce(
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
) -> tuple[Group, ...]:
    """As `position_queries.workforce`, by the attested clock: one pass over everybody."""
    statement = _WORKFORCE.format(facet=sql.Identifier(by.value), everybody=_EVERYBODY)
    asked = {"effective_at": effective_at, "known_at": known_at, "assignment": assignment}
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(statement, asked, prepare=False).fetchall()
    return tuple(
        Group(from_text(value), headcount, Decimal(f"{fte.normalize():f}"))
        for value, headcount, fte in rows
    )


def members(
    conn: Conn,
    having: Mapping[Facet, str],
    effective_at: date,
    known_at: datetime,
    *,
    assignment: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Members:
    """As `position_queries.members`, by the attested clock; raises as it does."""
    return position_queries.members(
        conn,
        having,
        effective_at,
        known_at,
        assignment=assignment,
        limit=limit,
        cursor=cursor,
        sheets=_EVERYBODY,
    )
