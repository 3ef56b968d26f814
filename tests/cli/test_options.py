"""What every command promises: help with examples, exit codes, errors as sentences."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from transfer import cli
from transfer.cli.common import a_day, an_instant, user
from transfer.core.refusals import Conflict, Malformed, NotOnRecord, Refused
from transfer.service import ServiceStopped

COMMANDS = (
    "as-of",
    "bulk",
    "differences",
    "doctor",
    "history",
    "import",
    "members",
    "rebuild",
    "rehearse",
    "rulebook",
    "sample",
    "serve",
    "token",
    "what-if",
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
    ("arguments", "names"),
    [
        (("fly",), "fly"),
        (("serve", "--port", "many"), "--port"),
        (("serve", "--port", "70000"), "--port: "),
        (("as-of", "S1", "--by", "employer"), "--by: "),
        (("as-of", "--by", "employer", "--clock", "attested"), "--clock: "),
        (("as-of", "--by", "shoe_size"), "--by"),
        (("as-of", "--effective", "31/2/2014"), "--effective: "),
        (("as-of", "--effective", "6/2014"), "--effective: "),
        (("as-of", "--known", "2014-06-10T09:00:00"), "--known: "),
        (("as-of", "--assignment", "Main"), "--assignment: "),
        (("as-of", "--flavour", "x"), "--flavour"),
        (("history",), "STAFF"),
        (("history", "S1", "--known", "yesterday"), "--known: "),
        (("members", "--effective", "x"), "--effective: "),
        (("members", "--known", "x"), "--known: "),
        (("members", "--limit", "0"), "--limit"),
        (("members", "shoe_size=9"), "FACET=VALUE: "),
        (("members", "employer"), "FACET=VALUE: "),
        (("members", "band=4", "band=5"), "FACET=VALUE: "),
        (("differences", "S1"), "--known-from"),
        (("differences", "S1", "--known-from", "x"), "--known-from: "),
        (("differences", "S1", "--known-from", "1/6/2014", "--known-to", "x"), "--known-to: "),
        (
            ("differences", "S1", "--known-from", "2/6/2014", "--known-to", "1/6/2014"),
            "--known-from: ",
        ),
        (("rehearse", "tr-2013", "--staff", "x.csv", "--from", "x"), "--from: "),
        (("rehearse", "tr-2013", "--staff", "x.csv", "--until", "x"), "--until: "),
        (("rehearse", "tr-2013", "--staff", "staff.csv", "--assume", "TR-11b"), "--assume: "),
        (
            ("rehearse", "tr-2013", "--staff", "staff.csv", "--assume", "TR-09b=x"),
            "--assume TR-09b: ",
        ),
        (("import", "nowhere.csv"), "nowhere.csv"),
        (("token", "--role", "admin"), "--subject"),
        (("token", "--role", "king", "--subject", "x"), "--role: "),
        (("token", "--role", "admin", "--subject", ""), "--subject: "),
        (("token", "--role", "admin", "--subject", "x", "--ttl", "0"), "--ttl: "),
        (("sample", "London", "--people", "0"), "--people"),
        (("sample", "London", "--json"), "--output: "),
    ],
)
def test_wrong_usage_is_exit_code_2_and_names_what_it_is_about(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], names: str
) -> None:
    (tmp_path / "staff.csv").write_text("")
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert names in said.err
    assert "Traceback" not in said.err


def test_the_program_says_its_version(run: Run) -> None:
    assert run("--version").out == f"transfer {version('transfer')}\n"


def test_a_shell_is_told_how_commands_go_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TRANSFER_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "transfer his")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run().out.split() == ["history"]
    monkeypatch.setenv("COMP_WORDS", "transfer as-of --by pai")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert run().out.split() == ["paid_band"]


def test_completion_can_be_installed(run: Run) -> None:
    said = run("--help").out
    assert "--install-completion" in said
    assert "--show-completion" in said


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


def test_a_day_is_iso_or_day_first() -> None:
    assert a_day(None, "--effective") is None
    for typed in ("2014-06-01", "1/6/2014", "01/06/2014", "1 June 2014"):
        assert a_day(typed, "--effective") == date(2014, 6, 1)
    with pytest.raises(Malformed, match=r"^--effective: "):
        a_day("6/2014", "--effective")


def test_a_bare_date_for_known_is_the_end_of_that_day_in_london() -> None:
    for typed in ("2014-06-10", "10/6/2014"):
        assert an_instant(typed, "--known") == datetime(2014, 6, 10, 22, 59, 59, 999_999, UTC)
    winter = datetime(2014, 1, 10, 23, 59, 59, 999_999, UTC)
    assert an_instant("2014-01-10", "--known") == winter
    offset = "2014-06-10T09:30:00+01:00"
    assert an_instant(offset, "--known") == datetime(2014, 6, 10, 8, 30, tzinfo=UTC)
    assert an_instant(None, "--known") is None
    with pytest.raises(Malformed, match=r"^--known: "):
        an_instant("2014-06-10T09:30:00", "--known")


def test_a_rulebook_is_shown_and_listed(run: Run) -> None:
    listed = json.loads(run("rulebook", "--json").out)["rulebooks"]
    assert "tr-2013" in [each["edition"] for each in listed]
    shown: dict[str, Any] = json.loads(run("rulebook", "tr-2013", "--json").out)
    assert shown["edition"] == "tr-2013"
    assert len(shown["sha256"]) == 64
    text = run("rulebook", "tr-2013").out
    for clause in shown["clauses"]:
        assert clause["id"] in text
    assert "Nothing that goes by these begins before" in text


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


def test_an_interrupt_ends_a_command_without_a_trace(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "make_app", interrupted)
    said = run("import", "staff.csv")
    assert (said.code, said.out, said.err) == (130, "", "transfer: interrupted\n")
