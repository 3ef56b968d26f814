"""The documents are true: their commands exist and do what is shown, their links lead somewhere.

A `console` block holds commands (`$ …`) and what they print. `…` stands for anything, in a line or
as a line. What becomes of a block is said in the comment above it:

    <!-- run -->      run in an empty folder, block by block; the output must be as shown
    <!-- service -->  the same, against a service that was started for it, at $URL
    <!-- practice --> the same, against a practice that begins on 11 November 2013
    otherwise         only checked: every command and option must exist

A block under `<!-- file NAME -->` is a file of that name in the folder where the commands are run.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

from tests.support.describing import operations
from tests.support.loaded import Loaded, put_on_path
from transfer.cli import make_app
from transfer.commands.acts.offered import offered
from transfer.imports.staff_return.columns import COLUMNS
from transfer.kinds import KNOWN
from transfer.rulebooks import rulebook, shipped
from transfer.settings import describe_settings

CHECKOUT = Path(__file__).parents[1]
DOCUMENTS = [
    CHECKOUT / "README.md",
    CHECKOUT / "CHANGELOG.md",
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
READ_FIRST = ("README.md", "contributing.md")
THOROUGH = pytest.mark.thorough
DECISIONS = sorted((CHECKOUT / "docs" / "decisions").glob("0*.md"))

PRACTICE = ("--practice", "--on", "2013-11-11")
_BLOCK = re.compile(r"(?:<!-- (\w+) -->\n)?```console\n(.*?)```", re.DOTALL)
_FILE = re.compile(r"<!-- file ([\w.-]+) -->\n```\w*\n(.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)?(#[^)\s]+)?\)")
_CLAUSE = re.compile(r"\bTR-\d\d[a-z]?(?:-[a-z]+)*\b")
OTHER_PROGRAMS = {"curl", "python", "sed", "tar"}


@dataclass(frozen=True)
class Shown:
    """A command as a document shows it, and the output it shows beneath."""

    command: str
    output: tuple[str, ...]


def place(path: Path) -> str:
    """Where a document is in the checkout."""
    return str(path.relative_to(CHECKOUT))


def blocks(document: Path, marked: str | None = None) -> Iterator[list[Shown]]:
    """The console blocks of a document: those with that mark, or all."""
    for mark, text in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if marked is None or mark == marked:
            yield list(_shown(text))


def _shown(text: str) -> Iterator[Shown]:
    command: str | None = None
    output: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield Shown(command, tuple(output))
            command, output = line[2:], []
        else:
            output.append(line)
    assert command is not None, "a console block begins with a command"
    yield Shown(command, tuple(output))


def commands(document: Path) -> Iterator[list[str]]:
    """Every command of a document's console blocks, in words."""
    for block in blocks(document):
        for shown in block:
            assigned = re.fullmatch(r"\w+=\$\((.*)\)", shown.command)
            yield shlex.split(assigned[1] if assigned else shown.command, comments=True)


def pattern(lines: tuple[str, ...]) -> re.Pattern[str]:
    """What the output has to match: blank lines and widths aside, `…` for anything."""
    parts = []
    for line in lines:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        elif line.strip():
            words = [r".*".join(map(re.escape, word.split("…"))) for word in line.split()]
            parts.append(r"\s*" + r"\s+".join(words).replace(r"\s+.*", ".*") + r"[ ]*\n\s*")
    return re.compile("".join(parts) + r"\s*")


