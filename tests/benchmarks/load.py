"""A load of reads and writes over HTTP: many clients of one thread, each waiting for its answers.

The clients share the processors with the service that they ask, so they do as little as can be
done: sockets, and what has to be seen of an answer. Each goes to the processes of the service in
turn, and sends with a read what it was told last, as a client of several processes has to.
"""

import json
import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter

from tests.benchmarks.population import fact_of, staff_number

CLIENTS = 16
_CHANGED_FROM = date(2012, 1, 1)
_EFFECTIVE_AT = "2030-01-01"
_LONGEST_ANSWER = 65_536


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked: of these ports, about so many people; so many in a hundred are writes."""

    ports: Sequence[int]
    token: str
    people: int
    seconds: float
    writes_in_100: int


@dataclass
class Measured:
    """What came of a load: the seconds of each answer, and how long it all took.

    `stale` are the reads that were without what the same client had written before.
    """

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    took: float = 0.0
    stale: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return (len(self.reads) + len(self.writes)) / self.took


def run(load: Load, clients: int = CLIENTS) -> Measured:
    """Ask for so many seconds. Raises `AssertionError` for an answer that is none."""
    found = Measured()
    began = perf_counter()
    with selectors.DefaultSelector() as selector:
        everybody = [_Client(load, number, found) for number in range(clients)]
        try:
            for each in everybody:
                each.ask(selector)
            while perf_counter() - began < load.seconds:
                for key, _ in selector.select(1):
                    if key.data.hear(selector):
                        key.data.ask(selector)
            found.took = perf_counter() - began
        finally:
            for each in everybody:
                each.close()
    return found


class _Client:
    """Somebody who asks one question after another."""

    def __init__(self, load: Load, number: int, found: Measured) -> None:
        self._load = load
        self._number = number
        self._found = found
        self._asked = 0
        self._is_write = False
        self._at = 0.0
        self._answer = b""
        self._seen = b""
        self._written = ""
        self._sockets = [socket.create_connection(("127.0.0.1", port), 30) for port in load.ports]
        for each in self._sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, selector: selectors.BaseSelector) -> None:
        """Send the next question."""
        n = self._asked = self._asked + 1
        # In every hundred so many, spread, and each client's at another place.
        share = self._load.writes_in_100
        place = n * 37 + self._number * 11
        self._is_write = place % 100 < share
        number = staff_number((self._number * 7_919 + n * 104_729) % self._load.people)
        request = self._write(number, n) if self._is_write else self._read(number)
        asked = self._sockets[(n + self._number) % len(self._sockets)]
        selector.register(asked, selectors.EVENT_READ, self)
        self._at = perf_counter()
        self._answer = b""
        asked.sendall(request)
        self._waiting = asked

    def _read(self, number: str) -> bytes:
        path = f"/v1/staff/{number}/position?effective_at={_EFFECTIVE_AT}"
        seen = b"Transfer-Seen: %s\r\n" % self._seen if self._seen else b""
        return b"GET %s HTTP/1.1\r\n%s%s\r\n" % (path.encode(), self._head(), seen)

    def _write(self, number: str, n: int) -> bytes:
        fact = fact_of(n, 1).model_dump(mode="json")
        day = _CHANGED_FROM + timedelta(days=n % 1_000)
        body = {"effective_from": day.isoformat(), "changes": fact["changes"], "reason": "moved"}
        sent = json.dumps(body).encode()
        head = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(sent)
        path = f"/v1/staff/{number}/changes".encode()
        return b"POST %s HTTP/1.1\r\n%s%s\r\n%s" % (path, self._head(), head, sent)

    def _head(self) -> bytes:
        return b"Host: 127.0.0.1\r\nAuthorization: Bearer %s\r\n" % self._load.token.encode()

    def hear(self, selector: selectors.BaseSelector) -> bool:
        """Take what has come; whether the answer is whole."""
        piece = self._waiting.recv(_LONGEST_ANSWER)
        self._answer += piece
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not piece:
            raise AssertionError(self._answer)
        if not end or len(body) < int(_header(head, b"content-length")):
            return False
        selector.unregister(self._waiting)
        took = perf_counter() - self._at
        status = head.split(b" ", 2)[1]
        if status != (b"201" if self._is_write else b"200"):
            raise AssertionError(self._answer)
        if self._is_write:
            self._found.writes.append(took)
            self._seen = _header(head, b"transfer-seen")
            self._written = json.loads(body)["recorded_at"]
        else:
            self._found.reads.append(took)
            self._found.stale += json.loads(body)["known_at"] < self._written
        return True

    def close(self) -> None:
        """Ask no more."""
        for each in self._sockets:
            each.close()


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""
