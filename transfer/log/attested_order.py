"""The order of events by the attested clock: when their sources claim to have recorded them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from transfer.core.dating.clocks import attested_instant
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_instant = lru_cache(maxsize=65_536)(attested_instant)


def in_attested_order(
    events: Iterable[Recorded[Fact]], known: KnownFacts, known_at: datetime | None = None
) -> list[Recorded[Fact]]:
    """Events under their attested instants, in the order of these and of the log within one.

    They come in the log's order. Whatever sources claim, what corrects or annuls an entry is not
    known before that entry.
    """
    instants: dict[UUID, datetime] = {}
    dated: list[Recorded[Fact]] = []
    for event in events:
        instant = _instant(event.recorded_at, event.attested)
        upon = known.upon(event.fact)
        if upon is not None:
            instant = max(instant, instants.get(upon.fact, instant))
        instants[event.event_id] = instant
        dated.append(replace(event, recorded_at=instant))
    return sorted(
        (e for e in dated if known_at is None or e.recorded_at <= known_at),
        key=lambda e: (e.recorded_at, e.position),
    )
