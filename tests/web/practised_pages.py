"""A practised record of November 2013 behind pages, and an administrator's browser on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from anyio.from_thread import start_blocking_portal

from deploy.data_folder import DataFolder
from tests.support.asking import Client
from tests.support.practised import Practised, practising
from tests.web.visiting import Visitor, text_of
from transfer.access.identity import EmbeddedIdentity
from transfer.api.application import create_app
from transfer.app import Record
from transfer.web.application import add_pages

SECRET = bytes(range(32))


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        yield opened


@pytest.fixture
def hr(played: Practised) -> Iterator[Visitor]:
    """An administrator's browser on that record."""
    app = create_app(played.service)
    add_pages(app, played.service, SECRET)
    identity = played.service.identity
    assert isinstance(identity, EmbeddedIdentity)
    with start_blocking_portal() as portal:
        yield Visitor(Client(portal, app), identity).sign_in()


def shown(visitor: Visitor, address: str, status: int = 200) -> str:
    """What can be read at an address."""
    answer = visitor.get(address)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


__all__ = ["hr", "played", "shown"]
