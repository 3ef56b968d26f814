"""One dispute before a panel: what is on record of it, and what may follow.

    opened ─► people, parties, members and dates change ─► closed ─► reopened
    a member's interest, declared or found ─► barred ─► decided: may sit, or stays barred

What is found in the record (whose line manager a member was, whom they were appointed by) comes
with the act (`found`), so that the decision can be made again.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.no_edition import NONE
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Frozen, StaffNumber, Subject
from transfer.procedures.dispute_case import facts as f

InterestOf = tuple[f.Interest, str]
"""An interest, and the staff number that it concerns; blank where it is nobody's in particular."""

_OF_SIDE = {
    f.Side.CLAIMANT: f.Interest.PARTY,
    f.Side.RESPONDENT: f.Interest.PARTY,
    f.Side.REPRESENTATIVE: f.Interest.REPRESENTATIVE,
    f.Side.WITNESS: f.Interest.WITNESS,
}


@dataclass(slots=True)
class Dispute:
    """What is on record of one dispute."""

    opened: f.DisputeCaseOpened | None = None
    people: dict[str, None] = field(default_factory=dict)
    parties: dict[f.Party, None] = field(default_factory=dict)
    members: dict[str, f.Member] = field(default_factory=dict)
    """Who judges, by subject."""
    dates: f.DatesInScope | None = None
    closed_on: date | None = None
    interests: dict[str, dict[InterestOf, bool]] = field(default_factory=dict)
    """By subject what interests they have, and whether it was decided that they may sit with it."""
    excluded: set[str] = field(default_factory=set)
    """Who was decided to be barred."""

    @property
    def barred(self) -> frozenset[str]:
        """Members who may not read by the case: barred, or with an interest not decided on."""
        return frozenset(subject for subject in self.members if self.is_barred(subject))

    def is_barred(self, subject: str) -> bool:
        """Whether somebody may not read by the case."""
        return subject in self.excluded or not all(self.interests.get(subject, {}).values())

    def is_over(self, day: date) -> bool:
        """Whether it is closed on a day."""
        return self.closed_on is not None and self.closed_on <= day


def evolve(dispute: Dispute, fact: t.MatterFact) -> None:
    """Fold one fact into the dispute; total, and never judges."""
    match fact:
        case f.DisputeCaseOpened():
            dispute.opened, dispute.dates = fact, fact.dates
            dispute.people = dict.fromkeys(fact.people)
            dispute.parties = dict.fromkeys(fact.parties)
            dispute.members = {each.subject: each for each in fact.members}
        case f.PeopleAddedToCase():
            dispute.people |= dict.fromkeys(fact.people)
        case f.PeopleRemovedFromCase():
            dispute.people = {each: None for each in dispute.people if each not in fact.people}
        case f.PartiesAddedToCase():
            dispute.parties |= dict.fromkeys(fact.parties)
        case f.PartiesRemovedFromCase():
            dispute.parties = {each: None for each in dispute.parties if each not in fact.parties}
        case f.MembersAddedToCase():
            dispute.members |= {each.subject: each for each in fact.members}
        case f.MembersRemovedFromCase():
            for subject in fact.subjects:
                dispute.members.pop(subject, None)
        case f.DatesOfCaseChanged():
            dispute.dates = fact.dates
        case f.InterestFact():
            of_member = dispute.interests.setdefault(fact.subject, {})
            of_member[fact.interest, fact.concerning] = False
        case f.InterestDecided(may_sit=True):
            dispute.excluded.discard(fact.subject)
            known = dispute.interests.get(fact.subject, {})
            dispute.interests[fact.subject] = dict.fromkeys(known, True)
        case f.InterestDecided():
            dispute.excluded.add(fact.subject)
        case f.DisputeCaseClosed():
            dispute.closed_on = fact.happened_on
        case f.DisputeCaseReopened():
            dispute.closed_on = None
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------

