"""The one simulated clock of a rehearsal: the time-skipping server's, plus what the record says.

That server does not skip while a workflow's task or an activity is under way, and an activity of a
rehearsal is under way until the dispatcher has told everybody of its facts. So simulated time never
runs ahead of anything; what is left to ask is whether everything is quiet at the end of a step.

A workflow can stop that server's clock for good. A timer that runs out while a task of its workflow
is under way is gone there at once; where that task takes the timer back, the server refuses the
whole task ("invalid history builder state for action"), forgets that it was under way, and never
skips again. What happens in that workflow next makes a history that no worker can follow. The
server of a real service gives back the timer instead. So waiting here for simulated time ends with
an error when that time stands still.
"""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from google.protobuf.empty_pb2 import Empty
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client

from deploy.processes import EngineError
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from workflows.activities import UnderWay
from workflows.dispatcher import Dispatcher

_T = TypeVar("_T")

STANDS_STILL_SECONDS = 180.0
"""For so long nothing at all happens before it is said that time stands still: an activity that has
failed is tried again within a minute."""

_LOOK_SECONDS = 1.0
_MOMENT = timedelta(seconds=1)
_AT_LENGTH = timedelta(hours=6)


async def begin_at(client: Client, log: Log[Fact], instant: datetime) -> None:
    """Let the record's simulated clock run with the server's, from an instant on."""
    ahead = instant - await server_time(client)
    await asyncio.to_thread(log.clock.run, ahead)


class SimulatedTime:
    """Steps the server's clock; one at a time has it.

    `advance_to` and `settle` raise `EngineError` where for some minutes nothing happens and time
    does not pass all the same.
    """

    def __init__(
        self, client: Client, log: Log[Fact], dispatcher: Dispatcher, under_way: UnderWay
    ) -> None:
        self._client = client
        self._log = log
        self._dispatcher = dispatcher
        self._under_way = under_way
        self._seen: tuple[object, ...] = ()
        self._seen_at = 0.0

    async def now(self) -> datetime:
        """The simulated instant, in UTC; between steps it goes on as fast as any other clock."""
        read = await asyncio.to_thread(self._log.clock.read)
        if read.ahead is None:
            raise LookupError("the record's clock does not run")
        return await server_time(self._client) + read.ahead

    async def advance_to(self, instant: datetime) -> None:
        """Let time pass until an instant; all that falls due before it is done on its day.

        An instant that has passed already is no error.
        """
        self._seen = ()
        await self._going_on(self._dispatcher.caught_up(await self._head()))
        left = instant - await self.now()
        if left > timedelta():
            await self._sleep(left)

    async def settle(self) -> None:
        """Wait until all that is due has been done, and everybody has been told of every fact.

        Takes a moment of simulated time: a sleep that ends sooner than the moment lasts was
        skipped, and only a server with nothing under way skips.
        """
        clock = asyncio.get_running_loop().time
        self._seen = ()
        while True:
            head = await self._head()
            await self._going_on(self._dispatcher.caught_up(head))
            begun = clock()
            await self._sleep(_MOMENT)
            was_quiet = clock() - begun < _MOMENT.total_seconds() / 2
            if was_quiet and await self._head() == head:
                return
            await self._require_something_happens()

    async def _head(self) -> int:
        head = await asyncio.to_thread(self._log.head)
        return head.position

    async def _sleep(self, span: timedelta) -> None:
        request = SleepRequest()
        request.duration.FromTimedelta(span)
        # The answer comes when everything on the way is done, however long a busy day takes.
        await self._going_on(
            self._client.test_service.unlock_time_skipping_with_sleep(request, timeout=_AT_LENGTH)
        )

    async def _going_on(self, waited_for: Awaitable[_T]) -> _T:
        """Wait as long as anything happens meanwhile."""
        waiting = asyncio.ensure_future(waited_for)
        try:
            while not (await asyncio.wait([waiting], timeout=_LOOK_SECONDS))[0]:
                await self._require_something_happens()
            return waiting.result()
        finally:
            waiting.cancel()

    async def _require_something_happens(self) -> None:
        begun, ended = self._under_way.read()
        seen = (begun, ended, self._dispatcher.status.position, await self._head())
        now = asyncio.get_running_loop().time()
        if begun > ended or seen != self._seen:
            self._seen, self._seen_at = seen, now
        elif now - self._seen_at > STANDS_STILL_SECONDS:
            raise EngineError(
                f"Simulated time stands still: for {STANDS_STILL_SECONDS:.0f} seconds nothing has "
                "happened, and Temporal's time-skipping server does not let time pass. It stops "
                "for good where the timer of a procedure runs out in the moment in which a fact "
                "reaches it, which is its fault and not your plan's. Play it again, in an empty "
                "data folder."
            )


async def server_time(client: Client) -> datetime:
    """The time-skipping server's own clock, in UTC."""
    answer = await client.test_service.get_current_time(Empty())
    return answer.time.ToDatetime(UTC)