def run_shown(blocks_: Iterator[list[Shown]], folder: Path, env: dict[str, str]) -> int:
    """Run the commands of a document in one shell's stead, and compare; answers how many."""
    count = 0
    for block in blocks_:
        for shown in block:
            assigned = re.fullmatch(r"(\w+)=\$\((.*)\)", shown.command)
            done = subprocess.run(
                ["bash", "-c", assigned[2] if assigned else shown.command],
                cwd=folder,
                env=env,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, f"{shown.command}\n{done.stdout}{done.stderr}"
            count += 1
            if assigned:
                env[assigned[1]] = done.stdout.strip()
            elif shown.output:
                told = done.stdout + done.stderr
                if not told.endswith("\n"):
                    told += "\n"
                assert pattern(shown.output).fullmatch(told), f"{shown.command}\n{told}"
    return count


def environment(tmp_path: Path, *, as_installed: bool = False) -> dict[str, str]:
    """The program on PATH, its checkout to import from, an empty home, nothing else of ours.

    Unless it is to be `as_installed`, the program need not load itself for each command.
    """
    home = tmp_path / "home"
    home.mkdir()
    loaded = [] if as_installed else [str(put_on_path(tmp_path / "bin"))]
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(CHECKOUT),
        "PATH": os.pathsep.join([*loaded, str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


# --- commands that exist ------------------------------------------------------------------------


def make_targets() -> set[str]:
    """The targets of the Makefile."""
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def known_options() -> dict[str, set[str]]:
    """The options of every command of `transfer`; of a group of commands, those of all in it."""
    return {
        name: {
            option
            for one in (command, *getattr(command, "commands", {}).values())
            for each in one.params
            for option in each.opts
        }
        | {"--help"}
        for name, command in typer.main.get_group(make_app()).commands.items()
    }


def fields_of(arguments: list[str]) -> set[str]:
    """The fields that an act of a procedure takes as options, and one of each that is a list."""
    if arguments[0] not in ("begin", "do"):
        return set()
    kind, name = arguments[1], "begin" if arguments[0] == "begin" else arguments[3]
    fields = {
        field.replace("_", "-")
        for each in offered(KNOWN.kinds)
        if (each.kind, each.name) == (kind, name)
        for field in each.body.model_fields
    }
    short = {field.removesuffix("s") for field in fields} | {"staff"}
    return {f"--{each}" for each in fields | short | ({"body"} if "bodies" in fields else set())}


@pytest.mark.parametrize("document", DOCUMENTS, ids=place)
def test_the_commands_of_a_document_exist(document: Path) -> None:
    known = known_options()
    for name, *arguments in commands(document):
        if name == "make":
            assert arguments[0] in make_targets()
        elif name == "transfer":
            used = {each.partition("=")[0] for each in arguments[1:] if each.startswith("--")}
            there = known[arguments[0]] | fields_of(arguments)
            assert used <= there, shlex.join([name, *arguments])
        else:
            assert name in OTHER_PROGRAMS


def test_the_first_lines_of_the_readme_are_the_two_commands() -> None:
    first = next(blocks(CHECKOUT / "README.md"))
    assert [shlex.split(each.command, comments=True) for each in first] == [
        ["make", "run"],
        ["make", "test"],
    ]


def test_the_makefile_has_the_targets_that_programs_rely_on() -> None:
    assert {"setup", "run", "test", "check"} <= make_targets()


# --- what is shown is what happens --------------------------------------------------------------


@pytest.mark.engines
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(each, id=place(each), marks=() if each.name in READ_FIRST else THOROUGH)
        for each in DOCUMENTS
        if any(blocks(each, "run"))
    ],
)
def test_what_a_document_shows_is_what_happens(document: Path, tmp_path: Path) -> None:
    for name, content in _FILE.findall(document.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    env = environment(tmp_path, as_installed=document.name == "README.md")
    assert run_shown(blocks(document, "run"), tmp_path, env)


@pytest.mark.engines
@THOROUGH
@pytest.mark.skipif(shutil.which("curl") is None, reason="the guides' examples are for curl")
@pytest.mark.parametrize(
    ("document", "mark", "arguments"),
    [
        ("docs/using-the-api.md", "service", ()),
        ("docs/guide/practice.md", "practice", PRACTICE),
        ("docs/guide/run-an-exercise.md", "practice", PRACTICE),
        ("docs/guide/run-an-exercise-by-http.md", "practice", PRACTICE),
    ],
)
@pytest.mark.timeout(600)  # an exercise of a year, command by command
def test_a_guide_to_a_service_shows_what_happens(
    tmp_path: Path, document: str, mark: str, arguments: tuple[str, ...]
) -> None:
    env = environment(tmp_path) | {"TRANSFER_DATA": str(tmp_path / "data")}
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    for name, content in _FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    with Loaded(
        ["serve", "--port", "0", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as service:
        try:
            assert service.stdout is not None
            ready, _, address = service.stdout.readline().strip().partition(" ")
            assert ready == "ready"
            env["URL"] = address
            assert run_shown(blocks(CHECKOUT / document, mark), tmp_path, env)
        finally:
            service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0


@pytest.mark.parametrize(
    ("shown", "told", "same"),
    [
        ("60 people in f.csv", "60 people in f.csv\n", True),
        ("60 people in f.csv", "61 people in f.csv\n", False),
        ("…\nall  60  …\n…", "Head count\n\nall      60  52.1\nmore\n", True),
        ("all  60  …", "all  59  52.1\n", False),
        ('{"id":"…","version":1}', '{"id":"5f0c","version":1}\n', True),
        ('{"id":"…","version":1}', '{"id":"5f0c","version":2}\n', False),
        ("…", "", True),
    ],
)
def test_how_output_is_compared(shown: str, told: str, same: bool) -> None:
    assert bool(pattern(tuple(shown.splitlines())).fullmatch(told)) is same


# --- the rest of the documents ------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=place)
def test_links_lead_somewhere(document: Path) -> None:
    for path, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        if path.startswith("http"):
            continue
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            found = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
            assert anchor.removeprefix("#") in found


CITING = [each for each in DOCUMENTS if each.name != "unread.md"]
"""Documents but the list of rules that no edition has to have (see `test_catalogue`)."""


@pytest.mark.parametrize("document", CITING, ids=place)
def test_clauses_that_a_document_names_are_in_a_rulebook(document: Path) -> None:
    known = {clause.id for edition in shipped().values() for clause in edition.clauses}
    assert set(_CLAUSE.findall(document.read_text(encoding="utf-8"))) <= known


def test_the_rehearsing_guide_lists_what_no_source_gives() -> None:
    text = (CHECKOUT / "docs/rehearsing.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| (TR-[\w-]+) \|", text, re.MULTILINE))
    assert listed == {clause.id for clause in rulebook("tr-2013").needs()}


def test_the_columns_of_the_staff_return_are_described_as_they_are_read() -> None:
    text = (CHECKOUT / "docs/staff-return.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `(\w+)` \| (yes|no) \| (.*) \|$", text, re.MULTILINE)
    assert described == [(c.name, "yes" if c.needed else "no", c.meaning) for c in COLUMNS]


def test_every_setting_is_described() -> None:
    text = (CHECKOUT / "docs/operating.md").read_text(encoding="utf-8")
    assert [name for name, _, _ in describe_settings() if f"`{name}`" not in text] == []


def test_the_guide_to_the_api_names_every_call() -> None:
    guide = (CHECKOUT / "docs/using-the-api.md").read_text(encoding="utf-8")
    routes = {
        f"{method.upper()} {_of_any_kind(path)}"
        for method, path in operations()
        if path.startswith("/v1/") and method in ("get", "post")
    }
    assert set(re.findall(r"^\| `((?:GET|POST) [^`]+)` \|", guide, re.MULTILINE)) == routes


def _of_any_kind(path: str) -> str:
    """The address of a procedure's route, whatever its kind and act."""
    found = re.sub(r"^/v1/procedures/[a-z-]+", "/v1/procedures/{kind}", path)
    found = re.sub(r"/answers/[a-z0-9-]+$", "/answers/{name}", found)
    return re.sub(r"/acts/[a-z0-9-]+$", "/acts/{act}", found)


def test_decisions_are_numbered_and_say_context_decision_and_consequences() -> None:
    index = (CHECKOUT / "docs/decisions/README.md").read_text(encoding="utf-8")
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == sorted(set(numbers))  # a number may be kept for one that is being written
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name
        title = text.splitlines()[0].partition(". ")[2]
        assert f"[{title}]({path.name})" in index


def test_the_changelog_has_this_version() -> None:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert f"\n## {version}" in (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
