"""Those who wait for a commit share the next one.

The first caller finds nobody at work and does its own job at once. Whoever comes meanwhile waits;
the first of them then does all that is waiting as one group, and so on. Nobody waits for company.

A group that fails as a whole (a lost connection, say) is nobody's failure yet: each of its jobs is
done again by its own caller, alone, who gets its own answer or error.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class _Waiting(Generic[Job, Answer]):
    __slots__ = ("answer", "is_leader", "job", "woken")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.answer: Answer | None = None
        self.is_leader = False
        self.woken = Lock()
        self.woken.acquire()


class Groups(Generic[Job, Answer]):
    """Does jobs for many threads: one by one while there is one, together while they wait.

    `together` answers each of one or more jobs, in their order, and is called by one thread at a
    time; an answer is never `None`. `alone` does one job that failed so, in any thread. What the
    jobs of a group weigh adds up to at most `most`, unless one alone weighs more. `make_ready` may
    do beforehand, in the caller's thread, what would keep a leader busy.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Job]], Sequence[Answer]],
        alone: Callable[[Job], Answer],
        *,
        make_ready: Callable[[Job], object],
        weigh: Callable[[Job], int],
        most: int,
    ) -> None:
        self._together = together
        self._alone = alone
        self._make_ready = make_ready
        self._weigh = weigh
        self._most = most
        self._mutex = Lock()
        self._somebody_leads = False
        self._queue: deque[_Waiting[Job, Answer]] = deque()

    def do(self, job: Job) -> Answer:
        """The answer to a job, as `alone` gives it or `together` among others."""
        waiting: _Waiting[Job, Answer] | None = None
        if self._somebody_leads:
            self._make_ready(job)
        with self._mutex:
            if self._somebody_leads:
                waiting = _Waiting(job)
                self._queue.append(waiting)
            self._somebody_leads = True
        if waiting is None:
            answer = self._lead_alone(job)
        else:
            try:
                waiting.woken.acquire()
            except BaseException:
                self._leave(waiting)
                raise
            if waiting.is_leader:
                self._lead()
            answer = waiting.answer
        return self._alone(job) if answer is None else answer

    def _lead_alone(self, job: Job) -> Answer | None:
        try:
            return self._together((job,))[0]
        except Exception:  # noqa: BLE001 (done again, alone: what is still wrong is raised there)
            return None
        finally:
            self._hand_on()

    def _lead(self) -> None:
        group = self._take_group()
        answers: Sequence[Answer | None] = [None] * len(group)
        try:
            # Whatever goes wrong here, each caller meets it again, alone, if it is still there.
            with contextlib.suppress(Exception):
                answers = self._together([each.job for each in group])
        finally:
            self._hand_on()
            for each, answer in zip(group, answers, strict=True):
                each.answer = answer
            for each in group[1:]:
                each.woken.release()

    def _take_group(self) -> list[_Waiting[Job, Answer]]:
        with self._mutex:
            group = [self._queue.popleft()]
            room = self._most - self._weigh(group[0].job)
            while self._queue and (room := room - self._weigh(self._queue[0].job)) >= 0:
                group.append(self._queue.popleft())
            return group

    def _leave(self, waiting: _Waiting[Job, Answer]) -> None:
        # Interrupted. The job is done all the same if a group has it; nobody may wait for us.
        with self._mutex:
            if waiting in self._queue:
                self._queue.remove(waiting)
        if waiting.is_leader:
            self._hand_on()

    def _hand_on(self) -> None:
        with self._mutex:
            if not self._queue:
                self._somebody_leads = False
                return
            following = self._queue[0]
            following.is_leader = True
        following.woken.release()
