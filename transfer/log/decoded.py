"""What was decoded last is kept: many events have the very same JSON.

A step over thousands of people writes the same few facts on the record of each, and the next step
reads them all. To decode an event's JSON takes some twenty times as long as to find it here.
"""

from typing import Final, Generic, TypeVar

_MOST_BYTES: Final = 4 * 1024 * 1024

T = TypeVar("T")


class Decoded(Generic[T]):
    """Decoded events by their stored name and their very bytes; safe among threads.

    What is given to `keep` must never be changed afterwards: everybody is given the same.

    There are two halves of `most_bytes` of JSON each; decoded, that is some five times as much
    memory. When the newer half is full it becomes the older one, and what was in that is let go.
    What is found in the older half goes into the newer one. So what is asked for often stays,
    however many others pass by. There is no lock: at worst two threads decode the same bytes.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._newer: dict[tuple[str, bytes], T] = {}
        self._older: dict[tuple[str, bytes], T] = {}
        self._bytes = 0

    def find(self, name: str, state: bytes) -> T | None:
        """What these bytes were decoded to; `None` where that is not kept."""
        found = self._newer.get((name, state))
        if found is None:
            found = self._older.get((name, state))
            if found is not None:
                self.keep(name, state, found)
        return found

    def keep(self, name: str, state: bytes, decoded: T) -> None:
        """Keep what these bytes were decoded to, for the next reader."""
        if self._bytes + len(state) > self._most_bytes:
            self._older, self._newer, self._bytes = self._newer, {}, 0
        self._newer[name, state] = decoded
        self._bytes += len(state)
