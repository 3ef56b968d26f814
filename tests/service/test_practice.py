"""`transfer serve --practice` as a process: begun, moved, killed on the way, and gone on with."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from http.client import HTTPException
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.real_exercise import open_a_real_exercise
from tests.support.service_process import PATIENCE_SECONDS, Service, transfer
from transfer.app import open_record
from transfer.commands.practice import begin_or_continue
from transfer.core.matter import facts as t
from transfer.procedures.exercise.exercise_facts import CohortLettersSent
from transfer.procedures.exercise.facts import StaffTransferred

pytestmark = pytest.mark.engines

BEGINS, LETTERS, ENDS = date(2013, 11, 11), date(2013, 12, 2), date(2014, 6, 30)
CLOCK = "/v1/practice/clock"


def open_the_exercise(data: Path) -> None:
    """An exercise of twelve people, opened on the practice's own record."""
    folder = DataFolder.open(data)
    running = folder.running()
    assert running is not None
    with open_record(running.database_url, folder) as record:
        open_a_real_exercise(record.office, LETTERS, BEGINS)


def days_of(data: Path, fact: type[t.MatterFact]) -> set[str]:
    """The days on which something happened, by the record of a service that runs."""
    folder = DataFolder.open(data)
    running = folder.running()
    assert running is not None
    with open_record(running.database_url, folder) as record:
        found = [each.fact for each in record.log.page(0, 10_000)]
        return {str(each.happened_on) for each in found if isinstance(each, fact)}


@pytest.mark.thorough
def test_killed_while_its_clock_is_moved_it_goes_on_at_the_next_start(
    data: Path, services: list[Service]
) -> None:
    first = Service(data, "--practice", "--on", "11/11/2013")
    services.append(first)
    first.ready()
    token = transfer("token", "--role", "admin", "--subject", "hr", "--data", str(data))
    asked = {"token": token.stdout.strip()}
    open_the_exercise(data)
    status, moved = first.ask("POST", CLOCK, {"to": "2013-12-02"}, **asked)
    assert (status, moved["today"], moved["moved_from"]) == (200, "2013-12-02", "2013-11-11")
    assert [each["day"] for each in moved["days"]] == ["2013-12-02"]
    assert days_of(data, CohortLettersSent) == {"2013-12-02"}

    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(first.ask, "POST", CLOCK, {"to": str(ENDS)}, **asked)
        while (now := first.ask("GET", CLOCK, **asked)[1])["today"] == "2013-12-02":
            assert now["moving_to"] in (None, str(ENDS))
        first.process.kill()
        first.process.wait(PATIENCE_SECONDS)
        with pytest.raises((OSError, HTTPException)):
            asking.result()

    again = Service(data)  # a practice is gone on with, whether one says so or not
    services.append(again)
    again.ready()
    status, clock = again.ask("GET", CLOCK, **asked)
    assert (status, clock["rehearsed"]) == (200, "practice")
    assert clock["today"] >= now["today"]
    joined = transfer("clock", "--to", "30/6/2014", "--json", "--data", str(data))
    assert (joined.returncode, joined.stderr) == (0, "")
    there = json.loads(joined.stdout)
    assert (there["today"], there["moving_to"]) == (str(ENDS), None)
    assert days_of(data, StaffTransferred) == {"2014-05-30"}
    backwards = transfer("clock", "--to", "2014-06-29", "--data", str(data))
    assert backwards.returncode == 1
    assert "it goes forward only" in backwards.stderr
    assert again.stop() == (0, "", "")


@pytest.mark.thorough
def test_without_a_service_the_command_runs_the_procedures(data: Path) -> None:
    folder = DataFolder.open(data)
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="none") as engines,
    ):
        migrate(engines.database_url)
        with open_record(engines.database_url, folder) as record:
            begin_or_continue(record.log, BEGINS, BEGINS)
            open_a_real_exercise(record.office, LETTERS, BEGINS)
    alone = transfer("clock", "--to", "2/12/2013", "--json", "--data", str(data))
    assert (alone.returncode, alone.stderr) == (0, "")
    moved = json.loads(alone.stdout)
    assert (moved["moved_from"], moved["today"]) == (str(BEGINS), str(LETTERS))
    assert [each["day"] for each in moved["days"]] == [str(LETTERS)]
    shown = transfer("as-of", "--by", "employer", "--data", str(data))
    assert shown.stdout.startswith("REHEARSED (practice)")
    assert str(LETTERS) in shown.stdout


@pytest.mark.thorough
def test_a_day_is_a_practices_alone(data: Path) -> None:
    refused = transfer("serve", "--on", "2013-11-11", "--data", str(data))
    assert refused.returncode == 2
    assert "--practice" in refused.stderr
    refused = transfer("serve", "--practice", "--on", "soon", "--data", str(data))
    assert refused.returncode == 2
    assert "--on" in refused.stderr
    assert not data.exists()
