"""The outermost layer: headers that every answer has, faults told and logged, requests counted.

What is logged of a request is its method, the pattern of its address and its status; never the
address itself, which may name somebody, a query, a body, a token or a subject.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from transfer.api.http.problems import (
    NOT_HTTP,
    Problem,
    fault,
    not_available,
    response_of,
)
from transfer.api.http.tracing import given_back, taken_in
from transfer.log.measures import SECONDS, Distribution
from transfer.log.trace import Span, Trace, current, listeners, tell

_logger = logging.getLogger(__name__)

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)

_TWO_LENGTHS = Problem(
    NOT_HTTP,
    "Send Content-Length or Transfer-Encoding, not both.",
    headers={"Connection": "close"},
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def headers_of_every_answer(rehearsed: str | None) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of any answer; one from a rehearsed record names its edition."""
    if rehearsed is None:
        return _HEADERS
    return (*_HEADERS, (b"transfer-rehearsed", rehearsed.encode()))


_NO_ROUTE = "none"
_FAULTS = 500


@dataclass(slots=True)
class RequestCounts:
    """Requests of one application, and the time that they took; of the event loop.

    They are told apart by the pattern of their address, such as `/v1/staff/{staff_number}/history`:
    the address itself may name somebody.
    """

    answered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    in_progress: int = 0
    seconds: Distribution = field(
        default_factory=lambda: Distribution(
            "http_request_duration_seconds",
            "How long it took to answer a request, from its head to the end of the answer.",
            SECONDS,
            ("method", "route"),
        )
    )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.answered[method, route, status] += 1
        self.seconds.note(seconds, method, route)


class Envelope:
    """The ASGI application around the API.

    Headers that an answer has already stay as they are. `rehearsed` is the edition that the
    `Transfer-Rehearsed` header names, where the record is a rehearsal's. `new_id` makes the ids of
    requests that bring none.
    """

    def __init__(
        self,
        app: ASGIApp,
        counts: RequestCounts,
        rehearsed: str | None,
        new_id: Callable[[], UUID],
    ) -> None:
        self._app = app
        self._counts = counts
        self._headers = headers_of_every_answer(rehearsed)
        self._rehearsed = rehearsed
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # Asked as a GET; the server leaves the body out by its own copy of the scope.
            scope = {**scope, "method": "GET"}
        began = perf_counter()
        status = 0
        self._counts.in_progress += 1
        trace = taken_in(scope["headers"], self._new_id)
        followed = current.set(trace)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                present = {name for name, _ in headers}
                message["headers"] = [
                    *headers,
                    *(each for each in self._headers if each[0] not in present),
                    *given_back(trace),
                ]
            await send(message)

        try:
            if _says_its_length_twice(scope):
                told = response_of(_TWO_LENGTHS, rehearsed=self._rehearsed)
                await told(scope, receive, send_with_headers)
                return
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            # Whoever asked has gone before the question was whole: nobody is left to be told.
            _logger.info("%s %s: broken off by the client", scope["method"], pattern_of(scope))
        except asyncio.CancelledError:
            # The service is being stopped and has waited long enough for this answer.
            _logger.info("%s %s: broken off by the stop", scope["method"], pattern_of(scope))
            if status != 0:
                raise
            told = response_of(not_available("The service is stopping."), rehearsed=self._rehearsed)
            await told(scope, receive, send_with_headers)
        except Exception:
            _logger.exception("%s %s: a fault", scope["method"], pattern_of(scope))
            if status != 0:
                raise
            told = response_of(fault(), rehearsed=self._rehearsed)
            await told(scope, receive, send_with_headers)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = pattern_of(scope)
            self._counts.in_progress -= 1
            seconds = perf_counter() - began
            self._counts.note(method, route, status, seconds)
            if listeners:
                tell(_span(trace, method, route, status, seconds))
            current.reset(followed)


def pattern_of(scope: Mapping[str, Any]) -> str:
    """The pattern of the address that a request has, such as `/v1/staff/{staff_number}/history`;
    `none` where it has not been found, or there is no such address."""
    found: str = getattr(scope.get("route"), "path", _NO_ROUTE)
    return found


def _span(trace: Trace, method: str, route: str, status: int, seconds: float) -> Span:
    return Span(
        f"{method} {route}",
        trace,
        seconds,
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
        },
        span_id=trace.span_id,
        parent_id=trace.parent_id,
        remote=bool(trace.parent_id),
        failed=status >= _FAULTS or status == 0,
    )


def _says_its_length_twice(scope: Scope) -> bool:
    """Whether a request has both lengths. A proxy may go by one and this service by the other, and
    then they differ about where the next request begins (RFC 9112, 6.1)."""
    names = {name for name, _ in scope["headers"]}
    return names >= {b"content-length", b"transfer-encoding"}
