"""Grouping by itself: who does whose job, in which order, and what an error or an interrupt costs.

Threads are held where a test wants them, so nothing here depends on a time.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from transfer.log.groups import Groups

LONG = 30.0
"""Seconds that no test should ever wait out."""


class Desk:
    """Doubles numbers; a first group waits until it is let go, so that others gather behind it."""

    def __init__(self, most: int = 100) -> None:
        self.groups: list[list[int]] = []
        self.alone: list[int] = []
        self.fail: Callable[[Sequence[int]], None] = lambda _: None
        self.is_held = Event()
        self.let_go = Event()
        self.made_ready: list[int] = []
        self.queue: Groups[int, int] = Groups(
            self._together,
            self._alone,
            make_ready=self.made_ready.append,
            weigh=lambda job: job,
            most=most,
        )

    def _together(self, jobs: Sequence[int]) -> list[int]:
        self.groups.append(list(jobs))
        if len(self.groups) == 1:
            self.is_held.set()
            assert self.let_go.wait(LONG)
        self.fail(jobs)
        return [2 * job for job in jobs]

    def _alone(self, job: int) -> int:
        self.alone.append(job)
        self.fail([job])
        return 2 * job

    def do_behind_the_first(self, first: int, others: Sequence[int]) -> list[Future[int]]:
        """Do `others` while `first` is under way; each is in the queue before the next comes."""
        with ThreadPoolExecutor(1 + len(others)) as pool:
            futures = [pool.submit(self.queue.do, first)]
            assert self.is_held.wait(LONG)
            for n, job in enumerate(others, start=1):
                futures.append(pool.submit(self.queue.do, job))
                while len(self.queue._queue) < n:
                    assert not futures[-1].done()
            self.let_go.set()
        return futures


def test_a_single_caller_is_served_at_once() -> None:
    desk = Desk()
    desk.let_go.set()
    assert [desk.queue.do(job) for job in (1, 2, 3)] == [2, 4, 6]
    assert desk.groups == [[1], [2], [3]]
    assert desk.alone == []


def test_whoever_waits_is_served_together_in_the_order_of_coming() -> None:
    desk = Desk()
    futures = desk.do_behind_the_first(1, [2, 3, 4])
    assert [each.result() for each in futures] == [2, 4, 6, 8]
    assert desk.groups == [[1], [2, 3, 4]]
    assert desk.made_ready == [2, 3, 4]


def test_a_group_is_no_heavier_than_it_may_be() -> None:
    desk = Desk(most=5)
    futures = desk.do_behind_the_first(1, [2, 3, 4, 9, 1])
    assert [each.result() for each in futures] == [2, 4, 6, 8, 18, 2]
    assert desk.groups == [[1], [2, 3], [4], [9], [1]]


def test_a_group_that_fails_is_done_by_each_alone_and_only_the_guilty_fail() -> None:
    desk = Desk()

    def fail(jobs: Sequence[int]) -> None:
        if 3 in jobs:
            raise ValueError("not three")

    desk.fail = fail
    futures = desk.do_behind_the_first(1, [2, 3, 4])
    with pytest.raises(ValueError, match="not three"):
        futures[2].result()
    assert [futures[n].result() for n in (0, 1, 3)] == [2, 4, 8]
    assert sorted(desk.alone) == [2, 3, 4]
    assert desk.queue.do(5) == 10


def test_an_interrupted_leader_leaves_the_others_to_themselves() -> None:
    desk = Desk()

    def interrupt(jobs: Sequence[int]) -> None:
        if list(jobs) == [2, 3]:
            raise KeyboardInterrupt

    desk.fail = interrupt
    futures = desk.do_behind_the_first(1, [2, 3])
    with pytest.raises(KeyboardInterrupt):
        futures[1].result()
    assert (futures[0].result(), futures[2].result()) == (2, 6)
    assert desk.alone == [3]
    assert desk.queue.do(5) == 10
