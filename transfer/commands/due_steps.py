"""The steps that fall due in procedures of any kind: what a workflow asks for and does.

    due = DueSteps(office, worlds)
    due.following(Whom("desk-move:spring", "A"), today)       what the group waits for
    due.take(act, Whom("desk-move:spring", "A"), today)       everything of it that is due

Three procedures take the steps of a matter between them (`clock.comes_with`):

- the *matter's*: steps over the matter, and what is due from everybody in it on the matter's day;
- a *group's*: steps over the group, and what is due from each of its people on the group's day;
- a *person's*: what is due on a day of their own, and what the step of their group or matter, which
  is through, did not do for them.

So cost follows the number of different days, and not of people: what a group waits for is read off
the matter's stream alone. Each step decides anew from the log, in every chunk of people, whether it
is still to be taken; asking twice, late, or for a date that has moved does no harm.

What would be refused the same way again, waits for an approval that was asked for, or comes to
nothing, is not due at once: only a fact, or the next later day, makes it so.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.matters import in_chunks, record_anew
from transfer.commands.office import Act, Office
from transfer.core.matter import book as b
from transfer.core.matter import clock
from transfer.core.matter import facts as t
from transfer.core.matter.falling_due import DueKey, needs_approval, open_acts
from transfer.core.matter.folding import Level, State
from transfer.core.matter.kind import Seen, Step
from transfer.core.matter.late import New
from transfer.core.matter.replaying import World, at_hand, on_top, replay, standing
from transfer.core.matter.words import Outcome, Slot, Whom
from transfer.core.streams import matter_of, staff_stream
from transfer.log.envelope import Receipt

_T = TypeVar("_T")

SETTLE = "settle"
"""What a procedure waits for while something that was decided is to be settled."""

Progress = Callable[[int, int], None]
"""Told how many of how many people are done; may raise to stop there."""

Heard = Callable[[Receipt], None]
"""Told what each append of a step wrote."""

DONE, REFUSED, LEFT = "people", "refused", "on their own"
"""What a step over people came to for each, as it is counted."""


@dataclass(frozen=True, slots=True)
class Following:
    """What a procedure waits for: a step, and the day on which it is due (`None`: a fact decides).

    A day that has come, or passed, says that it can be taken now. `refused` is why the rules
    refuse what is due from one person, where they do: a fact, or a new day, may change that.
    """

    step: str
    about: str
    day: date | None
    refused: str | None = None


def _nobody_asks(_done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


def _unheard(_receipt: Receipt) -> None:
    """Nobody wants to know."""


class DueSteps:
    """The steps of every kind of procedure; safe among threads."""

    def __init__(self, office: Office, worlds: Worlds, heard: Heard = _unheard) -> None:
        self._office = office
        self.worlds = worlds
        self._heard = heard

    def correlation_of(self, fact: UUID) -> UUID | None:
        """The correlation id of a fact; `None` where there is no such fact."""
        return self._office.log.correlation_of(fact)

    # --- what comes next -----------------------------------------------------------------------

    def following(self, whom: Whom, today: date, loaded: Loaded | None = None) -> Following | None:
        """What a procedure waits for next; `None` where there is nothing to wait for.

        `loaded` is what of the record was read just now. Raises `NotOnRecord` where the matter has
        not begun.
        """
        loaded = loaded or Loaded()
        world = self.worlds.world_of(loaded, whom)
        if whom.person is not None:
            return self._following(loaded, world, whom, today)
        noted: tuple[Following | None] | None = world.noted((Following, whom, today))
        if noted is None:
            noted = (self._following(loaded, world, whom, today),)
            if all(matter_of(stream) is not None for stream in loaded.versions):
                world.note((Following, whom, today), noted)  # no record of a person bore on it
        return noted[0]

    def _following(self, loaded: Loaded, world: World, whom: Whom, today: date) -> Following | None:
        states = standing(world) if whom.person is None else _once(world, standing, standing)
        left = _left(world, states, whom)
        if not left and _is_to_be_settled(world, states, whom):
            return SETTLING
        if not left and not _may_lack_a_step(world):
            return None
        state = states[whom.matter]
        if whom.person is None:
            due = self._due_now(loaded, world, whom, today)
            found = None if due is None else (due.step, due.about, due.day)
            if world.held_by:  # of the whole nothing is taken; of each of its people it is
                left = [due for due in left if due.slot in _slots(clock.lines(state, whom))]
        elif world.held_by:
            return SETTLING
        else:
            # One person's matters share a world: each of them has the same next step.
            asked = (clock.own_steps, today)
            taking = _once(world, asked, lambda _: self._taking(loaded, whom, today))
            found = None if taking is None else (taking.step, taking.about, taking.day)
        if found is not None:
            step, about, day = found
            return Following(step, about, min(day, today))
        following = _next_of(state, left, today) or SETTLING
        if whom.person is None:
            return following
        if not left:
            return None
        return replace(following, refused=_why_refused(world, state, left, today))

    def waits(
        self, whom: Whom, loaded: Loaded | None = None, *, without: UUID | None = None
    ) -> bool:
        """Whether there is anything that a procedure waits for, today or later; or was, `without`
        a fact of the whole matter."""
        world = self.worlds.world_of(loaded or Loaded(), whom)
        if without is not None:
            context = tuple(deed for deed in world.context if without not in deed.event_ids)
            world = replace(world, context=context)
        states = standing(world)
        if _left(world, states, whom) or _is_to_be_settled(world, states, whom):
            return True
        return _may_lack_a_step(world) and _lacks_a_step(world)

    def _due_now(self, loaded: Loaded, world: World, whom: Whom, today: date) -> "_DueNow | None":
        """What a matter's or a group's procedure has to do now: the earliest first."""
        found: list[_DueNow] = []
        taking = None
        if _is_due(world, whom, today):
            taking = clock.taking(world, today=today, ours=clock.steps_of_whole(whom))
        if taking is not None:
            found.append(_DueNow(taking.day, 1, taking.step, taking.about))
        for step, due, day in clock.several_due(world, matter=whom.matter, today=today):
            if due.slot.group == whom.group and self._may_be_taken(loaded, world, step, due, today):
                found.append(_DueNow(day, 0, step.name, due.slot.about))
        for step, due, day, may_be_taken in clock.shared_due(world, whom, today=today):
            name, about = step.name, due.slot.about
            if may_be_taken:
                found.append(_DueNow(day, 3, name, about))
            elif clock.ask_for_group(world, whom, name, about, today=today):
                found.append(_DueNow(day, 2, name, about))
        return min(found, default=None, key=lambda each: (each.day, each.how))

    def _may_be_taken(
        self, loaded: Loaded, world: World, step: Step, due: b.Due, today: date
    ) -> bool:
        """Whether a step over several people would put something on record. Where it was refused,
        that is found by looking at everybody again."""
        slot, world = due.slot, self.worlds.world(loaded, due.slot.matter, None)
        key: DueKey = (slot.matter, step.name, slot.about, slot.group)
        if clock.recorded_refusal(world, key) is None and not self._waits(world, step, due):
            return True
        return bool(self._over_several(loaded, world, step, due, today, _nobody_asks))

    def _waits(self, world: World, step: Step, due: b.Due) -> bool:
        state = standing(world)[due.slot.matter]
        return needs_approval(world.rules[state.matter], state, step, due)

    # --- taking it -----------------------------------------------------------------------------

    def take(self, act: Act, whom: Whom, today: date, progress: Progress = _nobody_asks) -> int:
        """Take everything that is due by today and is this procedure's to take.

        `act` says who takes it; each append has an id of its own, made from it and from the
        versions of what is written. Answers how many commands wrote something.
        """
        wrote = 0
        while self.take_next(act, whom, today, progress):
            wrote += 1
        return wrote

    def take_due(
        self, act: Act, matter: str, *, today: date, progress: Progress = _nobody_asks
    ) -> int:
        """Take everything that is due by today, as all procedures of a matter would."""
        wrote = 0
        while True:
            loaded = Loaded()
            whose = [
                *(Whom(matter, group) for group in self.worlds.groups(loaded, matter)),
                Whom(matter),
                *(Whom(matter, None, person) for person in self.worlds.people(loaded, matter)),
            ]
            here = sum(self.take(act, whom, today, progress) for whom in whose)
            if not here:
                return wrote
            wrote += here

    def take_next(
        self, act: Act, whom: Whom, today: date, progress: Progress = _nobody_asks
    ) -> bool:
        """Take what is due first, as `take` does; whether that put something on record."""
        if whom.person is not None:
            return self._record(
                act, whom, lambda loaded: self._own(loaded, whom, today), today, of=(whom.person,)
            )
        loaded = Loaded()
        world = self.worlds.world_of(loaded, whom)
        due = self._due_now(loaded, world, whom, today)
        if due is None:
            return False
        if due.how == 3:
            return self._take_shared(act, whom, due.step, due.about, today, progress)
        return self._record(
            act,
            whom,
            lambda loaded: self._whole(loaded, whom, due, today, progress),
            today,
            of=None if due.how == 0 else (),
        )

    def _own(self, loaded: Loaded, whom: Whom, today: date) -> tuple[New, ...]:
        taking = self._taking(loaded, whom, today)
        return () if taking is None else taking.new

    def _taking(self, loaded: Loaded, whom: Whom, today: date) -> clock.Taking | None:
        world = self.worlds.world(loaded, whom.matter, whom.person)
        levels = self._levels_of(loaded, whom, today)
        return clock.taking_with_group(world, levels, today=today, ours=clock.own_steps)

    def _levels_of(self, loaded: Loaded, whom: Whom, today: date) -> Mapping[str, Level]:
        if whom.person is None:
            return {}
        return self.worlds.levels_of(loaded, whom.matter, whom.person, today)

    def _whole(
        self, loaded: Loaded, whom: Whom, asked: "_DueNow", today: date, progress: Progress
    ) -> tuple[New, ...]:
        of_group = self.worlds.world_of(loaded, whom)
        if asked.how == 2:
            return clock.ask_for_group(of_group, whom, asked.step, asked.about, today=today)
        if asked.how == 1:
            return clock.take(of_group, today=today, ours=clock.steps_of_whole(whom))
        world = self.worlds.world(loaded, whom.matter, None)
        for step, due, _ in clock.several_due(world, matter=whom.matter, today=today):
            if (step.name, due.slot.about, due.slot.group) == (
                asked.step,
                asked.about,
                whom.group,
            ):
                return self._over_several(loaded, world, step, due, today, progress)
        return ()

    # --- steps that see several people ---------------------------------------------------------

    def _over_several(
        self,
        loaded: Loaded,
        world: World,
        step: Step,
        due: b.Due,
        today: date,
        progress: Progress,
    ) -> tuple[New, ...]:
        waits = self._waits(world, step, due)
        behind: dict[str, Seen] = {}
        seen = {} if waits else dict(self._seen(loaded, world, step, due, today, progress, behind))

        def take(seen: Mapping[str, Seen]) -> tuple[New, ...]:
            return clock.take_over_several(
                world,
                matter=due.slot.matter,
                step=step.name,
                group=due.slot.group,
                people=seen,
                today=today,
                about=due.slot.about,
            )

        new = take(seen)
        if behind and any(isinstance(each.fact, t.Completed) for each in new):
            # Closed now, the matter would never record what is still to be recorded of them.
            return take({**seen, **behind})
        return new

    def _seen(
        self,
        loaded: Loaded,
        world: World,
        step: Step,
        due: b.Due,
        today: date,
        progress: Progress,
        behind: dict[str, Seen],
    ) -> Iterator[tuple[str, Seen]]:
        """What a step sees of each, had everything been recorded; of what was read only the
        versions are kept. `behind` is told of whom the record says something else as yet, and
        what."""
        if step.several is None:
            return
        matter, group = due.slot.matter, due.slot.group
        whole = standing(world, today)
        people = self.worlds.people_of(loaded, Whom(matter, group))
        for chunk in in_chunks(people):
            self._read(loaded, chunk)
            for person in chunk:
                theirs, so_far = self._as_lawful(loaded, matter, person, _levels(whole), today)
                among = group is None or theirs.group == group
                sees = step.several.sees(theirs) if among and not theirs.is_over else None
                if sees is not None:
                    yield person, sees
                    on_record = sees if so_far is theirs else step.several.sees(so_far)
                    if on_record is not None and on_record != sees:
                        behind[person] = on_record
            loaded.forget(map(staff_stream, chunk))
            progress(0, len(people))

    def _as_lawful(
        self, loaded: Loaded, matter: str, person: str, levels: Mapping[str, Level], today: date
    ) -> tuple[State, State]:
        """Somebody as they would be, had everything been recorded, and as they are on record."""
        world = self.worlds.world(loaded, matter, person)
        states = at_hand(world, levels, today) if levels.keys() <= world.kinds.keys() else None
        if states is not None:
            return states[matter], states[matter]
        return replay(world, today).states[matter], standing(world, today)[matter]

    # --- steps over people, for all of them ----------------------------------------------------

    def _take_shared(
        self, act: Act, whom: Whom, step: str, about: str, today: date, progress: Progress
    ) -> bool:
        """Take a step for each of a group's people, or of the matter's, then note it as through.

        Whether it is still due is looked at in every chunk. Who has something of their own that
        comes first is passed by.
        """
        people = self.worlds.people_of(Loaded(), whom)
        came_to: Counter[str] = Counter()
        left, wrote = people, False
        while left:
            again: list[str] = []
            for chunk in in_chunks(left):
                found: dict[str, str | None] = {}

                def decide(
                    loaded: Loaded,
                    chunk: tuple[str, ...] = chunk,
                    found: dict[str, str | None] = found,
                ) -> tuple[New, ...]:
                    found.clear()
                    return self._for_each(loaded, whom, step, about, chunk, today, found)

                wrote |= self._record(act, whom, decide, today, of=chunk)
                if not found:
                    return wrote  # the plan has moved: it is not due any more
                again += [person for person, what in found.items() if what is None]
                came_to.update(what for what in found.values() if what)
                progress(sum(came_to.values()), len(people))
            left = tuple(again)
        counts = {what: came_to[what] for what in (DONE, REFUSED, LEFT) if came_to[what]}

        def note(loaded: Loaded) -> tuple[New, ...]:
            world = self.worlds.world_of(loaded, whom)
            return clock.through(
                world,
                matter=whom.matter,
                step=step,
                group=whom.group,
                counts=counts,
                today=today,
                about=about,
            )

        return self._record(act, whom, note, today) or wrote

    def _for_each(
        self,
        loaded: Loaded,
        whom: Whom,
        step: str,
        about: str,
        chunk: tuple[str, ...],
        today: date,
        found: dict[str, str | None],
    ) -> tuple[New, ...]:
        """What is to be recorded of each; `found` is told what it came to, `""` for who is not
        concerned and `None` for whom something else came first."""
        world = self.worlds.world_of(loaded, whom)
        if not any(
            may_be_taken and (each.name, due.slot.about) == (step, about)
            for each, due, _, may_be_taken in clock.shared_due(world, whom, today=today)
        ):
            return ()
        self._read(loaded, chunk)
        # What bears on the group is folded once, and shared by all in it who are in no other.
        of_group = _Shared.of(world, whom.matter, today)
        all_new: list[New] = []
        for person in chunk:
            theirs, shared = self.worlds.world(loaded, whom.matter, person), of_group
            if whom.group is not None and any(
                d.group not in (None, whom.group) for d in theirs.context
            ):
                whole = self.worlds.world(loaded, whom.matter, None)
                shared = _Shared.of(whole, whom.matter, today)
            if shared.levels.keys() <= theirs.kinds.keys():
                new = clock.take_with_group(theirs, shared.levels, today=today, ours=shared.ours)
            else:
                new = clock.take(theirs, today=today, ours=shared.ours)
            all_new += new
            found[person] = _came_to(theirs, shared.levels, today, whom, step, about, new)
        return tuple(all_new)

    # --- inside --------------------------------------------------------------------------------

    def _read(self, loaded: Loaded, people: Iterable[str]) -> None:
        self.worlds.read_many(loaded, [staff_stream(person) for person in people])

    def _record(
        self,
        act: Act,
        whom: Whom,
        decide: Callable[[Loaded], tuple[New, ...]],
        today: date,
        of: Sequence[str] | None = (),
    ) -> bool:
        """Record what is decided of a matter or a group as a whole, or `of` these people in it: it
        is decided again only where something new bears on them. `None`: it rests on everybody."""
        groups = () if whom.group is None else (whom.group,)

        def rests_on(loaded: Loaded) -> tuple[World, ...]:
            return self.worlds.rests_on(loaded, whom.matter, groups, of or ())

        def act_of(versions: Mapping[str, int]) -> Act:
            # The same versions, the same facts: a repetition is the very same command.
            part = act.part(*(f"{stream} {version}" for stream, version in versions.items()))
            return replace(part, causation_id=act.causation_id)

        recorded = record_anew(
            self._office,
            self.worlds,
            act_of,
            whom.matter,
            decide,
            today=today,
            rests_on=None if of is None else rests_on,
        )
        if recorded is not None:
            self._heard(recorded)
        return recorded is not None


@dataclass(frozen=True, slots=True)
class _DueNow:
    """Something that a matter's or group's procedure has to do. `how`: 0 a step over several, 1
    over the whole, 2 an approval to be asked for, 3 a step over people."""

    day: date
    how: int
    step: str
    about: str


SETTLING = Following(SETTLE, "", None)
"""Nothing is taken before somebody has settled what was decided."""


def _once(world: World, of: Hashable, find: Callable[[World], _T]) -> _T:
    """What `find` finds of a world, kept with it for the next call."""
    kept: tuple[_T] | None = world.noted(of)
    if kept is None:
        kept = (find(world),)
        world.note(of, kept)
    return kept[0]


def _left(world: World, states: Mapping[str, State], whom: Whom) -> list[b.Due]:
    """What a procedure has still to do, whenever that is due."""
    state = states[whom.matter]
    if state.is_over:
        return []
    if world.person is None:
        return list(clock.left_of_whole(state, whom))
    return [
        due
        for due in open_acts(state)
        if clock.own_steps(states, (whom.matter, due.slot.what, due.slot.about, None))
    ]


def _is_to_be_settled(world: World, states: Mapping[str, State], whom: Whom) -> bool:
    """Whether somebody's steps stop until a decision is settled."""
    return world.person is not None and bool(world.held_by) and not states[whom.matter].is_over


