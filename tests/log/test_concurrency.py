"""Many writers at once: nothing lost, nothing twice, no gap, and one order on both clocks."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from threading import Barrier, Event
from uuid import UUID

import psycopg
import pytest

from transfer.core.facts import Fact
from transfer.core.refusals import StaleVersion
from transfer.core.staff import StaffRegistered
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command, Receipt

pytestmark = pytest.mark.engines

FACT = StaffRegistered(staff_number="S1", effective_from=date(2013, 11, 1))


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, pool_size=16)
    yield opened
    opened.close()


def command(number: int) -> Command:
    return Command(UUID(int=number), "hr", b"request")


@pytest.mark.parametrize("clock_behind", [False, True])
def test_eight_writers_and_a_reader_agree_on_one_order(
    log: Log[Fact], database_url: str, clock_behind: bool
) -> None:
    if clock_behind:
        with psycopg.connect(database_url) as connection:
            connection.execute(
                "UPDATE log_head SET last_recorded_at = %s", (datetime(2999, 1, 1, tzinfo=UTC),)
            )
    writers, commands = 8, 40
    total = writers * sum(1 + n % 3 for n in range(commands))
    start = Barrier(writers + 1)

    def write(writer: int) -> None:
        start.wait()
        for n in range(commands):
            stream = f"staff:S{writer}-{n}"
            log.append([(stream, 0, FACT)] * (1 + n % 3), command(1 + writer * commands + n))

    written = Event()

    def tail() -> list[int]:
        start.wait()
        seen: list[int] = []
        last_round = False
        while True:
            page = [each.position for each in log.page(seen[-1] if seen else 0, 50)]
            seen += page
            if last_round and not page:
                return seen
            last_round = written.is_set()
            log.wait_past(seen[-1] if seen else 0, 0.05)

    with ThreadPoolExecutor(writers + 1) as pool:
        tailing = pool.submit(tail)
        try:
            for writing in [pool.submit(write, writer) for writer in range(writers)]:
                writing.result()
        finally:
            written.set()
        # Gapless, for a reader who was there all along too: it never met a late arrival.
        assert tailing.result() == list(range(1, total + 1))

    facts = log.page(0, total + 1)
    by_instant = [
        (instant, {each.command_id for each in together})
        for instant, together in groupby(facts, key=lambda each: each.recorded_at)
    ]
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(by_instant))
    assert all(len(commands_then) == 1 for _, commands_then in by_instant)
    assert len(by_instant) == writers * commands
    assert len({each.event_id for each in facts}) == total


def test_every_duplicate_gets_the_first_answer(log: Log[Fact]) -> None:
    deliveries = [n for n in range(40) for _ in range(8)]

    def deliver(n: int) -> Receipt:
        return log.append([(f"staff:S{n}", 0, FACT)], command(n + 1))

    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(deliver, deliveries))

    assert log.head().position == 40
    assert Counter(receipt.replayed for receipt in receipts) == {False: 40, True: 280}
    answers = {(each.command_id, each.recorded_at, each.events) for each in receipts}
    assert len(answers) == 40


def test_of_rivals_for_one_version_one_wins(log: Log[Fact]) -> None:
    start = Barrier(8)

    def rival(n: int) -> bool:
        start.wait()
        try:
            log.append([("staff:S1", 0, FACT)], command(n + 1))
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(rival, range(8))) == {True: 1, False: 7}
    assert [each.version for each in log.read("staff:S1")] == [1]
    # Seven rollbacks left no gap.
    assert log.append([("staff:S1", 1, FACT)], command(9)).last_position == 2
