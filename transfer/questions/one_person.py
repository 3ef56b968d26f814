"""Which staff numbers are one person now? By the links that stand, also through a third number.

Read from the log itself, which never lags: by this it is decided who may read whose record.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from transfer.core.record.links import IdentityFact, Links, evolve
from transfer.core.streams import staff_stream
from transfer.core.words import is_staff_number
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact


class ReadsMany(Protocol):
    """The part of the log that is needed here."""

    def read_many(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


def one_person(log: ReadsMany, staff_number: str) -> frozenset[str]:
    """The number itself, and every other that is linked with it now."""
    found = {staff_number}
    frontier = found if is_staff_number(staff_number) else set()
    while frontier:
        events = log.read_many([staff_stream(number) for number in sorted(frontier)])
        frontier = {other for of in events.values() for other in _standing(of)} - found
        found = found | frontier
    return frozenset(found)


def _standing(events: Sequence[Recorded[Fact]]) -> Sequence[str]:
    links = Links()
    for event in events:
        if isinstance(event.fact, IdentityFact):
            evolve(links, event.event_id, event.fact)
    return list(links.standing)
