"""What goes in to an append and what comes back, below the envelope."""

from dataclasses import dataclass
from datetime import datetime

from eventsourcing.persistence import IntegrityError

Entry = tuple[bytes, int, bytes, bytes, bytes]
"""One event as it is stored: stream (UTF-8), version, stored name (UTF-8), state, and the 16 bytes
of its id."""


class StaleError(IntegrityError):
    """A stream is not at the version that the command relied on."""


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
