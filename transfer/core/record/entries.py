"""What decisions need to know of the entries on one record: which is which, and what acts on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EntryOnRecord:
    """One entry: which kind it is, what it acts upon, and whether it was annulled.

    `service_from` is what it says of continuous service itself, where `states_service`: a
    correction of a registration, or of a correction of one, keeps that.
    """

    is_registration: bool = False
    is_annulment: bool = False
    annulled: bool = False
    of: UUID | None = None
    states_service: bool = False
    service_from: str | None = None


EntriesOnRecord = Mapping[UUID, EntryOnRecord]
"""By event id, in log order."""


def original_of(entries: EntriesOnRecord, event_id: UUID) -> UUID:
    """The entry at the end of a chain of corrections; itself if it corrects nothing."""
    while (above := entries[event_id].of) is not None:
        event_id = above
    return event_id
