"""Engines for the tests that are marked `engines`; sockets off for all the others.

- `database_url`: a database of the test's own with the whole schema, copied from a template.
- `new_database`: makes such databases, for a test that needs several, and for a whole module.
- `empty_database_url`: the same without any table.
- `folder`: a new, empty data folder (anywhere, without a mark).
- `postgres_url`: the server behind both; one for each pytest-xdist worker.

Folders for a test are in memory where there is room: a database is some 300 files, and a disk's
file system takes ten times as long to make them.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from pytest_socket import disable_socket, enable_socket

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate

_numbers = itertools.count(1)

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder in it that is closed to others
_MEMORY_BYTES = 4 << 30  # several times what a whole run leaves there until its end


def pytest_configure() -> None:
    """Let `tmp_path` be in memory, unless another place is named (the workers inherit it), and
    collect no garbage while the tests are collected, which hardly makes any."""
    if _has_room(_MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
    gc.disable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come first: a worker that runs out of tests takes the last ones of another, so
    that each such module is left to one worker, with the service and the browser that it begins.

    Before them each worker has its share of the documents that are played command by command: one
    takes minutes, and the last one would keep a single worker busy while the others have done."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    played = [each for each in items if _plays_a_document(each)]
    rest = [each for each in items if not _plays_a_document(each)]
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    of_one = len(rest) // workers + 1
    items[:] = [
        item
        for n in range(workers)
        for item in (*played[n::workers], *rest[n * of_one : (n + 1) * of_one])
    ]


def _plays_a_document(item: pytest.Item) -> bool:
    return item.path.name == "test_docs.py" and item.get_closest_marker("engines") is not None


def pytest_collection_finish() -> None:
    """From here on the garbage collector looks at what tests make, and not each time at the
    modules and the thousands of tests that stay to the end."""
    gc.freeze()
    gc.enable()


def _has_room(place: Path) -> bool:
    """Whether the tests may write there as on a disk, and run programs from there."""
    try:
        found = os.statvfs(place)
    except OSError:
        return False
    is_open = os.access(place, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return is_open and found.f_bavail * found.f_frsize >= _MEMORY_BYTES


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """No network in a test that does not say it needs engines; unix sockets are for asyncio."""
    if request.node.get_closest_marker("engines") is not None:
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A new data folder. Those above it are closed to other users: pytest makes its own 0700."""
    return DataFolder.open(tmp_path / "data")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for the whole run, without guarantees against a crash of the machine."""
    folder = DataFolder.open(tmp_path_factory.mktemp("postgres"))
    with folder.hold("tests"), start_engines(folder, temporal="none", durable=False) as engines:
        yield engines.database_url


@pytest.fixture(scope="session")
def template_database_url(postgres_url: str) -> Iterator[str]:
    """A database with every migration applied, to be copied; nobody may stay connected to it."""
    with _database(postgres_url, "template0") as url:
        migrate(url)
        yield url


@pytest.fixture
def database_url(template_database_url: str) -> Iterator[str]:
    """A database of this test's own, with the whole schema and no rows."""
    with _database(template_database_url, _name(template_database_url)) as url:
        yield url


@pytest.fixture(scope="session")
def new_database(
    template_database_url: str,
) -> Callable[[], contextlib.AbstractContextManager[str]]:
    """Makes a database with the whole schema and no rows, and takes it away again."""
    return lambda: _database(template_database_url, _name(template_database_url))


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database of this test's own with nothing in it."""
    with _database(postgres_url, "template0") as url:
        yield url


@contextlib.contextmanager
def _database(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    admin_url = _with_name(server_url, "postgres")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            # Not through the log of changes, which the tests' server would only write and forget.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield _with_name(server_url, name)
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            # FORCE: a test that failed may have left a connection open.
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _with_name(url: str, name: str) -> str:
    # Not urlunsplit: it takes the empty host for none and drops the two slashes.
    head, _, rest = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{rest}"
