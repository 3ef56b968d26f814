"""What would be on record, had everything been known on its day.

The acts that people did are taken in the order of the days on which they happened; each is decided
again on what lay before it, with the inputs that it had. In between the clock takes every step that
falls due by rule, on its day. What comes of it is the *lawful* history; what the record states
otherwise has to be settled (`late`), and a step that the record lacks is due.

Not made again but taken as given: what concerns the matter and its groups, in a person's history;
what is done in the world on a day (a letter); a decision that somebody has settled to stand. A step
over several people is made again from what it saw of each, which its fact keeps.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter, is_
from types import MappingProxyType
from typing import Any
from uuid import UUID

from transfer.core.matter import book as b
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case, Position, RulesOfMatter, decide
from transfer.core.matter.falling_due import (
    DueKey,
    FallingDue,
    Ready,
    days_of_acts,
    needs_approval,
    open_acts,
)
from transfer.core.matter.folding import Deed, Level, State, blank, deed_of, hand_out
from transfer.core.matter.kind import Dated, Kind, Seen, Several
from transfer.core.matter.words import JsonObject, Made, Outcome, Phase, Place, Whom
from transfer.core.refusals import Refused

CLOCK = "clock"
"""Who takes the steps that nobody takes."""

LAST = 1 << 62
"""The order of what is not on record yet: after all that is."""

_MOST_DAYS = 16
"""For how many days what a world comes to is kept: readers may ask about any day."""


@dataclass(frozen=True, slots=True)
class World:
    """All that bears on one person, or on one matter as a whole.

    `position` is the record of the person; `positions` is it for a matter without what that very
    matter has made of it, which its decisions must not read when they are made again.
    `deeds` are the decisions of the person (or matter) itself, `context` those of the matters that
    the person is in. `duties` are its own duties to settle that are open, `shared_duties` those of
    the matters that the person is in, by the decision that they are about. `fallen` says of the
    assertions that a decision rests on which hold no more, and why.
    """

    kinds: Mapping[str, Kind]
    rules: Mapping[str, RulesOfMatter]
    position: Position
    person: str | None = None
    deeds: tuple[Deed, ...] = ()
    context: tuple[Deed, ...] = ()
    duties: Mapping[UUID, t.DutyToSettleOpened] = field(default_factory=dict)
    shared_duties: Mapping[UUID, t.DutyToSettleOpened] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    fallen: Mapping[str, str] = field(default_factory=dict)
    _standing: dict[date | None, "_Folded"] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """What is on record of a matter as a whole, by the day until which it was folded; `None`: all
    of it."""
    _before: list["World"] = field(init=False, repr=False, compare=False, default_factory=list)
    """An earlier world of the same matter, kept until this one is folded."""
    _noted: dict[Hashable, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def held_by(self) -> tuple[UUID, ...]:
        """The open duties that stop the clock's steps: one's own, and those shared that concern
        one."""
        shared = (d for d, duty in self.shared_duties.items() if self.person in duty.concerns)
        return (*self.duties, *shared)

    def goes_on_from(self, before: "World") -> "World":
        """Remember an earlier world of the same matter. Where every new decision comes after all
        the old ones, only the new ones have to be folded."""
        is_folded = before._standing or before.deeds is self.deeds  # noqa: SLF001 - its own kind
        self._before[:] = [before] if is_folded else before._before  # noqa: SLF001 - its own kind
        return self

    def noted(self, of: Hashable) -> Any:
        """What `note` was given; `None` where it was given nothing, or has forgotten it."""
        return self._noted.get(of)

    def note(self, of: Hashable, found: object) -> None:
        """Keep what was found out from this world and nothing else, for the next who asks."""
        if len(self._noted) >= _MOST_DAYS:
            self._noted.clear()
        self._noted[of] = found

    def blank(self) -> dict[str, State]:
        """The matters with nothing on record yet."""
        return {name: blank(kind, name, self.person) for name, kind in self.kinds.items()}


@dataclass(frozen=True, slots=True)
class _Folded:
    """Some decisions folded; `last` is where the last of them stands."""

    states: dict[str, State]
    last: Place | None


def standing(world: World, until: date | None = None) -> dict[str, State]:
    """What is on record, in the order of the days on which it happened, to the end of a day; to be
    read and never changed."""
    if world.person is not None:
        return _folded(world.blank(), by_day(world), until).states
    return _kept_fold(world, until).states


def _kept_fold(world: World, until: date | None) -> _Folded:
    kept = world._standing  # noqa: SLF001 - its own
    found = kept.get(until)
    if found is None:
        if until is not None and _is_all(world, until):
            # Nothing is of a later day: the fold to that day is the fold of everything.
            found = _kept_fold(world, None)
        else:
            found = _gone_on(world, until) or _folded(world.blank(), by_day(world), until)
            world._before.clear()  # noqa: SLF001 - its own
        if len(kept) >= _MOST_DAYS:
            kept.clear()
        kept[until] = found
    return found


def _is_all(world: World, until: date) -> bool:
    return all(deed.place.day <= until for deed in (*world.deeds, *world.context))


def _folded(
    states: dict[str, State], in_order: Iterable[tuple[Deed, str | None]], until: date | None
) -> _Folded:
    last = None
    for deed, whose in in_order:
        if until is None or deed.place.day <= until:
            last = deed.place
            for fact, event_id in deed.each():
                hand_out(states, fact, whose, event_id)
    return _Folded(states, last)


def _gone_on(world: World, until: date | None) -> _Folded | None:
    """The fold of a matter that goes on from what it was before; `None` where it cannot."""
    for before in tuple(world._before):  # noqa: SLF001 - its own
        if before.kinds is not world.kinds or before.context or world.context:
            return None
        if before.deeds is world.deeds:
            return _kept_fold(before, until)
        found, known = before._standing.get(until), len(before.deeds)  # noqa: SLF001 - its own
        is_the_same = known <= len(world.deeds) and all(map(is_, before.deeds, world.deeds))
        if found is None or not is_the_same:
            return None
        new = sorted(((deed, None) for deed in world.deeds[known:]), key=_place)
        if not new:
            return found
        if found.last is not None and new[0][0].place < found.last:
            return None
        states = {name: state.copy() for name, state in found.states.items()}
        gone_on = _folded(states, new, until)
        return _Folded(states, gone_on.last or found.last)
    return None


def by_day(world: World) -> list[tuple[Deed, str | None]]:
    """All that is on record, in the order of the days on which it happened, and whose it is."""
    everything = [(deed, None) for deed in world.context]
    own = [(deed, world.person) for deed in world.deeds]
    return sorted([*everything, *own], key=_place)


def _place(each: tuple[Deed, str | None]) -> Place:
    return each[0].place


# --- the lawful history -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A step over several people, made again because it sees one of them otherwise."""

    deed: Deed
    several: Several
    inputs: JsonObject
    facts: tuple[t.MatterFact, ...]


