"""An exercise as a whole, played without engines: its plan, its people, and the clock's steps over
several of them."""

from datetime import date
from typing import Any

from tests.support.matters import Asked, Matters, ask
from tests.support.played_2013 import EXERCISE, START
from transfer.core.dating.effective_dating import Entries
from transfer.core.matter import clock
from transfer.core.matter.book import next_act
from transfer.core.matter.folding import Deed, State
from transfer.core.matter.late import Done, reconsider
from transfer.core.matter.replaying import LAST, decided, standing
from transfer.core.matter.words import Phase, Place
from transfer.core.refusals import Refused
from transfer.kinds import KNOWN
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.rulebooks.in_force import BindingRules


def would(office: Matters, act: str, on: date, *, person: str | None = "S1") -> Asked:
    """What a step of the clock comes to on a day by what is on record, were it taken then; nothing
    is recorded."""
    world = office.world(person, EXERCISE)
    deed = Deed(
        matter=EXERCISE,
        person=person,
        group=None,
        act=act,
        about="",
        by="clock",
        place=Place(on, Phase.COURSE, LAST),
        learned_on=None,
        inputs={},
        facts=(),
    )
    outcome = decided(world, standing(world, on), deed, {}, due_on=None)
    return Asked(refusal=outcome) if isinstance(outcome, Refused) else Asked(outcome)


def put_right(office: Matters, entries: Entries, today: date) -> Asked:
    """The record of the person comes to say something else, and what has to be settled for it."""
    before = office.world(office.person, EXERCISE)
    office.entries = entries
    now = office.world(office.person, EXERCISE)
    done = Done(by="office", today=today, happened_on=today)
    new = reconsider(now, before=before, because_of="a correction", done=done)
    return Asked(office.append(new))


class Whole:
    """An exercise under some edition, and anybody in it."""

    def __init__(self, rules: BindingRules, *transferors: str, **opening: Any) -> None:
        self.office = Matters(KNOWN.kinds, rules)
        self.edition = rules.edition
        self.transferors = transferors
        if transferors:
            self.open(**opening)

    def open(self, **opening: Any) -> Asked:
        """Open it, as a rehearsal where nothing else is said."""
        inputs: dict[str, Any] = {"rehearsed": True} | opening
        return self.do("begin", edition=self.edition, transferors=list(self.transferors), **inputs)

    def do(self, act: str, on: date = START, *, person: str | None = None, **inputs: Any) -> Asked:
        """An act of an administrator."""
        return ask(self.office, EXERCISE, act, on=on, person=person, **inputs)

    def day(self, milestone: str, to: date, *, on: date = START) -> Asked:
        """Set or move a day of the plan."""
        return self.do("move-milestone", on, milestone=milestone, to=to, reason="announced")

    def group(self, name: str, *people: str, letters_on: date, transferor: str, path: str) -> Asked:
        """Put people together."""
        inputs: dict[str, Any] = {"letters_on": letters_on, "transferor": transferor, "path": path}
        return self.do("form-group", group=name, people=list(people), **inputs)

    def over_several(self, step: str, today: date, *people: str, about: str = "") -> Asked:
        """The clock takes a step that sees each of these people, if it is due."""
        declared = self.state().kind.step(step)
        assert declared is not None
        assert declared.several is not None
        seen = {each: declared.several.sees(self.state(each)) for each in people}
        new = clock.take_over_several(
            self.office.world(None, EXERCISE),
            matter=EXERCISE,
            step=step,
            group=None,
            people={each: saw for each, saw in seen.items() if saw is not None},
            today=today,
            about=about,
        )
        return Asked(self.office.append(new))

    def through(self, step: str, today: date, group: str | None = None) -> Asked:
        """A step over people is through for a group, or for everybody."""
        new = clock.through(
            self.office.world(None, EXERCISE),
            matter=EXERCISE,
            step=step,
            group=group,
            counts={},
            today=today,
        )
        return Asked(self.office.append(new))

    def clock(self, today: date, person: str | None = None) -> Asked:
        """What the clock does of the exercise as a whole, or of one person."""
        if person is None:
            return Asked(self.office.run_clock(today, EXERCISE))
        self.office.person = person
        return Asked(self.office.run_clock(today))

    def state(self, person: str | None = None) -> State:
        """What is on record of the exercise, or of one person in it."""
        return self.office.state(EXERCISE, person)

    @property
    def plan(self) -> Plan:
        """The exercise as a whole."""
        return plan_of(self.state())

    def own(self, person: str) -> Participation:
        """One person in it."""
        return participation_of(self.state(person))

    def next(self) -> tuple[str, str, date] | None:
        """What the clock does next of the exercise as a whole: what, about what, and when."""
        state = self.state()
        found = next_act(state.book, state.whom)
        return None if found is None else (found[0].slot.what, found[0].slot.about, found[1])
