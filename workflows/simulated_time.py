"""The one simulated clock of a rehearsal: the time-skipping server's, plus what the record says.

That server does not skip while a workflow's task or an activity is under way, and an activity of a
rehearsal is under way until the dispatcher has told everybody of its facts. So simulated time never
runs ahead of anything; what is left to ask is whether everything is quiet at the end of a step.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from google.protobuf.empty_pb2 import Empty
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client

from transfer.log.application import Log
from transfer.procedures.facts import Fact
from workflows.dispatcher import Dispatcher

_MOMENT = timedelta(seconds=1)
_AT_LENGTH = timedelta(hours=6)


async def begin_at(client: Client, log: Log[Fact], instant: datetime) -> None:
    """Let the record's simulated clock run with the server's, from an instant on."""
    ahead = instant - await server_time(client)
    await asyncio.to_thread(log.clock.run, ahead)


class SimulatedTime:
    """Steps the server's clock; one at a time has it."""

    def __init__(self, client: Client, log: Log[Fact], dispatcher: Dispatcher) -> None:
        self._client = client
        self._log = log
        self._dispatcher = dispatcher

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
        await self._dispatcher.caught_up(await self._head())
        left = instant - await self.now()
        if left > timedelta():
            await self._sleep(left)

    async def settle(self) -> None:
        """Wait until all that is due has been done, and everybody has been told of every fact.

        Takes a moment of simulated time: a sleep that ends sooner than the moment lasts was
        skipped, and only a server with nothing under way skips.
        """
        clock = asyncio.get_running_loop().time
        while True:
            head = await self._head()
            await self._dispatcher.caught_up(head)
            begun = clock()
            await self._sleep(_MOMENT)
            was_quiet = clock() - begun < _MOMENT.total_seconds() / 2
            if was_quiet and await self._head() == head:
                return

    async def _head(self) -> int:
        head = await asyncio.to_thread(self._log.head)
        return head.position

    async def _sleep(self, span: timedelta) -> None:
        request = SleepRequest()
        request.duration.FromTimedelta(span)
        # The answer comes when everything on the way is done, however long a busy day takes.
        await self._client.test_service.unlock_time_skipping_with_sleep(request, timeout=_AT_LENGTH)


async def server_time(client: Client) -> datetime:
    """The time-skipping server's own clock, in UTC."""
    answer = await client.test_service.get_current_time(Empty())
    return answer.time.ToDatetime(UTC)