D = TypeVar("D", bound=tuple[date | None, ...])


def run_forward(between: D) -> D:
    """The same days. Raises `ValueError` where there is no first one, or the last is before it."""
    first, last = between
    if first is None:
        raise ValueError("give the first day")
    if last is not None and last < first:
        raise ValueError("the last day is before the first")
    return between


Between = Annotated[tuple[date, date | None], AfterValidator(run_forward)]
"""A first and a last day, both included; `None`: without end."""


class MemberNamed(Frozen):
    """A member of the panel by the subject of their token, with their staff number, if they are
    staff and their token's subject is not that number."""

    subject: Subject
    staff_number: StaffNumber | None = None

    def as_member(self) -> f.Member:
        """The member as facts have them."""
        return f.Member(subject=self.subject, staff_number=self.staff_number or self.subject)


class Found(Frozen):
    """What the record says that a member of the panel is to somebody on the case."""

    subject: Subject
    interest: f.Interest
    concerning: StaffNumber


class FoundToo(Frozen):
    """What the record says of the members and the people, beside what is asked."""

    found: tuple[Found, ...] = ()


class Opening(FoundToo):
    """About whom it is (`people`), between whom (`parties`), who judges (`members`), and which
    days they may ask about: days on which something is in force (`effective_between`), and days on
    which the record is asked as it stood (`known_between`). Each is a first and a last day, both
    included; null for the last one is without end."""

    people: tuple[StaffNumber, ...] = Field(min_length=1)
    parties: tuple[f.Party, ...] = Field(min_length=1)
    members: tuple[MemberNamed, ...] = Field(min_length=1)
    effective_between: Between
    known_between: Between

    @property
    def dates(self) -> f.DatesInScope:
        """The days as facts have them."""
        return _dates(self.effective_between, self.known_between)


class People(Frozen):
    """Whose record it is about, by staff number."""

    people: tuple[StaffNumber, ...] = Field(min_length=1)


class PeopleToAdd(People, FoundToo):
    """The same, with what the record says of them."""


class Parties(Frozen):
    """Parties or witnesses, each with its side, and by what it is known."""

    parties: tuple[f.Party, ...] = Field(min_length=1)


class MembersToAdd(FoundToo):
    """Who judges as well."""

    members: tuple[MemberNamed, ...] = Field(min_length=1)


class MembersToRemove(Frozen):
    """Who judges no more, by the subject of their token."""

    subjects: tuple[Subject, ...] = Field(min_length=1)


class NewDates(FoundToo):
    """Which days the panel may ask about from now on, each a first and a last one, both included.
    What is left out stays as it is."""

    effective_between: Between | None = None
    known_between: Between | None = None

    @model_validator(mode="after")
    def _says_dates(self) -> Self:
        if self.effective_between is None and self.known_between is None:
            raise ValueError("give effective_between, known_between, or both")
        return self


class InterestSaid(Frozen):
    """The interest of a member (`subject`), and whose record it concerns, where it is somebody's.

    A member of the panel declares their own.
    """

    subject: Subject
    interest: f.Interest
    concerning: StaffNumber | Literal[""] = ""


class Ruling(Frozen):
    """Whether a member (`subject`) may sit, in spite of every interest on record of them, or is
    barred."""

    subject: Subject
    may_sit: bool


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Opening) -> tuple[t.MatterFact, ...]:
    """Open a case. Members whom the record or the case itself says to have an interest are barred
    at once."""
    if _dispute(case).opened is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is open already")
    opened = f.DisputeCaseOpened(
        **case.stamp(),
        edition=NONE,
        digest=NONE,
        calendar=NONE,
        people=tuple(dict.fromkeys(needs.people)),
        parties=tuple(dict.fromkeys(needs.parties)),
        members=_members(needs.members),
        dates=needs.dates,
    )
    return _with_interests(case, (opened,), needs.found)


