"""A local HTTP server that answers as GOV.UK Notify's API does, and checks what it is asked.

A token is looked at by its bytes alone, with the standard library: so that it is not the program's
own library that says it is right.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time  # noqa: TID251 - Notify holds tokens against its own clock
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"  # noqa: S105 - the one of Notify's documentation
API_KEY = f"transfer_test-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"

HANGS_UP = 0
"""In place of a status: the connection is closed without an answer."""

_GOOD_FOR_SECONDS = 30


@dataclass
class NotifyServer:
    """Where it is, what it has taken (bodies by reference), and what it answers next.

    `answers` are statuses for the next requests to send; `taken_all_the_same`: one that is answered
    by an error was taken before it.
    """

    address: str
    taken: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    taken_all_the_same: bool = False
    asked: list[str] = field(default_factory=list)


_MESSAGES = {
    400: ("ValidationError", "email_address {address} is not a valid email address"),
    403: ("AuthError", "Invalid token: API key not found"),
    429: (
        "RateLimitError",
        "Exceeded rate limit for key type live of 3000 requests per 60 seconds",
    ),
    500: ("Exception", "Internal server error"),
}


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token_is_good(token: str) -> bool:
    """Whether Notify would accept a token: signed with the secret, by the service, just now."""
    signed, _, signature = token.rpartition(".")
    head, _, claims = signed.partition(".")
    wanted = hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256)
    if json.loads(_part(head)) != {"alg": "HS256", "typ": "JWT"}:
        return False
    if not hmac.compare_digest(wanted, _part(signature)):
        return False
    said = json.loads(_part(claims))
    return bool(said["iss"] == SERVICE) and abs(time() - said["iat"]) <= _GOOD_FOR_SECONDS


@contextlib.contextmanager
def notify_server() -> Iterator[NotifyServer]:
    """The server, while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

        def _is_allowed(self) -> bool:
            scheme, _, token = self.headers["Authorization"].partition(" ")
            return scheme == "Bearer" and token_is_good(token)

        def _answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _refuse(self, status: int, address: str = "") -> None:
            kind, message = _MESSAGES[status]
            told = {"error": kind, "message": message.format(address=address)}
            self._answer(status, {"status_code": status, "errors": [told]})

        def do_POST(self) -> None:
            server.asked.append(f"POST {self.path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self._is_allowed():
                self._refuse(403)
                return
            status = server.answers.pop(0) if server.answers else 201
            if status == 201 or server.taken_all_the_same:
                server.taken.setdefault(body["reference"], []).append(body)
            if status == HANGS_UP:
                self.close_connection = True
            elif status == 201:
                self._answer(201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a"})
            else:
                self._refuse(status, body["email_address"])

        def do_GET(self) -> None:
            server.asked.append(f"GET {self.path}")
            if not self._is_allowed():
                self._refuse(403)
                return
            (reference,) = parse_qs(urlsplit(self.path).query)["reference"]
            found = [{"reference": reference} for _ in server.taken.get(reference, ())]
            self._answer(200, {"notifications": found, "links": {}})

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = NotifyServer(f"http://127.0.0.1:{listening.server_address[1]}")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
