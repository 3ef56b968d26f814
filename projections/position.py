"""Position and terms on two clocks: row, fold, registration. The questions are in
`position_queries.py`.

A row is a period of one key (a facet of an assignment, or a term): the days on which one event
supplies its value, between two instants of knowledge. After each command the keys that it touched
are worked out anew by the effective-dating rule (`transfer.core.position`, its one home); rows that
no longer hold end at the command's instant, and new ones begin there. A row never changes
otherwise and none is lost, so what an instant K answers stays the same for ever (rule 4).

Between the events of one command there is no instant, so a state between them is never a row.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import get_args

from projections.runner import Page, collector_paused
from projections.texts import (
    INFINITY,
    NULL,
    Conn,
    basis_for_copy,
    copy_lines,
    day_for_copy,
    for_copy,
    to_text,
)
from transfer.core import assignment_facts as a
from transfer.core import consultation_facts as c
from transfer.core import exercise_facts as e
from transfer.core import staff as s
from transfer.core.facts import ENTRY_FACTS, Fact, entry_of
from transfer.core.position import Entries, Entry, Key, Kind, Period, Timeline
from transfer.core.streams import take_apart
from transfer.core.words import Facet
from transfer.log.envelope import Recorded

IN_FORCE = "in_force"
BENEATH = "beneath"
"""The layer of a standing period that a temporary one overlays."""

# --- row ---------------------------------------------------------------------------------------

Slot = tuple[str, date]
"""Layer and `effective_from`: one row of a key that holds at one instant of knowledge."""


class Row:
    """One period on two clocks; `recorded_to` is excluded, `None` while it holds."""

    __slots__ = ("layer", "period", "recorded_from", "recorded_to", "subject")

    def __init__(self, subject: str, layer: str, period: Period, recorded_from: datetime) -> None:
        self.subject = subject
        self.layer = layer
        self.period = period
        self.recorded_from = recorded_from
        self.recorded_to: datetime | None = None


# --- fold --------------------------------------------------------------------------------------


class OverlapError(Exception):
    """Two periods of one key cover one day: the rule was broken, so nothing is written."""


def slots_of(timeline: Timeline) -> dict[Slot, Period]:
    """The rows that a key's timeline asks for. Raises `OverlapError`."""
    found: dict[Slot, Period] = {}
    for layer, periods in ((IN_FORCE, timeline.in_force), (BENEATH, timeline.beneath)):
        previous: Period | None = None
        for period in periods:
            if previous is not None and (
                previous.effective_to is None or previous.effective_to > period.effective_from
            ):
                raise OverlapError(f"{previous} and {period}")
            found[layer, period.effective_from] = period
            previous = period
    return found


class Subject:
    """One stream's entries, and the rows that hold after them."""

    __slots__ = ("entries", "exercise", "holding", "name")

    def __init__(
        self, name: str, entries: Iterable[Entry] = (), exercise: str | None = None
    ) -> None:
        self.name = name
        self.entries = Entries(entries)
        self.exercise = exercise
        # What these rows were recorded from does not matter: they are in the table.
        self.holding: dict[Key, dict[Slot, Row]] = {
            key: {
                slot: Row(name, slot[0], period, period.recorded_at)
                for slot, period in slots_of(self.entries.timeline(key)).items()
            }
            for key in self.entries.stated_keys()
        }

    def take(self, entries: Iterable[Entry], recorded_at: datetime) -> tuple[list[Row], list[Row]]:
        """Let one command's entries change the rows: those that end, and those that begin."""
        touched: set[Key] = set()
        for entry in entries:
            touched |= self.entries.add(entry)
        ended: list[Row] = []
        begun: list[Row] = []
        for key in touched:
            before = self.holding.get(key, _NONE)
            now: dict[Slot, Row] = {}
            for slot, period in slots_of(self.entries.timeline(key)).items():
                row = before.get(slot)
                if row is None or row.period != period:
                    row = Row(self.name, slot[0], period, recorded_at)
                    begun.append(row)
                now[slot] = row
            for slot, row in before.items():
                if now.get(slot) is not row:
                    row.recorded_to = recorded_at
                    ended.append(row)
            self.holding[key] = now
        return ended, begun


_NONE: Mapping[Slot, Row] = {}


def commands_of(events: Page) -> Iterator[tuple[datetime, dict[str, list[Entry]]]]:
    """The entries of each command, by stream, from events in log order."""
    command: dict[str, list[Entry]] = {}
    command_at: datetime | None = None
    for event in events:
        if event.recorded_at != command_at:
            if command_at is not None:
                yield command_at, command
            command, command_at = {}, event.recorded_at
        entry = entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is not None:
            command.setdefault(event.stream, []).append(entry)
    if command_at is not None:
        yield command_at, command


