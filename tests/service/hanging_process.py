"""A service whose thread of the read models hangs at the first event, while all else goes on.

Arguments: those of `transfer`. It gives up after two seconds, not after a minute. Started by
`test_hanging_thread.py`.
"""

import threading

from projections.position.projection import PositionProjection
from transfer.cli import main
from transfer.log import leading


def _hang(*_: object) -> None:
    threading.Event().wait()


if __name__ == "__main__":
    leading.STILL_SECONDS = 2.0  # type: ignore[misc]  # a test has no minute to wait
    # No fault makes it hang.
    PositionProjection.apply = _hang  # type: ignore[method-assign,assignment]
    main()
