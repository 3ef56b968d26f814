"""`transfer as-of`: what is to be by law, and waits for approval."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from tests.support.office_2013 import TRANSFER, scene_2013

pytestmark = pytest.mark.engines


def test_as_of_says_what_the_law_makes_of_the_day(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with scene_2013(database_url, DataFolder.open(tmp_path / ".transfer")) as scene:
        scene.objected("S1")
    said = " ".join(run("as-of", "S1", "--effective", TRANSFER.isoformat()).out.split())
    assert (
        "By law on 2014-06-01, not yet recorded, waits for approval: end the employment of"
        " somebody who objects (tr-2013)." in said
    )
