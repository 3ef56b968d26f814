"""The cases of a register: who held them when, and who was in place by the managers' own records.

Somebody is in place for a case on a day who was responsible for it by the register, is employed on
that day, and is employed by the organisation that holds the case; while caseloads are aligned
(`Alignment`), also where another organisation employs them. Cover goes before the manager whom it
covers for, where it is in place itself.

A hand-over holds from the day on which it takes effect, for the whole of that day.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from transfer.core.dating.effective_dating import Key, Period
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter.deciding import Position
from transfer.core.matter.facts import MatterFact
from transfer.core.words import MAIN, Facet
from transfer.procedures.case_responsibility import facts as f

_EMPLOYER = Key(KeyKind.FACET, MAIN, Facet.EMPLOYER)


class How(StrEnum):
    """How somebody came to be responsible."""

    OPENED = "opened"
    HANDOVER = "handover"
    COVER = "cover"
    STATED = "stated"


class Held(NamedTuple):
    """Somebody is responsible by the register; `effective_to` is excluded, `None` without end."""

    manager: str
    effective_from: date
    effective_to: date | None
    how: How
    handover: str = ""

    def covers(self, day: date) -> bool:
        """Whether a day is one of these."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


class HolderFrom(NamedTuple):
    """Which organisation holds a case from a day on."""

    effective_from: date
    held_by: str


class Case(NamedTuple):
    """One case. Two cases with the same history are equal, and are looked at once."""

    opened_from: date
    closed_from: date | None
    holders: tuple[HolderFrom, ...]
    held: tuple[Held, ...]

    def is_live(self, day: date) -> bool:
        """Whether it needs a manager on a day."""
        return self.opened_from <= day and (self.closed_from is None or day < self.closed_from)

    def held_by(self, day: date) -> str:
        """The organisation that holds it on a day."""
        found = [each for each in self.holders if each.effective_from <= day]
        return max(found).held_by if found else self.holders[0].held_by

    def standing(self, day: date) -> tuple[Held, ...]:
        """Who is responsible on a day by the register, without cover."""
        return tuple(each for each in self.held if each.how is not How.COVER and each.covers(day))

    def covering(self, day: date) -> tuple[Held, ...]:
        """Who covers on a day."""
        return tuple(each for each in self.held if each.how is How.COVER and each.covers(day))

    def taken_over(self, by: Held) -> "Case":
        """The same, where somebody is responsible from a day on in place of everybody else.

        A change that was recorded earlier for a later day still holds from that day.
        """
        day = by.effective_from
        kept: list[Held] = []
        ends: date | None = None
        for each in self.held:
            if each.how is How.COVER or each.effective_from > day:
                kept.append(each)
                if each.how is not How.COVER:
                    ends = min(filter(None, (ends, each.effective_from)))
            elif each.effective_from < day:
                kept.append(each._replace(effective_to=day) if each.covers(day) else each)
        return self._replace(held=(*kept, by._replace(effective_to=ends)))

    def without(self, manager: str, since: date, until: date | None) -> "Case":
        """The same, where somebody was not responsible on these days after all."""
        kept: list[Held] = []
        for each in self.held:
            ends = each.effective_to
            overlaps = (ends is None or since < ends) and (
                until is None or each.effective_from < until
            )
            if each.manager != manager or not overlaps:
                kept.append(each)
                continue
            if each.effective_from < since:
                kept.append(each._replace(effective_to=since))
            if until is not None and (ends is None or until < ends):
                kept.append(each._replace(effective_from=until))
        return self._replace(held=tuple(kept))


@dataclass(slots=True)
class Register:
    """What is on record of one register."""

    begun: f.CaseRegisterBegun | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    offers: dict[str, f.HandoverOffered] = field(default_factory=dict)
    answered: dict[str, MatterFact] = field(default_factory=dict)
    wanting: dict[str, f.CasesWithoutManager] = field(default_factory=dict)

    def pending(self, case: str) -> f.HandoverOffered | None:
        """The offer of a case that has not been answered."""
        for name, offer in self.offers.items():
            if name not in self.answered and case in offer.cases:
                return offer
        return None

    @property
    def managers(self) -> frozenset[str]:
        """Everybody who was ever responsible for one of the cases."""
        return frozenset(each.manager for case in self.cases.values() for each in case.held)


