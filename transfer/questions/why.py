"""Why a value is what it is: who recorded it, when, for what reason, and what it replaced.

Worked out from the log's own events by the effective-dating rule, so it needs no table: a reader
who asks for it pays for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from projections.position.queries import Held
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.dating.tracing import Trace, traces
from transfer.core.streams import matter_stream, staff_stream
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.differences import Item
from transfer.questions.values import Recording, Why


class ReadsStreams(Protocol):
    """The part of the log that is needed here."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


class Reasons:
    """The reasons behind a person's values, as known at an instant."""

    def __init__(
        self,
        log: ReadsStreams,
        staff_number: str,
        known_at: datetime,
        items: Iterable[Item],
    ) -> None:
        """Read what is needed to explain these items."""
        self._known = known = log.known
        self._staff_number = staff_number
        wanted: dict[str, set[Key]] = {}
        for item in items:
            wanted.setdefault(self._stream(item), set()).add(_key(item))
        streams = log.read_many(list(wanted), up_to_recorded=known_at)
        self._events = {each.event_id: each for events in streams.values() for each in events}
        self._traces: dict[str, Mapping[Key, Trace]] = {}
        for stream, events in streams.items():
            entries = (
                known.entry_of(each.event_id, each.recorded_at, each.fact) for each in events
            )
            self._traces[stream] = traces(
                (each for each in entries if each is not None), frozenset(wanted[stream])
            )

    def of(self, item: Item, held: Held, on: date) -> Why:
        """Why an item reads as it does on a day: `held`, as a query at that instant found it."""
        return self._explained(item, held, on)

    def of_standing(self, item: Item, held: Held, on: date) -> Why:
        """The same of a standing value beneath a temporary one."""
        return self._explained(item, held, on, standing_only=True)

    def _explained(self, item: Item, held: Held, on: date, *, standing_only: bool = False) -> Why:
        trace = self._traces[self._stream(item)][_key(item)]
        found = trace.why(on, standing_only=standing_only)
        if found is None:
            raise LookupError(f"the log gives {item} no value on {on}: rebuild the read model")
        corrected = held.corrected_by is not None
        content = self._recording(held.corrected_by or held.event_id)
        return Why(
            **dict(content),
            original=self._recording(held.event_id) if corrected else None,
            known_since=found.known_since,
            brought_by=tuple(map(self._recording, found.brought_by)),
            replaced=found.replaced,
            preceded_by=found.preceded_by,
        )

    def _stream(self, item: Item) -> str:
        if item.exercise is not None:
            return matter_stream(f"consultation:{item.exercise}")
        return staff_stream(self._staff_number)

    def _recording(self, event_id: UUID) -> Recording:
        event = self._events[event_id]
        return Recording(
            event_id=event_id,
            type=self._known.stored_name(event.fact),
            recorded_at=event.recorded_at,
            recorded_by=event.recorded_by,
            # Facts differ in which of these they have.
            reason=getattr(event.fact, "reason", None),
            basis=getattr(event.fact, "basis", None),
        )


def _key(item: Item) -> Key:
    if item.assignment is None:
        return Key(Kind.TERM, "", item.name)
    return Key(Kind.FACET, item.assignment, item.name)
