"""A history as large as a whole service's: killed in every phase, gone on with, little memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from transfer.imports.history.sample import as_csv, sample_history

pytestmark = pytest.mark.engines

MEGABYTE = 1 << 20
PHASES = ("lines read", "lines judged", "lines staged", "lines being recorded", "lines sent")


def run(url: str, file: Path, folder: Path, *killed: str) -> dict[str, Any]:
    """What an import in a process of its own says, at its end or when it is killed."""
    arguments = [
        "-m",
        "tests.imports.history.importing_process",
        url,
        str(file),
        str(folder),
        *killed,
    ]
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    if killed:
        assert done.returncode == -signal.SIGKILL, done.stderr
    else:
        assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def killed_and_resumed(url: str, folder: Path, people: int, lines_each: int) -> None:
    """Import a made-up history, killed on the way in every phase, in little memory."""
    file = folder / "history.csv"
    with file.open("w") as opened:
        opened.writelines(as_csv(sample_history(people, lines_each, seed=1)))
    lines = people * lines_each
    for phase, at in zip(PHASES, (0, lines // 2, lines // 2, 0, lines // 2), strict=True):
        killed = run(url, file, folder / "imports", phase, str(at))
        assert killed["memory"] < 300 * MEGABYTE
        assert killed["memory_of_a_worker"] < 300 * MEGABYTE
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
    done = run(url, file, folder / "imports")
    assert (done["accepted"], done["staff"], done["already"]) == (lines, people, False)
    assert {"lines read", "lines judged", "lines staged"}.isdisjoint(done["seconds"])
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*), count(DISTINCT event_id), max(notification_id),"
            " count(DISTINCT recorded_at) FROM events"
        ).fetchone() == (lines, lines, lines, 1)
        assert connection.execute("SELECT count(*) FROM person_keys").fetchone() == (people,)
    again = run(url, file, folder / "imports")
    assert (again["accepted"], again["already"]) == (lines, True)


@pytest.mark.thorough
def test_a_run_that_is_killed_anywhere_is_gone_on_with(database_url: str, tmp_path: Path) -> None:
    killed_and_resumed(database_url, tmp_path, people=3_000, lines_each=8)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_four_million_lines_of_300_000_people_fit_a_small_server(
    database_url: str, tmp_path: Path
) -> None:
    killed_and_resumed(database_url, tmp_path, people=308_000, lines_each=13)
