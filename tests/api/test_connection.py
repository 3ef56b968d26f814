"""What is told to a connection that sends something else than HTTP, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn

from tests.support.asking import Json
from transfer.api.application import create_app
from transfer.api.http.connection import Connection
from transfer.api.http_service import HttpService
from transfer.log.envelope import RehearsalMark

pytestmark = pytest.mark.engines

STAFF = b"POST /v1/staff HTTP/1.1\r\nHost: x\r\n"

NOT_HTTP = (
    b"hello\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # how TLS begins
    b"GET /info HTTP/1.1\r\n\r\n",  # no Host
    b"GET /info HTTP/1.1\r\nHost x\r\n\r\n",
    b"GET /info HTTP/1.1\r\nHost: x\r\nx" + b"y" * 100_000,
    STAFF + b"Content-Length: many\r\n\r\n{}",
    STAFF + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    STAFF + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    STAFF + b"Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
)


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves the signals to the test's own runner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(service: HttpService) -> AsyncIterator[int]:
    """The port at which the API of a service answers."""
    app = create_app(service)
    config = uvicorn.Config(app, http=Connection, port=0, log_config=None, lifespan="off")
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def answered(port: int, raw: bytes) -> tuple[str, dict[str, str], Json]:
    """The first line, the headers and the content of what comes back; the server then closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    async with asyncio.timeout(10):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    content: Json = json.loads(body)
    return first, headers, content


async def test_what_is_not_http_is_told_as_a_problem(service: HttpService) -> None:
    async with served(service) as port:
        for raw in NOT_HTTP:
            first, headers, problem = await answered(port, raw)
            assert first == "HTTP/1.1 400 Bad Request", raw
            assert headers["content-type"] == "application/problem+json"
            assert headers["connection"] == "close"
            assert headers["x-content-type-options"] == "nosniff"
            assert (problem["type"], problem["status"]) == ("/problems/not-http", 400)


async def test_a_rehearsed_record_says_so_to_it_too(service: HttpService) -> None:
    service.rehearsal = RehearsalMark("tr-2013", service.clock())
    async with served(service) as port:
        _, headers, problem = await answered(port, b"hello\r\n\r\n")
    assert headers["transfer-rehearsed"] == problem["rehearsed"] == "tr-2013"


async def test_a_request_that_breaks_off_after_its_answer_is_only_closed(
    service: HttpService, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(service) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(STAFF + b"Transfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401")
        writer.write(b"no length\r\n")
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()
    assert "data_received() call failed" not in caplog.text
