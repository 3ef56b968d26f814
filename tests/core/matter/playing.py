"""An office without engines, for the toy kind: it keeps facts, runs the clock and answers.

What a command does over the log, a few lines do here over lists: load, decide, append.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.core.matter.desks import DESKS, MATTER, Rules
from tests.support.found_due import is_found_due
from tests.support.over_several import with_people
from transfer.core.dating.effective_dating import Entries
from transfer.core.matter import clock, late
from transfer.core.matter import facts as t
from transfer.core.matter.folding import OnRecord, State, deeds, open_duties, stated
from transfer.core.matter.kind import Kind
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, replay, standing
from transfer.core.matter.words import JsonObject, Nature, Outcome, Over, Settlement, Slot
from transfer.core.refusals import Refused
from transfer.core.words import MAIN, Facet

ONE_DAY = timedelta(days=1)

DoneInTheWorld = tuple[str | None, str, str | None]
"""What is done on the day on which somebody does it, and never in the past: the approval of a
person's step (and what it is about), or the letter to a group."""


@dataclass
class Positions:
    """Where people work, as it is known now: the value of each day on from which it holds."""

    workplaces: dict[date, str] = field(default_factory=lambda: {date.min: "2"})
    entries: Entries = field(default_factory=Entries)
    evidence: Mapping[str, str] = field(default_factory=dict)

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        assert (facet, assignment) == (Facet.WORKPLACE, MAIN)
        return self.workplaces[max(since for since in self.workplaces if since <= day)]


