"""Those who wait for a commit share the next one.

A caller who finds nobody at work does its own job at once. Whoever comes meanwhile waits; the first
of them then does all that is waiting as one group, and so on. Callers that were served together
tend to come back together, so a leader waits a moment for those who were there last time: never
longer than a part of what the last group took, and not at all where there was only one.

A group that fails as a whole (a lost connection, say) is nobody's failure yet: each of its jobs is
done again by its own caller, alone, who gets its own answer or error.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")

# How long to wait for last time's company, as a part of what the last group took; and in seconds.
_PATIENCE = 0.5
_MOST_PATIENCE = 0.002


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
        # How many there were when the last group was done: in it and waiting; and when that was.
        self._company = 0
        self._patient_until = 0.0
        # A leader who waits for company: until the queue is so long (0: nobody waits).
        self._enough = 0
        self._complete = Lock()
        self._complete.acquire()

    def do(self, job: Job) -> Answer:
        """The answer to a job, as `together` gives it among others or `alone` where that failed."""
        if self._somebody_leads:
            self._make_ready(job)
        waiting: _Waiting[Job, Answer] = _Waiting(job)
        with self._mutex:
            self._queue.append(waiting)
            waiting.is_leader = not self._somebody_leads
            self._somebody_leads = True
            if len(self._queue) == self._enough:
                self._complete.release()
        try:
            if not waiting.is_leader:
                waiting.woken.acquire()
            if waiting.is_leader:
                self._gather()
        except BaseException:
            self._leave(waiting)
            raise
        if waiting.is_leader:
            self._lead()
        return self._alone(job) if waiting.answer is None else waiting.answer

    def _gather(self) -> None:
        """Wait a moment for those who were there last time, if that was just now."""
        with self._mutex:
            if len(self._queue) >= self._company:
                return
            self._enough = self._company
        self._complete.acquire(timeout=max(0.0, self._patient_until - monotonic()))
        with self._mutex:
            self._enough = 0
            # It may have been released just after the time was up.
            self._complete.acquire(blocking=False)

    def _lead(self) -> None:
        group = self._take_group()
        answers: Sequence[Answer | None] = [None] * len(group)
        began = monotonic()
        try:
            # Whatever goes wrong here, each caller meets it again, alone, if it is still there.
            with contextlib.suppress(Exception):
                answers = self._together([each.job for each in group])
        finally:
            ended = monotonic()
            self._patient_until = ended + min((ended - began) * _PATIENCE, _MOST_PATIENCE)
            self._hand_on(len(group))
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
            leads = waiting.is_leader
            self._enough = 0
        if leads:
            self._hand_on(0)

    def _hand_on(self, done: int) -> None:
        with self._mutex:
            self._company = done + len(self._queue)
            if not self._queue:
                self._somebody_leads = False
                return
            following = self._queue[0]
            following.is_leader = True
        following.woken.release()
