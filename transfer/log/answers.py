"""What goes in to an append and what comes back, below the envelope."""

from dataclasses import dataclass
from datetime import datetime

from eventsourcing.persistence import IntegrityError

Entry = tuple[bytes, int, bytes, bytes, bytes]
"""One event as it is stored: stream (UTF-8), version, stored name (UTF-8), state, and the 16 bytes
of its id."""


Read = tuple[bytes, int]
"""A stream (UTF-8) that a decision read without writing to it, and the version it had then."""


class StaleError(IntegrityError):
    """A stream is not at the version that the command relied on."""

    def __init__(self, stream: str = "", *, only_read: bool = False) -> None:
        super().__init__(f"stream {stream} is not at the version given")
        self.stream = stream
        self.only_read = only_read


@dataclass(frozen=True, slots=True)
class Begun:
    """What the log says to a command: its place and instant, or the first delivery's."""

    replayed: bool
    request_hash: bytes
    recorded_at: datetime
    first_position: int
    event_count: int

    @property
    def positions(self) -> range:
        """The positions of the command's events."""
        return range(self.first_position, self.first_position + self.event_count)
