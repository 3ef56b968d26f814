"""What is done in a procedure of any kind that is declared for the engine: one set of commands.

    matters = Matters(office, known, rules)
    matters.begin(act, asking, "desk-move:spring", edition="desks-1")
    matters.do(act, asking, "desk-move:spring", "object", person="S1", happened_on=…, inputs=…)
    matters.take_due(act, "desk-move:spring", today=…)

Each loads the streams that bear on it, lets the engine decide, and appends what it answers: the
facts, the duties to settle that follow from late knowledge, and corrections of what was decided
before, all in one command. It is recorded only if none of what was written or read has moved since
(decision 13); else it is loaded and decided again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from transfer.commands.office import Act, Office
from transfer.core.dating.effective_dating import Entries, Key
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import clock, late
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import OnRecord, State, deeds, open_duties
from transfer.core.matter.kind import Kind, Seen, Step
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, dues_of, replay, standing
from transfer.core.matter.words import JsonObject, Nature, Over, Settlement
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord, Refused
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Receipt, Recorded, event_id_of
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

CHUNK = 250
"""People decided on in one append of a step over many."""

_LATER = 1 << 61
"""The order of what is about to be recorded: after all that is."""

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


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for something, on which day, and what they may do (`roles`)."""

    by: str
    today: date
    roles: frozenset[str]

    def require(self, who: Iterable[str], says: str) -> None:
        """Raise `Refused` unless it is theirs to do."""
        if not self.roles & set(who):
            raise Refused(f"it is not for {self.by} to {says}: it is for {' or '.join(who)}")


