"""Acts as a scenario's file says them, done by the program's commands.

An act is done as its kind declares it (`Matters.do`). What an administrator does that takes more
than one act, or that needs what a file does not say, has a row in `WITH_MORE`. Acts of the record
itself are the entries that a person's record takes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, Field

from transfer.commands import record
from transfer.commands.exercises import exercise_matter
from transfer.commands.matters import Asking
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import Annulment, Change, Correction, Leaving, NewEntry
from transfer.core.refusals import Malformed, Refused
from transfer.core.streams import staff_stream
from transfer.core.words import Facet, Frozen, StaffNumber
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.planning import MilestoneDay
from transfer.rulebooks import Rulebook, SuppliedValue
from transfer.rulebooks.in_force import BindingRules, binding
from transfer.rulebooks.values import Value, as_written
from transfer.scenarios.file import OFFICE, SECOND, ActDone, GivenValue, ScenarioFile
from transfer.scenarios.office import Desk

N = TypeVar("N", bound=BaseModel)

RECORD = "record"
"""The kind of an act on somebody's own record."""

ANY, BEGIN = "", "begin"
"""Any kind at all; and the act with which a matter begins."""

REGISTRATION = "registration"
"""How a correction names the entry that began the record."""

ROLES = frozenset({"admin", "panel", "staff"})
"""Whoever acts in a scenario may do what any of them may."""

_NOON_HOUR = 12
_FACETS = frozenset(facet.value for facet in Facet)
_OF_THE_SECOND = frozenset({"approve", "decline", t.SETTLE})
_MOST_SETTLED = 50


# --- what acts need beside what their kind declares ----------------------------------------------


class Opening(Frozen):
    """To open an exercise: whose staff; those of the people in the file unless it is said."""

    transferors: tuple[str, ...] = ()
    rehearsed: bool | None = None


class Scope(Frozen):
    """Whom the exercise covers; and who of them is known not to be, by their positions."""

    members: tuple[StaffNumber, ...]
    criterion: str
    leaves_out: tuple[StaffNumber, ...] = ()


class Seed(Frozen):
    """The seed of a draw."""

    seed: str = "1"


class Groups(Frozen):
    """When the letters of each path go out."""

    letters_on: dict[str, date]


class Grounds(Frozen):
    """Why somebody appeals."""

    grounds: str


class Settled(Frozen):
    """How every decision of that step is settled that is to be settled."""

    step: str
    decided_on: date | None = None
    how: Settlement
    reason: str


class Changed(Frozen):
    """A change of the record. An empty text ends a facet."""

    effective_from: date
    effective_to: date | None = None
    changes: dict[Facet, str]
    reason: str


class Corrected(Changed):
    """What takes the place of an entry: `registration`, or the `entry` that an act was called."""

    of: str
    effective_from: date | None = None  # type: ignore[assignment]  # the entry's own unless given
    changes: dict[Facet, str] = Field(default_factory=dict)


class Annulled(Frozen):
    """An entry that has no effect any more."""

    of: str
    reason: str


class Left(Frozen):
    """Somebody left: from that day nobody employs them."""

    effective_from: date
    reason: str


# --- doing ---------------------------------------------------------------------------------------


