"""What workflows, activities and signals are given: one frozen model each, and ids only.

No personal data and no state: the log is the truth, so that a procedure need only know whose it is.
A reason for a refusal is a sentence of the rules.
"""

from datetime import date, timedelta
from typing import Self
from uuid import UUID

from pydantic import model_validator

from transfer.core.matter.words import GroupName, MatterName, Whom
from transfer.core.words import Frozen, StaffNumber


class Whose(Frozen):
    """Whose procedure it is: a matter's, one of its groups', or one person's in it."""

    matter: MatterName
    group: GroupName | None = None
    staff_number: StaffNumber | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.group is not None and self.staff_number is not None:
            raise ValueError("a procedure is a group's or a person's, not both")
        return self

    @property
    def whom(self) -> Whom:
        """The same, as the core says it."""
        return Whom(self.matter, self.group, self.staff_number)


class Lane(Frozen):
    """A part of all members of staff, by their numbers: their own procedures share a workflow."""

    number: int


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


class Own(Frozen):
    """One person's procedure that is to be looked at, and the fact that it last heard of."""

    whose: Whose
    caused_by: UUID | None = None


class PeopleStart(Frozen):
    """The argument of a lane's workflow. It begins by asking who of the lane waits; `those` are to
    be looked at besides."""

    lane: Lane
    those: tuple[Own, ...] = ()


class LookAgain(Frozen):
    """The argument of the one signal to a lane: for these people a fact may have changed what comes
    next (`None`: for any of the lane)."""

    those: tuple[Own, ...] | None


class OwnSteps(Frozen):
    """The argument of looking at some people, and taking what is due of theirs.

    `besides` is the first day on which something is due for anybody else of the lane.
    """

    those: tuple[Own, ...]
    besides: date | None


class OwnWait(Frozen):
    """A person's procedure that waits: for a day, in London, or for a fact (`None`).

    `refused` is why the rules have just refused its step, where they did: a short sentence without
    the person's number, for who looks at the workflow.
    """

    whose: Whose
    day: date | None
    refused: str | None = None


class OwnFollowing(Frozen):
    """Which of some people's procedures have something to wait for, and how long it is until the
    first day on which one has something to do, or somebody `besides` them.

    `wait` is worked out from the record's clock: nothing is left of it where that day has come, and
    `None` waits for a fact alone. `failed` are those that this program could not look at.
    """

    waiting: tuple[OwnWait, ...]
    wait: timedelta | None
    failed: tuple[Whose, ...] = ()
