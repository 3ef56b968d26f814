"""A rehearsal as a whole: it adds up, it is refused cleanly, it marks its folder for ever."""

import time
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from projections.deadlines.deadlines import State, deadlines
from projections.exercise.outcome import Elsewhere, outcome
from tests.rehearsal.conftest import ASSUMED, SILENT, Rehearsed, asked
from tests.support.words_2013 import Destination
from transfer.app import open_record
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.refusals import Conflict, Refused
from transfer.procedures.exercise.exercise_facts import MilestoneReset, MilestoneSet
from transfer.rehearsal.run import RowsRejected, rehearse
from transfer.rulebooks import rulebook

pytestmark = pytest.mark.engines


def test_everybody_is_in_exactly_one_place_with_a_route_and_a_reason(rehearsed: Rehearsed) -> None:
    report = rehearsed.report
    assert report.completed
    assert report.discrepancies == ()
    assert report.in_scope == 150
    assert sum(flow.headcount for flow in report.flows) == 150
    with rehearsed.record.log.connection() as conn:
        everybody = outcome(conn, "tr-2013", report.clock_stopped_at).participants
    assert len(everybody) == 150
    for p in everybody:
        assert p.route
        assert p.reason
        assert p.place in (Destination.NPS, Destination.CRC, Elsewhere.ENDED_BY_OBJECTION)


def test_every_milestone_was_judged_and_the_moved_ones_keep_their_first_day(
    rehearsed: Rehearsed,
) -> None:
    days = {each.milestone: each.days for each in rehearsed.report.milestones}
    assert days["transfer"] == (date(2014, 4, 1), date(2014, 6, 1))
    assert days["dissolution"] == (date(2014, 10, 31),)
    assert all(each.met for each in rehearsed.report.milestones)


def test_no_day_was_on_record_before_it_was_announced(rehearsed: Rehearsed) -> None:
    names = ["milestone-set.v1", "milestone-reset.v1"]
    known = [
        (event.recorded_at.date(), event.fact.milestone, event.fact.when.on)
        for event in rehearsed.record.log.page(0, 100_000, names)
        if isinstance(event.fact, MilestoneSet | MilestoneReset)
    ]
    announced = [(m.announced_on, m.name, m.on) for m in rulebook("tr-2013").milestones]
    assert sorted(known) == sorted(announced)


def test_nobody_was_confirmed_before_their_windows_closed(rehearsed: Rehearsed) -> None:
    confirmed = rehearsed.record.log.page(0, 100_000, ["assignment-confirmed.v1"])
    assert len(confirmed) >= 149
    for event in confirmed:
        fact = event.fact
        assert fact.happened_on > fact.windows_closed_on  # type: ignore[union-attr]  # by its name


def test_the_report_says_what_it_assumes(rehearsed: Rehearsed) -> None:
    said = rehearsed.report.assumptions
    assert said.clauses == tuple(f"{c}={ASSUMED[c]}" for c in sorted(ASSUMED, key=_rulebook_order))
    assert any("553 in 16600" in rate for rate in said.published_rates)
    assert said.plan
    assert said.shares


def _rulebook_order(clause: str) -> int:
    return ["TR-09-share", "TR-09b", "TR-10-response", "TR-11b", "TR-11b-panel"].index(clause)


def test_the_folder_is_marked_and_its_clock_stands(rehearsed: Rehearsed) -> None:
    mark = rehearsed.record.log.rehearsal()
    assert mark is not None
    assert (mark.edition, mark.clock_stopped_at) == ("tr-2013", rehearsed.report.clock_stopped_at)
    with pytest.raises(Conflict, match="not empty"):
        rehearse(asked(), rehearsed.path, SILENT, time.monotonic)


def test_without_its_assumptions_it_is_refused_with_the_list_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(Refused) as refused:
        rehearse(asked(assumed={}), tmp_path / "data", SILENT, time.monotonic)
    assert {failure.clause for failure in refused.value.failures} == set(ASSUMED)
    assert not (tmp_path / "data").exists()


def test_a_wrong_row_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    good = asked().staff_return
    bad = good + b"S1,x\n"
    with pytest.raises(RowsRejected) as refused:
        rehearse(asked(staff_return=bad), tmp_path / "data", SILENT, time.monotonic)
    assert [each.line for each in refused.value.rejected] == [152]
    assert not (tmp_path / "data").exists()


@pytest.mark.thorough
def test_one_that_is_broken_off_leaves_its_deadlines_open(tmp_path: Path) -> None:
    until = date(2013, 12, 20)
    report = rehearse(asked(40, until=until), tmp_path / "data", SILENT, time.monotonic)
    assert not report.completed
    assert report.clock_stopped_at == end_of_day_london(until)
    assert {flow.place for flow in report.flows} == {Elsewhere.WITH_TRANSFEROR}
    assert report.discrepancies == ()
    folder = DataFolder.open(tmp_path / "data")
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none", durable=False) as engines,
        open_record(engines.database_url, folder) as record,
        record.log.connection() as conn,
    ):
        open_ones = deadlines(conn, report.clock_stopped_at, state=State.OPEN, limit=1000).items
    assert {each.what for each in open_ones} >= {"appeal", "milestone"}
    assert all(each.due_on is None or each.due_on >= until for each in open_ones)
