"""The order of events by the attested clock: when their sources claim to have recorded them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from transfer.core.dating.clocks import attested_instant
from transfer.core.record.staff import EntryAnnulled, EntryCorrected
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

_instant = lru_cache(maxsize=65_536)(attested_instant)


def in_attested_order(
    events: Iterable[Recorded[Fact]], known_at: datetime | None = None
) -> list[Recorded[Fact]]:
    """Events under their attested instants, in the order of these and of the log within one.

    They come in the log's order. Whatever sources claim, what corrects or annuls an entry is not
    known before that entry.
    """
    instants: dict[UUID, datetime] = {}
    dated: list[Recorded[Fact]] = []
    for event in events:
        instant = _instant(event.recorded_at, event.attested)
        if isinstance(event.fact, EntryCorrected | EntryAnnulled):
            instant = max(instant, instants.get(event.fact.of, instant))
        instants[event.event_id] = instant
        dated.append(replace(event, recorded_at=instant))
    return sorted(
        (e for e in dated if known_at is None or e.recorded_at <= known_at),
        key=lambda e: (e.recorded_at, e.position),
    )
