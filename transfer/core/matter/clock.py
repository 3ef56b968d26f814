"""What the clock does: the steps that fall due, taken one at a time.

A step is due where the lawful history (`replaying`) has it and the record lacks it. While a duty to
settle is open, the clock takes no step of that person. A step that cannot be taken, or that waits
for approval, stays due and is put on record as such once.

**Who takes it** (`comes_with`). What is due to everybody of a group on the group's day is taken for
all of them together; the same of what is due to the whole matter. A procedure of one person takes
what is left: what is due on a day of their own, and what the group's step did not do for them by
the time it was through. So every function is told which of the steps are its caller's (`Ours`).

Every function answers the facts to append, and on whose stream each goes (`None`: the matter's).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from transfer.core.matter import book as b
from transfer.core.matter import facts as t
from transfer.core.matter.falling_due import DueKey, dues_of, needs_approval, open_acts
from transfer.core.matter.folding import Deed, Level, State, hand_out
from transfer.core.matter.kind import Dated, Seen, Step
from transfer.core.matter.late import Done, New, counterparts, in_place_of, stamp
from transfer.core.matter.replaying import (
    CLOCK,
    LAST,
    Lawful,
    World,
    at_hand,
    by_day,
    decided,
    replay,
    standing,
)
from transfer.core.matter.words import JsonObject, Over, Phase, Place, Slot, Whom
from transfer.core.refusals import Refused

Ours = Callable[[Mapping[str, State], DueKey], bool]
"""Whether a step that is due is the caller's to take, by what is on record."""


def everything(_states: Mapping[str, State], _key: DueKey) -> bool:
    """Every step is the caller's."""
    return True


@dataclass(frozen=True, slots=True)
class Taking:
    """What the clock does next: a step, since when it is due, and the facts that come of it (that
    it was refused, or that an approval is asked for, among them)."""

    step: str
    about: str
    day: date
    new: tuple[New, ...]


# --- who takes what -----------------------------------------------------------------------------


def line_of(state: State, what: str, about: str) -> b.Due | None:
    """The line that a person shares with everybody of their group, or of the matter, as it stands
    there; `None` where there is none."""
    for group in dict.fromkeys((state.group, None)):
        line = state.whole.book.own(Slot(state.matter, group, None, what, about))
        if line is not None and not line.once:
            return line
    return None


def comes_with(state: State, what: str, about: str) -> Whom:
    """Whose step it is that is due to one person: their group's or the whole matter's, where it is
    due there on the same day and not through yet; else their own."""
    line, due = line_of(state, what, about), state.due(what, about)
    if line is None or due is None or not line.is_open:
        return state.whom
    if state.whole.book.days(line)[0] != state.book.days(due)[0]:
        return state.whom
    return Whom(state.matter, line.slot.group)


def own_steps(states: Mapping[str, State], key: DueKey) -> bool:
    """The steps of one person that nobody takes for them together with others."""
    matter, step, about, _ = key
    return comes_with(states[matter], step, about) == states[matter].whom


def shared_steps(waiting: frozenset[DueKey]) -> Ours:
    """The steps of one person that are taken for everybody of their group, or of the matter,
    together; none for which the approval of the whole group is `waiting`."""

    def are(states: Mapping[str, State], key: DueKey) -> bool:
        matter, step, about, _ = key
        whom = comes_with(states[matter], step, about)
        return whom.person is None and (matter, step, about, whom.group) not in waiting

    return are


def steps_of_whole(whom: Whom) -> Ours:
    """The steps over a group as a whole, or over the whole matter."""
    return lambda _states, key: (key[0], key[3]) == (whom.matter, whom.group)


# --- taking -------------------------------------------------------------------------------------


def take(world: World, *, today: date, ours: Ours = everything) -> tuple[New, ...]:
    """Take the next step of the clock that is due; `()` where none is, or a duty is to be settled.

    A step that cannot be taken, or that waits for approval, is put on record as such once.
    """
    found = taking(world, today=today, ours=ours)
    return () if found is None else found.new


