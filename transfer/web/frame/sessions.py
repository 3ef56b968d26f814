"""Who is signed in: a cookie that says so, signed with a key of the data folder.

A session holds what the token said (subject, roles, when it expires) and never the token itself,
and a nonce by which forms are recognised. Before anybody has signed in there is a session too,
which says nothing but its nonce: the sign-in form needs one.

Signing out ends the session here as well as in the browser: `EndedSessions` keeps which ones have
ended in the record's database until they would have expired.

The cookie is HttpOnly and SameSite=Strict; over https it is Secure. A form that writes carries a
token made from the session's nonce, and is refused with any other.
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from transfer.access.identity import Caller, Limits, Role

COOKIE = "transfer_session"
LASTS = timedelta(hours=12)
"""How long a session lasts that no token limits."""

_LONGEST_COOKIE = 4_000
_PURPOSE = b"transfer.web.session"
_END = """
WITH of_no_more_use AS (DELETE FROM ended_sessions WHERE expires_at < %(now)s)
INSERT INTO ended_sessions (nonce, expires_at) VALUES (%(nonce)s, %(expires_at)s)
ON CONFLICT (nonce) DO NOTHING
"""
_HAS_ENDED = "SELECT FROM ended_sessions WHERE nonce = %s"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's session; `caller` is `None` while nobody has signed in."""

    nonce: str
    caller: Caller | None
    expires_at: datetime


class Sessions:
    """Reads and writes the cookies of one service; all of them end when its key changes."""

    def __init__(self, secret: bytes) -> None:
        # A key of its own: what is signed here must not pass for a token, nor the other way round.
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def begin(self, now: datetime) -> Session:
        """A session in which nobody has signed in."""
        return Session(secrets.token_urlsafe(16), None, now + LASTS)

    def sign_in(self, caller: Caller, now: datetime) -> Session:
        """A new session for whoever has shown a token, as long as that is valid."""
        expires_at = caller.expires_at or now + LASTS
        return Session(secrets.token_urlsafe(16), caller, expires_at)

    def read(self, request: Request, now: datetime) -> Session | None:
        """The session of a request; `None` if it has none that is valid now."""
        cookie = request.cookies.get(COOKIE, "")
        body, _, signature = cookie.partition(".")
        if len(cookie) > _LONGEST_COOKIE or not self._is_signed(body, signature):
            return None
        told = json.loads(urlsafe_b64decode(body))
        session = Session(
            told["nonce"],
            None
            if told["subject"] is None
            else Caller(
                told["subject"],
                frozenset(map(Role, told["roles"])),
                # A session that began before these were claimed has none of them.
                claimed_number=told.get("number"),
                body=told.get("body"),
                limits=Limits(
                    frozenset(told.get("employers", ())), frozenset(told.get("units", ()))
                ),
            ),
            datetime.fromtimestamp(told["expires"], UTC),
        )
        return session if now < session.expires_at else None

    def write(self, response: Response, session: Session, request: Request, now: datetime) -> None:
        """Give a browser its session."""
        caller = session.caller
        told = {
            "nonce": session.nonce,
            "subject": caller.subject if caller else None,
            "number": caller.claimed_number if caller else None,
            "roles": sorted(caller.roles) if caller else [],
            "body": caller.body if caller else None,
            "employers": sorted(caller.limits.employers) if caller else [],
            "units": sorted(caller.limits.units) if caller else [],
            "expires": session.expires_at.timestamp(),
        }
        body = urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode()
        response.set_cookie(
            COOKIE,
            f"{body}.{self._sign(body)}",
            max_age=max(0, int((session.expires_at - now).total_seconds())),
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )

    def forget(self, response: Response, request: Request) -> None:
        """Take a browser's session away."""
        secure = request.url.scheme == "https"
        response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")

    def form_token(self, session: Session) -> str:
        """What a form of this session that writes has to carry."""
        return self._sign(f"form {session.nonce}")

    def is_own_form(self, session: Session, token: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()

    def _is_signed(self, body: str, signature: str) -> bool:
        return hmac.compare_digest(self._sign(body).encode(), signature.encode())


class EndedSessions:
    """The sessions that somebody has signed out of, as every service on the record sees them."""

    def __init__(
        self, connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]]
    ) -> None:
        self._connect = connect

    def end(self, session: Session, now: datetime) -> None:
        """Let a session not be accepted any more, wherever its cookie was copied to."""
        given = {"nonce": session.nonce, "expires_at": session.expires_at, "now": now}
        with self._connect() as connection:
            connection.execute(_END, given)

    def has_ended(self, session: Session) -> bool:
        """Whether somebody has signed out of a session."""
        with self._connect() as connection:
            return connection.execute(_HAS_ENDED, (session.nonce,)).fetchone() is not None
