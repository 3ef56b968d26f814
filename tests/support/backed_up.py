"""A record with people, on a server that keeps a log of changes, and backups of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from deploy.backups.archive import Archive, Receiver, archiving
from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from deploy.processes import wait_until
from tests.service import writing_process as w
from transfer.app import VERSION, Record, erasures_beside, open_record, projections_of
from transfer.backups.taking import Taken, take_backup
from transfer.commands.office import Act, key_id


@dataclass(frozen=True)
class AtWork:
    """A record that is at work in a data folder, and a folder for its backups."""

    record: Record
    folder: DataFolder
    archive: Archive

    def register(self, *numbers: str) -> None:
        """Record people."""
        for number in numbers:
            w.register(self.record.office, Act("test", key_id(number)), number)

    def take(self, keep: int | None = None) -> Taken:
        """Back it up."""
        self.record.catch_up()
        return take_backup(
            self.record.log,
            self.record.database_url,
            projections_of(self.record.log),
            self.archive,
            version=VERSION,
            erased=[erasures_beside(self.folder)],
            keep=keep,
        )


@contextmanager
def at_work(path: Path, archive: Archive, *, archives: bool = False) -> Iterator[AtWork]:
    """The record of a folder; with `archives` its log of changes is received as it is written."""
    folder = DataFolder.open(path)
    receiver = Receiver(archive, folder.log("archive"), lambda _: None)
    with (
        folder.hold("tests"),
        _closing_after(receiver),
        start_engines(folder, temporal="none") as engines,
    ):
        migrate(engines.database_url)
        with open_record(engines.database_url, folder, archive=archive.path) as record:
            if archives:
                receiver.start(record.database_url, record.log.identity())
                # A server that stops before it is reached for the first time gives nothing away.
                assert wait_until(lambda: _is_receiving(record.database_url), seconds=60)
            yield AtWork(record, folder, archive)


def _is_receiving(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        stands = archiving(connection)
    return stands is not None and stands.is_receiving


@contextmanager
def _closing_after(receiver: Receiver) -> Iterator[None]:
    """Stop it once the server has stopped: then everything has arrived."""
    try:
        yield
    finally:
        receiver.stop()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    """A record of three people for a whole module, to which others may be added."""
    place = tmp_path_factory.mktemp("backed-up")
    with at_work(place / "data", Archive.open(place / "backups")) as found:
        found.register("S1", "S2", "S3")
        yield found


@pytest.fixture
def begun(lasting: AtWork, tmp_path: Path) -> AtWork:
    """The same with a folder of backups for one test."""
    return replace(lasting, archive=Archive.open(tmp_path / "backups"))
