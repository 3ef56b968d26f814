"""Running the command line in this process, and in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.support.practised import Practised, practising
from transfer import cli
from transfer.app import open_record
from transfer.settings import Settings, environment_name


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def played(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practised]:
    """A practised record of 13 November 2013, as commands find it."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    folder = DataFolder.open(tmp_path / ".transfer")
    with (
        open_record(database_url, folder) as record,
        practising(record, folder, date(2013, 11, 13)) as opened,
    ):
        yield opened


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