def rows_of(events: Page) -> list[Row]:
    """Every row that a whole log makes, from nothing and without a database."""
    subjects: dict[str, Subject] = {}
    rows: list[Row] = []
    for recorded_at, command in commands_of(events):
        for stream, entries in command.items():
            subject = subjects.get(stream)
            if subject is None:
                subject = subjects[stream] = Subject(stream)
            rows += subject.take(entries, recorded_at)[1]
    return rows


# --- registration ------------------------------------------------------------------------------

ReadStreams = Callable[[Sequence[str]], Mapping[str, Sequence[Recorded[Fact]]]]
"""The facts of several streams, each oldest first (`Log.read_many`)."""

NAME = "position"

_PERIOD_COLUMNS = (
    "layer",
    "effective_from",
    "effective_to",
    "recorded_from",
    "recorded_to",
    "value",
    "event_id",
    "corrected_by",
    "content_recorded_at",
    "basis",
    "temporary",
)
_FACET_COLUMNS = (*_PERIOD_COLUMNS, "staff_number", "assignment", "facet", "amount")
_TERM_COLUMNS = (*_PERIOD_COLUMNS, "subject", "exercise", "term")

# Without this the planner, which knows no sizes in here, reads the whole table for every page.
_BY_INDEX = """
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off
"""
_END_FACETS = """
UPDATE position_period AS p SET recorded_to = ended.at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::timestamptz[])
     AS ended (staff_number, assignment, facet, layer, effective_from, at)
WHERE p.staff_number = ended.staff_number AND p.assignment = ended.assignment
  AND p.facet = ended.facet AND p.layer = ended.layer
  AND p.effective_from = ended.effective_from AND p.recorded_to = 'infinity'
"""
_END_TERMS = """
UPDATE term_period AS p SET recorded_to = ended.at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[], %s::timestamptz[])
     AS ended (subject, term, layer, effective_from, at)
WHERE p.subject = ended.subject AND md5(p.term) = md5(ended.term) AND p.layer = ended.layer
  AND p.effective_from = ended.effective_from AND p.recorded_to = 'infinity'
"""


_COLLECTIVE = get_args(c.CollectiveTermFact)


class PositionProjection:
    """Keeps the tables of migration 0011. Not for several threads at once.

    `keep` subjects stay in memory; the rest are read from the log again when something is recorded
    of them.
    """

    name = NAME
    tables = ("person_known", "position_period", "term_period", "scope_membership")
    facts: tuple[type[Fact], ...] = (*ENTRY_FACTS, a.BroughtIntoScope, e.ScopeSet)

    def __init__(self, read_streams: ReadStreams, *, keep: int = 10_000) -> None:
        self._read_streams = read_streams
        self._keep = keep
        self._subjects: OrderedDict[str, Subject] = OrderedDict()

    def forget(self) -> None:
        """See `Projection.forget`."""
        self._subjects.clear()

    def apply(self, conn: Conn, page: Page) -> None:
        """See `Projection.apply`."""
        ended: list[Row] = []
        begun: list[Row] = []
        with collector_paused():
            self._load(page)
            for recorded_at, command in commands_of(page):
                for stream, entries in command.items():
                    ending, beginning = self._subjects[stream].take(entries, recorded_at)
                    ended += ending
                    begun += beginning
        # A row that begins and ends within the page is written once, as it is in the end.
        fresh = set(begun)
        self._end_rows(conn, [row for row in ended if row not in fresh])
        self._write_rows(conn, begun)
        _write_known(conn, page)
        _write_scope(conn, page)
        while len(self._subjects) > self._keep:
            self._subjects.popitem(last=False)

    def _load(self, page: Page) -> None:
        """Have every subject of the page in memory as it stood before the page."""
        first_of: dict[str, Recorded[Fact]] = {}
        for event in page:
            first_of.setdefault(event.stream, event)
        missing = []
        for stream, first in first_of.items():
            if stream in self._subjects:
                self._subjects.move_to_end(stream)
            elif first.version == 1:
                self._subjects[stream] = Subject(stream)
            else:
                missing.append(stream)
        if missing:
            for stream, events in self._read_streams(missing).items():
                before = [each for each in events if each.position < page[0].position]
                self._subjects[stream] = Subject(stream, _entries_of(before), _exercise_of(before))
        for event in page:
            if isinstance(event.fact, _COLLECTIVE):
                self._subjects[event.stream].exercise = event.fact.exercise

    def _end_rows(self, conn: Conn, ended: Iterable[Row]) -> None:
        facets: list[tuple[object, ...]] = []
        terms: list[tuple[object, ...]] = []
        for row in ended:
            key = row.period.key
            rest = (row.layer, row.period.effective_from, row.recorded_to)
            if key.kind is Kind.FACET:
                facets.append((_staff_number(row), key.assignment, str(key.name), *rest))
            else:
                terms.append((row.subject, to_text(key.name), *rest))
        if facets or terms:
            conn.execute(_BY_INDEX)
        for statement, rows in ((_END_FACETS, facets), (_END_TERMS, terms)):
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                found = conn.execute(statement, columns).rowcount
                if found != len(rows):
                    raise LookupError(f"{len(rows)} rows were to end, {found} are there: rebuild")

    def _write_rows(self, conn: Conn, rows: Iterable[Row]) -> None:
        facets: list[str] = []
        terms: list[str] = []
        instants = _Instants()
        for row in rows:
            key = row.period.key
            shared = _period_line(row, instants)
            if key.kind is Kind.FACET:
                staff_number = _staff_number(row)
                amount = _amount(key, row.period.value)
                facets.append(f"{shared}\t{staff_number}\t{key.assignment}\t{key.name}\t{amount}")
            else:
                exercise = self._subjects[row.subject].exercise or NULL
                terms.append(f"{shared}\t{row.subject}\t{exercise}\t{for_copy(key.name)}")
        copy_lines(conn, "position_period", _FACET_COLUMNS, facets)
        copy_lines(conn, "term_period", _TERM_COLUMNS, terms)


