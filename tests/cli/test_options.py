"""What every command promises: help with examples, exit codes, errors as sentences."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.conftest import Run
from transfer import cli
from transfer.cli.common import a_day, an_instant, user
from transfer.core.refusals import Conflict, Malformed, NotOnRecord, Refused
from transfer.service import ServiceStopped

COMMANDS = (
    "as-of",
    "bulk",
    "doctor",
    "history",
    "import",
    "rebuild",
    "rehearse",
    "rulebook",
    "sample",
    "serve",
    "token",
)


def test_every_command_is_there(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in said.out.split("Commands:")[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_and_takes_a_folder(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert (said.code, said.err) == (0, "")
    assert "Examples:" in said.out
    assert f"transfer {command}" in said.out.split("Examples:")[1]
    assert "--data" in said.out
    if command != "serve":
        assert "--json" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("serve", "--port", "many"),
        ("serve", "--port", "70000"),
        ("as-of", "S1", "--by", "employer"),
        ("as-of", "--by", "employer", "--clock", "attested"),
        ("as-of", "--by", "shoe_size"),
        ("as-of", "--effective", "01/04/2014"),
        ("as-of", "--known", "2014-06-10T09:00:00"),
        ("history",),
        ("import", "nowhere.csv"),
        ("token", "--role", "admin"),
        ("token", "--role", "king", "--subject", "x"),
        ("token", "--role", "admin", "--subject", ""),
        ("token", "--role", "admin", "--subject", "x", "--ttl", "0"),
        ("sample", "London", "--people", "0"),
        ("sample", "London", "--json"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert "Traceback" not in said.err


def test_a_refusal_is_exit_code_1_and_a_sentence(run: Run) -> None:
    said = run("rulebook", "tr-1066")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("transfer: no rulebook tr-1066")
    assert run("sample", "Hogwarts").code == 1


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (Malformed("no", field="x"), 2, "x: no"),
        (Refused("no", clause="TR-01"), 1, "no (clause TR-01)"),
        (NotOnRecord("no"), 1, "no"),
        (Conflict("no"), 1, "no"),
        (ServiceStopped("died"), 1, "died"),
        (FileNotFoundError(2, "No such file", "x.csv"), 2, "x.csv: No such file"),
        (OSError("cannot listen"), 2, "cannot listen"),
    ],
)
def test_what_a_command_ends_with_is_told(error: Exception, code: int, says: str) -> None:
    assert cli._told(error) == (code, says)


def test_a_fault_is_not_dressed_up() -> None:
    assert cli._told(RuntimeError("a fault")) is None


def test_a_day_is_iso() -> None:
    assert a_day(None) is None
    assert a_day("2014-06-01") == date(2014, 6, 1)
    with pytest.raises(typer.BadParameter):
        a_day("1 June 2014")


def test_a_bare_date_for_known_is_the_end_of_that_day_in_london() -> None:
    assert an_instant("2014-06-10") == datetime(2014, 6, 10, 22, 59, 59, 999_999, UTC)
    assert an_instant("2014-01-10") == datetime(2014, 1, 10, 23, 59, 59, 999_999, UTC)
    assert an_instant("2014-06-10T09:30:00+01:00") == datetime(2014, 6, 10, 8, 30, tzinfo=UTC)
    assert an_instant(None) is None
    with pytest.raises(typer.BadParameter):
        an_instant("2014-06-10T09:30:00")


def test_a_rulebook_is_shown_and_listed(run: Run) -> None:
    listed = json.loads(run("rulebook", "--json").out)["rulebooks"]
    assert "tr-2013" in [each["edition"] for each in listed]
    shown: dict[str, Any] = json.loads(run("rulebook", "tr-2013", "--json").out)
    assert shown["edition"] == "tr-2013"
    assert len(shown["sha256"]) == 64
    text = run("rulebook", "tr-2013").out
    for clause in shown["clauses"]:
        assert clause["id"] in text
    assert "An exercise cannot open before" in text


def test_a_sample_is_the_same_for_the_same_seed(run: Run, tmp_path: Path) -> None:
    said = run("sample", "London", "--seed", "7", "--people", "5", "--output", "a.csv", "--json")
    assert json.loads(said.out) == {"file": "a.csv", "rows": 5, "seed": 7}
    run("sample", "London", "--seed", "7", "--people", "5", "--output", "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_user_without_a_name_can_act(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert user() == "unnamed user"
