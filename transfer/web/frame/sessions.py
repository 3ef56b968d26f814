"""The cookie by which a browser is known again, and the forms that belong to it.

The cookie holds an id by chance and nothing else; what it stands for is in the record's database
(`transfer.access.sessions`). Before anybody has signed in there is an id too, which stands for
nothing: the sign-in form needs one. Signing in gives the browser a new one.

Over https its name begins with `__Host-`, so that a browser takes it from this host alone, over
https alone. Over plain http that cannot be: there it has a plain name, and is given to browsers on
this machine alone. The cookie is HttpOnly, and SameSite=Lax, so that a link in a notice, or the way
back from an identity provider, finds somebody signed in. A form that writes carries a token made
from the session's id, and is refused with any other.

Beside it, for a minute after something was recorded, a second cookie holds the instant of that, so
that the next page has it by whichever process it is drawn. It says nothing of who or what.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from transfer.access.addresses import is_this_machine
from transfer.access.identity import Caller
from transfer.access.sessions import LASTS, Session, SessionStore, new_id

COOKIE: Final = "__Host-transfer_session"
PLAIN_COOKIE: Final = "transfer_session"
SEEN_COOKIE: Final = "__Host-transfer_seen"
PLAIN_SEEN_COOKIE: Final = "transfer_seen"

_SEEN_SECONDS: Final = 60

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_PURPOSE = b"transfer.web.forms"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Reads and writes the cookies of one service."""

    store: SessionStore
    secret: bytes

    def find(self, request: Request, now: datetime) -> Session | None:
        """The session of a request that is valid now; asks the database.

        `None` where the browser has no id yet. Where its session has ended, or never began, nobody
        is signed in.
        """
        nobody = self.unchecked(request)
        return nobody and (self.store.find(nobody.id, now) or nobody)

    def unchecked(self, request: Request) -> Session | None:
        """The browser's id, without asking the database who is signed in."""
        cookie = request.cookies.get(_name(request), "")
        return Session(cookie) if _ID.fullmatch(cookie) else None

    def begin(self) -> Session:
        """A session in which nobody has signed in."""
        return Session(new_id())

    def sign_in(self, request: Request, caller: Caller, now: datetime) -> Session:
        """A session under a new id for somebody who was identified; the one before it ends."""
        before = self.unchecked(request)
        if before is not None:
            self.store.end(before.id, now)
        return self.store.begin(caller, now)

    def sign_out(self, session: Session, now: datetime) -> None:
        """End a session here; `forget` ends it in the browser."""
        self.store.end(session.id, now)

    def write(self, response: Response, session: Session, request: Request, now: datetime) -> None:
        """Give a browser its session."""
        ends_at = session.ends_at or now + LASTS
        response.set_cookie(
            _name(request),
            session.id,
            max_age=max(0, int((ends_at - now).total_seconds())),
            path="/",
            secure=not _is_plain(request),
            httponly=True,
            samesite="lax",
        )

    def seen(self, request: Request) -> str | None:
        """What a browser was told that its user has seen last, as it came."""
        return request.cookies.get(_name_of_seen(request))

    def write_seen(self, response: Response, sealed: str, request: Request) -> None:
        """Tell a browser what its user has seen last (`transfer.access.last_seen`).

        For a minute: the read models of every process have it long before.
        """
        response.set_cookie(
            _name_of_seen(request),
            sealed,
            max_age=_SEEN_SECONDS,
            path="/",
            secure=not _is_plain(request),
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response, request: Request) -> None:
        """Take a browser's session away."""
        secure = not _is_plain(request)
        response.delete_cookie(
            _name(request), path="/", secure=secure, httponly=True, samesite="lax"
        )

    def form_token(self, session: Session) -> str:
        """What a form of this session that writes has to carry."""
        return self.seal(session, "form")

    def seal(self, session: Session, text: str) -> str:
        """64 digits that nobody can make up who has not both this session's id and our key."""
        # A separate key: what is signed here must not pass for anything else.
        key = hmac.digest(self.secret, _PURPOSE, "sha256")
        return hmac.new(key, f"{session.id} {text}".encode(), sha256).hexdigest()

    def is_own_form(self, session: Session, token: str) -> bool:
        """Whether a form was made for this session."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())


def is_from_here(request: Request) -> bool:
    """Whether a request comes from this machine itself, past no proxy that says otherwise."""
    return request.client is not None and is_this_machine(request.client.host)


def is_safe(request: Request) -> bool:
    """Whether a cookie can be given: over https, or to a browser on this machine."""
    return request.url.scheme == "https" or is_from_here(request)


def _is_plain(request: Request) -> bool:
    return request.url.scheme != "https" and is_from_here(request)


def _name(request: Request) -> str:
    return PLAIN_COOKIE if _is_plain(request) else COOKIE


def _name_of_seen(request: Request) -> str:
    return PLAIN_SEEN_COOKIE if _is_plain(request) else SEEN_COOKIE
