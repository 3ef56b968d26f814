"""What the doctor makes of a projection that is behind, and of what is open to others."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.data_folder import DataFolder
from projections.keeping_up.horizon import Horizon
from projections.keeping_up.status import ProjectionStatus
from tests.cli.conftest import Run
from tests.workflows.stage import GROUP, WHOLE
from transfer.app import keys_of
from transfer.cli.doctor import key_finding, projection_finding, workflow_findings
from transfer.keys import fingerprint
from workflows.dispatcher import Compared

_NOW = datetime(2026, 2, 1, 8, tzinfo=UTC)


def behind(lag: int, seconds: float, failure: str | None = None) -> ProjectionStatus:
    """A projection that has not seen so many events, the first of them for so long."""
    seen = Horizon(5, _NOW - timedelta(days=1), UUID(int=0) if failure else None, failure)
    return ProjectionStatus("position", seen, lag, _NOW - timedelta(seconds=seconds), None)


@pytest.mark.parametrize(
    ("standing", "running_for", "ok"),
    [
        (behind(10_008, 6), 3_600, True),
        (behind(10_008, 6), None, False),
        (behind(10, 6), None, True),
        (behind(10_008, 299), 3_600, True),
        (behind(10_008, 300), 3_600, False),
        (behind(1, 300), 3_600, False),
        (behind(10_008, 86_400), 20, True),
        (behind(10_008, 6, "ValueError: no"), 3_600, False),
    ],
    ids=[
        "catching up",
        "nobody catches up",
        "little, and nobody catches up",
        "still catching up",
        "for too long",
        "one event for too long",
        "the service has only begun",
        "stopped",
    ],
)
def test_behind_is_wrong_where_nobody_catches_up_or_for_too_long(
    standing: ProjectionStatus, running_for: float | None, ok: bool
) -> None:
    since = None if running_for is None else _NOW - timedelta(seconds=running_for)
    found = projection_finding(standing, _NOW, since)
    assert found.ok == ok
    if standing.failed:
        assert "transfer rebuild position" in found.mend
    else:
        assert "events behind" in found.says
        assert ("the service is catching up" in found.says) == (ok and since is not None)
        assert ("the service runs" in found.mend) == (since is not None)


def wrong(run: Run, folder: Path) -> dict[str, str]:
    """What the doctor finds wrong with a folder that has no database, and how to mend it."""
    found = json.loads(run("doctor", "--json", "--data", str(folder)).out)["checks"]
    return {each["name"]: each["mend"] for each in found if not each["ok"]}


def test_what_is_open_to_others_is_wrong(run: Run, tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "data")
    folder.secret("vault")
    assert wrong(run, folder.path) == {}
    (folder.path / "keys" / "vault").chmod(0o644)
    assert "chmod 600" in wrong(run, folder.path)["keys"]
    folder.path.chmod(0o770)
    assert "chmod g-w" in wrong(run, folder.path)["data folder"]
    folder.path.chmod(0o777)
    assert "chmod o-w" in wrong(run, folder.path)["data folder"]


@pytest.mark.engines
def test_a_vault_key_that_is_not_the_records_is_told(database_url: str, folder: DataFolder) -> None:
    assert key_finding(database_url, folder).says.startswith("none yet")
    wanted = fingerprint(keys_of(database_url, folder).vault)
    assert (key_finding(database_url, folder).ok, wanted) == (
        True,
        key_finding(database_url, folder).says,
    )
    folder.secret_path("vault").unlink()
    found = key_finding(database_url, folder)
    assert not found.ok
    assert wanted in found.says
    assert "backup of keys/" in found.mend
    assert not folder.secret_path("vault").exists()


def test_what_runs_and_what_the_log_says_are_told_apart() -> None:
    compared = Compared(
        waiting=3,
        missing=(WHOLE,),
        replaced={GROUP: "it was not begun by this record"},
        unknown={"mallorys": "a mallorys on the task queue transfer"},
        stuck={},
        unreadable={},
    )
    told = {each.name: (each.ok, each.says) for each in workflow_findings(compared)}
    assert told == {
        "workflows": (True, "3 must be waiting by the log"),
        "procedure desk-move/spring": (
            False,
            "must be waiting by the log, and does not run in Temporal",
        ),
        "procedure desk-move/spring/group/A": (
            False,
            "another workflow runs in its place: it was not begun by this record",
        ),
        "workflow mallorys": (
            False,
            "runs in Temporal, and the log does not know it: a mallorys on the task queue transfer",
        ),
    }