@dataclass(slots=True)
class Lawful:
    """The lawful history to the end of a day.

    `outcomes`: what each given decision comes to (a refusal: it would not be made). `steps`: what
    the clock would have done. `refused`, `waiting`: steps that fall due and cannot be taken, or
    wait for approval, with their lawful day. `seen`: what steps over several people see of the
    person, `redrawn` those that would come out otherwise.
    """

    states: dict[str, State]
    outcomes: dict[Place, tuple[t.MatterFact, ...] | Refused] = field(default_factory=dict)
    steps: list[Deed] = field(default_factory=list)
    refused: dict[DueKey, tuple[Refused, date]] = field(default_factory=dict)
    waiting: dict[DueKey, tuple[b.Due, date]] = field(default_factory=dict)
    seen: dict[Place, Seen | None] = field(default_factory=dict)
    redrawn: list[Redrawn] = field(default_factory=list)


_RECORDED = attrgetter("recorded")


class _Replay:
    def __init__(self, world: World, until: date, seen: Mapping[Place, Seen | None]) -> None:
        self.world, self.until, self.seen_before = world, until, seen
        self.found = Lawful(world.blank())
        self.now = date.min
        self.follows: UUID | None = None
        self.acted = False
        self.nth = 0
        self.stand = {deed.key for deed in world.deeds if deed.stands}
        self.nothing_left: set[DueKey] = set()
        self.due = FallingDue(self.found.states, world.rules, self._is_passed_by)

    def run(self) -> Lawful:
        given = [each for each in by_day(self.world) if self._is_given(*each)]
        for deed, whose in given:
            if deed.place.day > self.until:
                break
            self._steps_before(deed.place)
            self._to(deed.place.day)
            self._given(deed, whose)
            if deed.place.phase is Phase.COURSE:
                self.acted, self.follows, self.nth = True, deed.id, 0
        self._steps_before(Place(self.until, Phase.COURSE, LAST))
        self.found.waiting |= self.due.waiting()
        return self.found

    # --- what is given ---------------------------------------------------------------------

    def _is_given(self, deed: Deed, whose: str | None) -> bool:
        if whose is None and self.world.person is not None:
            return deed.counts_as_made or isinstance(deed.facts[0], t.StepTaken)
        if not deed.counts_as_made:
            return isinstance(deed.facts[0], t.StepTaken)
        if is_due_again(self.world, deed):
            return False
        return deed.stands or not is_replayed(self.world, deed)

    def _given(self, deed: Deed, whose: str | None) -> None:
        is_context = whose is None and self.world.person is not None
        if is_context:
            self._see(deed)
        if is_context or not deed.counts_as_made or deed.stands:
            if deed.key in self.stand:
                self.stand.discard(deed.key)
                self.due.look_again(deed.matter, deed.group)
            self._enter(deed.facts, whose, deed.event_ids)
            return
        due_on, not_due = self._still_due(deed)
        outcome = not_due or self._decided(deed, self._inputs(deed), due_on=due_on)
        self.found.outcomes[deed.place] = outcome
        if not isinstance(outcome, Refused):
            self._enter(outcome, whose)

    def _still_due(self, deed: Deed) -> tuple[date | None, Refused | None]:
        """Since when a step that the clock took was due; a refusal where it was not due then."""
        state = self.found.states[deed.matter]
        step = state.kind.step(deed.act)
        if step is None or deed.by != CLOCK:
            return None, None
        taken = (step.name, deed.group, deed.about)
        for due in open_acts(state, Whom(deed.matter, deed.group)):
            if (due.slot.what, due.slot.group, due.slot.about) == taken:
                day = state.book.days(due)[0]
                stopped = state.is_over or state.is_held(deed.group)
                waits = needs_approval(self.world.rules[state.matter], state, step, due)
                if day is not None and day <= deed.place.day and not (stopped or waits):
                    return day, None
        return None, Refused(f"{deed.act} was not due on {deed.place.day}")

    def _inputs(self, deed: Deed) -> JsonObject:
        """What was last known to go into a decision, whether or not it has been made again."""
        if deed.id is None:
            return deed.inputs
        duty = self.world.duties.get(deed.id) or self.world.shared_duties.get(deed.id)
        return (duty.inputs if duty else deed.considered) or deed.inputs

    def _see(self, deed: Deed) -> None:
        """Make a decision over several people again where it sees this person otherwise than
        before."""
        person, state = self.world.person, self.found.states.get(deed.matter)
        several = None if state is None else state.kind.several(deed.act)
        if person is None or state is None or several is None:
            return
        if not deed.facts or deed.group not in (None, state.group):
            return
        sees = seen_of(several, self.world, self.found.states, deed)
        self.found.seen[deed.place] = sees
        inputs = self._inputs(deed)
        before = several.seen(inputs, person, self.seen_before.get(deed.place, sees))
        if before == sees:
            return
        inputs = several.instead(inputs, person, before, sees)
        facts = self._decided(deed, inputs, due_on=None)
        again = () if isinstance(facts, Refused) else facts
        self.found.redrawn.append(Redrawn(deed, several, inputs, again))

    # --- what the clock does ----------------------------------------------------------------

    def _steps_before(self, place: Place) -> None:
        """Take every step that falls due before a place in the order."""
        while (ready := self._next_step(place)) is not None:
            day, state, step, due = ready.day, ready.state, ready.step, ready.due
            self._to(max(day, self.now))
            phase = Phase.COURSE if self.acted else Phase.CLOCK
            made = Deed(
                matter=state.matter,
                person=self.world.person,
                group=due.slot.group,
                act=step.name,
                about=due.slot.about,
                by=CLOCK,
                place=Place(self.now, phase, LAST, self.nth + 1),
                learned_on=None,
                inputs={},
                facts=(),
            )
            outcome = self._decided(made, {}, due_on=day)
            key = (state.matter, step.name, due.slot.about, due.slot.group)
            self.due.look_again(state.matter, due.slot.group)
            if isinstance(outcome, Refused):
                self.found.refused[key] = (outcome, day)
                continue
            self.found.steps.append(replace(made, facts=outcome))
            if outcome:
                self.nth += 1
                self._enter(outcome, self.world.person)
            else:
                self.nothing_left.add(key)  # done already in another way

    def _next_step(self, before: Place) -> Ready | None:
        first = self.due.first()
        if first is None:
            return None
        day = max(first.day, self.now)
        has_come = day < before.day or (day == before.day and before.phase is Phase.COURSE)
        return first if has_come else None

    def _is_passed_by(self, due: b.Due) -> bool:
        """Whether a step is settled to stand, was refused, or came to nothing."""
        slot = due.slot
        whose = (slot.matter, self.world.person, slot.group, slot.what, slot.about)
        key = (slot.matter, slot.what, slot.about, slot.group)
        return whose in self.stand or key in self.found.refused or key in self.nothing_left

    # --- one decision -----------------------------------------------------------------------

    def _decided(
        self, deed: Deed, inputs: JsonObject, *, due_on: date | None
    ) -> tuple[t.MatterFact, ...] | Refused:
        return decided(
            self.world, self.found.states, deed, inputs, due_on=due_on, follows=self.follows
        )

    def _enter(
        self,
        facts: tuple[t.MatterFact, ...],
        whose: str | None,
        ids: tuple[UUID, ...] = (),
    ) -> None:
        found = self.found
        for n, fact in enumerate(facts):
            group = fact.group if isinstance(fact, t.GroupFact) else None
            for matter in hand_out(found.states, fact, whose, ids[n] if ids else None):
                self.due.look_again(matter, group)
        if facts:  # something is otherwise: what was refused is asked again, in whichever matter
            for matter, _, _, group in (*found.refused, *self.nothing_left):
                self.due.look_again(matter, group)
            found.refused.clear()
            self.nothing_left.clear()

    def _to(self, day: date) -> None:
        if day > self.now:
            self.now, self.acted, self.follows, self.nth = day, False, None, 0


