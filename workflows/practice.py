"""Moves the clock of a practice: a day at a time, when all that is due on one day is done.

The rules of this file
- Somebody asks for a day, in the record's database (`transfer.log.clock`); whoever runs the
  procedures on that record takes the clock there. So what is killed on the way goes on at the next
  start, and a command that is ended does not leave the clock half-way.
- What is due is read off the log, never from Temporal: a day is through when no procedure that must
  be waiting has a step that can be taken on it. What the rules refuse, and what waits for somebody,
  cannot be taken; the clock goes on without it.
- The clock goes from one day on which something falls due to the next such day. Whoever waits for a
  day that has come is told to read again.
- Where nothing moves for too long, the clock stays where it is, and says what is in the way.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from temporalio.service import RPCError

from transfer.commands.due_steps import DueSteps, Following
from transfer.commands.office import Office
from transfer.core.dating.calendars import date_in_london, morning_in_london
from workflows.concerns import AWAY, Waiting
from workflows.dispatcher import Dispatcher
from workflows.ids import procedure_name
from workflows.messages import Whose
from workflows.troubles import troubles

STUCK_SECONDS = 120.0
"""How long nothing may move before the clock stays where it is."""

_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 5.0
_MOST_NAMED = 5

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Due:
    """What is due by a day, and whose it is; the next later day on which anything is."""

    now: dict[Whose, Following] = field(default_factory=dict)
    later: date | None = None


@dataclass(slots=True)
class _HeldUp(Exception):  # noqa: N818 - says what happened
    """Nothing has moved for too long."""

    why: str


class PracticeMover:
    """Takes the clock of a practice to the days that are asked for; `run` it as a task."""

    def __init__(
        self,
        office: Office,
        due: DueSteps,
        dispatcher: Dispatcher,
        *,
        stuck_seconds: float = STUCK_SECONDS,
    ) -> None:
        self._office = office
        self._due = due
        self._dispatcher = dispatcher
        self._stuck_seconds = stuck_seconds
        self._waiting = Waiting(office, due)

    async def run(self) -> None:
        """Wait until somebody asks for a day, and go there; until cancelled."""
        while True:
            try:
                reading = await asyncio.to_thread(self._office.log.clock.read)
                if reading.moving_to is not None:
                    await self._go_to(reading.moving_to)
                    continue
            except AWAY as error:
                _logger.warning("the clock could not be moved: %s", type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _go_to(self, goal: date) -> None:
        clock = self._office.log.clock
        try:
            while True:
                reading = await asyncio.to_thread(clock.read)
                today = date_in_london(reading.now)
                later = await self._all_done(today)
                if today >= goal:
                    break
                following = goal if later is None else min(later, goal)
                await asyncio.to_thread(clock.advance, morning_in_london(following))
        except _HeldUp as held_up:
            _logger.error("the clock stays where it is: %s", held_up.why)
            await asyncio.to_thread(clock.arrive, goal, held_up.why)
        else:
            await asyncio.to_thread(clock.arrive, goal)

    async def _all_done(self, today: date) -> date | None:
        """Wait until everything that can be done by a day is done; the next day with anything."""
        while (due := await asyncio.to_thread(self._everybody, today)).now:
            await self._done_by(due.now, today)
        return due.later

    async def _done_by(self, those: Mapping[Whose, Following], today: date) -> None:
        """Wait until these procedures have done what is due from them by a day."""
        time = asyncio.get_running_loop().time
        told: dict[Whose, float] = {}
        seen, since, why = (-1, those), time(), ""
        while those:
            begun = time()
            head = await asyncio.to_thread(self._office.log.head)
            if seen != (head.position, those):
                seen, since = (head.position, those), time()
            elif time() - since > self._stuck_seconds:
                raise _HeldUp(await asyncio.to_thread(self._in_the_way, today, those, why))
            lately = time() - _AGAIN_SECONDS
            untold = [whose for whose in those if told.get(whose, lately) <= lately]
            try:
                why = "; ".join((await self._dispatcher.tell(untold)).values())
                told |= dict.fromkeys(untold, time())
            except RPCError as error:
                why = f"Temporal does not answer: {error.status.name}"
            # Looking costs what the steps themselves need: no more than half of the time.
            await asyncio.sleep(max(_LOOK_SECONDS, time() - begun))
            those = (await asyncio.to_thread(self._look, those, today)).now

    def _everybody(self, today: date) -> _Due:
        return self._look((each.whose for each in self._waiting.found().concerns), today)

    def _look(self, those: Iterable[Whose], today: date) -> _Due:
        due = _Due()
        for whose in those:
            try:
                following = self._due.following(whose.whom, today)
            except AWAY:
                raise
            except Exception:  # noqa: BLE001, S112 - it is that matter's trouble, and noted as such
                continue
            if following is None or following.day is None:
                continue
            if following.day <= today:
                due.now[whose] = following
            elif due.later is None or following.day < due.later:
                due.later = following.day
        return due

    def _in_the_way(self, today: date, due: Mapping[Whose, Following], why: str) -> str:
        """What has not been done, and what is known to be wrong there."""
        with self._office.log.connection() as connection:
            known = {each.procedure: each.reason for each in troubles(connection)}
        named = [_in_words(procedure_name(whose), due[whose], known) for whose in due]
        said = f"on {today} nothing has moved for {self._stuck_seconds:g} seconds: "
        said += _several(named)
        return f"{said} ({why})" if why else said


def _in_words(name: str, following: Following, known: Mapping[str, str]) -> str:
    step = f"{following.step} {following.about}".rstrip()
    reason = known.get(name)
    return f"{name} has {step} to do" + (f" ({reason})" if reason else "")


def _several(named: Iterable[str]) -> str:
    names = sorted(named)
    more = len(names) - _MOST_NAMED
    said = ", ".join(names[:_MOST_NAMED])
    return f"{said} and {more} more" if more > 0 else said
