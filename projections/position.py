"""Position and terms on two clocks: fold, rows, registration. The questions are in
`position_queries.py`.

Of a person there are sheets (`transfer.core.sheets`): a row is the whole answer about one of their
assignments, or about their terms, on some days as known at some instants. After each command the
sheets that it touched end at the command's instant, and new ones begin there. A row never changes
otherwise and none is lost, so what an instant K answers stays the same for ever (rule 4).

Of a consultation there are rows of collective terms (`collective_terms.py`), which reach whoever is
in the scope of its exercise.

Between the events of one command on one stream there is no instant, so a state between them is
never a row.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, get_args

from projections import collective_terms
from projections.collective_terms import Consultation
from projections.position_texts import SHEET_COLUMNS, sheet_line, value_key
from projections.runner import Page, collector_paused
from projections.texts import Conn, copy_lines, instant_for_copy
from transfer.core import assignment_facts as a
from transfer.core import consultation_facts as c
from transfer.core import exercise_facts as e
from transfer.core.facts import ENTRY_FACTS, Fact, entry_of
from transfer.core.position import Entry
from transfer.core.sheets import FIRST_DAY, Person, Sheet
from transfer.core.spans import Stated, stated_of
from transfer.core.staff import StaffRegistered
from transfer.core.streams import staff_stream, take_apart
from transfer.log.envelope import Recorded

NAME = "position"

# --- fold --------------------------------------------------------------------------------------

_COLLECTIVE = get_args(c.CollectiveTermFact)
_OF_STAFF = staff_stream("")


class PersonSheet(NamedTuple):
    """A row of somebody's."""

    staff_number: str
    sheet: Sheet


class Rows:
    """What commands made of rows: those in the tables that end, and those that begin."""

    def __init__(self) -> None:
        self.ended: list[PersonSheet] = []
        self.begun: list[PersonSheet] = []
        self.stated: list[tuple[int, str]] = []
        self.terms_ended: list[collective_terms.Row] = []
        self.terms_begun: list[collective_terms.Row] = []

    def ended_before(self) -> list[PersonSheet]:
        """The sheets that end and did not begin here: those that do are written as they end."""
        fresh = {id(row.sheet) for row in self.begun}
        return [row for row in self.ended if id(row.sheet) not in fresh]

    def terms_ended_before(self) -> list[collective_terms.Row]:
        """The same of collective terms."""
        fresh = {id(row) for row in self.terms_begun}
        return [row for row in self.terms_ended if id(row) not in fresh]


class StaffSubject:
    """One person's stream, folded."""

    __slots__ = ("person", "staff_number")

    def __init__(self, stream: str) -> None:
        self.staff_number = take_apart(stream)[1]
        self.person = Person()

    def take(self, command: Iterable[Recorded[Fact]], at: datetime, rows: Rows) -> None:
        """Let the entries of one command change the rows."""
        ended, begun, stated = self.person.take(list(stated_in(command)), at)
        number = self.staff_number
        rows.ended += [PersonSheet(number, sheet) for sheet in ended]
        rows.begun += [PersonSheet(number, sheet) for sheet in begun]
        rows.stated += [(value_key(facet, value), number) for facet, value in stated]


class ConsultationSubject:
    """One consultation's stream, folded."""

    __slots__ = ("consultation",)

    def __init__(self, stream: str) -> None:
        self.consultation = Consultation(stream)

    def take(self, command: Iterable[Recorded[Fact]], at: datetime, rows: Rows) -> None:
        """Let the entries of one command change the rows."""
        command = list(command)
        for event in command:
            if isinstance(event.fact, _COLLECTIVE):
                self.consultation.exercise = event.fact.exercise
        ended, begun = self.consultation.take(entries_in(command), at)
        rows.terms_ended += ended
        rows.terms_begun += begun


Subject = StaffSubject | ConsultationSubject


def subject_of(stream: str) -> Subject:
    """A stream of which nothing is known yet."""
    return StaffSubject(stream) if stream.startswith(_OF_STAFF) else ConsultationSubject(stream)


def entries_in(events: Iterable[Recorded[Fact]]) -> Iterator[Entry]:
    """What events state, correct or annul, if they do."""
    for event in events:
        entry = entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is not None:
            yield entry


def stated_in(events: Iterable[Recorded[Fact]]) -> Iterator[Stated]:
    """The same of a person's stream, as their sheets take it."""
    for event in events:
        entry = entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is not None:
            yield stated_of(entry, registers=isinstance(event.fact, StaffRegistered))


def commands_of(events: Page) -> Iterator[tuple[datetime, dict[str, list[Recorded[Fact]]]]]:
    """The events of each command that mean something to the rule, by stream, in log order."""
    command: dict[str, list[Recorded[Fact]]] = {}
    command_at: datetime | None = None
    for event in events:
        if event.recorded_at != command_at:
            if command_at is not None:
                yield command_at, command
            command, command_at = {}, event.recorded_at
        if isinstance(event.fact, ENTRY_FACTS):
            command.setdefault(event.stream, []).append(event)
    if command_at is not None:
        yield command_at, command


