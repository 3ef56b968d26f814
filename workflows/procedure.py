"""The workflow of a matter or a group: ask what comes next, wait for its day, take the step, ask
again.

It runs for a matter as a whole (milestones, completion) and for a group of people in it (letters,
the closing of the windows, what is done for all of them on a day). People who have something of
their own (an appeal, an objection, more time) share other workflows (`workflows.people`); each ran
in one of these before. What comes next, and when, is read off the
declaration of the matter's kind (`transfer.commands.due_steps`).

The rules of this file
- The log is the truth. A procedure keeps no state: whatever it hears or has done, it asks again.
- A step falls due when its day begins in London. The answer to what comes next says how long to
  wait for that, by the record's own clock (architecture, 11): nothing here compares instants. A day
  that moves moves the wait, because the signal makes the procedure ask anew; so the signal's
  content matters to nothing but causation.
- What the rules refuse shows as a failed activity with the reason; the procedure lives on, and
  tries again when a fact arrives or, at the latest, a day later. Whatever else fails (the database
  is gone) is tried again for ever.
- Nothing here imports the log or the commands, and nothing draws, reads a clock or makes an id.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.ids import PROCEDURE
    from workflows.messages import DueStep, Following, ProcedureStart, ReadAgain, TakeStep

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


@workflow.defn(name=PROCEDURE)
class Procedure:
    """One per matter, and one per group.

    It begins because of a fact, and ends when nothing is left to wait for; a later fact begins it
    anew under the same id. One that begins with nothing to do asks, and ends.
    """

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        self._start = start
        # Before there were lanes a person's step, one short command, was taken within the
        # workflow's own task. Any other goes over many people: an activity that may take hours and
        # says how far it has got.
        self._locally = start.whose.staff_number is not None
        self._caused_by: UUID | None = start.caused_by
        self._told = False

    @workflow.signal(name=READ_AGAIN)
    def read_again(self, told: ReadAgain | None = None) -> None:
        """Hear of a fact that may change what comes next.

        A signal without content is nobody's who may tell us anything (`workflows.sealing`).
        """
        if told is not None:
            self._caused_by = told.caused_by
            self._told = True

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:  # noqa: ARG002 - workflow.init has it
        """Wait and act until there is nothing left to wait for."""
        following = await self._ask()
        rounds = 0
        while following.due is not None or self._told:
            rounds += 1
            if rounds > ROUNDS_A_RUN or workflow.info().is_continue_as_new_suggested():
                # Nothing is carried over: the next run begins by asking, as this one did.
                workflow.continue_as_new(
                    self._start.model_copy(update={"caused_by": self._caused_by})
                )
            if following.due is None or await self._is_told_before(following):
                following = await self._ask()
                continue
            taken = await self._take(following.due)
            if taken is None or (taken.due == following.due and taken.is_due_now):
                # Refused, or taken without effect: what changes that is a fact, or a new day.
                await self._is_told_within(_TRY_AGAIN_AFTER, "a new day")
                taken = await self._ask()
            following = taken

    async def _is_told_before(self, following: Following) -> bool:
        """Wait for the step to fall due; whether a fact came first."""
        due = following.due
        if due is None or following.is_due_now:
            return self._told
        about = f"{due.step} {due.about}".rstrip()
        what = f"{about} on {due.due_on}" if due.due_on else f"{about}, when a fact allows it"
        workflow.set_current_details(f"waiting: {what}")
        return await self._is_told_within(following.wait, what)

    async def _is_told_within(self, span: timedelta | None, what: str) -> bool:
        if not self._told and (span is None or span > timedelta()):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._told, timeout=span, timeout_summary=what
                )
        return self._told

    async def _ask(self) -> Following:
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
                await self._is_told_within(_TRY_AGAIN_AFTER, "a new day")
            else:
                return answer

    async def _take(self, due: DueStep) -> Following | None:
        """What comes after the step; `None` where the rules refuse it."""
        self._told = False
        workflow.set_current_details(f"taking: {due.step} {due.about}".rstrip())
        step = TakeStep(whose=self._start.whose, due=due, caused_by=self._caused_by)
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
                    summary=due.step,
                )
        except FailureError as error:
            self._note(error)
            return None
        workflow.set_current_details("")
        return answer

    def _note(self, error: FailureError) -> None:
        """Show the reason beside the workflow, unless somebody is ending it."""
        if is_cancelled_exception(error):
            raise error
        # A local activity's failure comes as it is, any other within an ActivityError.
        workflow.set_current_details(f"waiting for a fact or a new day: {error.cause or error}")
