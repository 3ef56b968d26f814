"""An office without engines, for kinds of procedure: it keeps facts, runs the clock and answers.

What a command does over the log, a few lines do here over a list: load, decide, append. It has the
matters that it is asked about, and one person at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, Self
from uuid import UUID

from tests.support.over_several import with_people
from transfer.core.dating.effective_dating import Entries, Key
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import calling, clock, late
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Asked as Question
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import OnRecord, State, deeds, open_duties
from transfer.core.matter.kind import Answer, Kind, Seen
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, standing
from transfer.core.matter.words import Over, Settlement
from transfer.core.refusals import Refusal, Refused
from transfer.core.words import MAIN, Facet

ONE_DAY = timedelta(days=1)
Facts = tuple[t.MatterFact, ...]


@dataclass(frozen=True)
class Position:
    """What the record says of a person."""

    entries: Entries
    evidence: Mapping[str, str] = field(default_factory=dict)

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        period = self.entries.timeline(Key(KeyKind.FACET, assignment, facet)).at(day)
        return None if period is None else period.value


@dataclass
class Matters:
    """The record of some matters, and of one person in them. `entries` is their position, `others`
    those of people whose record an answer reads."""

    kinds: tuple[Kind, ...]
    rules: RulesOfMatter
    person: str = "S1"
    entries: Entries = field(default_factory=Entries)
    records: list[OnRecord] = field(default_factory=list)
    others: Mapping[str, Entries] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    # --- load ------------------------------------------------------------------------------

    def kind(self, matter: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == matter.partition(":")[0])

    def world(self, person: str | None, *matters: str) -> World:
        """What bears on the person in every matter and in these, or on one matter as a whole."""
        names = matters
        if person is not None:
            names = tuple(dict.fromkeys([*(each.fact.matter for each in self.records), *matters]))
        whole = [r for r in self.records if r.person is None and r.fact.matter in names]
        own = [r for r in self.records if r.person == person and r.fact.matter in names]
        context = deeds(whole) if person is not None else ()
        return World(
            kinds={name: self.kind(name) for name in names},
            rules=dict.fromkeys(names, self.rules),
            position=Position(self.entries),
            person=person,
            deeds=deeds(own, context),
            context=context,
            duties=open_duties(own),
            shared_duties=open_duties(whole) if person is not None else {},
        )

    def state(self, matter: str, person: str | None = None) -> State:
        return standing(self.world(person, matter))[matter]

    def answer(
        self,
        matter: str,
        name: str,
        on: date,
        *,
        known_on: date | None = None,
        since: date | None = None,
        about: str | None = None,
    ) -> Any:
        """What the kind of a matter answers under a name, of a day; of the person, where the matter
        lies with them or the question is of one."""
        kind = self.kind(matter)
        question = next(each for each in kind.answers if each.name == name)
        of_person = kind.lies_with_person or question.over is Over.PERSON
        world = self.world(self.person if of_person else None, matter)
        states = standing(world, None if question.of_all_known else on)
        seen = None if question.sees is None else question.sees(self._on(matter, on))
        return question.work_out(
            Question(
                state=states[matter],
                others={name: state for name, state in states.items() if name != matter},
                rules=self.rules,
                position=world.position,
                on=on,
                known_on=known_on or on,
                since=since,
                about=about,
                records=(
                    {}
                    if question.reads is None
                    else {
                        each: Position(self.others.get(each, Entries()))
                        for each in question.reads(states[matter])
                    }
                ),
                seen={} if seen is None else {self.person: seen},
                of_kind=self._of_kind(question, kind, on),
            )
        )

    def _of_kind(self, question: Answer, kind: Kind, on: date) -> dict[str, Seen]:
        """What a question reads of each matter of its kind, to the end of a day."""
        names = dict.fromkeys(each.fact.matter for each in self.records)
        found = {}
        for name in names if question.sees_each is not None else ():
            if name.partition(":")[0] == kind.name and question.sees_each is not None:
                seen = question.sees_each(standing(self.world(None, name), on)[name])
                if seen is not None:
                    found[name] = seen
        return found

    def _on(self, matter: str, on: date) -> State:
        """The person in a matter, to the end of a day."""
        return standing(self.world(self.person, matter), on)[matter]

    def facts(self, matter: str) -> Facts:
        """Everything that is on record of a matter, in the order in which it was recorded."""
        return tuple(each.fact for each in self.records if each.fact.matter == matter)

    # --- decide, append ----------------------------------------------------------------------

    def decided(
        self,
        matter: str,
        act: str,
        *,
        on: date,
        person: str | None = None,
        today: date | None = None,
        by: str = "office",
        about: str = "",
        held_on: date | None = None,
        shown_by: str = "",
        **inputs: Any,
    ) -> tuple[New, ...]:
        """What an act comes to, of a day and learned today; nothing is recorded.

        `held_on` is the input `on` of a meeting, `shown_by` the document given with the act.
        """
        inputs |= {} if held_on is None else {"on": held_on}
        today = today or on
        learned_on = None if on == today else today
        done = Done(by=by, today=today, happened_on=on, learned_on=learned_on, document=shown_by)
        world = self.world(person, matter)
        given = with_people(
            inputs,
            self.kind(matter),
            sorted({each.person for each in self.records if each.person is not None}),
            lambda each: self.world(each, matter),
            {
                name: state.whole
                for name, state in standing(self.world(None, matter), today).items()
            },
            matter=matter,
            act=act,
            done=done,
        )
        return late.record(world, matter=matter, act=act, inputs=given, done=done, about=about)

    def append(self, new: tuple[New, ...]) -> Facts:
        before = self._before(new)
        self._put(new)
        if before is not None:
            self._put(self._following(new, before))
        return tuple(each.fact for each in new)

    def _put(self, new: tuple[New, ...]) -> None:
        command = UUID(int=next(self.numbers) << 64)
        for each in new:
            order = next(self.numbers)
            self.records.append(OnRecord(UUID(int=order), order, command, each.person, each.fact))

    # --- what follows in other matters, as `transfer.commands.following` has it ------------------

    def _before(self, new: tuple[New, ...]) -> World | None:
        """The world of the person before these facts, where any leads on to another matter."""
        for each in new:
            kind = self.kind(each.fact.matter)
            leads_on = type(each.fact) in kind.calls_for or isinstance(each.fact, kind.reopens)
            if each.person is not None and leads_on:
                return self.world(each.person, each.fact.matter)
        return None

    def _following(self, new: tuple[New, ...], before: World) -> tuple[New, ...]:
        today = max(each.fact.learned_on or each.fact.happened_on for each in new)
        done = Done(by="office", today=today, happened_on=today)
        after = self.world(before.person, *before.kinds)
        found = calling.reopened(after, before, new, "what was recorded", done)
        return (*found, *calling.called_for(after, new, self._next, done))

    def _next(self, name: str) -> tuple[str, Kind] | None:
        kind = next((each for each in self.kinds if each.name == name), None)
        begun = {
            each.fact.matter
            for each in self.records
            if isinstance(each.fact, t.MatterBegun) and each.fact.matter.startswith(f"{name}:")
        }
        return None if kind is None else (f"{name}:{self.person}.{len(begun) + 1}", kind)

    def run_clock(self, today: date, matter: str | None = None) -> Facts:
        """Every step that is due today: of the person, or of a matter as a whole."""
        taken: list[t.MatterFact] = []
        person = self.person if matter is None else None
        for _ in range(50):
            new = clock.take(self.world(person, *filter(None, [matter])), today=today)
            if not new:
                return tuple(taken)
            taken += self.append(new)
        raise AssertionError(f"steps do not end: {taken}")

    def through(self, matter: str, step: str, group: str, today: date) -> Facts:
        """Note that a step over the people of a group is through for all of them."""
        new = clock.through(
            self.world(None, matter),
            matter=matter,
            step=step,
            group=group,
            counts={},
            today=today,
        )
        return self.append(new)

    # --- late knowledge ----------------------------------------------------------------------

    def duties(self, matter: str | None = None) -> Mapping[UUID, t.DutyToSettleOpened]:
        """What is to be settled, of the person or of a matter as a whole."""
        person = self.person if matter is None else None
        return self.world(person, *filter(None, [matter])).duties

    def redo_everything(self, today: date, matter: str | None = None) -> None:
        self.settle_everything(Settlement.REDO, today, matter)

    def settle_everything(self, how: Settlement, today: date, matter: str | None = None) -> None:
        """Settle all that is to be settled alike, and what is to be settled because of that."""
        done = Done(by="settler", today=today, happened_on=today)
        person = self.person if matter is None else None
        for _ in range(50):
            world = self.world(person, *filter(None, [matter]))
            if not world.duties:
                return
            decision = min(world.duties)
            self.append(late.settle(world, decision=decision, how=how, reason="seen", done=done))
        raise AssertionError("duties do not end")


# --- given, when, then ---------------------------------------------------------------------------


@dataclass
class Asked:
    """What came of an act: facts (which are on record now), nothing, or a refusal."""

    facts: Facts = ()
    refusal: Refusal | None = None

    def then(self, *kinds: type[t.MatterFact]) -> Self:
        """It led to facts of exactly these kinds, in this order."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert [type(fact) for fact in self.facts] == list(kinds)
        return self

    def saying(self, **fields: object) -> Self:
        """The last fact that it led to says this; fields left out may say anything."""
        assert {name: getattr(self.facts[-1], name) for name in fields} == fields
        return self

    def resting_on(self, *assumptions: str) -> Self:
        """The last fact says which assumed values it rests on."""
        assert self.facts[-1].basis.assumptions == assumptions
        return self

    def then_nothing(self) -> None:
        """It is already so."""
        self.then()

    def then_refused(self, *clauses: str, because: str = "", kind: type[Refusal] = Refused) -> None:
        """It was refused, for exactly these clauses, in words that contain `because`."""
        assert type(self.refusal) is kind, f"not refused so: {self.facts or self.refusal}"
        assert because in self.refusal.reason
        if isinstance(self.refusal, Refused):
            found = tuple(failure.clause for failure in self.refusal.failures if failure.clause)
            assert found == clauses


def ask(
    office: Matters,
    matter: str,
    act: str,
    *,
    on: date,
    person: str | None = None,
    today: date | None = None,
    **inputs: Any,
) -> Asked:
    """Do an act and put what it comes to on record; a refusal is kept, to be judged."""
    try:
        new = office.decided(matter, act, on=on, person=person, today=today, **inputs)
    except Refusal as refusal:
        return Asked(refusal=refusal)
    return Asked(office.append(new))
