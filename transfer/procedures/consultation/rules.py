"""What a consultation asks of the edition that binds it."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.words import Basis, Effect, Happening, OfferStatus


@dataclass(frozen=True, slots=True)
class OfferStands:
    """How an offer stands once something has happened, in words, and by which clause.

    `holds_without_endorsement` marks a term that is granted to everybody outright; `employed_on` is
    the day on which one must be employed to have it.
    """

    term: str
    status: OfferStatus
    value: str
    basis: Basis
    until: date | None = None
    holds_without_endorsement: bool = False
    employed_on: date | None = None


class RulesOfConsultation(RulesOfMatter, Protocol):
    """The edition, as far as a consultation goes by it."""

    @property
    def edition_digest(self) -> str:
        """The SHA-256 of the edition's text."""

    def clause_for(self, act: str) -> str:
        """The clause under which an act is done: "consultation" or "meeting"."""

    def effect_of(self, happening: Happening) -> Effect:
        """What a happening is to the consultation; `Refused` where the edition knows none such."""

    def offers_after(self, happening: Happening, document: str) -> tuple[OfferStands, ...]:
        """Every offer that stands otherwise once something has happened, by a document; without
        one (blank), by what the edition cites."""

    def has_happening(self, name: str) -> bool:
        """Whether the edition has a happening of that name."""

    def happening_of(self, effect: Effect) -> Happening | None:
        """The first happening of the edition that has this effect, if there is one."""

    def offers_as(
        self, status: OfferStatus, document: str, term: str | None = None
    ) -> tuple[OfferStands, ...]:
        """Every offer, or the one of that term, as it stands with that status.

        Without a term those alone that the edition says can stand so. Raises `Refused` for a term
        that is no offer of the edition.
        """

    def offers_moved_with(self, transfer_on: date) -> tuple[OfferStands, ...]:
        """The offers whose day of employment moves once the transfer falls on a day."""
