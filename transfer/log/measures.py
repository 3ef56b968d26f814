"""How often, how large and how long: what a process counts of its work, for /metrics.

A distribution is what Prometheus calls a histogram. It is counted here and written out by
`transfer.api.http.metrics`: Prometheus' library takes a fifth as long to load as the whole log, and
every command would wait for it.
"""

import threading
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Edges for what should take milliseconds and may take seconds."""


@dataclass(slots=True)
class Spread:
    """What was noted under one set of labels: how many values up to each edge and beyond the last
    (each value counted once), and what they come to."""

    counts: list[int]
    total: float = 0.0


@dataclass(slots=True)
class Distribution:
    """How values are spread over the stretches between `edges`, by labels; safe among threads.

    `name` is what /metrics calls it, after `transfer_`, and `meaning` says what the values are.
    """

    name: str
    meaning: str
    edges: Sequence[float]
    labels: tuple[str, ...] = ()
    _spreads: dict[tuple[str, ...], Spread] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, value: float, *labels: str) -> None:
        """Count a value; an edge belongs to the stretch below it."""
        place = bisect_left(self.edges, value)
        with self._lock:
            spread = self._spreads.get(labels)
            if spread is None:
                spread = self._spreads[labels] = Spread([0] * (len(self.edges) + 1))
            spread.counts[place] += 1
            spread.total += value

    def read(self) -> Mapping[tuple[str, ...], Spread]:
        """What was noted so far."""
        with self._lock:
            return {
                labels: Spread(list(each.counts), each.total)
                for labels, each in self._spreads.items()
            }


class OfAppends:
    """What one log's appends were like: only those that have recorded something."""

    def __init__(self) -> None:
        self.events = Distribution(
            "append_events",
            "Events that one command has recorded.",
            (1, 2, 5, 10, 50, 200, 1_000, 10_000, 100_000, 1_000_000),
        )
        self.seconds = Distribution(
            "append_duration_seconds", "How long it took to record a command's events.", SECONDS
        )

    def note(self, events: int, seconds: float) -> None:
        """Count an append."""
        self.events.note(events)
        self.seconds.note(seconds)
