"""The directions of the architecture, and that nothing of the tree escapes them.

The contracts themselves are in `pyproject.toml` ([tool.importlinter]); `make check` holds them too.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from importlinter import cli as importlinter_cli

CHECKOUT = Path(__file__).parents[1]
PACKAGES = ("transfer", "workflows", "projections", "deploy")
PURE = ("transfer/core", "transfer/procedures", "transfer/rulebooks")
IMPURE_STDLIB = frozenset(
    {"asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil"}
    | {"socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}
)
"""What a pure module has no use for: clocks, chance, files, processes, the network."""

READS_EDITIONS = {"cel", "pydantic_core", "tree_sitter", "tree_sitter_toml"}
"""What rulebooks need besides: conditions and the lines of a file, both without side effects."""


def settings() -> dict[str, Any]:
    """The tool sections of `pyproject.toml`."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        tool = tomllib.load(file)["tool"]
    assert isinstance(tool, dict)
    return tool


def contract(id_: str) -> dict[str, Any]:
    """One contract of import-linter."""
    found = [each for each in settings()["importlinter"]["contracts"] if each["id"] == id_]
    assert len(found) == 1
    assert isinstance(found[0], dict)
    return found[0]


def sources(*folders: str) -> list[Path]:
    """Every module under these folders of the checkout."""
    return [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]


def place(path: Path) -> str:
    """Where a module is in the checkout."""
    return str(path.relative_to(CHECKOUT))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of everything that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield (node.module or "").partition(".")[0]


def test_the_contracts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    # It would silence every logger of the process, and with them the tests that read a log.
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)
    kept = importlinter_cli.lint_imports(no_cache=True)
    assert kept == importlinter_cli.EXIT_STATUS_SUCCESS


def test_every_module_has_its_place_in_the_layers() -> None:
    layers = " ".join(contract("layers")["layers"])
    placed = set(layers.replace("|", " ").replace(":", " ").split())
    found = set()
    for package in PACKAGES:
        if package in placed:
            continue
        for path in (CHECKOUT / package).iterdir():
            is_module = path.suffix == ".py" and path.stem != "__init__"
            if is_module or (path / "__init__.py").exists():
                found.add(f"{package}.{path.stem}")
    assert found - placed == set(), "say in pyproject.toml what these may know"
    assert {each for each in placed if "." in each} - found == set()


def test_every_workflow_definition_is_held_to_the_rule_for_definitions() -> None:
    held = set(contract("definitions")["source_modules"])
    definitions = {
        f"workflows.{path.stem}"
        for path in sources("workflows")
        if "@workflow.defn" in path.read_text(encoding="utf-8")
    }
    assert definitions
    assert definitions <= held


def test_what_is_pure_imports_nothing_else() -> None:
    allowed = (sys.stdlib_module_names - IMPURE_STDLIB) | {"pydantic", "transfer"}
    impure = {
        place(path): found
        for path in sources(*PURE)
        if (found := {*imported(path)} - allowed)
        if not ("rulebooks" in path.parts and found <= READS_EDITIONS)
    }
    assert impure == {}


# Not by `ast`: to parse all files takes seconds, and only the first statement counts.
DOCSTRING_FIRST = re.compile(r"""(?:#.*\n|\n)*r?\"{3}\s*[^\s"]""")


def test_every_module_says_what_it_is_for() -> None:
    texts = {place(path): path.read_text(encoding="utf-8") for path in sources(*PACKAGES, "tests")}
    silent = [name for name, text in texts.items() if text and not DOCSTRING_FIRST.match(text)]
    assert silent == [], "begin with a docstring"


def test_every_migration_has_its_own_number() -> None:
    numbers = [
        path.name.partition("_")[0] for path in (CHECKOUT / "deploy/migrations").glob("*.sql")
    ]
    assert numbers
    assert len(set(numbers)) == len(numbers)
