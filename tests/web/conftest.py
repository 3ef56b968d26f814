"""The pages of a service: `visitor` asks them without sockets; the story of `scene.py` is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from tests.support.asking import Client
from tests.support.serving import (  # noqa: F401 - fixtures of the same service
    application,
    record,
    service,
    settings,
)
from tests.web.practised_pages import SECRET, hr, member, played, window  # noqa: F401 - fixtures of its tests
from tests.web.scene import tell_the_story
from tests.web.visiting import Visitor
from tests.web.windows import browser, page, wide  # noqa: F401 - fixtures of the browser tests
from transfer.access.identity import EmbeddedIdentity
from transfer.api.http_service import HttpService
from transfer.app import Record


@pytest.fixture
def visit_from(service: HttpService) -> Iterator[Callable[[str], Visitor]]:  # noqa: F811 - the fixture above
    """Makes visitors of one service, each in a separate browser, at the address that is given."""
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    with start_blocking_portal() as portal, application(service, pages=SECRET) as app:
        yield lambda address: Visitor(Client(portal, app, address), identity)


@pytest.fixture
def visit(visit_from: Callable[[str], Visitor]) -> Callable[[], Visitor]:
    """Makes visitors of one service, on this machine."""
    return lambda: visit_from("127.0.0.1")


@pytest.fixture
def visitor(visit: Callable[[], Visitor]) -> Visitor:
    """A browser in which nobody has signed in."""
    return visit()


@pytest.fixture
def story(record: Record) -> None:  # noqa: F811 - the fixture above
    """The people of the scene, on record."""
    tell_the_story(record.log)
    record.runner.catch_up()
