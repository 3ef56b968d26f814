"""What is to be done in an exercise, in the order in which it is run, and how far each task is.

Everything is read off the exercise as it was known at an instant; nothing is kept for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast

from projections.exercise.outcome import NOBODY, Elsewhere, ExerciseOutcome, Participant, Tally
from projections.keeping_up.copying import Conn
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.calendars import date_in_london
from transfer.core.matter import facts as t
from transfer.core.words import MilestoneRole, WindowKind
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.questions.answer import Answer
from transfer.questions.appeals import undone_in
from transfer.questions.liability_information import days_of_giving
from transfer.questions.procedures import (
    RUNNING,
    Found,
    GroupShown,
    Looking,
    ProcedureStands,
    came_of,
    stands,
)
from transfer.rulebooks.in_force import BindingRules
from transfer.rulebooks.procedure import GateFact, Guarded


class TaskName(StrEnum):
    """The tasks of an exercise, in their order."""

    RULES = "rules"
    CONSULTATION = "consultation"
    ON_RECORD = "on-record"
    PLAN = "plan"
    SCOPE = "scope"
    REHEARSAL = "rehearsal"
    PROPOSALS = "proposals"
    LETTERS = "letters"
    ANSWERS = "answers"
    APPEALS = "appeals"
    DECISIONS = "decisions"
    LIABILITY = "liability-information"
    MOVE = "move"
    AFTERWARDS = "afterwards"


class TaskState(StrEnum):
    """How far a task is. `check`: somebody should look at it; `cannot-start`: another comes first;
    `optional`: the record does not keep whether it was done."""

    DONE = "done"
    UNDER_WAY = "under-way"
    TO_DO = "to-do"
    OVERDUE = "overdue"
    CHECK = "check"
    CANNOT_START = "cannot-start"
    OPTIONAL = "optional"
    NOT_NEEDED = "not-needed"


class Lacks(Answer):
    """Something that the edition wants on record before a step, and is not there."""

    before: str
    reason: str
    clause: str | None


class Task(Answer):
    """One task: for how many people it is done, of how many; the day by which; what is lacking.

    `number` counts what the task is about where that is not people: collisions, open appeals,
    decisions that wait.
    """

    task: TaskName
    state: TaskState
    done: int | None = None
    of: int | None = None
    number: int = 0
    due_on: date | None = None
    lacks: tuple[Lacks, ...] = ()


class PlanMoved(Answer):
    """A new day for a milestone, and the day on which the record learned of it."""

    to: date
    known_on: date


class PlannedDay(Answer):
    """A milestone: its first day, every later one, and whether what it asked for was done.

    `met` is `None` until its day was judged; `outstanding` counts for whom it was not done.
    """

    milestone: str
    title: str | None
    planned: date
    moved: tuple[PlanMoved, ...]
    judged_for: date | None
    met: bool | None
    outstanding: int

    @property
    def on(self) -> date:
        """The day as it is planned now."""
        return self.moved[-1].to if self.moved else self.planned


class FlowShown(Answer):
    """How many people came by a route to a place."""

    route: str | None
    place: str
    employer: str | None
    headcount: int


OBJECTS = "objects"


class Goes(Answer):
    """How many people go from one employer to another, as things stand.

    `origin` is null for who is in no group yet. `moved`: they are there; then `employer` says who
    employs them, where the move says so. Otherwise `place` is the destination that is decided or
    proposed, null where nothing is proposed yet, or what became of them instead (`left`, …;
    `objects`: they stay until the transfer, and do not go over).
    """

    origin: str | None
    place: str | None
    employer: str | None
    moved: bool
    headcount: int


class ExerciseStands(Answer):
    """An exercise as it stands, and what is to be done in it."""

    shown: ProcedureStands
    tasks: tuple[Task, ...]
    plan: tuple[PlannedDay, ...]
    flows: tuple[FlowShown, ...]
    goes: tuple[Goes, ...]
    collisions: tuple[e.Collision, ...]


class Choices(Answer):
    """By what the people of an exercise can be filtered: ids with their titles."""

    routes: dict[str, str]
    destinations: dict[str, str]


def exercise_stands(looking: Looking, conn: Conn, id_: str) -> ExerciseStands:
    """How an exercise stands and what is to be done in it. Raises `NotOnRecord`."""
    found = looking.find(looking.kind("exercise"), id_)
    came = came_of(conn, looking, found)
    shown = stands(looking, conn, found, came)
    plan = plan_of(found.state)
    rules = cast(BindingRules, looking.worlds.rules_of(Loaded(), found.matter))
    return ExerciseStands(
        shown=shown,
        tasks=tuple(_Tasks(shown, plan, rules, came, looking.today).all()),
        plan=tuple(_planned(found, plan, rules)),
        flows=tuple(map(FlowShown.model_validate, came.flows)) if came else (),
        goes=_goes(looking, found, came) if came else (),
        collisions=plan.opened.collisions if plan.opened else (),
    )


def _goes(looking: Looking, found: Found, came: ExerciseOutcome) -> tuple[Goes, ...]:
    """How many people go from which employer to which; counted again only after a change."""
    world = looking.worlds.world(Loaded(), found.matter, None)
    noted: tuple[ExerciseOutcome, tuple[Goes, ...]] | None = world.noted(Goes)
    if noted is None or noted[0] is not came:
        noted = (came, tuple(_counted(plan_of(found.state), came.participants)))
        world.note(Goes, noted)
    return noted[1]


def _counted(plan: Plan, people: Iterable[Participant]) -> Iterator[Goes]:
    """The same, by employer, then by place."""
    origin_of = {
        number: group.transferor for group in plan.groups.values() for number in group.people
    }
    transferors = plan.opened.transferors if plan.opened else ()
    only = transferors[0] if len(transferors) == 1 else None
    counted = Counter(
        (origin_of.get(each.staff_number, only), *_place_of(each))
        for each in people
        if each.in_scope
    )
    ordered = sorted(counted.items(), key=lambda each: tuple(str(part or "") for part in each[0]))
    for (origin, place, employer, moved), headcount in ordered:
        yield Goes(origin=origin, place=place, employer=employer, moved=moved, headcount=headcount)


def _place_of(person: Participant) -> tuple[str | None, str | None, bool]:
    """Where somebody goes, who employs them there, and whether they are there."""
    if person.transferred is not None:
        return str(person.place), person.employer, True
    if person.place is Elsewhere.WITH_TRANSFEROR:
        return (OBJECTS if person.objected else person.destination), None, False
    return str(person.place), None, False


def choices_of(looking: Looking, id_: str) -> Choices:
    """The routes and the destinations of the edition that binds an exercise."""
    looking.find(looking.kind("exercise"), id_)
    rulebook = cast(BindingRules, looking.worlds.rules_of(Loaded(), f"exercise:{id_}")).rulebook
    return Choices(
        routes={each.id: each.title or each.id for each in rulebook.routes},
        destinations={id_: each.name for id_, each in rulebook.transferees.items()},
    )


def lacking(plan: Plan, rules: BindingRules) -> Iterator[Lacks]:
    """What the edition wants on record before a step and is not there, step by step. A rehearsal
    takes the documents to be there."""
    rehearsed = plan.opened is not None and plan.opened.rehearsed
    for before in Guarded:
        if before is Guarded.OPENING:
            continue  # which is through
        for failure in rules.gate(
            before,
            is_consulted_on=plan.is_consulted_on,
            documents=None if rehearsed else plan.documents,
        ):
            yield Lacks(before=before, reason=failure.reason, clause=failure.clause)


@dataclass(frozen=True, slots=True)
class _Tasks:
    """What the tasks are read off."""

    shown: ProcedureStands
    plan: Plan
    rules: BindingRules
    came: ExerciseOutcome | None
    today: date

    @property
    def tally(self) -> Tally:
        return self.came.tally if self.came else NOBODY

    @property
    def in_scope(self) -> int:
        return self.came.in_scope if self.came else 0

    def all(self) -> Iterator[Task]:
        """Every task; of an exercise that is over none is still to be done."""
        running = self.shown.state == RUNNING
        unneeded = (TaskState.DONE, TaskState.OPTIONAL)
        for task in self._each():
            if running or task.state in unneeded:
                yield task
            else:
                yield task.model_copy(update={"state": TaskState.NOT_NEEDED})

    def _each(self) -> Iterator[Task]:
        yield Task(task=TaskName.RULES, state=TaskState.DONE, number=len(self.shown.values))
        yield self._consultation()
        lacks = tuple(lacking(self.plan, self.rules))
        yield Task(
            task=TaskName.ON_RECORD,
            state=TaskState.TO_DO if lacks else TaskState.DONE,
            lacks=lacks,
        )
        yield self._plan()
        set_ = self.plan.scope is not None
        yield Task(
            task=TaskName.SCOPE,
            state=TaskState.DONE if set_ else TaskState.TO_DO,
            done=self.in_scope if set_ else None,
        )
        yield Task(task=TaskName.REHEARSAL, state=TaskState.OPTIONAL)
        yield self._proposals()
        yield self._letters()
        yield self._answers()
        yield self._appeals()
        waiting = self.shown.waiting
        wait = waiting.get(t.SETTLE, 0) + waiting.get(t.APPROVE, 0)
        yield Task(
            task=TaskName.DECISIONS,
            state=TaskState.TO_DO if wait else TaskState.DONE,
            number=wait,
        )
        yield self._liability()
        yield self._move()
        yield self._afterwards()

    def _consultation(self) -> Task:
        """To be begun where a step waits for it."""
        gates = self.rules.rulebook.gates
        wanted = any(GateFact.CONSULTATION_BEGUN in gate.facts for gate in gates)
        if self.plan.is_consulted_on:
            return Task(task=TaskName.CONSULTATION, state=TaskState.DONE)
        return Task(
            task=TaskName.CONSULTATION,
            state=TaskState.TO_DO if wanted else TaskState.OPTIONAL,
        )

    def _plan(self) -> Task:
        collisions = len(self.plan.opened.collisions) if self.plan.opened else 0
        state = TaskState.CHECK if collisions else TaskState.DONE
        days = [each.when.on for each in self.plan.milestones.values() if each.when.on is not None]
        return Task(
            task=TaskName.PLAN,
            state=state if days else TaskState.TO_DO,
            of=len(days),
            number=collisions,
        )

    def _proposals(self) -> Task:
        if self.plan.scope is None:
            return Task(task=TaskName.PROPOSALS, state=TaskState.CANNOT_START)
        done = self.tally.proposed_or_away
        return Task(
            task=TaskName.PROPOSALS,
            state=_by_number(done, self.in_scope),
            done=done,
            of=self.in_scope,
        )

    def _letters(self) -> Task:
        if not self.tally.proposed:
            return Task(task=TaskName.LETTERS, state=TaskState.CANNOT_START)
        done = self.tally.letters_or_away
        days = [each.letters_on for each in self.shown.groups if each.sent_on is None]
        due = min((day for day in days if day is not None), default=None)
        state = _by_number(done, self.in_scope)
        if state is not TaskState.DONE and due is not None and due < self.today:
            state = TaskState.OVERDUE
        return Task(task=TaskName.LETTERS, state=state, done=done, of=self.in_scope, due_on=due)

    def _answers(self) -> Task:
        return self._window(TaskName.ANSWERS, WindowKind.RESPONSE, self.tally.answered)

    def _appeals(self) -> Task:
        task = self._window(TaskName.APPEALS, WindowKind.APPEAL, None)
        appeals = self.came.appeals if self.came else None
        if appeals is None or task.state is TaskState.CANNOT_START or not appeals.lodged:
            return task
        changes: dict[str, object] = {
            "number": appeals.open,
            "done": appeals.lodged - appeals.open,
            "of": appeals.lodged,
        }
        if appeals.open:
            late = self.tally.panels_overdue
            changes["state"] = TaskState.OVERDUE if late else TaskState.UNDER_WAY
        return task.model_copy(update=changes)

    def _window(self, name: TaskName, kind: WindowKind, done: int | None) -> Task:
        """What people may do until a last day: over with that day, whether or not they do it."""
        sent = [each for each in self.shown.groups if each.sent_on is not None]
        if not sent:
            return Task(task=name, state=TaskState.CANNOT_START)
        if not any(kind in each.windows for each in sent):
            return Task(task=name, state=TaskState.NOT_NEEDED)
        last = _last(sent, kind)
        is_open = last is None or last >= self.today or len(sent) < len(self.shown.groups)
        return Task(
            task=name,
            state=TaskState.UNDER_WAY if is_open else TaskState.DONE,
            done=done,
            of=None if done is None else self.came.letters if self.came else 0,
            due_on=last,
        )

    def _liability(self) -> Task:
        """It is done once a document of its title is filed: what was given."""
        duty = self.rules.rulebook.liability_information
        if duty is None:
            return Task(task=TaskName.LIABILITY, state=TaskState.NOT_NEEDED)
        days = [each.last_day for each in days_of_giving(duty, self.rules, self.plan)]
        due = min((day for day in days if day is not None), default=None)
        state = TaskState.DONE if duty.title in self.plan.documents else TaskState.TO_DO
        if state is TaskState.TO_DO and self.plan.scope is None:
            state = TaskState.CANNOT_START
        elif state is TaskState.TO_DO and due is not None and due < self.today:
            state = TaskState.OVERDUE
        return Task(task=TaskName.LIABILITY, state=state, due_on=due)

    def _move(self) -> Task:
        days = [
            (name, each.when.on)
            for name, each in self.plan.milestones.items()
            if each.role is MilestoneRole.TRANSFER
        ]
        due = min((day for n, day in days if n not in self.plan.reached and day), default=None)
        if self.plan.scope is None:
            return Task(task=TaskName.MOVE, state=TaskState.CANNOT_START, due_on=due)
        done = self.tally.away
        state = _by_number(done, self.in_scope)
        if state is TaskState.TO_DO and not self.tally.confirmed:
            state = TaskState.CANNOT_START
        if state is not TaskState.DONE and due is not None and due < self.today:
            state = TaskState.OVERDUE
        return Task(task=TaskName.MOVE, state=state, done=done, of=self.in_scope, due_on=due)

    def _afterwards(self) -> Task:
        if self.plan.completed is not None:
            state = TaskState.DONE
        elif self.tally.transferred or self.tally.ended:
            state = TaskState.UNDER_WAY
        else:
            state = TaskState.CANNOT_START
        last = max(
            (each.when.on for each in self.plan.milestones.values() if each.when.on), default=None
        )
        return Task(task=TaskName.AFTERWARDS, state=state, due_on=last)


def _by_number(done: int, of: int) -> TaskState:
    if done >= of:
        return TaskState.DONE
    return TaskState.UNDER_WAY if done else TaskState.TO_DO


def _last(groups: Sequence[GroupShown], kind: WindowKind) -> date | None:
    days = [each.windows[kind] for each in groups if kind in each.windows]
    return max((day for day in days if day is not None), default=None)


def _planned(found: Found, plan: Plan, rules: BindingRules) -> Iterator[PlannedDay]:
    """The days of the plan by their day; a day that has no effect any more is left out."""
    titles = {each.name: each.title for each in rules.rulebook.milestones if each.title}
    undone = undone_in(found.events)
    days: dict[str, list[PlanMoved]] = {}
    for each in found.events:
        fact = each.fact
        if not isinstance(fact, e.MilestoneSet | e.MilestoneReset) or each.event_id in undone:
            continue
        if fact.when.on is not None:
            known_on = date_in_london(each.recorded_at)
            days.setdefault(fact.milestone, []).append(
                PlanMoved(to=fact.when.on, known_on=known_on)
            )
    for name, (first, *moved) in sorted(days.items(), key=lambda item: (item[1][-1].to, item[0])):
        reached = plan.reached.get(name)
        yield PlannedDay(
            milestone=name,
            title=titles.get(name),
            planned=first.to,
            moved=tuple(moved),
            judged_for=None if reached is None else reached.due_on,
            met=None if reached is None else reached.met,
            outstanding=0 if reached is None else reached.outstanding,
        )
