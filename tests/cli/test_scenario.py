"""`transfer scenario`: what it prints, and what it exits with."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.scenarios.test_playing import GIVEN

RIGHT = GIVEN + '\n[[then]]\non = 2013-12-09\nstaff_number = "S1"\noutcome = { to = "NPS" }\n'
WRONG = RIGHT.replace('to = "NPS"', 'to = "CRC"')
FAULTY = RIGHT.replace("outcome =", "outcomes =")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    for name, text in {"right": RIGHT, "wrong": WRONG, "faulty": FAULTY}.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return {name: str(tmp_path / f"{name}.toml") for name in ("right", "wrong", "faulty")}


@pytest.mark.parametrize(
    ("played", "code", "out", "err"),
    [
        (["right"], 0, "all 5 answers are as they should be", ""),
        (["right", "wrong"], 1, "1 of 5 answers differ", ""),
        (["wrong"], 1, "should be  CRC", ""),
        (["right", "faulty"], 2, "all 5 answers", "did you mean outcome?"),
    ],
)
def test_what_is_printed(
    run: Run, files: dict[str, str], played: list[str], code: int, out: str, err: str
) -> None:
    said = run("scenario", *(files[name] for name in played))
    assert said.code == code
    assert out in said.out
    assert err in said.err


def test_as_json(run: Run, files: dict[str, str]) -> None:
    said = run("scenario", files["right"], files["wrong"], files["faulty"], "--json")
    assert said.code == 2
    document = json.loads(said.out)
    assert document["holds"] is False
    right, wrong, faulty = document["scenarios"]
    assert (right["holds"], wrong["holds"]) == (True, False)
    (differs,) = (each for each in wrong["answers"] if not each["holds"])
    assert differs == {
        "line": len(RIGHT.splitlines()),
        "on": "2013-12-09",
        "about": "S1",
        "question": "outcome to",
        "holds": False,
        "expected": "CRC",
        "found": "NPS",
    }
    assert faulty["faults"][0]["field"] == "then 1, outcomes"


def test_a_file_that_is_not_there(run: Run) -> None:
    said = run("scenario", "nowhere.toml")
    assert said.code == 2
    assert "nowhere.toml: No such file" in said.err


def test_an_edition_of_ones_own_lies_beside_the_scenario(run: Run, tmp_path: Path) -> None:
    own = Path("transfer/rulebooks/editions/tr-2013.toml")
    text = (Path(__file__).parents[2] / own).read_text(encoding="utf-8")
    text = text.replace('edition = "tr-2013"', 'edition = "ours-2013"')
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    scenario = RIGHT.replace('edition = "tr-2013"', 'edition = "ours.toml"')
    (tmp_path / "scenario.toml").write_text(scenario, encoding="utf-8")
    assert run("scenario", "scenario.toml").code == 0
