"""The end of a process that must not go on, because something in it hangs.

It is asked to stop in good order. What hangs may be in the way of that: a thread that is waited
for, a lock, the event loop itself. So it has some seconds for it, and is then ended as it stands.
Nothing is lost by that: a process may be killed at any moment.
"""

import os
import threading
from collections.abc import Callable
from typing import Final

import structlog

_logger = structlog.get_logger(__name__)

GRACE_SECONDS: Final = 15.0
"""How long a process may take to stop: answers under way have five seconds."""

EXIT_STATUS: Final = 1


def _end() -> None:
    os._exit(EXIT_STATUS)


class GivingUp:
    """Why this process has to end, once there is a reason; callable with it, from any thread."""

    def __init__(
        self, *, grace_seconds: float = GRACE_SECONDS, end: Callable[[], object] = _end
    ) -> None:
        self._grace_seconds = grace_seconds
        self._end = end
        self._why: str | None = None

    def __call__(self, why: str) -> None:
        """Ask the process to stop for that reason, and see to it that it does."""
        if self._why is None:
            self._why = why
            threading.Thread(target=self._insist, name="giving up", daemon=True).start()

    def why(self) -> str | None:
        """The reason; `None` while there is none."""
        return self._why

    def _insist(self) -> None:
        threading.Event().wait(self._grace_seconds)
        _logger.error("does not stop in good order, and is ended", why=self._why)
        self._end()
