"""Running the command line in this process, and in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from transfer import cli
from transfer.settings import Settings, environment_name


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `transfer` with these arguments in this process, in a folder of its own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run_it(*arguments: str) -> Said:
        monkeypatch.setattr("sys.argv", ["transfer", *arguments])
        code = cli.run()
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run_it
