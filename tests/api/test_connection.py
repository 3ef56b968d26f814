"""What is told to a connection that sends something else than HTTP, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn

from tests.support.asking import Json
from tests.support.serving import application
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.api.http.connection import Connection
from transfer.api.http.connections import quickest
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
    STAFF + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    STAFF + b"Content-Length: +2\r\n\r\n{}",
    STAFF + b"Content-Length: -2\r\n\r\n{}",
    STAFF + b"Content-Length : 2\r\n\r\n{}",
    STAFF + b"Content-Length: 2\x00\r\n\r\n{}",
    b"GET /info HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET /info HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    b"GET /in fo HTTP/1.1\r\nHost: x\r\n\r\n",
)
PROTOCOLS = dict.fromkeys([Connection, quickest()])
"""Those that read requests: one where the other's library is not there."""

INFO = b"GET /info HTTP/1.1\r\nHost: x\r\n\r\n"


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves the signals to the test's own runner."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(service: HttpService, protocol: type[asyncio.Protocol]) -> AsyncIterator[int]:
    """The port at which the API of a service answers."""
    with application(service) as app:
        config = uvicorn.Config(app, http=protocol, port=0, log_config=None, lifespan="off")
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


@pytest.fixture(params=PROTOCOLS, ids=lambda each: each.__name__)
def protocol(request: pytest.FixtureRequest) -> type[asyncio.Protocol]:
    """Each that reads requests: what is promised is promised of all."""
    found: type[asyncio.Protocol] = request.param
    return found


async def said(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back for these pieces until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = bytearray()

    async def hear() -> None:
        # It may close before everything was sent, and then what is left is reset.
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65_536):
                found.extend(piece)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(hear())
        with contextlib.suppress(ConnectionError):
            for each in pieces:
                writer.write(each)
                await writer.drain()
                await asyncio.sleep(0.05)
    writer.close()
    return bytes(found)


async def test_what_is_not_http_is_told_as_a_problem(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    async with served(service, protocol) as port:
        for raw in NOT_HTTP:
            first, headers, problem = await answered(port, raw)
            assert first == "HTTP/1.1 400 Bad Request", raw
            assert headers["content-type"] == "application/problem+json"
            assert headers["connection"] == "close"
            assert headers["x-content-type-options"] == "nosniff"
            assert (problem["type"], problem["status"]) == ("/problems/not-http", 400)


async def test_a_rehearsed_record_says_so_to_it_too(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    service.rehearsal = RehearsalMark("tr-2013", service.clock())
    async with served(service, protocol) as port:
        _, headers, problem = await answered(port, b"hello\r\n\r\n")
    assert headers["transfer-rehearsed"] == problem["rehearsed"] == "tr-2013"


async def test_a_request_that_breaks_off_after_its_answer_is_only_closed(
    service: HttpService, protocol: type[asyncio.Protocol], caplog: pytest.LogCaptureFixture
) -> None:
    async with served(service, protocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(STAFF + b"Transfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 401")
        writer.write(b"no length\r\n")
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()
    assert "data_received() call failed" not in caplog.text


async def test_what_came_before_it_is_answered_before_it_is_refused(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    async with served(service, protocol) as port:
        for pieces in ((INFO, INFO, b"hello\r\n\r\n"), (INFO + INFO + b"hello\r\n\r\n",)):
            found = await said(port, *pieces)
            assert re.findall(rb"HTTP/1.1 (\d+)", found) == [b"200", b"200", b"400"]
            assert found.endswith(b"}")


async def test_many_requests_sent_at_once_are_all_answered_in_their_order(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    asked = [b"/info", b"/v1/nowhere", b"/v1/staff/S1"] * 300
    async with served(service, protocol) as port:
        sent = b"".join(INFO.replace(b"/info", each) for each in asked)
        last = INFO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        found = await said(port, sent + last)
    statuses = [int(each) for each in re.findall(rb"HTTP/1.1 (\d+)", found)]
    assert statuses == [200, 404, 401] * 300 + [200]


async def test_a_head_of_many_lines_does_not_go_on_for_ever(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    async with served(service, protocol) as port:
        assert b" 200 " not in await said(port, INFO[:-2] + b"X: y\r\n" * 60_000 + b"\r\n")


async def test_a_chunked_body_ends_within_what_a_head_may_have(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    begun = STAFF + b"Authorization: Bearer x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    async with served(service, protocol) as port:
        assert b" 401 " in (await said(port, begun + b"\r\n" + b"x\r\n\r\n")).split(b"\r\n")[0]
        assert b" 200 " not in await said(port, begun, *[b"x: " + b"y" * 65_536 + b"\r\n"] * 3)


async def test_trailers_are_no_headers(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    identity = service.identity
    assert isinstance(identity, EmbeddedIdentity)
    token = identity.issue("a", Role.ADMIN, 60).encode()
    begun = STAFF + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n"
    async with served(service, protocol) as port:
        found = await said(port, begun + b"Authorization: Bearer " + token + b"\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 401")


async def test_nobody_reads_a_body_as_the_next_request_because_of_an_upgrade(
    service: HttpService, protocol: type[asyncio.Protocol]
) -> None:
    upgrade = b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n"
    async with served(service, protocol) as port:
        asked = INFO.replace(b"\r\n\r\n", b"\r\n" + upgrade + b"\r\n")
        assert (await said(port, asked, INFO)).count(b"HTTP/1.1 200") == 1
        head = STAFF + upgrade + b"Content-Length: %d\r\n\r\n" % len(INFO)
        assert b"HTTP/1.1 200" not in await said(port, head, INFO)
