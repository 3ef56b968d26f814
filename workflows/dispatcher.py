"""Tells Temporal what the log says: procedures are begun and told to read again because of facts.

The rules of this file
- A procedure runs *because a fact is in the log*, under an id made from the fact. The position up
  to which Temporal has been told is written after Temporal has accepted; a crash in between tells
  it again, which does no harm: to begin is to find running, and to be told is to read again.
- The position belongs to one Temporal memory, by its identity. Where another one answers, the
  dispatcher begins at the first fact, and whatever was lost there is made again.
- A Temporal or a database that does not answer is waited for, and `status` says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import psycopg
from eventsourcing.persistence import PersistenceError
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from transfer.commands.office import Office
from workflows.concerns import Concern, Concerns
from workflows.ids import workflow_id, workflow_type
from workflows.messages import ProcedureStart, ReadAgain
from workflows.procedure import READ_AGAIN

_T = TypeVar("_T")

_PAGE = 500
_AT_ONCE = 16
_LISTEN_SECONDS = 0.2
_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 10.0
_RPC_TIMEOUT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class DispatcherStatus:
    """How far Temporal has been told of the log, and what is in the way (`None`: nothing)."""

    position: int
    head: int
    error: str | None

    @property
    def lag(self) -> int:
        """How many events of the log have not been looked at yet."""
        return max(0, self.head - self.position)


class DispatcherEndedError(Exception):
    """The dispatcher has ended: nobody tells Temporal of new facts any more."""


class Dispatcher:
    """One consumer of the log; `run` it as a task, on one event loop.

    `temporal` is the identity of Temporal's memory. Several dispatchers of one task queue do no
    harm to each other: everything that they do may be done twice.
    """

    def __init__(
        self,
        office: Office,
        client: Client,
        *,
        task_queue: str,
        temporal: str,
        clock_offset: timedelta = timedelta(),
    ) -> None:
        self._office = office
        self._client = client
        self._task_queue = task_queue
        self._temporal = temporal
        self._offset_seconds = clock_offset.total_seconds()
        self._concerns = Concerns(office)
        self._moved = asyncio.Condition()
        self._position = 0
        self._head = 0
        self._error: str | None = None
        self._ended = False
        self._begin_again = False

    @property
    def status(self) -> DispatcherStatus:
        """Where it stands; cheap, and callable from any thread."""
        return DispatcherStatus(self._position, self._head, self._error)

    def begin_again(self) -> None:
        """Tell Temporal everything from the first fact on; call it on the dispatcher's loop."""
        self._begin_again = True
        self._position = 0

    async def caught_up(self, position: int) -> None:
        """Wait until Temporal has been told of everything up to a position of the log.

        Raises `DispatcherEndedError` where that will not happen any more.
        """
        async with self._moved:
            await self._moved.wait_for(lambda: self._position >= position or self._ended)
        if self._position < position:
            raise DispatcherEndedError(self._error or "the dispatcher was stopped")

    async def run(self) -> None:
        """Follow the log until cancelled; only a fault of this program ends it otherwise."""
        # Its own threads: a rehearsal's activities wait for the dispatcher, on theirs.
        with ThreadPoolExecutor(2, thread_name_prefix="dispatcher") as threads:
            try:
                await self._follow(threads)
            except Exception as error:
                self._error = _in_words(error)
                raise
            finally:
                self._ended = True
                async with self._moved:
                    self._moved.notify_all()

    async def _follow(self, threads: ThreadPoolExecutor) -> None:
        async def asking(call: Callable[..., _T], *arguments: int) -> _T:
            # On a thread of its own: the log's calls block.
            loop = asyncio.get_running_loop()
            return await self._patiently(loop.run_in_executor, threads, call, *arguments)

        stored = await asking(self._stored_position)
        if not self._begin_again:
            self._position = stored
        while True:
            if self._begin_again:
                await asking(self._store_position, 0)
                self._begin_again = False
            goal, concerns = await asking(self._read, self._position)
            if goal == self._position:
                await asking(self._wait_past, goal)
                continue
            await self._patiently(self._tell, concerns)
            if not self._begin_again:
                await asking(self._store_position, goal)
                await self._reach(goal)

    async def _reach(self, position: int) -> None:
        async with self._moved:
            if not self._begin_again:
                self._position = position
            self._moved.notify_all()

    async def _patiently(self, attempt: Callable[..., Awaitable[_T]], *arguments: object) -> _T:
        """Try until it works, as long as it is the other side that does not answer."""
        pause = _FIRST_RETRY_SECONDS
        while True:
            try:
                outcome = await attempt(*arguments)
            except (RPCError, PersistenceError, psycopg.OperationalError) as error:
                self._error = _in_words(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_RETRY_SECONDS)
            else:
                self._error = None
                return outcome

    # --- the log -------------------------------------------------------------------------------

    def _read(self, after: int) -> tuple[int, list[Concern]]:
        """The position that the next page leads to, and whom its facts concern."""
        # The head first: whatever is committed up to it is then in the page.
        self._head = self._office.log.head().position
        page = self._office.log.page(after, _PAGE, self._concerns.names)
        if len(page) == _PAGE:
            return page[-1].position, self._concerns.of_page(page)
        last = page[-1].position if page else after
        return max(last, self._head), self._concerns.of_page(page)

    def _wait_past(self, position: int) -> None:
        self._office.log.wait_past(position, _LISTEN_SECONDS)

    def _stored_position(self) -> int:
        with self._office.log.connection() as connection:
            row = connection.execute(
                "INSERT INTO dispatcher_positions AS d (task_queue, temporal) VALUES (%s, %s)"
                " ON CONFLICT (task_queue) DO UPDATE SET temporal = excluded.temporal, position ="
                " CASE WHEN d.temporal = excluded.temporal THEN d.position ELSE 0 END"
                " RETURNING position",
                (self._task_queue, self._temporal),
            ).fetchone()
        if row is None:
            raise LookupError("the dispatcher has lost its position")
        position: int = row["position"]
        return position

    def _store_position(self, position: int) -> None:
        with self._office.log.connection() as connection, connection.transaction():
            # What a crash of the server takes back is told again.
            connection.execute("SET LOCAL synchronous_commit = off")
            connection.execute(
                "UPDATE dispatcher_positions SET position = %s"
                " WHERE task_queue = %s AND temporal = %s",
                (position, self._task_queue, self._temporal),
            )

    # --- Temporal ------------------------------------------------------------------------------

    async def _tell(self, concerns: Sequence[Concern]) -> None:
        for start in range(0, len(concerns), _AT_ONCE):
            await asyncio.gather(*map(self._tell_one, concerns[start : start + _AT_ONCE]))

    async def _tell_one(self, concern: Concern) -> None:
        if concern.begins:
            with suppress(WorkflowAlreadyStartedError):  # an exercise or cohort that is through
                await self._begin(concern)
            return
        handle = self._client.get_workflow_handle(workflow_id(concern.whose))
        told = ReadAgain(caused_by=concern.caused_by)
        try:
            await handle.signal(READ_AGAIN, told, rpc_timeout=_RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # nothing runs that could wait for it
                raise

    async def _begin(self, concern: Concern) -> None:
        whose = concern.whose
        again = (
            # What is through stays through; a person can come to have something again.
            WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
            if whose.staff_number is None
            else WorkflowIDReusePolicy.ALLOW_DUPLICATE
        )
        await self._client.start_workflow(
            workflow_type(whose),
            ProcedureStart(
                whose=whose,
                clock_offset_seconds=self._offset_seconds,
                caused_by=concern.caused_by,
            ),
            id=workflow_id(whose),
            task_queue=self._task_queue,
            id_reuse_policy=again,
            start_signal=READ_AGAIN,
            start_signal_args=[ReadAgain(caused_by=concern.caused_by)],
            rpc_timeout=_RPC_TIMEOUT,
        )


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
