"""What workflows, activities and signals are given: one frozen model each, and ids only.

No personal data and no state: the log is the truth, so that a procedure need only know whose it is.
"""

from datetime import date, datetime, timedelta
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
    """The argument of every workflow.

    `clock_offset_seconds` is added to the server's clock: 0 in service; in a rehearsal, the
    simulated time less the server's. `caused_by` is the fact that the procedure last heard of.
    """

    whose: Whose
    clock_offset_seconds: float = 0.0
    caused_by: UUID | None = None

    @property
    def clock_offset(self) -> timedelta:
        """How far simulated time is ahead of the server's clock (behind, if negative)."""
        return timedelta(seconds=self.clock_offset_seconds)

    @property
    def is_rehearsed(self) -> bool:
        """Whether time is simulated, so that facts carry its instants and not the database's."""
        return self.clock_offset_seconds != 0.0


class ReadAgain(Frozen):
    """The argument of the one signal: a fact may have changed what comes next."""

    caused_by: UUID


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
    """What a procedure has to wait for; `due` is `None` when it is through."""

    due: DueStep | None


class TakeStep(Frozen):
    """The argument of taking a step. `simulated_at` is `None` in service."""

    whose: Whose
    due: DueStep
    simulated_at: datetime | None
    caused_by: UUID | None
