"""Who is not employed on the day is not in it: leavers and late beginners in a rehearsal.

The return has people who left in 2012, in January 2014, in April 2014 between the first transfer
date and the one that it was moved to, and in September 2014 after the transfer; one who went from
one Trust to another; and one who begins in April 2014.
"""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from projections.exercise.outcome import Elsewhere, outcome
from tests.rehearsal.conftest import SILENT, Rehearsed, asked
from transfer.app import open_record
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.streams import staff_stream
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.exercise_facts import ExerciseCompleted
from transfer.rehearsal.report import Leaver
from transfer.rehearsal.run import rehearse

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

CASES = Path(__file__).parent / "cases"
LEFT_2012, LEFT_JANUARY, MOVED, LEFT_SEPTEMBER = "S30001", "S30002", "S30004", "S30006"
LEFT_APRIL, BEGINS_APRIL = "S30007", "S30008"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """The exercise played over the return with leavers, and its record opened again."""
    path = tmp_path_factory.mktemp("leavers") / "data"
    content = (CASES / "leavers-return.csv").read_bytes()
    report = rehearse(asked(staff_return=content, seed=1), path, SILENT, time.monotonic)
    folder = DataFolder.open(path)
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none", durable=False) as engines,
        open_record(engines.database_url, folder) as record,
    ):
        yield Rehearsed(report, path, record)


def facts(played: Rehearsed, number: str) -> list[object]:
    return [event.fact for event in played.record.log.read(staff_stream(number))]


@pytest.mark.parametrize("number", [LEFT_2012, LEFT_JANUARY, BEGINS_APRIL])
def test_who_is_not_there_is_not_in_scope_and_nothing_befalls_them(
    played: Rehearsed, number: str
) -> None:
    kinds = {type(each) for each in facts(played, number)}
    assert kinds <= {StaffRegistered, PositionChanged, EvidenceReturned}


def test_who_leaves_while_it_runs_has_a_letter_and_then_nothing(played: Rehearsed) -> None:
    kinds = [type(each) for each in facts(played, LEFT_APRIL)]
    assert f.AssignmentLetterIssued in kinds
    assert f.LeaverPassedBy in kinds
    assert f.StaffTransferred not in kinds
    assert f.EmploymentEnded not in kinds
    (passed,) = (each for each in facts(played, LEFT_APRIL) if isinstance(each, f.LeaverPassedBy))
    assert (passed.step, passed.left_on) == ("move", date(2014, 4, 15))


@pytest.mark.parametrize("number", [MOVED, LEFT_SEPTEMBER])
def test_who_is_employed_on_the_transfer_date_transfers(played: Rehearsed, number: str) -> None:
    kinds = [type(each) for each in facts(played, number)]
    assert f.StaffTransferred in kinds
    assert f.EmploymentEnded not in kinds


def test_the_report_lists_them_and_the_flows_add_up(played: Rehearsed) -> None:
    report = played.report
    assert report.completed
    assert report.discrepancies == ()
    assert report.leavers == (
        Leaver(LEFT_2012, False, "not employed on 2013-11-13: left with effect from 2012-07-01"),
        Leaver(LEFT_JANUARY, False, "not employed on 2014-04-01: left with effect from 2014-01-01"),
        Leaver(LEFT_APRIL, True, "not employed on 2014-06-01: left with effect from 2014-04-15"),
    )
    ((number, reason),) = [(each.staff_number, each.reason) for each in report.left_out]
    assert number == BEGINS_APRIL
    assert reason.endswith("begins on 2014-04-10")
    assert report.in_scope == sum(flow.headcount for flow in report.flows) == 6
    assert {
        flow.place: flow.headcount for flow in report.flows if flow.place == Elsewhere.LEFT
    } == {Elsewhere.LEFT: 1}
    (completed,) = (
        event.fact for event in played.record.log.page(0, 10_000, ["exercise-completed.v1"])
    )
    assert isinstance(completed, ExerciseCompleted)
    assert (completed.in_scope, completed.left, completed.not_transferred) == (6, 1, 0)


def test_nothing_is_due_of_who_has_left(played: Rehearsed) -> None:
    with played.record.log.connection() as conn:
        found = outcome(conn, "tr-2013", played.report.clock_stopped_at)
    (left,) = (each for each in found.participants if each.staff_number == LEFT_APRIL)
    assert left.place == Elsewhere.LEFT
    assert not left.refused_steps