def _entries_of(events: Iterable[Recorded[Fact]]) -> Iterable[Entry]:
    for event in events:
        entry = entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is not None:
            yield entry


def _exercise_of(events: Iterable[Recorded[Fact]]) -> str | None:
    """The exercise whose scope a consultation's terms reach; a consultation is about one."""
    return next((each.fact.exercise for each in events if isinstance(each.fact, _COLLECTIVE)), None)


def _staff_number(row: Row) -> str:
    return take_apart(row.subject)[1]


class _Instants(dict[datetime, str]):
    """Instants as COPY reads them; a page has few, and they are slow to print."""

    def __missing__(self, instant: datetime) -> str:
        printed = self[instant] = instant.astimezone(UTC).isoformat()
        return printed


def _period_line(row: Row, instants: _Instants) -> str:
    """The columns of `_PERIOD_COLUMNS`, in order."""
    period = row.period
    return "\t".join(
        (
            row.layer,
            day_for_copy(period.effective_from),
            day_for_copy(period.effective_to),
            instants[row.recorded_from],
            INFINITY if row.recorded_to is None else instants[row.recorded_to],
            for_copy(period.value),
            period.event_id.hex,
            NULL if period.corrected_by is None else period.corrected_by.hex,
            instants[period.recorded_at],
            basis_for_copy(period.basis),
            "t" if period.temporary else "f",
        )
    )


def _amount(key: Key, value: str) -> str:
    """A full-time equivalent as a number, for sums; the value itself is kept as it was given."""
    if key.name != Facet.FTE:
        return NULL
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return NULL
    # Not more digits than PostgreSQL's numeric can hold, whatever exponent was given.
    return f"{amount:.20f}" if amount.is_finite() and 0 < amount <= 1 else NULL


def _write_known(conn: Conn, page: Page) -> None:
    copy_lines(
        conn,
        "person_known",
        ("staff_number", "recorded_from", "event_id"),
        (
            f"{each.fact.staff_number}\t{each.recorded_at.isoformat()}\t{each.event_id}"
            for each in page
            if isinstance(each.fact, s.StaffRegistered)
        ),
    )


def _write_scope(conn: Conn, page: Page) -> None:
    columns = ("staff_number", "exercise", "effective_from", "recorded_from", "event_id")
    copy_lines(conn, "scope_membership", columns, _scope_lines(page))


def _scope_lines(page: Page) -> Iterable[str]:
    for each in page:
        fact = each.fact
        if isinstance(fact, a.BroughtIntoScope):
            members: Iterable[str] = (take_apart(each.stream)[1],)
        elif isinstance(fact, e.ScopeSet):
            members = dict.fromkeys(fact.members)
        else:
            continue
        rest = f"{fact.exercise}\t{fact.effective_from}\t{each.recorded_at.isoformat()}"
        for staff_number in members:
            yield f"{staff_number}\t{rest}\t{each.event_id}"
