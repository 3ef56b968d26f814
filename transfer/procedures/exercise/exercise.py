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
from transfer.core.words import Destination, Mechanism, MilestoneName, Route, Window
from transfer.procedures.exercise import exercise_facts as f

_NEXT_DAY = timedelta(days=1)

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Cohort:
    """People whose letters share a date and a path."""

    formed: f.CohortFormed
    reset: dict[Window, date] = field(default_factory=dict)
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
    """Begin an exercise under a rulebook whose every unknown value has been supplied (TR-01).

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
            basis=rules.basis_for("opening"),
        ),
        *(
            f.MilestoneSet(
                exercise=exercise,
                milestone=name,
                due_on=due,
                basis=rules.milestone_basis(name, due),
            )
            for name, due in milestones.items()
        ),
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
            basis=rules.basis("TR-01"),
        ),
    )


def form_cohort(
    x: Exercise,
    *,
    cohort: str,
    transferor: str,
    path: tuple[Route, ...],
    letters_on: date,
    members: tuple[str, ...],
    rules: RulesInForce,
) -> tuple[f.CohortFormed, ...]:
    """Put people whose letters share a date and a path together (TR-08)."""
    opened = x.require_open()
    if cohort in x.cohorts:
        return ()
    return (
        f.CohortFormed(
            exercise=opened.exercise,
            cohort=cohort,
            transferor=transferor,
            path=path,
            letters_on=letters_on,
            members=members,
            basis=rules.basis("TR-08"),
        ),
    )


def reset_milestone(
    x: Exercise, *, milestone: MilestoneName, due_on: date, reason: str, rules: RulesInForce
) -> tuple[f.MilestoneReset | f.MilestoneSet, ...]:
    """Move a milestone; one that was never set is set (rules 0.3).

    One that was judged already is judged anew by its new day: deadlines were reset after the fact.
    Raises `Refused` (TR-12) for the transfer once staff have transferred on it.
    """
    opened = x.require_open()
    basis = rules.milestone_basis(milestone, due_on)
    before = x.milestones.get(milestone)
    if before is None:
        return (
            f.MilestoneSet(
                exercise=opened.exercise, milestone=milestone, due_on=due_on, basis=basis
            ),
        )
    if before == due_on:
        return ()
    if milestone is MilestoneName.TRANSFER and any(
        CohortStep.TRANSFER in cohort.taken for cohort in x.cohorts.values()
    ):
        raise Refused(
            "staff have transferred on that date: it cannot move any more", clause="TR-12"
        )
    return (
        f.MilestoneReset(
            exercise=opened.exercise,
            milestone=milestone,
            due_on_before=before,
            due_on=due_on,
            reason=reason,
            basis=basis,
        ),
    )


def reset_window(
    x: Exercise, *, cohort: str, window: Window, due_on: date, reason: str, rules: RulesInForce
) -> tuple[f.WindowReset, ...]:
    """Move the last day of a window for a whole cohort; never to earlier than was published."""
    opened = x.require_open()
    group = x.cohort(cohort)
    before = window_due(group, window, rules)
    if due_on == before:
        return ()
    clause = "TR-11b" if window is Window.APPEAL else "TR-10-response"
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
    """Stop a step that is under way by a plan which has moved since (TR-12, TR-11b, TR-16).

    `due_on` is its day by the present plan; `done` are those whom it has reached by another one.
    """
    opened = x.require_open()
    before = x.begun.get((cohort, step))
    if before is None or before == due_on:
        return ()
    clause = _STOPPED_UNDER.get(step, "TR-12")
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
    """The Trusts cease to exist on their date (TR-17)."""
    opened = x.require_open()
    if x.dissolved is not None:
        return ()
    due = x.milestones.get(MilestoneName.DISSOLUTION)
    if due is None or on < due:
        raise Refused(f"the Trusts are dissolved on {due or 'a day not yet set'}", clause="TR-17")
    return (
        f.TransferorDissolved(
            exercise=opened.exercise,
            transferors=opened.transferors,
            dissolved_on=due,
            basis=rules.basis("TR-17"),
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
) -> tuple[f.ExerciseCompleted, ...]:
    """Close the exercise; refused while somebody in scope is not accounted for, or something that
    was done to them by a plan that moved is still to be reconsidered."""
    opened = x.require_open()
    if x.completed is not None:
        return ()
    accounted = sum(transferred.values()) + objected + not_transferred + left
    if accounted != in_scope:
        raise Refused(f"{in_scope} are in scope, {accounted} accounted for")
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
            basis=rules.basis("TR-17"),
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


_STOPPED_UNDER: Mapping[str, str] = {
    CohortStep.CLOSE_WINDOWS: "TR-11b",
    ExerciseStep.DISSOLVE: "TR-16",
}


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


def window_due(cohort: Cohort, window: Window, rules: RulesInForce) -> date:
    """The last day of a cohort's window: as reset, else as the letters publish it.

    Letters that went out after their day publish a later one, to the whole cohort alike.
    """
    clause = "TR-11b" if window is Window.APPEAL else "TR-10-response"
    issued = cohort.taken.get(CohortStep.ISSUE_LETTERS)
    letters_on = cohort.formed.letters_on
    sent_on = letters_on if issued is None else max(letters_on, issued.taken_on)
    published = rules.period(clause).due_after(sent_on, rules.calendar)
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
        last = max(window_due(cohort, window, rules) for window in Window)
        return Next(CohortStep.CLOSE_WINDOWS, last + _NEXT_DAY)
    if CohortStep.TRANSFER not in cohort.taken:
        return Next(CohortStep.TRANSFER, x.milestones.get(MilestoneName.TRANSFER))
    return None


def next_for_exercise(x: Exercise) -> Next | None:
    """What the exercise's procedure waits for; `None` when it is complete.

    A milestone is judged when its day has passed; the dissolution is an act of its day. One that
    was under way when its day moved is stopped first.
    """
    if x.completed is not None:
        return None
    day = x.milestones.get(MilestoneName.DISSOLUTION)
    if (stop := stop_due(x, None, ExerciseStep.DISSOLVE, day)) is not None:
        return stop
    waiting = [
        (due + _NEXT_DAY, Next(ExerciseStep.REACH_MILESTONE, due + _NEXT_DAY, name))
        for name, due in x.milestones.items()
        if name not in x.reached
    ]
    dissolution = x.milestones.get(MilestoneName.DISSOLUTION)
    if dissolution is not None and x.dissolved is None:
        waiting.append((dissolution, Next(ExerciseStep.DISSOLVE, dissolution)))
    if not waiting:
        ends = x.dissolved.dissolved_on if x.dissolved else None
        return Next(ExerciseStep.COMPLETE, ends)
    return min(waiting, key=lambda each: (each[0], each[1].version))[1]