def rows_of(events: Page) -> Rows:
    """Every row that a whole log makes, from nothing and without a database."""
    subjects: dict[str, Subject] = {}
    rows = Rows()
    for recorded_at, command in commands_of(events):
        for stream, of_stream in command.items():
            subject = subjects.get(stream)
            if subject is None:
                subject = subjects[stream] = subject_of(stream)
            subject.take(of_stream, recorded_at, rows)
    return rows


# --- registration ------------------------------------------------------------------------------

ReadStreams = Callable[[Sequence[str]], Mapping[str, Sequence[Recorded[Fact]]]]
"""The facts of several streams, each oldest first (`Log.read_many`)."""

STATED_COLUMNS = ("value_key", "staff_number")
SCOPE_COLUMNS = ("staff_number", "exercise", "effective_from", "recorded_from", "event_id")

# Without this the planner, which knows no sizes in here, reads the whole table for every page.
_BY_INDEX = """
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off
"""
_END_SHEETS = """
UPDATE position_sheet AS p SET recorded_to = ended.at
FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[],
            %s::timestamptz[])
     AS ended (staff_number, assignment, epoch, effective_from, recorded_from, at)
WHERE p.staff_number = ended.staff_number AND p.assignment = ended.assignment
  AND p.epoch = ended.epoch AND p.effective_from = ended.effective_from::date
  AND p.recorded_from = ended.recorded_from AND p.recorded_to = 'infinity'
"""


class PositionProjection:
    """Keeps the tables of migration 0030. Not for several threads at once.

    `keep` subjects stay in memory; the rest are read from the log again when something is recorded
    of them.
    """

    name = NAME
    tables = ("position_sheet", "ever_stated", "collective_term", "scope_membership")
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
        rows = Rows()
        with collector_paused():
            self._load(page)
            for recorded_at, command in commands_of(page):
                for stream, of_stream in command.items():
                    self._subjects[stream].take(of_stream, recorded_at, rows)
        _end_sheets(conn, rows.ended_before())
        lines = (sheet_line(staff_number, sheet) for staff_number, sheet in rows.begun)
        copy_lines(conn, "position_sheet", SHEET_COLUMNS, lines)
        copy_lines(conn, "ever_stated", STATED_COLUMNS, (f"{k}\t{n}" for k, n in rows.stated))
        collective_terms.end_rows(conn, rows.terms_ended_before())
        collective_terms.write_rows(conn, rows.terms_begun)
        copy_lines(conn, "scope_membership", SCOPE_COLUMNS, scope_lines(page))
        while len(self._subjects) > self._keep:
            self._subjects.popitem(last=False)

    def _load(self, page: Page) -> None:
        """Have every subject of the page in memory as it stood before the page."""
        first_of: dict[str, Recorded[Fact]] = {}
        for event in page:
            if isinstance(event.fact, ENTRY_FACTS):
                first_of.setdefault(event.stream, event)
        missing = []
        for stream, first in first_of.items():
            if stream in self._subjects:
                self._subjects.move_to_end(stream)
            elif first.version == 1:
                self._subjects[stream] = subject_of(stream)
            else:
                missing.append(stream)
        if missing:
            for stream, events in self._read_streams(missing).items():
                subject = self._subjects[stream] = subject_of(stream)
                # Command by command, as it was kept up: where its epochs begin follows from that.
                already = Rows()
                before = [each for each in events if each.position < page[0].position]
                for recorded_at, command in commands_of(before):
                    subject.take(command.get(stream, ()), recorded_at, already)


def _end_sheets(conn: Conn, ended: Sequence[PersonSheet]) -> None:
    """Give sheets that are in the table the instant at which they end.

    Raises `LookupError` where they are not there: the read model must be made anew.
    """
    if not ended:
        return
    columns: tuple[list[object], ...] = ([], [], [], [], [], [])
    for staff_number, sheet in ended:
        first_day = "-infinity" if sheet.start == FIRST_DAY else sheet.start.isoformat()
        key = (staff_number, sheet.assignment, sheet.epoch, first_day, sheet.recorded_from)
        for column, value in zip(columns, (*key, sheet.recorded_to), strict=True):
            column.append(value)
    conn.execute(_BY_INDEX)
    found = conn.execute(_END_SHEETS, columns).rowcount
    if found != len(ended):
        raise LookupError(f"{len(ended)} rows were to end, {found} are there: rebuild")


def scope_lines(events: Iterable[Recorded[Fact]]) -> Iterator[str]:
    """A line for everybody whom an event brings into an exercise's scope: `SCOPE_COLUMNS`."""
    for each in events:
        fact = each.fact
        if isinstance(fact, a.BroughtIntoScope):
            members: Iterable[str] = (take_apart(each.stream)[1],)
        elif isinstance(fact, e.ScopeSet):
            members = dict.fromkeys(fact.members)
        else:
            continue
        rest = f"{fact.exercise}\t{fact.effective_from}\t{instant_for_copy(each.recorded_at)}"
        for staff_number in members:
            yield f"{staff_number}\t{rest}\t{each.event_id}"
