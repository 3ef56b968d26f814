"""What a command answers from a record that was restored names the restoration where it matters."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from transfer.app import new_id, open_record
from transfer.commands import record as on_record
from transfer.commands.office import Act
from transfer.core.record.entries import Registration
from transfer.core.words import Facet
from transfer.log.restorations import keep_restoration

pytestmark = pytest.mark.engines


def test_an_answer_that_rests_on_what_was_restored_says_so(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with open_record(database_url, DataFolder.open(tmp_path / ".transfer")) as record:

        def register(number: str) -> None:
            registration = Registration(
                staff_number=number,
                effective_from=date(2014, 1, 1),
                position={Facet.EMPLOYER: "LDN"},
            )
            act = Act(by="test", command_id=new_id())
            on_record.register(record.office, act, registration, personal={"name": "A. Example"})

        register("S1")
        point = record.log.head().recorded_at
        with record.log.connection() as connection:
            keep_restoration(
                connection,
                backup="b",
                position=1,
                known_at=point,
                lost_events=None,
                lost_until=None,
            )
        since = ("--known-from", "2014-01-01")
        asked = (
            ("as-of", "S1"),
            ("as-of",),
            ("history", "S1"),
            ("members", "employer=LDN"),
            ("without-manager",),
            ("differences", "S1", *since),
            ("report", "vetting"),
            ("report", "consistency"),
        )
        for each in asked:
            assert run(*each).out.startswith("RESTORED: this record was restored on")
        told = json.loads(run("as-of", "S1", "--json").out)
        assert point is not None
        assert told["record_restored_to"] == point.isoformat()
        register("S2")
        for each in asked:
            assert "RESTORED" not in run(*each).out
        assert run("as-of", "S1", "--known", point.isoformat()).out.startswith("RESTORED")
