"""A workflow that waits once and does nothing: what an exercise of a workflow for each would cost
at the least."""

import asyncio

from temporalio import workflow


@workflow.defn
class OneTimer:
    """Waits a second."""

    @workflow.run
    async def run(self) -> None:
        """Wait."""
        await asyncio.sleep(1)
