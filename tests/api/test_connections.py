"""Connections that keep the service waiting, and too many of them; on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from transfer.api.http.connection import Connection
from transfer.api.http.connections import Connections, most_connections, quickest

pytestmark = pytest.mark.engines

SECONDS = 0.3
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body; answers at once, or at /slow after longer than a client may take."""
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * SECONDS)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


class Listening:
    """A server with these limits."""

    def __init__(self, limits: Connections, port: int) -> None:
        self.limits = limits
        self.port = port

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 10, (source, 0))

    def asks(self, path: str = "/", source: str = "127.0.0.1") -> bool:
        """Whether a request of a new connection is answered."""
        with self.connect(source) as connection:
            return ask(connection, path)


def ask(connection: socket.socket, path: str = "/") -> bool:
    try:
        connection.sendall(REQUEST.replace(b"/ ", path.encode() + b" ", 1))
        return is_answered(connection)
    except OSError:
        return False


def is_answered(connection: socket.socket) -> bool:
    answer = b""
    while not answer.endswith(b"ok"):
        if not (piece := connection.recv(1000)):
            return False
        answer += piece
    return answer.startswith(b"HTTP/1.1 200")


def closed_after(connection: socket.socket) -> float:
    """After how many seconds the server has closed a connection."""
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while connection.recv(1000):
            pass
    return time.monotonic() - began


@pytest.fixture(params=dict.fromkeys([Connection, quickest()]), ids=lambda each: str(each.__name__))
def server(request: pytest.FixtureRequest) -> Iterator[Listening]:
    limits = Connections(3, 5, head_seconds=SECONDS, body_seconds=SECONDS)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, http=limits.protocol(request.param), log_config=None, lifespan="off"
        )
        running = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])))
        thread.start()
        yield Listening(limits, listening.getsockname()[1])
        running.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        REQUEST + b"GET",
    ],
    ids=["silent", "half a head", "half a body", "half of the second request"],
)
def test_who_keeps_it_waiting_is_disconnected(server: Listening, sent: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(sent)
        assert SECONDS / 2 < closed_after(connection) < 5
    assert server.asks()


def test_a_head_in_drops_is_no_head(server: Listening) -> None:
    with server.connect() as connection, contextlib.suppress(ConnectionError):
        for _ in range(100):
            connection.sendall(b"G")
            time.sleep(SECONDS / 10)
        pytest.fail("it waits for ever")
    assert server.asks()


def test_a_body_in_pieces_and_a_slow_answer_are_waited_for(server: Listening) -> None:
    with server.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(SECONDS / 4)
            connection.sendall(b"x")
        assert is_answered(connection)
        assert ask(connection, "/slow")
        assert ask(connection)


def test_one_address_has_so_many_and_all_together_so_many(
    server: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    server.limits.head_seconds = 60
    with contextlib.ExitStack() as held:
        mine = [held.enter_context(server.connect()) for _ in range(3)]
        assert all(map(ask, mine))
        assert not server.asks()
        assert [server.asks(source="127.0.0.2") for _ in range(3)] == [True] * 3
        theirs = [held.enter_context(server.connect("127.0.0.2")) for _ in range(2)]
        assert all(map(ask, theirs))
        assert not server.asks(source="127.0.0.3")
        assert all(map(ask, mine))
        mine[0].close()
        deadline = time.monotonic() + 5
        while not server.asks():
            assert time.monotonic() < deadline
    assert server.limits.refused >= 2
    assert sum("turned away" in each.message for each in caplog.records) == 1


def test_a_crowd_that_says_nothing_keeps_nobody_out(server: Listening) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(300):
            held.enter_context(server.connect())
        assert server.asks(source="127.0.0.2")
        deadline = time.monotonic() + 5
        while not server.asks():
            assert time.monotonic() < deadline


def test_the_process_has_room_for_its_connections() -> None:
    assert 16 <= most_connections() < 8_192
