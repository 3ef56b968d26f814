"""Two installations on one Temporal, with an exercise of the same name: each does its own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import date

import pytest

from tests.workflows.conftest import service_engines
from tests.workflows.scene import LETTERS_ON, NAME, SIFTED, Scene, noon, office_on
from tests.workflows.stage import Stage
from tests.workflows.test_cohort import count_of
from transfer.log.application import open_log
from transfer.procedures.exercise import facts as a
from workflows.ids import task_queue_of, workflow_id
from workflows.messages import Whose

pytestmark = pytest.mark.engines

COHORT = Whose(exercise=NAME, cohort=SIFTED)


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
        scenes = []
        for url, people in zip(urls, (40, 30), strict=True):
            log = stack.enter_context(closing(open_log(url, pool_size=12)))
            scenes.append(Scene(office_on(log)))
            scenes[-1].open(people)
        one, other = (Stage(scene, engines, is_service=True) for scene in scenes)
        yield one, other


async def test_neither_takes_the_others_work(stages: tuple[Stage, Stage]) -> None:
    one, other = stages
    # In one office it is the eve of the letters, in the other it is their day.
    async with (
        one.playing(noon(date(2013, 12, 8))) as early,
        other.playing(noon(LETTERS_ON["sifted"])) as late,
    ):
        while count_of(other.scene, a.AssignmentLetterIssued) < len(other.scene.members()):
            await asyncio.sleep(0.05)
        for play in (early, late):
            await play.procedures.dispatcher.caught_up(play.scene.office.log.head().position)
        found = await early.procedures.dispatcher.sweep()
        assert found.started == ()
        early_one = await early.procedure(COHORT).describe()
        late_one = await late.procedure(COHORT).describe()
    assert count_of(one.scene, a.AssignmentLetterIssued) == 0
    identities = [stage.scene.office.log.identity() for stage in stages]
    assert len(set(identities)) == 2
    for described, record in zip((early_one, late_one), identities, strict=True):
        assert described.id == workflow_id(record, COHORT)
        assert described.task_queue == task_queue_of(record)
