"""The procedure of an exercise as a whole: its meetings, milestones, dissolution and completion.

Begins with `ExerciseOpened`, ends when the exercise is complete. What comes next, and when, is
`next_for_exercise` and `next_for_consultation` (`transfer.procedures`).
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.ids import EXERCISE_PROCEDURE
    from workflows.messages import ProcedureStart, ReadAgain
    from workflows.procedure import READ_AGAIN, Procedure


@workflow.defn(name=EXERCISE_PROCEDURE)
class ExerciseProcedure:
    """One per exercise; its steps may go over everybody in scope, so they are activities."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        self._procedure = Procedure(start, locally=False)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:  # noqa: ARG002 - workflow.init has it
        """Wait for each day of the exercise and do what it asks."""
        await self._procedure.run()

    @workflow.signal(name=READ_AGAIN)
    def read_again(self, told: ReadAgain) -> None:
        """A milestone was set or moved, or a meeting called or held."""
        self._procedure.read_again(told)
