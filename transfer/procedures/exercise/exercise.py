"""One transfer exercise: its milestones, its cohorts, and what is to be done next and when.

State and fold first, then decisions, then the two questions that a waiting procedure asks:
`next_for_exercise` and `next_for_cohort`. They answer a step and the day on which it falls due; the
procedure waits for that day, takes the step and asks again. A day that moves therefore moves the
wait, because the question is asked anew whenever a fact changes the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from transfer.core.refusals import AlreadyOnRecord, NotOnRecord, Refused
from transfer.core.rules import RulesInForce
from transfer.core.words import (
    Destination,
    Mechanism,
    MilestoneName,
    MilestoneRole,
    PathName,
    Route,
    WindowKind,
    WindowName,
)
from transfer.procedures.exercise import exercise_facts as f

_NEXT_DAY = timedelta(days=1)

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Cohort:
    """People whose letters share a date and a path."""

    formed: f.CohortFormed
    reset: dict[WindowName, date] = field(default_factory=dict)
    taken: dict[str, f.CohortStepTaken] = field(default_factory=dict)

    def copy(self) -> "Cohort":
        """The cohort as it is now, whatever is folded into this one later."""
        return Cohort(self.formed, dict(self.reset), dict(self.taken))


@dataclass(slots=True)
class Exercise:
    """What is on record of one exercise as a whole.

    `begun` has the steps over many people that are under way, each with the day of the plan that it
    was begun by; `None` in place of a cohort: over everybody. `reconsidered` has whom a step had
    reached when it was stopped, with that stop: nothing more happens to them until it is settled.
    """

    opened: f.ExerciseOpened | None = None
    scope: f.ScopeSet | None = None
    milestones: dict[MilestoneName, date] = field(default_factory=dict)
    roles: dict[MilestoneName, tuple[MilestoneRole | None, tuple[str, ...]]] = field(
        default_factory=dict
    )
    reached: dict[MilestoneName, f.MilestoneReached] = field(default_factory=dict)
    cohorts: dict[str, Cohort] = field(default_factory=dict)
    cohort_of: dict[str, str] = field(default_factory=dict)
    begun: dict[tuple[str | None, str], date] = field(default_factory=dict)
    reconsidered: dict[str, f.StepStopped] = field(default_factory=dict)
    dissolved: f.TransferorDissolved | None = None
    completed: f.ExerciseCompleted | None = None

    def copy(self) -> "Exercise":
        """The exercise as it is now, whatever is folded into this one later."""
        return Exercise(
            opened=self.opened,
            scope=self.scope,
            milestones=dict(self.milestones),
            roles=dict(self.roles),
            reached=dict(self.reached),
            cohorts={name: cohort.copy() for name, cohort in self.cohorts.items()},
            cohort_of=dict(self.cohort_of),
            begun=dict(self.begun),
            reconsidered=dict(self.reconsidered),
            dissolved=self.dissolved,
            completed=self.completed,
        )

    def require_open(self) -> f.ExerciseOpened:
        """The opening; raises `NotOnRecord` if there was none."""
        if self.opened is None:
            raise NotOnRecord("no such exercise on record: open it first")
        return self.opened

    def milestone_of(
        self, role: MilestoneRole, transferor: str | None = None
    ) -> MilestoneName | None:
        """The milestone on record with that role: a transferor's own, else the one for all."""
        found = {name: whose for name, (has, whose) in self.roles.items() if has is role}
        own = [name for name, whose in found.items() if transferor in whose]
        common = [name for name, whose in found.items() if not whose]
        return next(iter(own or common), None)

    def day_of(self, role: MilestoneRole, transferor: str | None = None) -> date | None:
        """The day of that milestone as the plan has it now; `None` while it has none."""
        name = self.milestone_of(role, transferor)
        return None if name is None else self.milestones.get(name)

    def dissolution_falls_due(self) -> date | None:
        """The day on which the dissolution is put on record; `None` while no day is set.

        Its own day, but never before the staff have gone over: a body that ends on the eve of the
        transfer hands everybody on, and nobody is dismissed by the order of two midnights.
        """
        day = self.day_of(MilestoneRole.DISSOLUTION)
        transfers = [
            self.milestones[name] + _NEXT_DAY
            for name, (role, _) in self.roles.items()
            if role is MilestoneRole.TRANSFER and name in self.milestones
        ]
        return None if day is None else max([day, *transfers])

    def cohort(self, name: str) -> Cohort:
        """One cohort by name; raises `NotOnRecord`."""
        if name not in self.cohorts:
            raise NotOnRecord(f"no cohort {name} in this exercise")
        return self.cohorts[name]


