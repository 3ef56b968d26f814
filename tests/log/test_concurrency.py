"""Many writers at once: nothing lost, nothing twice, no gap, and one order on both clocks."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from threading import Barrier, Event
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow

from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import KeyReused, StaleRead, StaleVersion
from transfer.log.answers import Begun, Entry, StaleError
from transfer.log.appending import COPY_FROM_EVENTS
from transfer.log.application import Log, open_log
from transfer.log.calls import Few, append_several
from transfer.log.envelope import Command, Receipt, Recorded
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

FACT = StaffRegistered(staff_number="S1", effective_from=date(2013, 11, 1))


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, pool_size=16)
    yield opened
    opened.close()


@pytest.fixture
def keeping_log(database_url: str) -> Iterator[Log[Fact]]:
    """A log whose commits are kept when the server fails; those of tests are not, usually."""
    opened = open_log(make_conninfo(database_url, options="-c synchronous_commit=on"), pool_size=16)
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


def test_in_a_crowd_each_command_fares_as_it_would_alone(log: Log[Fact]) -> None:
    """New ones, repeated ones, rivals, keys used twice and writes alongside, all at once."""
    people, rounds = 8, 12
    start = Barrier(people)
    with log.connection() as connection:
        connection.execute("CREATE TABLE beside (number integer PRIMARY KEY)")

    def beside(number: int) -> Callable[[psycopg.Cursor[DictRow]], None]:
        def write(cursor: psycopg.Cursor[DictRow]) -> None:
            cursor.execute("INSERT INTO beside VALUES (%s)", (number,))

        return write

    def person(who: int) -> Counter[str]:
        fared: Counter[str] = Counter()
        start.wait()
        for n in range(rounds):
            new = log.append(
                [(f"staff:S{who}", 2 * n, FACT), (f"staff:S{who}", 2 * n, FACT)],
                command(1_000 + who * rounds + n),
            )
            fared["new"] += not new.replayed
            # Everybody delivers this one; and then this key with a request of their own.
            shared = log.append([(f"staff:T{n}", 0, FACT)], command(1 + n))
            fared["shared"] += not shared.replayed
            with pytest.raises(KeyReused):
                log.append([(f"staff:U{n}", 0, FACT)], Command(UUID(int=1 + n), "hr", b"other"))
            rival = command(5_000 + who * rounds + n)
            try:
                log.append([("staff:V", n, FACT), (f"staff:W{who}-{n}", 0, FACT)], rival)
                fared["won"] += 1
            except StaleVersion:
                assert log.find_command(rival.command_id) is None
            number = 9_000 + who * rounds + n
            log.append([(f"staff:X{number}", 0, FACT)], command(number), beside(number))
        return fared

    with ThreadPoolExecutor(people) as pool:
        fared = sum(pool.map(person, range(people)), Counter())

    won = len(log.read("staff:V"))
    assert 1 <= won <= rounds
    assert fared == {"new": people * rounds, "shared": rounds, "won": won}
    facts = log.page(0, 10_000)
    assert [each.position for each in facts] == list(range(1, len(facts) + 1))
    assert len(facts) == 2 * people * rounds + rounds + 2 * won + people * rounds
    assert not any(each.stream.startswith("staff:U") for each in facts)
    instants = [each.recorded_at for each, _ in _by_command(facts)]
    assert all(earlier < later for earlier, later in pairwise(instants))
    with log.connection() as connection:
        row = connection.execute("SELECT count(*) AS n FROM beside").fetchone()
    assert row == {"n": people * rounds}


def _by_command(facts: list[Recorded[Fact]]) -> list[tuple[Recorded[Fact], int]]:
    """The first fact of each command, in the log's order, and how many it has, side by side."""
    groups = [list(each) for _, each in groupby(facts, key=lambda fact: fact.command_id)]
    assert len(groups) == len({each[0].command_id for each in groups})
    return [(each[0], len(each)) for each in groups]


