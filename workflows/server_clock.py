"""By how much a Temporal server's clock is ahead of this program's.

No call tells a server's time. But the server notes when a poller last came to a task queue: one
that nobody else uses is polled, and described meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    PollWorkflowTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

_QUEUE = TaskQueue(name="transfer-clock")
_LOOK_SECONDS = 30.0
_POLL = timedelta(seconds=5)
_PATIENCE = timedelta(seconds=2)
_PAUSE_SECONDS = 0.1
_LOOKS = 20


async def ahead_of_us(client: Client, clock: Callable[[], datetime]) -> timedelta | None:
    """By how much, to within some tenths of a second; `None` where the server does not tell.

    `clock` is this program's. Raises `RPCError` where the server does not answer.
    """
    asked = clock()
    # Another name each time: the server remembers for minutes when an earlier poll came.
    identity = f"clock of {client.identity} at {asked.isoformat()}"
    polling = asyncio.create_task(_poll(client, identity))
    try:
        for _ in range(_LOOKS):
            # The poll has to arrive first.
            await asyncio.sleep(_PAUSE_SECONDS)
            told = await client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=client.namespace,
                    task_queue=_QUEUE,
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
                ),
                timeout=_PATIENCE,
            )
            mine = [each for each in told.pollers if each.identity == identity]
            if mine:
                came = max(each.last_access_time.ToDatetime(UTC) for each in mine)
                return came - asked
        return None
    finally:
        polling.cancel()
        await asyncio.wait([polling])


@asynccontextmanager
async def comparing(
    client: Client, clock: Callable[[], datetime], note: Callable[[timedelta | None], None]
) -> AsyncIterator[None]:
    """Compare the clocks at once and twice a minute, and note the difference, until the block ends.

    Where the server does not answer, what was noted last stays.
    """

    async def compare_again_and_again() -> None:
        while True:
            with suppress(RPCError):
                note(await ahead_of_us(client, clock))
            await asyncio.sleep(_LOOK_SECONDS)

    comparing = asyncio.create_task(compare_again_and_again(), name="clocks")
    try:
        yield
    finally:
        comparing.cancel()
        await asyncio.wait([comparing])


async def _poll(client: Client, identity: str) -> None:
    request = PollWorkflowTaskQueueRequest(
        namespace=client.namespace, task_queue=_QUEUE, identity=identity
    )
    with suppress(RPCError):
        await client.workflow_service.poll_workflow_task_queue(request, timeout=_POLL)
