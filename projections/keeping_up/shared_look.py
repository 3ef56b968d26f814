"""Waiting until read models have reached an instant: one look for all who wait in a process.

Each reader that looked for itself would ask the database again and again for the same rows, and the
more of them wait, the longer it takes until there is what they wait for. So there is one thread,
while anybody waits: it looks how far every read model has got, wakes those who have what they
wanted, and looks again after a pause, which is short while something moves.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

import anyio

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import BEFORE_ANYTHING, Horizon, standing
from projections.keeping_up.runner import ProjectionStoppedError

_FIRST_PAUSE_SECONDS: Final = 0.004
_LONGEST_PAUSE_SECONDS: Final = 0.05
_LINGER_SECONDS: Final = 1.0


@dataclass(frozen=True, eq=False)
class _Waiter:
    """Somebody who waits until these read models have reached an instant."""

    names: Collection[str]
    goal: datetime
    loop: asyncio.AbstractEventLoop
    outcome: "asyncio.Future[bool]"

    def wake(self, outcome: bool | Exception) -> None:
        """Let them go on with that outcome; call it in their own loop."""
        if self.outcome.done():
            return
        if isinstance(outcome, bool):
            self.outcome.set_result(outcome)
        else:
            self.outcome.set_exception(outcome)


class SharedLook:
    """How far the read models have got, as one process knows it; `connecting` reads it."""

    def __init__(self, connecting: Callable[[], AbstractContextManager[Conn]]) -> None:
        self._connecting = connecting
        self._seen: dict[str, datetime] = {}
        self._waiting: list[_Waiter] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def seen(self, names: Iterable[str]) -> datetime:
        """The instant that all of these were seen to have reached; a horizon never goes back."""
        return min(
            (self._seen.get(name, BEFORE_ANYTHING) for name in names), default=BEFORE_ANYTHING
        )

    def latest(self) -> datetime:
        """The latest instant that any was seen to have reached."""
        return max(self._seen.values(), default=BEFORE_ANYTHING)

    def note(self, names: Iterable[str], instant: datetime) -> None:
        """Note that all of these have reached an instant."""
        for name in names:
            if instant > self._seen.get(name, BEFORE_ANYTHING):
                self._seen[name] = instant

    async def reached(self, names: Collection[str], goal: datetime, seconds: float) -> bool:
        """Whether all of these read models have reached an instant, waiting so long for it.

        They have, too, when they have everything that is on the log: then the instant is none of
        this record. Raises `ProjectionStoppedError` where one of them cannot get there, and what
        the database raises.
        """
        if not names or self.seen(names) >= goal:
            return True
        loop = asyncio.get_running_loop()
        waiter = _Waiter(names, goal, loop, loop.create_future())
        with self._changed:
            self._waiting.append(waiter)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_on, name="horizon", daemon=True)
                self._thread.start()
        try:
            with anyio.move_on_after(seconds):
                return await waiter.outcome
        finally:
            self._forget([waiter])
        return False

    def _forget(self, waiters: Collection[_Waiter]) -> None:
        with self._changed:
            self._waiting = [each for each in self._waiting if each not in waiters]

    def _look_on(self) -> None:
        """Look while anybody waits, and a moment longer."""
        pause = _FIRST_PAUSE_SECONDS
        stop = threading.Event()
        before: Mapping[str, Horizon] = {}
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting, _LINGER_SECONDS):
                    self._thread = None
                    return
                # Only those who waited before the look: the others' writes may be after it.
                waiting = list(self._waiting)
            try:
                with self._connecting() as conn:
                    found, head = standing(conn)
            except Exception as error:  # noqa: BLE001 - told to those who wait, as if each had looked
                self._wake([(each, error) for each in waiting])
                continue
            for name, at in found.items():
                self.note((name,), at.recorded_at)
            self._wake(
                [
                    (each, outcome)
                    for each in waiting
                    if (outcome := _outcome(each, found, head)) is not None
                ]
            )
            pause = (
                _FIRST_PAUSE_SECONDS if found != before else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            )
            before = found
            stop.wait(pause)

    def _wake(self, outcomes: Sequence[tuple[_Waiter, bool | Exception]]) -> None:
        if not outcomes:
            return
        self._forget([each for each, _ in outcomes])
        by_loop = sorted(outcomes, key=lambda each: id(each[0].loop))
        for _, of_loop in groupby(by_loop, key=lambda each: id(each[0].loop)):
            woken = list(of_loop)
            with contextlib.suppress(RuntimeError):  # the loop has ended, with all who wait in it
                woken[0][0].loop.call_soon_threadsafe(_wake_each, woken)


def _wake_each(woken: Sequence[tuple[_Waiter, bool | Exception]]) -> None:
    for waiter, outcome in woken:
        waiter.wake(outcome)


def _outcome(
    waiter: _Waiter, found: Mapping[str, Horizon], head: int
) -> bool | ProjectionStoppedError | None:
    """With what outcome somebody who waits goes on; `None`: not yet."""
    is_there = True
    for name in waiter.names:
        at = found.get(name)
        if at is None:
            is_there = is_there and head == 0
        elif at.recorded_at < waiter.goal:
            if at.failure is not None:
                return ProjectionStoppedError(name, at.failed_event, at.failure)
            is_there = is_there and at.position >= head
    return True if is_there else None
