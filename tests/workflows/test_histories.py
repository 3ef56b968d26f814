"""Recorded histories replay: no change of a workflow breaks those that are under way.

A failure here means that a workflow which waits in some service would be stuck. See
`record_histories.py` for what to do.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.workflows.record_histories import HISTORIES
from workflows.ids import COHORT_PROCEDURE, EXERCISE_PROCEDURE, PERSON_PROCEDURE
from workflows.worker import PROCEDURES

FILES = sorted(HISTORIES.glob("*.json"))


def recorded(file: Path) -> WorkflowHistory:
    """A history on file."""
    shape = json.loads(file.read_text())
    return WorkflowHistory.from_json(shape.pop("workflow_id"), shape)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_every_recorded_history_replays(file: Path) -> None:
    replayer = Replayer(workflows=PROCEDURES, data_converter=pydantic_data_converter)
    await replayer.replay_workflow(recorded(file))


def test_every_procedure_has_a_history() -> None:
    types = {
        recorded(file).events[0].workflow_execution_started_event_attributes.workflow_type.name
        for file in FILES
    }
    assert types == {EXERCISE_PROCEDURE, COHORT_PROCEDURE, PERSON_PROCEDURE}


async def test_a_workflow_that_took_another_way_is_told() -> None:
    """The replay can fail: where a cohort schedules an activity, a person acts in its own task."""
    history = recorded(HISTORIES / "cohort.v1.json")
    begun = history.events[0].workflow_execution_started_event_attributes
    begun.workflow_type.name = PERSON_PROCEDURE
    replayer = Replayer(workflows=PROCEDURES, data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history)
