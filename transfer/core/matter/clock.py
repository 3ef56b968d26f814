"""What the clock does: the steps that fall due, taken one at a time.

A step is due where the lawful history (`replaying`) has it and the record lacks it. While a duty to
settle is open, the clock takes no step of that person. A step that cannot be taken, or that waits
for approval, stays due and is put on record as such once.

Every function answers the facts to append, and on whose stream each goes (`None`: the matter's).
"""

from collections.abc import Iterator, Mapping
from datetime import date

from transfer.core.matter import facts as t
from transfer.core.matter.folding import Deed, Level, State
from transfer.core.matter.kind import Dated, Seen, Step
from transfer.core.matter.late import Done, New, counterparts, in_place_of, stamp
from transfer.core.matter.replaying import (
    CLOCK,
    LAST,
    Lawful,
    World,
    at_hand,
    decided,
    dues_of,
    needs_approval,
    open_acts,
    replay,
)
from transfer.core.matter.words import JsonObject, Over, Phase, Place, Slot
from transfer.core.refusals import Refused


def take(world: World, *, today: date) -> tuple[New, ...]:
    """Take the next step of the clock that is due; `()` where none is, or a duty is to be settled.

    A step that cannot be taken, or that waits for approval, is put on record as such once.
    """
    if world.held_by:
        return ()
    done = Done(by=CLOCK, today=today, happened_on=today)
    lawful = replay(world, today)
    lacking = _lacking(world, lawful)
    if lacking:
        return tuple(New(world.person, fact) for fact in _taken(world, lacking[0]))
    in_the_world = _in_the_world(world, lawful, today)
    if in_the_world:
        return tuple(New(world.person, fact) for fact in in_the_world)
    return tuple(New(world.person, fact) for fact in _held_up(world, lawful, done))


def take_with_group(world: World, whole: Mapping[str, Level], *, today: date) -> tuple[New, ...]:
    """The same as `take` for one of many people, from what is at hand where that will do
    (`replaying.at_hand`)."""
    if world.held_by:
        return ()
    states = at_hand(world, whole, today)
    taken = None if states is None else _at_hand(world, states, today)
    return take(world, today=today) if taken is None else taken


def _at_hand(world: World, states: Mapping[str, State], today: date) -> tuple[New, ...] | None:
    """The step that is due today; `()` where none is, `None` where it has to be looked into."""
    ready: list[tuple[str, str, str, Step]] = []
    for state in states.values():
        rules = world.rules[state.matter]
        for due in () if state.is_over else open_acts(state):
            day, step = state.book.days(due)[0], state.kind.step(due.slot.what)
            if day is None or day > today or step is None:
                continue
            if step.several is not None or needs_approval(rules, state, step, due):
                return None
            if not state.is_held():
                ready.append((state.matter, step.name, due.slot.about, step))
    if not ready:
        return ()
    # As `take` does it: first what follows from the rules alone, then what is done in the world.
    matter, name, about, step = min(ready, key=lambda each: (not each[3].is_replayed, each[:3]))
    if step.is_replayed:
        place = Place(today, Phase.CLOCK, LAST, 1)
        deed = _deed(world, matter, name, None, about, place)
    else:
        deed = _now(world, matter, step, None, about, today)
    facts = decided(world, states, deed, {}, due_on=today)
    if isinstance(facts, Refused) or not facts or _has_taken(world, deed):
        return None
    return tuple(New(world.person, fact) for fact in facts)


def _deed(world: World, matter: str, act: str, group: str | None, about: str, place: Place) -> Deed:
    return Deed(
        matter=matter,
        person=world.person,
        group=group,
        act=act,
        about=about,
        by=CLOCK,
        place=place,
        learned_on=None,
        inputs={},
        facts=(),
    )


def _has_taken(world: World, step: Deed) -> bool:
    return any(deed.key == step.key for deed in world.deeds)


def _lacking(world: World, lawful: Lawful) -> list[Deed]:
    """The steps that the record lacks, in the order in which they fall due."""
    matched = {id(step) for step in counterparts(world, lawful).values()}
    return [step for step in lawful.steps if id(step) not in matched and step.facts]


def _taken(world: World, step: Deed) -> tuple[t.MatterFact, ...]:
    """The facts of a step; in the place of the same step where that was undone."""
    undone = next((deed for deed in world.deeds if deed.key == step.key and not deed.facts), None)
    return step.facts if undone is None else in_place_of(undone, step.facts)[0]


