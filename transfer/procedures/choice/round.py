"""What is on record of a round of options, and of one person in it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from transfer.core.dating.calendars import months_after
from transfer.core.editions.rules import HasRules, RulesOfEdition, by_edition
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import Choice, Scheme
from transfer.procedures.protection.facts import ProtectionGranted

WINDOW, OTHER_POST, OF_OPTION = "accept", "another-post", "of-option"
PROTECT = "begin-protection"
"""What is due to somebody: the right to take an option, time to find a post, what is owed, and that
pay protection begins."""


@dataclass(slots=True)
class Round:
    """What is on record of the round as a whole."""

    begun: f.RoundBegun | None = None
    stated_in: str = ""
    through: set[str] = field(default_factory=set)
    ended: f.OfferEnded | None = None


def evolve_round(found: Round, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.RoundBegun():
            found.begun, found.stated_in = fact, fact.stated_in
        case f.OptionsRestated():
            found.stated_in = fact.stated_in
        case f.CohortThrough():
            found.through.add(fact.cohort)
        case f.OfferEnded():
            found.ended = fact
        case _:
            pass


@dataclass(slots=True)
class Leave:
    """A leave as it stands: of which kind, its days, the last excluded, and since when it is on
    record so."""

    leave: str
    effective_from: date
    effective_to: date
    known_on: date = date.min

    def covers(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return self.effective_from <= day < self.effective_to

    def days_within(self, first: date, end: date) -> int:
        """How many of its days lie from one day up to and excluding another."""
        days = min(self.effective_to, end) - max(self.effective_from, first)
        return max(0, days.days)


@dataclass(slots=True)
class HeldTerm:
    """A term that somebody has by an option, on its days; without a last day until it ends."""

    term: str
    effective_from: date
    effective_to: date | None

    def covers(self, day: date) -> bool:
        """Whether they have it on a day."""
        ended = self.effective_to is not None and day >= self.effective_to
        return day >= self.effective_from and not ended


@dataclass(slots=True)
class Chooser:
    """What is on record of one person in the round.

    `standing` is what they have taken, and has neither ended nor been dropped; `protected` the pay
    protection that began from it. Of the months that
    were paid, `settled` is the sum up to which each is settled, `differs` what is still to be.
    """

    told: list[f.OptionsTold] = field(default_factory=list)
    shown: dict[str, f.ToldBeforehand] = field(default_factory=dict)
    taken: list[f.OptionAccepted] = field(default_factory=list)
    standing: f.OptionAccepted | None = None
    regraded: f.Regraded | None = None
    dropped: f.AcceptanceDropped | None = None
    not_placed: f.NotPlaced | None = None
    post: f.PostFound | None = None
    salary: Decimal | None = None
    protected: ProtectionGranted | None = None
    leaves: list[Leave] = field(default_factory=list)
    corrected: list[f.LeaveCorrected] = field(default_factory=list)
    hours: dict[date, f.HoursStated] = field(default_factory=dict)
    held: list[HeldTerm] = field(default_factory=list)
    paid: dict[date, f.MonthPaid] = field(default_factory=dict)
    settled: dict[date, Decimal] = field(default_factory=dict)
    paid_later: dict[date, Decimal] = field(default_factory=dict)
    differs: dict[date, Decimal] = field(default_factory=dict)

    def leave(self, id_: str, first: date) -> Leave | None:
        """The leave of a kind that begins on a day."""
        found = (each for each in self.leaves if each.leave == id_ and each.effective_from == first)
        return next(found, None)


def evolve_chooser(found: Chooser, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.OptionsTold():
            found.told.append(fact)
        case f.ToldBeforehand():
            found.shown.setdefault(fact.what, fact)
        case f.OptionAccepted():
            found.taken.append(fact)
            found.standing, found.dropped = fact, None
            if not fact.waits:
                found.held += _held(fact.terms)
        case f.Regraded():
            found.regraded = fact
            found.held += _held(fact.terms)
        case f.AcceptanceDropped():
            found.standing, found.dropped = None, fact
        case f.AcceptanceEnded():
            found.standing = None
            for each in found.held:
                if each.term in fact.terms and each.covers(fact.effective_from):
                    each.effective_to = fact.effective_from
        case f.NotPlaced():
            found.not_placed = fact
        case f.PostFound():
            found.post = fact
        case f.SalaryStated():
            found.salary = fact.a_year
        case ProtectionGranted():
            found.protected = fact
        case f.HoursStated():
            found.hours[fact.month_from] = fact
        case f.LeaveRecorded():
            found.leaves.append(_leave(fact, fact.effective_from, fact.effective_to))
        case f.LeaveCorrected():
            before = found.leave(fact.was or fact.leave, fact.before_from)
            if before is not None:
                found.leaves.remove(before)
            if fact.effective_from is not None and fact.effective_to is not None:
                found.leaves.append(_leave(fact, fact.effective_from, fact.effective_to))
            found.corrected.append(fact)
        case f.MonthPaid(month_from=month):
            found.paid[month], found.settled[month] = fact, fact.paid
            found.differs[month] = fact.difference
        case f.MonthDiffers():
            found.differs[fact.month_from] = fact.difference
        case f.MonthSettled(month_from=month):
            found.settled[month] = found.settled.get(month, Decimal(0)) + fact.difference
            found.paid_later[month] = found.paid_later.get(month, Decimal(0)) + fact.paid
            found.differs[month] = Decimal(0)
        case _:
            pass


def _held(terms: tuple[f.TermOfOption, ...]) -> list[HeldTerm]:
    return [HeldTerm(each.term, each.effective_from, each.effective_to) for each in terms]


def _leave(fact: f.LeaveRecorded | f.LeaveCorrected, first: date, end: date) -> Leave:
    return Leave(fact.leave, first, end, fact.learned_on or fact.happened_on)


# --- what decisions and answers read ------------------------------------------------------------


def round_of(case: Case | Asked) -> Round:
    """The round as a whole."""
    found: Round = case.state.whole.substance
    return found


def chooser_of(case: Case | Asked) -> Chooser:
    """One person in it."""
    found: Chooser = case.state.mine.substance
    return found


def begun_of(case: Case | Asked) -> f.RoundBegun:
    """With what the round began; `Refused` on an earlier day."""
    begun = round_of(case).begun
    if begun is None:
        raise Refused("no options had been put to anybody by that day")
    return begun


def scheme_of(case: Case | Asked) -> Scheme:
    """The scheme of the round."""
    return part_of(case).scheme(begun_of(case).scheme)


def part_of(case: HasRules) -> Choice:
    """The part of the edition."""
    return rules_of(case).part(Choice)


def rules_of(case: HasRules) -> RulesOfEdition:
    """The edition."""
    return by_edition(case)


def month_of(day: date) -> tuple[date, date]:
    """The month that a day lies in: its first day, and that of the next."""
    first = day.replace(day=1)
    return first, months_after(first, 1)
