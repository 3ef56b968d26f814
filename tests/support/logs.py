"""A log in memory, for what is read from the log alone."""

from __future__ import annotations

from datetime import datetime

from tests.support.histories import instant, recorded
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS


class LogInMemory:
    """Events, a command each, read like the log."""

    known = NO_KINDS

    def __init__(self, *facts: tuple[str, Fact]) -> None:
        self.events = [
            recorded(stream, number + 1, number + 1, instant(number), fact)
            for number, (stream, fact) in enumerate(facts)
        ]

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[Fact]]:
        return [
            each
            for each in self.events
            if each.stream == stream
            and each.version > after
            and (up_to_recorded is None or each.recorded_at <= up_to_recorded)
        ]
