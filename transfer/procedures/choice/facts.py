"""What is put on record of a round of options: of the whole, and of each person in it.

Who does not take an offer that stands for everybody has nothing of it on their record: there is no
fact that says so.
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from transfer.core.dating.effective_dating import Piece
from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.pay.money import Pounds
from transfer.core.record.staff import facet_pieces, term_piece
from transfer.core.words import MAIN, Basis, Facet, Frozen

# --- the round ----------------------------------------------------------------------------------


class RoundBegun(BegunUnderEdition):
    """Options of a scheme are put to people in one place, as a document states them.

    `stated_in` is that document, `estate` what kind of establishment it is.
    """

    scheme: str
    stated_in: str
    establishment: str
    estate: str


class OptionsRestated(MatterFact):
    """The options are stated by another version of the document from now on."""

    stated_in: str
    before: str


class CohortThrough(MatterFact):
    """Everybody of a cohort was looked at: the turn is that of the next."""

    cohort: str


class OfferEnded(MatterFact):
    """The offer stands until the eve of a day, and what people have by it ends then."""

    effective_from: date


# --- one person ---------------------------------------------------------------------------------


class OptionsTold(MatterFact):
    """Somebody was told their options, as a version of the document states them.

    `evidence` is what the record showed of them, by facet, where the cohort was found by it.
    """

    cohort: str
    evidence: dict[str, str]
    options: tuple[str, ...]
    stated_in: str
    window: Reckoned


class ToldBeforehand(MatterFact):
    """Somebody was told something that has to be known before an option is taken."""

    what: str


class DutyOwed(Frozen):
    """What is owed to somebody by the option that they took, and from whom."""

    what: str
    owner: str
    basis: Basis


class TermOfOption(Frozen):
    """A term that an option gives: `last_day` is the last one by each reading, where it ends.

    `taken_on_by` is the kind of procedure that counts it down, on the `ground` of the edition.
    """

    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    last_day: Reckoned
    taken_on_by: str = ""
    ground: str = Field("", exclude_if=lambda ground: not ground)


class OptionAccepted(MatterFact):
    """Somebody takes an option. What lowers pay `waits` for approval and takes effect by itself."""

    option: str
    cohort: str
    stated_in: str
    effective_from: date
    in_time: bool
    admitted_because: str
    agreed_by: str
    waits: bool
    owes: tuple[DutyOwed, ...]
    terms: tuple[TermOfOption, ...]


class Regraded(MatterFact):
    """An option that lowers pay takes effect, with the terms that protect it."""

    option: str
    effective_from: date
    changes: dict[Facet, str]
    terms: tuple[TermOfOption, ...]


class AcceptanceDropped(MatterFact):
    """What somebody had taken has no object any more."""

    reason: str


class DutyOfOptionMet(MatterFact):
    """What was owed by an option was done."""

    what: str


class AcceptanceEnded(MatterFact):
    """What somebody had by an option ends on the eve of a day."""

    option: str
    effective_from: date
    terms: tuple[str, ...]


class NotPlaced(MatterFact):
    """Somebody was not given one of the posts, and has until a day to find another."""

    post_by: Reckoned


class PostFound(MatterFact):
    """Somebody who was not placed has another post."""

    post: str


class HoursStated(MatterFact):
    """How many hours somebody worked in a month, of how many by contract."""

    month_from: date
    hours: Decimal
    full_hours: Decimal


class SalaryStated(MatterFact):
    """What pay was worth a year before the option that somebody takes, in pounds for full-time
    work: the salary that is protected."""

    a_year: Pounds


class LeaveRecorded(MatterFact):
    """Somebody is on leave, or away, up to and excluding a day."""

    leave: str
    term: str
    value: str
    effective_from: date
    effective_to: date


class LeaveCorrected(MatterFact):
    """A leave had other days; none, where there was no such leave.

    `was` is the leave that had been recorded and `was_term` its term, where it was another one.
    """

    leave: str
    term: str
    value: str
    before_from: date
    before_to: date
    effective_from: date | None = None
    effective_to: date | None = None
    was: str = Field("", exclude_if=lambda said: not said)
    was_term: str = Field("", exclude_if=lambda said: not said)


def put_right(fact: LeaveCorrected) -> str:
    """A correction in words."""
    was = fact.was or fact.leave
    if fact.effective_from is None:
        return f"there was no {was} from {fact.before_from}"
    now = f"{fact.leave} " if fact.was else ""
    return (
        f"{was} of {fact.before_from} was {now}from {fact.effective_from}, up to and excluding "
        f"{fact.effective_to}"
    )


class Reading(StrEnum):
    """How a sum that is paid in part is worked out: the source says "pro rata" and no more."""

    DAYS = "days"
    HOURS = "hours"


class MonthPaid(MatterFact):
    """What was paid for a month, and what was due by what was known then, by one reading.

    `difference` is what was due less what was paid.
    """

    month_from: date
    goes_by: Reading
    days: int
    days_of_leave: int
    due: Pounds
    paid: Pounds
    difference: Pounds


class MonthDiffers(MatterFact):
    """A month that was paid is due otherwise by now: `believed` is what was due when it was paid.

    `difference` is what is still to be settled; less than nothing where too much was paid.
    """

    month_from: date
    believed: Pounds
    due: Pounds
    difference: Pounds


class MonthSettled(MatterFact):
    """What differed of a month is settled: `paid` of it was paid, or what had been paid stands."""

    month_from: date
    difference: Pounds
    paid: Pounds


# --- dated values -------------------------------------------------------------------------------


def _terms(terms: tuple[TermOfOption, ...]) -> tuple[Piece, ...]:
    return tuple(
        term_piece(each.term, each.value, each.effective_from, each.effective_to) for each in terms
    )


def accepted_pieces(fact: OptionAccepted) -> tuple[Piece, ...]:
    """The terms of an option that takes effect with its acceptance."""
    return () if fact.waits else _terms(fact.terms)


def regraded_pieces(fact: Regraded) -> tuple[Piece, ...]:
    """The facets that the option changes, and the terms that it gives."""
    changes: dict[Facet, str | None] = dict(fact.changes)
    facets = facet_pieces(changes, assignment=MAIN, effective_from=fact.effective_from)
    return (*facets, *_terms(fact.terms))


def ended_pieces(fact: AcceptanceEnded) -> tuple[Piece, ...]:
    """The terms that end."""
    return tuple(term_piece(each, None, fact.effective_from) for each in fact.terms)


def leave_pieces(fact: LeaveRecorded) -> tuple[Piece, ...]:
    """The leave, as a term that is held on its days."""
    return (term_piece(fact.term, fact.value, fact.effective_from, fact.effective_to),)


def corrected_pieces(fact: LeaveCorrected) -> tuple[Piece, ...]:
    """The days that a leave had no more, and those that it has."""
    first, end = fact.effective_from, fact.effective_to
    was = fact.was_term or fact.term
    if first is None or end is None:
        return (term_piece(was, None, fact.before_from, fact.before_to),)
    if was != fact.term:
        ends = term_piece(was, None, fact.before_from, fact.before_to)
        return ends, term_piece(fact.term, fact.value, first, end)
    found = [term_piece(fact.term, fact.value, first, end)]
    for start, stop in (
        (fact.before_from, min(fact.before_to, first)),
        (max(fact.before_from, end), fact.before_to),
    ):
        if start < stop:
            found.append(term_piece(fact.term, None, start, stop))
    return tuple(found)


def eve(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)
