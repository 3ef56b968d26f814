"""What a decision in a procedure is given: the streams that bear on it, loaded and folded.

A `World` holds one matter, or one person in it with all the other matters that concern them. What
was read for one attempt is kept (`Loaded`), so that nothing is read twice and the append can name
it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol, TypeVar

from transfer.commands.matter_contexts import Context, Contexts, RecordOfPerson, on_record
from transfer.commands.matter_people import MatterPeople
from transfer.commands.matters_kept import KeptMatters, Streams
from transfer.commands.office import Office
from transfer.core.dating.effective_dating import Entries
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import Level, State, deeds, open_duties
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World, on_top, standing
from transfer.core.matter.words import Whom
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_of, matter_stream, staff_stream
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_AT_ONCE = 500

_WORLDS = 100
"""For how many people a world is kept during one attempt."""

_T = TypeVar("_T")

_Apart = tuple[tuple[str, ...], Mapping[tuple[str, str], str], tuple[str, ...]]
"""Who was brought in, who is in which group, and who of the former is in none."""


class RulesFor(Protocol):
    """Finds the rules that bind a matter which has begun."""

    def __call__(self, kind: Kind, begun: t.MatterBegun, root: t.MatterBegun, /) -> RulesOfMatter:
        """The rules as the matter's first fact pins them.

        `root` is the first fact of the matter that it came out of in the end, which has the values
        that were supplied; its own, where it came out of none. Raises `Refused` where the text of
        the edition is not to be had.
        """


@dataclass(slots=True)
class Loaded:
    """Streams as they were read for one attempt, and the version of each."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    contexts: dict[tuple[str, ...], Context] = field(default_factory=dict)
    worlds: dict[tuple[str, tuple[str, ...]], World] = field(init=False, default_factory=dict)
    """The world of each person, found by their number and the names of the matters that bear on
    them and have a stream. A copy of what was loaded begins without any: its streams may differ."""

    def take(self, stream: str, events: Sequence[Recorded[Fact]]) -> None:
        """Keep what was read of a stream. Where it was read before and forgotten since, the version
        stays that of the first time: the append rests on both."""
        self.streams[stream] = events
        self.versions.setdefault(stream, events[-1].version if events else 0)

    def version(self, stream: str) -> int:
        """The version that a stream had."""
        return self.versions[stream]

    def forget(self, streams: Iterable[str]) -> None:
        """Keep the versions alone: the append still rests on them."""
        self.worlds.clear()
        for stream in streams:
            self.streams.pop(stream, None)

    def again(self, stream: str) -> None:
        """Let a matter's stream be read again: it has moved."""
        del self.streams[stream], self.versions[stream]
        self.contexts.clear()
        self.worlds.clear()

    def reads(self, written: Iterable[str]) -> dict[str, int]:
        """What a decision rests on beside the streams that it writes to."""
        left = self.versions.keys() - set(written)
        return {stream: self.versions[stream] for stream in sorted(left)}