@dataclass
class Doing:
    """Does the acts of one scenario on one office, each at noon of its day."""

    desk: Desk
    scenario: ScenarioFile
    book: Rulebook
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    called: dict[tuple[str, str], UUID] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the exercise: that of its edition."""
        return self.book.edition

    def do(self, done: ActDone) -> bool:
        """Do an act; `False` where it was done already. Raises what refuses it."""
        special = with_more(done.kind, done.act)
        if special is not None:
            return special.do(self, done, special.needs.model_validate(done.fields))
        return self.as_declared(done, done.fields)

    def as_declared(self, done: ActDone, fields: Mapping[str, Any]) -> bool:
        """Do an act as its kind declares it, with these fields."""
        matters, matter = self.desk.matters, self.matter(done)
        inputs = {name: in_json(value) for name, value in fields.items()}
        act, asking = self.act(done), self.asking(done)
        if done.act == BEGIN:
            given = self.given(self.desk.worlds.kind(matter).act(BEGIN).needs)
            rules = self.desk.exercises.rules(self.name)
            begun = matters.begin(
                act, asking, matter, rules, happened_on=done.happened_on, inputs={**given, **inputs}
            )
            return begun is not None
        if done.staff_numbers is not None:
            people = dict.fromkeys(done.staff_numbers, inputs)
            found = matters.do_over(
                act,
                asking,
                matter,
                done.act,
                people,
                happened_on=done.happened_on,
                learned_on=done.learned_on,
            )
            for refusal in found.refused.values():
                raise refusal
            return bool(found.wrote)
        receipt = matters.do(
            act,
            asking,
            matter,
            done.act,
            person=done.staff_number,
            happened_on=done.happened_on,
            learned_on=done.learned_on,
            inputs=inputs,
        )
        return receipt is not None

    def given(self, needs: type[BaseModel]) -> dict[str, object]:
        """What an act that begins something is given without being asked: the exercise that it is
        about, and its edition."""
        known = {"edition": self.book.edition, "against": exercise_matter(self.name)}
        return {name: value for name, value in known.items() if name in needs.model_fields}

    def matter(self, done: ActDone) -> str:
        """The matter of an act: the exercise, its consultation, or somebody's last appeal."""
        return matter_named(self.desk, self.name, done.kind, done.id, done.staff_number)

    def act(self, done: ActDone) -> Act:
        """Who acts, at noon of the day on which it is entered."""
        number = str(next(self.numbers))
        noon = start_of_day_london(done.entered_on).replace(hour=_NOON_HOUR)
        return Act(self.by(done), key_id("scenario", number), at=noon, request=number)

    def asking(self, done: ActDone) -> Asking:
        """Somebody who may do everything."""
        return Asking(self.by(done), done.entered_on, ROLES)

    @staticmethod
    def by(done: ActDone) -> str:
        """Who does it."""
        return done.by or (SECOND if done.act in _OF_THE_SECOND else OFFICE)

    def rules(self) -> BindingRules:
        """The edition with the values that the file gives; `Refused` with all that are missing."""
        supplied: dict[str, SuppliedValue] = {}
        assumed: dict[str, Value] = {}
        if self.scenario.assume is not None:
            left = {
                clause for clause, given in self.scenario.values.items() if given.assumed is None
            }
            assumed |= {c: v for c, v in self.book.suggested().items() if c not in left}
        for clause, given in self.scenario.values.items():
            if given.value is not None and given.document is not None:
                supplied[clause] = SuppliedValue(
                    value=self._value(clause, given.value),
                    document=given.document,
                    overriding=given.overriding,
                )
            elif given.assumed is not None:
                assumed[clause] = self._value(clause, given.assumed)
        return binding(self.book.with_values(supplied, assumed))

    def _value(self, key: str, given: GivenValue) -> Value:
        """A value as an edition's own file may write it: `10 working days`."""
        clause = self.book.by_id.get(key.partition("@")[0])
        if clause is None or clause.value_type is None:
            return given
        return cast("Value", as_written(given, clause.value_type))

    def entry(self, person: str, of: str) -> UUID:
        """The entry that a file names. Raises `Malformed` where there is none."""
        if of == REGISTRATION:
            return self.desk.office.log.read(staff_stream(person))[0].event_id
        if (person, of) not in self.called:
            raise Malformed(f"no entry of {person} is called {of}", field="of")
        return self.called[person, of]

    def enter(self, done: ActDone, entry: NewEntry) -> bool:
        """Put an entry on somebody's record."""
        person = self.person(done)
        made = record.enter(self.desk.office, self.act(done), person, entry)
        if done.entry is not None:
            self.called[person, done.entry] = made.event_id
        return True

    @staticmethod
    def person(done: ActDone) -> str:
        """Whom an act is about; raises `Malformed`."""
        if done.staff_number is None:
            raise Malformed(
                f"{done.act} is done for one person: say for whom", field="staff_number"
            )
        return done.staff_number


def matter_named(
    desk: Desk, name: str, kind: str, id_: str | None, staff_number: str | None
) -> str:
    """The matter that is meant: that of the exercise's name, but somebody's last appeal."""
    if id_ is not None:
        return f"{kind}:{id_}"
    if kind == "appeal" and staff_number is not None:
        own = participation_of(desk.matters.state(exercise_matter(name), staff_number))
        return f"appeal:{name}.{staff_number}.{max(own.appeals_lodged, 1)}"
    return f"{kind}:{name}"


