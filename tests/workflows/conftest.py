"""A scene on a database of its own, and a time-skipping server for each test.

One server for several tests would not do: it has one clock, and stands still while a workflow that
an earlier test left behind waits for its worker.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import Engines, start_engines
from tests.support.desk_scene import Scene
from tests.workflows.stage import Stage, move_of_desks
from workflows import worker


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """A move of desks whose groups are planned, nothing sent yet."""
    with move_of_desks(database_url) as scene:
        yield scene


@pytest.fixture
def engines(folder: DataFolder, database_url: str) -> Iterator[Engines]:
    """The test's database and a time-skipping server."""
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="rehearsal", database_url=database_url) as engines,
    ):
        yield engines


@pytest.fixture
def stage(scene: Scene, engines: Engines) -> Stage:
    """Where the scene is played."""
    return Stage(scene, engines)


@contextmanager
def service_engines(path: Path, database_url: str) -> Iterator[Engines]:
    """The server of a real service, in a folder of its own, beside a test's database."""
    folder = DataFolder.open(path)
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="service", database_url=database_url) as engines,
    ):
        yield engines


@pytest.fixture
def service(scene: Scene, tmp_path: Path, database_url: str) -> Iterator[Stage]:
    """Where the scene is played on the server of a real service: time cannot be stepped there."""
    with service_engines(tmp_path / "service", database_url) as engines:
        yield Stage(scene, engines, is_service=True)


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service looks at its start, and not again within a test."""
    monkeypatch.setattr(worker, "LOOK_SECONDS", 3_600.0)
