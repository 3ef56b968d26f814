"""How a dispute comes before a panel, and what the record is asked when people, members or dates of
one change: whose line manager or representative a member of the panel was."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from transfer.commands.acts.doing import Came, Do, Doing, one, settled_too
from transfer.commands.acts.given import ActGiven
from transfer.commands.office import Person
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.dating.instants import Day
from transfer.core.matter.no_edition import NoEdition
from transfer.core.refusals import Malformed
from transfer.core.words import CaseId, Facet, StaffNumber
from transfer.procedures.dispute_case import decisions as d
from transfer.procedures.dispute_case import facts as f
from transfer.procedures.representation.decisions import Appointment

MOST = 1_000
"""People, parties or members whom one act of a case may name."""

Between = Annotated[
    tuple[Day | None, ...], Field(min_length=2, max_length=2), AfterValidator(d.run_forward)
]
"""A first and a last day, both included; `None` for the last one: without end."""

_PEOPLE: Any = Field(min_length=1, max_length=MOST, examples=[["S10442"]])
_PARTIES: Any = Field(
    min_length=1,
    max_length=MOST,
    examples=[
        [
            {"side": "claimant", "known_by": "staff-number", "party": "S10442"},
            {"side": "respondent", "known_by": "organisation", "party": "London Probation Trust"},
        ]
    ],
)
_MEMBERS: Any = Field(min_length=1, max_length=MOST, examples=[[{"subject": "judge-1"}]])
_IN_FORCE = "The first and the last day in force that the panel may ask about; null: without end."
_KNOWN = "The first and the last day of the record that they may ask about; null: without end."


class DisputeCaseBegin(ActGiven):
    """Puts a dispute before a panel: its `members`, by the subjects of their tokens, may then read
    the record of these `people`, by staff number, on those days alone, while the case is open.

    `parties` are in the dispute as a claimant, a respondent, a representative or a witness. Never
    name a person by their name. A member who is a party, or whom the record has as line manager or
    representative of one of the people, is barred until somebody decides otherwise.
    """

    id: CaseId = Field(examples=["ET-2201234-2014"])
    people: tuple[StaffNumber, ...] = _PEOPLE
    parties: tuple[f.Party, ...] = _PARTIES
    members: tuple[d.MemberNamed, ...] = _MEMBERS
    effective_between: Between = Field(
        description=_IN_FORCE, examples=[["2014-01-01", "2014-12-31"]]
    )
    known_between: Between = Field(description=_KNOWN, examples=[["2014-01-01", None]])


class DisputeCaseAddPeople(ActGiven):
    """Lets the panel read the record of more people, by staff number."""

    people: tuple[StaffNumber, ...] = _PEOPLE


class DisputeCaseRemovePeople(ActGiven):
    """Ends at once that the panel reads the record of these people, by staff number."""

    people: tuple[StaffNumber, ...] = _PEOPLE


class DisputeCaseAddParties(ActGiven):
    """Names further parties or witnesses. A member of the panel who is one of them is barred."""

    parties: tuple[f.Party, ...] = _PARTIES


class DisputeCaseRemoveParties(ActGiven):
    """Takes parties or witnesses off, each as it was named."""

    parties: tuple[f.Party, ...] = _PARTIES


class DisputeCaseAddMembers(ActGiven):
    """Puts more members on the panel, by the subjects of their tokens; with a `staff_number` where
    they are staff and their subject is not that number."""

    members: tuple[d.MemberNamed, ...] = _MEMBERS


class DisputeCaseSetDates(ActGiven):
    """Widens or narrows the days that the panel may ask about. What is left out stays as it is."""

    effective_between: Between | None = Field(
        None, description=_IN_FORCE, examples=[["2014-01-01", "2015-03-31"]]
    )
    known_between: Between | None = Field(None, description=_KNOWN)

    @model_validator(mode="after")
    def _says_dates(self) -> Self:
        if self.effective_between is None and self.known_between is None:
            raise ValueError("give effective_between, known_between, or both")
        return self


# --- doing it ------------------------------------------------------------------------------------


def begin_dispute_case(doing: Doing, body: DisputeCaseBegin) -> Came:
    """Put a dispute before a panel."""
    inputs = _inputs(doing, body)
    members = [_member(each) for each in inputs["members"]]
    dates = d.Opening.model_validate(inputs).dates
    inputs["found"] = _found(doing, members, inputs["people"], dates)
    came = Came(doing.matter).take(
        doing.tools.matters.begin(
            doing.act,
            doing.because(),
            doing.matter,
            NoEdition(),
            happened_on=body.happened_on,
            inputs=inputs,
        )
    )
    return settled_too(doing, [None], came)


def changing(what: str) -> Do:
    """How an act is done that changes who is on a case, or which days it is about."""

    def do(doing: Doing, body: ActGiven) -> Came:
        inputs = _inputs(doing, body)
        if what in _ASKS_THE_RECORD:
            inputs["found"] = _found_after(doing, inputs)
        return one(doing, what, None, inputs)

    return do


_ASKS_THE_RECORD = ("add-people", "add-members", "set-dates")


def _inputs(doing: Doing, body: ActGiven) -> dict[str, Any]:
    """What the act itself needs of a body, as it is stored; staff numbers as they are on record.

    Raises `Malformed` for people who are not on record.
    """
    own = body.model_fields_set - ActGiven.model_fields.keys() - {"id"}
    inputs = body.model_dump(mode="json", include=own, exclude_none=True)
    if "people" in inputs:
        inputs["people"] = list(on_record(doing, inputs["people"]))
    for party in inputs.get("parties", ()):
        if party["known_by"] == f.KnownBy.STAFF_NUMBER:
            (party["party"],) = on_record(doing, [party["party"]], "parties")
    for member in inputs.get("members", ()):
        if "staff_number" in member:
            (member["staff_number"],) = on_record(doing, [member["staff_number"]], "members")
    return inputs


def on_record(doing: Doing, numbers: Iterable[str], field: str = "people") -> Iterator[str]:
    """The staff numbers as they are spelled on record. Raises `Malformed` for one that is not."""
    office = doing.tools.office
    given = list(numbers)
    there = {each.staff_number for each in office.people(given) if each.version}
    otherwise = [each for each in given if each not in there]
    found = {each.casefold(): each for each in office.spellings(otherwise)} if otherwise else {}
    for number in given:
        if number in there:
            yield number
        elif number.casefold() in found:
            yield found[number.casefold()]
        else:
            raise Malformed(f"nobody of the number {number} is on record", field=field)


def _found_after(doing: Doing, inputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the record says, once the act is done, of everybody on the case."""
    dispute = d.dispute_of(doing.tools.matters.state(doing.matter).whole.substance)
    if dispute.dates is None:
        return []
    members = {**dispute.members}
    for each in inputs.get("members", ()):
        members |= {each["subject"]: _member(each)}
    people = dict.fromkeys([*dispute.people, *inputs.get("people", ())])
    effective = inputs.get("effective_between")
    dates = dispute.dates
    if effective is not None:
        ends = effective[1] and date.fromisoformat(effective[1])
        first = date.fromisoformat(effective[0])
        dates = dates.model_copy(update={"first_day": first, "last_day": ends})
    return _found(doing, members.values(), people, dates)


