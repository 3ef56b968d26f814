"""Sessions: who is signed in, for how long, and that nobody can make one up."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from starlette.requests import Request
from starlette.responses import Response

from transfer.access.identity import Caller, Limits, Role
from transfer.web.frame.sessions import COOKIE, LASTS, Session, Sessions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALLER = Caller(
    "a-subject",
    frozenset({Role.STAFF}),
    NOW + timedelta(minutes=10),
    claimed_number="S10442",
    body="Union A",
    limits=Limits(frozenset({"A", "Å"}), frozenset({"North East"})),
)


def request(cookie: str = "", scheme: str = "http") -> Request:
    """A request with that cookie."""
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
    scope = {"type": "http", "scheme": scheme, "path": "/", "headers": headers}
    return Request({**scope, "server": ("test", 80), "query_string": b"", "method": "GET"})


def written(sessions: Sessions, session: Session, scheme: str = "http") -> str:
    """The header that gives a browser its session."""
    response = Response()
    sessions.write(response, session, request(scheme=scheme), NOW)
    return response.headers["set-cookie"]


def cookie_of(header: str) -> str:
    """What the browser sends back."""
    return SimpleCookie(header)[COOKIE].coded_value


@pytest.fixture
def sessions() -> Sessions:
    """Those of one service."""
    return Sessions(bytes(32))


def test_who_signed_in_is_known_again(sessions: Sessions) -> None:
    session = sessions.sign_in(CALLER, NOW)
    again = sessions.read(request(cookie_of(written(sessions, session))), NOW)
    assert again == session
    assert again.caller == CALLER


def test_a_session_ends_with_the_token(sessions: Sessions) -> None:
    cookie = cookie_of(written(sessions, sessions.sign_in(CALLER, NOW)))
    assert sessions.read(request(cookie), NOW + timedelta(minutes=9, seconds=59)) is not None
    assert sessions.read(request(cookie), NOW + timedelta(minutes=10)) is None
    assert "Max-Age=600" in written(sessions, sessions.sign_in(CALLER, NOW))


def test_a_session_of_nobody_ends_too(sessions: Sessions) -> None:
    cookie = cookie_of(written(sessions, sessions.begin(NOW)))
    assert sessions.read(request(cookie), NOW + LASTS) is None


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(sessions: Sessions) -> None:
    header = written(sessions, sessions.begin(NOW))
    assert "HttpOnly" in header
    assert "SameSite=strict" in header
    assert "Secure" not in header
    assert "Secure" in written(sessions, sessions.begin(NOW), scheme="https")


@pytest.mark.parametrize("spoil", ["flip", "cut", "foreign", "empty", "long", "unsigned"])
def test_a_cookie_that_we_did_not_write_is_nobodys(sessions: Sessions, spoil: str) -> None:
    good = cookie_of(written(sessions, sessions.sign_in(CALLER, NOW))).strip('"')
    other = Sessions(bytes([1] * 32))
    spoiled = {
        "flip": ("A" if good[0] != "A" else "B") + good[1:],
        "cut": good[:-1],
        "foreign": cookie_of(written(other, other.sign_in(CALLER, NOW))),
        "empty": ".",
        "long": good + "0" * 5000,
        "unsigned": good.partition(".")[0],
    }
    assert sessions.read(request(good), NOW) is not None
    assert sessions.read(request(spoiled[spoil]), NOW) is None


def test_a_form_belongs_to_its_session(sessions: Sessions) -> None:
    session = sessions.begin(NOW)
    token = sessions.form_token(session)
    assert sessions.is_own_form(session, token)
    assert not sessions.is_own_form(sessions.sign_in(CALLER, NOW), token)
    assert not sessions.is_own_form(session, "")
    assert not sessions.is_own_form(session, "ü")


def test_what_signs_a_session_is_not_what_signs_a_token() -> None:
    from transfer.access.identity import EmbeddedIdentity, NotIdentified

    secret = bytes(range(32))
    identity = EmbeddedIdentity(secret, lambda: NOW)
    token = identity.issue("S1", Role.ADMIN, 60)
    sessions = Sessions(secret)
    assert sessions.read(request(token), NOW) is None
    cookie = cookie_of(written(sessions, sessions.sign_in(CALLER, NOW))).strip('"')
    with pytest.raises(NotIdentified):
        identity.identify(cookie)
