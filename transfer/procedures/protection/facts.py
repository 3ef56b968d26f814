"""What is put on record of one person's pay protection.

Sums are pounds a year for full-time work, unless a field says otherwise.
"""

from datetime import date
from decimal import Decimal

from transfer.core.dating.effective_dating import Piece
from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.pay.money import Pounds, written
from transfer.core.record.staff import term_piece
from transfer.core.words import Basis
from transfer.procedures.protection.lasting import Lasts

TERM = "pay_protection"


class ProtectionGranted(BegunUnderEdition):
    """A salary is protected from a day on, and its end is approved with it.

    `salary` marks time. `stated_salary` and `hours` are the former salary and its full-time week,
    where it was turned into that of another week. `placement` is by which clause a post in `band`
    is owed, where one is.
    """

    ground: str
    salary: Pounds
    stated_salary: Pounds
    hours: Decimal | None = None
    band: str = ""
    effective_from: date
    lasts: Lasts
    placement: Basis | None = None


class ProtectedSalaryVaried(MatterFact):
    """Another salary is protected, from a day up to and excluding the next that is stated.

    `lowers_back`: it is less than what stood, and for days that had passed.
    """

    salary: Pounds
    before: Pounds
    band: str = ""
    effective_from: date
    effective_to: date | None = None
    lowers_back: bool = False


class LoweringProposed(MatterFact):
    """A lower salary for days that have passed is proposed: somebody else has to approve it."""

    salary: Pounds
    before: Pounds
    effective_from: date


class ProtectionLengthFound(MatterFact):
    """How long it lasts is known now, by a document."""

    lasts: Lasts


class PayPointStated(MatterFact):
    """What the person's pay point is, and what it is worth a year, from a day on."""

    point: str
    a_year: Pounds
    effective_from: date


class PayRecorded(MatterFact):
    """What was paid in a month, in pounds; `on_account`: as an advance on what is owed.

    `month` is its first day.
    """

    month: date
    paid: Pounds
    on_account: bool = False


class ProtectionEndsSoon(MatterFact):
    """So long before its end (`before`), the person is to be told that protection ends."""

    before: str
    last_day: date
    later: date


class EndOfProtectionTold(MatterFact):
    """The person was told that protection ends; `before` is the notice that it was."""

    before: str


class ReviewFellDue(MatterFact):
    """What a review counts from happened on a day, so that the review has one too.

    `what` is the id that the edition gives what could end protection early.
    """

    what: str
    counts_from: date
    due_on: date


class ReviewHeld(MatterFact):
    """A review that could have ended the protection was held."""

    what: str
    outcome: str = ""


class PlacedInProtectedBand(MatterFact):
    """A post in the protected band was given to the person."""

    post: str
    band: str
    effective_from: date


class EarlyEndProposed(MatterFact):
    """An end before the day that was approved is proposed: somebody else has to approve it."""

    what: str
    effective_from: date


class ProtectionEndedEarly(MatterFact):
    """Protection ends before its day: `effective_from` is the first day without it.

    `effective_to` is the day on which it would have ended. `what` could end it by the edition;
    blank for another reason. `left`: the person is employed no more.
    """

    what: str = ""
    effective_from: date
    effective_to: date | None = None
    left: bool = False


class ProtectionRanOut(MatterFact):
    """Its last day has passed, by either reading."""

    last_day: date
    later: date


# --- what they state on the record ---------------------------------------------------------------


def said(salary: Decimal, band: str) -> str:
    """The term's value."""
    return f"{written(salary)} pounds a year" + (f", Band {band}" if band else "")


def granted_pieces(fact: ProtectionGranted) -> tuple[Piece, ...]:
    """The term, from its first day up to the first day without it, where that is known."""
    value, until = said(fact.salary, fact.band), fact.lasts.until
    return (term_piece(TERM, value, fact.effective_from, until),)


def varied_pieces(fact: ProtectedSalaryVaried) -> tuple[Piece, ...]:
    """The term with another salary."""
    value = said(fact.salary, fact.band)
    return (term_piece(TERM, value, fact.effective_from, fact.effective_to),)


def length_pieces(fact: ProtectionLengthFound) -> tuple[Piece, ...]:
    """The term, which had no end, ends."""
    return () if fact.lasts.until is None else (term_piece(TERM, None, fact.lasts.until),)


def ended_pieces(fact: ProtectionEndedEarly) -> tuple[Piece, ...]:
    """The term ends before its day."""
    return (term_piece(TERM, None, fact.effective_from, fact.effective_to),)