def evolve(x: Exercise, fact: f.ExerciseFact) -> None:
    """Fold one fact into the exercise; total, and never judges."""
    match fact:
        case f.ExerciseOpened():
            x.opened = fact
        case f.ScopeSet():
            x.scope = fact
        case f.MilestoneSet() | f.MilestoneReset():
            x.milestones[fact.milestone] = fact.due_on
            x.roles[fact.milestone] = (fact.role, fact.transferors)
            x.reached.pop(fact.milestone, None)
        case f.MilestoneReached():
            x.reached[fact.milestone] = fact
        case f.CohortFormed():
            x.cohorts[fact.cohort] = Cohort(fact)
            x.cohort_of.update(dict.fromkeys(fact.members, fact.cohort))
        case f.WindowReset():
            x.cohorts[fact.cohort].reset[fact.window] = fact.due_on
        case f.StepBegun():
            x.begun[fact.cohort, fact.step] = fact.due_on
        case f.StepStopped():
            x.begun.pop((fact.cohort, fact.step), None)
            x.reconsidered.update(dict.fromkeys(fact.done, fact))
        case f.CohortStepTaken():
            x.cohorts[fact.cohort].taken[fact.step] = fact
            x.begun.pop((fact.cohort, fact.step), None)
        case f.TransferorDissolved():
            x.dissolved = fact
            x.begun.pop((None, ExerciseStep.DISSOLVE), None)
        case f.ExerciseCompleted():
            x.completed = fact
        case _:
            assert_never(fact)


def fold(facts: Sequence[f.ExerciseFact]) -> Exercise:
    """The exercise after the given facts, oldest first."""
    x = Exercise()
    for fact in facts:
        evolve(x, fact)
    return x


# --- decisions ---------------------------------------------------------------------------------


def open_exercise(
    x: Exercise,
    *,
    exercise: str,
    rulebook: str,
    rulebook_digest: str,
    mechanism: Mechanism,
    transferors: tuple[str, ...],
    on: date,
    values: tuple[f.ClauseValue, ...],
    milestones: Mapping[MilestoneName, date],
    collisions: tuple[f.Collision, ...],
    rehearsed: bool,
    rules: RulesInForce,
) -> tuple[f.ExerciseFact, ...]:
    """Begin an exercise under a rulebook whose every unknown value has been supplied.

    Only a rehearsal may assume a value. Raises `AlreadyOnRecord`, and `Refused` with every assumed
    clause where the exercise is a real one.
    """
    if x.opened is not None:
        raise AlreadyOnRecord(f"exercise {exercise} is open already")
    assumed = tuple(value.clause for value in values if value.assumed)
    if assumed and not rehearsed:
        raise Refused(
            f"{', '.join(assumed)}: a real exercise rests on documents, not on assumptions; supply "
            "each value with the document that it comes from",
            clause=assumed[0],
        )
    return (
        f.ExerciseOpened(
            exercise=exercise,
            rulebook=rulebook,
            rulebook_digest=rulebook_digest,
            mechanism=mechanism,
            transferors=transferors,
            opened_on=on,
            calendar=rules.calendar.edition,
            values=values,
            collisions=collisions,
            rehearsed=rehearsed,
            ends_with=_last_role(rules),
            basis=rules.basis_for("opening"),
        ),
        *(_milestone_set(exercise, name, due, rules) for name, due in milestones.items()),
    )


def _last_role(rules: RulesInForce) -> MilestoneRole:
    dissolves = rules.milestone_of(MilestoneRole.DISSOLUTION) is not None
    return MilestoneRole.DISSOLUTION if dissolves else MilestoneRole.TRANSFER


def _milestone_set(
    exercise: str, milestone: MilestoneName, due_on: date, rules: RulesInForce
) -> f.MilestoneSet:
    role, transferors = rules.milestone_role(milestone)
    return f.MilestoneSet(
        exercise=exercise,
        milestone=milestone,
        role=role,
        transferors=transferors,
        due_on=due_on,
        basis=rules.milestone_basis(milestone, due_on),
    )


def set_scope(
    x: Exercise, *, members: tuple[str, ...], criterion: str, on: date, rules: RulesInForce
) -> tuple[f.ScopeSet, ...]:
    """Say once who the exercise covers."""
    opened = x.require_open()
    if x.scope is not None:
        if x.scope.members == members:
            return ()
        raise Refused("the scope is set already; who joins later is brought in one by one")
    return (
        f.ScopeSet(
            exercise=opened.exercise,
            criterion=criterion,
            effective_from=on,
            members=members,
            basis=rules.basis_for("scope"),
        ),
    )


