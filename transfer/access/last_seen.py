"""What a caller has seen last: an instant that one process tells, and every other one waits for.

A process answers from read models, which follow the log a little later. It makes its own reads wait
for what it has acknowledged itself; of what another process has acknowledged it knows nothing. So
the answer to a write tells the instant of the write, and who sends it back with a read gets an
answer that has the write, by whichever process.

The instant is sealed under a key of the record: who could make one up could have reads wait for an
instant that never comes. It stands in the seal as everybody can read it, so that of two the later
one is the greater text.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from transfer.core.dating.instants import parse_instant, print_instant

_MAC_BYTES: Final = 18  # 24 characters
_KEPT: Final = 4_096


class LastSeen:
    """Seals instants for callers, and opens what they send back; `key` is the record's."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # A caller sends what they were told with every read, until they write again.
        self._kept = lru_cache(maxsize=_KEPT)(self._sealed)

    def seal(self, instant: datetime) -> str:
        """An instant as a caller is told it, 52 characters of ASCII."""
        return self._kept(instant)

    def _sealed(self, instant: datetime) -> str:
        text = print_instant(instant)
        mac = hmac.digest(self._key, text.encode(), "sha256")[:_MAC_BYTES]
        return f"{text}.{urlsafe_b64encode(mac).decode()}"

    def open(self, sealed: str) -> datetime | None:
        """The instant that was sealed; `None` for what no process of this record has made."""
        try:
            instant = parse_instant(sealed.rpartition(".")[0])
        except ValueError:
            return None
        made = self.seal(instant).encode()
        return instant if hmac.compare_digest(made, sealed.encode()) else None

    def sealed_for(self, exchange: "Exchange") -> str | None:
        """What the answer gives its caller: the latest instant that they have seen then, sealed.

        `None` where the answer shows nothing new.
        """
        if exchange.shown is None:
            return None
        brought = filter(None, map(self.open, exchange.brought))
        return self.seal(max([exchange.shown, *brought]))


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    `brought` is what the caller sent as last seen, as it came; `shown` the latest instant of
    which the answer shows what was recorded.
    """

    brought: Sequence[str] = ()
    shown: datetime | None = None

    def show(self, instant: datetime) -> None:
        """Note that the answer shows what was recorded then."""
        if self.shown is None or instant > self.shown:
            self.shown = instant


current: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The exchange that is going on, in its threads too; `None` outside any."""
