"""Puts a generated world on a log, with projectors that come and go and take pages of any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints

from projections.keeping_up.runner import Projection, Runner
from projections.position import headcount
from projections.rebuilding.rebuild import rebuild
from tests.support.projecting import positions_of
from tests.support.worlds import World, Written
from transfer.log.application import Log
from transfer.procedures.facts import Fact

NewDatabase = Callable[[], AbstractContextManager[str]]
"""The fixture `new_database`."""


class Recording:
    """One log, and two projectors of whom either may be the next to work, or be started anew."""

    def __init__(
        self,
        random: Random,
        log: Log[Fact],
        database_url: str,
        besides: Callable[[], Sequence[Projection]] = tuple,
    ) -> None:
        self._random = random
        self._log = log
        log.clock.simulate()
        self._database_url = database_url
        self._besides = besides
        self._versions: dict[str, int] = {}
        self._runners = [self._started(), self._started()]

    def put(self, written: Written) -> None:
        """Record one command, exactly as it was made."""
        known = dict(self._versions)
        new = []
        for stream, fact, _ in written.events:
            new.append((stream, known.get(stream, 0), fact))
            self._versions[stream] = self._versions.get(stream, 0) + 1
        receipt = self._log.append(new, written.command)
        assert receipt.recorded_at == written.recorded_at
        assert [event_id for _, _, event_id in receipt.events] == written.event_ids()

    def put_all(self, world: World) -> None:
        """Record a whole world; every projection is complete in the end, rebuilt or not."""
        for written in world.commands:
            self.put(written)
            if self._random.random() < 0.2:
                self.catch_up()
            if self._random.random() < 0.1:
                self.restart()
        self.catch_up()
        if self._random.random() < 0.2:
            self.rebuild()

    def catch_up(self, until: int | None = None) -> None:
        """Let one of the projectors work, to the log's end or to a position.

        Sometimes head counts are kept up after it, at checkpoints as close as can be.
        """
        self._random.choice(self._runners).catch_up(until)
        if self._random.random() < 0.5:
            with self._log.connection() as conn:
                while headcount.keep(conn, apart=self._random.randrange(1, 8)):
                    pass

    def restart(self) -> None:
        """Start one of the projectors anew: it has nothing in memory."""
        self._runners[self._random.randrange(2)] = self._started()

    def rebuild(self) -> None:
        """Make every read model again from the log, in its place or beside it."""
        if self._random.random() < 0.5:
            self._random.choice(self._runners).rebuild()
            return
        self.catch_up()
        for projection in (positions_of(self._log), *self._besides()):
            done = rebuild(
                self._log,
                self._database_url,
                projection,
                page_events=self._random.choice((1, 3, 2_000)),
                fill_from=self._random.choice((0, 50_000)),
                processes=self._random.choice((1, 2)),
            )
            assert (done.same, done.swapped) == (True, True), done

    def _started(self) -> Runner:
        keep, page = self._random.choice((0, 1, 10_000)), self._random.choice((1, 2, 5, 2_000))
        positions = positions_of(self._log, keep=keep)
        return Runner(self._log, [positions, *self._besides()], page_events=page)
