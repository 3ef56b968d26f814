"""The projection of deadlines over facts that no log holds, and a naive reading of the same facts.

kept = Kept(conn, log_of(records), known)
kept.take(3)          three commands a page
rows_say(conn, at)    what the rows say of an instant
same_either_way(..)   what is found by when it was settled is what is found by reading everything
book_says(known, ..)  what the engine says of every fact that was recorded by then
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

import psycopg

from projections.deadlines.deadlines import DeadlinesProjection, State, deadlines, waiting
from projections.deadlines.kept import KeptWaiting
from projections.keeping_up.runner import digest
from tests.support.histories import instant
from transfer.core.matter.folding import OnRecord, blank, deeds, hand_out
from transfer.core.matter.words import Nature, Outcome, Whom
from transfer.core.streams import matter_stream, staff_stream
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

# --- the record of an office, as the log would give it --------------------------------------------


def log_of(records: Sequence[OnRecord]) -> list[Recorded[Fact]]:
    """The facts as on record, a command an hour."""
    found: list[Recorded[Fact]] = []
    versions: dict[str, int] = {}
    for hour, (command, of_command) in enumerate(groupby(records, key=lambda each: each.command)):
        for each in of_command:
            stream = stream_of(each)
            versions[stream] = versions.get(stream, 0) + 1
            found.append(
                Recorded(
                    stream=stream,
                    version=versions[stream],
                    event_id=each.event_id,
                    position=len(found) + 1,
                    recorded_at=instant(hour),
                    recorded_by="office",
                    command_id=command,
                    causation_id=None,
                    correlation_id=command,
                    attested=None,
                    fact=each.fact,
                )
            )
    return found


def stream_of(each: OnRecord) -> str:
    """The stream that a fact lies on."""
    if each.person is None:
        return matter_stream(each.fact.matter)
    return staff_stream(each.person)


class Kept:
    """The projection over such a log, page by page; it counts how often it asks the database."""

    def __init__(
        self, conn: psycopg.Connection, log: Sequence[Recorded[Fact]], known: KnownFacts
    ) -> None:
        self.conn, self.log = conn, log
        self.read: list[str] = []
        self.calls = 0
        self.projection = DeadlinesProjection(self._streams, known)

    def _streams(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Fact]]]:
        self.read += streams
        self.calls += 1
        return {each: [e for e in self.log if e.stream == each] for each in streams}

    def take(self, commands: int) -> None:
        """Everything, so many commands a page."""
        instants = sorted({event.recorded_at for event in self.log})
        for first in range(0, len(instants), commands):
            of_page = set(instants[first : first + commands])
            self.page([event for event in self.log if event.recorded_at in of_page])

    def page(self, events: Sequence[Recorded[Fact]]) -> None:
        with self.conn.transaction():
            self.projection.apply(self.conn, events)

    def empty(self) -> None:
        for table in self.projection.tables:
            self.conn.execute(f"TRUNCATE {table}".encode())


# --- the naive reading ----------------------------------------------------------------------------

Said = dict[tuple[str, str | None, str, str], tuple[date | None, str, date | None]]
"""Of which matter, of whom and what: the day, what became of it, and when."""


def book_says(known: KnownFacts, records: Sequence[OnRecord]) -> Said:
    """What is due by these records, every one of them read."""
    found: Said = {}
    people = sorted({each.person for each in records if each.person is not None})
    names = dict.fromkeys(each.fact.matter for each in records)
    kinds = {name: kind for name in names if (kind := known.kind(name)) is not None}
    context = deeds([each for each in records if each.person is None])
    grouped = {who for name in kinds for _, who in _grouped(known, name, records)}
    for person in (None, *sorted({*people, *grouped})):
        theirs = deeds([each for each in records if each.person == person], context)
        states = {name: blank(kind, name, person) for name, kind in kinds.items()}
        everything = [(deed, None) for deed in context]
        own = [] if person is None else [(deed, person) for deed in theirs]
        for deed, whose in sorted([*everything, *own], key=lambda each: each[0].place):
            for fact, event_id in deed.each():
                hand_out(states, fact, whose, event_id)
        for name, state in states.items():
            book = state.book
            groups = sorted(set(book.group_of.values())) if person is None else []
            for whom in (Whom(name, None, person), *(Whom(name, group) for group in groups)):
                for due in book.of(whom):
                    if due.nature is Nature.ACT or (whom.group is not None and not due.once):
                        continue
                    if due.elsewhere or due.outcome is Outcome.SUPERSEDED:
                        continue
                    if person is not None and due.told_singly and book.own(due.slot) is None:
                        continue
                    became = "open" if due.outcome is None else due.outcome.value
                    about = f"{whom.group or ''} {due.slot.about}".strip()
                    met_on = due.outcome_on if due.outcome is Outcome.MET else None
                    # What was used keeps the day that it had then, also where it may be used again.
                    on, later = book.days(due)
                    found[name, person, due.slot.what, about] = (later or on, became, met_on)
    return found


def _grouped(
    known: KnownFacts, matter: str, records: Sequence[OnRecord]
) -> Mapping[tuple[str, str], str]:
    kind = known.kind(matter)
    assert kind is not None
    state = blank(kind, matter, None)
    for each in records:
        if each.person is None and each.fact.matter == matter:
            state.take(each.fact, None, each.event_id)
    return state.book.group_of


_LAST = """
SELECT DISTINCT ON (p.matter, p.staff_number, p.group_name, p.what, p.about)
       p.matter, p.staff_number, p.what, trim(coalesce(p.group_name, '') || ' ' || p.about),
       coalesce(p.later_on, p.due_on), coalesce(x.outcome, 'open'),
       CASE WHEN x.outcome = 'met' THEN x.outcome_on END
