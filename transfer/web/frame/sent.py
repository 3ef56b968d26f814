"""What a form sent: its fields, its file, and that a page of the same session made it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.concurrency import run_in_threadpool

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
        body = await _body_of(request, most_bytes, "The form holds more than any of ours.")
        try:
            found = parse_qsl(
                body.decode("ascii"), keep_blank_values=True, max_num_fields=most_fields
            )
        except ValueError:
            raise Malformed("not a form of this service", field="form") from None
        return dict(found)

    return read


@dataclass(frozen=True, slots=True)
class FileSent:
    """A form with one file: its fields; the file's name in the browser, and what is in it."""

    fields: dict[str, str]
    name: str
    content: bytes


def file_sent(
    field: str, most_bytes: int, most_fields: int
) -> Callable[[Request], Awaitable[FileSent]]:
    """The dependency that reads a form of several parts, the file in the field of that name.

    What is sent is held in memory and stored nowhere. It raises `Malformed` for what is no form of
    ours, and `Problem` (413) where it has more bytes than that.
    """

    async def read(request: Request) -> FileSent:
        too_large = f"A file sent here has at most {most_bytes // 2**20} MB."
        body = await _body_of(request, most_bytes, too_large)
        head = request.headers.get("content-type", "").encode("latin-1")
        # Reading a large file takes a second: not in the loop that answers everybody.
        return await run_in_threadpool(_parts_of, head, body, field, most_fields)

    return read


def _parts_of(head: bytes, body: bytes, field: str, most_fields: int) -> FileSent:
    sent = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + head + b"\r\n\r\n" + body)
    parts = list(sent.iter_parts()) if sent.get_content_type() == "multipart/form-data" else []
    if not 0 < len(parts) <= most_fields or sent.defects:
        raise Malformed("not a form of this service", field="form")
    fields: dict[str, str] = {}
    name, content = "", b""
    for part in parts:
        held = part.get_payload(decode=True)
        called = part.get_param("name", header="content-disposition")
        if not isinstance(held, bytes) or not isinstance(called, str):
            raise Malformed("not a form of this service", field="form")
        if called == field:
            name, content = part.get_filename("") or "", held
        else:
            fields[called] = held.decode(errors="replace")
    return FileSent(fields, name, content)


async def _body_of(request: Request, most_bytes: int, too_large: str) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most_bytes:
            raise Problem(TOO_LARGE, too_large)
    return bytes(body)


def require_own_form(pages: Pages, request: Request, fields: dict[str, str]) -> None:
    """Refuse a form that another site, or an earlier session, has made. Raises `Problem` (403)."""
    session = pages.session(request)
    site = request.headers.get("sec-fetch-site", "same-origin")
    token = fields.get(FORM_TOKEN, "")
    own = session is not None and pages.sessions.is_own_form(session, token)
    if site not in ("same-origin", "none") or not own:
        raise Problem(NOT_ALLOWED, "This form is out of date: go back, reload it, send it anew.")
