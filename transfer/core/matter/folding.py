"""From facts to what is on record of one matter, and of one person in it.

What concerns the whole matter and its groups lies on one level, what concerns one person on
another, on top of it: the lower one is the same for everybody. Each level has the engine's own part
(`Timing` and the book of what is due) and the kind's (its substance).

Facts are folded by the day on which they happened (`Place`), not as they were recorded: what was
learned late stands where it belongs. A decision that was made again stands in the place of the one
that it replaces, and one that was undone has no effect.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from transfer.core.matter import book as b
from transfer.core.matter import facts as t
from transfer.core.matter.copying import copied
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import JsonObject, Nature, Phase, Place, Settlement, Slot, Whom

StepKey = tuple[str, str, str | None]
"""A step, what it is about, and the group that it is due from as a whole, if from one."""


# --- what is on record --------------------------------------------------------------------------


@dataclass(slots=True)
class Timing:
    """What the engine itself knows: holds, approvals and refusals of them, and whether it is
    over."""

    begun: t.MatterBegun | None = None
    over: bool = False
    held: set[str | None] = field(default_factory=set)
    approved: dict[StepKey, t.ApprovalGiven] = field(default_factory=dict)
    asked: dict[StepKey, t.ApprovalAsked] = field(default_factory=dict)
    declined: set[StepKey] = field(default_factory=set)

    def evolve(self, fact: t.MatterFact) -> bool:
        """Fold one fact; total, and never judges. Answers whether it bears on what is due."""
        if not t.is_generic(type(fact)):
            return False
        match fact:
            case t.MatterBegun():
                self.begun = fact
                return False
            case t.Abandoned() | t.Completed() | t.TakenOut():
                self.over = True
            case t.Joined():
                self.over = False
            case t.Held():
                self.held.add(fact.group)
            case t.Resumed():
                self.held.discard(fact.group)
            case t.ApprovalAsked():
                self.asked[fact.step, fact.about, fact.group] = fact
            case t.ApprovalGiven():
                self.approved[fact.step, fact.about, fact.group] = fact
                self.declined.discard((fact.step, fact.about, fact.group))
            case t.ApprovalDeclined():
                self.approved.pop((fact.step, fact.about, fact.group), None)
                self.declined.add((fact.step, fact.about, fact.group))
            case _:
                return False
        return True

    def copy(self) -> "Timing":
        """A copy. Folding it further leaves this one as it is."""
        approved, asked, declined = dict(self.approved), dict(self.asked), set(self.declined)
        return Timing(self.begun, self.over, set(self.held), approved, asked, declined)

    def proposed_anew(self, effects: Iterable[b.Effect], group: str | None) -> None:
        """A step that falls due by another fact needs another approval."""
        for effect in effects:
            if isinstance(effect, b.Opens) and effect.nature is Nature.ACT:
                self.approved.pop((effect.what, effect.about, group), None)
                self.asked.pop((effect.what, effect.about, group), None)
                self.declined.discard((effect.what, effect.about, group))


@dataclass(slots=True)
class Level:
    """One level of what is on record: the matter's with its groups, or one person's in it."""

    book: b.Book
    substance: Any
    timing: Timing = field(default_factory=Timing)

    def copy(self) -> "Level":
        """A copy. Folding it further leaves this one as it is."""
        return Level(self.book.copy(), copied(self.substance), self.timing.copy())


@dataclass(slots=True)
class State:
    """What is on record of one matter, and of one person in it where the state is a person's."""

    kind: Kind
    matter: str
    whole: Level
    person: str | None = None
    own: Level | None = None

    def copy(self) -> "State":
        """A copy. Folding it further leaves this one as it is."""
        own = None if self.own is None else self.own.copy()
        return State(self.kind, self.matter, self.whole.copy(), self.person, own)

    @property
    def mine(self) -> Level:
        """The level that the state is about."""
        return self.whole if self.own is None else self.own

    @property
    def book(self) -> b.Book:
        """What is due, to the person or the matter, with what they share."""
        return self.mine.book

    @property
    def whom(self) -> Whom:
        """The person in the matter, or the whole of it."""
        return Whom(self.matter, None, self.person)

    @property
    def group(self) -> str | None:
        """The group that the person belongs to."""
        return None if self.person is None else self.book.group(self.matter, self.person)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it goes on: abandoned or complete, or the person was taken out."""
        return self.whole.timing.over or self.mine.timing.over

    def is_held(self, group: str | None = None) -> bool:
        """Whether the clock's steps stop."""
        groups = {None, self.group or group}
        held = bool(self.whole.timing.held & groups)
        return held or (self.own is not None and bool(self.own.timing.held))

    def due(self, what: str, about: str = "") -> b.Due | None:
        """What is due to the person (or the matter), whether of their own or shared."""
        return self.book.due(self.whom, what, about)

    def last_day(self, what: str, about: str = "") -> date | None:
        """The last day on which something can be done, by any reading; `None`: no such day."""
        due = self.due(what, about)
        return None if due is None else self.book.last(due)

    def milestone(self, name: str) -> date | None:
        """The day that a milestone has now."""
        due = self.book.own(Slot(self.matter, None, None, b.MILESTONE, name))
        return None if due is None else self.book.last(due)

    def take(self, fact: t.MatterFact, person: str | None, event_id: UUID | None = None) -> bool:
        """Fold the next fact; `person` is whose stream it lies on. Total, and never judges.

        Answers whether it can change what is due, a hold or an approval.
        """
        level = self.whole if person is None else self.own
        if level is None:
            return False
        heard = fact.matter != self.matter
        effects = tuple(self.kind.hears_of(fact) if heard else self.kind.does(fact))
        group = fact.group if isinstance(fact, t.GroupFact) and person is None else None
        whom = Whom(self.matter, group, person)
        by = b.By(event_id, fact.happened_on, fact.made.by)
        level.book.enter(whom, by, effects)
        level.timing.proposed_anew(effects, group)
        bears = bool(effects)
        if not heard:
            bears |= level.timing.evolve(fact)
            if isinstance(fact, t.Joined) and fact.group is not None and person is not None:
                level.book.group_of[self.matter, person] = fact.group
            if isinstance(fact, t.Abandoned | t.Completed) and self.own is not None:
                self.own.book.enter(self.whom, by, (b.ClosesAll(),))
        if person is None:
            self.kind.whole.evolve(level.substance, fact)
        else:
            self.kind.person.evolve(level.substance, fact)
        return bears


