"""One rehearsal of 150 people for all the questions asked of it, and its record opened again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from transfer.app import Record, open_record
from transfer.imports.staff_return.sample import sample_return
from transfer.rehearsal.report import RehearsalReport
from transfer.rehearsal.run import Asked, Telling, rehearse

ASSUMED = {
    "TR-11b": "10wd",
    "TR-11b-panel": "20wd",
    "TR-10-response": "5wd",
    "TR-09b": "2013-11-11",
    "TR-09-share": "0.5",
}

SEED = 996
"""With this seed somebody appeals after the window as published and within it as reset, somebody
later still and is refused, somebody is heard although late, and somebody objects."""

SILENT = Telling(
    planned=lambda _plan, _collisions: None,
    happens=lambda _day, _what: None,
    stage=lambda _what: None,
)


def asked(people: int = 150, **other: object) -> Asked:
    """A rehearsal of London's sample."""
    given: dict[str, object] = {
        "edition": "tr-2013",
        "staff_return": sample_return(["London"], seed=1, people=people),
        "document": "staff return london.csv",
        "assumed": ASSUMED,
        "seed": SEED,
    } | other
    return Asked(**given)  # type: ignore[arg-type]  # a test names the fields that it changes


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal's report, its folder, and the record that it left."""

    report: RehearsalReport
    path: Path
    record: Record


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """A whole rehearsal on real engines, opened again as every other command opens it."""
    path = tmp_path_factory.mktemp("rehearsed") / "data"
    report = rehearse(asked(), path, SILENT, time.monotonic)
    folder = DataFolder.open(path)
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none", durable=False) as engines,
        open_record(engines.database_url, folder) as record,
    ):
        yield Rehearsed(report, path, record)
