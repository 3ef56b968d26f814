"""transfer import of a history: recognised, told, rejected, and gone on with after a kill."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.engines

REGISTRATION = {
    "staff_number": "S1",
    "act": "registration",
    "recorded_on": "2001-01-10",
    "effective_from": "2001-01-01",
    "name": "Ann",
    "employer": "London",
}


@pytest.fixture
def on(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a database of this test's own."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    Path("good.ndjson").write_text(json.dumps(REGISTRATION) + "\n")
    return run


def as_json(run: Run, *arguments: str, code: int = 0) -> Any:
    """The JSON document of a command that leaves with that code."""
    said = run(*arguments, "--json")
    assert (said.code, said.err) == (code, ""), said.err
    return json.loads(said.out)


def test_a_history_is_told_from_a_return_and_taken_once(on: Run) -> None:
    arguments = ("import", "good.ndjson", "--source", "old system")
    assert as_json(on, *arguments, "--dry-run") == as_json(on, *arguments)
    assert as_json(on, *arguments)["already"] is True
    assert "1 acts of 1 staff: nothing was written" in on(*arguments).out
    (event,) = as_json(on, "history", "S1")["items"]
    assert event["attested"] == {"source": "old system", "recorded_on": "2001-01-10"}


def test_what_is_wrong_is_told_by_line_and_field(on: Run) -> None:
    Path("bad.csv").write_text("staff_number,act,recorded_on\n" + "S1,change,2001-01-01\n" * 300)
    said = as_json(on, "import", "bad.csv", "--source", "old", code=1)
    assert said["rejected"][0] == {
        "line": 2,
        "field": "effective_from",
        "reason": "is blank, and needed on this line",
    }
    assert (len(said["rejected"]), said["rejections"], said["accepted"]) == (300, 300, 0)
    plain = on("import", "bad.csv", "--source", "old")
    assert plain.code == 1
    assert "… and 100 more: --json has the first 300." in plain.out


def test_a_header_alone_has_no_lines(on: Run) -> None:
    Path("header.csv").write_text("staff_number,act,recorded_on\n")
    said = as_json(on, "import", "header.csv", "--source", "old", code=1)
    assert "no lines" in said["rejected"][0]["reason"]


def test_standard_input_may_be_a_history(on: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.BytesIO(json.dumps(REGISTRATION).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.read()))))
    assert as_json(on, "import", "-", "--source", "old")["accepted"] == 1
    assert list(Path(".transfer/imports").iterdir()) == []


def test_a_source_is_for_a_history_alone(on: Run) -> None:
    Path("staff.csv").write_text("staff_number,name\n")
    said = on("import", "staff.csv", "--source", "old")
    assert (said.code, "--source" in said.err) == (2, True)


def test_a_sample_is_a_trust_or_a_history(run: Run) -> None:
    assert run("sample", "--history", "3", "--people", "2").out.count("\n") == 7
    assert run("sample", "--history", "3", "--people", "2", "--output", "h.ndjson").code == 0
    assert len(Path("h.ndjson").read_text().splitlines()) == 6
    assert run("sample").code == 2
    assert run("sample", "London", "--history", "3").code == 2


TWO_POSTS = """\
staff_number,act,recorded_on,source,effective_from,assignment,name,employer,unit,fte,reason
S1,registration,2010-04-01,ESR,2010-04-01,main,Ann,London Probation Trust,Croydon,0.5,
S1,change,2012-09-01,ESR,2012-09-01,second,,London Probation Trust,Sutton,0.4,second post
"""


def test_somebody_with_two_posts_is_one_of_all(on: Run) -> None:
    Path("two-posts.csv").write_text(TWO_POSTS)
    assert on("import", "two-posts.csv").code == 0
    for by in ("unit", "employer"):
        found = as_json(on, "as-of", "--by", by, "--effective", "2013-01-01")
        assert found["total"] == {"headcount": 1, "fte": "0.9"}
        shown = on("as-of", "--by", by, "--effective", "2013-01-01").out
        assert ["all", "1", "0.9"] in [line.split() for line in shown.splitlines()]