class Worlds:
    """Loads what bears on matters of the kinds that the program has; safe among threads.

    What is on record of a matter as a whole is kept from attempt to attempt, and only what is new
    is read: it bears on everybody in it.
    """

    def __init__(
        self,
        office: Office,
        rules: RulesFor,
        people: MatterPeople | None = None,
        supposed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._office = office
        self._supposed = supposed
        self._known = office.known
        self._rules = rules
        self._people = people or MatterPeople(office.log, office.known)
        self._matters = KeptMatters(office.log)
        self._apart: dict[str, _Apart] = {}

    def at(self, office: Office, known_at: datetime) -> "Worlds":
        """The same as the record knew it at an instant that is over, for one request; the log of
        `office` is this one as it was then."""
        return _WorldsAt(office, self, known_at)

    def supposing(self, rules: RulesFor, fallen: Mapping[str, str]) -> "Worlds":
        """The same record as if other rules had bound its matters, and as if these assertions did
        not hold, each for a reason. What is kept of it is kept apart."""
        return Worlds(self._office, rules, self._people, fallen)

    def beside(self, make: type[_T]) -> _T:
        """See `KeptMatters.beside`."""
        return self._matters.beside(make)

    def kind(self, matter: str) -> Kind:
        """The kind of a matter; raises `NotOnRecord` where the program has none for it."""
        kind = self._known.kind(matter)
        if kind is None:
            raise NotOnRecord(f"there is no kind of procedure for {matter}")
        return kind

    @property
    def rules(self) -> RulesFor:
        """Finds the rules that bind a matter."""
        return self._rules

    def matters_of(self, kind: str, staff_number: str | None = None) -> tuple[tuple[str, str], ...]:
        """Matters of a kind with whoever has something in them; see `MatterPeople.matters`."""
        return self._people.matters(kind, staff_number)

    def matters_like(self, matter: str) -> tuple[str, ...]:
        """Every matter of the same kind that has a stream of its own, in order."""
        streams = self._office.log.streams_under(matter_stream(f"{self.kind(matter).name}:"))
        return tuple(name for each in streams if (name := matter_of(each)) is not None)

    def people_with(self, matter: str) -> tuple[str, ...]:
        """Everybody with something of theirs on record in a matter."""
        return self._people.of(matter)

    def people_having(self, matter: str, kind: type[t.MatterFact]) -> Sequence[str]:
        """Who has a fact of one kind on record in a matter: few, where it may have thousands."""
        found = self._matters.having(self._known.names[kind])
        return sorted(number for of, number in found if of == matter)

    @property
    def known(self) -> KnownFacts:
        """The facts and kinds that it knows."""
        return self._known

    def people(self, loaded: Loaded, matter: str) -> tuple[str, ...]:
        """Everybody in a matter: by its groups, or because something of theirs is in it."""
        group_of = self._context(loaded, self._names(matter, ())[1]).group_of
        grouped = {person for of, person in group_of if of == matter}
        return tuple(sorted(grouped.union(self._people.of(matter))))

    def people_since(self, matter: str, since: date) -> tuple[str, ...]:
        """Everybody in a matter who has something of that day or later on record there."""
        return self._people.of(matter, since=since)

    def people_of(self, loaded: Loaded, whom: Whom) -> tuple[str, ...]:
        """Everybody in a matter, or in one group of it: who was put into it, and whoever may have
        been brought in since."""
        if whom.group is None:
            return self.people(loaded, whom.matter)
        context = self._context(loaded, self._names(whom.matter, ())[1])
        of_group = context.members.get((whom.matter, whom.group), frozenset())
        return tuple(sorted(of_group.union(self._in_no_group(whom.matter, context.group_of))))

    def _in_no_group(self, matter: str, group_of: Mapping[tuple[str, str], str]) -> tuple[str, ...]:
        """Who was brought into a matter and not put into a group by it: looked for again only
        where either is otherwise than it was."""
        joined = self._people.joined(matter)
        kept = self._apart.get(matter)
        if kept is None or kept[0] is not joined or kept[1] is not group_of:
            found = tuple(person for person in joined if (matter, person) not in group_of)
            kept = self._apart[matter] = (joined, group_of, found)
        return kept[2]

    def groups(self, loaded: Loaded, matter: str) -> tuple[str, ...]:
        """The groups of a matter."""
        members = self._context(loaded, self._names(matter, ())[1]).members
        return tuple(sorted(group for of, group in members if of == matter))

    def rests_on(
        self, loaded: Loaded, matter: str, groups: Iterable[str], people: Iterable[str]
    ) -> tuple[World, ...]:
        """What bears on these groups of a matter and on these people, beside their own records: the
        very same as before, unless something new bears on one of them."""
        context = self._context(loaded, self._names(matter, ())[1])
        found = set(groups)
        for person in people:
            own = on_record(self.read(loaded, staff_stream(person)), person, (matter,))
            found |= context.groups_of(person, own)
        return tuple(map(context.world_of, sorted(found))) or (context.world,)

    def read(self, loaded: Loaded, stream: str) -> Sequence[Recorded[Fact]]:
        """A stream, read once an attempt."""
        if stream not in loaded.streams:
            of_matter = matter_of(stream) is not None
            loaded.take(stream, (self._read_matter if of_matter else self._office.log.read)(stream))
        return loaded.streams[stream]

    def _read_matter(self, stream: str) -> Sequence[Recorded[Fact]]:
        return self._matters.read(stream)

    def _read_with_matters(
        self, loaded: Loaded, matters: Iterable[str], person: str | None = None
    ) -> None:
        """Read matters that lie on streams of their own, with a person's own stream where one is
        given, in one query, for `read` to find."""
        others = [] if person is None else [staff_stream(person)]
        missing = [each for each in others if each not in loaded.streams]
        shared = [name for name in map(matter_stream, matters) if name not in loaded.streams]
        if len(missing) + len(shared) > 1:
            kept, found = self._matters.read_together(shared, missing)
            for stream, events in (*kept.items(), *found.items()):
                loaded.take(stream, events)

    def read_many(self, loaded: Loaded, streams: Sequence[str]) -> None:
        """Read streams together, for `read` to find."""
        missing = [stream for stream in streams if stream not in loaded.streams]
        if missing:
            for stream, events in self._office.log.read_many(missing).items():
                loaded.take(stream, events)

    def records(self, loaded: Loaded, numbers: Iterable[str]) -> Mapping[str, RecordOfPerson]:
        """The records of these people, read together; that of a number nobody has is empty."""
        found = sorted({*numbers})
        self.read_many(loaded, [staff_stream(each) for each in found])
        return {
            each: self._record_of(self.read(loaded, staff_stream(each)), None) for each in found
        }

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
        if person is not None and person not in matter:
            self._read_with_matters(loaded, self._with_beside(matter), person)
        own = () if person is None else self.read(loaded, staff_stream(person))
        theirs, shared = self._names(matter, own)
        key = None if person is None or begins is not None else (person, tuple(shared))
        kept = None if key is None else loaded.worlds.get(key)
        if kept is not None and matter in kept.kinds:
            return kept  # one person's matters are asked about one after the other
        context = self._context(loaded, shared)
        kinds, rules = dict(context.kinds), dict(context.rules)
        for first in theirs:
            kinds[first.matter] = self.kind(first.matter)
            rules[first.matter] = self._rules_of(loaded, first)
        if begins is not None:
            kinds[begins[0]], rules[begins[0]] = self.kind(begins[0]), begins[1]
        if matter not in kinds:
            raise NotOnRecord(f"{matter} has not begun")
        if person is None:
            fallen = self._fallen(loaded, context.resting)
            world = context.world
            return replace(world, fallen=fallen).goes_on_from(world) if fallen else world
        records = on_record(own, person, kinds.keys())
        bears = context.of_person(person, records)
        stating = {
            each.fact.matter
            for each in records
            if type(each.fact) in kinds[each.fact.matter].effects
        }
        decided = deeds(records, bears)
        world = World(
            kinds=kinds,
            rules=rules,
            position=self._record_of(own, None),
            positions={name: self._record_of(own, name) for name in stating},
            person=person,
            deeds=decided,
            context=bears,
            duties=open_duties(records),
            shared_duties=context.duties,
            fallen=self._fallen(loaded, {ref for deed in decided for ref in deed.rests_on}),
        )
        if key is not None:
            if len(loaded.worlds) >= _WORLDS:
                loaded.worlds.clear()
            loaded.worlds[key] = world
        return world

    def _fallen(self, loaded: Loaded, refs: Iterable[str]) -> Mapping[str, str]:
        """Which of these assertions hold no more, and why."""
        named = set(refs)
        found = {ref: why for ref, why in self._supposed.items() if ref in named}
        for ref in sorted(named - found.keys()):
            matter, _, name = ref.partition("/")
            grounds = self.kind(matter).grounds
            context = self._context(loaded, [matter])
            if grounds is None or matter not in context.kinds:
                continue  # an older instant may not know it yet
            why = grounds.fallen(standing(context.world)[matter].whole.substance).get(name)
            if why is not None:
                found[ref] = f"{ref} {why}"
        return found

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
                yield person, on_top(world, levels, until)[matter]

    def levels(self, loaded: Loaded, matter: str, until: date | None = None) -> Mapping[str, Level]:
        """What is on record of a matter as a whole, and of those beside it, to the end of a day:
        folded once for everybody in it."""
        states = standing(self.world(loaded, matter, None), until)
        return {name: state.whole for name, state in states.items()}

    def levels_of(
        self, loaded: Loaded, matter: str, person: str, until: date
    ) -> Mapping[str, Level]:
        """The same of what bears on one person: folded once for everybody in their group. Nothing,
        where they were in several."""
        own = self.read(loaded, staff_stream(person))
        context = self._context(loaded, self._names(matter, own)[1])
        groups = context.groups_of(person, on_record(own, person, context.kinds))
        if len(groups) > 1:
            return {}
        world = context.world_of(*groups) if groups else context.world
        return {name: state.whole for name, state in standing(world, until).items()}

    def _context(self, loaded: Loaded, names: Iterable[str]) -> Context:
        """What is on record of matters as a whole, of those that have begun; the same throughout an
        attempt."""
        key = tuple(names)
        if key not in loaded.contexts:
            loaded.contexts[key] = self._read_context(loaded, key)
        return loaded.contexts[key]

    def _read_context(self, loaded: Loaded, names: Sequence[str]) -> Context:
        self._read_with_matters(loaded, names)
        streams = {name: self.read(loaded, matter_stream(name)) for name in names}
        begun = {
            name: first
            for name, events in streams.items()
            if (first := _first_of(name, events)) is not None
        }

        def make() -> Contexts:
            kinds = {name: self.kind(name) for name in begun}
            rules = {name: self._rules_of(loaded, first) for name, first in begun.items()}
            return Contexts(kinds, rules)

        return self._fold({name: streams[name] for name in begun}, make)

    def _fold(self, streams: Streams, make: Callable[[], Contexts]) -> Context:
        return self._matters.context(streams, make)

    def _rules_of(self, loaded: Loaded, begun: t.MatterBegun) -> RulesOfMatter:
        """The rules that bind a matter: pinned by its first fact, which never changes."""
        own = self.kind(begun.matter).rules
        if own is not None:
            return own
        key = (begun.matter, begun.digest)
        if key not in self._matters.rules:
            root = begun
            while root.against is not None:
                above = self._start_of(loaded, root.against)
                if above is None:
                    break
                root = above
            self._matters.rules[key] = self._rules(self.kind(begun.matter), begun, root)
        return self._matters.rules[key]

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
            names |= dict.fromkeys(self._with_beside(name))
        for first in theirs:
            names.pop(first.matter, None)
        return theirs, names

    def _with_beside(self, matter: str) -> Sequence[str]:
        """A matter, and those that are read beside it."""
        id_ = matter.partition(":")[2]
        return matter, *(f"{each}:{id_}" for each in self.kind(matter).beside)

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


class _WorldsAt(Worlds):
    """Matters as the record knew them once. What was read and folded is shared with everybody else
    who reads the same log; a stream that was read is not asked for again."""

    def __init__(self, office: Office, now: Worlds, known_at: datetime) -> None:
        super().__init__(office, now.rules, now._people, now._supposed)  # noqa: SLF001 - its own kind
        self._matters = now._matters  # noqa: SLF001 - its own kind
        self._known_at = known_at
        self._read: dict[str, Sequence[Recorded[Fact]]] = {}

    def supposing(self, rules: RulesFor, fallen: Mapping[str, str]) -> Worlds:
        """See `Worlds.supposing`; as the record knew it then."""
        return _WorldsAt(self._office, super().supposing(rules, fallen), self._known_at)

    def _read_with_matters(
        self, loaded: Loaded, matters: Iterable[str], person: str | None = None
    ) -> None:
        """Each is read as it was then, and kept for the request."""

    def _read_matter(self, stream: str) -> Sequence[Recorded[Fact]]:
        if stream not in self._read:
            self._read[stream] = self._matters.read_at(stream, self._known_at)
        return self._read[stream]

    def _fold(self, streams: Streams, make: Callable[[], Contexts]) -> Context:
        return self._matters.context_at(streams, make)


def _first_of(matter: str, events: Iterable[Recorded[Fact]]) -> t.MatterBegun | None:
    """The fact with which a matter began, if it is among these."""
    for event in events:
        if isinstance(event.fact, t.MatterBegun) and event.fact.matter == matter:
            return event.fact
    return None
