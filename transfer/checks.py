"""What a running service looks at, for /health/ready and /metrics, besides its database.

disk         room in the data folder
clocks       whether those agree by which the record goes, and whether the log is ahead of them
temporal     whether it answers
dispatcher   whether Temporal is told of what is on record
leading      whether some process does what one at a time should do
notices      whether those that are owed are sent
archive      whether the log of changes arrives in the archive, where there is one
"""

import asyncio
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as TooLongError
from datetime import timedelta
from pathlib import Path
from time import monotonic

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue, TaskQueueStats
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from deploy.backups.archive import Archiving, archiving
from transfer.api.http.connections import Connections
from transfer.api.http_service import Check, Figure
from transfer.log.application import Log
from transfer.log.clock_watch import ClockWatch
from transfer.log.faults import NO_ANSWER
from transfer.log.leading import STILL_SECONDS, Lead, Part, led
from transfer.notices.addresses import AddressBook, AddressesRefused
from transfer.notices.couriers import Courier
from transfer.notices.kept import KeptNotices, NoticeState, Standing
from transfer.procedures.facts import Fact
from workflows.told import told_until

NEARLY_FULL_BYTES = 500_000_000
"""With less room than this on the disk the operator should do something."""

_FULL_BYTES = 50_000_000
_ARCHIVE_BEHIND_BYTES = 256_000_000
_ANSWER_SECONDS = 0.6
_NOTICE_WAITS_SECONDS = 3600.0
_STANDSTILL_SECONDS = 60.0
_TASKS = {
    "workflows": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activities": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}

Look = Callable[[], Check]


def disk(folder: Path) -> Look:
    """Whether there is room where the data folder is; without any, nothing can be recorded."""

    def look() -> Check:
        free = shutil.disk_usage(folder).free
        figures = (Figure("disk_free_bytes", "Room on the disk of the data folder.", free),)
        says = f"{free / 1e9:.2f} GB free where the data folder is"
        full = free < _FULL_BYTES
        if full:
            says += ": nothing more can be recorded safely"
        return Check("disk", free >= NEARLY_FULL_BYTES, says, needed=full, figures=figures)

    return look


def archive(log: Log[Fact]) -> Look:
    """Whether the log of changes arrives in the archive. Without it the record goes on."""

    def look() -> Check:
        try:
            with log.connection() as connection:
                found = archiving(connection)
        except NO_ANSWER:
            return Check("archive", ok=False, says="the database does not tell", needed=False)
        return archive_check(found)

    return look


def archive_check(found: Archiving | None) -> Check:
    """The same, of what the database says of its archive."""
    if found is None or found.is_lost:
        says = "what the archive lacks is not kept any more: see logs/archive.log, and back up"
        return Check("archive", ok=False, says=says, needed=False)
    behind = found.bytes_behind
    says = f"{behind / 1e6:,.1f} MB have not arrived"
    if not found.is_receiving:
        says += ", and nothing receives them: see logs/archive.log"
    return Check(
        "archive",
        ok=found.is_receiving and behind < _ARCHIVE_BEHIND_BYTES,
        says=says,
        needed=False,
        figures=(Figure("archive_bytes_behind", "What has not arrived there.", behind),),
    )


def clocks(watch: ClockWatch) -> Look:
    """Whether the clocks agree. Where they do not, nothing is recorded."""

    def look() -> Check:
        try:
            seen = watch.compare()
        except NO_ANSWER:
            return Check("clocks", ok=False, says="the database does not tell its clock")
        ahead = {"database": seen.database, "machine": seen.jumped, "temporal": seen.temporal}
        figures = [
            Figure(
                "clock_ahead_seconds",
                "How far a clock is ahead of the service's; of the machine's: how far it jumped.",
                span.total_seconds(),
                name,
            )
            for name, span in ahead.items()
            if span is not None
        ]
        figures.append(
            Figure(
                "log_ahead_seconds",
                "How far the last entry on record is ahead of the database's clock.",
                seen.log.total_seconds(),
            )
        )
        why, log_ahead = watch.disagreement(seen), watch.log_ahead(seen)
        return Check(
            "clocks",
            ok=why is None and log_ahead is None,
            says=why or log_ahead or "agree",
            needed=why is not None,
            figures=tuple(figures),
        )

    return look


def connections(limits: Connections) -> Look:
    """How many connections there are. Where there are too many, others are turned away."""

    def look() -> Check:
        now, refused = limits.open, limits.refused
        figures = (
            Figure("http_connections", "Connections now.", now),
            Figure(
                "http_connections_refused_total",
                "Connections that were turned away.",
                refused,
                is_total=True,
            ),
        )
        says = f"{now} of at most {limits.most}, {refused} turned away so far"
        return Check("connections", now < limits.most, says, needed=False, figures=figures)

    return look


def temporal(client: Client, loop: asyncio.AbstractEventLoop) -> Look:
    """Whether Temporal answers, and soon; asked from any thread but the loop's own."""

    async def ask() -> bool:
        return await client.service_client.check_health(
            timeout=timedelta(seconds=_ANSWER_SECONDS), retry=False
        )

    def look() -> Check:
        asked = asyncio.run_coroutine_threadsafe(ask(), loop)
        try:
            ok = asked.result(_ANSWER_SECONDS + 0.1)
            says = "answers" if ok else "does not serve"
        except TooLongError:
            asked.cancel()
            ok, says = False, f"does not answer within {_ANSWER_SECONDS:g} seconds"
        except (RPCError, RuntimeError, CancelledError) as error:
            ok, says = False, f"does not answer ({type(error).__name__})"
        return Check("temporal", ok, says)

    return look


def backlog(
    client: Client, task_queue: str, loop: asyncio.AbstractEventLoop
) -> Callable[[], Sequence[Figure]]:
    """What waits in Temporal for a worker, and how many procedures run; nothing where it does not
    answer. Asked from any thread but the loop's own."""

    async def waiting(kind: TaskQueueType.ValueType) -> TaskQueueStats:
        asked = DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=kind,
            report_stats=True,
        )
        return (await client.workflow_service.describe_task_queue(asked)).stats

    async def ask() -> Sequence[Figure]:
        running = await client.count_workflows(
            f'TaskQueue = "{task_queue}" AND ExecutionStatus = "Running"'
        )
        found = await asyncio.gather(*map(waiting, _TASKS.values()))
        return backlog_figures(dict(zip(_TASKS, found, strict=True)), running.count)

    def look() -> Sequence[Figure]:
        answer = asyncio.run_coroutine_threadsafe(ask(), loop)
        try:
            return answer.result(_ANSWER_SECONDS)
        except (TooLongError, RPCError, RuntimeError, CancelledError):
            answer.cancel()
            return ()

    return look