def in_json(value: Any) -> Any:
    """A value of a file as JSON has it, as acts keep their inputs."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list() | tuple():
            return [in_json(each) for each in value]
        case dict():
            return {name: in_json(each) for name, each in value.items()}
        case _:
            return value


# --- acts that take more than one ----------------------------------------------------------------


def _open(doing: Doing, done: ActDone, needs: Opening) -> bool:
    rules = doing.rules()
    assumed = any(value.assumed for value in rules.given)
    transferors = needs.transferors or _whose(doing, rules)
    receipt = doing.desk.exercises.open(
        doing.act(done),
        doing.asking(done),
        doing.name,
        rules,
        transferors=transferors,
        rehearsed=assumed if needs.rehearsed is None else needs.rehearsed,
    )
    return receipt is not None


def _whose(doing: Doing, rules: BindingRules) -> tuple[str, ...]:
    whose = set()
    for each in doing.scenario.person:
        facets = {Facet(name): str(value) for name, value in each.items() if name in _FACETS}
        whose.add(rules.transferor_of(facets))
    return tuple(sorted(name for name in whose if name is not None))


def _move_milestone(doing: Doing, done: ActDone, needs: MilestoneDay) -> bool:
    receipt = doing.desk.exercises.move_milestone(
        doing.act(done),
        doing.asking(done),
        doing.name,
        milestone=needs.milestone,
        to=needs.to,
        reason=needs.reason,
    )
    return receipt is not None


def _set_scope(doing: Doing, done: ActDone, needs: Scope) -> bool:
    left_out = doing.desk.exercises.set_scope(
        doing.act(done),
        doing.asking(done),
        doing.name,
        members=needs.members,
        criterion=needs.criterion,
    )
    reasons = {each.staff_number: each.reason for each in left_out}
    if reasons.keys() != set(needs.leaves_out):
        shown = "; ".join(f"{number}: {reason}" for number, reason in reasons.items())
        raise Refused(f"who is left out is otherwise than said: {shown or 'nobody'}")
    return True


def _propose(doing: Doing, done: ActDone, needs: Seed) -> bool:
    if done.staff_number is not None or done.staff_numbers is not None:
        return doing.as_declared(done, needs.model_dump())
    doing.desk.exercises.propose(doing.act(done), doing.asking(done), doing.name, seed=needs.seed)
    return True


def _form_groups(doing: Doing, done: ActDone, needs: Groups) -> bool:
    formed = doing.desk.exercises.form_groups(
        doing.act(done), doing.asking(done), doing.name, letters_on=needs.letters_on
    )
    return bool(formed)


def _lodge(doing: Doing, done: ActDone, needs: Grounds) -> bool:
    receipt = doing.desk.exercises.lodge_appeal(
        doing.act(done),
        doing.asking(done),
        doing.name,
        doing.person(done),
        grounds=needs.grounds,
        happened_on=done.happened_on,
    )
    return receipt is not None


def _settle(doing: Doing, done: ActDone, needs: Settled) -> bool:
    """Settle one after the other: what follows from one may end another."""
    matters, matter = doing.desk.matters, doing.matter(done)
    settled = set[UUID]()
    while len(settled) < _MOST_SETTLED:
        open_ = [
            (decision, duty)
            for decision, duty in matters.duties(matter, done.staff_number).items()
            if duty.step == needs.step
            and needs.decided_on in (None, duty.decided_on)
            and decision not in settled
        ]
        if not open_:
            break
        decision, duty = min(open_, key=lambda each: (each[1].decided_on, each[0]))
        matters.settle(
            doing.act(done),
            doing.asking(done),
            duty.matter,
            decision,
            needs.how,
            reason=needs.reason,
            person=done.staff_number,
        )
        settled.add(decision)
    if not settled:
        raise Refused(f"no {needs.step} is to be settled")
    return True


# --- entries of the record -----------------------------------------------------------------------


def _facets(changes: Mapping[Facet, str]) -> dict[Facet, str | None]:
    return {facet: value or None for facet, value in changes.items()}


def _change(doing: Doing, done: ActDone, needs: Changed) -> bool:
    return doing.enter(
        done,
        Change(
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
            changes=_facets(needs.changes),
            reason=needs.reason,
        ),
    )


def _correct(doing: Doing, done: ActDone, needs: Corrected) -> bool:
    """Of the entry's content what is not named stays."""
    person = doing.person(done)
    of = doing.entry(person, needs.of)
    held = doing.desk.office.person(person).entries.entry(of)
    if held is None or not held.content:
        raise Malformed(f"{needs.of} states no dated value", field="of")
    before = {
        Facet(piece.key.name): piece.value for piece in held.content if piece.key.name in _FACETS
    }
    return doing.enter(
        done,
        Correction(
            of=of,
            effective_from=needs.effective_from or held.content[0].effective_from,
            effective_to=needs.effective_to,
            changes=before | _facets(needs.changes),
            reason=needs.reason,
        ),
    )


def _annul(doing: Doing, done: ActDone, needs: Annulled) -> bool:
    of = doing.entry(doing.person(done), needs.of)
    return doing.enter(done, Annulment(of=of, reason=needs.reason))


def _leave(doing: Doing, done: ActDone, needs: Left) -> bool:
    entry = Leaving(effective_from=needs.effective_from, reason=needs.reason)
    return doing.enter(done, entry)


# --- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WithMore:
    """An act that is more than its kind's declaration says: what it needs, and how it is done."""

    needs: type[Any]
    do: Callable[[Doing, ActDone, Any], bool]
    of_person: bool = False


WITH_MORE: Mapping[tuple[str, str], WithMore] = {
    ("exercise", "begin"): WithMore(Opening, _open),
    ("exercise", "move-milestone"): WithMore(MilestoneDay, _move_milestone),
    ("exercise", "set-scope"): WithMore(Scope, _set_scope),
    ("exercise", "propose"): WithMore(Seed, _propose),
    ("exercise", "form-groups"): WithMore(Groups, _form_groups),
    (ANY, t.SETTLE): WithMore(Settled, _settle),
    ("appeal", "lodge"): WithMore(Grounds, _lodge, of_person=True),
    (RECORD, "change"): WithMore(Changed, _change, of_person=True),
    (RECORD, "correct"): WithMore(Corrected, _correct, of_person=True),
    (RECORD, "annul"): WithMore(Annulled, _annul, of_person=True),
    (RECORD, "leave"): WithMore(Left, _leave, of_person=True),
}


def with_more(kind: str, act: str) -> WithMore | None:
    """What an act is beside its declaration; `None`: nothing."""
    return WITH_MORE.get((kind, act)) or WITH_MORE.get((ANY, act))