def taking(world: World, *, today: date, ours: Ours = everything) -> Taking | None:
    """What `take` would do, with its day."""
    if world.held_by:
        return None
    done = Done(by=CLOCK, today=today, happened_on=today)
    lawful = replay(world, today)
    lacking = _lacking(world, lawful)
    if world.person is None:
        lacking = [step for step in lacking if ours(lawful.states, _key(step))]
    if lacking:
        step, states = lacking[0], standing(world)
        if world.person is not None and not ours(states, _key(step)):
            return None  # what follows rests on what others take first
        state, new = states[step.matter], tuple(New(world.person, f) for f in _taken(world, step))
        due = state.book.due(Whom(step.matter, step.group, world.person), step.act, step.about)
        since = None if due is None else state.book.days(due)[0]
        # A day that was moved since may be still to come.
        since = min(since or step.place.day, step.place.day)
        return Taking(step.act, step.about, since, new)
    in_the_world = _in_the_world(world, lawful, today, ours)
    if in_the_world is not None:
        return in_the_world
    held_up = tuple(_held_up(world, lawful, done, ours))
    if not held_up:
        return None
    step_name, about, day = held_up[0][0]
    return Taking(step_name, about, day, tuple(New(world.person, fact) for _, fact in held_up))


def take_with_group(
    world: World, whole: Mapping[str, Level], *, today: date, ours: Ours = everything
) -> tuple[New, ...]:
    """The same as `take` for one of many people, from what is at hand where that will do
    (`replaying.at_hand`)."""
    found = taking_with_group(world, whole, today=today, ours=ours)
    return () if found is None else found.new


def taking_with_group(
    world: World, whole: Mapping[str, Level], *, today: date, ours: Ours = everything
) -> Taking | None:
    """What `take_with_group` would do, with its day."""
    if world.held_by:
        return None
    states = at_hand(world, whole, today, overdue=True)
    found = None if states is None else _at_hand(world, states, today, ours)
    if found is not None:
        return found[0] if found else None
    return taking(world, today=today, ours=ours)


def _at_hand(
    world: World, states: Mapping[str, State], today: date, ours: Ours
) -> tuple[Taking, ...] | None:
    """The step that is due by today; `()` where none is, `None` where it has to be looked into."""
    ready: list[tuple[date, str, str, str, Step, bool]] = []
    for state in states.values():
        rules = world.rules[state.matter]
        for due in () if state.is_over else open_acts(state):
            day, step = state.book.days(due)[0], state.kind.step(due.slot.what)
            if day is None or day > today or step is None:
                continue
            if step.several is not None:
                return None
            if not state.is_held():
                waits = needs_approval(rules, state, step, due)
                ready.append((day, state.matter, step.name, due.slot.about, step, waits))
    # As `take` does it: first what follows from the rules alone, then what is done in the world.
    in_order = sorted(ready, key=lambda each: (not each[4].is_replayed, each[:4]))
    for day, matter, name, about, step, waits in in_order:
        if not ours(states, (matter, name, about, None)):
            return None
        if step.is_replayed:
            deed = _deed(world, matter, name, None, about, Place(day, Phase.CLOCK, LAST, 1))
        else:
            deed = _now(world, matter, step, None, about, today)
        facts = decided(world, states, deed, {}, due_on=day)
        if isinstance(facts, Refused) or (facts and (waits or _has_taken(world, deed))):
            return None
        if facts:
            new = tuple(New(world.person, fact) for fact in facts)
            return (Taking(name, about, day, new),)
    return ()  # nothing, or done already in another way


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


def _key(step: Deed) -> DueKey:
    return step.matter, step.act, step.about, step.group


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


