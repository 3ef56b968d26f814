"""The four stages in which a workflow is changed, while workflows of the version before still run.

The change that is played: a step over a group, which is an activity, is taken within the workflow's
own task, as a person's is. At each stage a group is played on a real server, and its history is
replayed by the code of every stage. What a row of the table says "no" to is a workflow that would
be stuck after that deployment: so a stage is deployed only when none of those runs any more.
"""

from __future__ import annotations

from datetime import date

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflows.stage import GROUP, KEY, Play, Stage
from workflows import worker
from workflows.ids import PROCEDURE
from workflows.messages import DueStep, Following, ProcedureStart
from workflows.procedure import Procedure
from workflows.sealing import sealing_converter

pytestmark = pytest.mark.engines

CHANGE = "group-steps-in-own-task"
LETTERS_ARE_OUT = date(2014, 2, 5)


@workflow.defn(name=PROCEDURE, sandboxed=False)
class Before(Procedure):
    """As it is."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:
        """See `Procedure.run`."""
        await super().run(start)


@workflow.defn(name=PROCEDURE, sandboxed=False)
class Patched(Procedure):
    """First deployment: both ways. What began before goes on as it began."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:
        """See `Procedure.run`."""
        await super().run(start)

    async def _take(self, due: DueStep) -> Following | None:
        self._locally = self._locally or workflow.patched(CHANGE)
        return await super()._take(due)


@workflow.defn(name=PROCEDURE, sandboxed=False)
class Deprecated(Procedure):
    """Second deployment, once nothing runs that began before the first: the new way alone."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:
        """See `Procedure.run`."""
        await super().run(start)

    async def _take(self, due: DueStep) -> Following | None:
        workflow.deprecate_patch(CHANGE)
        self._locally = True
        return await super()._take(due)


@workflow.defn(name=PROCEDURE, sandboxed=False)
class After(Procedure):
    """Third deployment, once nothing runs that began before the second: no trace of the change."""

    @workflow.init
    def __init__(self, start: ProcedureStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ProcedureStart) -> None:
        """See `Procedure.run`."""
        await super().run(start)

    async def _take(self, due: DueStep) -> Following | None:
        self._locally = True
        return await super()._take(due)


CODE: dict[str, type[Procedure]] = {
    "before": Before,
    "patched": Patched,
    "deprecated": Deprecated,
    "after": After,
}

GOES_ON = {
    "before": {"before", "patched"},
    "patched": {"patched", "deprecated"},
    "deprecated": {"patched", "deprecated", "after"},
    "after": {"deprecated", "after"},
}
"""By whose code a workflow that began under each stage goes on; by any other it is stuck."""


async def played(play: Play) -> WorkflowHistory:
    """A group whose letters went out, and that waits for its windows to close."""
    await play.go_to(LETTERS_ARE_OUT)
    return await play.procedure(GROUP).fetch_history()


@pytest.mark.parametrize("began", CODE)
async def test_a_workflow_goes_on_by_the_code_of_its_stage_and_of_the_next(
    began: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Procedure", CODE[began])
    async with stage.playing() as play:
        history = await played(play)
    as_activity = any(
        event.HasField("activity_task_scheduled_event_attributes") for event in history.events
    )
    assert as_activity is (began == "before")
    goes_on = set()
    for name, code in CODE.items():
        replayer = Replayer(workflows=[code], data_converter=sealing_converter(KEY))
        found = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if found.replay_failure is None:
            goes_on.add(name)
        else:
            assert "Nondeterminism" in type(found.replay_failure).__name__
    assert goes_on == GOES_ON[began]
