"""The edition of 2013 as kinds of the engine ask it, with the assumed windows of `tr_2013`."""

from dataclasses import fields
from datetime import date

from tests.support.tr_2013 import RULES, TR_2013
from transfer.core.dating.calendars import Calendar, Period
from transfer.core.matter.reckoning import Reckoning
from transfer.core.refusals import Refused
from transfer.core.rules import WindowInForce
from transfer.core.words import Basis, Effect, Happening, WindowKind
from transfer.procedures.consultation import consultation as today
from transfer.procedures.consultation.rules import OfferStands
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.in_force import offers_after, offers_moved_with


class Rules2013:
    """What the edition answers."""

    def __init__(self, terms: TermsOfExercise = RULES) -> None:
        self.terms = terms

    # --- every matter ----------------------------------------------------------------------

    @property
    def calendar(self) -> Calendar:
        return self.terms.calendar

    @property
    def office_of_one(self) -> bool:
        return False

    @property
    def digest(self) -> str:
        return TR_2013.digest()

    def waits(self, _step: str) -> bool:
        return False

    def period(self, clause: str) -> Period:
        return self.terms.period(clause)

    def reckoning(self, name: str) -> tuple[Reckoning, Basis]:
        clause = self.terms.window(name).length_clause
        return Reckoning(length=self.period(clause)), self.basis(clause)

    def basis(self, *clauses: str) -> Basis:
        return self.terms.basis(*clauses) if clauses else Basis(rulebook=TR_2013.edition)

    def clause_for(self, act: str) -> str:
        return self.terms.clause_for(act)

    # --- appeals ---------------------------------------------------------------------------

    def window_of(self, kind: WindowKind) -> WindowInForce:
        return self.terms.window_of(kind)

    def panel(self, transferor: str | None) -> tuple[Reckoning, Basis]:
        clause = self.window_of(WindowKind.APPEAL).panel_clause
        if clause is None:
            raise Refused("no panel")
        return Reckoning(length=self.terms.period(clause, transferor)), self.basis(clause)

    def require_destination(self, destination: str) -> None:
        self.terms.require_destination(destination)

    # --- the consultation ------------------------------------------------------------------

    def effect_of(self, happening: Happening) -> Effect:
        return TR_2013.happening(happening).effect

    def offers_after(self, happening: Happening, document: str) -> tuple[OfferStands, ...]:
        return tuple(map(_offer, offers_after(self.terms, happening, document)))

    def offers_moved_with(self, transfer_on: date) -> tuple[OfferStands, ...]:
        return tuple(map(_offer, offers_moved_with(self.terms, transfer_on)))


def _offer(offer: today.OfferStands) -> OfferStands:
    return OfferStands(**{each.name: getattr(offer, each.name) for each in fields(offer)})