def replay(
    world: World, until: date, *, seen_before: Mapping[Place, Seen | None] = MappingProxyType({})
) -> Lawful:
    """The lawful history to the end of a day.

    `seen_before` is what steps over several people saw of the person before something was learned.
    """
    return _Replay(world, until, seen_before).run()


def is_due_again(world: World, deed: Deed) -> bool:
    """Whether the clock did something in the world (a letter) that has been undone since: nobody
    does that in the past, so it is no decision to be made again, but due on the day it is done."""
    step = world.kinds[deed.matter].step(deed.act)
    in_the_world = step is not None and step.dated is Dated.WHEN_TAKEN
    return in_the_world and deed.by == CLOCK and not deed.facts


def on_top(world: World, whole: Mapping[str, Level], until: date | None = None) -> dict[str, State]:
    """What is on record of one of many people, on top of what is on record of each matter as a
    whole to the end of a day; of a matter that is theirs alone, all of it. To be read and never
    changed: the next call with the same `whole` returns the same objects.

    That is what the order of the days comes to, unless a fact of theirs closed what was opened for
    their group only afterwards, as for somebody who was out of an exercise when its letters went
    out. Then everything is folded in that order.
    """
    kept = world.noted(on_top)
    if kept is not None and kept[0] is whole:
        folded: dict[str, State] = kept[1]
        return folded
    states = _apart(world, whole)
    if states is None:
        shared = [
            (deed, None) for deed in world.context if until is None or deed.place.day <= until
        ]
        own = [(deed, world.person) for deed in world.deeds]
        states = _folded(world.blank(), sorted([*shared, *own], key=_place), None).states
    world.note(on_top, (whole, states))
    return states