def evolve(found: Register, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.CaseRegisterBegun():
            found.begun = fact
        case f.CasesOpened():
            since = fact.effective_from
            held = () if fact.manager is None else (Held(fact.manager, since, None, How.OPENED),)
            opened = Case(since, None, (HolderFrom(since, fact.held_by),), held)
            found.cases |= dict.fromkeys(fact.cases, opened)
        case f.CasesAllocated():
            holder = HolderFrom(fact.effective_from, fact.held_by)
            for name, it in _of(found, fact.cases):
                others = (h for h in it.holders if h.effective_from != holder.effective_from)
                found.cases[name] = it._replace(holders=(*others, holder))
        case f.HandoverOffered():
            found.offers[fact.handover] = fact
        case f.HandoverAccepted():
            found.answered[fact.handover] = fact
            taking = Held(fact.manager, fact.effective_from, None, How.HANDOVER, fact.handover)
            for name, it in _of(found, fact.cases):
                found.cases[name] = it.taken_over(taking)
                found.wanting.pop(name, None)
        case f.HandoverRefused() | f.HandoverLapsed():
            found.answered[fact.handover] = fact
        case f.CoverArranged():
            cover = Held(fact.manager, fact.effective_from, fact.effective_to, How.COVER)
            for name, it in _of(found, fact.cases):
                found.cases[name] = it._replace(held=(*it.held, cover))
        case f.ManagerStated():
            days = fact.effective_from, fact.effective_to
            for name, it in _of(found, fact.cases):
                before = it
                if fact.in_place_of is not None:
                    before = it.without(fact.in_place_of, *days)
                stated = Held(fact.manager, *days, How.STATED)
                found.cases[name] = before._replace(held=(*before.held, stated))
                if fact.effective_to is None:
                    found.wanting.pop(name, None)
        case f.ManagerRemoved():
            for name, it in _of(found, fact.cases):
                found.cases[name] = it.without(fact.manager, fact.effective_from, fact.effective_to)
        case f.CasesWithoutManager():
            found.wanting |= dict.fromkeys(fact.cases, fact)
        case f.ManagerInPlace():
            for name in fact.cases:
                found.wanting.pop(name, None)
        case f.CasesClosed():
            for name, it in _of(found, fact.cases):
                found.cases[name] = it._replace(closed_from=fact.effective_from)
                found.wanting.pop(name, None)
        case _:
            pass


def _of(found: Register, names: Iterable[str]) -> Iterator[tuple[str, Case]]:
    for name in names:
        if name in found.cases:
            yield name, found.cases[name]


# --- beside the record of the managers ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alignment:
    """The days on which cases may be with a manager of another organisation; `until` excluded."""

    since: date
    until: date

    def covers(self, day: date) -> bool:
        """Whether a day is one of these."""
        return self.since <= day < self.until


class InPlace(NamedTuple):
    """Somebody who is responsible, and the organisation that employs them."""

    manager: str
    employer: str
    how: How
    handover: str


class Standing(NamedTuple):
    """How a case stands on a day. `because` says why nobody is in place."""

    held_by: str
    in_place: tuple[InPlace, ...]
    because: str

    @property
    def elsewhere(self) -> tuple[InPlace, ...]:
        """Those whom another organisation employs."""
        return tuple(each for each in self.in_place if not is_same(each.employer, self.held_by))


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one organisation."""
    return one.casefold() == other.casefold()


class Employment:
    """Who employs each of some people, on any day, by their records."""

    def __init__(self, records: Mapping[str, Position]) -> None:
        self._periods: dict[str, tuple[Period, ...]] = {
            number: tuple(record.entries.timeline(_EMPLOYER).in_force)
            for number, record in records.items()
        }

    def on(self, number: str, day: date) -> str | None:
        """The employer on a day; `None`: nobody."""
        for each in self._periods.get(number, ()):
            if each.effective_from <= day and (
                each.effective_to is None or day < each.effective_to
            ):
                return each.value
        return None

    def since(self, number: str, day: date) -> date | None:
        """Since when it has been so; `None`: always."""
        edges = [each for each in self.edges(number) if each <= day]
        return max(edges, default=None)

    def edges(self, number: str) -> Iterator[date]:
        """The days on which that changes."""
        for each in self._periods.get(number, ()):
            yield each.effective_from
            if each.effective_to is not None:
                yield each.effective_to


def standing_on(case: Case, day: date, employment: Employment, alignment: Alignment) -> Standing:
    """How a case stands on a day."""
    holder = case.held_by(day)
    why: list[str] = []
    for asked in (case.covering(day), case.standing(day)):
        found: dict[str, InPlace] = {}
        for each in asked:
            employer = employment.on(each.manager, day)
            if employer is None:
                why.append(f"{each.manager} is not employed")
            elif not is_same(employer, holder) and not alignment.covers(day):
                why.append(f"{each.manager} is employed by {employer}, and {holder} holds the case")
            else:
                found[each.manager] = InPlace(each.manager, employer, each.how, each.handover)
        if found:
            return Standing(holder, tuple(found.values()), "")
    return Standing(holder, (), "; ".join(why) or "no manager is on record")


class Stretch(NamedTuple):
    """Days on which a case stands alike; both included."""

    first_day: date
    last_day: date
    standing: Standing


def stretches(
    case: Case, since: date, until: date, employment: Employment, alignment: Alignment
) -> Iterator[Stretch]:
    """How a case stood on each of these days on which it was live; both are included."""
    first = max(since, case.opened_from)
    after = date.fromordinal(until.toordinal() + 1)
    if case.closed_from is not None:
        after = min(after, case.closed_from)
    if first >= after:
        return
    edges = {first, after, alignment.since, alignment.until}
    edges.update(each.effective_from for each in case.holders)
    for each in case.held:
        edges.add(each.effective_from)
        edges.add(each.effective_to or after)
        edges.update(employment.edges(each.manager))
    before: Stretch | None = None
    for start, end in pairwise(sorted(edge for edge in edges if first <= edge <= after)):
        last = date.fromordinal(end.toordinal() - 1)
        standing = standing_on(case, start, employment, alignment)
        if before is not None and before.standing == standing:
            before = before._replace(last_day=last)
            continue
        if before is not None:
            yield before
        before = Stretch(start, last, standing)
    if before is not None:
        yield before