@dataclass
class Office:
    """The record of one matter."""

    kind: Kind = DESKS
    rules: Rules = field(default_factory=Rules)
    people: tuple[str, ...] = ("S1", "S2", "S3")
    records: list[OnRecord] = field(default_factory=list)
    positions: dict[str, Positions] = field(default_factory=dict)
    withheld: frozenset[DoneInTheWorld] = frozenset()
    """What is not done for now."""
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    _streams: dict[str | None, list[OnRecord]] = field(default_factory=dict)
    _worlds: dict[str | None, tuple[tuple[int, int], World]] = field(default_factory=dict)
    _states: dict[str | None, tuple[World, State]] = field(default_factory=dict)
    _idle: set[tuple[object, ...]] = field(default_factory=set)

    # --- load ------------------------------------------------------------------------------

    def world(self, person: str | None) -> World:
        """What bears on somebody; as loaded before where nothing was written since."""
        found = self._worlds.get(person)
        at = (len(self._stream(None)), len(self._stream(person)))
        if found is None or found[0] != at:
            found = self._worlds[person] = at, self._load(person)
        return found[1]

    def _stream(self, person: str | None) -> list[OnRecord]:
        return self._streams.setdefault(person, [])

    def _load(self, person: str | None) -> World:
        whole, theirs = self._stream(None), self._stream(person)
        context = () if person is None else self.world(None).deeds
        return World(
            kinds={MATTER: self.kind},
            rules={MATTER: self.rules},
            position=self.positions.setdefault(person or "", Positions()),
            person=person,
            deeds=deeds(theirs, context),
            context=context,
            duties=open_duties(theirs),
            shared_duties={} if person is None else open_duties(whole),
        )

    def state(self, person: str | None) -> State:
        world = self.world(person)
        found = self._states.get(person)
        if found is None or found[0] is not world:
            found = self._states[person] = world, standing(world)[MATTER]
        return found[1]

    # --- decide, append ---------------------------------------------------------------------

    def append(self, new: tuple[New, ...]) -> tuple[New, ...]:
        command = UUID(int=next(self.numbers) << 64)
        for each in new:
            order = next(self.numbers)
            recorded = OnRecord(UUID(int=order), order, command, each.person, each.fact)
            self.records.append(recorded)
            self._stream(each.person).append(recorded)
        return new

    def act(
        self,
        person: str | None,
        act: str,
        *,
        today: date,
        happened_on: date | None = None,
        by: str = "office",
        **inputs: object,
    ) -> tuple[New, ...]:
        happened = happened_on or today
        learned = None if happened == today else today
        done = Done(by=by, today=today, happened_on=happened, learned_on=learned)
        whole = {MATTER: standing(self.world(None), today)[MATTER].whole}
        shape: JsonObject = with_people(
            inputs, self.kind, self.people, self.world, whole, matter=MATTER, act=act, done=done
        )
        world = self.world(person)
        new = late.record(world, matter=MATTER, act=act, inputs=shape, done=done)
        if person is not None:
            quick = late.record_at_hand(
                world, whole, matter=MATTER, act=act, inputs=shape, done=done
            )
            assert quick == new
        self.append_for_all(person, new, today, f"{act} of {happened}")
        return new

    def append_for_all(
        self, person: str | None, new: tuple[New, ...], today: date, because_of: str
    ) -> None:
        """Append, and let what is new of the whole matter be considered for each of its people."""
        before = {each: self.world(each) for each in self.people}
        self.append(new)
        if person is None and new:
            done = Done(by="office", today=today, happened_on=today)
            for each, world in before.items():
                duties = late.reconsider(
                    self.world(each), before=world, because_of=because_of, done=done
                )
                self.append(duties)

    def settle(self, person: str | None, decision: UUID, how: Settlement, today: date) -> None:
        done = Done(by="settler", today=today, happened_on=today)
        world = self.world(person)
        new = late.settle(world, decision=decision, how=how, reason="seen", done=done)
        self.append_for_all(person, new, today, "a draw that was settled")

    def duties(self) -> dict[tuple[str | None, UUID], str]:
        found = {}
        for person in (None, *self.people):
            for decision, duty in self.world(person).duties.items():
                found[person, decision] = duty.step
        return found

    def act_of(self, person: str | None, decision: UUID) -> str:
        """Which act a decision on record was."""
        return next(deed.act for deed in self.world(person).deeds if deed.id == decision)

    def redo_everything(self, today: date, *, of_groups_alone: bool = False) -> None:
        """Settle every open duty by redoing it, the group's first."""
        for _ in range(50):
            duties = sorted(self.duties(), key=lambda each: (each[0] is not None, each[0], each[1]))
            if not duties or (of_groups_alone and duties[0][0] is not None):
                return
            person, decision = duties[0]
            self.settle(person, decision, Settlement.REDO, today)
        raise AssertionError(f"duties do not end: {self.duties()}")

    def done_in_the_world(self) -> dict[DoneInTheWorld, date]:
        """What was done on the day on which somebody did it, and that day: of the same the last."""
        found: dict[DoneInTheWorld, date] = {}
        for each in self.records:
            match each.fact:
                case t.ApprovalGiven() as given:
                    found[each.person, given.step, given.about] = given.happened_on
                case t.NoticeGiven() as letter:
                    found[None, "letters", letter.group] = letter.happened_on
                case _:
                    pass
        return found

    def withhold(self, *what: DoneInTheWorld) -> None:
        """From now on leave this undone, and nothing else."""
        self.withheld = frozenset(what)
        self._idle.clear()

    # --- the clock --------------------------------------------------------------------------

    def run_clock(self, today: date, approver: str | None = "approver") -> None:
        """Everything that is due today, in the order in which the procedures would do it."""
        while self._once(today, approver):
            pass

    def _take(self, person: str | None, today: date) -> bool:
        at = (person, today, len(self._stream(None)), len(self._stream(person)))
        if at in self._idle:
            return False
        world = self.world(person)
        taking = clock.taking(world, today=today, ours=self._is_not_withheld)
        new = () if taking is None else taking.new
        if person is not None:
            whole = {MATTER: standing(self.world(None), today)[MATTER].whole}
            assert clock.taking_with_group(world, whole, today=today) == taking, (person, today)
            theirs = {MATTER: self.state(person)}
            assert taking is None or is_found_due(theirs, self.world(None), taking, today), taking
        self.append(new)
        if not new:
            self._idle.add(at)
        return bool(new)

    def _is_not_withheld(self, _states: object, key: tuple[str, str, str, str | None]) -> bool:
        return (None, key[1], key[3]) not in self.withheld

    def _once(self, today: date, approver: str | None) -> bool:
        if self._take(None, today) or self._several(today):
            return True
        for person in self.people:
            if self._take(person, today):
                return True
            if approver is not None and self._approve(person, today, approver):
                return True
        return self._through(today)

    def _approve(self, person: str, today: date, approver: str) -> bool:
        timing = self.state(person).mine.timing
        waiting = [key for key in timing.asked if key not in timing.approved]
        for step, about, _ in waiting:
            due = self.state(person).due(step, about)
            is_withheld = (person, step, about) in self.withheld
            if due is not None and due.is_open and not is_withheld:
                self.act(person, "approve", today=today, by=approver, step=step, about=about)
                return True
        return False

    def _several(self, today: date) -> bool:
        for group in self.groups():
            for step in self.kind.steps:
                slot = Slot(MATTER, group, None, step.name)
                due = self.state(None).book.own(slot)
                if step.several is None or due is None or not due.is_open:
                    continue
                people = {}
                for person in self.people:
                    lawful = replay(self.world(person), today).states[MATTER]
                    sees = step.several.sees(lawful) if lawful.group == group else None
                    if sees is not None:
                        people[person] = sees
                new = clock.take_over_several(
                    self.world(None),
                    matter=MATTER,
                    step=step.name,
                    group=group,
                    people=people,
                    today=today,
                )
                if self.append(new):
                    return True
        return False

    def _through(self, today: date) -> bool:
        for group in self.groups():
            for step in self.kind.steps:
                if step.act.over is not Over.PERSON:
                    continue
                slot = Slot(MATTER, group, None, step.name)
                due = self.state(None).book.own(slot)
                if due is None or not due.is_open:
                    continue
                new = clock.through(
                    self.world(None),
                    matter=MATTER,
                    step=step.name,
                    group=group,
                    counts={},
                    today=today,
                )
                if self.append(new):
                    return True
        return False

    def groups(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.state(None).book.group_of.values())))

    def next_day(self, today: date, until: date) -> date | None:
        """The next day on which the clock has something to do, as things stand."""
        days: list[date] = []
        for person in (None, *self.people):
            world = self.world(person)
            lawful = replay(world, until)
            days += [step.place.day for step in lawful.steps]
            state = self.state(person)
            days += [
                day
                for due in state.book.of(state.whom)
                if (day := state.book.days(due)[0]) is not None and due.nature is Nature.ACT
            ]
            if person is None:
                days += [
                    day
                    for due in state.book.everything()
                    if (day := state.book.days(due)[0]) is not None and due.nature is Nature.ACT
                ]
        return min((day for day in days if today < day <= until), default=None)

    # --- answers ----------------------------------------------------------------------------

    def answers(self) -> Mapping[str, JsonObject]:
        """What the record says by now, of everybody, for every day in force."""
        return {person: self.of(person) for person in self.people}

    def of(self, person: str) -> JsonObject:
        """What the record says of one person: what is in force from when, and what is due."""
        state = self.state(person)
        settled = state.is_over
        dues = {
            f"{due.slot.what} {due.slot.about}": (state.book.days(due), due.is_open)
            for due in state.book.of(state.whom)
            if due.slot.what not in ("settle", "approve", "refused-step")
            and due.outcome is not Outcome.SUPERSEDED
        }
        pieces = [
            (piece.key, piece.value, piece.effective_from, piece.effective_to)
            for deed in sorted(self.world(person).deeds, key=lambda deed: deed.place)
            for fact in deed.facts
            for piece in self.kind.pieces(fact)
        ]
        desk = {
            name: stated_without_days(value) if isinstance(value, t.MatterFact) else value
            for name, value in vars_of(state.mine.substance).items()
        }
        return {"desk": desk, "due": dues, "in force": pieces, "over": settled}


def vars_of(value: Any) -> dict[str, Any]:
    """The fields of a substance."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def stated_without_days(fact: t.MatterFact) -> JsonObject:
    """What a fact states, beside the day on which the office got round to it."""
    return {name: value for name, value in stated(fact).items() if name != "happened_on"}


def try_act(office: Office, person: str | None, act: str, **given: Any) -> bool:
    """Whether an act was taken; a refusal leaves no trace."""
    try:
        return bool(office.act(person, act, **given))
    except Refused:
        return False
