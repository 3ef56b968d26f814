"""How many connections one address may have, and how long one may keep the service waiting.

uvicorn closes a connection that stays silent after an answer. One that never asks anything, or
stops in the midst of a question, it would keep for ever, and enough of these take every file
descriptor of the process: then nobody else gets in. So, beside what uvicorn does:

- the head of a request is whole some seconds after the connection was made, or after the answer
  before it; of its body a piece comes at least so often. Otherwise the connection is closed;
- an address that has too many connections, or whoever comes when there are too many in all, is
  turned away at once, and that is logged once a minute.

While the service itself is at work on a request, no time runs.
"""

import asyncio
import logging
import resource
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from transfer.api.http.connection import Connection

HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0

# For what else the process opens: the database, Temporal, its logs.
_OTHER_DESCRIPTORS = 256
_MOST_DESCRIPTORS = 8_192
_LOG_SECONDS = 60.0

_logger = logging.getLogger(__name__)


def most_connections() -> int:
    """How many connections this process can have; lets it have as many as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    usable = _MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else min(soft, _MOST_DESCRIPTORS)
    return max(usable - _OTHER_DESCRIPTORS, 16)


@dataclass
class Connections:
    """The limits of one service, and who is connected now; of the event loop.

    `most_of_address` is how many one address may have (0: no limit), `most` how many there are in
    all. The seconds are those of the module's rules.
    """

    most_of_address: int
    most: int
    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS
    of_address: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _logged_at: float | None = None

    @property
    def open(self) -> int:
        """How many there are."""
        return self.of_address.total()

    def admit(self, address: str) -> bool:
        """Whether one more of an address is let in; if so it is counted until it `leaves`."""
        too_many = self.open >= self.most
        of_one = self.of_address[address] >= self.most_of_address > 0
        if not (too_many or of_one):
            self.of_address[address] += 1
            return True
        self.refused += 1
        now = asyncio.get_running_loop().time()
        if self._logged_at is None or now - self._logged_at > _LOG_SECONDS:
            self._logged_at = now
            _logger.warning(
                "connections are turned away: %d of %s, %d in all; %d turned away so far",
                self.of_address[address],
                address,
                self.open,
                self.refused,
            )
        return False

    def leave(self, address: str) -> None:
        """Forget one of an address."""
        self.of_address[address] -= 1
        if not self.of_address[address]:
            del self.of_address[address]

    def protocol(self, reads: type[asyncio.Protocol] | None = None) -> type[asyncio.Protocol]:
        """What uvicorn makes for each connection, under these limits.

        `reads` is the connection that reads the requests; the quick one, unless another is given.
        """
        limits = self
        chosen = reads or quickest()

        class Limited(_Limited, chosen):  # type: ignore[misc, valid-type]  # one of the two
            connections_limits = limits

        return Limited


def quickest() -> type[asyncio.Protocol]:
    """The connection that costs least: where there is no llhttp for a platform, the one by h11."""
    try:
        from transfer.api.http.quick_connection import QuickConnection
    except ModuleNotFoundError:
        return Connection
    return QuickConnection


if TYPE_CHECKING:
    _Either = Connection
else:
    _Either = object


class _Limited(_Either):
    """One connection, whichever it is: both have what is used of them here."""

    connections_limits: Connections
    _address: str | None = None
    _waits_for: str | None = None
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if not self.connections_limits.admit(address):
            transport.abort()
            return
        self._address = address
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._address is None:
            return
        self.connections_limits.leave(self._address)
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        """Let the time run for what the client has to send next, if anything."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete:
            awaited = "head"
        elif cycle.more_body:
            awaited = "body"
        else:
            self._stop_watching()
            return
        if awaited == "head" == self._waits_for:
            return  # a drop now and then does not make it whole
        self._stop_watching()
        limits = self.connections_limits
        seconds = limits.head_seconds if awaited == "head" else limits.body_seconds
        self._waits_for = awaited
        self._deadline = self.loop.call_later(seconds, self._is_late)

    def _stop_watching(self) -> None:
        self._waits_for = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_late(self) -> None:
        held_up_by_us = self.flow.read_paused or (
            self._waits_for == "body" and self.cycle.waiting_for_100_continue
        )
        self._waits_for = None
        if held_up_by_us:
            self._watch()
        else:
            self.transport.abort()
