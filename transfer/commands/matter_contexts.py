"""What is on record of matters as a whole, which bears on everybody in them: folded once for all.

It is read on and never read again: what a matter adds to its record changes what bears on one
group, or on everybody, and the worlds of the other groups stay the very same. So a step of one
group need not be decided again because another group took one (`Worlds.rests_on`).
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from transfer.core.dating.effective_dating import Entries, Key, Timeline
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import Deed, Deeds, OnRecord, open_duties
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World
from transfer.core.matter.words import Over
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact


class RecordOfPerson:
    """The record of one person as decisions read it; folded when it is first asked."""

    def __init__(self, read: Callable[[], tuple[Entries, Mapping[str, str]]]) -> None:
        self._read = read
        self._kept: tuple[Entries, Mapping[str, str]] | None = None
        self._timelines: dict[Key, Timeline] = {}

    def _found(self) -> tuple[Entries, Mapping[str, str]]:
        # Not `cached_property`: before Python 3.12 it makes all threads wait for one another.
        if self._kept is None:
            self._kept = self._read()
        return self._kept

    @property
    def entries(self) -> Entries:
        """See `Position.entries`."""
        return self._found()[0]

    @property
    def evidence(self) -> Mapping[str, str]:
        """See `Position.evidence`."""
        return self._found()[1]

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        """See `Position.on`."""
        key = Key(KeyKind.FACET, assignment, facet)
        # One decision asks for the same few facets many times over; the entries stay as they are.
        timeline = self._timelines.get(key)
        if timeline is None:
            timeline = self._timelines[key] = self.entries.timeline(key)
        period = timeline.at(day)
        return None if period is None else period.value


def nothing_recorded() -> RecordOfPerson:
    """The record of nobody."""
    return RecordOfPerson(lambda: (Entries(), {}))


@dataclass(frozen=True, slots=True)
class Context:
    """Some matters as a whole, as they stood once.

    `group_of` says in which group of which matter the matter itself has put somebody, `groups` in
    which they ever were, `members` who is in each by now. `worlds_of_groups` are those that
    were asked for, of this context or of one before, where nothing of theirs has changed since.
    `resting` names the assertions that decisions on these matters rest on.
    """

    kinds: Mapping[str, Kind]
    rules: Mapping[str, RulesOfMatter]
    deeds: tuple[Deed, ...]
    duties: Mapping[UUID, t.DutyToSettleOpened]
    world: World
    of_everybody: tuple[Deed, ...]
    of_group: Mapping[str, tuple[Deed, ...]]
    groups: Mapping[str, frozenset[str]]
    group_of: Mapping[tuple[str, str], str]
    members: Mapping[tuple[str, str], frozenset[str]]
    worlds_of_groups: dict[str, World]
    resting: frozenset[str] = frozenset()

    def world_of(self, group: str) -> World:
        """What bears on one group as a whole: not what is about the others."""
        found = self.worlds_of_groups.get(group)
        if found is None:
            of_all = tuple(deed for deed in self.deeds if deed.group in (None, group))
            ids = {deed.id for deed in of_all}
            duties = {id_: duty for id_, duty in self.duties.items() if id_ in ids}
            made = World(self.kinds, self.rules, nothing_recorded(), deeds=of_all, duties=duties)
            # Whoever asks at the same time is given the same one.
            found = self.worlds_of_groups.setdefault(group, made)
        return found

    def of_person(self, person: str, own: Iterable[OnRecord]) -> tuple[Deed, ...]:
        """What of it bears on one person: not what is about groups that they are in none of."""
        groups = sorted(self.groups_of(person, own))
        theirs = (deed for group in groups for deed in self.of_group.get(group, ()))
        return (*self.of_everybody, *theirs)

    def groups_of(self, person: str, own: Iterable[OnRecord]) -> frozenset[str]:
        """The groups that one person was ever in; `own` is what is on their own record."""
        joined = (each.fact.group for each in own if isinstance(each.fact, t.Joined))
        return self.groups.get(person, frozenset()).union(g for g in joined if g)


class Contexts:
    """The contexts of the same matters, one after the other; safe among threads."""

    def __init__(self, kinds: Mapping[str, Kind], rules: Mapping[str, RulesOfMatter]) -> None:
        self._kinds, self._rules = kinds, rules
        self._lock = threading.Lock()
        self._versions: dict[str, int] = {}
        self._position = 0
        self._deeds = Deeds({})
        self._context: Context | None = None

    def of(self, streams: Mapping[str, Sequence[Recorded[Fact]]]) -> Context:
        """The context of these streams, each read to its end."""
        versions = {name: len(events) for name, events in streams.items()}
        with self._lock:
            if self._context is not None and all(
                versions[name] <= read for name, read in self._versions.items()
            ):
                # Somebody has read on meanwhile. What is decided by it, on the versions that this
                # caller has read, is not recorded: they have moved.
                return self._context
            return self._read(streams, versions)

    def exactly(self, streams: Mapping[str, Sequence[Recorded[Fact]]]) -> tuple[Context, bool]:
        """The context of these streams as they are given, and whether it is the latest."""
        versions = {name: len(events) for name, events in streams.items()}
        with self._lock:
            if self._context is not None and versions == self._versions:
                return self._context, True
            found = self._read(streams, versions)
            return found, versions == self._versions

    def _read(
        self, streams: Mapping[str, Sequence[Recorded[Fact]]], versions: Mapping[str, int]
    ) -> Context:
        new = [
            event
            for name, events in streams.items()
            for event in events[self._versions.get(name, 0) :]
        ]
        new.sort(key=lambda event: event.position)
        is_later = all(versions[name] >= read for name, read in self._versions.items())
        if not new or not is_later or new[0].position <= self._position:
            return context_of(self._kinds, self._rules, _all_of(streams))
        records = on_record(new, None, self._kinds.keys())
        self._context = _read_on(self._kinds, self._rules, self._deeds, records, self._context)
        self._versions, self._position = dict(versions), new[-1].position
        return self._context


def context_of(
    kinds: Mapping[str, Kind],
    rules: Mapping[str, RulesOfMatter],
    records: Sequence[OnRecord],
) -> Context:
    """What these facts of matters as a whole come to."""
    return _read_on(kinds, rules, Deeds({}), records, None)


def _read_on(
    kinds: Mapping[str, Kind],
    rules: Mapping[str, RulesOfMatter],
    reading: Deeds,
    records: Sequence[OnRecord],
    before: Context | None,
) -> Context:
    """The context once more is on record; of groups of which nothing is new, as it was before."""
    made = reading.read(records)
    duties = open_duties(records, {} if before is None else before.duties)
    changed = [reading.found[id_] for id_ in reading.changed]
    touched = {deed.group for deed in changed}
    for each in records:
        if isinstance(each.fact, t.DutyToSettleOpened | t.DutySettled):
            of = reading.found.get(each.fact.decision)
            touched.add(None if of is None else of.group)
    groups_touched = {group for group in touched if group is not None}
    of_group = {} if before is None else dict(before.of_group)
    for group in groups_touched:
        of_group[group] = tuple(deed for deed in made if deed.group == group)
    of_everybody = () if before is None else before.of_everybody
    if None in touched:
        of_everybody = tuple(d for d in made if d.group is None and _bears_on_people(kinds, d))
    kept = {} if before is None or None in touched else before.worlds_of_groups.copy()
    for group in groups_touched:
        kept.pop(group, None)
    groups, group_of, members = _formed(made, changed, before)
    world = World(kinds, rules, nothing_recorded(), deeds=made, duties=duties)
    return Context(
        kinds=kinds,
        rules=rules,
        deeds=made,
        duties=duties,
        world=world if before is None else world.goes_on_from(before.world),
        of_everybody=of_everybody,
        of_group=of_group,
        groups=groups,
        group_of=group_of,
        members=members,
        worlds_of_groups=kept,
        resting=frozenset(ref for deed in made for ref in deed.rests_on),
    )


def _formed(
    made: Sequence[Deed], changed: Sequence[Deed], before: Context | None
) -> tuple[
    Mapping[str, frozenset[str]],
    Mapping[tuple[str, str], str],
    Mapping[tuple[str, str], frozenset[str]],
]:
    """Who was put into which groups, who is in which by now, and the other way round."""
    if before is not None and not any(map(_may_form, changed)):
        return before.groups, before.group_of, before.members
    groups: dict[str, set[str]] = {}
    group_of: dict[tuple[str, str], str] = {}
    for deed in sorted(made, key=lambda deed: deed.place):
        for fact in deed.facts:
            if isinstance(fact, t.GroupFormed) and deed.group is not None:
                group_of |= {(deed.matter, person): deed.group for person in fact.people}
                for person in fact.people:
                    groups.setdefault(person, set()).add(deed.group)
    members: dict[tuple[str, str], set[str]] = {}
    for (matter, person), group in group_of.items():
        members.setdefault((matter, group), set()).add(person)
    return (
        {person: frozenset(each) for person, each in groups.items()},
        group_of,
        {group: frozenset(people) for group, people in members.items()},
    )


def _may_form(deed: Deed) -> bool:
    """Whether a decision put people into a group, or did until it was undone."""
    return not deed.facts or any(isinstance(fact, t.GroupFormed) for fact in deed.facts)


def _bears_on_people(kinds: Mapping[str, Kind], deed: Deed) -> bool:
    """Whether a decision on a matter as a whole may bear on somebody in it: that of a kind which
    decides on nobody does only where another one hears of it."""
    if any(act.over is Over.PERSON for act in kinds[deed.matter].acts):
        return True
    return any(kind.hears_in(fact) in kinds for fact in deed.facts for kind in kinds.values())


def _all_of(streams: Mapping[str, Sequence[Recorded[Fact]]]) -> list[OnRecord]:
    events = sorted((e for each in streams.values() for e in each), key=lambda e: e.position)
    return on_record(events, None, streams.keys())


def on_record(
    events: Iterable[Recorded[Fact]], person: str | None, matters: Iterable[str]
) -> list[OnRecord]:
    known = set(matters)
    return [
        OnRecord(event.event_id, event.position, event.command_id, person, event.fact)
        for event in events
        if isinstance(event.fact, t.MatterFact) and event.fact.matter in known
    ]
