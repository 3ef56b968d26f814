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


def test_a_sample_for_an_edition_says_what_was_assumed(run: Run, good: Path) -> None:
    made = run("sample", "--rulebook", str(good), "--people", "40", "--output", "staff.csv")
    assert made.code == 0
    assert made.err.splitlines() == [
        "40 invented people in staff.csv",
        "2 transferors of moor-2027; people are shared out evenly (assumed: the edition gives no "
        "numbers)",
    ]
    header, *rows = Path("staff.csv").read_text(encoding="utf-8").splitlines()
    assert header.endswith(",cases,port_cases,team_goes_to")
    assert len(rows) == 40
    again = run("sample", "--rulebook", str(good), "--people", "40", "--output", "b.csv", "--json")
    assert json.loads(again.out) == {
        "file": "b.csv",
        "rows": 40,
        "seed": 2013,
        "rulebook": "moor-2027",
        "transferors": 2,
        "shared_out": "evenly (assumed: the edition gives no numbers)",
        "routes_of_nobody": [],
    }
    assert Path("b.csv").read_bytes() == Path("staff.csv").read_bytes()


def test_a_route_that_nobody_of_a_sample_takes_is_told(run: Run, tmp_path: Path) -> None:
    never = tmp_path / "never.toml"
    never.write_bytes(
        moor_source(('when = "has(evidence.team_goes_to)"', "when = \"fte > decimal('2')\""))
    )
    made = run("sample", "--rulebook", str(never), "--people", "5", "--output", "staff.csv")
    assert "No route of theirs: team" in made.err


@pytest.mark.parametrize(
    "words",
    [
        ("sample", "London", "--rulebook", "tr-2013"),
        ("sample", "--history", "2", "--rulebook", "tr-2013"),
        ("sample", "--rulebook", "tr-2013", "--people", "0"),
    ],
)
def test_a_sample_is_of_one_thing(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


def test_an_import_for_an_edition_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("staff_number\nS1\n", encoding="utf-8")
    done = run("import", str(file), "--rulebook", "tr-1999")
    assert done.code == 1
    assert "no rulebook tr-1999" in done.err
    history = tmp_path / "history.csv"
    history.write_text("act,recorded_on\n", encoding="utf-8")
    done = run("import", str(history), "--rulebook", "tr-2013")
    assert done.code == 2
    assert "--rulebook" in done.err