def _may_lack_a_step(world: World) -> bool:
    """Whether a step may have been due from somebody from whom nothing is due any more: something
    about them was learned late, for example that a hold had ended before they were taken out."""
    return world.person is not None and any(
        deed.learned_on is not None and deed.learned_on > deed.place.day for deed in world.deeds
    )


def _lacks_a_step(world: World) -> bool:
    """Whether a step was due from them by the last day on record, and was not taken."""
    last = max(deed.place.day for deed in (*world.deeds, *world.context))
    return clock.taking(world, today=last, ours=clock.own_steps) is not None


def _slots(dues: Iterable[b.Due]) -> set[Slot]:
    return {due.slot for due in dues}


def _next_of(state: State, dues: Iterable[b.Due], today: date) -> Following | None:
    """The next later day of what is due, else that a fact decides; `None` for nothing."""
    found: list[tuple[date | None, str, str]] = []
    for due in dues:
        day = None if state.is_held(due.slot.group) else state.book.days(due)[0]
        later = day if day is not None and day > today else None
        found.append((later, due.slot.what, due.slot.about))
    if not found:
        return None
    day, what, about = min(found, key=lambda each: (each[0] or date.max, *each[1:]))
    return Following(what, about, day)


def _why_refused(world: World, state: State, dues: Iterable[b.Due], today: date) -> str | None:
    """Why the rules refuse the first step of a person that is due and not taken."""
    for due in dues:
        day = state.book.days(due)[0]
        if day is not None and day <= today:
            key = (state.matter, due.slot.what, due.slot.about, None)
            refusal = clock.recorded_refusal(world, key)
            if refusal is not None:
                return "; ".join(refusal.reasons)
    return None


