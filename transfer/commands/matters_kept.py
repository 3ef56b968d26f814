"""What was read of matters as a whole: kept, so that only what is new of them is read and folded.

A matter as a whole bears on everybody in it, and a matter may have thousands of people. What was
known at an earlier instant never changes: it is the first part of what is known now.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, cast

from transfer.commands.matter_contexts import Context, Contexts
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.facts import MatterFact
from transfer.core.streams import take_apart
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

_KEPT = 64
"""How many matters are kept, and folded."""

_EARLIER = 16
"""How many are kept folded as they once were."""

_K = TypeVar("_K")
_V = TypeVar("_V")

Streams = Mapping[str, Sequence[Recorded[Fact]]]


class KeptMatters:
    """The matters of one log, those that were asked for last; safe among threads.

    `rules` are those that bind a matter, by its name and the digest that its first fact pins.
    """

    def __init__(self, log: Log[Fact]) -> None:
        self._log = log
        self._lock = threading.Lock()
        self.rules: dict[tuple[str, str], RulesOfMatter] = {}
        self._streams: OrderedDict[str, tuple[Recorded[Fact], ...]] = OrderedDict()
        self._contexts: OrderedDict[tuple[str, ...], Contexts] = OrderedDict()
        self._earlier: OrderedDict[tuple[tuple[str, int], ...], Context] = OrderedDict()
        self._beside: dict[type, object] = {}
        self._having: dict[str, tuple[int, frozenset[tuple[str, str]]]] = {}

    def read(self, stream: str) -> tuple[Recorded[Fact], ...]:
        """A matter's stream: as it was kept, with what is new of it."""
        return self.read_together([stream])[0][stream]

    def read_together(
        self, streams: Sequence[str], others: Sequence[str] = ()
    ) -> tuple[Mapping[str, tuple[Recorded[Fact], ...]], Mapping[str, list[Recorded[Fact]]]]:
        """Several matters' streams in one query, and others, of which nothing is kept."""
        with self._lock:
            held = {stream: self._streams.get(stream, ()) for stream in streams}
        known = {stream: events[-1].version if events else 0 for stream, events in held.items()}
        new = self._log.read_new({**known, **dict.fromkeys(others, 0)})
        found = {stream: (*events, *new[stream]) for stream, events in held.items() if new[stream]}
        with self._lock:
            for stream, events in found.items():
                _keep(self._streams, stream, events, _KEPT)
        return {**held, **found}, {stream: new[stream] for stream in others}

    def read_at(self, stream: str, known_at: datetime) -> tuple[Recorded[Fact], ...]:
        """The same as it was on record at an instant, itself included.

        Instants only grow along the log. So where a later fact is kept, nothing has to be asked.
        """
        with self._lock:
            held = self._streams.get(stream, ())
        if not held or held[-1].recorded_at <= known_at:
            held = self.read(stream)
        if not held or held[-1].recorded_at <= known_at:
            return held
        return held[: bisect_right(held, known_at, key=lambda event: event.recorded_at)]

    def context(self, streams: Streams, make: Callable[[], Contexts]) -> Context:
        """The context of these streams, or of what was read of them meanwhile."""
        return self._contexts_of(streams, make).of(streams)

    def context_at(self, streams: Streams, make: Callable[[], Contexts]) -> Context:
        """The context of these streams as they are given, whatever has been recorded since."""
        key = tuple((name, len(events)) for name, events in streams.items())
        with self._lock:
            found = self._earlier.get(key)
        if found is None:
            found, is_latest = self._contexts_of(streams, make).exactly(streams)
            if is_latest:
                return found
        with self._lock:
            found = self._earlier.get(key, found)
            _keep(self._earlier, key, found, _EARLIER)
        return found

    def having(self, stored_name: str) -> frozenset[tuple[str, str]]:
        """Every matter and person of whom a fact of that name was ever recorded: read on from where
        the log was read to."""
        with self._lock:
            position, found = self._having.get(stored_name, (0, frozenset()))
        head = self._log.head().position
        if head > position:
            new = self._log.page(position, head - position, [stored_name])
            staff = ((take_apart(each.stream), each.fact) for each in new)
            found |= {
                (fact.matter, number)
                for (of, number), fact in staff
                if of == "staff" and isinstance(fact, MatterFact)
            }
            with self._lock:
                if head > self._having.get(stored_name, (0, found))[0]:
                    self._having[stored_name] = (head, found)
        return found

    def beside(self, make: type[_V]) -> _V:
        """What somebody else keeps of the same record: one of a kind, made when it is first asked
        for."""
        with self._lock:
            if make not in self._beside:
                self._beside[make] = make()
            return cast(_V, self._beside[make])

    def _contexts_of(self, streams: Streams, make: Callable[[], Contexts]) -> Contexts:
        key = tuple(streams)
        with self._lock:
            kept = self._contexts.get(key)
        if kept is None:
            kept = make()
        with self._lock:
            kept = self._contexts.get(key, kept)
            _keep(self._contexts, key, kept, _KEPT)
        return kept


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V, most: int) -> None:
    """Keep a value, and the last few."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