def form_cohort(
    x: Exercise,
    *,
    cohort: str,
    transferor: str,
    path: PathName,
    routes: tuple[Route, ...],
    letters_on: date,
    members: tuple[str, ...],
    rules: RulesInForce,
) -> tuple[f.CohortFormed, ...]:
    """Put people whose letters share a date and a path together."""
    opened = x.require_open()
    if cohort in x.cohorts:
        return ()
    return (
        f.CohortFormed(
            exercise=opened.exercise,
            cohort=cohort,
            transferor=transferor,
            path=path,
            routes=routes,
            letters_on=letters_on,
            members=members,
            basis=rules.basis_for("proposal"),
        ),
    )


def reset_milestone(
    x: Exercise, *, milestone: MilestoneName, due_on: date, reason: str, rules: RulesInForce
) -> tuple[f.MilestoneReset | f.MilestoneSet, ...]:
    """Move a milestone; one that was never set is set.

    One that was judged already is judged anew by its new day: deadlines were reset after the fact.
    Raises `Refused` for a milestone that the edition does not have, and for the transfer once
    staff have transferred on it.
    """
    opened = x.require_open()
    role, transferors = rules.milestone_role(milestone)
    basis = rules.milestone_basis(milestone, due_on)
    before = x.milestones.get(milestone)
    if before is None:
        return (_milestone_set(opened.exercise, milestone, due_on, rules),)
    if before == due_on:
        return ()
    if role is MilestoneRole.TRANSFER and any(
        CohortStep.TRANSFER in cohort.taken
        and x.milestone_of(role, cohort.formed.transferor) == milestone
        for cohort in x.cohorts.values()
    ):
        raise Refused(
            "staff have transferred on that date: it cannot move any more",
            clause=rules.clause_for("transfer"),
        )
    return (
        f.MilestoneReset(
            exercise=opened.exercise,
            milestone=milestone,
            role=role,
            transferors=transferors,
            due_on_before=before,
            due_on=due_on,
            reason=reason,
            basis=basis,
        ),
    )


def reset_window(
    x: Exercise, *, cohort: str, window: WindowName, due_on: date, reason: str, rules: RulesInForce
) -> tuple[f.WindowReset, ...]:
    """Move the last day of a window for a whole cohort; never to earlier than was published."""
    opened = x.require_open()
    group = x.cohort(cohort)
    named = rules.window(window)
    before = window_due(group, window, rules)
    if due_on == before:
        return ()
    clause = named.length_clause
    if due_on < before:
        raise Refused(f"the window was published as closing on {before}", clause=clause)
    if CohortStep.CLOSE_WINDOWS in group.taken:
        raise Refused(
            "the cohort's windows have closed: extend them person by person", clause=clause
        )
    return (
        f.WindowReset(
            exercise=opened.exercise,
            window=window,
            kind=named.kind,
            cohort=cohort,
            due_on_before=before,
            due_on=due_on,
            reason=reason,
            basis=rules.basis(clause),
        ),
    )


def reach_milestone(
    x: Exercise, *, milestone: MilestoneName, outstanding: int, rules: RulesInForce
) -> tuple[f.MilestoneReached, ...]:
    """Put on record whether what a milestone asks for was done when its day had passed."""
    opened = x.require_open()
    if milestone in x.reached:
        return ()
    return (
        f.MilestoneReached(
            exercise=opened.exercise,
            milestone=milestone,
            due_on=x.milestones[milestone],
            met=outstanding == 0,
            outstanding=outstanding,
            basis=rules.milestone_basis(milestone, x.milestones[milestone]),
        ),
    )


def begin_step(
    x: Exercise, *, cohort: str | None, step: str, due_on: date, on: date
) -> tuple[f.StepBegun, ...]:
    """Note that a step over many people begins; again, where it was begun by another plan's day.

    While it is under way, a plan that moves does not go unnoticed, even if whoever took the step
    has stopped working meanwhile.
    """
    opened = x.require_open()
    is_over = step in x.cohort(cohort).taken if cohort is not None else x.dissolved is not None
    if is_over or x.begun.get((cohort, step)) == due_on:
        return ()
    return (
        f.StepBegun(exercise=opened.exercise, cohort=cohort, step=step, begun_on=on, due_on=due_on),
    )