def blank(kind: Kind, matter: str, person: str | None, whole: Level | None = None) -> State:
    """A matter of which nothing is on record; `whole` is shared with other people's states."""
    if whole is None:
        whole = Level(b.Book(), kind.whole.begin())
    if person is None:
        return State(kind, matter, whole)
    return State(kind, matter, whole, person, Level(b.Book(whole.book), kind.person.begin()))


def hand_out(
    states: Mapping[str, State], fact: t.MatterFact, person: str | None, event_id: UUID | None
) -> list[str]:
    """Give a fact to its own matter and to each other that takes it into account. Answers
    the matters in which it can change what is due."""
    return [
        name
        for name, state in states.items()
        if name == fact.matter or state.kind.hears_in(fact) == name
        if state.take(fact, person, event_id)
    ]


# --- decisions on record ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A fact as the log has it. `order` is its place in the whole log, `person` whose stream it
    lies on (`None`: the matter's), `command` the command that wrote it."""

    event_id: UUID
    order: int
    command: UUID
    person: str | None
    fact: t.MatterFact


@dataclass(frozen=True, slots=True)
class Deed:
    """One decision and the facts that it made, as they stand now.

    `id` is the first fact of it as it was first recorded, `None` while it is only considered.
    `stands` says that somebody has settled that it stays as it is, `considered` with which inputs
    it was looked at then (of a step over several people). `counts_as_made` is false for a
    fact about the record itself, which is no decision (`facts.ABOUT_THE_RECORD`). `recorded` is
    where in the log it became what it is: where it was recorded, redone or undone last.
    """

    matter: str
    person: str | None
    group: str | None
    act: str
    about: str
    by: str
    place: Place
    learned_on: date | None
    inputs: JsonObject
    facts: tuple[t.MatterFact, ...]
    id: UUID | None = None
    event_ids: tuple[UUID, ...] = ()
    stands: bool = False
    considered: JsonObject = field(default_factory=dict)
    counts_as_made: bool = True
    reason: str = ""
    document: str = ""
    rests_on: tuple[str, ...] = ()
    recorded: int = 0

    @property
    def key(self) -> tuple[str, str | None, str | None, str, str]:
        """What one taking of a step has in common with the same step taken on another day."""
        return self.matter, self.person, self.group, self.act, self.about

    def each(self) -> Iterator[tuple[t.MatterFact, UUID | None]]:
        """Its facts with the ids that they have on record."""
        ids: tuple[UUID | None, ...] = self.event_ids or (None,) * len(self.facts)
        return zip(self.facts, ids, strict=True)


def deed_of(
    facts: tuple[t.MatterFact, ...],
    *,
    person: str | None,
    place: Place,
    id_: UUID | None = None,
    event_ids: tuple[UUID, ...] = (),
    recorded: int = 0,
) -> Deed:
    """The decision that made these facts."""
    first = facts[0]
    return Deed(
        matter=first.matter,
        person=person,
        group=first.group if isinstance(first, t.GroupFact) and person is None else None,
        act=first.made.act,
        about=first.made.about,
        by=first.made.by,
        place=place,
        learned_on=first.learned_on,
        inputs=first.made.inputs,
        facts=facts,
        id=id_,
        event_ids=event_ids,
        counts_as_made=not t.is_about_the_record(type(first)),
        reason=first.made.reason,
        document=first.made.document,
        rests_on=first.made.rests_on,
        recorded=recorded,
    )


def place_of(fact: t.MatterFact, order: int, followed: int | None = None) -> Place:
    """Where a fact stands. `order` is its own place in the log, `followed` the order of what it
    follows on its day."""
    made = fact.made
    if made.nth == 0:
        return Place(fact.happened_on, made.phase, order)
    if made.phase is Phase.CLOCK:
        return Place(fact.happened_on, Phase.CLOCK, 0, made.nth)
    return Place(fact.happened_on, made.phase, order if followed is None else followed, made.nth)


def deeds(records: Iterable[OnRecord], context: Iterable[Deed] = ()) -> tuple[Deed, ...]:
    """The decisions on record, in log order, each with the facts that it has by now.

    `context` are the decisions of the matter, for those of a person in it.
    """
    return Deeds({deed.id: deed.place.order for deed in context if deed.id}).read(records)


class Deeds:
    """The decisions on record, as far as they have been read. `changed` are those that were new
    or otherwise in what was read last."""

    def __init__(self, orders: dict[UUID, int]) -> None:
        self.orders = orders
        self.found: dict[UUID, Deed] = {}
        self.changed: set[UUID] = set()
        self.in_command: dict[tuple[object, ...], UUID] = {}

    def read(self, records: Iterable[OnRecord]) -> tuple[Deed, ...]:
        """Read on, in log order; all that was read so far."""
        self.changed = set()
        for each in records:
            match each.fact:
                case t.Undone(decision=decision):
                    self.change(decision, facts=(), event_ids=(), recorded=each.order)
                case t.DutySettled(decision=decision, how=Settlement.STANDS):
                    self.change(decision, stands=True)
                case t.DutyToSettleOpened(decision=decision, inputs=inputs):
                    self.change(decision, stands=False, considered=inputs)
                case _:
                    pass
            self.gather(each)
        return tuple(self.found.values())

    def change(self, decision: UUID, **fields: Any) -> None:
        """Take a decision otherwise from here on."""
        if decision in self.found:
            self.changed.add(decision)
            self.found[decision] = replace(self.found[decision], **fields)

    def gather(self, each: OnRecord) -> None:
        """Put a fact to its decision."""
        fact, made = each.fact, each.fact.made
        together = (each.command, each.person, fact.matter, made.act, made.about, made.in_place_of)
        first = self.in_command.get(together)
        if first is not None and not t.is_about_the_record(type(fact)):
            deed = self.found[first]
            more = {"facts": (*deed.facts, fact), "event_ids": (*deed.event_ids, each.event_id)}
            self.change(first, **more)
            return
        root = made.in_place_of
        before = None if root is None else self.found.get(root)
        order = each.order if before is None else before.place.order
        followed = None if made.follows is None else self.orders.get(made.follows)
        decision = each.event_id if before is None or root is None else root
        place = place_of(fact, order, followed)
        self.found[decision] = deed = deed_of(
            (fact,),
            person=each.person,
            place=place,
            id_=decision,
            event_ids=(each.event_id,),
            recorded=each.order,
        )
        self.orders[decision] = deed.place.order
        self.changed.add(decision)
        if deed.counts_as_made:
            self.in_command[together] = decision


def open_duties(
    records: Iterable[OnRecord], before: Mapping[UUID, t.DutyToSettleOpened] = MappingProxyType({})
) -> dict[UUID, t.DutyToSettleOpened]:
    """The duties to settle that nobody has settled, by decision; `before`: those until then."""
    found = dict(before)
    for each in records:
        match each.fact:
            case t.DutyToSettleOpened():
                found[each.fact.decision] = each.fact
            case t.DutySettled(how=how, decision=decision) if how is not Settlement.REVIEW:
                found.pop(decision, None)
            case _:
                pass
    return found


def stated(fact: t.MatterFact) -> JsonObject:
    """What a fact states, without how it came to be: two decisions are compared by it."""
    content: JsonObject = fact.model_dump(mode="json", exclude={"made", "learned_on"})
    return {"fact": type(fact).__name__, **content}