def add_people(case: Case, needs: PeopleToAdd) -> tuple[t.MatterFact, ...]:
    """It is about more people; nothing where it is about all of them."""
    new = tuple(each for each in dict.fromkeys(needs.people) if each not in _open(case).people)
    if not new:
        return ()
    added = f.PeopleAddedToCase(**case.stamp(), people=new)
    return _with_interests(case, (added,), needs.found)


def remove_people(case: Case, needs: People) -> tuple[t.MatterFact, ...]:
    """It is about somebody no more. Raises `Refused` where it would be about nobody."""
    dispute = _open(case)
    gone = tuple(each for each in dict.fromkeys(needs.people) if each in dispute.people)
    if not gone:
        return ()
    if len(gone) == len(dispute.people):
        raise Refused("a case is about somebody: close it instead")
    return (f.PeopleRemovedFromCase(**case.stamp(), people=gone),)


def add_parties(case: Case, needs: Parties) -> tuple[t.MatterFact, ...]:
    """More parties or witnesses; a member of the panel who is one of them is barred."""
    new = tuple(each for each in dict.fromkeys(needs.parties) if each not in _open(case).parties)
    if not new:
        return ()
    return _with_interests(case, (f.PartiesAddedToCase(**case.stamp(), parties=new),), ())


def remove_parties(case: Case, needs: Parties) -> tuple[t.MatterFact, ...]:
    """Parties or witnesses no more; whom it barred stays so until it is decided."""
    dispute = _open(case)
    gone = tuple(each for each in dict.fromkeys(needs.parties) if each in dispute.parties)
    if not gone:
        return ()
    if len(gone) == len(dispute.parties):
        raise Refused("a dispute has parties: add the right ones first")
    return (f.PartiesRemovedFromCase(**case.stamp(), parties=gone),)


def add_members(case: Case, needs: MembersToAdd) -> tuple[t.MatterFact, ...]:
    """More members of the panel; who is there with another staff number is put right."""
    known = _open(case).members
    new = tuple(each for each in _members(needs.members) if known.get(each.subject) != each)
    if not new:
        return ()
    added = f.MembersAddedToCase(**case.stamp(), members=new)
    return _with_interests(case, (added,), needs.found)


def remove_members(case: Case, needs: MembersToRemove) -> tuple[t.MatterFact, ...]:
    """They judge no more."""
    dispute = _open(case)
    gone = tuple(each for each in dict.fromkeys(needs.subjects) if each in dispute.members)
    if not gone:
        return ()
    if len(gone) == len(dispute.members):
        raise Refused("a panel has members: add another first, or close the case")
    return (f.MembersRemovedFromCase(**case.stamp(), subjects=gone),)


def set_dates(case: Case, needs: NewDates) -> tuple[t.MatterFact, ...]:
    """Widen or narrow the days that the panel may ask about."""
    before = _open(case).dates
    if before is None:
        raise Refused("the case has no dates")  # cannot be: it is opened with them
    dates = _dates(
        needs.effective_between or (before.first_day, before.last_day),
        needs.known_between or (before.known_from, before.known_until),
    )
    if dates == before:
        return ()
    changed = f.DatesOfCaseChanged(**case.stamp(), before=before, dates=dates)
    return _with_interests(case, (changed,), needs.found)


def declare_interest(case: Case, needs: InterestSaid) -> tuple[t.MatterFact, ...]:
    """Put a member's interest on record: they are barred until it is decided."""
    dispute = _open(case)
    _require_member(dispute, needs.subject)
    if (needs.interest, needs.concerning) in dispute.interests.get(needs.subject, {}):
        return ()
    return (
        f.InterestDeclared(
            **case.stamp(),
            subject=needs.subject,
            interest=needs.interest,
            concerning=needs.concerning,
        ),
    )