def stop_step(
    x: Exercise,
    *,
    cohort: str | None,
    step: str,
    on: date,
    due_on: date | None,
    done: tuple[str, ...],
    rules: RulesInForce,
) -> tuple[f.StepStopped, ...]:
    """Stop a step that is under way by a plan which has moved since.

    `due_on` is its day by the present plan; `done` are those whom it has reached by another one.
    """
    opened = x.require_open()
    before = x.begun.get((cohort, step))
    if before is None or before == due_on:
        return ()
    clause = _stopped_under(step, rules)
    now = f"is now due on {due_on}" if due_on else "has no day any more"
    return (
        f.StepStopped(
            exercise=opened.exercise,
            cohort=cohort,
            step=step,
            stopped_on=on,
            due_on_before=before,
            done=done,
            reason=f"{step} was due on {before} and {now}",
            basis=rules.basis(clause),
        ),
    )


def take_cohort_step(
    x: Exercise,
    *,
    cohort: str,
    step: "CohortStep",
    on: date,
    done: int,
    left_to_their_own: int,
    refused: int,
    left: int = 0,
) -> tuple[f.CohortStepTaken, ...]:
    """Note that a step over a cohort is through, however it went for each person."""
    opened = x.require_open()
    if step in x.cohort(cohort).taken:
        return ()
    return (
        f.CohortStepTaken(
            exercise=opened.exercise,
            cohort=cohort,
            step=step,
            taken_on=on,
            done=done,
            left_to_their_own=left_to_their_own,
            refused=refused,
            left=left,
        ),
    )


def dissolve(x: Exercise, *, on: date, rules: RulesInForce) -> tuple[f.TransferorDissolved, ...]:
    """The transferors cease to exist on their date."""
    opened = x.require_open()
    if x.dissolved is not None:
        return ()
    due = x.day_of(MilestoneRole.DISSOLUTION)
    if due is None or on < due:
        raise Refused(
            f"the transferors are dissolved on {due or 'a day not yet set'}",
            clause=rules.clause_for("dissolution"),
        )
    return (
        f.TransferorDissolved(
            exercise=opened.exercise,
            transferors=opened.transferors,
            dissolved_on=due,
            basis=rules.basis_for("dissolution"),
        ),
    )


def complete(
    x: Exercise,
    *,
    on: date,
    in_scope: int,
    transferred: Mapping[Destination, int],
    objected: int,
    not_transferred: int,
    rules: RulesInForce,
    left: int = 0,
    stayed: int = 0,
) -> tuple[f.ExerciseCompleted, ...]:
    """Close the exercise; refused while somebody in scope is not accounted for, or something that
    was done to them by a plan that moved is still to be reconsidered.

    `stayed` are those who are still with their transferor, where no rule ends their employment.
    """
    opened = x.require_open()
    if x.completed is not None:
        return ()
    accounted = sum(transferred.values()) + objected + not_transferred + left + stayed
    if accounted != in_scope:
        raise Refused(f"{in_scope} are in scope, {accounted} accounted for")
    waiting = [name for name, each in x.cohorts.items() if CohortStep.TRANSFER not in each.taken]
    if stayed and waiting:
        raise Refused(f"the transfer is still due for {', '.join(waiting)}")
    if x.reconsidered:
        raise Refused(f"what was done to {len(x.reconsidered)} people is still to be reconsidered")
    return (
        f.ExerciseCompleted(
            exercise=opened.exercise,
            completed_on=on,
            in_scope=in_scope,
            transferred=dict(transferred),
            objected=objected,
            not_transferred=not_transferred,
            left=left,
            stayed=stayed,
            basis=rules.basis_for("dissolution"),
        ),
    )


# --- what is next, and when --------------------------------------------------------------------


class CohortStep(StrEnum):
    """What is done over a cohort, in this order."""

    ISSUE_LETTERS = "issue-letters"
    CLOSE_WINDOWS = "close-windows"
    TRANSFER = "transfer"
    STOP = "stop"
    """One of them was under way when its day moved: say whom it had reached (`Next.about`)."""


class ExerciseStep(StrEnum):
    """What is done for the exercise as a whole."""

    REACH_MILESTONE = "reach-milestone"
    DISSOLVE = "dissolve"
    STOP = "stop"
    COMPLETE = "complete"


def _stopped_under(step: str, rules: RulesInForce) -> str:
    if step == ExerciseStep.DISSOLVE:
        return rules.clause_for("left_behind" if rules.allows("left_behind") else "dissolution")
    lengths = {each.kind: each.length_clause for each in rules.windows}
    if step == CohortStep.CLOSE_WINDOWS and lengths:
        return lengths.get(WindowKind.APPEAL) or next(iter(lengths.values()))
    return rules.clause_for("transfer")


