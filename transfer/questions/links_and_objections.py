"""What stands beside a record: the staff numbers linked with it, and objections to its entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from pydantic import Field

from projections.links_and_objections.projection import (
    LinksAndObjections,
    Objection,
    ObjectionState,
)
from transfer.commands.links_and_objections import words_of
from transfer.core.dating.instants import Instant
from transfer.questions.answer import Answer, BasisShown, absent
from transfer.vault import Vault


class LinkShown(Answer):
    """Another staff number of the same person, and the entry that says so.

    Each number keeps its own history and answers for itself. `through` is the number on whose
    record the link is: this one, or one that is linked with it itself.
    """

    staff_number: str
    through: str
    event_id: UUID
    recorded_at: Instant
    reason: str
    basis: BasisShown | None


class ObjectionShown(Answer):
    """The person's own objection to the entry `of`; it changes no value.

    `statement` is what they say, and `reason` what the employer answers; null where there is none,
    or the person's data was erased. `closed_by` is the event that withdrew or answered it,
    `put_right_by` the entry by which an upheld one was put right.
    """

    event_id: UUID
    of: UUID
    recorded_at: Instant
    recorded_by: str
    statement: str | None
    state: ObjectionState
    closed_by: UUID | None = Field(None, exclude_if=absent)
    closed_at: Instant | None = Field(None, exclude_if=absent)
    reason: str | None = Field(None, exclude_if=absent)
    put_right_by: UUID | None = Field(None, exclude_if=absent)
    basis: BasisShown | None = Field(None, exclude_if=absent)

    @classmethod
    def of_objection(cls, objection: Objection, words: Mapping[str, str]) -> Self:
        """The same from what the projection found, and the person's words in the vault."""
        closed_by = objection.closed_by
        return cls(
            event_id=objection.event_id,
            of=objection.of,
            recorded_at=objection.recorded_at,
            recorded_by=objection.recorded_by,
            statement=words.get(words_of(objection.event_id)),
            state=objection.state,
            closed_by=closed_by,
            closed_at=objection.closed_at,
            reason=None if closed_by is None else words.get(words_of(closed_by)),
            put_right_by=objection.put_right_by,
            basis=objection.basis,
        )


Objections = tuple[ObjectionShown, ...]


@dataclass(frozen=True, slots=True)
class LinksAndObjectionsShown:
    """What stands beside one record; most records have nothing."""

    linked: tuple[LinkShown, ...] = ()
    objections: Objections = ()
    _by_entry: dict[UUID, Objections] = field(default_factory=dict)

    @classmethod
    def of(cls, vault: Vault, staff_number: str, remarks: LinksAndObjections) -> Self:
        """The same from what the projection found; the vault is asked only for objections."""
        linked = tuple(map(LinkShown.model_validate, remarks.links))
        if not remarks.objections:
            return cls(linked)
        words = vault.get(staff_number) or {}
        objections = tuple(ObjectionShown.of_objection(each, words) for each in remarks.objections)
        by_entry: dict[UUID, Objections] = {}
        for each in objections:
            by_entry[each.of] = (*by_entry.get(each.of, ()), each)
        return cls(linked, objections, by_entry)

    def to(self, *entries: UUID | None) -> Objections:
        """The objections to any of these entries."""
        if not self._by_entry:
            return ()
        return tuple(
            each for entry in entries if entry is not None for each in self._by_entry.get(entry, ())
        )
