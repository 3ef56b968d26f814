"""A connection of the server: what is not HTTP is answered with a problem, as all else.

The server hands a request to the application once it has read its head. What has no head that can
be read never gets there, so it is answered here.
"""

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from transfer.api.http.middleware import headers_of_every_answer
from transfer.api.http.problems import NOT_HTTP, Problem, response_of


def refusal_of(app: object, msg: str) -> tuple[Response, list[tuple[bytes, bytes]]]:
    """The answer to what is no HTTP, and all of its headers; the connection is closed with it."""
    # The application says whether its record is a rehearsal's; see `problems.install`.
    state = getattr(app, "state", None)
    rehearsed: str | None = getattr(state, "rehearsed", None)
    answer = response_of(Problem(NOT_HTTP, msg), rehearsed=rehearsed)
    headers = [
        *answer.raw_headers,
        *headers_of_every_answer(rehearsed),
        (b"connection", b"close"),
    ]
    return answer, headers


class Connection(H11Protocol):
    """uvicorn's connection, whose own refusals are `application/problem+json` too."""

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as HTTP, and close the connection."""
        answer, headers = refusal_of(self.config.app, msg)
        parts: tuple[h11.Event, ...] = (
            h11.Response(status_code=answer.status_code, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        )
        try:
            for part in parts:
                self.transport.write(self.conn.send(part) or b"")
        except h11.LocalProtocolError:
            # An answer has begun before the rest of the request turned out to be no HTTP.
            pass
        self.transport.close()