def decide_interest(case: Case, needs: Ruling) -> tuple[t.MatterFact, ...]:
    """Decide whether a member may sit. Raises `Refused` where the member decides it."""
    dispute = _open(case)
    _require_member(dispute, needs.subject)
    if case.by == needs.subject:
        raise Refused("nobody decides on their own interest: somebody else has to")
    is_so = (
        not dispute.is_barred(needs.subject)
        if needs.may_sit
        else (needs.subject in dispute.excluded)
    )
    if is_so:
        return ()
    return (f.InterestDecided(**case.stamp(), subject=needs.subject, may_sit=needs.may_sit),)


def close(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Close the case: nobody reads by it any more."""
    dispute = _begun(case)
    return () if dispute.closed_on is not None else (f.DisputeCaseClosed(**case.stamp()),)


def reopen(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Open a closed case again, with the people, members and dates that it had."""
    closed_on = _begun(case).closed_on
    if closed_on is None:
        return ()
    return (f.DisputeCaseReopened(**case.stamp(), closed_on=closed_on),)


# --- interests -----------------------------------------------------------------------------------


def _with_interests(
    case: Case, facts: tuple[t.MatterFact, ...], found: Iterable[Found]
) -> tuple[t.MatterFact, ...]:
    """These facts, and those of every interest that is new once they are on record."""
    after = deepcopy(_dispute(case))
    for fact in facts:
        evolve(after, fact)
    new = dict.fromkeys((*_by_the_case(after), *_by_the_record(after, found)))
    return (
        *facts,
        *(
            f.InterestFound(
                **case.stamp(), subject=subject, interest=interest, concerning=concerning
            )
            for subject, (interest, concerning) in new
            if (interest, concerning) not in after.interests.get(subject, {})
        ),
    )


def _by_the_case(dispute: Dispute) -> Iterator[tuple[str, InterestOf]]:
    """Who of the panel is on the case as somebody else."""
    for member in dispute.members.values():
        numbers = {member.staff_number, member.subject}
        for person in dispute.people:
            if person in numbers:
                yield member.subject, (f.Interest.ON_THE_CASE, person)
        for party in dispute.parties:
            theirs = {member.subject} if party.known_by is f.KnownBy.SUBJECT else numbers
            if party.known_by is not f.KnownBy.ORGANISATION and party.party in theirs:
                yield member.subject, (_OF_SIDE[party.side], "")


def _by_the_record(dispute: Dispute, found: Iterable[Found]) -> Iterator[tuple[str, InterestOf]]:
    for each in found:
        if each.subject in dispute.members and each.concerning in dispute.people:
            yield each.subject, (each.interest, each.concerning)


# --- what they read ------------------------------------------------------------------------------


def dispute_of(substance: object) -> Dispute:
    """What is on record of a dispute, as the engine keeps it."""
    if not isinstance(substance, Dispute):
        raise TypeError(f"not a dispute: {type(substance).__name__}")
    return substance


def _dispute(case: Case) -> Dispute:
    return dispute_of(case.state.whole.substance)


def _begun(case: Case) -> Dispute:
    dispute = _dispute(case)
    if dispute.opened is None:
        raise Refused(f"the case was not open yet on {case.on}")
    return dispute


def _open(case: Case) -> Dispute:
    dispute = _begun(case)
    if dispute.closed_on is not None:
        raise Refused(f"the case was closed on {dispute.closed_on}: reopen it first")
    return dispute


def _require_member(dispute: Dispute, subject: str) -> None:
    if subject not in dispute.members:
        raise Refused(f"{subject} is not on the panel: {', '.join(dispute.members)}")


def _members(named: Iterable[MemberNamed]) -> tuple[f.Member, ...]:
    """The members, each once: the last that is said of one counts."""
    return tuple({each.subject: each.as_member() for each in named}.values())


def _dates(effective: Between, known: Between) -> f.DatesInScope:
    return f.DatesInScope(
        first_day=effective[0],
        last_day=effective[1],
        known_from=known[0],
        known_until=known[1],
    )
