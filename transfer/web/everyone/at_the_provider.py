"""Signing in at an outside provider: /sign-in/provider leads there, /sign-in/return comes back.

What binds the way back to the browser that set out is made from its session's id, so that nothing
is kept for somebody who never comes back.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import NotIdentified
from transfer.access.outside import Attempt, CodeFlow
from transfer.access.sessions import Session
from transfer.api.http_service import open_to_all
from transfer.settings import RETURN
from transfer.web.everyone.sign_in import (
    AT_THE_PROVIDER,
    HOME,
    SIGNED_OUT,
    ask,
    begin,
    own_page,
    require_safe,
)
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sessions import Sessions

_OUT_OF_DATE = "This sign-in is out of date: begin again"
_BEGIN_AGAIN = "The identity provider has not signed you in: begin again"


def routes(pages: Pages, flow: CodeFlow) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[Depends(open_to_all)],
        include_in_schema=False,
    )
    sessions = pages.sessions

    def refuse(request: Request, told: str, wanted: str = HOME) -> Response:
        return ask(pages, flow, request, wanted, told, 401, about="provider")

    @router.get(AT_THE_PROVIDER)
    def leave(request: Request, wanted: Annotated[str, Query(alias="next")] = HOME) -> Response:
        require_safe(request)
        known = pages.session(request)
        session = known or sessions.begin()
        attempt = _attempt(sessions, session, secrets.token_urlsafe(16), own_page(wanted))
        response = redirect(flow.begins_at(attempt))
        if known is None:
            sessions.write(response, session, request, pages.service.clock())
        return response

    @router.get(RETURN)
    def come_back(
        request: Request, state: str = "", code: str = "", iss: str | None = None
    ) -> Response:
        require_safe(request)
        session = pages.session(request)
        began = None if session is None else _began(sessions, session, state)
        if began is None:
            return refuse(request, _OUT_OF_DATE)
        attempt, wanted = began
        if not code or iss not in (None, flow.issuer):
            return refuse(request, _BEGIN_AGAIN, wanted)
        try:
            caller = flow.ends_with(code, attempt)
        except NotIdentified as refused:
            return refuse(request, refused.reason[:1].upper() + refused.reason[1:], wanted)
        return begin(pages, request, caller, wanted)

    @router.get(SIGNED_OUT)
    def signed_out(request: Request) -> Response:
        pages.session(request)
        content = {"there": flow.sign_out_at()}
        return pages.draw(request, "transfer/everyone/signed_out.html", content)

    return router


def _attempt(sessions: Sessions, session: Session, name: str, wanted: str) -> Attempt:
    """The attempt of that name in a session, to get to that page."""
    begins = f"{name}.{urlsafe_b64encode(wanted.encode()).decode()}"
    return Attempt(
        state=f"{begins}.{sessions.seal(session, f'state {begins}')}",
        nonce=sessions.seal(session, f"nonce {begins}"),
        verifier=sessions.seal(session, f"verifier {begins}"),
    )


def _began(sessions: Sessions, session: Session, state: str) -> tuple[Attempt, str] | None:
    """The attempt that a state is of, and the page that was wanted; `None` for one not ours."""
    name, _, rest = state.partition(".")
    try:
        wanted = urlsafe_b64decode(rest.partition(".")[0]).decode()
    except ValueError:
        return None
    attempt = _attempt(sessions, session, name, wanted)
    if not hmac.compare_digest(attempt.state.encode(), state.encode()):
        return None
    return attempt, wanted
