"""Asking the API in a test, without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio.from_thread import BlockingPortal
from httpx import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from transfer.access.identity import EmbeddedIdentity, Limits, Role

NO_LIMITS = Limits()
Json = dict[str, Any]
Headers = Sequence[tuple[bytes, bytes]]


class Client:
    """Asks an ASGI application over no network, from ordinary functions."""

    def __init__(self, portal: BlockingPortal, app: ASGIApp, client: str = "127.0.0.1") -> None:
        self._portal = portal
        self.app = app
        self._address = client

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | str = "",
        headers: Headers = (),
        body: bytes = b"",
    ) -> Response:
        """The answer to one request."""

        async def ask() -> Response:
            transport = ASGITransport(self.app, client=(self._address, 50_000))
            async with AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(
                    method, path, params=query or None, headers=list(headers), content=body
                )

        return self._portal.call(ask)

    def get(self, path: str, headers: Headers = ()) -> Response:
        """The answer to a GET."""
        return self.request("GET", path, headers=headers)


@dataclass
class Api:
    """Asks the API; as an administrator unless another token is given."""

    client: Client
    identity: EmbeddedIdentity
    token: str

    def token_for(
        self,
        role: Role,
        subject: str = "somebody",
        *,
        staff_number: str | None = None,
        limits: Limits = NO_LIMITS,
    ) -> str:
        """A token of that role."""
        return self.identity.issue(subject, role, 600, staff_number=staff_number, limits=limits)

    def get(
        self,
        path: str,
        query: Mapping[str, object] | str = "",
        *,
        token: str | None = None,
        **asked: object,
    ) -> Response:
        """GET under /v1; `asked` names query parameters, `None` leaves one out."""
        if not isinstance(query, str) or not query:
            together = {**(query or {}), **asked} if not isinstance(query, str) else asked
            query = {name: _text(each) for name, each in together.items() if each is not None}
        given = query if isinstance(query, str) else {k: str(v) for k, v in query.items()}
        return self.client.request("GET", f"/v1{path}", query=given, headers=self.headers(token))

    def post(
        self,
        path: str,
        body: object,
        *,
        key: str | bytes | None = None,
        if_match: str | None = None,
        token: str | None = None,
    ) -> Response:
        """POST under /v1; bytes are sent as they are."""
        headers = self.headers(token)
        if key is not None:
            headers.append((b"Idempotency-Key", key.encode() if isinstance(key, str) else key))
        if if_match is not None:
            headers.append((b"If-Match", if_match.encode()))
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.request("POST", f"/v1{path}", headers=headers, body=content)

    def register(self, number: str = "S1", **given: Any) -> Json:
        """Register somebody, and answer what the API answered."""
        body = {
            "staff_number": number,
            "name": "A. Example",
            "effective_from": "2014-01-01",
            "position": {"employer": "LDN", "band": "4", "fte": "1"},
        }
        return created(self.post("/staff", body | given))

    def change(self, number: str = "S1", *, start: str, end: str | None = None, **to: Any) -> Json:
        """Record a change of facets."""
        body: Json = {"effective_from": start, "changes": to, "reason": "r"}
        if end is not None:
            body["effective_to"] = end
        return created(self.post(f"/staff/{number}/changes", body))

    def headers(self, token: str | None = None) -> list[tuple[bytes, bytes]]:
        """The header that says who asks."""
        return [(b"Authorization", f"Bearer {self.token if token is None else token}".encode())]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def without_correlation(items: Sequence[Json]) -> list[Json]:
    """Entries of a history, as an administrator reads them, without what only the office sees."""
    return [
        {name: value for name, value in each.items() if name != "correlation_id"} for each in items
    ]


def created(answer: Response) -> Json:
    """What a write answered; it must have been made."""
    assert answer.status_code == 201, answer.text
    content: Json = answer.json()
    return content


def headers_of(answer: Response) -> dict[str, str]:
    """The headers of an answer but those by which one request is told from another."""
    return {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "traceparent")}


def told(answer: Response, status: int, name: str) -> Json:
    """What a problem says; it must be that one, told as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: Json = answer.json()
    assert content["type"] == f"/problems/{name}"
    assert content["status"] == status
    assert content["title"]
    assert content["detail"]
    return content


def position(api: Api, number: str = "S1", **asked: object) -> Json:
    """What a position answers."""
    answer = api.get(f"/staff/{number}/position", asked)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def values(api: Api, number: str = "S1", **asked: object) -> dict[str, str]:
    """The facets that have a value, with it."""
    found = position(api, number, **asked)["position"]
    return {facet: held["value"] for facet, held in found.items()}