def _apart(world: World, whole: Mapping[str, Level]) -> dict[str, State] | None:
    """Their own facts on top of the whole; `None` where the order would make a difference."""
    states = {
        name: blank(kind, name, world.person, whole.get(name)) for name, kind in world.kinds.items()
    }
    in_order = sorted(world.deeds, key=lambda deed: deed.place)
    return states if all(_put_on_top(world, states, deed) for deed in in_order) else None


def _put_on_top(world: World, states: Mapping[str, State], deed: Deed) -> bool:
    """Fold a decision of theirs on top of the whole. Answers whether folding everything in the
    order of its days would give the same."""
    for fact, event_id in deed.each():
        hand_out(states, fact, world.person, event_id)
    in_order = True
    for state in states.values():
        met = state.book.lines_met
        in_order = in_order and all(_was_there(world, line, deed.place) for line in met)
        met.clear()
    return in_order


def _was_there(world: World, line: b.Due, place: Place) -> bool:
    """Whether something due to a person's group, or to the whole matter, was due to them already at
    a place, and was not superseded afterwards."""
    if line.opened_on is None or line.opened_on > place.day:
        return False
    if line.outcome is Outcome.SUPERSEDED and (line.outcome_on or date.max) >= place.day:
        return False
    if line.opened_on == place.day and not any(
        line.opened_by in deed.event_ids and deed.place < place for deed in world.context
    ):
        return False
    # What is due to a group is due to a person only once they are in it.
    return line.slot.group is None or not any(
        isinstance(fact, t.GroupFormed) and world.person in fact.people
        for deed in world.context
        if deed.place > place
        for fact in deed.facts
    )


