"""Several processes write to the same people at once; one of them is killed in the midst of it.

Whatever was acknowledged is on record, once, and nothing else than what was asked for; a reader who
follows the log and projectors that take turns miss nothing; and answers that were given while all
this went on are given again when it is over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.data_folder import DataFolder
from projections.keeping_up.runner import Runner, resolve_known_at
from projections.position import queries as q
from projections.position.projection import NAME as POSITION
from tests.service import writing_process as w
from transfer.app import open_record, projections_of
from transfer.commands.office import Act, key_id
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

WRITERS = 4
ROUNDS = 15
WRITES_A_ROUND = 5


class Writers:
    """The writing processes, and what each has said so far."""

    def __init__(self, database_url: str, folder: DataFolder) -> None:
        program = Path(w.__file__)
        self.processes = [
            subprocess.Popen(
                [sys.executable, program, database_url, folder.path, f"W{n}", str(ROUNDS)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(WRITERS)
        ]
        self._ready = threading.Barrier(WRITERS)

    def listen(self, n: int, *, kill_after: int | None = None) -> list[Any]:
        """Everything that a process says; it may be killed in the midst of its work."""
        stdin, stdout = self.processes[n].stdin, self.processes[n].stdout
        assert stdin is not None
        assert stdout is not None
        assert stdout.readline() == "ready\n"
        self._ready.wait(timeout=60)
        stdin.write("begin\n")
        stdin.flush()
        said = []
        for line in stdout:
            if not line.endswith("\n"):
                break  # killed while it spoke
            said.append(json.loads(line))
            if len(said) == kill_after:
                self.processes[n].kill()
        self.processes[n].wait(timeout=60)
        return said

    def end(self) -> None:
        """Leave none behind."""
        for each in self.processes:
            each.kill()
            each.communicate()


@pytest.fixture
def writers(database_url: str, folder: DataFolder) -> Iterator[Writers]:
    """The processes; two people are on record for all of them to write to."""
    with open_record(database_url, folder) as opened:
        for number in (w.SHARED, w.COUNTED):
            w.register(opened.office, Act("test", key_id(number)), number)
    started = Writers(database_url, folder)
    yield started
    started.end()


def tail(log: Log[Fact], written: threading.Event) -> list[int]:
    """Follow the log as a reader does, until nothing more will come."""
    seen: list[int] = []
    while True:
        last_round = written.is_set()
        after = seen[-1] if seen else 0
        page = [each.position for each in log.page(after, 7)]
        seen += page
        if last_round and not page:
            return seen
        if not page:
            log.wait_past(after, 0.05)


def remember(url: str, written: threading.Event) -> list[tuple[datetime, object]]:
    """Ask again and again while others write; every answer with its knowledge time."""
    answers: list[tuple[datetime, object]] = []
    with psycopg.connect(url, autocommit=True) as conn:
        while not written.is_set():
            known_at = resolve_known_at(conn, POSITION, None)
            if answers and answers[-1][0] == known_at:
                written.wait(0.002)
                continue
            answers.append((known_at, answer(conn, known_at)))
    return answers


def answer(conn: psycopg.Connection, known_at: datetime) -> object:
    """What is asked while others write."""
    return (
        q.workforce(conn, Facet.UNIT, w.DAY, known_at),
        q.workforce(conn, Facet.POST, w.DAY, known_at),
        q.members(conn, {}, w.DAY, known_at, limit=1000),
    )


@pytest.mark.thorough
def test_processes_that_write_at_once_lose_nothing_and_repeat_nothing(
    database_url: str, folder: DataFolder, writers: Writers
) -> None:
    written = threading.Event()
    with open_record(database_url, folder) as opened, ThreadPoolExecutor(WRITERS + 2) as pool:
        log = opened.log
        runners = [Runner(log, projections_of(log), page_events=n) for n in (3, 50)]
        for runner in runners:
            runner.start()
        tailing = pool.submit(tail, log, written)
        remembering = pool.submit(remember, database_url, written)
        try:
            killed_after = {WRITERS - 1: WRITES_A_ROUND * ROUNDS // 2}
            listening = [
                pool.submit(writers.listen, n, kill_after=killed_after.get(n))
                for n in range(WRITERS)
            ]
            said = [each.result() for each in listening]
        finally:
            written.set()
            for runner in runners:
                runner.stop()
        seen, remembered = tailing.result(), remembering.result()
        runners[0].catch_up()
        check_log(log, said, seen)
        check_updates(log, said)
        with psycopg.connect(database_url, autocommit=True) as conn:
            for known_at, answered in remembered:
                assert answer(conn, known_at) == answered
            before = everything(conn)
            assert q.verify_no_overlap(conn) == []
            runners[1].rebuild()
            assert everything(conn) == before


def check_log(log: Log[Fact], said: list[list[Any]], seen: list[int]) -> None:
    """What was told is on record, once; nobody who followed the log missed anything."""
    head = log.head().position
    facts = log.page(0, head + 1)
    assert [each.position for each in facts] == seen == list(range(1, head + 1))
    on_record = {
        str(each.event_id): [
            str(each.command_id),
            each.stream.removeprefix("staff:"),
            str(each.event_id),
            each.version,
            each.recorded_at.isoformat(),
        ]
        for each in facts
    }
    for line in (line for lines in said for line in lines):
        assert on_record[line[2]] == line
    by_stream: dict[str, list[int]] = {}
    for each in facts:
        by_stream.setdefault(each.stream, []).append(each.version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in by_stream.values())
    instants = [instant for instant, _ in groupby(facts, key=lambda each: each.recorded_at)]
    assert all(earlier < later for earlier, later in pairwise(instants))
    assert len({each.command_id for each in facts}) == len(instants)
    # At most one write of the process that was killed is on record without its having said so.
    told = {line[2] for lines in said for line in lines}
    untold = [each for each in facts if str(each.event_id) not in told]
    assert len(untold) <= 2 + 1


def check_updates(log: Log[Fact], said: list[list[Any]]) -> None:
    """Races had one winner each, and no update that was built on another is lost."""
    for n in range(ROUNDS):
        raced = [line for lines in said for line in lines if line[1] == f"RACED-{n}"]
        assert len(raced) <= 1
        assert len(log.read(staff_stream(f"RACED-{n}"))) == 1
        told = [line for lines in said for line in lines if line[0] == str(key_id("round", str(n)))]
        assert len(told) >= WRITERS - 1
        assert len({tuple(line) for line in told}) == 1
    counted = log.read(staff_stream(w.COUNTED))
    values = [getattr(each.fact, "changes", {}).get(Facet.POST) for each in counted[1:]]
    assert values == [str(n) for n in range(1, len(counted))]
    assert len(counted) - 1 >= (WRITERS - 1) * ROUNDS
    units = Counter(
        getattr(each.fact, "changes", {}).get(Facet.UNIT)
        for each in log.read(staff_stream(w.SHARED))
    )
    del units[None]
    assert set(units.values()) == {1}
    assert {f"W{n}-{i}" for n in range(WRITERS - 1) for i in range(ROUNDS)} <= set(units)


def everything(conn: psycopg.Connection) -> object:
    """Every answer of everybody now."""
    known_at = resolve_known_at(conn, POSITION, None)
    people = q.members(conn, {}, w.DAY, known_at, limit=1000)
    numbers = sorted({each.staff_number for each in people.items})
    return answer(conn, known_at), [q.timeline(conn, number, known_at) for number in numbers]