def backlog_figures(waiting: Mapping[str, TaskQueueStats], running: int) -> Sequence[Figure]:
    """The same in numbers: what waits by what it is, and how many procedures run."""
    figures = [
        Figure("procedures_running", "Workflows that Temporal runs for procedures.", running)
    ]
    for kind, stats in waiting.items():
        figures += [
            Figure(
                "temporal_backlog",
                "Tasks that wait for a worker, by Temporal's estimate.",
                stats.approximate_backlog_count,
                kind,
            ),
            Figure(
                "temporal_backlog_age_seconds",
                "For how long the oldest of them has been waiting.",
                stats.approximate_backlog_age.ToTimedelta().total_seconds(),
                kind,
            ),
        ]
    return figures


def dispatcher(log: Log[Fact], task_queue: str, *, needed: bool = True) -> Look:
    """Whether Temporal is told of what is on record, whichever process tells it.

    It is not where events wait and none of them was told for a minute. Behind a large import it is
    for longer, but it gets on.
    """
    last: int | None = None
    since: float | None = None

    def look() -> Check:
        nonlocal last, since
        try:
            head = log.head().position
            with log.connection() as connection:
                told = told_until(connection, task_queue)
        except NO_ANSWER:
            says = "the database does not answer"
            return Check("dispatcher", ok=False, says=says, needed=needed)
        lag = max(0, head - (told or 0))
        now = monotonic()
        if not lag:
            since = None
        elif since is None or told != last:
            since = now
        last = told
        still = 0.0 if since is None else now - since
        figures = (
            Figure("dispatcher_lag_events", "Events that Temporal was not told of.", lag),
            Figure("dispatcher_still_seconds", "For how long none of them was told.", still),
        )
        says = f"{lag} events behind" if lag else "up to date"
        ok = still < _STANDSTILL_SECONDS
        if not ok:
            says += f", and no further for {still:.0f} seconds"
        return Check("dispatcher", ok, says, needed=needed, figures=figures)

    return look