def _in_the_world(world: World, lawful: Lawful, today: date, ours: Ours) -> Taking | None:
    """The first step that is done in the world on the day it is done, if one is due."""
    for state in lawful.states.values():
        for step in state.kind.steps:
            if step.dated is not Dated.WHEN_TAKEN or step.several is not None or state.is_over:
                continue
            if (step.act.over is Over.PERSON) != (state.own is not None):
                continue
            for due in dues_of(state, step):
                day = state.book.days(due)[0]
                key = (state.matter, step.name, due.slot.about, due.slot.group)
                if day is None or day > today or state.is_held(due.slot.group):
                    continue
                if not ours(lawful.states, key):
                    continue
                if needs_approval(world.rules[state.matter], state, step, due):
                    lawful.waiting[key] = (due, day)
                    continue
                deed = _now(world, state.matter, step, due.slot.group, due.slot.about, today)
                outcome = decided(world, lawful.states, deed, {}, due_on=day)
                if isinstance(outcome, Refused):
                    lawful.refused[key] = (outcome, day)
                elif outcome:
                    new = tuple(New(world.person, fact) for fact in outcome)
                    return Taking(step.name, due.slot.about, day, new)
    return None


def _now(world: World, matter: str, step: Step, group: str | None, about: str, today: date) -> Deed:
    """A step that is being taken today, after whatever was done today already."""
    acted = any(
        deed.place.day == today and deed.place.phase >= Phase.CLOCK
        for deed in (*world.deeds, *world.context)
    )
    place = Place(today, Phase.COURSE if acted else Phase.OPENING, LAST)
    return _deed(world, matter, step.name, group, about, place)


# --- a step that sees several people ------------------------------------------------------------


def several_due(world: World, *, matter: str, today: date) -> tuple[tuple[Step, b.Due, date], ...]:
    """The steps over several people whose day has come, of the matter and its groups."""
    if world.held_by:
        return ()
    state = standing(world, today)[matter]
    found = []
    for step in () if state.is_over else state.kind.steps:
        for due in () if step.several is None else tuple(dues_of(state, step)):
            day = state.book.days(due)[0]
            if day is not None and day <= today and not state.is_held(due.slot.group):
                found.append((step, due, day))
    return tuple(sorted(found, key=lambda each: each[2]))


