"""Tells Temporal what the log says: procedures are begun and told to read again because of facts.

The rules of this file
- A procedure runs *because a fact is in the log*, under an id made from the fact. Whoever is told
  is begun if they do not run: a procedure that is through asks, finds nothing and ends.
- The position up to which Temporal has been told is written after Temporal has accepted; a crash in
  between tells it again, which does no harm: to be told is to read again.
- The position belongs to one Temporal memory, by its identity. Where another one answers, the
  dispatcher begins at the first fact, and whatever was lost there is made again.
- What Temporal runs is compared with what must be waiting by the log (`compare`): whatever was
  terminated, failed or never began comes back (`sweep`), and so does what somebody else, or an
  earlier version of this program, began in a procedure's place (`workflows.sealing`).
- A matter that cannot be read stops that matter alone (`workflows.concerns`): it is noted, and
  tried again when it has new facts and at every sweep.
- A Temporal or a database that does not answer is waited for, and `status` says so.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import psycopg
from eventsourcing.persistence import PersistenceError
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import FailureError
from temporalio.service import RPCError, RPCStatusCode

from transfer.commands.due_steps import DueSteps
from transfer.commands.office import Office
from transfer.core.refusals import NotOnRecord
from transfer.log.faults import kept
from workflows import troubles
from workflows.concerns import Concern, Concerns, Found, must_be_waiting
from workflows.ids import (
    PEOPLE,
    PROCEDURE,
    name_under,
    procedure_name,
    runs_in,
    workflow_id,
    workflow_name,
)
from workflows.messages import (
    Lane,
    LookAgain,
    Own,
    PeopleStart,
    ProcedureStart,
    ReadAgain,
    Whose,
)
from workflows.people import MOST_AT_ONCE
from workflows.procedure import READ_AGAIN

_T = TypeVar("_T")

_logger = logging.getLogger(__name__)

_PAGE = 500
_AT_ONCE = 16
_LISTEN_SECONDS = 0.2
_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 10.0
_FORGOTTEN_SECONDS = 300.0
_MOMENT_SECONDS = 2.0
_BEAT_SECONDS = 1.0
_RPC_TIMEOUT = timedelta(seconds=20)

# What is wrong with one procedure's message, not with the server.
_ITS_OWN_FAULT = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION)

_SIGNALLED_AS_IT_ENDED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
_STUCK = (
    'TaskQueue = "{queue}" AND ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL'
)
_RUNNING = 'TaskQueue = "{queue}" AND ExecutionStatus = "Running"'
_ENDED_BADLY = (
    'TaskQueue = "{queue}" AND ExecutionStatus IN ("Terminated", "Failed", "TimedOut", "Canceled")'
)
_KNOWN = 'TaskQueue = "{queue}"'


# What a crash of the server takes back is told again, so nobody need wait for the disk. That
# is said in the same statement, which is a transaction and a round trip.
_STORE_POSITION = """
WITH commit AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE dispatcher_positions SET position = %(position)s FROM commit
WHERE task_queue = %(queue)s AND temporal = %(temporal)s
  AND (position < %(position)s OR %(position)s = 0)
