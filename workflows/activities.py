"""What a procedure can ask for: what comes next, and that a step be taken; of one procedure, or of
many people's at once.

All call `transfer.commands.due_steps`, where every rule is applied anew from the log, so that an
activity which is run twice, late, or for a day that has moved meanwhile does no harm. A refusal
ends the attempt for good, with its reasons (`procedure.REFUSED`); any other error is tried again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from textwrap import shorten
from time import perf_counter
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from transfer.commands import due_steps
from transfer.commands.due_steps import DueSteps
from transfer.commands.matter_worlds import Loaded
from transfer.commands.office import Act, key_id
from transfer.core.refusals import NotOnRecord, Refusal, StaleVersion
from transfer.log.faults import is_lost_connection, kept
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
from workflows.clock import Now, RecordClock
from workflows.concerns import Waiting, read_together
from workflows.ids import actor, procedure_name
from workflows.messages import (
    DueStep,
    Following,
    Lane,
    Own,
    OwnFollowing,
    OwnSteps,
    OwnWait,
    TakeStep,
    Whose,
)
from workflows.people import OWN_STEPS, WHO_WAITS
from workflows.procedure import NEXT_STEP, REFUSED, TAKE_STEP
from workflows.troubles import public_name

_logger = logging.getLogger(__name__)

_READ_AT_ONCE = 100
_LONGEST_REASON = 200


class StoppingError(Exception):
    """The worker is being shut down: another one goes on from here."""


class UnderWay:
    """How many activities have begun and how many have ended, in this process; safe among threads.

    Where neither number grows and they are equal, no activity does anything.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = self._ended = 0

    def read(self) -> tuple[int, int]:
        """How many have begun, and how many of them have ended."""
        with self._lock:
            return self._begun, self._ended

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count an activity."""
        with self._lock:
            self._begun += 1
        try:
            yield
        finally:
            with self._lock:
                self._ended += 1


class Activities:
    """The activities on the steps of one record.

    `after_step` is called when a step is through, before its procedure learns of it: a rehearsal
    lets the dispatcher catch up there, so that simulated time never runs ahead of a fact.
    """

    def __init__(
        self,
        due: DueSteps,
        clock: RecordClock,
        waiting: Waiting,
        after_step: Callable[[], None] = lambda: None,
    ) -> None:
        self._due = due
        self._waiting = waiting
        self._one_asks = threading.Lock()
        self._clock = clock
        self._after_step = after_step
        self.under_way = UnderWay()
        self.measured = Distribution(
            "activity_duration_seconds",
            "How long it took to learn what comes next (next-step), or to take a step (take-step);"
            " to learn who waits (who-waits), or to look at some people's steps (own-steps).",
            (*SECONDS, 60.0, 600.0),
            ("activity", "outcome"),
        )

    @activity.defn(name=NEXT_STEP, no_thread_cancel_exception=True)
    def next_step(self, whose: Whose) -> Following:
        """What the procedure waits for, as the log has it now."""
        with _refusing(), self._measured(NEXT_STEP):
            return self._following(whose)

    @activity.defn(name=TAKE_STEP, no_thread_cancel_exception=True)
    def take_step(self, asked: TakeStep) -> Following:
        """Take what still falls due, and answer what comes after it."""
        with self._because_of(asked.caused_by), _refusing(), self._measured(TAKE_STEP):
            self._take(asked)
            self._after_step()
            return self._following(asked.whose)

    # --- many people at once -------------------------------------------------------------------

    @activity.defn(name=WHO_WAITS, no_thread_cancel_exception=True)
    def who_waits(self, lane: Lane) -> OwnFollowing:
        """Everybody of a lane who has something to wait for, by the whole log."""
        with self._measured(WHO_WAITS):
            with self._one_asks:
                those = self._waiting.people_of(lane)
            now = self._clock.now()
            found, failed = self._looked_at(those, now)
            self._note_troubles(those, failed)
            waits = [_waits(*each) for each in found.items()]
            return _until_the_first(waits, tuple(failed), now, None)

    @activity.defn(name=OWN_STEPS, no_thread_cancel_exception=True)
    def own_steps(self, asked: OwnSteps) -> OwnFollowing:
        """Take what has fallen due of some people, and answer what each waits for then.

        What the rules refuse somebody is tried again on the next day. Whom this program fails to
        look at, whatever the reason, is in nobody else's way.
        """
        with self._measured(OWN_STEPS):
            now = self._clock.now()
            owns = {each.whose: each for each in asked.those}
            found, failed = self._looked_at(list(owns), now)
            while due := [whose for whose, each in found.items() if _is_due(each, now)]:
                has_written: dict[Whose, bool] = {}
                refused: dict[Whose, str] = {}
                for done, whose in enumerate(due):
                    _say_how_far(done, len(due))
                    came_to = self._take_own(owns[whose], found.pop(whose), now)
                    if isinstance(came_to, Exception) and _is_fault(came_to):
                        failed[whose] = came_to
                        continue
                    has_written[whose] = came_to is True
                    if isinstance(came_to, Refusal):
                        refused[whose] = came_to.reason
                self._after_step()
                now = self._clock.now()
                then, also_failed = self._looked_at(list(has_written), now)
                failed |= also_failed
                tomorrow = now.day + timedelta(days=1)
                for whose, each in then.items():
                    # Refused, or without effect: what changes that is a fact, or a new day.
                    is_in_vain = _is_due(each, now) and not has_written[whose]
                    if is_in_vain:
                        why = refused.get(whose, each.refused)
                        found[whose] = replace(each, day=tomorrow, refused=why)
                    else:
                        found[whose] = each
            self._note_troubles(owns, failed)
            waits = [_waits(*each) for each in found.items()]
            return _until_the_first(waits, tuple(failed), now, asked.besides)

    def _looked_at(
        self, those: Sequence[Whose], now: Now
    ) -> tuple[dict[Whose, due_steps.Following], dict[Whose, Exception]]:
        """What each waits for, of those who wait; and who could not be looked at, and why."""
        found: dict[Whose, due_steps.Following] = {}
        failed: dict[Whose, Exception] = {}
        for start in range(0, len(those), _READ_AT_ONCE):
            _say_how_far(start, len(those))
            some, loaded = those[start : start + _READ_AT_ONCE], Loaded()
            people = dict.fromkeys(each.staff_number for each in some if each.staff_number)
            read_together(people, loaded, self._due)
            for whose in some:
                try:
                    following = self._due.following(whose.whom, now.day, loaded)
                except NotOnRecord:
                    continue  # as `_following`
                except Exception as error:
                    if is_lost_connection(error):
                        raise
                    # Whatever it is, it is in nobody else's way.
                    self._log_failed(whose, error)
                    self.measured.note(0.0, OWN_STEPS.partition(".")[0], "failed")
                    failed[whose] = error
                else:
                    if following is not None:
                        found[whose] = following
        return found, failed

    def _take_own(self, own: Own, due: due_steps.Following, now: Now) -> bool | Exception:
        """Take what is due first of one person; whether that put something on record, or why it
        could not."""
        step = TakeStep(
            whose=own.whose,
            due=DueStep(step=due.step, about=due.about, due_on=due.day),
            caused_by=own.caused_by,
        )
        with self._because_of(own.caused_by):
            try:
                with self._measured(TAKE_STEP):
                    return self._due.take_next(_act(step, now.given), own.whose.whom, now.day)
            except Exception as error:
                if is_lost_connection(error):
                    raise
                if _is_fault(error):
                    self._log_failed(own.whose, error)
                return error

    def _log_failed(self, whose: Whose, error: Exception) -> None:
        name = public_name(procedure_name(whose))
        _logger.error("a step of %s has failed, and is tried again", name, exc_info=error)

    def _note_troubles(self, those: Iterable[Whose], failed: Mapping[Whose, Exception]) -> None:
        """Write down in whose steps the program fails, and remove those in whose steps it fails no
        more."""
        found = {
            procedure_name(whose): kept(error)
            for whose, error in failed.items()
            if not isinstance(error, StaleVersion)  # written to by others just now
        }
        among = set(map(procedure_name, those))
        self._waiting.note_stuck(activity.info().task_queue, found, among)

    # --- inside --------------------------------------------------------------------------------

    @contextmanager
    def _because_of(self, fact: UUID | None) -> Iterator[None]:
        """Follow what led to a fact, as long as the block lasts."""
        led_here = None if fact is None else self._due.correlation_of(fact)
        followed = current.set(None if led_here is None else Trace(led_here.hex, new_span_id()))
        try:
            yield
        finally:
            current.reset(followed)

    @contextmanager
    def _measured(self, activity_name: str) -> Iterator[None]:
        """Count an activity by what came of it."""
        outcome, began = "failed", perf_counter()
        try:
            with self.under_way.one():
                yield
            outcome = "done"
        except Refusal:
            outcome = "refused"
            raise
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


def _until_the_first(
    waits: Sequence[OwnWait], failed: tuple[Whose, ...], now: Now, besides: date | None
) -> OwnFollowing:
    days = [day for day in (besides, *(each.day for each in waits)) if day is not None]
    wait = now.until(min(days)) if days else None
    return OwnFollowing(waiting=tuple(waits), wait=wait, failed=failed)


def _is_fault(error: Exception) -> bool:
    # A refusal is an answer; but a version that is stale is a busy stream, and no rule.
    return not isinstance(error, Refusal) or isinstance(error, StaleVersion)


def _waits(whose: Whose, following: due_steps.Following) -> OwnWait:
    why = following.refused
    return OwnWait(
        whose=whose,
        day=following.day,
        refused=None if why is None else short_reason(why, whose),
    )


def short_reason(why: str, whose: Whose) -> str:
    """A reason for a refusal, short, and without the number of the person whom it is about."""
    if whose.staff_number is not None:
        why = why.replace(whose.staff_number, "…")
    return shorten(why, _LONGEST_REASON, placeholder=" …")


def _is_due(following: due_steps.Following, now: Now) -> bool:
    return following.day is not None and following.day <= now.day


def _say_how_far(done: int, of: int) -> None:
    if not activity.info().is_local:
        _progress(done, of)


def _nobody_asks(_done: int, _of: int) -> None:
    """One person's step is short, and is taken within the workflow's own task."""


def _progress(done: int, of: int) -> None:
    activity.heartbeat(done, of)
    if activity.is_worker_shutdown():
        raise StoppingError(f"the worker stopped after {done} of {of}")


@contextmanager
def _refusing() -> Iterator[None]:
    """Let a refusal end the attempt with its reasons: it is an answer, not an accident."""
    try:
        yield
    except Refusal as refusal:
        raise _failure(refusal) from None


def _failure(refusal: Refusal) -> ApplicationError:
    # A version that is stale after all the attempts of a command is a busy stream, not a rule.
    busy = isinstance(refusal, StaleVersion)
    return ApplicationError(
        refusal.reason,
        type=type(refusal).__name__ if busy else REFUSED,
        non_retryable=not busy,
    )
