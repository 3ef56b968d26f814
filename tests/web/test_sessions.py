"""The cookie of a session, and the forms that belong to it."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import psycopg
import pytest
from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from transfer.access.sessions import Session, SessionStore
from transfer.web.frame.sessions import COOKIE, PLAIN_COOKIE, Sessions, is_safe

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def no_database() -> AbstractContextManager[psycopg.Connection[DictRow]]:
    """What is asked here needs none."""
    raise AssertionError


def request(cookie: str = "", scheme: str = "http", client: str | None = "127.0.0.1") -> Request:
    """A request with these cookies from there."""
    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "scheme": scheme, "path": "/", "headers": headers}
    rest = {"server": ("test", 80), "query_string": b"", "method": "GET"}
    return Request({**scope, **rest, "client": client and (client, 50_000)})


def written(sessions: Sessions, session: Session, asked: Request) -> str:
    """The header that gives a browser its session."""
    response = Response()
    sessions.write(response, session, asked, NOW)
    return response.headers["set-cookie"]


@pytest.fixture
def sessions() -> Sessions:
    """Those of one service."""
    return Sessions(SessionStore(no_database, bytes(32)), bytes(32))


@pytest.mark.parametrize(
    ("scheme", "client", "name", "secure"),
    [
        ("http", "127.0.0.1", PLAIN_COOKIE, False),
        ("http", "::1", PLAIN_COOKIE, False),
        ("http", "192.0.2.7", COOKIE, True),
        ("http", None, COOKIE, True),
        ("http", "testclient", COOKIE, True),
        ("https", "127.0.0.1", COOKIE, True),
        ("https", "192.0.2.7", COOKIE, True),
    ],
)
def test_the_cookie_belongs_to_this_host_and_https_but_for_plain_http_on_this_machine(
    sessions: Sessions, scheme: str, client: str | None, name: str, secure: bool
) -> None:
    session, asked = sessions.begin(), request(scheme=scheme, client=client)
    header = written(sessions, session, asked)
    assert header.startswith(f"{name}={session.id};")
    assert ("Secure" in header) is secure
    assert "HttpOnly" in header
    assert "SameSite=lax" in header
    assert "Path=/;" in header
    assert "Domain" not in header
    assert is_safe(asked) is (scheme == "https" or not secure)
    # The other name says nothing here.
    told = SimpleCookie(header)[name].coded_value
    for each in (COOKIE, PLAIN_COOKIE):
        found = sessions.unchecked(request(f"{each}={told}", scheme, client))
        assert found == (session if each == name else None)


def test_a_browser_keeps_its_cookie_until_the_session_ends(sessions: Sessions) -> None:
    session = Session("x", None, NOW, NOW + timedelta(minutes=10))
    assert "Max-Age=600" in written(sessions, session, request())


@pytest.mark.parametrize("spoil", ["cut", "long", "foreign", "empty"])
def test_a_cookie_that_cannot_be_one_of_ours_is_passed_over(sessions: Sessions, spoil: str) -> None:
    good = sessions.begin().id
    spoiled = {"cut": good[:-1], "long": good + "A", "foreign": "." + good[1:], "empty": ""}
    assert sessions.unchecked(request(f"{PLAIN_COOKIE}={good}")) == Session(good)
    assert sessions.unchecked(request(f"{PLAIN_COOKIE}={spoiled[spoil]}")) is None
    assert sessions.find(request(f"{PLAIN_COOKIE}={spoiled[spoil]}"), NOW) is None


def test_a_form_belongs_to_its_session(sessions: Sessions) -> None:
    session = sessions.begin()
    token = sessions.form_token(session)
    assert sessions.is_own_form(session, token)
    assert not sessions.is_own_form(sessions.begin(), token)
    assert not sessions.is_own_form(session, "")
    assert not sessions.is_own_form(session, "ü")
    assert Sessions(sessions.store, bytes([1] * 32)).form_token(session) != token
