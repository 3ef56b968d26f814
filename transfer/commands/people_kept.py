"""The folds of people with long records: kept, so that only what is new of them is read and folded.

A stream only grows, and a fold is a plain function of its facts. So what was folded up to a version
is right for ever, and the facts above it are all that is missing. Each caller gets a copy:
a command may go on folding what it supposes.

What is kept is on the log, so nothing in it is anybody's personal data: that lies in the vault.
"""

import threading
from collections import OrderedDict
from typing import Final, Generic, Protocol, Self, TypeVar

_LONG: Final = 30
_MOST_VERSIONS: Final = 10_000


class Folded(Protocol):
    """What a stream's facts were folded to."""

    version: int

    def copy(self) -> Self:
        """The same, which goes on by itself."""


F = TypeVar("F", bound=Folded)


class KeptFolds(Generic[F]):
    """The folds of one log, those that were asked for last; safe among threads.

    A stream of fewer than `long` facts is read as quickly as it is found here. Of all together no
    more than `most_versions` facts are kept.
    """

    def __init__(self, *, long: int = _LONG, most_versions: int = _MOST_VERSIONS) -> None:
        self._long = long
        self._most_versions = most_versions
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, F] = OrderedDict()
        self._versions = 0

    def find(self, stream: str) -> F | None:
        """What is kept of a stream, to go on from its version; `None` where nothing is."""
        with self._lock:
            found = self._kept.get(stream)
            if found is not None:
                self._kept.move_to_end(stream)
        return None if found is None else found.copy()

    def keep(self, stream: str, folded: F) -> None:
        """Keep a fold of everything that was on a stream when it was read."""
        if folded.version < self._long:
            return
        kept = folded.copy()
        with self._lock:
            before = self._kept.get(stream)
            if before is not None and before.version >= kept.version:
                return
            self._versions += kept.version - (0 if before is None else before.version)
            self._kept[stream] = kept
            self._kept.move_to_end(stream)
            while self._versions > self._most_versions:
                _, oldest = self._kept.popitem(last=False)
                self._versions -= oldest.version
