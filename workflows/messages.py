"""What workflows, activities and signals are given: one frozen model each, and ids only.

No personal data and no state: the log is the truth, so that a procedure need only know whose it is.
"""

from datetime import date, timedelta
from typing import Self
from uuid import UUID

from pydantic import model_validator

from transfer.core.words import ExerciseId, Frozen, StaffNumber
from transfer.procedures.exercise.exercise import Next


class Whose(Frozen):
    """Whose procedure it is: an exercise's, one of its cohorts', or one person's in it."""

    exercise: ExerciseId
    cohort: str | None = None
    staff_number: StaffNumber | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.cohort is not None and self.staff_number is not None:
            raise ValueError("a procedure is a cohort's or a person's, not both")
        return self


class ProcedureStart(Frozen):
    """The argument of the workflow. `caused_by` is the fact that the procedure last heard of."""

    whose: Whose
    caused_by: UUID | None = None


class ReadAgain(Frozen):
    """The argument of the one signal: a fact may have changed what comes next.

    `caused_by` is `None` where it was no fact: a comparison with the log, or a clock that moved.
    """

    caused_by: UUID | None


class DueStep(Frozen):
    """A step and the London date at whose beginning it falls due (`None`: a fact decides)."""

    step: str
    about: str
    due_on: date | None

    @classmethod
    def from_next(cls, following: Next) -> Self:
        """What the core answered, for the wire."""
        return cls(step=following.step, about=following.about, due_on=following.due_on)

    def as_next(self) -> Next:
        """What the core answered, back from the wire."""
        return Next(self.step, self.due_on, self.about)


class Following(Frozen):
    """What a procedure has to wait for, and how long.

    `due` is `None` when it is through. `wait` is worked out from the record's clock, so that the
    procedure compares no instants: nothing is left of it when the step falls due now, and `None`
    waits for a fact alone.
    """

    due: DueStep | None
    wait: timedelta | None = None

    @property
    def is_due_now(self) -> bool:
        """Whether the step's day has begun."""
        return self.due is not None and self.wait is not None and self.wait <= timedelta()


class TakeStep(Frozen):
    """The argument of taking a step."""

    whose: Whose
    due: DueStep
    caused_by: UUID | None
