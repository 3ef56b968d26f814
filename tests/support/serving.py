"""A service's API on a real database, without sockets: `api` asks it, `service` is behind it.

`shared` is one API for a whole module, for the many questions that are refused and leave nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from copy import copy

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Client
from tests.support.describing import described
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.application import create_app
from transfer.api.http_service import HttpService
from transfer.app import Record, embedded_identity, http_service_of, open_record
from transfer.settings import Settings
from transfer.web.application import add_pages

_idle: dict[tuple[str | None, bytes | None], list[tuple[HttpService, FastAPI]]] = {}


@pytest.fixture
def record(database_url: str, folder: DataFolder) -> Iterator[Record]:
    """A record whose projections are kept up in a thread."""
    with _record(database_url, folder) as opened:
        yield opened


@pytest.fixture
def settings(folder: DataFolder) -> Settings:
    """What a service in this folder would be set to."""
    return Settings(data=folder.path)


@pytest.fixture
def service(record: Record, folder: DataFolder, settings: Settings) -> HttpService:
    """The service behind the API."""
    return http_service_of(record, embedded_identity(folder, settings), settings)


@pytest.fixture
def api(service: HttpService) -> Iterator[Api]:
    """The API of one empty record."""
    with asking(service) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(
    new_database: Callable[[], contextlib.AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """The API of a record that has S1 in it, registered and changed once; leave it so."""
    folder = DataFolder.open(tmp_path_factory.mktemp("shared") / "data")
    settings = Settings(data=folder.path)
    with (
        new_database() as url,
        _record(url, folder) as record,
        asking(http_service_of(record, embedded_identity(folder, settings), settings)) as api,
    ):
        api.register("S1")
        api.change("S1", start="2014-03-01", band="5")
        yield api


@contextlib.contextmanager
def asking(service: HttpService) -> Iterator[Api]:
    """The API of a service with the embedded identity."""
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    with start_blocking_portal() as portal, application(service) as app:
        client = Client(portal, app)
        yield Api(client, identity, identity.issue("the administrator", Role.ADMIN, 600))


@contextlib.contextmanager
def application(service: HttpService, *, pages: bytes | None = None) -> Iterator[FastAPI]:
    """The application of a service, with its pages where their secret is given: one that is idle,
    or a new one.

    To make the routes takes longer than most tests. They are the same for every record, but for
    the edition that it rehearses, and ask the service that they were made for; so that one is made
    to be this one.
    """
    rehearsed = None if service.rehearsal is None else service.rehearsal.edition
    kind = (rehearsed, pages)
    if kind not in _idle:
        _idle[kind] = [described()] if kind == (None, None) else []
    idle = _idle[kind]
    if idle:
        asked, app = idle.pop()
    else:
        asked = copy(service)
        app = create_app(asked)
        if pages is not None:
            add_pages(app, asked, pages)
    asked.__dict__ = vars(service)
    yield app
    idle.append((asked, app))


@contextlib.contextmanager
def _record(database_url: str, folder: DataFolder) -> Iterator[Record]:
    with open_record(database_url, folder) as opened:
        opened.runner.start()
        try:
            yield opened
        finally:
            opened.runner.stop()
