"""The exercise of 2013 with its consultation and appeals, without engines: several people, and a
clock that takes everything on its day.

S1 and S2 are sent to the CRC, and their letters go out on 20 December 2013; S3 is in scope and in
no group, and so is left behind when the Trusts are dissolved; S4 may be brought in later. Whatever
waits for approval is approved on the day on which it is asked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.found_due import is_found_due
from tests.support.matters import Matters, Position
from tests.support.over_several import with_people
from tests.support.played_2013 import EXERCISE, GROUP, START, TRUST, employed
from tests.support.rules_2013 import LETTERS, RULES, TR_2013, TRANSFER
from tests.support.words_2013 import Destination
from transfer.core.dating.effective_dating import Entries, Entry, Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import clock, late
from transfer.core.matter import facts as t
from transfer.core.matter.falling_due import open_acts
from transfer.core.matter.folding import Deed, Level, State, stated
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, replay, standing
from transfer.core.matter.words import JsonObject, Outcome, Settlement, Whom
from transfer.core.refusals import Refused
from transfer.core.words import MAIN, Facet
from transfer.kinds import KNOWN

CONSULTATION = "consultation:tr-2013"
WHOLE = (EXERCISE, CONSULTATION)
PEOPLE = ("S1", "S2", "S3", "S4")
DISSOLUTION = date(2014, 10, 31)
PEOPLE_KNOWN = date(2014, 4, 1)
LAST = date(2014, 11, 20)


@dataclass(frozen=True)
class Doing:
    """Somebody does something on a day; `person` is `None` for the whole matter."""

    on: date
    act: str
    person: str | None = None
    matter: str = EXERCISE
    inputs: Mapping[str, Any] = field(default_factory=dict)


EVIDENCE = {"caseload_total": "40", "caseload_high_risk": "10"}


def _as_on_record() -> Entries:
    """A probation officer of the Trust."""
    entries = employed()
    role = Piece(Key(KeyKind.FACET, MAIN, Facet.ROLE), "probation officer", date(2010, 1, 1))
    entries.add(Entry(UUID(int=8), datetime(2014, 1, 1, tzinfo=UTC), content=(role,)))
    return entries


_At = tuple[int, int]


class Clocked:
    """The record, as far as it has been played."""

    def __init__(self) -> None:
        self.office = Matters(KNOWN.kinds, RULES, entries=_as_on_record())
        self.today = START
        self._worlds: dict[str | None, tuple[_At, World]] = {}
        self._standing: dict[str | None, tuple[World, dict[str, State]]] = {}
        self._idle: set[tuple[object, ...]] = set()
        self._start("begin", edition=TR_2013.edition, transferors=[TRUST], rehearsed=True)
        for milestone, day in (
            ("assignment-starts", date(2013, 11, 13)),
            ("people-transition-complete", PEOPLE_KNOWN),
            ("transfer", TRANSFER),
            ("dissolution", DISSOLUTION),
        ):
            self._start("move-milestone", milestone=milestone, to=day)
        self._start("set-scope", members=list(PEOPLE[:3]), criterion="all")
        for person in PEOPLE[:3]:
            self._start("join", person)
            self._start("decide-by-panel", person, to=Destination.CRC, reason="the caseload")
        self._start(
            "form-group",
            group=GROUP,
            transferor="LDN",
            path="sifted",
            letters_on=LETTERS,
            people=["S1", "S2"],
        )
        self._start(
            "begin",
            matter=CONSULTATION,
            edition=TR_2013.edition,
            against=EXERCISE,
            bodies=["NNC"],
            agreement="national framework",
        )
        self._start("call-meeting", matter=CONSULTATION, on=date(2013, 11, 20), purpose="endorse")

    def copy(self) -> "Clocked":
        """The same as far as it has been played; each goes on by itself."""
        other = copy(self)
        records, numbers = [*self.office.records], copy(self.office.numbers)
        other.office = replace(self.office, records=records, numbers=numbers)
        other._worlds, other._standing = {**self._worlds}, {**self._standing}
        other._idle = {*self._idle}
        return other

    @property
    def people(self) -> tuple[str, ...]:
        """Who has something on record."""
        known = {each.person for each in self.office.records}
        return tuple(person for person in PEOPLE if person in known)

    def _start(
        self, act: str, person: str | None = None, matter: str = EXERCISE, **inputs: Any
    ) -> None:
        assert self.learn(Doing(START, act, person, matter, inputs)), act

    # --- load, decide, append ------------------------------------------------------------------

    def world(self, person: str | None) -> World:
        """What bears on somebody, or on the exercise and its consultation as a whole."""
        found = self._worlds.get(person)
        at = self._at(person)
        if found is None or found[0] != at:
            found = self._worlds[person] = at, self._load(person)
        return found[1]

    def _at(self, person: str | None) -> _At:
        """How much is on record of the whole, and of somebody."""
        streams = [each.person for each in self.office.records]
        return streams.count(None), streams.count(person)

    def states(self, person: str | None) -> dict[str, State]:
        """What is on record of somebody, or of the whole."""
        world, found = self.world(person), self._standing.get(person)
        if found is None or found[0] is not world:
            found = self._standing[person] = world, standing(world)
        return found[1]

    def _load(self, person: str | None) -> World:
        begun = {each.fact.matter for each in self.office.records if each.person in (None, person)}
        own = sorted(name for name in begun if name not in WHOLE) if person else []
        world = self.office.world(person, *(name for name in WHOLE if name in begun), *own)
        return replace(world, position=Position(self.office.entries, EVIDENCE))

    def learn(self, doing: Doing) -> bool:
        """Record today what happened on its day; whether it was taken."""
        learned = None if doing.on == self.today else self.today
        done = Done(by="office", today=self.today, happened_on=doing.on, learned_on=learned)
        world = self.world(doing.person)
        if doing.matter not in world.kinds:
            begins = self.office.kind(doing.matter)
            kinds, rules = (
                {**world.kinds, doing.matter: begins},
                {**world.rules, doing.matter: RULES},
            )
            world = replace(world, kinds=kinds, rules=rules)
        inputs = with_people(
            doing.inputs, self.office.kind(doing.matter), self.people, self.world, self._levels(),
            matter=doing.matter, act=doing.act, done=done,
        )  # fmt: skip
        try:
            new = late.record(world, matter=doing.matter, act=doing.act, inputs=inputs, done=done)
            if doing.person is not None:
                assert new == late.record_at_hand(
                    world, self._levels(), matter=doing.matter, act=doing.act,
                    inputs=inputs, done=done,
                )  # fmt: skip
        except Refused:
            return False
        self.append(doing.person, new, doing.act)
        return bool(new)

    def append(self, person: str | None, new: tuple[New, ...], because_of: str) -> None:
        """Append, and consider what is new of the whole for everybody."""
        if not new:
            return
        before = {each: self.world(each) for each in PEOPLE} if person is None else {}
        self.office.append(new)
        done = Done(by="office", today=self.today, happened_on=self.today)
        worlds = [(self.world(each), world) for each, world in before.items()]
        self.office.append(late.reconsider_each(worlds, because_of=because_of, done=done))

    # --- settling --------------------------------------------------------------------------

    def duties(self) -> dict[tuple[str | None, UUID], str]:
        """What is to be settled, of whom, with the act that it was."""
        return {
            (person, decision): duty.step
            for person in (None, *PEOPLE)
            for decision, duty in self.world(person).duties.items()
        }

    def redo_everything(self, *, of_all_alone: bool = False) -> None:
        """Settle every open duty by redoing it, those of the whole first."""
        for _ in range(60):
            duties = sorted(self.duties(), key=lambda each: (each[0] is not None, each[0], each[1]))
            if not duties or (of_all_alone and duties[0][0] is not None):
                return
            person, decision = duties[0]
            done = Done(by="settler", today=self.today, happened_on=self.today)
            how, world = Settlement.REDO, self.world(person)
            new = late.settle(world, decision=decision, how=how, reason="seen", done=done)
            self.append(person, new, "a decision that was settled")
        raise AssertionError(f"duties do not end: {self.duties()}")

    # --- the clock --------------------------------------------------------------------------

    def run(self) -> None:
        """Everything that is due today."""
        for _ in range(200):
            if not self._once():
                return
        raise AssertionError("steps do not end")

    def _take(self, person: str | None) -> tuple[New, ...]:
        world = self.world(person)
        taking = clock.taking(world, today=self.today)
        if person is not None:
            quick = clock.taking_with_group(world, self._levels(), today=self.today)
            assert quick == taking
            states, whole = self.states(person), self.world(None)
            assert taking is None or is_found_due(states, whole, taking, self.today), taking
        return () if taking is None else taking.new

    def _levels(self) -> dict[str, Level]:
        whole = standing(self.world(None), self.today)
        return {name: state.whole for name, state in whole.items()}

    def _once(self) -> bool:
        for person in (None, *self.people):
            at = (person, self.today, *self._at(person))
            new = () if at in self._idle else self._take(person)
            self._idle.add(at)
            if new:
                self.office.append(new)
                return True
            if person is not None and self._approve(person):
                return True
        of_all = (self.today, len(self.office.records))
        found = of_all not in self._idle and (self._several() or self._through())
        self._idle.add(of_all)
        return found

    def _approve(self, person: str) -> bool:
        if self.world(person).duties:
            return False
        state = self.states(person)[EXERCISE]
        for step, about, group in (
            state.mine.timing.asked.keys() - state.mine.timing.approved.keys()
        ):
            due = state.due(step, about)
            if group is None and due is not None and due.is_open:
                done = Done(by="approver", today=self.today, happened_on=self.today)
                inputs: JsonObject = {"step": step, "about": about}
                world = self.world(person)
                new = late.record(world, matter=EXERCISE, act="approve", inputs=inputs, done=done)
                self.office.append(new)
                return bool(new)
        return False

    def _several(self) -> bool:
        world = self.world(None)
        for step, due, _ in clock.several_due(world, matter=EXERCISE, today=self.today):
            seen = {}
            for person in self.people:
                state = replay(self.world(person), self.today).states[EXERCISE]
                sees = None
                if step.several is not None and not state.is_over:
                    sees = step.several.sees(state)
                if sees is not None:
                    seen[person] = sees
            new = clock.take_over_several(
                world,
                matter=EXERCISE,
                step=step.name,
                group=due.slot.group,
                people=seen,
                today=self.today,
                about=due.slot.about,
            )
            if new:
                self.office.append(new)
                return True
        return False

    def _through(self) -> bool:
        for group in (GROUP, None):
            whom = Whom(EXERCISE, group)
            for step, due, _, _ in clock.shared_due(self.world(None), whom, today=self.today):
                new = clock.through(
                    self.world(None),
                    matter=EXERCISE,
                    step=step.name,
                    group=group,
                    counts={},
                    today=self.today,
                    about=due.slot.about,
                )
                if new:
                    self.office.append(new)
                    return True
        return False

    def to(self, day: date, *, run: bool = True) -> None:
        """Let the clock run to a day, and on it unless `run` says not to."""
        while (following := self._next(day)) < day:
            self.today = following
            self.run()
        self.today = day
        if run:
            self.run()

    def _next(self, until: date) -> date:
        days = [
            day
            for person in (None, *self.people)
            for state in self.states(person).values()
            for due in open_acts(state)
            if (day := state.book.days(due)[0]) is not None and self.today < day < until
        ]
        return min(days, default=until)

    def do(self, doing: Doing) -> bool:
        """Do it on its day; whether it was taken."""
        first = self.office.kind(doing.matter).act(doing.act).from_opening
        self.to(max(doing.on, self.today), run=not first)
        done = self.learn(doing)
        self.run()
        return done

    # --- answers ----------------------------------------------------------------------------

    def answers(self, *, of_people_alone: bool = False) -> Iterator[object]:
        """What is on record, of everybody and for every day in force."""
        for person in self.people if of_people_alone else (None, *self.people):
            for name, state in sorted(self.states(person).items()):
                own = state.mine.substance
                known = fields(own) if is_dataclass(own) else ()
                yield person, name, {each.name: _plain(getattr(own, each.name)) for each in known}
                for due in sorted(state.book.of(state.whom), key=lambda due: due.slot[3:]):
                    if due.slot.what not in ("settle", "approve", "refused-step"):
                        is_over = due.outcome is Outcome.SUPERSEDED
                        yield due.slot, None if is_over else (state.book.days(due), due.is_open)


def _plain(value: object) -> object:
    """A value without the day on which the office got round to it."""
    if isinstance(value, t.MatterFact):
        return {name: each for name, each in stated(value).items() if name != "happened_on"}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


# --- played twice -------------------------------------------------------------------------------


def alike(doings: Sequence[Doing], which: int) -> tuple[Clocked, Sequence[Doing]]:
    """As far as it makes no difference whether an act is known, and what comes after."""
    day = doings[which].on
    before = [each for each in doings[:which] if each.on < day]
    played = _beginning(before, day - timedelta(days=1))
    return played, [each for each in doings if each not in before]


_beginnings: dict[str, list[Clocked]] = {}
"""What was played up to some days, by the acts until then. Many histories begin alike, and to play
their beginnings takes longer than most of them do from there."""


def _beginning(doings: Sequence[Doing], until: date) -> Clocked:
    """The record after these acts, played to the end of a day; of the day of the last act, where
    that is later."""
    known = _beginnings.setdefault(repr(doings), [])
    before = [each for each in known if each.today <= until]
    if before:
        played = max(before, key=lambda each: each.today).copy()
    elif doings:
        *others, last = doings
        played = _beginning(others, last.on - timedelta(days=1))
        played.do(last)
    else:
        played = Clocked()
    if played.today < until:
        played.to(until)
    known.append(played.copy())
    return played


def in_time(played: Clocked, doings: Sequence[Doing], until: date) -> Clocked:
    """Everything as it happened, to the end of a day."""
    for doing in doings:
        if doing.on <= until:
            played.do(doing)
    played.to(until)
    return played


def went_on(played: Clocked, doings: Sequence[Doing]) -> Clocked:
    """The same, on to the last day."""
    for doing in doings:
        if doing.on > played.today:
            played.do(doing)
    played.to(LAST)
    return played


def learned_late(
    played: Clocked, doings: Sequence[Doing], doing: Doing, learned_on: date
) -> Clocked:
    """The same, but for one act that the office learned of on another day. What was refused
    meanwhile is recorded after it, as of its own day."""
    meanwhile = [each for each in doings if each is not doing and each.on <= learned_on]
    refused = [each for each in meanwhile if not played.do(each) and each.on >= doing.on]
    played.to(learned_on)
    for each in (doing, *refused):
        played.learn(each)
    return played


def afterwards(played: Clocked, doings: Sequence[Doing]) -> None:
    """Settle everything by redoing it, and go on to the last day."""
    learned_on = played.today
    played.redo_everything()
    played.run()
    for doing in doings:
        if doing.on > learned_on:
            played.do(doing)
            played.redo_everything()
            played.run()
    played.to(LAST)


def differing(recorded: Clocked, lawful: Clocked) -> set[tuple[str | None, UUID]]:
    """The decisions of one record that state something else than the same of another does; found
    without the engine. Approvals are left out: they are given on the day asked."""
    found = set()
    for person in (None, *PEOPLE):
        theirs = _by_key(lawful.world(person))
        for key, of_one in _by_key(recorded.world(person)).items():
            others = [*theirs.get(key, []), *([None] * len(of_one))]
            for deed, other in zip(of_one, others, strict=False):
                same = other is not None and _states(deed) == _states(other)
                if not same and deed.id is not None and deed.act != "approve":
                    found.add((person, deed.id))
    return found


def acts(played: Clocked, decisions: Iterable[tuple[str | None, UUID]]) -> Counter[str]:
    """Which acts some decisions on record were, each with whose it was."""
    return Counter(
        f"{deed.act} of {person or 'all'}"
        for person, decision in decisions
        for deed in played.world(person).deeds
        if deed.id == decision
    )


def _states(deed: Deed) -> list[object]:
    return [stated(fact) for fact in deed.facts]


def _by_key(world: World) -> dict[tuple[object, ...], list[Deed]]:
    found: dict[tuple[object, ...], list[Deed]] = {}
    for deed in sorted(world.deeds, key=lambda deed: deed.place):
        if deed.counts_as_made and deed.facts:
            key: tuple[object, ...] = deed.key
            if world.kinds[deed.matter].step(deed.act) is None:
                key = (*key, deed.place.day, str(deed.inputs))
            found.setdefault(key, []).append(deed)
    return found
