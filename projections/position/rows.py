"""What commands make of the rows of positions: the fold, stream by stream, without a database.

The sheets of people are in `sheets.py`, collective terms in `collective_terms.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from projections.keeping_up.copying import instant_for_copy
from projections.position import collective_terms
from projections.position.collective_terms import Consultation
from projections.position.sheets import Person, Sheet
from projections.position.spans import Stated, stated_of
from projections.position.stored import value_key
from transfer.core.dating.effective_dating import Entry
from transfer.core.matter.facts import MatterFact, Undone
from transfer.core.matter.words import id_of
from transfer.core.record.staff import StaffRegistered
from transfer.core.streams import matter_of, staff_stream, take_apart
from transfer.log.envelope import Recorded
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

COLLECTIVE = (c.CollectiveTermFact, Undone)
"""What of a matter's own stream may state a term that many have, or take it back."""

_OF_STAFF = staff_stream("")

PersonSheet = tuple[str, Sheet]
"""A staff number, and a sheet of theirs."""


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
        fresh = {id(sheet) for _, sheet in self.begun}
        return [(number, sheet) for number, sheet in self.ended if id(sheet) not in fresh]

    def terms_ended_before(self) -> list[collective_terms.Row]:
        """The same of collective terms."""
        fresh = {id(row) for row in self.terms_begun}
        return [row for row in self.terms_ended if id(row) not in fresh]

    def stated_lines(self) -> Iterator[str]:
        """A line of COPY for each value that was stated of somebody for the first time:
        `STATED_COLUMNS`."""
        return (f"{key}\t{staff_number}" for key, staff_number in self.stated)


STATED_COLUMNS = ("value_key", "staff_number")


class StaffSubject:
    """One person's stream, folded."""

    __slots__ = ("known", "person", "staff_number")

    def __init__(self, stream: str, known: KnownFacts) -> None:
        self.known = known
        self.staff_number = take_apart(stream)[1]
        self.person = Person()

    def take(self, command: Sequence[Stated], at: datetime, rows: Rows) -> None:
        """Let the entries of one command change the rows."""
        ended, begun, stated = self.person.take(command, at)
        number = self.staff_number
        rows.ended += [(number, sheet) for sheet in ended]
        rows.begun += [(number, sheet) for sheet in begun]
        rows.stated += [(value_key(facet, value), number) for facet, value in stated]

    def take_events(self, command: Iterable[Recorded[Fact]], at: datetime, rows: Rows) -> None:
        """The same from the events of the command."""
        stated = []
        for event in command:
            entry = self.known.entry_of(event.event_id, event.recorded_at, event.fact)
            if entry is not None:
                registers = isinstance(event.fact, StaffRegistered)
                stated.append(stated_of(entry, registers=registers))
        if stated:
            self.take(stated, at, rows)


class ConsultationSubject:
    """One consultation's stream, folded."""

    __slots__ = ("consultation", "known")

    def __init__(self, stream: str, known: KnownFacts) -> None:
        self.known = known
        self.consultation = Consultation(stream)

    def take(self, command: Iterable[tuple[UUID, Fact]], at: datetime, rows: Rows) -> None:
        """Let the facts of one command, each with its event's id, change the rows."""
        entries: list[Entry] = []
        for event_id, fact in command:
            if isinstance(fact, c.CollectiveTermFact):
                self.consultation.exercise = id_of(fact.matter)
            if isinstance(fact, c.CollectiveTermGranted) and fact.employed_on is not None:
                self.consultation.employed_on[event_id] = fact.employed_on
            entry = self.known.entry_of(event_id, at, fact)
            if entry is not None and self._is_of_terms(entry, entries):
                entries.append(entry)
        ended, begun = self.consultation.take(entries, at)
        rows.terms_ended += ended
        rows.terms_begun += begun

    def _is_of_terms(self, entry: Entry, before: Iterable[Entry]) -> bool:
        """Whether it states a term, or acts upon one: a decision that was undone may be another."""
        known = self.consultation.entries
        return (
            entry.of is None
            or known.entry(entry.of) is not None
            or any(each.event_id == entry.of for each in before)
        )

    def take_events(self, command: Iterable[Recorded[Fact]], at: datetime, rows: Rows) -> None:
        """The same from the events of the command."""
        self.take([(event.event_id, event.fact) for event in command], at, rows)


Subject = StaffSubject | ConsultationSubject


def subject_of(stream: str, known: KnownFacts) -> Subject:
    """A stream of which nothing is known yet: a person's, or that of terms that many have."""
    if stream.startswith(_OF_STAFF):
        return StaffSubject(stream, known)
    return ConsultationSubject(stream, known)


def is_told(event: Recorded[Fact], known: KnownFacts) -> bool:
    """Whether an event may state something of somebody: what lies on the stream of a matter is
    about nobody alone, unless it is a term that everybody in the scope of an exercise has."""
    fact = event.fact
    if isinstance(fact, MatterFact) and matter_of(event.stream) is not None:
        return isinstance(fact, COLLECTIVE)
    return isinstance(fact, known.entry_facts)


def commands_of(
    events: Sequence[Recorded[Fact]], known: KnownFacts
) -> Iterator[tuple[datetime, dict[str, list[Recorded[Fact]]]]]:
    """The events of each command that mean something to the rule, by stream, in log order."""
    command: dict[str, list[Recorded[Fact]]] = {}
    command_at: datetime | None = None
    for event in events:
        if event.recorded_at != command_at:
            if command_at is not None:
                yield command_at, command
            command, command_at = {}, event.recorded_at
        if is_told(event, known):
            command.setdefault(event.stream, []).append(event)
    if command_at is not None:
        yield command_at, command


def rows_of(events: Sequence[Recorded[Fact]], known: KnownFacts = NO_KINDS) -> Rows:
    """Every row that a whole log makes, from nothing and without a database."""
    subjects: dict[str, Subject] = {}
    rows = Rows()
    for recorded_at, command in commands_of(events, known):
        for stream, of_stream in command.items():
            subject = subjects.get(stream)
            if subject is None:
                subject = subjects[stream] = subject_of(stream, known)
            subject.take_events(of_stream, recorded_at, rows)
    return rows


SCOPE_COLUMNS = ("staff_number", "exercise", "effective_from", "recorded_from", "event_id")


def scope_lines_of(stream: str, at: datetime, event_id: UUID, fact: Fact) -> Iterator[str]:
    """A line of COPY for everybody whom a fact brings into an exercise's scope: `SCOPE_COLUMNS`."""
    if isinstance(fact, a.BroughtIntoScope):
        members: Iterable[str] = (take_apart(stream)[1],)
    elif isinstance(fact, e.ScopeSet):
        members = dict.fromkeys(fact.members)
    else:
        return
    rest = f"{id_of(fact.matter)}\t{fact.effective_from}\t{instant_for_copy(at)}\t{event_id}"
    for staff_number in members:
        yield f"{staff_number}\t{rest}"
