"""What a decision in a procedure is given: the streams that bear on it, loaded and folded.

A `World` holds one matter, or one person in it with all the other matters that concern them. What
was read for one attempt is kept (`Loaded`), so that nothing is read twice and the append can name
it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from transfer.core.matter.folding import Deed, Level, OnRecord, State, deeds, open_duties
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World, on_top, standing
from transfer.core.matter.words import Whom
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_PEOPLE_OF = """
SELECT DISTINCT originator_id AS stream FROM events
WHERE topic = ANY(%(names)s) AND originator_id LIKE 'staff:%%'
  AND convert_from(state, 'UTF8')::json -> 'fact' ->> 'matter' = %(matter)s
"""


_AT_ONCE = 500


class RulesFor(Protocol):
    """Finds the rules that bind a matter which has begun."""

    def __call__(self, kind: Kind, begun: t.MatterBegun, root: t.MatterBegun, /) -> RulesOfMatter:
        """The rules as the matter's first fact pins them.

        `root` is the first fact of the matter that it came out of in the end, which has the values
        that were supplied; its own, where it came out of none. Raises `Refused` where the text of
        the edition is not to be had.
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
class Context:
    """Some matters as a whole, folded once for everybody in them."""

    kinds: Mapping[str, Kind]
    rules: Mapping[str, RulesOfMatter]
    deeds: tuple[Deed, ...]
    duties: Mapping[UUID, t.DutyToSettleOpened]


