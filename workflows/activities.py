"""The two things that a procedure can ask for: what comes next, and that a step be taken.

Both call `transfer.commands.procedures`, where every rule is applied anew from the log, so that an
activity which is run twice, late, or for a day that has moved meanwhile does no harm. A refusal
ends the attempt for good, with its reasons (`procedure.REFUSED`); any other error is tried again.
"""

from collections.abc import Callable
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from transfer.commands import procedures
from transfer.commands.office import Act, Office, key_id
from transfer.core.refusals import Refusal, StaleVersion
from transfer.procedures.exercise.exercise import Next
from workflows.clock import RecordClock
from workflows.ids import actor, procedure_name
from workflows.messages import DueStep, Following, TakeStep, Whose
from workflows.procedure import NEXT_STEP, REFUSED, TAKE_STEP


class StoppingError(Exception):
    """The worker is being shut down: another one goes on from here."""


class Activities:
    """The activities on one office.

    `after_step` is called when a step is through, before its procedure learns of it: a rehearsal
    lets the dispatcher catch up there, so that simulated time never runs ahead of a fact.
    """

    def __init__(
        self, office: Office, clock: RecordClock, after_step: Callable[[], None] = lambda: None
    ) -> None:
        self._office = office
        self._clock = clock
        self._after_step = after_step

    @activity.defn(name=NEXT_STEP, no_thread_cancel_exception=True)
    def next_step(self, whose: Whose) -> Following:
        """What the procedure waits for, as the log has it now."""
        try:
            return self._following(whose)
        except Refusal as refusal:
            raise _failure(refusal) from None  # an answer, not an accident

    @activity.defn(name=TAKE_STEP, no_thread_cancel_exception=True)
    def take_step(self, asked: TakeStep) -> Following:
        """Take a step if it still falls due, and answer what comes after it."""
        try:
            self._take(asked)
            self._after_step()
            return self._following(asked.whose)
        except Refusal as refusal:
            raise _failure(refusal) from None  # an answer, not an accident

    def _following(self, whose: Whose) -> Following:
        following = self._next(whose)
        if following is None:
            return Following(due=None)
        wait = None if following.due_on is None else self._clock.until(following.due_on)
        return Following(due=DueStep.from_next(following), wait=wait)

    def _next(self, whose: Whose) -> Next | None:
        if whose.cohort is not None:
            return procedures.next_cohort_step(self._office, whose.exercise, whose.cohort)
        if whose.staff_number is not None:
            return procedures.next_person_step(self._office, whose.exercise, whose.staff_number)
        return procedures.next_exercise_step(self._office, whose.exercise)

    def _take(self, asked: TakeStep) -> None:
        whose, step = asked.whose, asked.due.as_next()
        # The day on which this attempt is made, by the record's clock and nobody else's: a step
        # that waited for a database over midnight is a step of the later day.
        now = self._clock.now()
        on = now.day
        act = self._act(asked, step, now.given)
        if whose.cohort is not None:
            procedures.take_cohort_step(
                self._office,
                act,
                name=whose.exercise,
                cohort=whose.cohort,
                step=step,
                on=on,
                progress=_progress,
            )
        elif whose.staff_number is not None:
            procedures.take_person_step(
                self._office,
                act,
                name=whose.exercise,
                staff_number=whose.staff_number,
                step=step,
                on=on,
            )
        else:
            procedures.take_exercise_step(
                self._office, act, name=whose.exercise, step=step, on=on, progress=_progress
            )

    def _act(self, asked: TakeStep, step: Next, at: datetime | None) -> Act:
        """The act of a step under the record as it stands.

        Its id is made from the procedure, the step with its date, and the version of the record:
        a repetition finds either its own id or a record in which the step is taken, while a step
        that falls due once more for the same date (a confirmation undone by an appeal that was
        accepted out of time) is not mistaken for the first one.
        """
        name = procedure_name(asked.whose)
        return Act(
            by=actor(asked.whose),
            command_id=key_id(name, step.version, *self._versions(asked.whose)),
            at=at,
            correlation_id=key_id(name, step.version),
            causation_id=asked.caused_by,
            request=step.version,
        )

    def _versions(self, whose: Whose) -> tuple[str, ...]:
        if whose.staff_number is not None:
            return (str(self._office.person(whose.staff_number).version),)
        _, exercise = self._office.exercise(whose.exercise)
        _, consultation = self._office.consultation(whose.exercise)
        return str(exercise), str(consultation)


def _progress(done: int, of: int) -> None:
    activity.heartbeat(done, of)
    if activity.is_worker_shutdown():
        raise StoppingError(f"the worker stopped after {done} of {of}")


def _failure(refusal: Refusal) -> ApplicationError:
    # A version that is stale after all the attempts of a command is a busy stream, not a rule.
    busy = isinstance(refusal, StaleVersion)
    return ApplicationError(
        refusal.reason,
        type=type(refusal).__name__ if busy else REFUSED,
        non_retryable=not busy,
    )
