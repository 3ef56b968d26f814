"""The workflow of a lane: it waits for people who have days that nobody else has.

An appeal, an objection or more time gives a person such days. A workflow for each person would cost
Temporal and the worker seven or eight tasks. So people share sixteen workflows, the lanes. A lane
has one wait, for the first day on which something is due for any of its people, and one activity
for all of those who are due then, or of whom a fact has just been recorded.

The rules of this file are those of `workflows.procedure`, and besides
- What a lane knows is who waits for which day. It asks the log for that when it begins, and again
  when somebody says so; nothing is carried from one run to the next but what it has just heard.
- Nobody holds up anybody else. What the rules refuse somebody is tried again on a new day. Whom the
  program fails to look at is looked at again after a while; everybody else goes on.
- It ends when nobody waits; a later fact begins it again under the same id.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from workflows.ids import PEOPLE
    from workflows.messages import Lane, LookAgain, Own, OwnFollowing, OwnSteps, PeopleStart, Whose
    from workflows.procedure import READ_AGAIN, ROUNDS_A_RUN

WHO_WAITS = "who-waits.v1"
OWN_STEPS = "own-steps.v1"

MOST_AT_ONCE = 500
"""Of how many people an activity, or a signal, speaks at most: its message stays small."""

FEW = 20
"""So many are looked at within the workflow's own task. More are an activity, which may take long
and says how far it has got."""

_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
)
_SHORTLY = timedelta(minutes=10)
_AT_LENGTH = timedelta(hours=6)
_HEARTBEAT = timedelta(minutes=1)
_FIRST_AGAIN = timedelta(minutes=1)
_LAST_AGAIN = timedelta(hours=1)


@workflow.defn(name=PEOPLE)
class People:
    """One a lane. It begins because of a fact about somebody, and by asking who waits."""

    @workflow.init
    def __init__(self, start: PeopleStart) -> None:
        self._lane: Lane = start.lane
        self._heard: dict[Whose, Own] = {each.whose: each for each in start.those}
        self._asks_for_everybody = True
        self._waiting: dict[Whose, Own] = {}
        self._days: dict[Whose, date | None] = {}
        self._refused: dict[Whose, str] = {}
        self._due_at: datetime | None = None
        self._failed: dict[Whose, Own] = {}
        self._again_at: datetime | None = None
        self._again = _FIRST_AGAIN

    @workflow.signal(name=READ_AGAIN)
    def read_again(self, told: LookAgain | None = None) -> None:
        """Hear of facts that may change what comes next for some people, or for any.

        A signal without content is nobody's who may tell us anything (`workflows.sealing`).
        """
        if told is None:
            return
        if told.those is None:
            self._asks_for_everybody = True
        for each in told.those or ():
            self._heard[each.whose] = each

    @workflow.run
    async def run(self, start: PeopleStart) -> None:  # noqa: ARG002 - workflow.init has it
        """Wait and look until nobody of the lane has anything to wait for."""
        rounds = 0
        while True:
            rounds += 1
            if rounds > ROUNDS_A_RUN or workflow.info().is_continue_as_new_suggested():
                # The next run asks who waits: these say only which fact it was about them.
                those = tuple(self._heard.values())[:MOST_AT_ONCE]
                workflow.continue_as_new(PeopleStart(lane=self._lane, those=those))
            if self._asks_for_everybody:
                await self._ask_who_waits()
            elif those := self._to_be_looked_at():
                await self._look_at(those)
            elif self._waiting or self._failed:
                await self._wait()
            else:
                return

    async def _ask_who_waits(self) -> None:
        # Those of whom a fact was heard are among them, where there is anything to wait for.
        known = {**self._waiting, **self._failed, **self._heard}
        self._asks_for_everybody = False
        self._heard, self._waiting, self._days, self._failed = {}, {}, {}, {}
        self._refused = {}
        self._again_at = None
        answer: OwnFollowing = await workflow.execute_local_activity(
            WHO_WAITS,
            self._lane,
            result_type=OwnFollowing,
            start_to_close_timeout=_SHORTLY,
            retry_policy=_RETRY,
        )
        self._note(answer, known)

    async def _look_at(self, those: Sequence[Own]) -> None:
        """Let what is due of these people be taken, and learn what each waits for then."""
        is_another_try = any(each.whose in self._failed for each in those)
        for some in _several(those):
            for each in some:
                self._waiting.pop(each.whose, None)
                self._days.pop(each.whose, None)
                self._failed.pop(each.whose, None)
                self._refused.pop(each.whose, None)
            asked = OwnSteps(those=some, besides=self._first_day())
            answer: OwnFollowing
            if len(some) <= FEW:
                answer = await workflow.execute_local_activity(
                    OWN_STEPS,
                    asked,
                    result_type=OwnFollowing,
                    start_to_close_timeout=_SHORTLY,
                    retry_policy=_RETRY,
                )
            else:
                answer = await workflow.execute_activity(
                    OWN_STEPS,
                    asked,
                    result_type=OwnFollowing,
                    start_to_close_timeout=_AT_LENGTH,
                    heartbeat_timeout=_HEARTBEAT,
                    retry_policy=_RETRY,
                    summary=f"{len(some)} people",
                )
            self._note(answer, {each.whose: each for each in some})
        if not self._failed:
            self._again, self._again_at = _FIRST_AGAIN, None
        elif is_another_try:
            self._again = min(2 * self._again, _LAST_AGAIN)
            self._again_at = workflow.now() + self._again

    def _note(self, answer: OwnFollowing, those: dict[Whose, Own]) -> None:
        for each in answer.waiting:
            self._waiting[each.whose] = those.get(each.whose, Own(whose=each.whose))
            self._days[each.whose] = each.day
            if each.refused is not None:
                self._refused[each.whose] = each.refused
        for whose in answer.failed:
            self._failed[whose] = those.get(whose, Own(whose=whose))
        self._due_at = None if answer.wait is None else workflow.now() + answer.wait
        if self._failed and self._again_at is None:
            self._again_at = workflow.now() + self._again

    def _to_be_looked_at(self) -> tuple[Own, ...]:
        """Of whom a fact was heard, who could not be looked at for a while, and those of the first
        day, once it has come. None of them waits because there is always another."""
        now = workflow.now()
        found: dict[Whose, Own] = {}
        if self._due_at is not None and self._due_at <= now:
            first = self._first_day()
            found |= {who: self._waiting[who] for who, day in self._days.items() if day == first}
        if self._again_at is not None and self._again_at <= now:
            found |= self._failed
        found |= self._heard
        self._heard = {}
        return tuple(found.values())

    async def _wait(self) -> None:
        """Wait until somebody has something due, or something is heard."""
        ends = [each for each in (self._due_at, self._again_at) if each is not None]
        day = self._first_day()
        what = "a fact" if day is None else f"{day}"
        workflow.set_current_details(self._says(what))
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: bool(self._heard) or self._asks_for_everybody,
                timeout=min(ends) - workflow.now() if ends else None,
                timeout_summary=what,
            )

    def _says(self, what: str) -> str:
        """What the lane waits for, and what is in somebody's way, for who looks at it."""
        says = [f"{len(self._waiting)} wait, the first for {what}"]
        if self._failed:
            says.append(f"{len(self._failed)} could not be looked at: transfer doctor says why")
        if self._refused:
            why = next(iter(self._refused.values()))
            says.append(f"the rules refuse a step of {len(self._refused)}, e.g. because: {why}")
        return "; ".join(says)

    def _first_day(self) -> date | None:
        return min((day for day in self._days.values() if day is not None), default=None)


def _several(those: Sequence[Own]) -> Iterator[tuple[Own, ...]]:
    for start in range(0, len(those), MOST_AT_ONCE):
        yield tuple(those[start : start + MOST_AT_ONCE])
