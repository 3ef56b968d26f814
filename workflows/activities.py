"""The two things that a procedure can ask for: what comes next, and that a step be taken.

Both call `transfer.commands.due_steps`, where every rule is applied anew from the log, so that an
activity which is run twice, late, or for a day that has moved meanwhile does no harm. A refusal
ends the attempt for good, with its reasons (`procedure.REFUSED`); any other error is tried again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter

from temporalio import activity
from temporalio.exceptions import ApplicationError

from transfer.commands.due_steps import DueSteps
from transfer.commands.office import Act, key_id
from transfer.core.refusals import NotOnRecord, Refusal, StaleVersion
from transfer.log.measures import SECONDS, Distribution
from transfer.log.trace import (
    Span,
    Trace,
    current,
    current_correlation,
    listeners,
    new_span_id,
    tell,
)
from workflows.clock import RecordClock
from workflows.ids import actor, procedure_name
from workflows.messages import DueStep, Following, TakeStep, Whose
from workflows.procedure import NEXT_STEP, REFUSED, TAKE_STEP


class StoppingError(Exception):
    """The worker is being shut down: another one goes on from here."""


class Activities:
    """The activities on the steps of one record.

    `after_step` is called when a step is through, before its procedure learns of it: a rehearsal
    lets the dispatcher catch up there, so that simulated time never runs ahead of a fact.
    """

    def __init__(
        self, due: DueSteps, clock: RecordClock, after_step: Callable[[], None] = lambda: None
    ) -> None:
        self._due = due
        self._clock = clock
        self._after_step = after_step
        self.measured = Distribution(
            "activity_duration_seconds",
            "How long it took to learn what comes next (next-step), or to take a step (take-step).",
            (*SECONDS, 60.0, 600.0),
            ("activity", "outcome"),
        )

    @activity.defn(name=NEXT_STEP, no_thread_cancel_exception=True)
    def next_step(self, whose: Whose) -> Following:
        """What the procedure waits for, as the log has it now."""
        with self._measured(NEXT_STEP):
            return self._following(whose)

    @activity.defn(name=TAKE_STEP, no_thread_cancel_exception=True)
    def take_step(self, asked: TakeStep) -> Following:
        """Take what still falls due, and answer what comes after it."""
        caused_by = asked.caused_by
        led_here = None if caused_by is None else self._due.correlation_of(caused_by)
        followed = current.set(None if led_here is None else Trace(led_here.hex, new_span_id()))
        try:
            with self._measured(TAKE_STEP):
                self._take(asked)
                self._after_step()
                return self._following(asked.whose)
        finally:
            current.reset(followed)

    @contextmanager
    def _measured(self, activity_name: str) -> Iterator[None]:
        """Count an activity by what came of it; a refusal ends it with its reason."""
        outcome, began = "failed", perf_counter()
        try:
            yield
            outcome = "done"
        except Refusal as refusal:
            outcome = "refused"
            raise _failure(refusal) from None  # an answer, not an accident
        finally:
            name = activity_name.partition(".")[0]
            seconds = perf_counter() - began
            self.measured.note(seconds, name, outcome)
            if listeners and (trace := current.get()) is not None:
                about = {"transfer.activity": name, "transfer.outcome": outcome}
                failed = outcome == "failed"
                tell(Span(name, trace, seconds, about, span_id=trace.span_id, failed=failed))

    def _following(self, whose: Whose) -> Following:
        now = self._clock.now()
        try:
            found = self._due.following(whose.whom, now.day)
        except NotOnRecord:
            # Begun before the record was restored to an earlier point: there is nothing to wait
            # for. Whatever is recorded later begins it again.
            found = None
        if found is None:
            return Following(due=None)
        wait = None if found.day is None else now.until(found.day)
        due = DueStep(step=found.step, about=found.about, due_on=found.day)
        return Following(due=due, wait=wait)

    def _take(self, asked: TakeStep) -> None:
        # The day on which this attempt is made, by the record's clock and nobody else's: a step
        # that waited for a database over midnight is a step of the later day.
        now = self._clock.now()
        progress = _progress if asked.whose.staff_number is None else _nobody_asks
        self._due.take(_act(asked, now.given), asked.whose.whom, now.day, progress)


def _act(asked: TakeStep, at: datetime | None) -> Act:
    """The act of a step, of which each append makes one of its own by the versions of what it
    writes: a repetition finds a record in which the step is taken.

    It has the ids of the fact that led to it, so that what came of a request can be found by the
    request's own.
    """
    name, due = procedure_name(asked.whose), asked.due
    return Act(
        by=actor(asked.whose),
        command_id=key_id(name),
        at=at,
        correlation_id=current_correlation() or key_id(name, due.step, due.about, str(due.due_on)),
        causation_id=asked.caused_by,
        request=name,
    )


def _nobody_asks(_done: int, _of: int) -> None:
    """One person's step is short, and is taken within the workflow's own task."""


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