def _found(
    doing: Doing, members: Iterable[f.Member], people: Iterable[str], dates: f.DatesInScope
) -> list[dict[str, str]]:
    """Whose line manager a member of the panel was by the record, on a day that the case is about
    or since; and whose representative they were ever appointed as."""
    panel, numbers = list(members), list(people)
    found = []
    for person in doing.tools.office.people(numbers):
        managers = _managers(person, dates, doing.asking.today)
        representatives = _representatives(doing, person)
        for member in panel:
            if managers & {member.staff_number, member.subject}:
                found.append(_as_found(member, f.Interest.LINE_MANAGER, person))
            if member.subject in representatives:
                found.append(_as_found(member, f.Interest.REPRESENTATIVE, person))
    return found


def _as_found(member: f.Member, interest: f.Interest, person: Person) -> dict[str, str]:
    found = d.Found(subject=member.subject, interest=interest, concerning=person.staff_number)
    return found.model_dump(mode="json")


def _member(named: Mapping[str, Any]) -> f.Member:
    return d.MemberNamed.model_validate(named).as_member()


def _managers(person: Person, dates: f.DatesInScope, today: date) -> set[str]:
    keys = [
        key
        for key in person.entries.stated_keys()
        if key.kind is KeyKind.FACET and key.name == Facet.LINE_MANAGER
    ]
    return {
        period.value
        for key in keys
        for period in person.entries.timeline(key).in_force
        if (period.effective_to is None or dates.first_day < period.effective_to)
        and (
            dates.last_day is None
            or period.effective_from <= dates.last_day
            or period.effective_from <= today
        )
    }


def _representatives(doing: Doing, person: Person) -> set[str]:
    found = set()
    for matter in person.matters:
        if matter.startswith("representation:"):
            state = doing.tools.matters.state(matter, person.staff_number)
            appointment = state.mine.substance
            if isinstance(appointment, Appointment) and appointment.appointed is not None:
                found.add(appointment.appointed.representative)
    return found
