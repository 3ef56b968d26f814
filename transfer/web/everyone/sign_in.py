"""/sign-in and /sign-out: a token from `transfer token` becomes a session, until it expires."""

import re
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import NotIdentified
from transfer.api.http.problems import NOT_ALLOWED, TOO_LARGE, Problem
from transfer.api.http_service import open_to_all
from transfer.core.refusals import Malformed
from transfer.web.frame.pages import SIGN_IN, Pages, redirect
from transfer.web.frame.sessions import is_safe

SIGN_OUT = "/sign-out"

_LONGEST_FORM = 16_384
_MOST_FIELDS = 8
_LONGEST_TOKEN = 8_192

# Only pages of ours: whoever sends somebody a link must not choose where it ends.
_OWN_PAGE = re.compile(
    r"/(?!v1/|sign-|assets/)(?:[A-Za-z0-9%._-]+(?:/[A-Za-z0-9%._-]+)*)?(?:\?[\x21-\x5b\x5d-\x7e]*)?"
)
_HOME = "/"
_PAGE = "transfer/everyone/sign_in.html"


async def own_form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent. Raises `Malformed` and `Problem` (413)."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            raise Problem(TOO_LARGE, "The form holds more than any of ours.")
    try:
        found = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Malformed("not a form of this service", field="form") from None
    return dict(found)


def require_safe(request: Request) -> None:
    """Refuse to sign anybody in where others could read the cookie. Raises `Problem` (403)."""
    if not is_safe(request):
        raise Problem(
            NOT_ALLOWED,
            "Nobody can sign in at an address that begins with http://, other than on the machine "
            "that the service runs on: others could read what you send. Use an https address.",
        )


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[Depends(open_to_all)],
        include_in_schema=False,
    )
    service, sessions = pages.service, pages.sessions

    def refuse_foreign(request: Request, fields: dict[str, str]) -> None:
        """Refuse a form that another site, or an earlier session, has made."""
        require_safe(request)
        session = pages.session(request)
        site = request.headers.get("sec-fetch-site", "same-origin")
        token = fields.get("form_token", "")
        own = session is not None and sessions.is_own_form(session, token)
        if site not in ("same-origin", "none") or not own:
            raise Problem(
                NOT_ALLOWED, "This form is out of date: go back, reload it, send it anew."
            )

    @router.get(SIGN_IN)
    def ask_for_token(
        request: Request, wanted: Annotated[str, Query(alias="next")] = _HOME
    ) -> Response:
        require_safe(request)
        session = pages.session(request)
        if session is not None and session.caller is not None:
            return redirect(_own(wanted))
        return pages.draw(request, _PAGE, {"next": _own(wanted), "error": None})

    @router.post(SIGN_IN)
    def sign_in(request: Request, fields: Annotated[dict[str, str], Depends(own_form)]) -> Response:
        refuse_foreign(request, fields)
        wanted = _own(fields.get("next", _HOME))
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
            return pages.draw(request, _PAGE, {"next": wanted, "error": told}, status)
        now = service.clock()
        response = redirect(wanted)
        sessions.write(response, sessions.sign_in(request, caller, now), request, now)
        return response

    @router.post(SIGN_OUT)
    def sign_out(
        request: Request, fields: Annotated[dict[str, str], Depends(own_form)]
    ) -> Response:
        refuse_foreign(request, fields)
        return pages.sign_out(request)

    return router


def _own(wanted: str) -> str:
    return wanted if _OWN_PAGE.fullmatch(wanted) else _HOME