def take_over_several(
    world: World,
    *,
    matter: str,
    step: str,
    group: str | None,
    people: Mapping[str, Seen],
    today: date,
    about: str = "",
) -> tuple[New, ...]:
    """Take a step that sees several people, if it is due: `people` is what it sees of each.

    Where its rules say no, or where it waits for approval, that is put on record once.
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
    if due is None or day is None or day > today or state.is_over or state.is_held(group):
        return ()
    key, done = (matter, step, about, group), Done(by=CLOCK, today=today, happened_on=today)
    held_up = Lawful(lawful.states)
    if needs_approval(world.rules[matter], state, declared, due):
        held_up.waiting[key] = (due, day)
        return tuple(New(None, fact) for _, fact in _held_up(world, held_up, done, everything))
    deed = _now(world, matter, declared, group, about, today)
    inputs: JsonObject = declared.several.inputs(people)
    outcome = decided(world, lawful.states, deed, inputs, due_on=day)
    if isinstance(outcome, Refused):
        held_up.refused[key] = (outcome, day)
        return tuple(New(None, fact) for _, fact in _held_up(world, held_up, done, everything))
    return tuple(New(world.person, fact) for fact in outcome)


# --- a step over people, for all of them --------------------------------------------------------


def shared_due(
    world: World, whom: Whom, *, today: date
) -> tuple[tuple[Step, b.Due, date, bool], ...]:
    """What is due by today from each of the people of a group, or of the matter, on its day, in
    the order in which it is taken; and whether it may be taken, or waits for approval. What was
    due before its day was moved is due since then (`due_before`)."""
    state = standing(world, today)[whom.matter]
    before = due_before(world, whom, today=today)
    found = []
    for due in () if state.is_over or state.is_held(whom.group) else lines(state, whom):
        was_due, step = before.get(due.slot), state.kind.step(due.slot.what)
        day = was_due or state.book.days(due)[0]
        if step is None or day is None or day > today:
            continue
        waits = (
            was_due is None
            and whom.group is not None
            and needs_approval(world.rules[whom.matter], state, step, due)
        )
        found.append((step, due, day, not waits))
    return tuple(sorted(found, key=_in_order))


def waiting_groups(world: World, matter: str) -> frozenset[DueKey]:
    """The steps over people that wait for the approval of a whole group."""
    state = standing(world)[matter]
    found = set()
    for due in state.whole.book.everything():
        step, group = state.kind.step(due.slot.what), due.slot.group
        if step is None or step.act.over is not Over.PERSON or group is None:
            continue
        if due.is_open and needs_approval(world.rules[matter], state, step, due):
            found.add((matter, step.name, due.slot.about, group))
    return frozenset(found)


def _in_order(each: tuple[Step, b.Due, date, bool]) -> tuple[date, bool, str, str]:
    step, due, day, _ = each
    return day, not step.is_replayed, step.name, due.slot.about


def lines(state: State, whom: Whom) -> Iterator[b.Due]:
    """What the clock has still to do for each of the people of a group, or of the matter."""
    for due in state.whole.book.of(whom):
        step = state.kind.step(due.slot.what)
        if due.is_open and not due.once and step is not None and step.act.over is Over.PERSON:
            yield due


def left_of_whole(state: State, whom: Whom) -> Iterator[b.Due]:
    """What the clock has still to do for a group or a matter as a whole, and for each of its
    people."""
    yield from open_acts(state, whom)
    yield from lines(state, whom)


def due_before(world: World, whom: Whom, *, today: date) -> Mapping[Slot, date]:
    """What of `left_of_whole` had fallen due, and not been taken, when its day was moved: since
    when it is due. `world` is that of the group, or of the matter as a whole.

    A day that had passed was put off. Or it is learned only now that a day had been put forward,
    and the former day passed before it was put off. What is on record by now shows the later day
    alone. Read off the order of the days, and only where a day was moved when it had passed. What
    waited for approval was not to be taken, and is due on the later day. What is done in the world
    is done on the day on which somebody does it, so it is due on the later day as well.
    """
    of = (due_before, whom, today)
    kept: Mapping[Slot, date] | None = world.noted(of)
    if kept is None:
        kept = {}
        if standing(world, today)[whom.matter].whole.book.moved_past:
            kept = _due_before(world, whom, today)
        world.note(of, kept)
    return kept


def _due_before(world: World, whom: Whom, today: date) -> Mapping[Slot, date]:
    states, since = world.blank(), dict[Slot, tuple[b.Due, date]]()
    state = states[whom.matter]
    for deed, whose in by_day(world):
        if deed.place.day > today:
            break
        for due, day in _may_be_taken(world, state, whom, deed.place):
            kept = since.get(due.slot)
            if kept is None or kept[0].opened_by != due.opened_by:
                since[due.slot] = due, day
        for fact, event_id in deed.each():
            hand_out(states, fact, whose, event_id)
    # What was closed meanwhile has been taken; what was opened by another fact falls due by it.
    return {
        due.slot: since[due.slot][1]
        for due in left_of_whole(state, whom)
        if due.slot in since and since[due.slot][0].opened_by == due.opened_by
    }


def _may_be_taken(
    world: World, state: State, whom: Whom, before: Place
) -> Iterator[tuple[b.Due, date]]:
    """What the clock would take for a group or the whole matter before a place in the order, with
    its day: as `replaying` takes what is due from one person."""
    if state.is_over or state.is_held(whom.group):
        return
    for due in left_of_whole(state, whom):
        day, step = state.book.days(due)[0], state.kind.step(due.slot.what)
        if day is None or step is None or not step.is_replayed:
            continue
        has_come = day < before.day or (day == before.day and before.phase is Phase.COURSE)
        if has_come and not needs_approval(world.rules[whom.matter], state, step, due):
            yield due, day


def ask_for_group(
    world: World, whom: Whom, step: str, about: str, *, today: date
) -> tuple[New, ...]:
    """Ask once, for a whole group, that a step due from each of its people be approved; `()` where
    it has been asked for, or need not be."""
    for declared, due, day, may_be_taken in shared_due(world, whom, today=today):
        if (declared.name, due.slot.about) != (step, about) or may_be_taken:
            continue
        held_up = Lawful({})
        held_up.waiting[whom.matter, step, about, whom.group] = (due, day)
        done = Done(by=CLOCK, today=today, happened_on=today)
        return tuple(New(None, fact) for _, fact in _held_up(world, held_up, done, everything))
    return ()


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
    before = due_before(world, Whom(matter, group), today=today)
    day = None if due is None else before.get(slot) or state.book.days(due)[0]
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


_What = tuple[str, str, date]
"""A step, what it is about, and since when it is due."""


def _held_up(
    world: World, lawful: Lawful, done: Done, ours: Ours
) -> Iterator[tuple[_What, t.MatterFact]]:
    """What could not be taken, or waits for approval, and is not on record as such."""
    for key, (refused, due_on) in lawful.refused.items():
        matter, step, about, group = key
        reasons = tuple(failure.reason for failure in refused.failures)
        clauses = tuple(each.clause for each in refused.failures if each.clause)
        before = recorded_refusal(world, key)
        if ours(lawful.states, key) and (before is None or before.reasons != reasons):
            yield (
                (step, about, due_on),
                t.StepRefused(
                    **_resting_on(stamp(matter, step, done, ()), world, clauses),
                    group=group,
                    step=step,
                    about=about,
                    due_on=due_on,
                    reasons=reasons,
                    clauses=clauses,
                ),
            )
    for key, (due, lawful_on) in lawful.waiting.items():
        matter, step, about, group = key
        if lawful_on > done.today or not ours(lawful.states, key):
            continue
        if not _is_asked(world, key, lawful_on) and _comes_to_something(world, lawful, key, done):
            yield (
                (step, about, lawful_on),
                t.ApprovalAsked(
                    **(stamp(matter, step, done, ()) | {"basis": due.when.basis}),
                    group=group,
                    step=step,
                    about=about,
                    lawful_on=lawful_on,
                    proposed_by=due.proposed_by,
                ),
            )


def _resting_on(given: t.Stamp, world: World, clauses: tuple[str, ...]) -> t.Stamp:
    """The stamp of a fact that rests on the first clause of a refusal, or on the edition alone."""
    given["basis"] = world.rules[given["matter"]].basis(*clauses[:1])
    return given


def _comes_to_something(world: World, lawful: Lawful, key: DueKey, done: Done) -> bool:
    """Whether there is anything to approve; what is due from a whole group is not looked into."""
    matter, step, about, group = key
    if world.person is None or matter not in lawful.states:
        return True
    place = Place(done.today, Phase.CLOCK, LAST, 1)
    deed = _deed(world, matter, step, group, about, place)
    return decided(world, lawful.states, deed, {}, due_on=done.today) != ()


def recorded_refusal(world: World, key: DueKey) -> t.StepRefused | None:
    """The last refusal of a step that is on record."""
    found = None
    for deed in world.deeds:
        for fact in deed.facts:
            if isinstance(fact, t.StepRefused) and (
                (fact.matter, fact.step, fact.about, fact.group) == key
            ):
                found = fact
    return found


def _is_asked(world: World, key: DueKey, lawful_on: date) -> bool:
    return any(
        isinstance(fact, t.ApprovalAsked)
        and (fact.matter, fact.step, fact.about, fact.group) == key
        and fact.lawful_on == lawful_on
        for deed in world.deeds
        for fact in deed.facts
    )
