"""A practised record of November 2013 behind pages, and browsers on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from anyio.from_thread import start_blocking_portal

from deploy.data_folder import DataFolder
from tests.support.asking import Client
from tests.support.practised import Practised, practising
from tests.support.serving import application
from tests.web.visiting import Visitor
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.app import Record

SECRET = bytes(range(32))


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        yield opened


@pytest.fixture
def window(played: Practised) -> Iterator[Callable[[], Visitor]]:
    """Makes browsers on that record."""
    identity = played.service.identity
    assert isinstance(identity, EmbeddedIdentity)
    with start_blocking_portal() as portal, application(played.service, pages=SECRET) as app:
        client = Client(portal, app)
        yield lambda: Visitor(client, identity)


@pytest.fixture
def hr(window: Callable[[], Visitor]) -> Visitor:
    """An administrator's browser."""
    return window().sign_in()


@pytest.fixture
def member(window: Callable[[], Visitor]) -> Visitor:
    """The browser of the member of staff S1."""
    return window().sign_in(Role.STAFF, "S1")
