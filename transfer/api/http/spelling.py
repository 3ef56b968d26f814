"""A staff number in a path is found however it is typed: `/v1/staff/s10442/…` is S10442's.

Almost every number comes as the record spells it, so the record is asked only where the answer is
"not found". Where the route has found that out already, and that is so for whoever does not reach
everybody, it is not asked again: the answer for somebody out of one's reach takes as long as the
one for nobody.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_FOUND = 404

SPELLED = "transfer.spelled"
"""Where a route leaves, in the scope of a request, how the number is spelled that is meant."""


class Spelling:
    """The ASGI application around the routes.

    `prefix` is what stands before the number in a path; `spelled` says how the record spells one.
    """

    def __init__(self, app: ASGIApp, prefix: str, spelled: Callable[[str], str]) -> None:
        self._app = app
        self._prefix = prefix
        self._spelled = spelled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, by another spelling of the number if nobody has the one typed."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        received: list[Message] = []
        held: list[Message] = []

        async def receive_and_keep() -> Message:
            message = await receive()
            received.append(message)
            return message

        async def send_unless_not_found(message: Message) -> None:
            if held or message.get("status") == NOT_FOUND:
                held.append(message)
            else:
                await send(message)

        await self._app(scope, receive_and_keep, send_unless_not_found)
        if not held:
            return
        typed, slash, rest = scope["path"].removeprefix(self._prefix).partition("/")
        known: str | None = scope.get(SPELLED)
        number = known or await run_in_threadpool(self._spelled, typed)
        if number == typed:
            for message in held:
                await send(message)
            return
        again = iter(received)

        async def receive_again() -> Message:
            return next(again, None) or await receive()

        path = f"{self._prefix}{number}{slash}{rest}"
        await self._app({**scope, "path": path, "raw_path": path.encode()}, receive_again, send)
