"""What a decision in a procedure is given: the streams that bear on it, loaded and folded.

A `World` holds one matter, or one person in it with all the other matters that concern them. What
was read for one attempt is kept (`Loaded`), so that nothing is read twice and the append can name
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from uuid import UUID

from transfer.commands.matter_people import MatterPeople
from transfer.commands.office import Office
from transfer.core.dating.effective_dating import Entries, Key
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import Deed, OnRecord, State, deeds, open_duties
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World
from transfer.core.matter.words import Whom
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts


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


@dataclass(frozen=True, slots=True)
class _OfMatters:
    """What concerns several matters as a whole: the same for everybody who is in these."""

    begun: Mapping[str, t.MatterBegun]
    records: Sequence[OnRecord]
    context: tuple[Deed, ...]
    duties: Mapping[UUID, t.DutyToSettleOpened]


@dataclass(slots=True)
class Loaded:
    """Streams as they were read for one attempt, and the version of each."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    of_matters: dict[tuple[str, ...], _OfMatters] = field(default_factory=dict)

    def take(self, stream: str, events: Sequence[Recorded[Fact]]) -> None:
        """Keep what was read of a stream."""
        self.streams[stream] = events
        self.versions[stream] = events[-1].version if events else 0

    def version(self, stream: str) -> int:
        return self.versions[stream]

    def forget(self, streams: Iterable[str]) -> None:
        """Keep the versions alone: the append still rests on them."""
        for stream in streams:
            self.streams.pop(stream, None)

    def reads(self, written: Iterable[str]) -> dict[str, int]:
        """What a decision rests on beside the streams that it writes to."""
        left = self.versions.keys() - set(written)
        return {stream: self.versions[stream] for stream in sorted(left)}


class Worlds:
    """Loads what bears on matters of the kinds that `known` has; safe among threads."""

    def __init__(self, office: Office, known: KnownFacts, rules: RulesFor) -> None:
        self._office = office
        self._known = known
        self._rules = rules
        self._people = MatterPeople(office.log, known)

    @property
    def known(self) -> KnownFacts:
        """The facts and kinds that it knows."""
        return self._known

    def rules_for(self, kind: Kind, edition: str) -> RulesOfMatter:
        """The rules that a matter which begins now is begun under; raises `Refused`."""
        return self._rules(kind, edition, None)

    def kind(self, matter: str) -> Kind:
        kind = self._known.kind(matter)
        if kind is None:
            raise NotOnRecord(f"there is no kind of procedure for {matter}")
        return kind

    def people(self, matter: str, state: State, *, since: date | None = None) -> tuple[str, ...]:
        """Everybody in a matter: by its groups, or because something of theirs is in it. Where a
        day is given, only who has something of that day or later."""
        own = set(self._people.of(matter, since=since))
        grouped = {person for of, person in state.whole.book.group_of if of == matter}
        return tuple(sorted(own if since is not None else own | grouped))

    def people_of(self, whom: Whom, state: State) -> tuple[str, ...]:
        """Everybody in a matter, or in one group of it: who was put into it, and whoever may have
        been brought in since."""
        if whom.group is None:
            return self.people(whom.matter, state)
        groups = {who: group for (of, who), group in state.whole.book.group_of.items()
                  if of == whom.matter}  # fmt: skip
        return tuple(
            who
            for who in self.people(whom.matter, state)
            if groups.get(who, whom.group) == whom.group
        )

    def read(self, loaded: Loaded, stream: str) -> Sequence[Recorded[Fact]]:
        if stream not in loaded.streams:
            loaded.take(stream, self._office.log.read(stream))
        return loaded.streams[stream]

    def read_many(self, loaded: Loaded, streams: Sequence[str]) -> None:
        missing = [stream for stream in streams if stream not in loaded.streams]
        if missing:
            for stream, events in self._office.log.read_many(missing).items():
                loaded.take(stream, events)

    def world(self, loaded: Loaded, matter: str, person: str | None) -> World:
        """All that bears on a matter, or on a person in it and in others."""
        own = () if person is None else self.read(loaded, staff_stream(person))
        names = self._matters_of(matter, own)
        whole = self._whole(loaded, names)
        begun = dict(whole.begun)
        for event in own:
            if isinstance(event.fact, t.MatterBegun) and event.fact.matter in names:
                begun[event.fact.matter] = event.fact
        if matter not in begun:
            raise NotOnRecord(f"{matter} has not begun")
        kinds = {name: self.kind(name) for name in names if name in begun}
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
            deeds=whole.context if person is None else deeds(theirs, whole.context),
            context=() if person is None else whole.context,
            duties=whole.duties if person is None else open_duties(theirs),
            shared_duties={} if person is None else whole.duties,
        )

    def _whole(self, loaded: Loaded, names: tuple[str, ...]) -> _OfMatters:
        """Folded once for everybody who is in the same matters."""
        found = loaded.of_matters.get(names)
        if found is None:
            events = [event for name in names for event in self.read(loaded, matter_stream(name))]
            events.sort(key=lambda event: event.position)
            facts = [event.fact for event in events]
            begun = {fact.matter: fact for fact in facts if isinstance(fact, t.MatterBegun)}
            records = on_record(events, None, names)
            found = _OfMatters(begun, records, deeds(records), open_duties(records))
            loaded.of_matters[names] = found
        return found

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
            if entry is not None:
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
