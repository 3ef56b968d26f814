"""The dispatcher rests between two pages, so that what is written meanwhile is one page."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import Context

import pytest
from temporalio.client import Client

from tests.support.desk_scene import Scene, known, scene_on
from transfer.log.application import open_log
from workflows.dispatcher import Dispatcher

pytestmark = pytest.mark.engines

_PACE = 3_600.0
"""Seconds: far longer than any page takes."""


class Loop(asyncio.SelectorEventLoop):
    """Its rests of many minutes are over when the test says so; everything else takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []
        self._wake: Callable[[], object] = lambda: None

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: object,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """See `asyncio.loop.call_later`."""
        if delay > _PACE / 2:
            self.rests.append(delay)
            self._wake = lambda: self.call_soon(callback, *args, context=context)
        return super().call_later(delay, callback, *args, context=context)

    def wake(self) -> None:
        """The rest that was begun last is over."""
        self._wake()


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """A record without any procedure, so that there is nothing to tell Temporal."""
    with closing(open_log(database_url, known=known())) as log:
        yield scene_on(log)


async def follow_and_rest(scene: Scene, loop: Loop) -> None:
    """Write, and write again while the dispatcher rests."""
    client = await Client.connect("localhost:1", lazy=True)  # nothing is asked of it
    dispatcher = Dispatcher(
        scene.office, scene.due, client, task_queue="tests", temporal="tests", pace=_PACE
    )
    following = asyncio.create_task(dispatcher.run())
    scene.register("S1")
    first = scene.log.head().position
    await dispatcher.caught_up(first)
    # There is no news yet, and it rests all the same: else the next command is a page by itself.
    assert len(loop.rests) == 1
    assert 0 < loop.rests[0] <= _PACE
    for person in ("S2", "S3", "S4"):
        scene.register(person)
        assert dispatcher.status.position == first
    loop.wake()
    await dispatcher.caught_up(scene.log.head().position)
    assert len(loop.rests) == 2  # all three were one page
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


def test_what_is_written_while_it_rests_is_one_page(scene: Scene) -> None:
    loop = Loop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(follow_and_rest(scene, loop))
