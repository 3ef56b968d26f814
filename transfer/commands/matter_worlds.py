"""What a decision in a procedure is given: the streams that bear on it, loaded and folded.

A `World` holds one matter, or one person in it with all the other matters that concern them. What
was read for one attempt is kept (`Loaded`), so that nothing is read twice and the append can name
it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar
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
from transfer.core.matter.words import Over, Whom
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_of, matter_stream, staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_AT_ONCE = 500
_KEPT = 64
"""How many matters are kept folded."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class RulesFor(Protocol):
    """Finds the rules that bind a matter which has begun."""

    def __call__(self, kind: Kind, begun: t.MatterBegun, root: t.MatterBegun, /) -> RulesOfMatter:
        """The rules as the matter's first fact pins them.

        `root` is the first fact of the matter that it came out of in the end, which has the values
        that were supplied; its own, where it came out of none. Raises `Refused` where the text of
        the edition is not to be had.
        """


class RecordOfPerson:
    """The record of one person as decisions read it; folded when it is first asked."""

    def __init__(self, read: Callable[[], tuple[Entries, Mapping[str, str]]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> tuple[Entries, Mapping[str, str]]:
        return self._read()

    @property
    def entries(self) -> Entries:
        """See `Position.entries`."""
        return self._found[0]

    @property
    def evidence(self) -> Mapping[str, str]:
        """See `Position.evidence`."""
        return self._found[1]

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        """See `Position.on`."""
        period = self.entries.timeline(Key(KeyKind.FACET, assignment, facet)).at(day)
        return None if period is None else period.value


def nothing_recorded() -> RecordOfPerson:
    """The record of nobody."""
    return RecordOfPerson(lambda: (Entries(), {}))


@dataclass(frozen=True, slots=True)
class Context:
    """Some matters as a whole, folded once for everybody in them."""

    kinds: Mapping[str, Kind]
    rules: Mapping[str, RulesOfMatter]
    deeds: tuple[Deed, ...]
    duties: Mapping[UUID, t.DutyToSettleOpened]
    world: World
    of_everybody: tuple[Deed, ...]
    of_group: Mapping[str, tuple[Deed, ...]]
    groups: Mapping[str, frozenset[str]]
    worlds_of_groups: dict[str, World] = field(default_factory=dict)

    def world_of(self, group: str) -> World:
        """What bears on one group as a whole: not what is about the others."""
        found = self.worlds_of_groups.get(group)
        if found is None:
            of_all = [deed for deed in self.deeds if deed.group in (None, group)]
            ids = {deed.id for deed in of_all}
            duties = {id_: duty for id_, duty in self.duties.items() if id_ in ids}
            record = nothing_recorded()
            found = World(self.kinds, self.rules, record, deeds=tuple(of_all), duties=duties)
            self.worlds_of_groups[group] = found
        return found

    def of_person(self, person: str, own: Iterable[OnRecord]) -> tuple[Deed, ...]:
        """What of it bears on one person: not what is about groups that they are in none of."""
        joined = {each.fact.group for each in own if isinstance(each.fact, t.Joined)}
        groups = sorted(self.groups.get(person, frozenset()) | {g for g in joined if g})
        theirs = (deed for group in groups for deed in self.of_group.get(group, ()))
        return (*self.of_everybody, *theirs)


def context_of(
    kinds: Mapping[str, Kind],
    rules: Mapping[str, RulesOfMatter],
    records: Sequence[OnRecord],
) -> Context:
    """What these facts of matters as a whole come to."""
    made, duties = deeds(records), open_duties(records)
    of_everybody: list[Deed] = []
    of_group: dict[str, list[Deed]] = {}
    groups: dict[str, set[str]] = {}
    for deed in made:
        if deed.group is not None:
            of_group.setdefault(deed.group, []).append(deed)
            for fact in deed.facts:
                if isinstance(fact, t.GroupFormed):
                    for person in fact.people:
                        groups.setdefault(person, set()).add(deed.group)
        elif _bears_on_people(kinds, deed):
            of_everybody.append(deed)
    return Context(
        kinds=kinds,
        rules=rules,
        deeds=made,
        duties=duties,
        world=World(kinds, rules, nothing_recorded(), deeds=made, duties=duties),
        of_everybody=tuple(of_everybody),
        of_group={group: tuple(each) for group, each in of_group.items()},
        groups={person: frozenset(each) for person, each in groups.items()},
    )


def _bears_on_people(kinds: Mapping[str, Kind], deed: Deed) -> bool:
    """Whether a decision on a matter as a whole may bear on somebody in it: that of a kind which
    decides on nobody does only where another one hears of it."""
    if any(act.over is Over.PERSON for act in kinds[deed.matter].acts):
        return True
    return any(kind.hears_in(fact) in kinds for fact in deed.facts for kind in kinds.values())


_Versions = tuple[tuple[str, int], ...]
"""Matters, each with the version of its stream."""


@dataclass(slots=True)
class Loaded:
    """Streams as they were read for one attempt, and the version of each."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

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
    """Loads what bears on matters of the kinds that the program has; safe among threads.

    What is on record of a matter as a whole is kept from attempt to attempt, and only what is new
    is read: it bears on everybody in it.
    """

    def __init__(self, office: Office, rules: RulesFor) -> None:
        self._office = office
        self._known = office.known
        self._rules = rules
        self._people = MatterPeople(office.log, office.known)
        self._lock = threading.Lock()
        self._rules_by_start: dict[tuple[str, str], RulesOfMatter] = {}
        self._matters: OrderedDict[str, tuple[Recorded[Fact], ...]] = OrderedDict()
        self._contexts: OrderedDict[_Versions, Context] = OrderedDict()

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
            of_matter = matter_of(stream) is not None
            loaded.take(stream, (self._kept if of_matter else self._office.log.read)(stream))
        return loaded.streams[stream]

    def _kept(self, stream: str) -> tuple[Recorded[Fact], ...]:
        """A matter's stream: as it was kept, with what is new of it."""
        with self._lock:
            held = self._matters.get(stream, ())
        new = self._office.log.read(stream, after=held[-1].version if held else 0)
        if not new:
            return held
        found = (*held, *new)
        with self._lock:
            _keep(self._matters, stream, found)
        return found

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
        theirs, shared = self._names(matter, own)
        context = self._context(loaded, shared)
        kinds, rules = dict(context.kinds), dict(context.rules)
        for first in theirs:
            kinds[first.matter] = self.kind(first.matter)
            rules[first.matter] = self._rules_of(loaded, first)
        if matter not in kinds:
            raise NotOnRecord(f"{matter} has not begun")
        if begins is not None:
            kinds[begins[0]], rules[begins[0]] = self.kind(begins[0]), begins[1]
        if person is None:
            return context.world
        records = on_record(own, person, kinds.keys())
        bears = context.of_person(person, records)
        stating = {
            each.fact.matter
            for each in records
            if type(each.fact) in kinds[each.fact.matter].effects
        }
        return World(
            kinds=kinds,
            rules=rules,
            position=self._record_of(own, None),
            positions={name: self._record_of(own, name) for name in stating},
            person=person,
            deeds=deeds(records, bears),
            context=bears,
            duties=open_duties(records),
            shared_duties=context.duties,
        )

    def world_of(self, loaded: Loaded, whom: Whom) -> World:
        """What bears on one procedure: on a matter as a whole, on one of its groups as a whole and
        not on the others, or on a person in it.

        Raises `NotOnRecord` where the matter has not begun.
        """
        if whom.group is None:
            return self.world(loaded, whom.matter, whom.person)
        context = self._context(loaded, self._names(whom.matter, ())[1])
        if whom.matter not in context.kinds:
            raise NotOnRecord(f"{whom.matter} has not begun")
        return context.world_of(whom.group)

    def states(
        self, loaded: Loaded, matter: str, people: Sequence[str], until: date | None = None
    ) -> Iterator[tuple[str, State]]:
        """What is on record of each of many people in a matter, read in chunks."""
        levels = self.levels(loaded, matter, until)
        for start in range(0, len(people), _AT_ONCE):
            chunk = Loaded(dict(loaded.streams), dict(loaded.versions))
            self.read_many(chunk, [staff_stream(each) for each in people[start : start + _AT_ONCE]])
            for person in people[start : start + _AT_ONCE]:
                world = self.world(chunk, matter, person)
                yield person, on_top(world, levels)[matter]

    def levels(self, loaded: Loaded, matter: str, until: date | None = None) -> Mapping[str, Level]:
        """What is on record of a matter as a whole, and of those beside it, to the end of a day:
        folded once for everybody in it."""
        states = standing(self.world(loaded, matter, None), until)
        return {name: state.whole for name, state in states.items()}

    def _context(self, loaded: Loaded, names: Iterable[str]) -> Context:
        """What is on record of matters as a whole, of those that have begun."""
        streams = {name: self.read(loaded, matter_stream(name)) for name in names}
        begun = {
            name: first
            for name, events in streams.items()
            if (first := _first_of(name, events)) is not None
        }
        key = tuple((name, streams[name][-1].version) for name in begun)
        with self._lock:
            found = self._contexts.get(key)
        if found is None:
            whole = [event for name in begun for event in streams[name]]
            whole.sort(key=lambda event: event.position)
            records = on_record(whole, None, begun.keys())
            kinds = {name: self.kind(name) for name in begun}
            rules = {name: self._rules_of(loaded, first) for name, first in begun.items()}
            found = context_of(kinds, rules, records)
            with self._lock:
                _keep(self._contexts, key, found)
        return found

    def _rules_of(self, loaded: Loaded, begun: t.MatterBegun) -> RulesOfMatter:
        """The rules that bind a matter: pinned by its first fact, which never changes."""
        key = (begun.matter, begun.digest)
        if key not in self._rules_by_start:
            root = begun
            while root.against is not None:
                above = self._start_of(loaded, root.against)
                if above is None:
                    break
                root = above
            self._rules_by_start[key] = self._rules(self.kind(begun.matter), begun, root)
        return self._rules_by_start[key]

    def rules_of(self, loaded: Loaded, matter: str) -> RulesOfMatter:
        """The rules that bind a matter which lies on a stream of its own; raises `NotOnRecord`."""
        begun = self._start_of(loaded, matter)
        if begun is None:
            raise NotOnRecord(f"{matter} has not begun")
        return self._rules_of(loaded, begun)

    def has_begun(self, matter: str) -> bool:
        """Whether a matter with a stream of its own has begun."""
        return self._start_of(Loaded(), matter) is not None

    def _start_of(self, loaded: Loaded, matter: str) -> t.MatterBegun | None:
        return _first_of(matter, self.read(loaded, matter_stream(matter)))

    def _names(
        self, matter: str, own: Sequence[Recorded[Fact]]
    ) -> tuple[list[t.MatterBegun], dict[str, None]]:
        """The matters that began on the person's own stream; and of those with a stream of their
        own the matter itself, those that the person has something in, those that hear of it, and
        those that are read beside."""
        theirs = [event.fact for event in own if isinstance(event.fact, t.MatterBegun)]
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
        for first in theirs:
            names.pop(first.matter, None)
        return theirs, names

    def _record_of(self, own: Sequence[Recorded[Fact]], without: str | None) -> RecordOfPerson:
        """The record of a person; without what a matter made of it, where one is named."""

        def read() -> tuple[Entries, Mapping[str, str]]:
            entries, evidence = Entries(), EvidenceReturned()
            for event in own:
                fact = event.fact
                if isinstance(fact, EvidenceReturned):
                    evidence = fact
                if isinstance(fact, t.MatterFact) and fact.matter == without:
                    continue
                entry = self._known.entry_of(event.event_id, event.recorded_at, fact)
                # What corrects or annuls something that is left out is left out with it.
                if entry is not None and (entry.of is None or entries.entry(entry.of) is not None):
                    entries.add(entry)
            return entries, evidence.values

        return RecordOfPerson(read)


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    """Keep a value, and the last few."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _KEPT:
        kept.popitem(last=False)


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
