"""What the three procedures share: ask what comes next, wait for its day, take the step.

The rules of this file
- The log is the truth. A procedure keeps no state: whatever it hears or has done, it asks again.
- A step falls due when its day begins in London. A day that moves moves the wait, because the
  signal makes the procedure ask anew; so the signal's content matters to nothing but causation.
- Time is the server's plus an offset (architecture, 11): nothing here compares with a real clock.
- What the rules refuse shows as a failed activity with the reason; the procedure lives on, and
  tries again when a fact arrives or, at the latest, a day later. Whatever else fails (the database
  is gone) is tried again for ever.
- Nothing here imports the log or the commands, and nothing draws, reads a clock or makes an id.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from transfer.core.dating.calendars import start_of_day_london
    from workflows.messages import (
        DueStep,
        Following,
        ProcedureStart,
        ReadAgain,
        TakeStep,
    )

NEXT_STEP = "next-step.v1"
TAKE_STEP = "take-step.v1"
READ_AGAIN = "read_again"

REFUSED = "Refused"
"""The type of an activity failure that repeating does not cure: a rule says no."""

_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=[REFUSED],
)
_SHORTLY = timedelta(minutes=10)
_AT_LENGTH = timedelta(hours=6)
_HEARTBEAT = timedelta(minutes=1)
_TRY_AGAIN_AFTER = timedelta(days=1)

ROUNDS_A_RUN = 500
"""After so many questions a run is continued as a new one, suggested or not."""


class Procedure:
    """The loop; a workflow definition gives it a name, a signal and the way to take a step.

    `locally`: steps are short, and are taken within the workflow's own task; otherwise by an
    activity that may run for hours and says how far it has got.
    """

    def __init__(self, start: ProcedureStart, *, locally: bool) -> None:
        self._start = start
        self._locally = locally
        self._caused_by: UUID | None = start.caused_by
        self._told = False

    def read_again(self, told: ReadAgain) -> None:
        """Hear of a fact that may change what comes next."""
        self._caused_by = told.caused_by
        self._told = True

    async def run(self) -> None:
        """Wait and act until there is nothing left to wait for."""
        due = await self._ask()
        rounds = 0
        while due is not None or self._told:
            rounds += 1
            if rounds > ROUNDS_A_RUN or workflow.info().is_continue_as_new_suggested():
                # Nothing is carried over: the next run begins by asking, as this one did.
                workflow.continue_as_new(
                    self._start.model_copy(update={"caused_by": self._caused_by})
                )
            if due is None or await self._is_told_before(due.due_on):
                due = await self._ask()
                continue
            following = await self._take(due)
            if following == due:
                # Refused, or taken without effect: what changes that is a fact, or a new day.
                await self._is_told_within(_TRY_AGAIN_AFTER)
                following = await self._ask()
            due = following

    async def _is_told_before(self, due_on: date | None) -> bool:
        """Wait for that day to begin; whether a fact came first. No day: wait for the fact."""
        left = None if due_on is None else start_of_day_london(due_on) - self._now()
        return await self._is_told_within(left)

    async def _is_told_within(self, span: timedelta | None) -> bool:
        if not self._told and (span is None or span > timedelta()):
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._told, timeout=span)
        return self._told

    async def _ask(self) -> DueStep | None:
        """What comes next, however long it takes to learn it."""
        while True:
            self._told = False
            try:
                answer: Following = await workflow.execute_local_activity(
                    NEXT_STEP,
                    self._start.whose,
                    result_type=Following,
                    start_to_close_timeout=_SHORTLY,
                    retry_policy=_RETRY,
                )
            except FailureError as error:
                self._note(error)
                await self._is_told_within(_TRY_AGAIN_AFTER)
            else:
                return answer.due

    async def _take(self, due: DueStep) -> DueStep | None:
        """What comes after the step; the step itself again where it could not be taken."""
        self._told = False
        step = TakeStep(
            whose=self._start.whose,
            due=due,
            simulated_at=self._simulated_at(due.due_on),
            caused_by=self._caused_by,
        )
        try:
            answer: Following
            if self._locally:
                answer = await workflow.execute_local_activity(
                    TAKE_STEP,
                    step,
                    result_type=Following,
                    start_to_close_timeout=_SHORTLY,
                    retry_policy=_RETRY,
                )
            else:
                answer = await workflow.execute_activity(
                    TAKE_STEP,
                    step,
                    result_type=Following,
                    start_to_close_timeout=_AT_LENGTH,
                    heartbeat_timeout=_HEARTBEAT,
                    retry_policy=_RETRY,
                )
        except FailureError as error:
            self._note(error)
            return due
        workflow.set_current_details("")
        return answer.due

    def _note(self, error: FailureError) -> None:
        """Show the reason beside the workflow, unless somebody is ending it."""
        if is_cancelled_exception(error):
            raise error
        # A local activity's failure comes as it is, any other within an ActivityError.
        workflow.set_current_details(f"waiting for a fact or a new day: {error.cause or error}")

    def _simulated_at(self, due_on: date | None) -> datetime | None:
        """The instant that a rehearsed step is taken at; never before its day begins, although a
        server may round a timer down."""
        if not self._start.is_rehearsed:
            return None
        return self._now() if due_on is None else max(self._now(), start_of_day_london(due_on))

    def _now(self) -> datetime:
        return workflow.now() + self._start.clock_offset
