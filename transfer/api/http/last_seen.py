"""The header by which a caller is told, and tells, up to when they have seen the record."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transfer.access.last_seen import Exchange, current

SEEN: Final = "Transfer-Seen"
"""Of the answer to a write: the instant of the write, sealed. With a read: wait for that."""

_NAME: Final = SEEN.lower().encode()


class TellsLastSeen:
    """The ASGI application around the API that reads and writes the header.

    `sealed_for` is the instant that an answer gives its caller, sealed, if any.
    """

    def __init__(self, app: ASGIApp, sealed_for: Callable[[Exchange], str | None]) -> None:
        self._app = app
        self._sealed_for = sealed_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        brought = [value.decode("latin-1") for name, value in scope["headers"] if name == _NAME]
        exchange = Exchange(brought)

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                sealed = self._sealed_for(exchange)
                if sealed is not None:
                    message["headers"] = [*message["headers"], (_NAME, sealed.encode())]
            await send(message)

        token = current.set(exchange)
        try:
            await self._app(scope, receive, send_with_header)
        finally:
            current.reset(token)
