"""The procedure of a cohort: people whose letters share a date and a path.

Letters on their day, the closing of the windows on the day after the last of them, the transfer on
its date (`next_for_cohort` of the exercise). Begins with `CohortFormed`, ends when its
people have transferred; whoever has something of their own running is left to `workflows.person`.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.ids import COHORT_PROCEDURE
    from workflows.messages import ProcedureStart, ReadAgain
    from workflows.procedure import READ_AGAIN, Procedure


@workflow.defn(name=COHORT_PROCEDURE)
class CohortProcedure:
    """One per cohort; a step decides person by person, in chunks, and resumes where it stopped."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        self._procedure = Procedure(start, locally=False)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:  # noqa: ARG002 - workflow.init has it
        """Wait for each day of the cohort and do what it asks."""
        await self._procedure.run()

    @workflow.signal(name=READ_AGAIN)
    def read_again(self, told: ReadAgain) -> None:
        """A window was reset, or the transfer date moved."""
        self._procedure.read_again(told)
