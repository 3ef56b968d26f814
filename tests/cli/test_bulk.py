"""`transfer bulk`: an act over many people from a file, previewed, refused whole, entered once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.engines

_STAFF = """staff_number,name,employer,unit,role,band,fte,in_post_from
S1,A. Example,London Probation Trust,North,Probation officer,4,1,2010-04-01
S2,B. Example,London Probation Trust,North,Probation officer,4,0.5,2011-04-01
"""


def line(number: str, **to: str) -> str:
    """An item that changes facets."""
    change = {"effective_from": "2014-06-01", "changes": to}
    return json.dumps({"staff_number": number, "change": change})


def as_json(run: Run, *arguments: str, code: int = 0) -> Any:
    """The JSON document of a command that leaves with that code."""
    said = run(*arguments, "--json")
    assert said.code == code, said.err
    assert said.err == ""
    return json.loads(said.out)


@pytest.fixture
def on(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a database that has two people on record."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    Path("staff.csv").write_text(_STAFF)
    assert run("import", "staff.csv").code == 0
    return run


def test_an_act_is_previewed_then_entered_once(on: Run) -> None:
    Path("moves.ndjson").write_text("\n".join((line("S1", unit="South"), "", line("S2", band="5"))))
    asked = ("bulk", "moves.ndjson", "--reason", "moved")
    supposed = as_json(on, *asked, "--dry-run")
    assert (supposed["entries"], supposed["differing"]["position"]) == (2, 2)
    shown = on(*asked, "--dry-run")
    assert shown.code == 0
    assert "South" in shown.out
    assert "Nothing written" in shown.out
    assert len(as_json(on, "history", "S1")["items"]) == 1
    written = as_json(on, *asked)
    assert [each["staff_number"] for each in written["items"]] == ["S1", "S2"]
    again = on(*asked)
    assert (again.code, "on record already" in again.out) == (0, True)
    items = as_json(on, "history", "S1")["items"]
    assert [each["reason"] for each in items[1:]] == ["moved"]
    assert items[1]["recorded_at"] == written["recorded_at"]
    found = as_json(on, "as-of", "S2", "--effective", "2014-06-01")
    assert found["position"]["band"]["value"] == "5"


def test_every_line_that_is_refused_is_told_and_nothing_written(on: Run) -> None:
    Path("bad.ndjson").write_text(
        "\n".join(
            (
                line("S1", band="5"),
                "",
                "[" * 5_000,
                line("S2", fte="2"),
                line("S9", band="5"),
                line("S1", band="5").replace('{"band"', '{"band": "4", "band"'),
            )
        )
    )
    for options in ((), ("--dry-run",)):
        said = as_json(on, "bulk", "bad.ndjson", "--reason", "r", *options, code=1)
        found = [(each["line"], each["staff_number"], each["field"]) for each in said["rejected"]]
        assert found == [
            (3, "", "item"),
            (4, "S2", "fte"),
            (5, "S9", None),
            (6, "S1", "band"),
        ]
    plain = on("bulk", "bad.ndjson", "--reason", "r")
    assert (plain.code, "Nothing written" in plain.out) == (1, True)
    without = as_json(on, "bulk", "bad.ndjson", code=1)["rejected"]
    assert (without[0]["line"], without[0]["field"]) == (1, "change.reason")
    assert len(as_json(on, "history", "S1")["items"]) == 1
    Path("empty.ndjson").write_text("\n")
    assert on("bulk", "empty.ndjson").code == 2
    assert on("bulk", "missing.ndjson").code == 2
