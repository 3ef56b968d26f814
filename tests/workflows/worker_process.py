"""A worker in a process of its own, to be killed: runs the procedures until then.

Arguments: database URL, Temporal's address and identity.
"""

import asyncio
import sys

from tests.support.desk_scene import known, scene_on
from tests.workflows.stage import KEY
from transfer.log.application import open_log
from workflows.worker import connect, running


async def main(database_url: str, address: str, identity: str) -> None:
    """Run until killed."""
    facts = known()
    scene = scene_on(open_log(database_url, known=facts))
    client = await connect(address, key=KEY)
    async with running(scene.office, scene.due, client, temporal_identity=identity):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
