"""Recorded histories replay: no change of a workflow breaks those that are under way.

A failure here means that a workflow which waits in some service would be stuck. See
`record_histories.py` for what to do.
"""

import json
from pathlib import Path

import pytest
from temporalio.api.history.v1 import WorkflowExecutionStartedEventAttributes
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.workflows.record_histories import HISTORIES, payloads_in
from tests.workflows.stage import KEY
from workflows.ids import PEOPLE, PROCEDURE
from workflows.messages import PeopleStart, ProcedureStart
from workflows.people import People
from workflows.procedure import Procedure
from workflows.sealing import SealedPayloads, sealing_converter
from workflows.worker import RUNNER

FILES = sorted(HISTORIES.glob("*.json"))


def recorded(file: Path) -> WorkflowHistory:
    """A history on file."""
    shape = json.loads(file.read_text())
    return WorkflowHistory.from_json(shape.pop("workflow_id"), shape)


def begun_as(history: WorkflowHistory) -> WorkflowExecutionStartedEventAttributes:
    """What a workflow was begun with."""
    return history.events[0].workflow_execution_started_event_attributes


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_every_recorded_history_replays(file: Path) -> None:
    history = recorded(file)
    for payload in payloads_in(*history.events):
        payload.CopyFrom((await SealedPayloads(KEY).encode([payload]))[0])
    assert b"staff_number" not in b"".join(e.SerializeToString() for e in history.events)
    await replayer().replay_workflow(history)


async def test_a_history_that_is_not_sealed_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Encoded failure"):
        await replayer().replay_workflow(recorded(HISTORIES / "group.v2.json"))


def replayer() -> Replayer:
    """Replays as the program's worker does; histories are on file in plain, to be read."""
    return Replayer(
        workflows=[Procedure, People],
        workflow_runner=RUNNER,
        data_converter=sealing_converter(KEY),
    )


def test_every_kind_of_procedure_has_a_history() -> None:
    begun: dict[str, list[bytes]] = {}
    for file in FILES:
        start = begun_as(recorded(file))
        begun.setdefault(start.workflow_type.name, []).append(start.input.payloads[0].data)
    assert set(begun) == {PROCEDURE, PEOPLE}
    starts = [ProcedureStart.model_validate_json(data) for data in begun[PROCEDURE]]
    kinds = {(s.whose.group is not None, s.whose.staff_number is not None) for s in starts}
    # A person's own ran in a workflow of its own before there were lanes: some may still do.
    assert kinds == {(False, False), (True, False), (False, True)}
    assert all(PeopleStart.model_validate_json(data) for data in begun[PEOPLE])


async def test_a_workflow_that_took_another_way_is_told() -> None:
    """The replay can fail: where a group schedules an activity, a person acts in its own task."""
    history = recorded(HISTORIES / "group.v2.json")
    payload = begun_as(history).input.payloads[0]
    payload.data = payload.data.replace(b'"staff_number":null', b'"staff_number":"S1"')
    payload.data = payload.data.replace(b'"group":"A"', b'"group":null')
    replayer = Replayer(
        workflows=[Procedure],
        workflow_runner=RUNNER,
        data_converter=pydantic_data_converter,
    )
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history)
