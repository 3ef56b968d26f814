"""What a decision in a procedure is given: the streams that bear on it, loaded and folded.

A `World` holds one matter, or one person in it with all the other matters that concern them. What
was read for one attempt is kept (`Loaded`), so that nothing is read twice and the append can name
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from transfer.commands.office import Office
from transfer.core.dating.effective_dating import Entries, Key
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import OnRecord, State, deeds, open_duties
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_PEOPLE_OF = """
SELECT DISTINCT originator_id AS stream FROM events
WHERE topic = ANY(%(names)s) AND originator_id LIKE 'staff:%%'
  AND convert_from(state, 'UTF8')::json -> 'fact' ->> 'matter' = %(matter)s
"""


class RulesFor(Protocol):
    """Finds the rules that bind a matter."""

    def __call__(self, kind: Kind, edition: str, digest: str | None) -> RulesOfMatter:
        """The rules of an edition: of the text with that digest, or (`None`) of the current one.

        Raises `Refused` where there is no such edition.
        """


class RecordOfPerson:
    """The record of one person as decisions read it."""

    def __init__(self, entries: Entries, evidence: Mapping[str, str] | None = None) -> None:
        self.entries = entries
        self.evidence = evidence or {}

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        """See `Position.on`."""
        period = self.entries.timeline(Key(KeyKind.FACET, assignment, facet)).at(day)
        return None if period is None else period.value


@dataclass(slots=True)
class Loaded:
    """Streams as they were read for one attempt."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)

    def version(self, stream: str) -> int:
        events = self.streams[stream]
        return events[-1].version if events else 0

    def reads(self, written: Iterable[str]) -> dict[str, int]:
        """What a decision rests on beside the streams that it writes to."""
        left = self.streams.keys() - set(written)
        return {stream: self.version(stream) for stream in sorted(left)}


class Worlds:
    """Loads what bears on matters of the kinds that `known` has; safe among threads."""

    def __init__(self, office: Office, known: KnownFacts, rules: RulesFor) -> None:
        self._office = office
        self._known = known
        self._rules = rules

    def rules_for(self, kind: Kind, edition: str) -> RulesOfMatter:
        """The rules that a matter which begins now is begun under; raises `Refused`."""
        return self._rules(kind, edition, None)

    def kind(self, matter: str) -> Kind:
        kind = self._known.kind(matter)
        if kind is None:
            raise NotOnRecord(f"there is no kind of procedure for {matter}")
        return kind

    def people(self, matter: str, state: State) -> tuple[str, ...]:
        """Everybody in a matter: by its groups, or because something of theirs is in it."""
        kind = self.kind(matter)
        names = [*t.STORED_NAMES.values(), *kind.facts.values()]
        with self._office.log.connection() as connection:
            rows = connection.execute(_PEOPLE_OF, {"names": names, "matter": matter}).fetchall()
        own = {take_apart(row["stream"])[1] for row in rows}
        grouped = {person for of, person in state.whole.book.group_of if of == matter}
        return tuple(sorted(own | grouped))

    def read(self, loaded: Loaded, stream: str) -> Sequence[Recorded[Fact]]:
        if stream not in loaded.streams:
            loaded.streams[stream] = self._office.log.read(stream)
        return loaded.streams[stream]

    def read_many(self, loaded: Loaded, streams: Sequence[str]) -> None:
        missing = [stream for stream in streams if stream not in loaded.streams]
        if missing:
            loaded.streams |= self._office.log.read_many(missing)

    def world(self, loaded: Loaded, matter: str, person: str | None) -> World:
        """All that bears on a matter, or on a person in it and in others."""
        own = () if person is None else self.read(loaded, staff_stream(person))
        names = self._matters_of(matter, own)
        begun: dict[str, t.MatterBegun] = {}
        whole: list[Recorded[Fact]] = []
        for name in names:
            events = self.read(loaded, matter_stream(name))
            whole += events
            for event in (*events, *own):
                if isinstance(event.fact, t.MatterBegun) and event.fact.matter == name:
                    begun[name] = event.fact
        if matter not in begun:
            raise NotOnRecord(f"{matter} has not begun")
        kinds = {name: self.kind(name) for name in names if name in begun}
        whole.sort(key=lambda event: event.position)
        of_matters = on_record(whole, None, kinds.keys())
        context = deeds(of_matters)
        theirs = on_record(own, person, kinds.keys())
        return World(
            kinds=kinds,
            rules={
                name: self._rules(kinds[name], begun[name].edition, begun[name].digest)
                for name in kinds
            },
            position=RecordOfPerson(self._entries(own, None)),
            positions={name: RecordOfPerson(self._entries(own, name)) for name in kinds},
            person=person,
            deeds=context if person is None else deeds(theirs, context),
            context=() if person is None else context,
            duties=open_duties(of_matters if person is None else theirs),
            shared_duties={} if person is None else open_duties(of_matters),
        )

    def _matters_of(self, matter: str, own: Iterable[Recorded[Fact]]) -> tuple[str, ...]:
        """The matter itself, those that the person has something in, and those that hear of it."""
        found = {matter: None}
        for event in own:
            fact = event.fact
            if isinstance(fact, t.MatterFact) and self._known.kind(fact.matter) is not None:
                found[fact.matter] = None
                for kind in self._known.kinds:
                    heard = kind.hears_in(fact)
                    if heard is not None:
                        found[heard] = None
        return tuple(found)

    def _entries(self, own: Iterable[Recorded[Fact]], without: str | None) -> Entries:
        entries = Entries()
        for event in own:
            if isinstance(event.fact, t.MatterFact) and event.fact.matter == without:
                continue
            entry = self._known.entry_of(event.event_id, event.recorded_at, event.fact)
            # What corrects or annuls something that is left out is left out with it.
            if entry is not None and (entry.of is None or entries.entry(entry.of) is not None):
                entries.add(entry)
        return entries


def on_record(
    events: Iterable[Recorded[Fact]], person: str | None, matters: Iterable[str]
) -> list[OnRecord]:
    known = set(matters)
    return [
        OnRecord(event.event_id, event.position, event.command_id, person, event.fact)
        for event in events
        if isinstance(event.fact, t.MatterFact) and event.fact.matter in known
    ]
