"""What is on record of a round of options, and of one person in it."""

from dataclasses import dataclass, field
from datetime import date

from transfer.core.dating.calendars import months_after
from transfer.core.editions.rules import HasRules, RulesOfEdition, by_edition
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import Choice, Scheme

WINDOW, OTHER_POST, OF_OPTION = "accept", "another-post", "of-option"
"""What is due to somebody: the right to take an option, time to find a post, what is owed."""


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
    """A special leave as it stands: of which kind, and its days, the last excluded."""

    leave: str
    effective_from: date
    effective_to: date

    def days_within(self, first: date, end: date) -> int:
        """How many of its days lie from one day up to and excluding another."""
        days = min(self.effective_to, end) - max(self.effective_from, first)
        return max(0, days.days)


@dataclass(slots=True)
class Chooser:
    """What is on record of one person in the round; `standing` is what they have taken, and has
    neither ended nor been dropped."""

    told: list[f.OptionsTold] = field(default_factory=list)
    shown: dict[str, f.ToldBeforehand] = field(default_factory=dict)
    taken: list[f.OptionAccepted] = field(default_factory=list)
    standing: f.OptionAccepted | None = None
    regraded: f.Regraded | None = None
    dropped: f.AcceptanceDropped | None = None
    not_placed: f.NotPlaced | None = None
    post: f.PostFound | None = None
    leaves: list[Leave] = field(default_factory=list)
    hours: dict[date, f.HoursStated] = field(default_factory=dict)

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
        case f.Regraded():
            found.regraded = fact
        case f.AcceptanceDropped():
            found.standing, found.dropped = None, fact
        case f.AcceptanceEnded():
            found.standing = None
        case f.NotPlaced():
            found.not_placed = fact
        case f.PostFound():
            found.post = fact
        case f.HoursStated():
            found.hours[fact.month_from] = fact
        case f.LeaveRecorded():
            found.leaves.append(Leave(fact.leave, fact.effective_from, fact.effective_to))
        case f.LeaveCorrected():
            before = found.leave(fact.leave, fact.before_from)
            if before is not None:
                found.leaves.remove(before)
            if fact.effective_from is not None and fact.effective_to is not None:
                found.leaves.append(Leave(fact.leave, fact.effective_from, fact.effective_to))
        case _:
            pass


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
