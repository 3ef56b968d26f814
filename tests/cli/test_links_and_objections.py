"""What stands beside a record, on the command line: links, objections, several jobs at once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from transfer.app import new_id, open_record
from transfer.commands import links_and_objections
from transfer.commands import record as on_record
from transfer.commands.office import Act
from transfer.core.record.entries import Change, Registration
from transfer.core.words import Facet

pytestmark = pytest.mark.engines


@pytest.fixture
def entry(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> UUID:
    """S1 has two jobs, is S2 too, and objects to this entry."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def act() -> Act:
        return Act(by="test", command_id=new_id())

    with open_record(database_url, DataFolder.open(tmp_path / ".transfer")) as record:
        office = record.office
        entries = [
            on_record.register(
                office,
                act(),
                Registration(
                    staff_number=number,
                    effective_from=date(2014, 1, 1),
                    position={Facet.EMPLOYER: "LDN", Facet.FTE: "0.8"},
                ),
                personal={"name": "A. Example"},
            )
            for number in ("S1", "S2")
        ]
        on_record.enter(
            office,
            act(),
            "S1",
            Change(
                effective_from=date(2014, 3, 1),
                effective_to=None,
                changes={Facet.EMPLOYER: "LDN", Facet.FTE: "0.4"},
                reason="court duty",
                assignment="evenings",
            ),
        )
        links_and_objections.link(
            office, act(), staff_number="S1", other="S2", reason="r", basis=None
        )
        links_and_objections.object_to(
            office, act(), staff_number="S1", of=entries[0].event_id, statement="never"
        )
        return entries[0].event_id


def test_as_of_says_what_stands_beside(run: Run, entry: UUID) -> None:
    shown = run("as-of", "S1", "--effective", "2014-06-01").out
    assert "The same person as S2" in shown
    assert f"to event {entry}: open." in " ".join(shown.split())
    assert "evenings 0.4, main 0.8; together 1.2: more than a full time." in shown
    found = json.loads(run("as-of", "S1", "--effective", "2014-06-01", "--json").out)
    assert found["position"]["fte"]["objections"][0]["statement"] == "never"
    assert "more than" not in run("as-of", "S1", "--effective", "2014-02-01").out


@pytest.mark.parametrize("name", ["X Y", "", "Main", "a" * 33])
def test_what_cannot_be_the_name_of_a_job_is_wrong_usage(run: Run, entry: UUID, name: str) -> None:
    said = run("as-of", "S1", "--assignment", name)
    assert (said.code, said.out) == (2, "")
    assert "--assignment" in said.err
    good = run("as-of", "S1", "--effective", "2014-02-01", "--assignment", "main", "--json")
    assert str(entry) in good.out


def test_histories_are_interleaved_where_that_is_asked(run: Run, entry: UUID) -> None:
    alone = json.loads(run("history", "S1", "--json").out)
    assert [each["staff_number"] for each in alone["linked"]] == ["S2"]
    assert alone["items"][0]["event_id"] == str(entry)
    both = json.loads(run("history", "S1", "--linked", "--json").out)["items"]
    assert [each["staff_number"] for each in both] == ["S1", "S2", "S1", "S1", "S2", "S1"]
    assert "\n\nS2, 1. Staff registered\n" in run("history", "S1", "--linked").out
