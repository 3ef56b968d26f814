"""`transfer report`: the API's answers in words, and a file of characteristics for one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.appealed import BEFORE, DECIDED, six_appeal
from tests.support.practised import Practised

pytestmark = pytest.mark.engines

FILE = "staff_number,sex\nS1,f\nS2,f\nS3,f\nS4,m\nS5,m\n"


def test_reports_in_words_and_by_characteristics(
    run: Run, played: Practised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    six_appeal(played)
    monkeypatch.setenv("TRANSFER_SMALL_GROUP", "2")
    asked = ("report", "appeals", "--exercise", "tr", "--effective", BEFORE)
    said = run(*asked)
    assert said.code == 0, said.err
    assert "Who appealed by 2013-12-13" in said.out
    found = json.loads(run(*asked, "--json").out)
    api = played.read("/reports/appeals", exercise="tr", effective_at=BEFORE)
    assert {**found, "known_at": None} == {**api, "known_at": None}

    file = tmp_path / "characteristics.csv"
    file.write_text(FILE, encoding="utf-8")
    by = run(*asked, "--characteristics", str(file), "--json")
    groups = [each for each in json.loads(by.out)["groups"] if each["by"] == "characteristic:sex"]
    # One person is not in the file: a further number is not shown, or it could be worked out.
    assert [(each["group"], each["numbers"][0]["people"]) for each in groups] == [
        ("f", 3),
        ("m", None),
        (None, None),
    ]
    file.write_text("staff_number,sex\nS1\n", encoding="utf-8")
    assert run(*asked, "--characteristics", str(file)).code == 0
    file.write_text("staff_number,sex\nnobody's,f\n", encoding="utf-8")
    wrong = run(*asked, "--characteristics", str(file))
    assert wrong.code == 2
    assert "line 2: one row for each staff number" in wrong.err
    assert "nobody's" not in wrong.err

    panels = run("report", "consistency", "--effective", DECIDED)
    assert panels.code == 0, panels.err
    assert "Decided otherwise" in panels.out
    assert "tr.S1.1" in panels.out
    assert run("report", "vetting").code == 0