@dataclass(slots=True)
class Loaded:
    """Streams as they were read for one attempt, the version of each, and what was made of those of
    matters."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    contexts: dict[tuple[tuple[str, str | None], ...], Context] = field(default_factory=dict)

    def take(self, stream: str, events: Sequence[Recorded[Fact]]) -> None:
        """Keep what was read of a stream."""
        self.streams[stream] = events
        self.versions[stream] = events[-1].version if events else 0

    def version(self, stream: str) -> int:
        """The version that a stream had."""
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
    """Loads what bears on matters of the kinds that the program has; safe among threads."""

    def __init__(self, office: Office, rules: RulesFor) -> None:
        self._office = office
        self._known = office.known
        self._rules = rules
        self._people = MatterPeople(office.log, office.known)
        self._rules_by_start: dict[tuple[str, str | None], RulesOfMatter] = {}

    def kind(self, matter: str) -> Kind:
        """The kind of a matter; raises `NotOnRecord` where the program has none for it."""
        kind = self._known.kind(matter)
        if kind is None:
            raise NotOnRecord(f"there is no kind of procedure for {matter}")
        return kind

    @property
    def known(self) -> KnownFacts:
        """The facts and kinds that it knows."""
        return self._known

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
        book = state.whole.book.group_of
        groups = {who: group for (of, who), group in book.items() if of == whom.matter}
        return tuple(
            who
            for who in self.people(whom.matter, state)
            if groups.get(who, whom.group) == whom.group
        )

    def read(self, loaded: Loaded, stream: str) -> Sequence[Recorded[Fact]]:
        """A stream, read once an attempt."""
        if stream not in loaded.streams:
            loaded.take(stream, self._office.log.read(stream))
        return loaded.streams[stream]

    def read_many(self, loaded: Loaded, streams: Sequence[str]) -> None:
        """Read streams together, for `read` to find."""
        missing = [stream for stream in streams if stream not in loaded.streams]
        if missing:
            for stream, events in self._office.log.read_many(missing).items():
                loaded.take(stream, events)

    def world(
        self,
        loaded: Loaded,
        matter: str,
        person: str | None,
        *,
        begins: tuple[str, RulesOfMatter] | None = None,
    ) -> World:
        """All that bears on a matter, or on a person in it and in others.

        `begins` is a further matter that is about to begin, with the rules that it begins under.
        Raises `NotOnRecord` where the matter has not begun.
        """
        own = () if person is None else self.read(loaded, staff_stream(person))
        context = self._context(loaded, self._begun(loaded, matter, own))
        if matter not in context.kinds:
            raise NotOnRecord(f"{matter} has not begun")
        kinds, rules = dict(context.kinds), dict(context.rules)
        if begins is not None:
            kinds[begins[0]], rules[begins[0]] = self.kind(begins[0]), begins[1]
        if person is None:
            position = RecordOfPerson(Entries())
            return World(
                kinds=kinds,
                rules=rules,
                position=position,
                deeds=context.deeds,
                duties=context.duties,
            )
        theirs = on_record(own, person, kinds.keys())
        record = self._record_of(own, None)
        stating = {
            event.fact.matter
            for event in own
            if isinstance(event.fact, t.MatterFact) and self._states(event)
        }
        return World(
            kinds=kinds,
            rules=rules,
            position=record,
            positions={name: self._record_of(own, name) for name in kinds if name in stating},
            person=person,
            deeds=deeds(theirs, context.deeds),
            context=context.deeds,
            duties=open_duties(theirs),
            shared_duties=context.duties,
        )

    def states(
        self, loaded: Loaded, matter: str, people: Sequence[str], until: date | None = None
    ) -> Iterator[tuple[str, State]]:
        """What is on record of each of many people in a matter, read in chunks."""
        levels = self.levels(loaded, matter, until)
        for start in range(0, len(people), _AT_ONCE):
            chunk = Loaded(dict(loaded.streams), dict(loaded.versions), loaded.contexts)
            self.read_many(chunk, [staff_stream(each) for each in people[start : start + _AT_ONCE]])
            for person in people[start : start + _AT_ONCE]:
                world = self.world(chunk, matter, person)
                yield person, on_top(world, levels)[matter]

    def levels(self, loaded: Loaded, matter: str, until: date | None = None) -> Mapping[str, Level]:
        """What is on record of a matter as a whole, and of those beside it, to the end of a day:
        folded once for everybody in it."""
        states = standing(self.world(loaded, matter, None), until)
        return {name: state.whole for name, state in states.items()}

    def _context(self, loaded: Loaded, begun: Mapping[str, t.MatterBegun]) -> Context:
        """What is on record of matters as a whole; loaded and folded once an attempt."""
        key = tuple((name, first.against) for name, first in begun.items())
        found = loaded.contexts.get(key)
        if found is None:
            whole = [event for name in begun for event in self.read(loaded, matter_stream(name))]
            whole.sort(key=lambda event: event.position)
            records = on_record(whole, None, begun.keys())
            kinds = {name: self.kind(name) for name in begun}
            rules = {name: self._rules_of(loaded, name, first) for name, first in begun.items()}
            found = Context(kinds, rules, deeds(records), open_duties(records))
            loaded.contexts[key] = found
        return found

    def _rules_of(self, loaded: Loaded, matter: str, begun: t.MatterBegun) -> RulesOfMatter:
        """The rules that bind a matter: pinned by its first fact, which never changes."""
        key = (matter, begun.digest)
        if key not in self._rules_by_start:
            root = begun
            while root.against is not None:
                above = self._start_of(loaded, root.against)
                if above is None:
                    break
                root = above
            self._rules_by_start[key] = self._rules(self.kind(matter), begun, root)
        return self._rules_by_start[key]

    def rules_of(self, loaded: Loaded, matter: str) -> RulesOfMatter:
        """The rules that bind a matter which lies on a stream of its own; raises `NotOnRecord`."""
        begun = self._start_of(loaded, matter)
        if begun is None:
            raise NotOnRecord(f"{matter} has not begun")
        return self._rules_of(loaded, matter, begun)

    def has_begun(self, matter: str) -> bool:
        """Whether a matter with a stream of its own has begun."""
        return self._start_of(Loaded(), matter) is not None

    def _start_of(self, loaded: Loaded, matter: str) -> t.MatterBegun | None:
        return _first_of(matter, self.read(loaded, matter_stream(matter)))

    def _begun(
        self, loaded: Loaded, matter: str, own: Sequence[Recorded[Fact]]
    ) -> dict[str, t.MatterBegun]:
        """What has begun of the matter itself, those that the person has something in, those that
        hear of it, and those that are read beside."""
        names = {matter: None}
        for event in own:
            fact = event.fact
            if isinstance(fact, t.MatterFact) and self._known.kind(fact.matter) is not None:
                names[fact.matter] = None
                for kind in self._known.kinds:
                    heard = kind.hears_in(fact)
                    if heard is not None:
                        names[heard] = None
        for name in tuple(names):
            id_ = name.partition(":")[2]
            names |= dict.fromkeys(f"{each}:{id_}" for each in self.kind(name).beside)
        found = {}
        for name in names:
            first = _first_of(name, own) or self._start_of(loaded, name)
            if first is not None:
                found[name] = first
        return found

    def _states(self, event: Recorded[Fact]) -> bool:
        return self._known.entry_of(event.event_id, event.recorded_at, event.fact) is not None

    def _record_of(self, own: Iterable[Recorded[Fact]], without: str | None) -> RecordOfPerson:
        """The record of a person; without what a matter made of it, where one is named."""
        entries, evidence = Entries(), EvidenceReturned()
        for event in own:
            fact = event.fact
            if isinstance(fact, EvidenceReturned):
                evidence = fact
            if isinstance(fact, t.MatterFact) and fact.matter == without:
                continue
            entry = self._known.entry_of(event.event_id, event.recorded_at, event.fact)
            # What corrects or annuls something that is left out is left out with it.
            if entry is not None and (entry.of is None or entries.entry(entry.of) is not None):
                entries.add(entry)
        return RecordOfPerson(entries, evidence.values)


def _first_of(matter: str, events: Iterable[Recorded[Fact]]) -> t.MatterBegun | None:
    """The fact with which a matter began, if it is among these."""
    for event in events:
        if isinstance(event.fact, t.MatterBegun) and event.fact.matter == matter:
            return event.fact
    return None


def on_record(
    events: Iterable[Recorded[Fact]], person: str | None, matters: Iterable[str]
) -> list[OnRecord]:
    known = set(matters)
    return [
        OnRecord(event.event_id, event.position, event.command_id, person, event.fact)
        for event in events
        if isinstance(event.fact, t.MatterFact) and event.fact.matter in known
    ]
