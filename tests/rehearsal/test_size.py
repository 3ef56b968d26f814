"""Rehearsals at their real size add up too: London, and the whole service."""

import time
from pathlib import Path

import pytest

from projections.exercise.outcome import Elsewhere
from tests.rehearsal.conftest import SILENT, asked
from tests.support.words_2013 import Destination
from transfer.imports.staff_return.sample import sample_return
from transfer.rehearsal.run import rehearse

pytestmark = [pytest.mark.engines, pytest.mark.long, pytest.mark.timeout(1200)]


@pytest.mark.parametrize(("trusts", "people"), [(["London"], 2_800), ("all", 16_600)])
def test_everybody_is_in_exactly_one_place(
    tmp_path: Path, trusts: list[str] | str, people: int
) -> None:
    staff = sample_return(trusts, seed=1)
    report = rehearse(asked(staff_return=staff), tmp_path / "data", SILENT, time.monotonic)
    assert report.completed
    assert report.discrepancies == ()
    assert report.in_scope == people
    assert sum(flow.headcount for flow in report.flows) == people
    assert {flow.place for flow in report.flows} <= {
        Destination.NPS,
        Destination.CRC,
        Elsewhere.ENDED_BY_OBJECTION,
    }
    assert all(milestone.met for milestone in report.milestones)
