"""Position and terms on two clocks: the projection. The questions are in `queries.py`.

Of a person there are sheets (`projections.position.sheets`): a row is the whole answer about one
of their assignments, or about their terms, on some days as known at some instants. After each
command the sheets that it touched end at the command's instant, and new ones begin there. A row
never changes otherwise and none is lost, so what an instant K answers stays the same for ever
(rule 4).

Of a consultation there are rows of collective terms (`collective_terms.py`), which reach whoever is
in the scope of its exercise.

Between the events of one command on one stream there is no instant, so a state between them is
never a row.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from projections.keeping_up.collector import collector_paused
from projections.keeping_up.copying import Conn, copy_lines
from projections.keeping_up.runner import Page
from projections.position import collective_terms, headcount
from projections.position import fill as position_fill
from projections.position.rows import (
    SCOPE_COLUMNS,
    STATED_COLUMNS,
    PersonSheet,
    Rows,
    Subject,
    commands_of,
    is_told,
    scope_lines_of,
    subject_of,
)
from projections.position.sheets import FIRST_DAY
from projections.position.stored import SHEET_COLUMNS, sheet_line
from projections.rebuilding.fill import Fill
from transfer.log.envelope import Recorded
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

NAME = "position"

ReadStreams = Callable[[Sequence[str]], Mapping[str, Sequence[Recorded[Fact]]]]
"""The facts of several streams, each oldest first (`Log.read_many`)."""

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

    `known` are the program's facts. `keep` subjects stay in memory; the rest are read from the log
    again when something is recorded of them. `helpers_begin_at` is the module that another process
    of this program begins at which helps to fill (see `fill.work`).
    """

    name = NAME
    tables = ("position_sheet", "ever_stated", "collective_term", "scope_membership")

    def __init__(
        self,
        read_streams: ReadStreams,
        known: KnownFacts = NO_KINDS,
        *,
        keep: int = 10_000,
        helpers_begin_at: str = position_fill.WITHOUT_KINDS,
    ) -> None:
        self.facts: tuple[type[Fact], ...] = (*known.entry_facts, a.BroughtIntoScope, e.ScopeSet)
        self._read_streams = read_streams
        self._known = known
        self._helpers_begin_at = helpers_begin_at
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
            for recorded_at, command in commands_of(page, self._known):
                for stream, of_stream in command.items():
                    self._subjects[stream].take_events(of_stream, recorded_at, rows)
        _end_sheets(conn, rows.ended_before())
        lines = (sheet_line(staff_number, sheet) for staff_number, sheet in rows.begun)
        copy_lines(conn, "position_sheet", SHEET_COLUMNS, lines)
        copy_lines(conn, "ever_stated", STATED_COLUMNS, rows.stated_lines())
        collective_terms.end_rows(conn, rows.terms_ended_before())
        collective_terms.write_rows(conn, rows.terms_begun)
        scope = (
            line
            for each in page
            for line in scope_lines_of(each.stream, each.recorded_at, each.event_id, each.fact)
        )
        copy_lines(conn, "scope_membership", SCOPE_COLUMNS, scope)
        while len(self._subjects) > self._keep:
            self._subjects.popitem(last=False)

    def fill(self, fill: Fill) -> None:
        """See `FillsItself.fill`."""
        position_fill.fill(fill, self.tables, self.facts, self._known, self._helpers_begin_at)

    def tidy(self, conn: Conn) -> bool:
        """See `Tidied.tidy`: head counts are kept at checkpoints."""
        return headcount.keep(conn)

    def _load(self, page: Page) -> None:
        """Have every subject of the page in memory as it stood before the page."""
        first_of: dict[str, Recorded[Fact]] = {}
        for event in page:
            if is_told(event, self._known):
                first_of.setdefault(event.stream, event)
        missing = []
        for stream, first in first_of.items():
            if stream in self._subjects:
                self._subjects.move_to_end(stream)
            elif first.version == 1:
                self._subjects[stream] = subject_of(stream, self._known)
            else:
                missing.append(stream)
        if missing:
            for stream, events in self._read_streams(missing).items():
                subject = self._subjects[stream] = subject_of(stream, self._known)
                # Command by command, as it was kept up: where its epochs begin follows from that.
                already = Rows()
                before = [each for each in events if each.position < page[0].position]
                for recorded_at, command in commands_of(before, self._known):
                    subject.take_events(command.get(stream, ()), recorded_at, already)


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
