"""What is done in a procedure of any kind that is declared for the engine: one set of commands.

    matters = Matters(office, known, rules)
    matters.begin(act, asking, "desk-move:spring", rules)
    matters.do(act, asking, "desk-move:spring", "object", person="S1", happened_on=…, inputs=…)
    matters.take_due(act, "desk-move:spring", today=…)

Each loads the streams that bear on it, lets the engine decide, and appends what it answers: the
facts, the duties to settle that follow from late knowledge, and corrections of what was decided
before, all in one command. It is recorded only if none of what was written or read has moved since
(decision 13); else it is loaded and decided again.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from transfer.commands import grounds
from transfer.commands.documents import require_registered
from transfer.commands.following import following, next_of
from transfer.commands.matter_contexts import Context, context_of, nothing_recorded, on_record
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Act, Office
from transfer.core.documents import DOCUMENT_ID
from transfer.core.matter import common, late
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter, needs_of
from transfer.core.matter.folding import Level, OnRecord, State, deeds
from transfer.core.matter.kind import PEOPLE, Kind, Seen
from transfer.core.matter.kind import Act as Declared
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, standing
from transfer.core.matter.words import JsonObject, Over, Settlement, Whom
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused, StaleVersion
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.log.appending import Alongside
from transfer.log.envelope import Receipt, event_id_of
from transfer.procedures.facts import Fact

CHUNK = 250
"""People decided on in one append of an act or a step over many."""


def in_chunks(people: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """At most `CHUNK` people at a time."""
    for start in range(0, len(people), CHUNK):
        yield people[start : start + CHUNK]


_LATER = 1 << 61
"""The order of what is about to be recorded: after all that is."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for something, on which day, and what they may do (`roles`); why, by which document,
    and by which assertions of one side, where they say so."""

    by: str
    today: date
    roles: frozenset[str]
    reason: str = ""
    document: str = ""
    rests_on: tuple[str, ...] = ()

    def require(self, who: Iterable[str], says: str) -> None:
        """Raise `Refused` unless it is theirs to do."""
        if not self.roles & set(who):
            raise Refused(f"it is not for {self.by} to {says}: it is for {' or '.join(who)}")


@dataclass(frozen=True, slots=True)
class Many:
    """For whom an act over many wrote something, and whom its rules refused; `receipts` are those
    of its appends, in order."""

    wrote: frozenset[str]
    refused: Mapping[str, Refused]
    receipts: tuple[Receipt, ...] = ()


class Matters:
    """The commands of every kind of procedure; safe among threads."""

    def __init__(self, office: Office, worlds: Worlds) -> None:
        self._office = office
        self._worlds = worlds

    # --- commands ------------------------------------------------------------------------------

    def begin(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        rules: RulesOfMatter,
        *,
        happened_on: date | None = None,
        learned_on: date | None = None,
        inputs: Mapping[str, object] = MappingProxyType({}),
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Begin a matter on a stream of its own, under these rules.

        `alongside` is written in the same commit. Raises `AlreadyOnRecord` where it has begun.
        """
        kind = self._worlds.kind(matter)
        declared = kind.act(kind.begins)
        whom.require(declared.who, declared.says)
        done = self._done(whom, happened_on, learned_on)

        def decide(loaded: Loaded) -> tuple[New, ...]:
            if self._worlds.read(loaded, matter_stream(matter)):
                raise AlreadyOnRecord(f"{matter} has begun already")
            world = World({matter: kind}, {matter: rules}, nothing_recorded())
            return late.record(world, matter=matter, act=kind.begins, inputs={**inputs}, done=done)

        return self._record(act, matter, done, decide, alongside)

    def begin_for_person(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        what: str,
        *,
        person: str,
        against: str,
        happened_on: date | None = None,
        learned_on: date | None = None,
        inputs: Mapping[str, object] = MappingProxyType({}),
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Begin a matter of one person, on their own stream, by an act of its kind: `what`.

        It comes out of another matter that they are in (`against`), and is bound by its rules.
        Raises `AlreadyOnRecord` where it has begun, and as `do` does.
        """
        declared = self._worlds.kind(matter).act(what)
        whom.require(declared.who, declared.says)
        done = self._done(whom, happened_on, learned_on)

        def decide(loaded: Loaded) -> tuple[New, ...]:
            rules = self._worlds.rules_of(loaded, against)
            world = self._worlds.world(loaded, against, person, begins=(matter, rules))
            _require_version(act, loaded, matter, person)
            if any(deed.matter == matter for deed in world.deeds):
                raise AlreadyOnRecord(f"{matter} has begun already")
            shape: JsonObject = {"against": against, **inputs}
            levels = self._levels_of(loaded, against, person, done.today)
            return late.record_at_hand(
                world, levels, matter=matter, act=what, inputs=shape, done=done
            )

        return self._record(act, matter, done, decide, alongside)

    def begin_for_each(
        self,
        act: Act,
        whom: Asking,
        kind: Kind,
        what: str,
        people: Iterable[str],
        rules: RulesOfMatter,
        *,
        happened_on: date | None = None,
        learned_on: date | None = None,
        inputs: Mapping[str, object] = MappingProxyType({}),
        alongside: Alongside | None = None,
    ) -> Many:
        """Begin a matter of each of these people, on their own streams and under these rules, by an
        act of its kind: `what`. Its id is the person's number and which of theirs it is.

        A chunk of people is one append. Whom the rules refuse is answered with the refusal, and so
        is who is not on record; the others go on. Where it is done already nothing is written.
        """
        declared = kind.act(what)
        whom.require(declared.who, declared.says)
        done = self._done(whom, happened_on, learned_on)
        numbers = list(people)
        wrote, receipts, refused = set[str](), list[Receipt](), dict[str, Refused]()
        for start in range(0, len(numbers), CHUNK):
            chunk = numbers[start : start + CHUNK]

            def decide(loaded: Loaded, chunk: Sequence[str] = chunk) -> tuple[New, ...]:
                self._worlds.read_many(loaded, [staff_stream(person) for person in chunk])
                found: list[New] = []
                for person in chunk:
                    refused.pop(person, None)
                    own = self._worlds.read(loaded, staff_stream(person))
                    matter = next_of(kind, person, [event.fact for event in own])
                    try:
                        if not own:
                            raise Refused("nobody of this number is on record")
                        begins = (matter, rules)
                        world = self._worlds.world(loaded, matter, person, begins=begins)
                        if len(numbers) == 1:
                            _require_version(act, loaded, matter, person)
                        shape: JsonObject = {**inputs}
                        found += late.record(
                            world, matter=matter, act=what, inputs=shape, done=done
                        )
                    except Refused as refusal:
                        refused[person] = refusal
                return tuple(found)

            part = act if len(numbers) == 1 else act.part("each", str(start))
            receipt = self._record(part, f"{kind.name}:{chunk[0]}", done, decide, alongside)
            if receipt is not None:
                receipts.append(receipt)
                wrote |= _people_in(receipt)
        return Many(frozenset(wrote), refused, tuple(receipts))

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
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Do an act of the matter's kind, as of the day on which it happened; `None` where it is
        done already. `alongside` is written in the same commit.

        To settle a decision is an act like any other, but of today. Raises `Refused` where it would
        not have been lawful on that day, or is not theirs to do.
        """
        declared = self._worlds.kind(matter).act(what)
        if what == t.SETTLE:
            asked = needs_of(common.SETTLE, inputs)
            return self.settle(
                act, whom, matter, asked.duty, asked.decision, reason=asked.reason, person=person
            )
        whom.require(declared.who, declared.says)
        _require_over(declared.over, person, what, or_person=declared.or_person)
        done = self._done(whom, happened_on, learned_on)
        because_of = f"{what} of {done.happened_on}"

        def decide(loaded: Loaded) -> tuple[New, ...]:
            world = self._worlds.world(loaded, matter, person)
            _require_version(act, loaded, matter, person)
            levels = self._levels_of(loaded, matter, person, done.today)
            given = self._given(loaded, matter, declared, inputs, done)
            new = late.record_at_hand(
                world, levels, matter=matter, act=what, inputs=given, done=done, about=about
            )
            if done.happened_on == done.today and not declared.from_opening:
                return new  # it follows whatever was decided before
            return (*new, *self._reconsidered(loaded, act, matter, new, done, because_of))

        return self._record(act, matter, done, decide, alongside)

    def do_over(
        self,
        act: Act,
        whom: Asking,
        matter: str,
        what: str,
        people: Mapping[str, Mapping[str, object]],
        *,
        happened_on: date | None = None,
        learned_on: date | None = None,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> Many:
        """Do an act for many people, a chunk an append, each with inputs of their own.

        Whom its rules refuse is answered with the refusal; the others go on. Resumable: for whom it
        is done already nothing is written.
        """
        declared = self._worlds.kind(matter).act(what)
        whom.require(declared.who, declared.says)
        _require_over(declared.over, "somebody", what, or_person=declared.or_person)
        done = self._done(whom, happened_on, learned_on)
        numbers, wrote, receipts = list(people), set[str](), list[Receipt]()
        refused: dict[str, Refused] = {}
        for start in range(0, len(numbers), CHUNK):
            chunk = numbers[start : start + CHUNK]

            def decide(loaded: Loaded, chunk: Sequence[str] = chunk) -> tuple[New, ...]:
                levels = self._worlds.levels(loaded, matter, whom.today)
                self._worlds.read_many(loaded, [staff_stream(person) for person in chunk])
                found: list[New] = []
                for person in chunk:
                    world = self._worlds.world(loaded, matter, person)
                    inputs: JsonObject = {**people[person]}
                    refused.pop(person, None)
                    try:
                        found += late.record_at_hand(
                            world, levels, matter=matter, act=what, inputs=inputs, done=done
                        )
                    except Refused as refusal:
                        refused[person] = refusal
                return tuple(found)

            receipt = self._record(act.part("over", str(start)), matter, done, decide)
            if receipt is not None:
                receipts.append(receipt)
                wrote |= _people_in(receipt)
            progress(min(start + CHUNK, len(numbers)), len(numbers))
        return Many(frozenset(wrote), refused, tuple(receipts))

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
        declared = self._worlds.kind(matter).act(t.SETTLE)
        whom.require(declared.who, declared.says)
        done = self._done(whom, None, None)

        def decide(loaded: Loaded) -> tuple[New, ...]:
            world = self._worlds.world(loaded, matter, person)
            _require_version(act, loaded, matter, person)
            new = late.settle(world, decision=decision, how=how, reason=reason, done=done)
            since = next((d.place.day for d in world.deeds if d.id == decision), done.today)
            as_of = replace(done, happened_on=min(since, done.today))
            because_of = "a decision that was settled"
            return (*new, *self._reconsidered(loaded, act, matter, new, as_of, because_of))

        return self._record(act, matter, done, decide)

    def state(self, matter: str, person: str | None = None) -> State:
        """What is on record of a matter, or of one person in it."""
        return standing(self._worlds.world(Loaded(), matter, person))[matter]

    def duties(self, matter: str, person: str | None = None) -> Mapping[UUID, t.DutyToSettleOpened]:
        """What is to be settled, by the decision that it is about."""
        return self._worlds.world(Loaded(), matter, person).duties

    def _done(self, whom: Asking, happened_on: date | None, learned_on: date | None) -> Done:
        """What is done, by whom, and when. Raises `Malformed` where they name a document by an id
        that the register does not have."""
        if re.fullmatch(DOCUMENT_ID, whom.document) is not None:
            require_registered(self._office, whom.document)
        happened = happened_on or whom.today
        if learned_on is None and happened != whom.today:
            learned_on = whom.today
        return Done(
            by=whom.by,
            today=whom.today,
            happened_on=happened,
            learned_on=learned_on,
            reason=whom.reason,
            document=whom.document,
            rests_on=whom.rests_on,
        )

    # --- acts over several people --------------------------------------------------------------

    def _given(
        self,
        loaded: Loaded,
        matter: str,
        act: Declared[Any],
        inputs: Mapping[str, object],
        done: Done,
    ) -> JsonObject:
        """The inputs of an act. Where it is over several people, and what it reads of each is not
        given, that is read from the record of everybody in the matter.

        The versions of these records are kept: the append rests on them."""
        if act.several is None or PEOPLE in inputs:
            return {**inputs}
        levels = self._worlds.levels(loaded, matter, done.today)
        seen: dict[str, Seen] = {}
        for chunk in in_chunks(self._worlds.people(loaded, matter)):
            streams = [staff_stream(person) for person in chunk]
            self._worlds.read_many(loaded, streams)
            for person in chunk:
                world = self._worlds.world(loaded, matter, person)
                found = late.sees(world, levels, matter=matter, act=act.name, done=done)
                if found is not None:
                    seen[person] = found
            loaded.forget(streams)
        return {**inputs, **act.several.inputs(seen)}

    # --- late knowledge of the whole matter ----------------------------------------------------

    def _reconsidered(
        self,
        loaded: Loaded,
        act: Act,
        matter: str,
        new: tuple[New, ...],
        done: Done,
        because_of: str,
    ) -> Iterator[New]:
        """What is new of the whole matter or of a group, considered for each of its people of whom
        something was decided on its day or since; what was decided before cannot rest on it."""
        of_matter = [each.fact for each in new if each.person is None]
        own = {each.person for each in new if each.person is not None}
        if not of_matter or own:
            return
        groups = {fact.group if isinstance(fact, t.GroupFact) else None for fact in of_matter}
        theirs = {
            person
            for group in groups
            for person in self._worlds.people_of(loaded, Whom(matter, group))
        }
        since: date | None = done.happened_on
        if self._sees_people_since(loaded, matter, done.happened_on):
            people, since = sorted(theirs), None
        else:
            # A person with nothing on record from that day on had nothing decided since.
            of_late = self._worlds.people_since(matter, done.happened_on)
            people = [person for person in of_late if person in theirs]
        self._worlds.read_many(loaded, [staff_stream(person) for person in people])
        after = self._with(loaded, act, matter, new)
        now = replace(done, happened_on=done.today, learned_on=None)
        worlds = self._now_and_before(loaded, matter, people, since, after)
        yield from late.reconsider_each(worlds, because_of=because_of, done=now)

    def _sees_people_since(self, loaded: Loaded, matter: str, since: date) -> bool:
        """Whether a decision over several people was made on a day or later. It may have to read
        something else of a person now, even one about whom nothing was recorded since."""
        kind = self._worlds.kind(matter)
        return any(
            deed.matter == matter and deed.place.day >= since and kind.several(deed.act) is not None
            for deed in self._worlds.world(loaded, matter, None).deeds
        )

    def _now_and_before(
        self,
        loaded: Loaded,
        matter: str,
        people: Sequence[str],
        since: date | None,
        context: Context,
    ) -> Iterator[tuple[World, World]]:
        """The world of everybody of whom something was decided since a day (`None`: of them all),
        once `context` is on record of their matter, and before."""
        for person in people:
            theirs = self._worlds.world(loaded, matter, person)
            if since is not None and all(deed.place.day < since for deed in theirs.deeds):
                continue
            events = loaded.streams[staff_stream(person)]
            recorded = on_record(events, person, theirs.kinds.keys())
            others = tuple(deed for deed in theirs.context if deed.matter != matter)
            bears = (*others, *context.of_person(person, recorded))
            after = replace(
                theirs,
                deeds=deeds(recorded, bears),
                context=bears,
                shared_duties={**theirs.shared_duties, **context.duties},
            )
            yield after, theirs

    def _levels_of(
        self, loaded: Loaded, matter: str, person: str | None, until: date
    ) -> Mapping[str, Level]:
        return {} if person is None else self._worlds.levels_of(loaded, matter, person, until)

    def _record(
        self,
        act: Act,
        matter: str,
        done: Done,
        decide: Callable[[Loaded], tuple[New, ...]],
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Decide and append, with what follows from what it rests on, or for what rests on it."""

        def with_grounds(loaded: Loaded) -> tuple[New, ...]:
            grounds.require(self._worlds, loaded, done.rests_on)
            new = decide(loaded)
            return (
                *new,
                *grounds.noted(self._worlds, loaded, new, done),
                *self._to_settle_elsewhere(loaded, act, matter, new, done),
            )

        return record(
            self._office, self._worlds, act, matter, with_grounds, alongside, today=done.today
        )

    def _to_settle_elsewhere(
        self, loaded: Loaded, act: Act, matter: str, new: tuple[New, ...], done: Done
    ) -> Iterator[New]:
        if self._worlds.kind(matter).grounds is None or not self._worlds.read(
            loaded, matter_stream(matter)
        ):
            return

        def after() -> World:
            return self._with(loaded, act, matter, new).world

        yield from grounds.to_settle(self._worlds, loaded, matter, after, done)

    def _with(self, loaded: Loaded, act: Act, matter: str, new: tuple[New, ...]) -> Context:
        """The context of a matter once what is new of it is on record."""
        before = self._worlds.world(loaded, matter, None)
        records = [
            *on_record(loaded.streams[matter_stream(matter)], None, {matter}),
            *(
                OnRecord(
                    event_id_of(act.command_id, n), _LATER + n, act.command_id, None, each.fact
                )
                for n, each in enumerate(new)
            ),
        ]
        return context_of(before.kinds, before.rules, records)


def record(
    office: Office,
    worlds: Worlds,
    act: Act,
    matter: str,
    decide: Callable[[Loaded], tuple[New, ...]],
    alongside: Alongside | None = None,
    *,
    today: date,
) -> Receipt | None:
    """Load, decide, append; again where anything that was written or read has moved."""
    first = office.first_answer(act)
    if first is not None:
        return first
    return record_anew(office, worlds, lambda _: act, matter, decide, alongside, today=today)


@dataclass(slots=True)
class _Decided:
    """What was decided in an attempt, and the worlds that it rests on."""

    loaded: Loaded
    new: Sequence[tuple[str, Fact]]
    rests_on: tuple[World, ...]


def record_anew(
    office: Office,
    worlds: Worlds,
    act_of: Callable[[Mapping[str, int]], Act],
    matter: str,
    decide: Callable[[Loaded], tuple[New, ...]],
    alongside: Alongside | None = None,
    *,
    today: date,
    rests_on: Callable[[Loaded], tuple[World, ...]] | None = None,
) -> Receipt | None:
    """The same, however often it is asked for; `act_of` is the act of an attempt, given the version
    of each stream that it writes to. What is done already decides to nothing. What follows in
    other matters by `today` is appended with it.

    Where the matter's stream has moved, but what the decision rests on there is the very same
    (`rests_on`), it holds, and is only appended again.
    """
    stream, before = matter_stream(matter), list[_Decided]()

    def attempt() -> Receipt | None:
        decided = _holds(before.pop(), stream, rests_on) if before else None
        if decided is None:
            loaded = Loaded()
            made = decide(loaded)
            made = (*made, *following(worlds, loaded, made, today, act_of({}).by))
            new = [(stream_of(each), each.fact) for each in made]
            worlds.read_many(loaded, [name for name, _ in new if name not in loaded.versions])
            decided = _Decided(loaded, new, () if rests_on is None else rests_on(loaded))
        loaded, written = decided.loaded, dict.fromkeys(name for name, _ in decided.new)
        facts = [(name, loaded.version(name), fact) for name, fact in decided.new]
        act = act_of({name: loaded.version(name) for name in written})
        try:
            return office.append(facts, act, alongside, reads=loaded.reads(written))
        except StaleVersion as stale:
            if stale.stream == stream:
                before.append(decided)
            raise

    return office.persist(attempt, about=stream)


def _holds(
    decided: _Decided, stream: str, rests_on: Callable[[Loaded], tuple[World, ...]] | None
) -> _Decided | None:
    """What was decided, where the stream that has moved says nothing new about what it rests on."""
    if rests_on is None:
        return None
    decided.loaded.again(stream)
    now = rests_on(decided.loaded)
    same = len(now) == len(decided.rests_on) and all(map(operator.is_, now, decided.rests_on))
    return decided if same else None


def _people_in(receipt: Receipt) -> set[str]:
    """On whose records something was written."""
    written = (take_apart(stream) for stream, _, _ in receipt.events)
    return {number for of, number in written if of == "staff"}


def stream_of(new: New) -> str:
    """Whose stream a fact goes to."""
    return matter_stream(new.fact.matter) if new.person is None else staff_stream(new.person)


def _require_version(act: Act, loaded: Loaded, matter: str, person: str | None) -> None:
    """Raise `StaleVersion` where the caller has relied on another version than is on record: of
    the person whom it is about, or of the matter as a whole."""
    if act.expected_version is None:
        return
    stream = matter_stream(matter) if person is None else staff_stream(person)
    found = loaded.version(stream)
    if found != act.expected_version:
        raise StaleVersion(
            f"{person or matter} is at version {found}, not {act.expected_version}: read it again "
            "and decide anew"
        )


def _require_over(over: Over, person: str | None, what: str, *, or_person: bool) -> None:
    if over is Over.GROUP:
        raise Malformed(f"{what} is done by the clock, for a group as a whole", field="act")
    if over is Over.PERSON and person is None:
        raise Malformed(f"{what} is done for one person: say for whom", field="staff_number")
    if over is Over.MATTER and person is not None and not or_person:
        raise Malformed(f"{what} is done for the whole matter", field="staff_number")


__all__ = ["Asking", "Matters", "record", "record_anew", "stream_of"]