class _Recorded:
    """The record of one person as decisions read it."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        """See `Position.on`."""
        period = self._entries.timeline(Key(KeyKind.FACET, assignment, facet)).at(day)
        return None if period is None else period.value


@dataclass(slots=True)
class _Loaded:
    """Streams as they were read for one attempt."""

    streams: dict[str, Sequence[Recorded[Fact]]] = field(default_factory=dict)

    def version(self, stream: str) -> int:
        events = self.streams[stream]
        return events[-1].version if events else 0

    def reads(self, written: Iterable[str]) -> dict[str, int]:
        """What a decision rests on beside the streams that it writes to."""
        left = self.streams.keys() - set(written)
        return {stream: self.version(stream) for stream in sorted(left)}


class Matters:
    """The commands of every kind of procedure that `known` has; safe among threads."""

    def __init__(self, office: Office, known: KnownFacts, rules: RulesFor) -> None:
        self._office = office
        self._known = known
        self._rules = rules

    # --- commands ------------------------------------------------------------------------------

    def begin(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        *,
        edition: str,
        happened_on: date | None = None,
        inputs: Mapping[str, object] = MappingProxyType({}),
    ) -> Receipt | None:
        """Begin a matter under the current text of an edition.

        Raises `AlreadyOnRecord` where it has begun.
        """
        kind = self._kind(matter)
        whom.require(kind.act("begin").who, kind.act("begin").says)
        done = _done(whom, happened_on, None)

        def decide(loaded: _Loaded) -> tuple[New, ...]:
            if self._read(loaded, matter_stream(matter)):
                raise AlreadyOnRecord(f"{matter} has begun already")
            rules = self._rules(kind, edition, None)
            world = World({matter: kind}, {matter: rules}, _Recorded(Entries()))
            shape: JsonObject = {"edition": edition, **inputs}
            return late.record(world, matter=matter, act="begin", inputs=shape, done=done)

        return self._record(act, matter, decide)

    def do(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        what: str,
        *,
        person: str | None = None,
        happened_on: date | None = None,
        learned_on: date | None = None,
        about: str = "",
        inputs: Mapping[str, object] = MappingProxyType({}),
    ) -> Receipt | None:
        """Do an act of the matter's kind, as of the day on which it happened; `None` where it is
        done already.

        Raises `Refused` where it would not have been lawful on that day, or is not theirs to do.
        """
        declared = self._kind(matter).act(what)
        whom.require(declared.who, declared.says)
        _require_over(declared.over, person, what, or_person=declared.or_person)
        done = _done(whom, happened_on, learned_on)
        because_of = f"{what} of {done.happened_on}"

        def decide(loaded: _Loaded) -> tuple[New, ...]:
            world = self._world(loaded, matter, person)
            shape: JsonObject = {**inputs}
            new = late.record(world, matter=matter, act=what, inputs=shape, done=done, about=about)
            return (*new, *self._reconsidered(loaded, act, matter, new, done, because_of))

        return self._record(act, matter, decide)

    def settle(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        decision: UUID,
        how: Settlement,
        *,
        reason: str,
        person: str | None = None,
    ) -> Receipt | None:
        """Say what becomes of a decision that would state something else by now."""
        whom.require(("admin", "panel"), "settle what was decided")
        done = _done(whom, None, None)

        def decide(loaded: _Loaded) -> tuple[New, ...]:
            world = self._world(loaded, matter, person)
            new = late.settle(world, decision=decision, how=how, reason=reason, done=done)
            since = next((d.place.day for d in world.deeds if d.id == decision), done.today)
            as_of = replace(done, happened_on=min(since, done.today))
            because_of = "a decision that was settled"
            return (*new, *self._reconsidered(loaded, act, matter, new, as_of, because_of))

        return self._record(act, matter, decide)

    def take_for_person(self, act: Act, matter: str, person: str, *, today: date) -> Receipt | None:
        """Take the next step of the clock that is due to one person; `None` where none is."""

        def decide(loaded: _Loaded) -> tuple[New, ...]:
            return clock.take(self._world(loaded, matter, person), today=today)

        return self._record(act, matter, decide)

    def take_due(
        self,
        act: Act,
        matter: str,
        *,
        today: date,
        given: Callable[[Step], JsonObject] = lambda _: {},
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> int:
        """Take everything that is due by today: of the matter, its groups and all its people.

        `given` is what a step over several people is given beside what it sees of each (a seed).
        Each chunk of people is decided by the matter as it then is; one that is broken off is
        simply run again. Answers how many commands wrote something.
        """
        wrote = 0
        while True:
            here = self._take_whole(act, matter, today, given, wrote)
            here += self._take_people(act, matter, today, progress, wrote + here)
            if not here:
                here = self._note_through(act, matter, today, wrote)
            if not here:
                return wrote
            wrote += here

    def next_day(self, matter: str, person: str | None = None) -> date | None:
        """The day on which the clock has something to do next, as things stand; `None`: never,
        as things stand, or nothing while something is to be settled."""
        world = self._world(_Loaded(), matter, person)
        if world.held_by:
            return None
        state = standing(world)[matter]
        if state.is_over:
            return None
        book = state.book
        found = book.of(state.whom) if person is not None else book.everything()
        days = [
            day
            for due in found
            if due.nature is Nature.ACT and due.is_open and (day := book.days(due)[0]) is not None
        ]
        return min(days, default=None)

    def state(self, matter: str, person: str | None = None) -> State:
        """What is on record of a matter, or of one person in it."""
        return standing(self._world(_Loaded(), matter, person))[matter]

    def duties(self, matter: str, person: str | None = None) -> Mapping[UUID, t.DutyToSettleOpened]:
        """What is to be settled, by the decision that it is about."""
        return self._world(_Loaded(), matter, person).duties

    # --- the clock -----------------------------------------------------------------------------

    def _take_whole(
        self,
        act: Act,
        matter: str,
        today: date,
        given: Callable[[Step], JsonObject],
        n: int,
    ) -> int:
        def decide(loaded: _Loaded) -> tuple[New, ...]:
            world = self._world(loaded, matter, None)
            taken = clock.take(world, today=today)
            return taken or self._over_several(loaded, world, matter, today, given)

        return int(self._record(act.part("whole", str(n)), matter, decide) is not None)

    def _over_several(
        self,
        loaded: _Loaded,
        world: World,
        matter: str,
        today: date,
        given: Callable[[Step], JsonObject],
    ) -> tuple[New, ...]:
        state = standing(world, today)[matter]
        for step in state.kind.steps:
            several = step.several
            for due in () if several is None else tuple(dues_of(state, step)):
                day = state.book.days(due)[0]
                if several is None or day is None or day > today:
                    continue
                people: dict[str, Seen] = {}
                for person in self._people(matter, state):
                    theirs = replay(self._world(loaded, matter, person), today).states[matter]
                    among = due.slot.group in (None, theirs.group)
                    sees = several.sees(theirs) if among and not theirs.is_over else None
                    if sees is not None:
                        people[person] = sees
                new = clock.take_over_several(
                    world,
                    matter=matter,
                    step=step.name,
                    group=due.slot.group,
                    people=people,
                    inputs=given(step),
                    today=today,
                    about=due.slot.about,
                )
                if new:
                    return new
        return ()

    def _take_people(
        self,
        act: Act,
        matter: str,
        today: date,
        progress: Callable[[int, int], None],
        n: int,
    ) -> int:
        people = self._people(matter, self.state(matter))
        wrote = 0
        for start in range(0, len(people), CHUNK):
            chunk = people[start : start + CHUNK]

            def decide(loaded: _Loaded, chunk: Sequence[str] = chunk) -> tuple[New, ...]:
                # The matter's level is folded once, and shared by everybody in the chunk.
                whole = standing(self._world(loaded, matter, None), today)
                levels = {name: state.whole for name, state in whole.items()}
                self._read_many(loaded, [staff_stream(person) for person in chunk])
                found: list[New] = []
                for person in chunk:
                    world = self._world(loaded, matter, person)
                    if world.kinds.keys() == levels.keys():
                        found += clock.take_with_group(world, levels, today=today)
                    else:
                        found += clock.take(world, today=today)
                return tuple(found)

            piece = act.part("people", str(n), str(start))
            wrote += self._record(piece, matter, decide) is not None
            progress(min(start + CHUNK, len(people)), len(people))
        return wrote

    def _note_through(self, act: Act, matter: str, today: date, n: int) -> int:
        state = self.state(matter)
        wrote = 0
        for group in sorted(set(state.book.group_of.values())):
            for step in state.kind.steps:
                if step.act.over is not Over.PERSON:
                    continue

                def decide(
                    loaded: _Loaded, group: str = group, step: Step = step
                ) -> tuple[New, ...]:
                    world = self._world(loaded, matter, None)
                    return clock.through(
                        world, matter=matter, step=step.name, group=group, counts={}, today=today
                    )

                piece = act.part("through", str(n), group, step.name)
                wrote += self._record(piece, matter, decide) is not None
        return wrote

    # --- late knowledge of the whole matter ----------------------------------------------------

    def _reconsidered(
        self,
        loaded: _Loaded,
        act: Act,
        matter: str,
        new: tuple[New, ...],
        done: Done,
        because_of: str,
    ) -> Iterator[New]:
        """What is new of the whole matter, considered for each of whom something was decided on
        its day or since; what was decided before cannot rest on it."""
        of_matter = [each.fact for each in new if each.person is None]
        own = {each.person for each in new if each.person is not None}
        if not of_matter or own:
            return
        before = self._world(loaded, matter, None)
        people = self._people(matter, standing(before)[matter])
        self._read_many(loaded, [staff_stream(person) for person in people])
        records = [
            *_on_record(loaded.streams[matter_stream(matter)], None, {matter}),
            *(
                OnRecord(
                    event_id_of(act.command_id, n), _LATER + n, act.command_id, None, each.fact
                )
                for n, each in enumerate(new)
            ),
        ]
        context, shared = deeds(records), open_duties(records)
        now = replace(done, happened_on=done.today, learned_on=None)
        for person in people:
            theirs = self._world(loaded, matter, person)
            if all(deed.place.day < done.happened_on for deed in theirs.deeds):
                continue
            others = tuple(deed for deed in theirs.context if deed.matter != matter)
            after = replace(
                theirs,
                deeds=deeds(
                    _on_record(loaded.streams[staff_stream(person)], person, theirs.kinds.keys()),
                    (*others, *context),
                ),
                context=(*others, *context),
                shared_duties={**theirs.shared_duties, **shared},
            )
            yield from late.reconsider(after, before=theirs, because_of=because_of, done=now)

    # --- loading -------------------------------------------------------------------------------

    def _kind(self, matter: str) -> Kind:
        kind = self._known.kind(matter)
        if kind is None:
            raise NotOnRecord(f"there is no kind of procedure for {matter}")
        return kind

    def _people(self, matter: str, state: State) -> tuple[str, ...]:
        """Everybody in a matter: by its groups, or because something of theirs is in it."""
        kind = self._kind(matter)
        names = [*t.STORED_NAMES.values(), *kind.facts.values()]
        with self._office.log.connection() as connection:
            rows = connection.execute(_PEOPLE_OF, {"names": names, "matter": matter}).fetchall()
        own = {take_apart(row["stream"])[1] for row in rows}
        grouped = {person for of, person in state.whole.book.group_of if of == matter}
        return tuple(sorted(own | grouped))

    def _read(self, loaded: _Loaded, stream: str) -> Sequence[Recorded[Fact]]:
        if stream not in loaded.streams:
            loaded.streams[stream] = self._office.log.read(stream)
        return loaded.streams[stream]

    def _read_many(self, loaded: _Loaded, streams: Sequence[str]) -> None:
        missing = [stream for stream in streams if stream not in loaded.streams]
        if missing:
            loaded.streams |= self._office.log.read_many(missing)

    def _world(self, loaded: _Loaded, matter: str, person: str | None) -> World:
        """All that bears on a matter, or on a person in it and in others."""
        own = () if person is None else self._read(loaded, staff_stream(person))
        names = self._matters_of(matter, own)
        begun: dict[str, t.MatterBegun] = {}
        whole: list[Recorded[Fact]] = []
        for name in names:
            events = self._read(loaded, matter_stream(name))
            whole += events
            for event in (*events, *own):
                if isinstance(event.fact, t.MatterBegun) and event.fact.matter == name:
                    begun[name] = event.fact
        if matter not in begun:
            raise NotOnRecord(f"{matter} has not begun")
        kinds = {name: self._kind(name) for name in names if name in begun}
        whole.sort(key=lambda event: event.position)
        of_matters = _on_record(whole, None, kinds.keys())
        context = deeds(of_matters)
        theirs = _on_record(own, person, kinds.keys())
        return World(
            kinds=kinds,
            rules={
                name: self._rules(kinds[name], begun[name].edition, begun[name].digest)
                for name in kinds
            },
            position=_Recorded(self._entries(own, None)),
            positions={name: _Recorded(self._entries(own, name)) for name in kinds},
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
            if entry is not None:
                entries.add(entry)
        return entries

    # --- appending -----------------------------------------------------------------------------

    def _record(
        self, act: Act, matter: str, decide: Callable[[_Loaded], tuple[New, ...]]
    ) -> Receipt | None:
        """Load, decide, append; again where anything that was written or read has moved."""
        first = self._office.first_answer(act)
        if first is not None:
            return first

        def attempt() -> Receipt | None:
            loaded = _Loaded()
            new = [(_stream_of(each), each.fact) for each in decide(loaded)]
            for stream, _ in new:
                self._read(loaded, stream)
            facts = [(stream, loaded.version(stream), fact) for stream, fact in new]
            reads = loaded.reads(stream for stream, _ in new)
            return self._office.append(facts, act, reads=reads)

        return self._office.persist(attempt, about=matter_stream(matter))


def _stream_of(new: New) -> str:
    return matter_stream(new.fact.matter) if new.person is None else staff_stream(new.person)


def _on_record(
    events: Iterable[Recorded[Fact]], person: str | None, matters: Iterable[str]
) -> list[OnRecord]:
    known = set(matters)
    return [
        OnRecord(event.event_id, event.position, event.command_id, person, event.fact)
        for event in events
        if isinstance(event.fact, t.MatterFact) and event.fact.matter in known
    ]


def _done(whom: Asking, happened_on: date | None, learned_on: date | None) -> Done:
    happened = happened_on or whom.today
    if learned_on is None and happened != whom.today:
        learned_on = whom.today
    return Done(by=whom.by, today=whom.today, happened_on=happened, learned_on=learned_on)


def _require_over(over: Over, person: str | None, what: str, *, or_person: bool) -> None:
    if over is Over.GROUP:
        raise Malformed(f"{what} is done by the clock, for a group as a whole", field="act")
    if over is Over.PERSON and person is None:
        raise Malformed(f"{what} is done for one person: say for whom", field="staff_number")
    if over is Over.MATTER and person is not None and not or_person:
        raise Malformed(f"{what} is done for the whole matter", field="staff_number")


__all__ = ["Asking", "Matters", "RulesFor"]
