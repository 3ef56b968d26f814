"""The guard of conftest.py: no network unless a test says that it needs engines."""

from __future__ import annotations

import asyncio
import socket

import pytest
from pytest_socket import SocketBlockedError


def test_a_test_without_a_mark_cannot_open_a_network_socket() -> None:
    # The guard warns before it raises, and here a warning is an error.
    with pytest.raises((SocketBlockedError, UserWarning)):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


async def test_an_event_loop_still_works_there() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"x")
        assert right.recv(1) == b"x"
    assert await asyncio.sleep(0, "woken") == "woken"


@pytest.mark.engines
def test_a_marked_one_can() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        opened.bind(("127.0.0.1", 0))
        assert opened.getsockname()[1] > 0