def _in_the_world(world: World, lawful: Lawful, today: date) -> tuple[t.MatterFact, ...]:
    """The first step that is done in the world on the day it is done, if one is due."""
    for state in lawful.states.values():
        for step in state.kind.steps:
            if step.dated is not Dated.WHEN_TAKEN or step.several is not None or state.is_over:
                continue
            if (step.act.over is Over.PERSON) != (state.own is not None):
                continue
            for due in dues_of(state, step):
                day = state.book.days(due)[0]
                if day is None or day > today or state.is_held(due.slot.group):
                    continue
                key = (state.matter, step.name, due.slot.about, due.slot.group)
                if needs_approval(world.rules[state.matter], state, step, due):
                    lawful.waiting[key] = (due, day)
                    continue
                deed = _now(world, state.matter, step, due.slot.group, due.slot.about, today)
                outcome = decided(world, lawful.states, deed, {}, due_on=day)
                if isinstance(outcome, Refused):
                    lawful.refused[key] = (outcome, day)
                elif outcome:
                    return outcome
    return ()


def _now(world: World, matter: str, step: Step, group: str | None, about: str, today: date) -> Deed:
    """A step that is being taken today, after whatever was done today already."""
    acted = any(
        deed.place.day == today and deed.place.phase is Phase.COURSE
        for deed in (*world.deeds, *world.context)
    )
    place = Place(today, Phase.COURSE if acted else Phase.OPENING, LAST)
    return _deed(world, matter, step.name, group, about, place)


def take_over_several(
    world: World,
    *,
    matter: str,
    step: str,
    group: str | None,
    people: Mapping[str, Seen],
    inputs: JsonObject,
    today: date,
    about: str = "",
) -> tuple[New, ...]:
    """Take a step that sees several people, if it is due: `people` is what it sees of each.

    Raises `Refused` where its rules say no.
    """
    if world.held_by:
        return ()
    lawful = replay(world, today)
    state = lawful.states[matter]
    declared = state.kind.step(step)
    if declared is None or declared.several is None:
        raise KeyError(step)
    due = next(
        (
            due
            for due in dues_of(state, declared)
            if (due.slot.group, due.slot.about) == (group, about)
        ),
        None,
    )
    day = None if due is None else state.book.days(due)[0]
    if day is None or day > today or state.is_over or state.is_held(group):
        return ()
    deed = _now(world, matter, declared, group, about, today)
    seen = {**inputs, **declared.several.inputs(people)}
    outcome = decided(world, lawful.states, deed, seen, due_on=day)
    if isinstance(outcome, Refused):
        raise outcome
    return tuple(New(world.person, fact) for fact in outcome)


def through(
    world: World,
    *,
    matter: str,
    step: str,
    group: str | None,
    counts: Mapping[str, int],
    today: date,
    about: str = "",
) -> tuple[New, ...]:
    """Note that a step over people is through for a group (or everybody), however it went for each
    of them; `()` where it is not due, or was noted."""
    lawful = replay(world, today)
    state = lawful.states[matter]
    slot = Slot(matter, group, None, step, about)
    due = state.book.own(slot)
    day = None if due is None else state.book.days(due)[0]
    if due is None or not due.is_open or day is None or day > today:
        return ()
    done = Done(by=CLOCK, today=today, happened_on=today)
    return (
        New(
            None,
            t.StepTaken(
                **stamp(matter, step, done, (), about=about),
                group=group,
                step=step,
                due_on=day,
                counts=dict(counts),
            ),
        ),
    )


def _held_up(world: World, lawful: Lawful, done: Done) -> Iterator[t.MatterFact]:
    """What could not be taken, or waits for approval, and is not on record as such."""
    for (matter, step, about, group), (refused, due_on) in lawful.refused.items():
        reasons = tuple(failure.reason for failure in refused.failures)
        before = _recorded_refusal(world, matter, step, about, group)
        if before is None or before.reasons != reasons:
            yield t.StepRefused(
                **stamp(matter, step, done, ()),
                group=group,
                step=step,
                about=about,
                due_on=due_on,
                reasons=reasons,
                clauses=tuple(f.clause for f in refused.failures if f.clause),
            )
    for (matter, step, about, group), (due, lawful_on) in lawful.waiting.items():
        if lawful_on <= done.today and not _is_asked(world, matter, step, about, lawful_on):
            yield t.ApprovalAsked(
                **stamp(matter, step, done, ()),
                group=group,
                step=step,
                about=about,
                lawful_on=lawful_on,
                proposed_by=due.proposed_by,
            )


def _recorded_refusal(
    world: World, matter: str, step: str, about: str, group: str | None
) -> t.StepRefused | None:
    found = None
    for deed in world.deeds:
        for fact in deed.facts:
            if isinstance(fact, t.StepRefused) and (
                (fact.matter, fact.step, fact.about, fact.group) == (matter, step, about, group)
            ):
                found = fact
    return found


def _is_asked(world: World, matter: str, step: str, about: str, lawful_on: date) -> bool:
    return any(
        isinstance(fact, t.ApprovalAsked)
        and (fact.matter, fact.step, fact.about, fact.lawful_on) == (matter, step, about, lawful_on)
        for deed in world.deeds
        for fact in deed.facts
    )
