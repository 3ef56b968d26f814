"""Values as they are answered: each with its period, where it comes from and, if asked, why."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from projections.position.queries import Held, HeldTerm, NotReached
from transfer.core.dating.instants import Instant
from transfer.questions.answer import Answer, BasisShown, absent
from transfer.questions.links_and_objections import LinksAndObjectionsShown, Objections


class Supplied(Answer):
    """A value, and the period for which one event supplies it.

    `event_id` is the registration or change that it comes from, `corrected_by` the correction in
    force if any, `recorded_at` when that content was recorded. `effective_to` is excluded; null is
    open.
    """

    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: Instant
    basis: BasisShown | None


class Recording(Answer):
    """An event: what kind it is, when it was recorded, by whom, for what reason and on what."""

    event_id: UUID
    type: str
    recorded_at: Instant
    recorded_by: str
    reason: str | None
    basis: BasisShown | None


class Why(Recording):
    """Why a value is what it is on a day: the event whose content is in force, and its past.

    `original` is the entry that this event corrects, null where it corrects none. The record has
    said this of the day since `known_since`, by the events `brought_by`: as a rule this very event;
    an annulment, where that brought an older content back. `replaced` is what the record said of
    the day until then, `preceded_by` the value in force on the day before the period begins; null:
    no value.
    """

    original: Recording | None
    known_since: Instant
    brought_by: tuple[Recording, ...]
    replaced: Supplied | None
    preceded_by: Supplied | None


class Explicable(Supplied):
    """A value that says why it is what it is, if that was asked for (`why=true`).

    `objections` are the person's own to either of its events; they change no value.
    """

    why: Why | None = Field(None, exclude_if=absent)
    objections: Objections = Field((), exclude_if=absent)

    def with_objections(self, noted: LinksAndObjectionsShown) -> Self:
        """The same, with what the person says of it."""
        objections = noted.to(self.event_id, self.corrected_by)
        return self.model_copy(update={"objections": objections}) if objections else self


class InForce(Explicable):
    """A facet's value in force; under a temporary one, the standing one beneath it."""

    standing: Explicable | None = Field(None, exclude_if=absent)

    def with_objections(self, noted: LinksAndObjectionsShown) -> Self:
        """The same, with what the person says of it and of what it overlays."""
        shown = super().with_objections(noted)
        if shown.standing is None:
            return shown
        return shown.model_copy(update={"standing": shown.standing.with_objections(noted)})


class TermInForce(Answer):
    """A term held; `exercise` names the one in whose scope they have it, if it is collective."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    basis: BasisShown | None
    confidence: str | None
    corrected_by: UUID | None
    recorded_at: Instant
    exercise: str | None = Field(None, exclude_if=absent)
    why: Why | None = Field(None, exclude_if=absent)
    objections: Objections = Field((), exclude_if=absent)

    def with_objections(self, noted: LinksAndObjectionsShown) -> Self:
        """The same, with what the person says of it."""
        objections = noted.to(self.event_id, self.corrected_by)
        return self.model_copy(update={"objections": objections}) if objections else self

    @classmethod
    def of(cls, term: HeldTerm) -> Self:
        """Name and period side by side; the confidence is that of the basis."""
        held: Held = term.held
        return cls(
            term=term.term,
            value=held.value,
            effective_from=held.effective_from,
            effective_to=held.effective_to,
            event_id=held.event_id,
            basis=held.basis,
            confidence=held.basis.confidence if held.basis else None,
            corrected_by=held.corrected_by,
            recorded_at=held.recorded_at,
            exercise=term.exercise,
        )


class Stretch(Explicable):
    """A period on a timeline; `temporary` where it overlays a standing value."""

    temporary: bool


class TermNotHeld(Answer):
    """A collective term in force that somebody in scope does not have, and why."""

    term: str
    exercise: str
    value: str
    employed_on: date
    reason: str
    event_id: UUID
    basis: BasisShown | None

    @classmethod
    def of(cls, found: NotReached) -> Self:
        """The same from what the projection found."""
        return cls.model_validate(
            {
                "term": found.term,
                "exercise": found.exercise,
                "value": found.held.value,
                "employed_on": found.employed_on,
                "reason": f"not employed on {found.employed_on}, the day that the term names",
                "event_id": found.held.event_id,
                "basis": found.held.basis,
            }
        )