FROM obligation AS p LEFT JOIN LATERAL (
    SELECT outcome, outcome_on FROM obligation_outcome
    WHERE obligation_id = p.obligation_id AND recorded_from <= %(known_at)s
    ORDER BY place DESC LIMIT 1
) AS x ON true
WHERE p.recorded_from <= %(known_at)s
ORDER BY p.matter, p.staff_number, p.group_name, p.what, p.about, p.place DESC
"""
_OPEN_TWICE = """
SELECT matter, staff_number, group_name, what, about FROM obligation AS p
WHERE p.recorded_from <= %(known_at)s AND NOT EXISTS (
    SELECT FROM obligation_outcome AS x
    WHERE x.obligation_id = p.obligation_id AND recorded_from <= %(known_at)s
) GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1
"""


def rows_say(conn: psycopg.Connection, known_at: datetime) -> Said:
    """The same from the rows alone."""
    assert conn.execute(_OPEN_TWICE.encode(), {"known_at": known_at}).fetchall() == []
    rows = conn.execute(_LAST.encode(), {"known_at": known_at}).fetchall()
    return {(r[0], r[1], r[2], r[3]): (r[4], r[5], r[6]) for r in rows if r[5] != "superseded"}


def same_either_way(conn: psycopg.Connection, known_at: datetime, kept: KeptWaiting) -> None:
    """What is open, missed or lapsed is the same, found among everything or among what was not
    settled by then; and so is how much is waited for, also where it was counted before."""
    found = conn.execute("SELECT DISTINCT matter FROM obligation ORDER BY matter").fetchall()
    for (matter,) in found:
        whole = deadlines(conn, known_at, matter=matter, limit=1000)
        assert whole.next_cursor is None
        for state in (State.OPEN, State.MISSED, State.LAPSED):
            some = deadlines(conn, known_at, matter=matter, state=state, limit=1000).items
            assert some == tuple(each for each in whole.items if each.state is state)
        waits = Counter(d.what for d in whole.items if d.state in (State.OPEN, State.MISSED))
        assert waiting(conn, matter, known_at) == waits
        assert kept.waiting(conn, matter, known_at) == waits


def check(
    conn: psycopg.Connection, known: KnownFacts, records: Sequence[OnRecord], commands: int
) -> Kept:
    """Page by page, the rows say what the book says at every instant; and pages do not matter."""
    log = log_of(records)
    kept = Kept(conn, log, known)
    kept.empty()
    kept.take(commands)
    waits = KeptWaiting()
    for n, event in enumerate(log):
        if n + 1 == len(log) or log[n + 1].recorded_at != event.recorded_at:
            by_then = records[: n + 1]
            assert rows_say(conn, event.recorded_at) == book_says(known, by_then), event.fact
            for _ in range(2):
                same_either_way(conn, event.recorded_at, waits)
    before = digest(conn, kept.projection)
    kept.empty()
    kept.take(len(log))
    assert digest(conn, kept.projection) == before
    return kept
