"""Clients in processes of their own, so that they do not wait for each other's interpreter."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from types import TracebackType
from typing import Self, TypeVar

Job = TypeVar("Job")


class Clients:
    """So many clients, each one process that lives until the block ends."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._stack = ExitStack()
        self._processes: list[ProcessPoolExecutor] = []

    def __enter__(self) -> Self:
        context = get_context("spawn")
        self._processes = [
            self._stack.enter_context(ProcessPoolExecutor(1, mp_context=context))
            for _ in range(self._count)
        ]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(self, work: Callable[[int, Job], list[float]], job: Job) -> list[float]:
        """Let every client do the same work at the same time; all their figures together.

        `work` is a function of a module, told the client's number; `job` has to be pickled.
        """
        running = [
            process.submit(work, number, job) for number, process in enumerate(self._processes)
        ]
        return [figure for each in running for figure in each.result()]