def leading(log: Log[Fact], leads: Sequence[Lead], parts: Collection[Part] = tuple(Part)) -> Look:
    """Whether every part that one process at a time does is done by some process.

    `leads` are those of this process, `parts` what this record has of them. Nobody leads for some
    seconds after a process was lost: the service is as ready as it was. Nor is all well where what
    this process leads has taken no step for half as long as makes it give up.
    """

    def look() -> Check:
        try:
            with log.connection() as connection:
                found = led(connection)
        except NO_ANSWER:
            says = "the database does not answer"
            return Check("leading", ok=False, says=says, needed=False)
        ours = {each.part for each in leads if each.is_held}
        figures = [
            Figure("leader", "1 where this process leads that part.", int(part in ours), part)
            for part in parts
        ]
        figures += [
            Figure("led", "1 where some process leads that part.", int(part in found), part)
            for part in parts
        ]
        still = {each.part: each.still_seconds for each in leads}
        figures += [
            Figure(
                "leader_still_seconds",
                "For how long what this process leads has taken no step.",
                still.get(part, 0.0),
                part,
            )
            for part in parts
        ]
        halted = {part for part, seconds in still.items() if seconds > STILL_SECONDS / 2}
        says = "; ".join(
            f"{part}: {_who_leads(part, ours, found)}"
            + (f", which takes no step for {still[part]:.0f} seconds" if part in halted else "")
            for part in parts
        )
        ok = found >= set(parts) and not halted
        return Check("leading", ok, says, needed=False, figures=tuple(figures))

    return look


def _who_leads(part: Part, ours: Collection[Part], found: Collection[Part]) -> str:
    if part in ours:
        return "this process"
    return "another process" if part in found else "nobody"


def notices(kept: KeptNotices, courier: Courier, addresses: AddressBook) -> Look:
    """Whether notices are sent. The record is as good without them."""

    def look() -> Check:
        try:
            standing = kept.standing()
        except NO_ANSWER:
            return Check("notices", ok=False, says="the database does not answer", needed=False)
        wrong = wrong_with_notices(standing)
        if courier.needs_address and wrong is None:
            try:
                addresses.count()
            except AddressesRefused as refused:
                wrong = str(refused)
        figures = tuple(
            Figure("notices", "Notices by where they stand.", _how_many(standing, state), state)
            for state in NoticeState
        )
        says = wrong or f"by way of {courier.name}, {_how_many(standing, NoticeState.WAITING)} wait"
        return Check("notices", wrong is None, says, needed=False, figures=figures)

    return look


def wrong_with_notices(standing: Mapping[NoticeState, Standing]) -> str | None:
    """What the office has to do something about; `None` where there is nothing."""
    wrong = []
    if failed := _how_many(standing, NoticeState.FAILED):
        wrong.append(f"{failed} could not be sent")
    if without := _how_many(standing, NoticeState.NO_ADDRESS):
        wrong.append(f"{without} have no address")
    waiting = standing.get(NoticeState.WAITING)
    if waiting is not None and waiting.oldest_seconds > _NOTICE_WAITS_SECONDS:
        wrong.append(f"the oldest waits for {waiting.oldest_seconds / 3600:.0f} hours")
    return ", ".join(wrong) or None


def _how_many(standing: Mapping[NoticeState, Standing], state: NoticeState) -> int:
    found = standing.get(state)
    return 0 if found is None else found.notices
