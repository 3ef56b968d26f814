"""A worker in a process of its own, to be killed: runs the procedures until then.

Arguments: database URL, Temporal's address and identity.
"""

import asyncio
import sys

from tests.workflows.scene import office_on
from transfer.log.application import open_log
from workflows.worker import connect, running


async def main(database_url: str, address: str, identity: str) -> None:
    """Run until killed."""
    office = office_on(open_log(database_url))
    client = await connect(address)
    async with running(office, client, temporal_identity=identity, skips_time=True):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
