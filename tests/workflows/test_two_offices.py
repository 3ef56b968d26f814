"""Two installations on one Temporal, with a matter of the same name: each does its own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import date

import pytest

from tests.support.desk_scene import LETTERS, noon
from tests.workflows.conftest import service_engines
from tests.workflows.stage import GROUP, Stage, move_of_desks
from transfer.core.matter import facts as t
from workflows.ids import task_queue_of, workflow_id

pytestmark = pytest.mark.engines


@pytest.fixture
def stages(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[], AbstractContextManager[str]],
) -> Iterator[tuple[Stage, Stage]]:
    """Two records of their own, on one Temporal server in one namespace."""
    with ExitStack() as stack:
        urls = [stack.enter_context(new_database()) for _ in range(2)]
        path = tmp_path_factory.mktemp("shared") / "service"
        engines = stack.enter_context(service_engines(path, urls[0]))
        scenes = [stack.enter_context(move_of_desks(url)) for url in urls]
        one, other = (Stage(scene, engines, is_service=True) for scene in scenes)
        yield one, other


async def test_neither_takes_the_others_work(stages: tuple[Stage, Stage]) -> None:
    one, other = stages
    # In one office it is the eve of the letters, in the other it is their day.
    async with (
        one.playing(noon(date(2014, 1, 31))) as early,
        other.playing(noon(LETTERS)) as late,
    ):
        while not other.scene.facts(t.NoticeGiven):
            await asyncio.sleep(0.05)
        for play in (early, late):
            await play.procedures.dispatcher.caught_up(play.scene.office.log.head().position)
        found = await early.procedures.dispatcher.sweep()
        assert found.started == ()
        early_one = await early.procedure(GROUP).describe()
        late_one = await late.procedure(GROUP).describe()
    assert one.scene.facts(t.NoticeGiven) == []
    identities = [stage.scene.office.log.identity() for stage in stages]
    assert len(set(identities)) == 2
    for described, record in zip((early_one, late_one), identities, strict=True):
        assert described.id == workflow_id(record, GROUP)
        assert described.task_queue == task_queue_of(record)
