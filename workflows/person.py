"""The procedure of one person, while something of their own runs: an appeal, an objection, more
time (`transfer.procedures.exercise.next_for_person.next_for_person`).

Begins with the fact that gives the person something of their own, ends when they go with their
cohort again or are settled; a later fact begins it anew under the same id.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.ids import PERSON_PROCEDURE
    from workflows.messages import ProcedureStart, ReadAgain
    from workflows.procedure import READ_AGAIN, Procedure


@workflow.defn(name=PERSON_PROCEDURE)
class PersonProcedure:
    """At most one per person and exercise; each step is one short command."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        self._procedure = Procedure(start, locally=True)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:  # noqa: ARG002 - workflow.init has it
        """Wait for each of the person's own days and do what it asks."""
        await self._procedure.run()

    @workflow.signal(name=READ_AGAIN)
    def read_again(self, told: ReadAgain) -> None:
        """Something of the person's own changed, or a date of their cohort or exercise."""
        self._procedure.read_again(told)
