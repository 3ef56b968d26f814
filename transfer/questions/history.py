"""A person's history: every event on their stream, oldest first, as known at an instant.

Read straight from the log, so there is nothing here that could lag behind it. Facts hold no
personal data, and neither does this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from transfer.core.dating.effective_dating import Entries
from transfer.core.record.staff import EntryAnnulled, EntryCorrected
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import Attested, Basis
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact, entry_of, stored_name


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One event with both its times, its actor and why.

    `type` is the fact's stored name and `fact` its content as JSON. `of` is the entry that a
    correction or annulment names; `annulled_by` and `corrected_by` (the latest correction that is
    not itself annulled) say what became of this entry, as known at the instant asked for.
    `replaced` is the event whose content this one took the place of (or away) when it was
    recorded, `replaced_by` the one that took this one's, unless it was brought back since.
    """

    event_id: UUID
    version: int
    position: int
    type: str
    recorded_at: datetime
    recorded_by: str
    effective_from: date | None
    effective_to: date | None
    of: UUID | None
    reason: str | None
    basis: Basis | None
    attested: Attested | None
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    annulled_by: UUID | None
    corrected_by: UUID | None
    replaced: UUID | None
    replaced_by: UUID | None
    # JSON has no narrower type.
    fact: dict[str, Any]


class ReadsStreams(Protocol):
    """The part of the log that is needed here."""

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[Fact]]:
        """One stream's facts, oldest first."""


def history(
    log: ReadsStreams, staff_number: str, known_at: datetime | None = None
) -> tuple[HistoryItem, ...]:
    """Every event of a person recorded at or before an instant (all of them, if `None`).

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    return history_of(events_of(log, staff_number, known_at))


def events_of(
    log: ReadsStreams, staff_number: str, known_at: datetime | None = None
) -> Sequence[Recorded[Fact]]:
    """The same as they are in the log; raises as `history` does."""
    events = log.read(staff_stream(staff_number), up_to_recorded=known_at)
    if not events:
        when = "" if known_at is None else f" at {known_at.isoformat()}"
        raise NotOnRecord(f"{staff_number} was not on record{when}")
    return events


def history_of(events: Sequence[Recorded[Fact]]) -> tuple[HistoryItem, ...]:
    """The items of a stream's events; what is not among them was not known."""
    annulled: dict[UUID, UUID] = {}
    corrections: dict[UUID, list[UUID]] = {}
    for event in events:
        if isinstance(event.fact, EntryAnnulled):
            annulled[event.fact.of] = event.event_id
        elif isinstance(event.fact, EntryCorrected):
            corrections.setdefault(event.fact.of, []).append(event.event_id)
    replaced, replaced_by = _replacements(events)
    return tuple(
        _item(
            event,
            replaced=replaced.get(event.event_id),
            replaced_by=replaced_by.get(event.event_id),
            annulled_by=annulled.get(event.event_id),
            corrected_by=next(
                (
                    correction
                    for correction in reversed(corrections.get(event.event_id, []))
                    if correction not in annulled
                ),
                None,
            ),
        )
        for event in events
    )


def _replacements(
    events: Sequence[Recorded[Fact]],
) -> tuple[Mapping[UUID, UUID], Mapping[UUID, UUID]]:
    """Whose content each event took the place of, and which took its place in the end."""
    book = Entries()
    replaced: dict[UUID, UUID] = {}
    replaced_by: dict[UUID, UUID] = {}
    for event in events:
        entry = entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is None:
            continue
        before = None if entry.of is None else book.content_in_place_of(entry.of)
        book.add(entry)
        after = book.content_in_place_of(entry.event_id)
        if before is not None and before != after:
            replaced[event.event_id] = before.event_id
            replaced_by[before.event_id] = event.event_id
        if after is not None:
            replaced_by.pop(after.event_id, None)
    return replaced, replaced_by


def _item(
    event: Recorded[Fact],
    *,
    annulled_by: UUID | None,
    corrected_by: UUID | None,
    replaced: UUID | None,
    replaced_by: UUID | None,
) -> HistoryItem:
    fact = event.fact
    return HistoryItem(
        event_id=event.event_id,
        version=event.version,
        position=event.position,
        type=stored_name(fact),
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by,
        # Facts differ in which of these they have.
        effective_from=getattr(fact, "effective_from", None),
        effective_to=getattr(fact, "effective_to", None),
        of=getattr(fact, "of", None),
        reason=getattr(fact, "reason", None),
        basis=getattr(fact, "basis", None),
        attested=event.attested,
        command_id=event.command_id,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        annulled_by=annulled_by,
        corrected_by=corrected_by,
        replaced=replaced,
        replaced_by=replaced_by,
        fact=fact.model_dump(mode="json"),
    )