def at_hand(
    world: World, whole: Mapping[str, Level], today: date, *, overdue: bool = False
) -> dict[str, State] | None:
    """What is on record of one of many people, where that is the lawful history too.

    `whole` is what is on record of each matter as a whole by today, folded once for everybody. It
    is the lawful history where everything was recorded in the order of its days, no day was moved
    when it had passed, nothing is to be settled, nothing of theirs is of today, and nothing is
    overdue: then only their own few facts have to be folded. `overdue`: something may be, if
    nothing at all has happened since; it is the next that is to be taken, on its day. `None` where
    it may not be.
    """
    if world.person is None or world.held_by:
        return None
    if any(deed.place.day >= today for deed in world.deeds) or not _in_order_of_days(world):
        return None
    if not world.kinds.keys() - whole.keys() <= _theirs_alone(world):
        return None
    states = on_top(world, whole, today)
    if any(each.book.moved_past or each.whole.book.moved_past for each in states.values()):
        return None
    since = min((day for day in days_of_acts(states) if day < today), default=None)
    if since is None:
        return states
    everything = (*world.deeds, *world.context)
    has_happened = any(deed.place.day >= since for deed in everything)
    return states if overdue and not has_happened else None


def _in_order_of_days(world: World) -> bool:
    """Whether everything was recorded in the order of the days on which it happened, but for what
    the clock does late between steps of its own.

    Where it was not, a step may have been due on a day that was moved, or be gone from what is due,
    by what was on record before it was known that it was due.
    """
    latest = by_people = date.min
    for deed in sorted((*world.context, *world.deeds), key=_RECORDED):
        day, is_step = deed.place.day, deed.by == CLOCK
        # One that was taken back or taken again is not among its neighbours any more.
        is_first = bool(deed.facts) and deed.facts[0].made.in_place_of is None
        if day < (by_people if is_step and is_first else latest):
            return False
        latest = max(latest, day)
        if not is_step:
            by_people = max(by_people, day)
    return True


def _theirs_alone(world: World) -> set[str]:
    """The matters that are on a person's own record alone, and hear of no other."""
    of_others = {deed.matter for deed in world.context}
    return {name for name, kind in world.kinds.items() if name not in of_others and not kind.hears}


def is_replayed(world: World, deed: Deed) -> bool:
    """Whether a decision is one of the clock's that follows from the rest."""
    step = world.kinds[deed.matter].step(deed.act)
    return step is not None and step.is_replayed


def decided(
    world: World,
    states: Mapping[str, State],
    deed: Deed,
    inputs: JsonObject,
    *,
    due_on: date | None,
    follows: UUID | None = None,
) -> tuple[t.MatterFact, ...] | Refused:
    """Decide an act or a step on the states given; a refusal is answered, not raised.

    What rests on an assertion that holds no more is refused, on whichever day that was learned:
    somebody has to say what becomes of it.
    """
    fallen = [world.fallen[each] for each in deed.rests_on if each in world.fallen]
    if fallen:
        return Refused("; ".join(fallen))
    case = case_of(world, states, deed, inputs, due_on=due_on, follows=follows)
    try:
        return decide(case, deed.act, inputs)
    except Refused as refused:
        return refused


def seen_of(several: Several, world: World, states: Mapping[str, State], deed: Deed) -> Seen | None:
    """What a decision over several people reads of one of them on the states given; `None` for
    somebody who takes no part."""
    state = states[deed.matter]
    if state.is_over:
        return None
    if several.looks_at is None:
        return several.sees(state)
    return several.looks_at(case_of(world, states, deed, {}))


def case_of(
    world: World,
    states: Mapping[str, State],
    deed: Deed,
    inputs: JsonObject,
    *,
    due_on: date | None = None,
    follows: UUID | None = None,
) -> Case:
    """What an act or a step is decided on."""
    return Case(
        state=states[deed.matter],
        others=states,
        rules=world.rules[deed.matter],
        position=world.positions.get(deed.matter, world.position),
        on=deed.place.day,
        learned_on=deed.learned_on,
        due_on=due_on,
        group=deed.group,
        made=Made(
            act=deed.act,
            by=deed.by,
            about=deed.about,
            reason=deed.reason,
            document=deed.document,
            rests_on=deed.rests_on,
            inputs=inputs,
            phase=deed.place.phase,
            nth=deed.place.nth,
            follows=follows if deed.place.nth and deed.place.phase is Phase.COURSE else None,
        ),
    )


__all__ = [
    "CLOCK",
    "LAST",
    "Lawful",
    "Redrawn",
    "World",
    "at_hand",
    "by_day",
    "decided",
    "deed_of",
    "is_due_again",
    "is_replayed",
    "on_top",
    "replay",
    "seen_of",
    "standing",
]