@pytest.mark.parametrize("violently", [False, True])
def test_a_server_that_fails_in_the_middle_loses_and_doubles_nothing(
    keeping_log: Log[Fact], database_url: str, violently: bool
) -> None:
    """Connections end while commands wait together; then, kill -9, the server itself."""
    log = keeping_log
    writers, commands = 8, 60
    total = writers * commands
    start = Barrier(writers + 1)

    def write(writer: int) -> None:
        start.wait()
        for n in range(commands):
            number = 1 + writer * commands + n
            log.append([(f"staff:S{writer}", n, FACT)], command(number))

    def fail() -> None:
        with psycopg.connect(database_url, autocommit=True) as other:
            start.wait()
            # Once only where the server has to start again: until then nobody can connect.
            for reached in (total // 2,) if violently else (total // 8, total // 2):
                assert log.wait_past(reached, 60)
                pids = other.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND query ~ 'append_commands|UPDATE log_head'"
                ).fetchall()
                if violently:
                    # The server takes one such end for a sign of broken memory and starts again.
                    os.kill(pids[0][0], signal.SIGKILL)
                else:
                    for (pid,) in pids:
                        other.execute("SELECT pg_terminate_backend(%s)", (pid,))

    with ThreadPoolExecutor(writers + 1) as pool:
        failing = pool.submit(fail)
        for writing in [pool.submit(write, writer) for writer in range(writers)]:
            writing.result()
        failing.result()

    facts = log.page(0, total + 1)
    assert [each.position for each in facts] == list(range(1, total + 1))
    assert Counter(size for _, size in _by_command(facts)) == {1: total}
    for writer in range(writers):
        versions = [each.version for each in log.read(f"staff:S{writer}")]
        assert versions == list(range(1, commands + 1))


def test_of_two_streams_each_rival_reads_both_and_the_sum_stays_whole(log: Log[Fact]) -> None:
    """Places in two houses, which both count towards one limit.

    Everybody reads both and writes to one alone: without naming the other, two who write to
    different houses at once would each find the last place free. Some write so much at once that
    it goes by COPY, some have a transaction of their own.
    """
    people, limit = 8, 24
    houses = ("staff:A", "staff:B")
    ids = iter(range(1, 100_000))
    start = Barrier(people)

    def nothing(_cursor: psycopg.Cursor[DictRow]) -> None:
        """A write alongside, which gives the append a transaction of its own."""

    def move_in(own: str, other: str, *, crowd: bool, beside: bool) -> bool:
        found = log.read_many(houses)
        if sum(map(len, found.values())) >= limit:
            return False
        new = [(own, len(found[own]), FACT)]
        if crowd:
            new += [(f"staff:C{next(ids)}", 0, FACT) for _ in range(COPY_FROM_EVENTS)]
        log.append(
            new,
            command(next(ids)),
            nothing if beside else None,
            reads={other: len(found[other])},
        )
        return True

    def person(who: int) -> Counter[str]:
        fared: Counter[str] = Counter()
        own, other = houses if who % 2 else houses[::-1]
        start.wait()
        while True:
            try:
                if not move_in(own, other, crowd=who % 4 == 0, beside=who % 4 == 1):
                    return fared
                fared["in"] += 1
            except StaleRead as stale:
                fared["moved" if stale.stream == other else "wrong"] += 1
            except StaleVersion as stale:
                # A large command does not say which.
                fared["overtaken" if stale.stream in (own, "") else "wrong"] += 1

    with ThreadPoolExecutor(people) as pool:
        fared = sum(pool.map(person, range(people)), Counter())

    assert sum(len(log.read(house)) for house in houses) == limit == fared["in"]
    assert not fared["wrong"]


def test_what_a_member_of_a_group_writes_makes_a_later_members_read_stale(
    log: Log[Fact], database_url: str
) -> None:
    """One commit for several: each is judged by what those before it have written."""
    log.append([("staff:A", 0, FACT)], command(1))
    group = [
        Few(command(2), [entry("staff:A", 2)], [(b"staff:B", 0)]),
        Few(command(3), [entry("staff:B", 1)], [(b"staff:A", 1)]),
        Few(command(4), [entry("staff:B", 1)], [(b"staff:A", 2), (b"staff:C", 0)]),
        Few(command(2), [entry("staff:A", 2)], [(b"staff:B", 0)]),
        Few(command(5), [entry("staff:D", 3)]),
        Few(command(6), [entry("staff:D", 1)]),
    ]
    with psycopg.connect(database_url) as connection:
        answers = append_several(connection.pgconn, group, prepared=False)
    second, third, fourth, again, hole, last = answers
    assert isinstance(third, StaleError)
    assert (third.stream, third.only_read) == ("staff:A", True)
    assert isinstance(hole, StaleError)
    assert (hole.stream, hole.only_read) == ("staff:D", False)
    # What is on record already is so, whatever has moved since.
    assert isinstance(again, Begun)
    assert again.replayed
    begun = [each for each in (second, fourth, last) if isinstance(each, Begun)]
    assert [each.first_position for each in begun] == [2, 3, 4]


def entry(stream: str, version: int) -> Entry:
    """An event as the recorder stores it."""
    event_id = uuid5(NAMESPACE_URL, f"{stream}@{version}").bytes
    return stream.encode(), version, b"staff-registered.v1", b"{}", event_id
