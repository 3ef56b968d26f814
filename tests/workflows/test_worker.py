"""The worker and its dispatcher, run and stopped together."""

import pytest

from tests.support.desk_scene import Scene
from tests.workflows.stage import GROUP, KEY, OTHER, WHOLE, Stage
from workflows.ids import task_queue_of, workflow_id
from workflows.worker import connect, identity_of, running

pytestmark = pytest.mark.engines


def position_of(scene: Scene) -> tuple[str, int]:
    """Whose memory the dispatcher's position belongs to, and the position."""
    with scene.office.log.connection() as connection:
        row = connection.execute("SELECT temporal, position FROM dispatcher_positions").fetchone()
    assert row is not None
    return row["temporal"], row["position"]


async def test_a_server_from_outside_is_known_by_its_namespace(service: Stage) -> None:
    log = service.scene.office.log
    client = await connect(service.address, key=KEY)
    identity = await identity_of(client)
    assert len(identity) == 36
    async with running(service.scene.office, service.scene.due, client) as procedures:
        await procedures.dispatcher.caught_up(log.head().position)
        assert procedures.failed() is None
    assert position_of(service.scene) == (identity, log.head().position)


async def test_a_position_of_another_memory_means_nothing(service: Stage) -> None:
    scene = service.scene
    head = scene.office.log.head().position
    record = scene.office.log.identity()
    queue = task_queue_of(record)
    with scene.office.log.connection() as connection:
        connection.execute(
            "INSERT INTO dispatcher_positions VALUES (%s, 'another', %s)", (queue, head)
        )
    client = await connect(service.address, key=KEY)
    async with running(scene.office, scene.due, client) as procedures:
        await procedures.dispatcher.caught_up(head)
        for whose in (WHOLE, GROUP, OTHER):
            handle = client.get_workflow_handle(workflow_id(record, whose))
            assert (await handle.describe()).task_queue == queue
