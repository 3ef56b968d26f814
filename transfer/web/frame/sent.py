"""What a form sent: its fields, and that a page of the same session made it."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from fastapi import Request

from transfer.api.http.problems import NOT_ALLOWED, TOO_LARGE, Problem
from transfer.core.refusals import Malformed
from transfer.web.frame.pages import Pages

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field


def fields_sent(
    most_bytes: int, most_fields: int
) -> Callable[[Request], Awaitable[dict[str, str]]]:
    """The dependency that reads a form with no more bytes and fields than that.

    It raises `Malformed` for what is no form of ours, and `Problem` (413) for a larger one.
    """

    async def read(request: Request) -> dict[str, str]:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > most_bytes:
                raise Problem(TOO_LARGE, "The form holds more than any of ours.")
        try:
            found = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, max_num_fields=most_fields
            )
        except ValueError:
            raise Malformed("not a form of this service", field="form") from None
        return dict(found)

    return read


def require_own_form(pages: Pages, request: Request, fields: dict[str, str]) -> None:
    """Refuse a form that another site, or an earlier session, has made. Raises `Problem` (403)."""
    session = pages.session(request)
    site = request.headers.get("sec-fetch-site", "same-origin")
    token = fields.get(FORM_TOKEN, "")
    own = session is not None and pages.sessions.is_own_form(session, token)
    if site not in ("same-origin", "none") or not own:
        raise Problem(NOT_ALLOWED, "This form is out of date: go back, reload it, send it anew.")