def _is_due(world: World, whom: Whom, today: date) -> bool:
    """Whether a step over a matter or a group as a whole has come to its day, or had before that
    was moved, by what is on record: only then is it worth looking at what would be, had everything
    been known."""
    state = standing(world)[whom.matter]
    before = clock.due_before(world, whom, today=today)
    for due in open_acts(state, whom):
        day = before.get(due.slot) or state.book.days(due)[0]
        if day is not None and day <= today:
            return True
    return False


def _came_to(
    world: World,
    levels: Mapping[str, Level],
    today: date,
    whom: Whom,
    step: str,
    about: str,
    new: tuple[New, ...],
) -> str | None:
    """What a step came to for one person: done, refused, left to them; `""`: it is not theirs."""
    facts = [each.fact for each in new]
    if any(isinstance(fact, t.StepRefused) and fact.step == step for fact in facts):
        return REFUSED
    if any(isinstance(fact, t.ApprovalAsked) and fact.step == step for fact in facts):
        return LEFT
    if any((fact.made.act, fact.made.about) == (step, about) for fact in facts):
        return DONE
    if facts:
        return None
    state = on_top(world, levels, today)[whom.matter]
    due = state.due(step, about)
    if whom.group not in (None, state.group) or due is None or due.outcome is Outcome.SUPERSEDED:
        return ""
    if not due.is_open:
        return DONE
    refused = clock.recorded_refusal(world, (whom.matter, step, about, None))
    return LEFT if refused is None else REFUSED


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is on record of a group or a matter as a whole by today, and which steps are taken for
    everybody in it together."""

    levels: Mapping[str, Level]
    ours: clock.Ours

    @classmethod
    def of(cls, world: World, matter: str, today: date) -> "_Shared":
        """What these people share."""
        ours = clock.shared_steps(clock.waiting_groups(world, matter))
        return cls(_levels(standing(world, today)), ours)


def _levels(whole: Mapping[str, State]) -> dict[str, Level]:
    return {name: state.whole for name, state in whole.items()}
