"""SIGTERM and SIGINT of a service, from its first moment to its last."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType


class AskedToStop(BaseException):
    """SIGTERM or SIGINT came before the service was up."""


class Signals:
    """SIGTERM and SIGINT: during the start they interrupt it, later they ask the loop to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._ask: Callable[[], object] | None = None

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        before = {each: signal.signal(each, self._take) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @contextlib.contextmanager
    def calling(self, ask: Callable[[], object]) -> Iterator[None]:
        self._ask = ask
        try:
            if self.asked:
                ask()
            yield
        finally:
            # From here on everything is being stopped: not to be interrupted.
            self._ask = lambda: None

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        first, self.asked = not self.asked, True
        if self._ask is not None:
            self._ask()
        elif first:
            raise AskedToStop
