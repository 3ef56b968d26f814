"""What happens to one transfer exercise as a whole: opening, milestones, cohorts, completion.

Facts here; the state, its fold and the decisions are in `exercise.py`.
"""

from datetime import date

from transfer.core.words import (
    Basis,
    Destination,
    ExerciseId,
    Frozen,
    Mechanism,
    MilestoneName,
    MilestoneRole,
    PathName,
    Route,
    WindowKind,
    WindowName,
)


class ClauseValue(Frozen):
    """A value that no source gives, supplied for one exercise: by a document, or assumed.

    `transferor` is whose value it is, where each has its own.
    """

    clause: str
    transferor: str | None = None
    value: str
    document: str | None
    assumed: bool


class Collision(Frozen):
    """Two dates of a plan that cannot both be kept, found before anything started."""

    what: str
    first: str
    first_on: date
    second: str
    second_on: date
    clause: str
    who: str


class ExerciseOpened(Frozen):
    """The exercise begins under one frozen rulebook edition, with every unknown value supplied.

    `ends_with` is the role of the last day of the plan: where no body is dissolved, the transfer.
    """

    exercise: ExerciseId
    rulebook: str
    rulebook_digest: str
    mechanism: Mechanism
    transferors: tuple[str, ...]
    opened_on: date
    calendar: str
    values: tuple[ClauseValue, ...]
    collisions: tuple[Collision, ...] = ()
    rehearsed: bool = False
    ends_with: MilestoneRole = MilestoneRole.DISSOLUTION
    basis: Basis


class ScopeSet(Frozen):
    """Who the exercise covers on a day, by the criterion of its edition."""

    exercise: ExerciseId
    criterion: str
    effective_from: date
    members: tuple[str, ...]
    basis: Basis


class MilestoneSet(Frozen):
    """A day by which, or on which, something of the exercise is due.

    `role` says which day of the procedure it is, `transferors` whose it is, where not everybody's.
    """

    exercise: ExerciseId
    milestone: MilestoneName
    role: MilestoneRole | None = None
    transferors: tuple[str, ...] = ()
    due_on: date
    basis: Basis


class MilestoneReset(Frozen):
    """A milestone moves; the day it had stays on record."""

    exercise: ExerciseId
    milestone: MilestoneName
    role: MilestoneRole | None = None
    transferors: tuple[str, ...] = ()
    due_on_before: date
    due_on: date
    reason: str
    basis: Basis


class MilestoneReached(Frozen):
    """A milestone's day came: whether what it asked for was done, and what was outstanding."""

    exercise: ExerciseId
    milestone: MilestoneName
    due_on: date
    met: bool
    outstanding: int
    basis: Basis


class CohortFormed(Frozen):
    """People of one transferor whose letters share a date and a path, which has these routes."""

    exercise: ExerciseId
    cohort: str
    transferor: str
    path: PathName
    routes: tuple[Route, ...]
    letters_on: date
    members: tuple[str, ...]
    basis: Basis


class WindowReset(Frozen):
    """A window that was published to a whole cohort closes on another day than was published."""

    exercise: ExerciseId
    window: WindowName
    kind: WindowKind
    cohort: str
    due_on_before: date
    due_on: date
    reason: str
    basis: Basis


class StepBegun(Frozen):
    """A step over many people begins, by the plan as it is: the day that it fell due on.

    `cohort` is `None` for a step over everybody in the exercise.
    """

    exercise: ExerciseId
    cohort: str | None
    step: str
    begun_on: date
    due_on: date


class StepStopped(Frozen):
    """The plan moved while a step was under way: it stops, and is due again on the plan's new day.

    `done` lists whom the step had reached by then, by a plan that holds no more: what was done to
    each of them is to be reconsidered.
    """

    exercise: ExerciseId
    cohort: str | None
    step: str
    stopped_on: date
    due_on_before: date
    done: tuple[str, ...]
    reason: str
    basis: Basis


class CohortStepTaken(Frozen):
    """A step over a cohort is through: for how many it was done, and for how many refused.

    `left` counts those whom it passed by, because nobody employed them on its day.
    """

    exercise: ExerciseId
    cohort: str
    step: str
    taken_on: date
    done: int
    left_to_their_own: int
    refused: int
    left: int = 0


class TransferorDissolved(Frozen):
    """The transferors cease to exist."""

    exercise: ExerciseId
    transferors: tuple[str, ...]
    dissolved_on: date
    basis: Basis


class ExerciseCompleted(Frozen):
    """Everybody in scope is accounted for: the flows add up to the scope.

    `stayed` are those who are still where they were, where the edition ends nobody's employment.
    """

    exercise: ExerciseId
    completed_on: date
    in_scope: int
    transferred: dict[Destination, int]
    objected: int
    not_transferred: int
    left: int = 0
    stayed: int = 0
    basis: Basis


ExerciseFact = (
    ExerciseOpened
    | ScopeSet
    | MilestoneSet
    | MilestoneReset
    | MilestoneReached
    | CohortFormed
    | WindowReset
    | StepBegun
    | StepStopped
    | CohortStepTaken
    | TransferorDissolved
    | ExerciseCompleted
)
