"""Restored to a point of its log, a record goes on where it was, whatever Temporal remembers.

An exercise of twelve people is practised to its end on a Temporal server that outlives it, so that
its cohorts are complete there. The record is then restored to a point before that, and one that is
past it, and served on the same Temporal again.
"""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from tests.support.real_exercise import open_a_real_exercise
from tests.support.service_process import PATIENCE_SECONDS, Service, transfer
from transfer.app import open_record
from transfer.core.matter import facts as t
from transfer.log.envelope import Recorded
from transfer.procedures.exercise.exercise_facts import CohortLettersSent
from transfer.procedures.exercise.facts import StaffTransferred
from transfer.procedures.facts import Fact

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

BEGINS, LETTERS, ENDS = date(2013, 11, 11), date(2013, 12, 2), date(2014, 6, 30)


@pytest.fixture
def temporal(tmp_path: Path) -> Iterator[str]:
    """The address of a Temporal server that knows nothing of backups."""
    folder = DataFolder.open(tmp_path / "temporal")
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="service", database_url="postgresql://nowhere") as engines,
    ):
        assert engines.temporal_address is not None
        yield engines.temporal_address


def facts_of(data: Path) -> list[Recorded[Fact]]:
    """Everything on the record of a service that runs."""
    folder = DataFolder.open(data)
    running = folder.running()
    assert running is not None
    with open_record(running.database_url, folder) as record:
        return record.log.page(0, 100_000)


def done(facts: list[Recorded[Fact]]) -> Counter[tuple[str, str]]:
    """What the procedures have recorded, how often, whenever it was."""
    return Counter(
        (each.stream, each.fact.model_dump_json(exclude={"made"}))
        for each in facts
        if isinstance(each.fact, t.MatterFact)
    )


def until_it_stands_on(data: Path, day: date) -> list[Recorded[Fact]]:
    """Move a practice's clock to a day, or let the service go on to it; what is on record then."""
    moved = transfer("clock", "--to", str(day), "--json", "--data", str(data))
    if moved.returncode != 0:  # it is on its way there already, as it was when it was backed up
        assert "on its way" in moved.stderr, moved.stderr
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            told = transfer("clock", "--json", "--data", str(data))
            if json.loads(told.stdout)["today"] == str(day):
                break
            assert time.monotonic() < ends, told.stdout
            time.sleep(0.2)
    return facts_of(data)


def test_procedures_begin_again_before_and_past_a_completed_cohort(
    tmp_path: Path, temporal: str, services: list[Service]
) -> None:
    data, backups = tmp_path / "data", tmp_path / "backups"
    environment = {"TEMPORAL_ADDRESS": temporal, "TRANSFER_ARCHIVE": str(backups)}

    def serve(path: Path, *arguments: str) -> Service:
        service = Service(path, *arguments, environment=environment)
        services.append(service)
        service.ready()
        return service

    first = serve(data, "--practice", "--on", str(BEGINS))
    taken = transfer("backup", str(backups), "--data", str(data))
    assert taken.returncode == 0, taken.stderr
    folder = DataFolder.open(data)
    running = folder.running()
    assert running is not None
    with open_record(running.database_url, folder) as record:
        open_a_real_exercise(record.office, LETTERS, BEGINS)
    letters = until_it_stands_on(data, LETTERS)
    whole = until_it_stands_on(data, ENDS)
    sent_at = min(e.recorded_at for e in letters if isinstance(e.fact, CohortLettersSent))
    assert {str(e.fact.happened_on) for e in whole if isinstance(e.fact, StaffTransferred)} == {
        "2014-05-30"
    }
    before_letters = max(e.position for e in letters if e.recorded_at < sent_at)
    first.stop(signal.SIGKILL)

    for place, position in enumerate((before_letters, len(letters), None)):
        restored = tmp_path / f"restored-{place}"
        point = () if position is None else ("--at-position", str(position))
        told = transfer(
            "restore", str(backups), "--key", str(data), "--data", str(restored), "--json", *point
        )
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["position"] == (position or len(whole))
        service = serve(restored)
        again = until_it_stands_on(restored, ENDS)
        assert done(again) == done(whole)
        # What was on record at the point is there as it was.
        assert again[: position or len(whole)] == whole[: position or len(whole)]
        status, info = service.ask("GET", "/info")
        assert (status, [each["position"] for each in info["restorations"]]) == (
            200,
            [position or len(whole)],
        )
        service.stop()
        # Each lineage has an archive of its own here: the next one is restored from the first.
        for log in (backups / "log").iterdir():
            if not log.name.startswith("00000001"):
                shutil.rmtree(log)
