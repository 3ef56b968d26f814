"""transfer leave and transfer without-manager: a leaving as an act, and whom it leaves alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from transfer.app import new_id, open_record
from transfer.commands import record as on_record
from transfer.commands.office import Act
from transfer.core.record.entries import Change, Registration
from transfer.core.words import Facet

pytestmark = pytest.mark.engines

LEAVES = ("leave", "S1", "--from", "2014-05-01", "--reason", "resigned")


@pytest.fixture
def transfer_of_june(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> UUID:
    """S2 reports to S1, who is to be transferred on 1 June, by this entry."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def act() -> Act:
        return Act(by="test", command_id=new_id())

    with open_record(database_url, DataFolder.open(tmp_path / ".transfer")) as record:
        for number, more in (("S1", {}), ("S2", {Facet.LINE_MANAGER: "S1"})):
            registration = Registration(
                staff_number=number,
                effective_from=date(2014, 1, 1),
                position={Facet.EMPLOYER: "LDN", **more},
            )
            on_record.register(record.office, act(), registration, personal={"name": "A. Example"})
        moved = Change(
            effective_from=date(2014, 6, 1), changes={Facet.EMPLOYER: "NPS"}, reason="transfer"
        )
        return on_record.enter(record.office, act(), "S1", moved).event_id


def test_a_leaving_is_refused_previewed_and_recorded(run: Run, transfer_of_june: UUID) -> None:
    refused = run(*LEAVES)
    assert refused.code == 1
    assert "NPS" in refused.out
    assert "--later keep or --later annul" in refused.out
    refused = run(*LEAVES, "--json")
    assert refused.code == 1
    (later,) = json.loads(refused.out)["later"]
    assert later["event_id"] == str(transfer_of_june)

    previewed = json.loads(run(*LEAVES, "--later", "annul", "--preview", "--json").out)
    assert previewed["version"] == 2
    said = " ".join(run(*LEAVES, "--later", "annul", "--preview").out.split())
    assert "NPS 2014-06-01 annulled" in said
    assert "S2 main 2014-05-01" in said
    assert "Nothing written" in said

    written = json.loads(run(*LEAVES, "--later", "annul", "--json").out)
    assert [each["became"] for each in written["later"]] == ["annulled"]
    assert [each["staff_number"] for each in written["without_manager"]] == ["S2"]
    shown = run("as-of", "S1", "--effective", "2014-06-01").out
    assert "S1 (A. Example) on 2014-06-01" in shown
    assert "No position on that day." in shown

    told = run("without-manager", "--effective", "2014-06-01").out
    assert "S1 is not employed on 2014-06-01: left with effect from 2014-05-01" in told
    listed = json.loads(run("without-manager", "--effective", "2014-04-01", "--json").out)
    assert [each["staff_number"] for each in listed["items"]] == ["S1"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--from", "May"), ""),
        (("--later", "perhaps"), "--later"),
        (("--assignment", "Not One"), "--assignment"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(
    run: Run, arguments: tuple[str, str], field: str
) -> None:
    said = run(*LEAVES, *arguments)
    assert said.code == 2
    assert field in said.err
