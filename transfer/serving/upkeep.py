"""What the process that leads the projections does besides answering."""

import structlog

from projections.keeping_up.runner import ProjectionStoppedError
from transfer.app import Record
from transfer.notices.sending import Sender, Sending

_logger = structlog.get_logger(__name__)


class Upkeep:
    """Keeps the read models up with the log and sends notices, from `begin` to `end`."""

    def __init__(self, record: Record, sending: Sending) -> None:
        self._record = record
        self._sending = sending
        self._sender: Sender | None = None

    def catch_up(self) -> None:
        """Bring the read models to the end of the log, those that can be."""
        try:
            self._record.catch_up()
        except ProjectionStoppedError as error:
            # The others are up to date; /health/ready tells of this one.
            _logger.error(
                "a projection has stopped", projection=error.name, event_id=str(error.event_id)
            )

    def begin(self) -> None:
        """Begin; it may be begun again after its end."""
        self._record.runner.start()
        self._sender = Sender(self._sending)
        self._sender.start()

    def end(self) -> None:
        """Finish what is under way, and end."""
        if self._sender is not None:
            self._sender.stop()
            self._sender = None
        self._record.runner.stop()
