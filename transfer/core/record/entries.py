"""Entries on one record: what is asked to be entered, and what decisions need to know of the rest.

One value goes all the way: a route's body makes it, a command records it, a preview supposes it and
a bulk act has many.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import Field

from transfer.core.words import (
    MAIN,
    AssignmentName,
    Basis,
    Commitment,
    Facet,
    Frozen,
    StaffNumber,
)

# --- what is asked to be entered ---------------------------------------------------------------


class Registration(Frozen):
    """Begins a person's record; the values of `position` stand from `effective_from`."""

    staff_number: StaffNumber
    effective_from: date
    continuous_service_from: date | None = None
    assignment: AssignmentName = MAIN
    position: Mapping[Facet, str | None]
    basis: Basis | None = None


class Change(Frozen):
    """Changes facets of one assignment: standing without `effective_to`, else temporary."""

    effective_from: date
    effective_to: date | None = None
    assignment: AssignmentName = MAIN
    changes: Mapping[Facet, str | None]
    reason: str
    basis: Basis | None = None


class TermSet(Frozen):
    """Grants a term, varies one that is held, or (`value` `None`) ends it."""

    term: str
    value: str | None
    effective_from: date
    effective_to: date | None = None
    reason: str
    basis: Basis | None = None


class Correction(Frozen):
    """Replaces the whole content of the entry `of`, in that entry's place in the order."""

    of: UUID
    effective_from: date
    effective_to: date | None = None
    assignment: AssignmentName = MAIN
    changes: Mapping[Facet, str | None] = Field(default_factory=dict)
    terms: Mapping[str, str | None] = Field(default_factory=dict)
    reason: str
    basis: Basis | None = None


class Annulment(Frozen):
    """Takes the effect of the entry `of` away for good."""

    of: UUID
    reason: str
    basis: Basis | None = None


class Leaving(Frozen):
    """Ends an assignment from a day: its last day is the day before."""

    effective_from: date
    assignment: AssignmentName = MAIN
    reason: str
    basis: Basis | None = None


NOT_SEALED: Commitment = "0" * 64
"""Stands for the commitment to a name that is not in the vault yet, as in a preview."""


class Naming(Frozen):
    """The person goes by another name from a day; with `of`, in the place of an earlier such entry.

    The name itself goes to the vault; `commitment` proves it.
    """

    effective_from: date
    commitment: Commitment = NOT_SEALED
    of: UUID | None = None
    reason: str
    basis: Basis | None = None


NewEntry = Change | TermSet | Correction | Annulment | Leaving | Naming
"""What can be entered on the record of a person who is registered."""

# --- what is on record -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryOnRecord:
    """One entry: which kind it is, what it acts upon, and whether it was annulled.

    `service_from` is what it says of continuous service itself, where `states_service`: a
    correction of a registration, or of a correction of one, keeps that.
    """

    is_registration: bool = False
    is_annulment: bool = False
    is_naming: bool = False
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
