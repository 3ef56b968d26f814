"""/sign-in and /sign-out: a token becomes a session; in a demonstration a click does.

Where an outside provider is configured for it, people sign in there (`at_the_provider`).
"""

import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, NotIdentified
from transfer.access.outside import CodeFlow
from transfer.api.http.problems import NOT_ALLOWED, Problem
from transfer.api.http_service import open_to_all
from transfer.core.refusals import Malformed
from transfer.web.everyone import demonstration
from transfer.web.frame.pages import SIGN_IN, Pages, redirect
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.frame.sessions import is_safe

SIGN_OUT = "/sign-out"
SIGN_IN_AS = f"{SIGN_IN}/as"
AT_THE_PROVIDER = f"{SIGN_IN}/provider"
SIGNED_OUT = "/signed-out"
HOME = "/"

_LONGEST_FORM = 16_384
_MOST_FIELDS = 8
_LONGEST_TOKEN = 8_192

# Only pages of ours: whoever sends somebody a link must not choose where it ends.
_OWN_PAGE = re.compile(
    r"/(?!v1/|sign-|signed-|assets/)(?:[A-Za-z0-9%._-]+(?:/[A-Za-z0-9%._-]+)*)?(?:\?[\x21-\x5b\x5d-\x7e]*)?"
)
_PAGE = "transfer/everyone/sign_in.html"


def require_safe(request: Request) -> None:
    """Refuse to sign anybody in where others could read the cookie. Raises `Problem` (403)."""
    if not is_safe(request):
        raise Problem(
            NOT_ALLOWED,
            "Nobody can sign in at an address that begins with http://, other than on the machine "
            "that the service runs on: others could read what you send. Use an https address.",
        )


def ask(
    pages: Pages,
    flow: CodeFlow | None,
    request: Request,
    wanted: str,
    error: str | None = None,
    status: int = 200,
    *,
    about: str = "token",
) -> Response:
    """The sign-in page; `error` is about the field or the button of that id."""
    content = {
        "next": wanted,
        "error": error,
        "about": about,
        "parts": demonstration.parts(pages.service, request),
        "provider": None if flow is None else f"{AT_THE_PROVIDER}?{urlencode({'next': wanted})}",
    }
    return pages.draw(request, _PAGE, content, status)


def begin(pages: Pages, request: Request, caller: Caller, wanted: str) -> Response:
    """Sign somebody in, and send them on."""
    now = pages.service.clock()
    response = redirect(wanted)
    sessions = pages.sessions
    sessions.write(response, sessions.sign_in(request, caller, now), request, now)
    return response


def own_page(wanted: str) -> str:
    """The page of ours that was wanted, else the first one."""
    return wanted if _OWN_PAGE.fullmatch(wanted) else HOME


def routes(pages: Pages, flow: CodeFlow | None = None) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[Depends(open_to_all)],
        include_in_schema=False,
    )
    service = pages.service
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    def require_own(request: Request, fields: dict[str, str]) -> None:
        """Refuse a form that others could read, or that another site or session has made."""
        require_safe(request)
        require_own_form(pages, request, fields)

    @router.get(SIGN_IN)
    def ask_for_token(
        request: Request, wanted: Annotated[str, Query(alias="next")] = HOME
    ) -> Response:
        require_safe(request)
        session = pages.session(request)
        if session is not None and session.caller is not None:
            return redirect(own_page(wanted))
        return ask(pages, flow, request, own_page(wanted))

    @router.post(SIGN_IN)
    def sign_in(request: Request, fields: Annotated[dict[str, str], sent]) -> Response:
        require_own(request, fields)
        wanted = own_page(fields.get("next", HOME))
        token = "".join(fields.get("token", "").split())
        try:
            if not token:
                raise NotIdentified("Enter a token")
            if len(token) > _LONGEST_TOKEN or not token.isascii():
                raise NotIdentified("the token is not accepted")
            caller = service.identity.identify(token)
        except NotIdentified as refused:
            told = refused.reason[:1].upper() + refused.reason[1:]
            status = 401 if token else 422
            return ask(pages, flow, request, wanted, told, status)
        return begin(pages, request, caller, wanted)

    @router.post(SIGN_IN_AS)
    def sign_in_as(request: Request, fields: Annotated[dict[str, str], sent]) -> Response:
        require_own(request, fields)
        offered = {each.key: each for each in demonstration.parts(service, request)}
        if not offered:
            raise Problem(NOT_ALLOWED, "This is no demonstration: sign in with a token.")
        part = offered.get(fields.get("part", ""))
        if part is None:
            raise Malformed("choose one of those offered", field="part")
        return begin(pages, request, part.caller, own_page(fields.get("next", HOME)))

    @router.post(SIGN_OUT)
    def sign_out(request: Request, fields: Annotated[dict[str, str], sent]) -> Response:
        require_own(request, fields)
        at_provider = flow is not None and flow.sign_out_at() is not None
        return pages.sign_out(request, SIGNED_OUT if at_provider else SIGN_IN)

    return router
