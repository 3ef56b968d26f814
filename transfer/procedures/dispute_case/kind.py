"""The declaration of a dispute before a panel."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Substance
from transfer.core.matter.no_edition import NoEdition
from transfer.core.matter.words import Over
from transfer.procedures.dispute_case import decisions as d
from transfer.procedures.dispute_case import facts as f

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
PANEL = ("dispute", "admin")


def _act(
    name: str,
    needs: type[N],
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
    says: str,
    who: tuple[str, ...] = ADMIN,
) -> Act[N]:
    return Act(name, Over.MATTER, who, needs, decide, says)


def _last(day: date | None) -> str:
    return "on" if day is None else f"to {day}"


def _dates(dates: f.DatesInScope) -> str:
    return (
        f"days from {dates.first_day} {_last(dates.last_day)}, as the record stood on days from "
        f"{dates.known_from} {_last(dates.known_until)}"
    )


def _parties(parties: tuple[f.Party, ...]) -> str:
    return ", ".join(f"{each.party} ({each.side})" for each in parties)


def _interest(fact: f.InterestFact) -> str:
    return f"{fact.interest}" + (f" of {fact.concerning}" if fact.concerning else "")


DISPUTE_CASE = Kind(
    name="dispute-case",
    title="A dispute before a panel",
    rules=NoEdition(),
    facts={
        f.DisputeCaseOpened: "dispute-case-opened.v1",
        f.PeopleAddedToCase: "people-added-to-case.v1",
        f.PeopleRemovedFromCase: "people-removed-from-case.v1",
        f.PartiesAddedToCase: "parties-added-to-case.v1",
        f.PartiesRemovedFromCase: "parties-removed-from-case.v1",
        f.MembersAddedToCase: "members-added-to-case.v1",
        f.MembersRemovedFromCase: "members-removed-from-case.v1",
        f.DatesOfCaseChanged: "dates-of-case-changed.v1",
        f.InterestDeclared: "interest-declared.v1",
        f.InterestFound: "interest-found.v1",
        f.InterestDecided: "interest-decided.v1",
        f.DisputeCaseClosed: "dispute-case-closed.v1",
        f.DisputeCaseReopened: "dispute-case-reopened.v1",
    },
    acts=(
        _act("begin", d.Opening, d.begin, "put a dispute before a panel"),
        _act("add-people", d.PeopleToAdd, d.add_people, "let it be about more people"),
        _act("remove-people", d.People, d.remove_people, "let it be about fewer people"),
        _act("add-parties", d.Parties, d.add_parties, "name further parties or witnesses"),
        _act("remove-parties", d.Parties, d.remove_parties, "take parties or witnesses off"),
        _act("add-members", d.MembersToAdd, d.add_members, "put more members on the panel"),
        _act("remove-members", d.MembersToRemove, d.remove_members, "take members off the panel"),
        _act("set-dates", d.NewDates, d.set_dates, "widen or narrow the days it is about"),
        _act(
            "declare-interest",
            d.InterestSaid,
            d.declare_interest,
            "declare an interest of a member of the panel",
            PANEL,
        ),
        _act(
            "decide-interest",
            d.Ruling,
            d.decide_interest,
            "decide whether a member of the panel may sit, or is barred",
        ),
        _act("close", NeedsNothing, d.close, "close the case"),
        _act("reopen", NeedsNothing, d.reopen, "open a closed case again"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(),
    sentences={
        f.DisputeCaseOpened: lambda f: (
            f"a dispute of {_parties(f.parties)}, about {', '.join(f.people)}, is before "
            f"{', '.join(each.subject for each in f.members)}: {_dates(f.dates)}"
        ),
        f.PeopleAddedToCase: lambda f: f"it is about {', '.join(f.people)} as well",
        f.PeopleRemovedFromCase: lambda f: f"it is about {', '.join(f.people)} no more",
        f.PartiesAddedToCase: lambda f: f"in the dispute as well: {_parties(f.parties)}",
        f.PartiesRemovedFromCase: lambda f: f"in the dispute no more: {_parties(f.parties)}",
        f.MembersAddedToCase: lambda f: (
            f"on the panel as well: {', '.join(each.subject for each in f.members)}"
        ),
        f.MembersRemovedFromCase: lambda f: f"on the panel no more: {', '.join(f.subjects)}",
        f.DatesOfCaseChanged: lambda f: (
            f"it is about {_dates(f.dates)}; before: {_dates(f.before)}"
        ),
        f.InterestDeclared: lambda f: (
            f"{f.subject} declares an interest ({_interest(f)}) and is barred until it is decided"
        ),
        f.InterestFound: lambda f: (
            f"{f.subject} has an interest by the record ({_interest(f)}) and is barred until it is "
            "decided"
        ),
        f.InterestDecided: lambda f: f"{f.subject} " + ("may sit" if f.may_sit else "is barred"),
        f.DisputeCaseClosed: lambda _: "the case is closed",
        f.DisputeCaseReopened: lambda f: f"the case that was closed on {f.closed_on} is open again",
    },
    whole=Substance(d.Dispute, d.evolve),
    about=lambda found: found.people,
    is_over=lambda found, day: found.is_over(day),
)
