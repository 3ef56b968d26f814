"""An exercise of many people, through the durable servers, beside what it is compared with.

    python -m tests.benchmarks.exercise_scale [--people 25000] [--appealing 0.06] [--timers 500]
                                              [--workers 1] [--groups-of 2]

It is played with the real commands and workflows on a clock that is moved from date to date. Beside
it, in the same run: the same facts in the same commands appended without any procedure; the same
with each stream read before each command that goes on with it, which is the least that deciding
takes; and workflows that each wait for one timer and do nothing. With `--workers 2` a second
process of the role `worker` takes steps too, as it would in a service of several processes. With
`--groups-of 2` people move by teams of two: many groups, where there is otherwise one for each
transferor and path.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import psycopg
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from deploy.data_folder import DataFolder
from deploy.embedded import Engines, start_engines
from deploy.migrate import migrate
from tests.benchmarks.one_timer import OneTimer
from tests.support.cluster import Cluster
from tests.support.exercise_of_many import NAME, Played, Times
from transfer.app import Record, open_record
from transfer.core.dating.calendars import start_of_day_london
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command, Recorded
from transfer.log.leading import Lead, Part
from transfer.procedures.facts import Fact
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding
from workflows.dispatcher import Dispatcher, DispatcherEndedError
from workflows.ids import PEOPLE
from workflows.messages import LookAgain, ReadAgain
from workflows.procedure import READ_AGAIN
from workflows.worker import Procedures, connect, running

_QUIET_SECONDS = 6.0
_PAGE = 2_000


async def to(
    played: Played,
    client: Client,
    dispatcher: Dispatcher,
    day: date,
    what: str,
    until: Callable[[], bool] = lambda: True,
) -> None:
    """Move the clock to the beginning of a day, tell everybody, and wait until all is quiet."""
    record, begun = played.record, time.perf_counter()
    record.log.clock.stop(start_of_day_london(day))
    async for each in client.list_workflows('ExecutionStatus = "Running"'):
        with suppress(RPCError):  # it has ended meanwhile: it was told by the log
            handle = client.get_workflow_handle(each.id)
            is_lane = each.workflow_type == PEOPLE
            says = LookAgain(those=None) if is_lane else ReadAgain(caused_by=None)
            await handle.signal(READ_AGAIN, says)
    quiet, head = time.perf_counter(), -1
    while time.perf_counter() - quiet < _QUIET_SECONDS or not until():
        await asyncio.sleep(0.2)
        now = record.log.head().position
        if now != head or dispatcher.status.lag:
            quiet, head = time.perf_counter(), now
    played.times.add(what, time.perf_counter() - begun - _QUIET_SECONDS)


async def led(procedures: Procedures) -> Dispatcher:
    """The dispatcher, once this process leads it."""
    while True:
        with suppress(DispatcherEndedError):
            return procedures.dispatcher
        await asyncio.sleep(0.1)


async def play(
    played: Played,
    engines: Engines,
    people: Sequence[str],
    appealing: float,
    begin_others: Callable[[], None],
) -> None:
    """Everything that a clock has to do with."""
    assert engines.temporal_address is not None
    record = played.record
    lead = Lead(record.database_url, Part.PROCEDURES)
    client = await connect(engines.temporal_address, key=record.keys.payloads)
    appeals = people[: int(len(people) * appealing)]
    record.log.clock.stop(start_of_day_london(date(2013, 11, 19)))
    async with running(
        record.office, record.due, client, from_the_start=True, lead=lead
    ) as procedures:
        dispatcher = await led(procedures)
        await asyncio.to_thread(begin_others)
        await to(played, client, dispatcher, date(2013, 12, 2), "letters")
        await asyncio.to_thread(played.appeal, appeals, date(2013, 12, 4))
        await to(played, client, dispatcher, date(2013, 12, 18), "confirmations")
        await asyncio.to_thread(played.determine, appeals, date(2013, 12, 20))
        await to(played, client, dispatcher, date(2013, 12, 21), "confirmed after appeals")
        await to(played, client, dispatcher, date(2014, 6, 1), "moves")
        over = played.is_completed
        await to(played, client, dispatcher, date(2014, 11, 2), "dissolution, completion", over)


def everything(record: Record, names: Sequence[str]) -> Iterator[Recorded[Fact]]:
    """All that is on record, in its order."""
    position = 0
    while page := list(record.log.page(position, _PAGE, names)):
        position = page[-1].position
        yield from page


class Alone(NamedTuple):
    """Facts appended without a procedure: how many, and the seconds for that; and those for reading
    before each command the streams that it goes on with."""

    facts: int
    appending: float
    reading: float


def appended_alone(record: Record, database_url: str, names: Sequence[str]) -> Alone:
    """The same facts of the same commands, appended to an empty log."""
    migrate(database_url)
    with open_record_of(database_url, record) as other:
        versions: dict[str, int] = {}
        appending, reading, facts = 0.0, 0.0, 0
        for command_id, of_one in groupby(everything(record, names), key=lambda e: e.command_id):
            events = list(of_one)
            new = [(e.stream, versions.get(e.stream, 0), e.fact) for e in events]
            command = Command(
                command_id=command_id,
                recorded_by="nobody",
                request_hash=b"",
                correlation_id=command_id,
                at=events[0].recorded_at,
            )
            begun = time.perf_counter()
            other.read_many([stream for stream in {e.stream for e in events} if stream in versions])
            read = time.perf_counter()
            other.append(new, command)
            reading, appending = reading + read - begun, appending + time.perf_counter() - read
            facts += len(new)
            for event in events:
                versions[event.stream] = versions.get(event.stream, 0) + 1
        return Alone(facts, appending, reading)


@contextmanager
def open_record_of(database_url: str, record: Record) -> Iterator[Log[Fact]]:
    """An empty log that knows the same facts, with a simulated clock."""
    log = open_log(database_url, known=record.log.known)
    log.clock.simulate()
    try:
        yield log
    finally:
        log.close()


async def timers(address: str, number: int) -> float:
    """Seconds for so many workflows of one timer each."""
    client = await connect(address, key=bytes(32))
    async with Worker(client, task_queue="one-timers", workflows=[OneTimer]):
        begun = time.perf_counter()
        handles = await asyncio.gather(
            *(
                client.start_workflow(OneTimer.run, id=f"timer-{n}", task_queue="one-timers")
                for n in range(number)
            )
        )
        await asyncio.gather(*(handle.result() for handle in handles))
        return time.perf_counter() - begun - 1


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


def memory_of(name: str) -> int:
    """The resident memory of the processes of a name, in megabytes."""
    out = subprocess.run(
        ["ps", "-C", name, "-o", "rss="], capture_output=True, text=True, check=False
    ).stdout
    return sum(map(int, out.split())) // 1024


def main() -> int:
    """Play it, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=25_000)
    parser.add_argument("--appealing", type=float, default=0.06)
    parser.add_argument("--timers", type=int, default=500)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--groups-of", type=int, default=None)
    asked = parser.parse_args()
    book, times = rulebook(NAME), Times()
    rules = binding(book.with_values(assumed=book.suggested()))
    with tempfile.TemporaryDirectory() as path:
        folder = DataFolder.open(Path(path) / "data")
        with folder.hold("a benchmark"), start_engines(folder, temporal="service") as engines:
            migrate(engines.database_url)
            with open_record(engines.database_url, folder) as record:
                record.log.clock.simulate()
                played = Played(record, rules, times)
                people = played.prepare(asked.people)
                before = record.log.head().position
                times.begin()
                played.open(people, asked.groups_of)
                others = Cluster(folder, engines)

                def begin_others(others: Cluster = others) -> None:
                    for n in range(1, asked.workers):
                        others.start("worker", f"worker-{n}").ready()

                try:
                    asyncio.run(play(played, engines, people, asked.appealing, begin_others))
                finally:
                    others.end()
                procedure = sum(times.parts.values())
                report(record, folder, asked, times, people, before)
                names = tuple(record.log.known.names.values())
                alone = appended_alone(record, _beside(engines.database_url), names)
                assert engines.temporal_address is not None
                waited = asyncio.run(timers(engines.temporal_address, asked.timers))
                as_many = waited / asked.timers * len(people)
                say(
                    f"appending the same {alone.facts} facts alone: {alone.appending:.1f} s;"
                    f" with the procedure {procedure / alone.appending:.1f} times as long"
                )
                read_too = alone.appending + alone.reading
                say(
                    f"and each stream read before each command: {read_too:.1f} s,"
                    f" {read_too / alone.appending:.1f} times as long as appending"
                )
                say(
                    f"as many workflows of one timer: {as_many:.0f} s"
                    f" ({waited / asked.timers * 1000:.0f} ms each);"
                    f" {as_many / procedure:.1f} times as long as the procedure"
                )
    return 0


def report(
    record: Record,
    folder: DataFolder,
    asked: argparse.Namespace,
    times: Times,
    people: Sequence[str],
    before: int,
) -> None:
    """What it came to."""
    with record.log.connection() as connection:
        row = connection.execute("SELECT pg_database_size(current_database()) AS bytes").fetchone()
    size = 0 if row is None else row["bytes"] // 1_000_000
    history = folder.part("temporal") / "temporal.db"
    say(f"{len(people)} people, {asked.appealing:.0%} appealing")
    say(f"{record.log.head().position - before} facts in {sum(times.parts.values()):.0f} s:")
    for name, seconds in times.parts.items():
        say(f"  {name}: {seconds:.1f} s, {times.used[name]:.1f} s of processor time")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(f"memory: the program {own} MB at most, Temporal {memory_of('temporal')} MB")
    say(f"database {size} MB, Temporal's {history.stat().st_size // 1_000_000} MB")


def _beside(database_url: str) -> str:
    """Another database on the same server."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE alone")
    head, _, tail = database_url.rpartition("/")
    options = tail.partition("?")[2]
    return f"{head}/alone" + (f"?{options}" if options else "")


if __name__ == "__main__":
    sys.exit(main())
