"""`transfer rehearse` and what can be asked of the folder that it leaves, as the program itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.engines

TRANSFER = Path(sys.executable).with_name("transfer")

ASSUMED = [
    "--assume=TR-11b=60wd",
    "--assume=TR-11b-panel=20wd",
    "--assume=TR-10-response=5wd",
    "--assume=TR-09b=2013-11-11",
    "--assume=TR-09-share=0.5",
]


def transfer(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TRANSFER, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def staff(tmp_path: Path) -> str:
    path = tmp_path / "merseyside.csv"
    made = transfer("sample", "Merseyside", "--people", "30", "--seed", "1", "--output", str(path))
    assert made.returncode == 0, made.stderr
    return str(path)


@pytest.mark.thorough
def test_a_rehearsal_shows_collisions_adds_up_and_leaves_a_folder_to_ask(
    staff: str, tmp_path: Path
) -> None:
    data = str(tmp_path / "data")
    played = transfer("rehearse", "tr-2013", "--staff", staff, *ASSUMED, "--data", data, "--json")
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    report = json.loads(played.stdout)
    assert report["rehearsed"] == "tr-2013"
    assert sum(flow["headcount"] for flow in report["flows"]) == report["in_scope"] == 30
    assert report["discrepancies"] == []
    # With an appeal window that long, the panel's time ends after the day that it feeds.
    assert {each["clause"] for each in report["collisions"]} == {"TR-11b-panel"}

    heads = transfer(
        "as-of", "--by", "employer", "--effective", "2014-06-01", "--data", data, "--json"
    )
    assert heads.returncode == 0, heads.stderr
    answer = json.loads(heads.stdout)
    assert answer["rehearsed"] == "tr-2013"
    transferred = {flow["employer"] for flow in report["flows"] if flow["employer"]}
    assert {group["value"] for group in answer["groups"]} == transferred

    again = transfer("rehearse", "tr-2013", "--staff", staff, *ASSUMED, "--data", data)
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_without_assumptions_it_is_refused_with_every_one_that_is_missing(
    staff: str, tmp_path: Path
) -> None:
    refused = transfer("rehearse", "tr-2013", "--staff", staff, "--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    suggested = {
        "TR-09-share": "0.5",
        "TR-09b": "2013-11-11",
        "TR-10-response": "5wd",
        "TR-11b": "10wd",
        "TR-11b-panel": "20wd",
    }
    for clause, value in suggested.items():
        assert clause in refused.stderr
        row = next(each for each in refused.stdout.splitlines() if each.startswith(f"{clause} "))
        assert row.endswith(f"--assume {clause}={value}")
    assert "--assume suggested" in refused.stdout
    assert not (tmp_path / "data").exists()


def test_what_is_missing_is_one_document_with_json(staff: str, tmp_path: Path) -> None:
    asked = ("rehearse", "tr-2013", "--staff", staff, "--data", str(tmp_path / "data"), "--json")
    assumed = (
        "--assume",
        "TR-09b=11/11/2013",
        "--assume",
        "TR-11b=4",
        "--assume",
        "TR-09-share=0.5",
    )
    refused = transfer(*asked, *assumed)
    assert refused.returncode == 1
    said = json.loads(refused.stdout)
    needed = {each["clause"]: each for each in said["missing"]}
    assert set(needed) == {"TR-10-response", "TR-11b-panel"}
    assert needed["TR-11b-panel"]["type_this"] == "--assume TR-11b-panel=20wd"
    assert needed["TR-11b-panel"]["document_needed"]
    assert [each["clause"] for each in said["refused"]] == ["TR-11b"]


def test_a_file_that_is_not_there_is_a_matter_of_input(tmp_path: Path) -> None:
    missing = transfer("rehearse", "tr-2013", "--staff", str(tmp_path / "none.csv"))
    assert missing.returncode == 2
    assert "none.csv" in missing.stderr
