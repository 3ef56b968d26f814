"""A worker in a process of its own, to be killed: runs the procedures until then.

Arguments: database URL, Temporal's address and identity, the clock offset in seconds.
"""

import asyncio
import sys
from datetime import timedelta

from tests.workflows.scene import office_on
from transfer.log.application import open_log
from workflows.worker import connect, running


async def main(database_url: str, address: str, identity: str, offset_seconds: str) -> None:
    """Run until killed."""
    office = office_on(open_log(database_url))
    client = await connect(address)
    offset = timedelta(seconds=float(offset_seconds))
    async with running(office, client, temporal_identity=identity, clock_offset=offset):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