@dataclass(frozen=True, slots=True)
class Next:
    """A step and the London date at whose beginning it falls due; `None` waits for a fact alone.

    `about` is the milestone of a milestone step. `version` tells one due date of a step from the
    next, so that what is done for a superseded date is never mistaken for the present one.
    """

    step: str
    due_on: date | None
    about: str = ""

    @property
    def version(self) -> str:
        """The step, what it is about, and its due date."""
        due = self.due_on.isoformat() if self.due_on else ""
        return "/".join(part for part in (self.step, self.about, due) if part)


def sent_on(cohort: Cohort) -> date:
    """The day of the cohort's letters: the one planned, or a later one on which they went out."""
    issued = cohort.taken.get(CohortStep.ISSUE_LETTERS)
    letters_on = cohort.formed.letters_on
    return letters_on if issued is None else max(letters_on, issued.taken_on)


def windows_of(cohort: Cohort, rules: RulesInForce) -> tuple[WindowName, ...]:
    """The windows that the cohort's letters open."""
    return tuple(each.name for each in rules.letters(cohort.formed.path).windows)


def window_due(cohort: Cohort, window: WindowName, rules: RulesInForce) -> date:
    """The last day of a cohort's window: as reset, else as the letters publish it.

    Letters that went out after their day publish a later one, to the whole cohort alike.
    """
    length = rules.period(rules.window(window).length_clause, cohort.formed.transferor)
    published = length.due_after(sent_on(cohort), rules.calendar)
    return max(published, cohort.reset.get(window, published))


def next_for_cohort(x: Exercise, name: str, rules: RulesInForce) -> Next | None:
    """What a cohort's procedure waits for; `None` when it is through.

    A step that was under way when its day moved is stopped first, at once.
    """
    due = due_for_cohort(x, name, rules)
    return due and (stop_due(x, name, due.step, due.due_on) or due)


def stop_due(x: Exercise, cohort: str | None, step: str, due_on: date | None) -> Next | None:
    """The stop that is due where a step is under way by another day than its present one."""
    begun = x.begun.get((cohort, step))
    if begun is None or begun == due_on:
        return None
    return Next(CohortStep.STOP, begun, step)


def due_for_cohort(x: Exercise, name: str, rules: RulesInForce) -> Next | None:
    """The cohort's next step and its day by the present plan, whatever is under way."""
    cohort = x.cohort(name)
    if CohortStep.ISSUE_LETTERS not in cohort.taken:
        return Next(CohortStep.ISSUE_LETTERS, cohort.formed.letters_on)
    if CohortStep.CLOSE_WINDOWS not in cohort.taken:
        days = (window_due(cohort, window, rules) for window in windows_of(cohort, rules))
        last = max(days, default=sent_on(cohort))
        return Next(CohortStep.CLOSE_WINDOWS, last + _NEXT_DAY)
    if CohortStep.TRANSFER not in cohort.taken:
        return Next(CohortStep.TRANSFER, x.day_of(MilestoneRole.TRANSFER, cohort.formed.transferor))
    return None


def next_for_exercise(x: Exercise) -> Next | None:
    """What the exercise's procedure waits for; `None` when it is complete.

    A milestone is judged when its day has passed; the dissolution is an act of its day. One that
    was under way when its day moved is stopped first.
    """
    if x.completed is not None:
        return None
    dissolution = x.dissolution_falls_due()
    if (stop := stop_due(x, None, ExerciseStep.DISSOLVE, dissolution)) is not None:
        return stop
    waiting = [
        (due + _NEXT_DAY, Next(ExerciseStep.REACH_MILESTONE, due + _NEXT_DAY, name))
        for name, due in x.milestones.items()
        if name not in x.reached
    ]
    if dissolution is not None and x.dissolved is None:
        waiting.append((dissolution, Next(ExerciseStep.DISSOLVE, dissolution)))
    if not waiting:
        return Next(ExerciseStep.COMPLETE, _ends_on(x))
    return min(waiting, key=lambda each: (each[0], each[1].version))[1]


def _ends_on(x: Exercise) -> date | None:
    """The day on which the exercise can be closed; `None` while that hangs on a fact."""
    if x.opened is None or x.opened.ends_with is MilestoneRole.DISSOLUTION:
        return x.dissolved.dissolved_on if x.dissolved else None
    days = [x.milestones[name] for name, (role, _) in x.roles.items() if role is x.opened.ends_with]
    return max(days) + _NEXT_DAY if days else None
