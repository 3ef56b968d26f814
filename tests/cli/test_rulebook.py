"""transfer rulebook: files checked and compared, without a record."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.editions import moor_source


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "moor.toml"
    path.write_bytes(moor_source())
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.toml"
    path.write_bytes(moor_source(('feeds = "', 'feedz = "'), ('kind = "appeal"', 'kind = "apeal"')))
    return path


def test_a_good_file_is_summed_up(run: Run, good: Path) -> None:
    done = run("rulebook", "check", str(good))
    assert done.code == 0
    assert "no faults" in done.out
    assert "M-04  Time to challenge: the minutes of the joint committee" in done.out
    told = json.loads(run("rulebook", "check", str(good), "--json").out)
    assert (told["good"], told["faults"], told["needs"]) == (True, [], ["M-04"])


def test_a_bad_file_has_every_fault_named_with_its_line(run: Run, bad: Path) -> None:
    done = run("rulebook", "check", str(bad))
    assert done.code == 1
    assert "window 1, feedz: there is no key feedz: did you mean feeds?" in done.out
    assert "did you mean appeal?" in done.out
    assert "2 faults" in done.err
    told = json.loads(run("rulebook", "check", str(bad), "--json").out)
    assert [fault["field"] for fault in told["faults"]] == ["window 1, kind", "window 1, feedz"]
    assert all(fault["line"] > 1 for fault in told["faults"])


def test_an_edition_or_a_file_is_shown(run: Run, good: Path) -> None:
    shown = run("rulebook", str(good)).out
    assert "M-03" in shown
    assert "successors(transferor)[0]" in shown
    assert json.loads(run("rulebook", "tr-2013", "--json").out)["edition"] == "tr-2013"
    assert run("rulebook", "tr-1999").code == 1


def test_what_changed_is_said_in_words(run: Run, good: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_bytes(
        moor_source(
            ("value = 0.6", "value = 0.7"),
            ('value = "20 working days"', 'value = "4 weeks"'),
            ('name = "Moor Port Authority"', 'name = "Port of Moor"'),
            ("on = 2027-01-11", "on = 2027-01-18"),
        )
    )
    told = run("rulebook", "diff", str(good), str(other)).out.splitlines()
    assert "M-03 (Whose work it is): the value was 0.6 and is 0.7." in told
    assert "M-05 (Time to decide a challenge): the value was 20wd and is 4w." in told
    assert "The transferee port: name was 'Moor Port Authority' and is 'Port of Moor'." in told
    assert "Milestone start, known from 2026-12-01: was 2027-01-11 and is 2027-01-18." in told
    assert run("rulebook", "diff", str(good), str(good)).out.endswith("say the same.\n")


@pytest.mark.parametrize("words", [["check"], ["add"], ["diff", "tr-2013"], ["one", "two"]])
def test_a_command_that_is_not_whole_is_usage(run: Run, words: list[str]) -> None:
    assert run("rulebook", *words).code == 2


def test_a_file_that_is_not_there_is_usage(run: Run) -> None:
    assert run("rulebook", "check", "nothing.toml").code == 2
