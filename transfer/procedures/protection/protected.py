"""What is on record of one protection: its salaries, pay points, payments and end, as stated."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from transfer.core.matter import facts as t
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.lasting import Lasts


@dataclass(frozen=True, slots=True)
class Stated:
    """A sum a year that was stated: for which days, since when it was known, by which document."""

    a_year: Decimal
    effective_from: date
    known_on: date
    document: str | None = None
    called: str = ""
    by_step: bool = False


@dataclass(slots=True)
class Protected:
    """What is on record of one protection."""

    granted: f.ProtectionGranted | None = None
    granted_known_on: date = date.max
    salaries: list[Stated] = field(default_factory=list)
    points: list[Stated] = field(default_factory=list)
    paid: list[f.PayRecorded] = field(default_factory=list)
    length: Lasts | None = None
    length_known_on: date = date.max
    ended: f.ProtectionEndedEarly | None = None
    ended_known_on: date = date.max
    ran_out: bool = False
    lowering: f.LoweringProposed | None = None
    ending: f.EarlyEndProposed | None = None
    told: dict[str, date] = field(default_factory=dict)
    approached: set[str] = field(default_factory=set)
    reviews: dict[str, f.ReviewFellDue] = field(default_factory=dict)
    held: dict[str, date] = field(default_factory=dict)
    placed: f.PlacedInProtectedBand | None = None

    @property
    def lasts(self) -> Lasts:
        """How long it lasts, as far as that is known now."""
        if self.length is not None:
            return self.length
        return Lasts() if self.granted is None else self.granted.lasts

    @property
    def until(self) -> date | None:
        """The first day that is not protected; `None`: no such day is known."""
        ended = None if self.ended is None else self.ended.effective_from
        days = (day for day in (self.lasts.until, ended) if day is not None)
        return min(days, default=None)

    def runs_on(self, day: date) -> bool:
        """Whether the salary is protected on a day, by the safe reading."""
        if self.granted is None or day < self.granted.effective_from:
            return False
        return self.until is None or day < self.until


def evolve(found: Protected, fact: t.MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    known_on = fact.learned_on or fact.happened_on
    match fact:
        case f.ProtectionGranted():
            found.granted, found.granted_known_on = fact, known_on
            found.salaries.append(_stated(fact.salary, fact.effective_from, known_on, fact))
        case f.ProtectedSalaryVaried():
            found.lowering = None
            found.salaries.append(_stated(fact.salary, fact.effective_from, known_on, fact))
        case f.LoweringProposed():
            found.lowering = fact
        case f.ProtectionLengthFound():
            found.length, found.length_known_on = fact.lasts, known_on
        case f.PayPointStated():
            stated = _stated(fact.a_year, fact.effective_from, known_on, fact)
            found.points.append(replace(stated, called=fact.point))
        case f.PayRecorded():
            found.paid.append(fact)
        case f.ProtectionEndsSoon():
            found.approached.add(fact.before)
        case f.EndOfProtectionTold():
            found.told[fact.before] = fact.happened_on
        case f.ReviewFellDue():
            found.reviews[fact.what] = fact
            found.held.pop(fact.what, None)
        case f.ReviewHeld():
            found.held[fact.what] = fact.happened_on
        case f.PlacedInProtectedBand():
            found.placed = fact
        case f.EarlyEndProposed():
            found.ending = fact
        case f.ProtectionEndedEarly():
            found.ended, found.ended_known_on, found.ending = fact, known_on, None
        case f.ProtectionRanOut():
            found.ran_out = True
        case t.ApprovalGiven():
            _approved(found, fact.step, known_on)
        case _:
            pass


def standing_on(stated: Iterable[Stated], day: date) -> Stated | None:
    """What holds on a day: by its first day the last one, of two on one day that recorded last."""
    found: Stated | None = None
    for each in stated:
        if each.effective_from <= day and (
            found is None or each.effective_from >= found.effective_from
        ):
            found = each
    return found


def _stated(a_year: Decimal, since: date, known_on: date, fact: t.MatterFact) -> Stated:
    document = fact.made.document or None
    return Stated(a_year, since, known_on, document, by_step=fact.made.act == LOWER)


LOWER, END_EARLY = "lower-salary", "end-early"
"""The steps that wait for approval."""


def _approved(found: Protected, step: str, on: date) -> None:
    """What waited for approval counts from its lawful day, and was known from the approval on."""
    if step == LOWER:
        for n in reversed(range(len(found.salaries))):
            each = found.salaries[n]
            if each.by_step:
                found.salaries[n] = replace(each, known_on=max(each.known_on, on))
                break
    if step == END_EARLY and found.ended is not None:
        found.ended_known_on = max(found.ended_known_on, on)