"""


@dataclass(frozen=True, slots=True)
class DispatcherStatus:
    """How far Temporal has been told of the log, and what is in the way (`None`: nothing).

    `unreadable` names each matter that cannot be read, with the reason.
    """

    position: int
    head: int
    error: str | None
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @property
    def lag(self) -> int:
        """How many events of the log have not been looked at yet."""
        return max(0, self.head - self.position)


@dataclass(frozen=True, slots=True)
class Compared:
    """What Temporal runs beside what must be waiting by the log (`waiting`: how many).

    `missing` run nowhere. `replaced` are the workflows in whose place one runs that this record has
    not begun, and `unknown` the workflows of its task queue that the log knows nothing of, each
    with what is wrong. `stuck` and `unreadable` as `Swept` has them.
    """

    waiting: int
    missing: tuple[Whose, ...]
    replaced: Mapping[Whose | Lane, str]
    unknown: Mapping[str, str]
    stuck: Mapping[str, str]
    unreadable: Mapping[str, str]
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Swept:
    """What a comparison of the log with Temporal found.

    `started` are the procedures that were waiting nowhere, or in whose place somebody else's
    workflow ran; `stuck` those whose workflow cannot go on and `unreadable` the matters that cannot
    be read, each with the reason.
    """

    waiting: int
    started: tuple[str, ...]
    stuck: Mapping[str, str]
    unreadable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Message:
    """What a workflow hears, begun with `start` where it does not run; and what this is about."""

    of: Whose | Lane
    start: ProcedureStart | PeopleStart
    says: ReadAgain | LookAgain
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Looked:
    """How one workflow stands with Temporal."""

    runs: bool
    is_not_ours: str | None = None
    stuck: str | None = None


class DispatcherEndedError(Exception):
    """The dispatcher has ended: nobody tells Temporal of new facts any more."""


class Dispatcher:
    """One consumer of the log; `run` it as a task, on one event loop.

    `temporal` is the identity of Temporal's memory. `pace` is by how many seconds one page begins
    after another at least, while facts come all the time. `beat` is called as it gets on, from its
    loop, also where it finds nothing to do and where a server does not answer. Several dispatchers
    of one task queue do no harm to each other: everything that they do may be done twice.
    """

    def __init__(
        self,
        office: Office,
        due: DueSteps,
        client: Client,
        *,
        task_queue: str,
        temporal: str,
        pace: float = 0.0,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._office = office
        self._due = due
        self._client = client
        self._task_queue = task_queue
        self._temporal = temporal
        self._pace = pace
        self._beat = beat
        self._record = office.log.identity()
        self._concerns = Concerns(office, due, beat)
        self._moved = asyncio.Condition()
        self._position = 0
        self._head = 0
        self._error: str | None = None
        self._unreadable: dict[str, str] = {}
        self._ended = False
        self._begin_again = False
        self._counted: tuple[int, int] | None = None
        self._forgotten = False
        self._not_before = 0.0

    @property
    def status(self) -> DispatcherStatus:
        """Where it stands; cheap, and callable from any thread."""
        return DispatcherStatus(self._position, self._head, self._error, dict(self._unreadable))

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
        threads = ThreadPoolExecutor(2, thread_name_prefix="dispatcher")
        try:
            await self._follow(threads)
        except Exception as error:
            self._error = kept(error)
            raise
        finally:
            self._ended = True
            # Not waited for: what is under way with the database ends by itself.
            threads.shutdown(wait=False, cancel_futures=True)
            async with self._moved:
                self._moved.notify_all()

    async def _follow(self, threads: ThreadPoolExecutor) -> None:
        async def asking(call: Callable[..., _T], *arguments: object) -> _T:
            # On a thread of its own: the log's calls block.
            loop = asyncio.get_running_loop()
            return await self._patiently(loop.run_in_executor, threads, call, *arguments)

        # Wake tasks that called `caught_up` before this: no later event is certain to come.
        await self._reach(await asking(self._stored_position))
        while True:
            if self._begin_again:
                await asking(self._store_position, 0)
                self._begin_again = False
            began = asyncio.get_running_loop().time()
            goal, found = await asking(self._read, self._position)
            if goal == self._position:
                await asking(self._wait_past, goal)
                continue
            untold = await self._patiently(self._telling, found.concerns)
            if found.unreadable or untold or self._unreadable:
                await asking(self._note_page, found, untold)
            if not self._begin_again:
                await asking(self._store_position, goal)
                await self._reach(goal)
            # What is written meanwhile is one page, which costs little more than a single command.
            # It rests also where there is no news yet: while a command comes every few
            # milliseconds, each would be a page by itself.
            passed = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(0.0, self._pace - passed))

    async def _reach(self, position: int) -> None:
        async with self._moved:
            if not self._begin_again:
                self._position = position
            self._moved.notify_all()

    async def _patiently(self, attempt: Callable[..., Awaitable[_T]], *arguments: object) -> _T:
        """Try until it works, as long as it is the other side that does not answer."""
        pause = _FIRST_RETRY_SECONDS
        while True:
            self._beat()
            try:
                outcome = await attempt(*arguments)
            except (RPCError, PersistenceError, psycopg.OperationalError) as error:
                self._error = kept(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_RETRY_SECONDS)
            else:
                self._error = None
                return outcome

    async def _telling(self, concerns: Sequence[Concern]) -> dict[str, str]:
        """As `_tell`, with a beat meanwhile: a page takes as long as Temporal does, but no longer
        than each of its questions may."""
        most = _RPC_TIMEOUT.total_seconds() * (1 + len(concerns) // _AT_ONCE)
        beating = asyncio.create_task(self._keep_beating(most))
        try:
            return await self._tell(concerns)
        finally:
            beating.cancel()

    async def _keep_beating(self, seconds: float) -> None:
        time = asyncio.get_running_loop().time
        until = time() + seconds
        while time() < until:
            self._beat()
            await asyncio.sleep(_BEAT_SECONDS)

    # --- the log -------------------------------------------------------------------------------

    def _read(self, after: int) -> tuple[int, Found]:
        """The position that the next page leads to, and what its facts concern."""
        # The head first: whatever is committed up to it is then in the page.
        self._head = self._office.log.head().position
        page = self._concerns.page(after, self._head, _PAGE)
        last = max(page.last, self._head) if page.is_last else page.last
        return last, self._concerns.of_page(page.facts, page.undecodable)

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
        # Never back, but to the beginning: another dispatcher may have been here meanwhile.
        with self._office.log.connection() as connection:
            connection.execute(
                _STORE_POSITION,
                {"position": position, "queue": self._task_queue, "temporal": self._temporal},
            )

    # --- troubles ------------------------------------------------------------------------------

    def _note_page(self, found: Found, untold: Mapping[str, str]) -> None:
        told = {procedure_name(each.whose) for each in found.concerns}
        among = found.read | set(found.unreadable)
        self._note("unreadable", _reasons(found), among=among)
        self._note("untold", untold, among=told)

    def _note(
        self,
        kind: troubles.Kind,
        found: Mapping[str, str],
        among: set[str] | None = None,
        waiting: Collection[str] | None = None,
    ) -> None:
        """Write troubles down, and log each that is new."""
        if kind == "unreadable":
            kept = (
                {}
                if among is None
                else {k: v for k, v in self._unreadable.items() if k not in among}
            )
            self._unreadable = kept | dict(found)
        with self._office.log.connection() as connection, connection.transaction():
            newly = troubles.note(
                connection, self._task_queue, kind, found, among=among, waiting=waiting
            )
        for procedure in newly:
            # The reason may quote the record, and stays beside it.
            cause = found[procedure].partition(":")[0]
            name = troubles.public_name(procedure)
            _logger.error("a procedure is in trouble: %s: %s: %s", name, kind, cause)

    # --- Temporal ------------------------------------------------------------------------------

    async def tell(self, those: Iterable[Whose]) -> Mapping[str, str]:
        """Tell procedures to read again, though no fact says so; answers those that Temporal does
        not accept, with the reason. Raises what a Temporal that does not answer raises."""
        return await self._tell([Concern(whose) for whose in those])

    async def _tell(self, concerns: Sequence[Concern]) -> dict[str, str]:
        """Tell each; answers those that Temporal does not accept, with the reason."""
        return await self._send_all(list(_messages(concerns)))

    async def _send_all(self, messages: Sequence[_Message]) -> dict[str, str]:
        untold: dict[str, str] = {}
        for start in range(0, len(messages), _AT_ONCE):
            some = messages[start : start + _AT_ONCE]
            for message, why in zip(
                some, await asyncio.gather(*map(self._send, some)), strict=True
            ):
                if why is not None:
                    untold |= dict.fromkeys(message.about, why)
        return untold

    async def _send(self, message: _Message) -> str | None:
        try:
            await self._client.start_workflow(
                PEOPLE if isinstance(message.of, Lane) else PROCEDURE,
                message.start,
                id=workflow_id(self._record, message.of),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=READ_AGAIN,
                start_signal_args=[message.says],
                static_summary=workflow_name(message.of),
                rpc_timeout=_RPC_TIMEOUT,
            )
        except RPCError as error:
            if error.status not in _ITS_OWN_FAULT:
                raise
            return kept(error)
        return None

    # --- comparing -----------------------------------------------------------------------------

    async def compare(self, *, with_unknown: bool = False) -> Compared:
        """Compare what must be waiting by the log with what Temporal runs; changes nothing.

        `with_unknown` looks as well at every workflow of the task queue that need not wait, and
        once more, after a moment, at what is missing: a running service may just be beginning it.
        Raises what a Temporal or a database that does not answer raises.
        """
        found = await asyncio.to_thread(must_be_waiting, self._office, self._due)
        expected: dict[Whose | Lane, list[Whose]] = {}
        for concern in found.concerns:
            expected.setdefault(runs_in(concern.whose), []).append(concern.whose)
        missing: list[Whose | Lane] = []
        replaced: dict[Whose | Lane, str] = {}
        stuck: dict[str, str] = {}
        workflows = list(expected)
        for start in range(0, len(workflows), _AT_ONCE):
            some = workflows[start : start + _AT_ONCE]
            looked = await asyncio.gather(*map(self._look_at, some))
            for each, seen in zip(some, looked, strict=True):
                if not seen.runs:
                    missing.append(each)
                elif seen.is_not_ours is not None:
                    replaced[each] = seen.is_not_ours
                elif seen.stuck is not None:
                    stuck[workflow_name(each)] = seen.stuck
        if with_unknown and missing:
            await asyncio.sleep(_MOMENT_SECONDS)
            missing = [each for each in missing if not (await self._look_at(each)).runs]
        return Compared(
            waiting=len(found.concerns),
            missing=tuple(whose for each in missing for whose in expected[each]),
            replaced=replaced,
            unknown=await self._unknown(workflows) if with_unknown else {},
            stuck=stuck,
            unreadable=_reasons(found),
            names=frozenset(procedure_name(each.whose) for each in found.concerns),
        )

    async def sweep(self) -> Swept:
        """Compare the log with Temporal, and begin what runs nowhere or is not ours.

        Raises what a Temporal or a database that does not answer raises.
        """
        compared = await self.compare()
        for each, why in compared.replaced.items():
            _logger.warning(
                "a workflow in the place of %s is ended: %s",
                troubles.public_name(workflow_name(each)),
                why,
            )
            await self._end(workflow_id(self._record, each), why)
        again = [Concern(each) for each in compared.replaced if isinstance(each, Whose)]
        messages = list(_messages([*map(Concern, compared.missing), *again]))
        # A lane that begins asks by itself who waits.
        messages += [_begins(each) for each in compared.replaced if isinstance(each, Lane)]
        untold = await self._send_all(messages)
        names_of = (name for message in messages for name in message.about)
        started = tuple(name for name in names_of if name not in untold)
        if started:
            names = Counter(map(troubles.public_name, started))
            shown = (f"{name} ({of})" if of > 1 else name for name, of in names.items())
            _logger.warning("procedures that were waiting nowhere: %s", ", ".join(shown))
        await asyncio.to_thread(self._note_sweep, compared, started, untold)
        await self._end_those_of_persons()
        return Swept(compared.waiting, started, compared.stuck, compared.unreadable)

    async def _end_those_of_persons(self) -> None:
        """End the workflows of persons that an earlier version began: their lanes wait for them."""
        query = f'{_RUNNING.format(queue=self._task_queue)} AND WorkflowType = "{PROCEDURE}"'
        async for listed in self._client.list_workflows(query, rpc_timeout=_RPC_TIMEOUT):
            name = name_under(self._record, listed.id)
            if name is not None and "/person/" in name:
                await self._end(listed.id, "the people of a lane share a workflow now")

    def _note_sweep(
        self, compared: Compared, started: tuple[str, ...], untold: Mapping[str, str]
    ) -> None:
        self._note("unreadable", compared.unreadable)
        waiting = compared.names.union(compared.unreadable)
        self._note("stuck", compared.stuck, waiting=waiting)
        self._note("untold", untold)
        with self._office.log.connection() as connection:
            troubles.note_sweep(
                connection, self._task_queue, waiting=compared.waiting, started=len(started)
            )

    async def look(self) -> None:
        """What must be seen within a minute: workflows that cannot go on or that somebody ended.

        Asks Temporal's lists, so it costs three questions however many procedures wait. The
        time-skipping server has no lists.
        """
        stuck: dict[str, str] = {}
        is_replaced = False
        query = _STUCK.format(queue=self._task_queue)
        async for listed in self._client.list_workflows(query, rpc_timeout=_RPC_TIMEOUT):
            name = name_under(self._record, listed.id)
            # The list is updated late: the workflow may have recovered since.
            why = None if name is None else await self._why_stuck(listed.id)
            if name is not None and why is not None:
                stuck[name] = why
                is_replaced |= isinstance(await self._begun_for(listed.id), str)
        await asyncio.to_thread(self._note, "stuck", stuck)
        ended, known = [
            (
                await self._client.count_workflows(
                    query.format(queue=self._task_queue), rpc_timeout=_RPC_TIMEOUT
                )
            ).count
            for query in (_ENDED_BADLY, _KNOWN)
        ]
        before, self._counted = self._counted, (ended, known)
        # Fewer are known where somebody has deleted one; but Temporal also forgets, one by one,
        # those that have been over for long, which is no reason to compare again and again.
        self._forgotten |= before is not None and known < before[1]
        now = asyncio.get_running_loop().time()
        more_ended = before is not None and ended > before[0]
        if is_replaced or more_ended or (self._forgotten and now >= self._not_before):
            self._forgotten, self._not_before = False, now + _FORGOTTEN_SECONDS
            await self.sweep()

    async def _look_at(self, of: Whose | Lane) -> _Looked:
        """Whether a workflow runs, whether it is ours, and why it cannot go on."""
        workflow = workflow_id(self._record, of)
        try:
            described = await self._client.get_workflow_handle(workflow).describe(
                rpc_timeout=_RPC_TIMEOUT
            )
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return _Looked(runs=False)
            begun_for = await self._begun_for(workflow)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return _Looked(runs=False)
        if isinstance(begun_for, str):
            return _Looked(runs=True, is_not_ours=begun_for)
        if described.raw_description.pending_workflow_task.attempt < 2:
            return _Looked(runs=True)
        return _Looked(runs=True, stuck=await self._why_stuck(workflow))

    async def _begun_for(self, workflow: str) -> Whose | Lane | str:
        """Which procedure or lane the workflow of an id was begun for by this record; else what of
        it shows that it is not this record's."""
        handle = self._client.get_workflow_handle(workflow)
        events = handle.fetch_history_events(page_size=1, rpc_timeout=_RPC_TIMEOUT)
        begun = (await anext(events)).workflow_execution_started_event_attributes
        starts: dict[str, type[ProcedureStart | PeopleStart]]
        starts = {PROCEDURE: ProcedureStart, PEOPLE: PeopleStart}
        known = starts.get(begun.workflow_type.name)
        if known is None or begun.task_queue.name != self._task_queue:
            return f"a {begun.workflow_type.name} on the task queue {begun.task_queue.name}"
        converter = self._client.data_converter
        try:
            (start,) = await converter.decode(begun.input.payloads, [known])
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is none of ours
            return "it was begun by somebody else, or by an earlier version of the program"
        of: Whose | Lane = start.whose if isinstance(start, ProcedureStart) else start.lane
        if workflow_id(self._record, of) != workflow:
            return f"it was begun for {workflow_name(of)}"
        return of

    async def _unknown(self, expected: Sequence[Whose | Lane]) -> dict[str, str]:
        """The workflows that run on the task queue and need not, each with what is wrong.

        The list is updated late, and what has nothing to wait for ends by itself: each is looked at
        again after a moment.
        """
        ids = {workflow_id(self._record, each) for each in expected}
        query = _RUNNING.format(queue=self._task_queue)
        listed = self._client.list_workflows(query, rpc_timeout=_RPC_TIMEOUT)
        others = [each.id async for each in listed if each.id not in ids]
        if others:
            await asyncio.sleep(_MOMENT_SECONDS)
        unknown: dict[str, str] = {}
        for workflow in others:
            try:
                handle = self._client.get_workflow_handle(workflow)
                described = await handle.describe(rpc_timeout=_RPC_TIMEOUT)
                if described.status is not WorkflowExecutionStatus.RUNNING:
                    continue
                begun_for = await self._begun_for(workflow)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                continue
            if isinstance(begun_for, str):
                unknown[workflow] = begun_for
            elif not await asyncio.to_thread(self._waits, begun_for):
                unknown[workflow] = "by the log there is nothing to wait for"
        return unknown

    def _waits(self, of: Whose | Lane) -> bool:
        if isinstance(of, Lane):
            found = must_be_waiting(self._office, self._due)
            return any(runs_in(each.whose) == of for each in found.concerns)
        try:
            return self._due.waits(of.whom)
        except NotOnRecord:
            return False

    async def _end(self, workflow: str, why: str) -> None:
        try:
            await self._client.get_workflow_handle(workflow).terminate(
                reason=why, rpc_timeout=_RPC_TIMEOUT
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _why_stuck(self, workflow: str) -> str | None:
        handle = self._client.get_workflow_handle(workflow)
        events = handle.fetch_history_events(rpc_timeout=_RPC_TIMEOUT)
        failure = why_stuck([event async for event in events])
        return None if failure is None else f"WorkflowTaskFailed: {await self._said_by(failure)}"

    async def _said_by(self, failure: Failure) -> str:
        try:
            error = await self._client.data_converter.decode_failure(failure)
        except Exception:  # noqa: BLE001 - a failure that this program did not seal
            return failure.message
        return error.message if isinstance(error, FailureError) else str(error)


def _messages(concerns: Iterable[Concern]) -> Iterator[_Message]:
    """One message for each procedure, or for up to `MOST_AT_ONCE` people of a lane."""
    lanes: dict[Lane, list[Own]] = {}
    for concern in concerns:
        of, caused_by = runs_in(concern.whose), concern.caused_by
        if isinstance(of, Lane):
            lanes.setdefault(of, []).append(Own(whose=concern.whose, caused_by=caused_by))
        else:
            start = ProcedureStart(whose=of, caused_by=caused_by)
            yield _Message(of, start, ReadAgain(caused_by=caused_by), (procedure_name(of),))
    for lane, people in lanes.items():
        for first in range(0, len(people), MOST_AT_ONCE):
            those = tuple(people[first : first + MOST_AT_ONCE])
            about = tuple(procedure_name(each.whose) for each in those)
            yield _Message(lane, PeopleStart(lane=lane), LookAgain(those=those), about)


def _begins(lane: Lane) -> _Message:
    return _Message(lane, PeopleStart(lane=lane), LookAgain(those=()), (workflow_name(lane),))


def why_stuck(history: Iterable[HistoryEvent]) -> Failure | None:
    """The last failed workflow task's failure; `None` if none failed or a later one succeeded.

    A task that a signal reached as it ended does not count as failed: Temporal runs it again.
    """
    why: Failure | None = None
    for event in history:
        if event.HasField("workflow_task_completed_event_attributes"):
            why = None
        elif event.HasField("workflow_task_failed_event_attributes"):
            failed = event.workflow_task_failed_event_attributes
            if failed.cause != _SIGNALLED_AS_IT_ENDED:
                why = failed.failure
    return why


def _reasons(found: Found) -> dict[str, str]:
    return {name: kept(error) for name, error in found.unreadable.items()}
