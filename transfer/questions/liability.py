"""Liability information of one person and of all: what is held, what is missing, what has changed.

Pure: by the edition's items and what the record says of people on a day, as known at an instant.
`liability_information.py` reads that from the read models.

Source: rules TU-15 and TU-16 (TUPE 2006, regulation 11).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import Field

from projections.position.answers import HeldTerm
from projections.position.stored import Held
from transfer.core.dating.calendars import Period
from transfer.core.dating.instants import Instant
from transfer.core.matter.reckoning import Counting, Reckoning, reckon
from transfer.core.words import Basis, Facet, Mechanism
from transfer.procedures.liability_information.edition import (
    DOCUMENT,
    Datum,
    Item,
    LiabilityInformation,
    Personal,
)
from transfer.questions.answer import Answer, Cites, absent
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.terms import TermsOfExercise

# --- what the record says of somebody -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnThatDay:
    """What the record says of somebody on a day, as known at an instant.

    `transferor` is whose they are, by name, and `to` the id of the transferee they go to, if that
    is decided. `jobs` are the assignments in which that transferor employs them then, by name;
    none: they had not begun, or are gone. `name_entry` is the entry that gave the name, where it
    was not the registration.
    """

    staff_number: str
    transferor: str | None
    to: str | None = None
    name: str | None = None
    name_entry: UUID | None = None
    date_of_birth: str | None = None
    jobs: Mapping[str, Mapping[Facet, Held]] = field(default_factory=dict)
    terms: tuple[HeldTerm, ...] = ()


TRANSFEREE = "transferee"
"""What a change calls where somebody goes."""


class Counted(Protocol):
    """What is counted of one person."""

    @property
    def transferor(self) -> str | None:
        """From whom they go."""

    @property
    def transferee(self) -> str | None:
        """To whom, by its id."""

    @property
    def transferee_name(self) -> str | None:
        """To whom, by its name."""

    @property
    def is_employed(self) -> bool:
        """Whether the transferor employs them on the day."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of what is not held."""

    @property
    def since(self) -> "Becomes | None":
        """What became of it since an earlier state."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One person as far as they are counted, without the values: `lacks` says whether the record
    lacks something, documents aside."""

    transferor: str | None
    transferee: str | None
    transferee_name: str | None
    is_employed: bool
    missing: tuple[str, ...]
    lacks: bool
    since: "Becomes | None" = None


# --- the answer ---------------------------------------------------------------------------------


class ValueHeld(Answer):
    """A value on the day: of which assignment, since when, by which entry, corrected by which.

    A name or a date of birth given at registration has no entry of its own; neither has a day.
    """

    assignment: str | None = None
    value: str
    in_force_from: date | None = None
    temporary: bool = False
    entry: UUID | None = None
    corrected_by: UUID | None = None
    recorded_at: Instant | None = None


class DatumHeld(Cites):
    """One thing that is asked for of somebody: the values held, or the document that is needed.

    `supplied_by` says where it comes from: `detail NAME`, `term NAME`, `name`, `date_of_birth` or
    `document`. `document` is the id of the document in the register that holds it, where the record
    cannot. One with several assignments has a value for each; it is missing where one of them has
    none.
    """

    item: str
    datum: str
    title: str
    supplied_by: str
    held: bool
    values: tuple[ValueHeld, ...] = ()
    document: str | None = None
    document_title: str | None = Field(None, exclude_if=absent)
    document_needed: str | None = None


class Becomes(StrEnum):
    """What became of somebody's information since an earlier state of it."""

    JOINED = "joined"
    GONE = "gone"
    CHANGED = "changed"


class Listed(StrEnum):
    """Which people are listed: everybody; those of whom the record lacks something, documents
    aside; those of whose information something became since an earlier state."""

    ALL = "all"
    LACKING = "lacking"
    CHANGED = "changed"


class DatumChanged(Answer):
    """What was held before, and what is: values, with their assignments where there are several."""

    datum: str
    title: str
    was: tuple[str, ...]
    now: tuple[str, ...]


class PersonsInformation(Answer):
    """The information about one person: from whom, to whom, everything that is asked for.

    `is_employed`: the transferor employs them on the day; else there is nothing to tell of it, and
    `data` is empty. `missing` are the ids of what is not held. `since` and `changes` say what
    became of it since the earlier state that was asked about.
    """

    staff_number: str
    name: str | None
    transferor: str | None
    transferee: str | None
    transferee_name: str | None
    is_employed: bool
    data: tuple[DatumHeld, ...]
    missing: tuple[str, ...]
    since: Becomes | None = None
    changes: tuple[DatumChanged, ...] = ()


class DatumCounted(Cites):
    """For how many people a thing is held, of how many; see `DatumHeld`."""

    datum: str
    title: str
    supplied_by: str
    held: int
    of: int
    missing: int
    document: str | None
    document_title: str | None = Field(None, exclude_if=absent)
    document_needed: str | None


class ItemCounted(Answer):
    """An item of the regulation, in words, with what it is made of. `held` counts the people for
    whom all of it is held."""

    item: str
    title: str
    text: str
    clause: str
    held: int
    of: int
    missing: int
    data: tuple[DatumCounted, ...]


class FlowCounted(Answer):
    """How many people go from one employer to another, and for how many all is held."""

    transferor: str | None
    transferee: str | None
    transferee_name: str | None
    people: int
    complete: int


class SendBy(Answer):
    """By when it must be given, for one day of transfer.

    `transferors` are those whose day it is; none: everybody's. `last_day` is not less than `length`
    before the transfer; `safe_last_day` is the same read as clear days (CN-12). `clause_says` is
    the text of the clause, with what it says of special circumstances. `as_at_from` is the earliest
    day that information given on the last day may describe. Null: no day is on record.
    """

    transferors: tuple[str, ...]
    transfer_on: date | None
    length: str | None
    clause: str | None
    clause_says: str | None
    last_day: date | None
    safe_last_day: date | None
    as_at_from: date | None


class Duty(StrEnum):
    """What an edition says of liability information. `not-tupe`: nothing, and the move is no
    transfer under TUPE, whose regulation 11 makes the duty. `unsaid`: nothing, although the move
    is one."""

    SAID = "said"
    NOT_TUPE = "not-tupe"
    UNSAID = "unsaid"


class Counts(Answer):
    """How complete the information is. `people` are those employed on the day, `others` those who
    move and are not; `since` counts what became of people since an earlier state."""

    people: int
    complete: int
    others: int
    items: tuple[ItemCounted, ...]
    flows: tuple[FlowCounted, ...]
    since: dict[Becomes, int]


# --- of one person ------------------------------------------------------------------------------


def information_of(
    person: OnThatDay,
    duty: LiabilityInformation,
    filed: Mapping[str, str],
    book: Rulebook,
) -> PersonsInformation:
    """Everything that the duty asks for of one person; `filed` are the ids of the documents on
    file, by title."""
    employed = bool(person.jobs)
    data = tuple(_datum(person, *each, filed) for each in duty.data()) if employed else ()
    transferee = book.transferees.get(person.to) if person.to else None
    return PersonsInformation(
        staff_number=person.staff_number,
        name=person.name,
        transferor=person.transferor,
        transferee=person.to,
        transferee_name=transferee.name if transferee else person.to,
        is_employed=employed,
        data=data,
        missing=tuple(each.datum for each in data if not each.held),
    )


def _datum(person: OnThatDay, item: Item, datum: Datum, filed: Mapping[str, str]) -> DatumHeld:
    held = is_held(person, datum, filed)
    values: tuple[ValueHeld, ...] = ()
    if datum.detail is not None:
        jobs = sorted(person.jobs.items())
        values = tuple(_value(f[datum.detail], job) for job, f in jobs if datum.detail in f)
    elif datum.term is not None:
        own = (each.held for each in person.terms if each.term == datum.term)
        values = tuple(_value(each) for each in own)
    elif datum.personal is not None:
        values = tuple(_personal(person, datum))
    return DatumHeld(
        item=item.id,
        datum=datum.id,
        title=datum.title,
        supplied_by=datum.supplied_by,
        held=held,
        values=values,
        document=filed.get(datum.document) if datum.document else None,
        document_needed=None if held else datum.needed,
    )


def is_held(person: OnThatDay, datum: Datum, filed: Mapping[str, str]) -> bool:
    """Whether a thing is held of somebody: a detail in each of their assignments, or a document for
    everybody."""
    if datum.document is not None:
        return datum.document in filed
    if datum.detail is not None:
        return all(datum.detail in facets for facets in person.jobs.values())
    if datum.term is not None:
        return any(each.term == datum.term for each in person.terms)
    return (person.name if datum.personal is Personal.NAME else person.date_of_birth) is not None


def standing_of(
    person: OnThatDay, duty: LiabilityInformation, filed: Mapping[str, str], book: Rulebook
) -> Standing:
    """What is counted of one person, without the values: `information_of` says the same."""
    lacking = [each for _, each in duty.data() if person.jobs and not is_held(person, each, filed)]
    transferee = book.transferees.get(person.to) if person.to else None
    return Standing(
        transferor=person.transferor,
        transferee=person.to,
        transferee_name=transferee.name if transferee else person.to,
        is_employed=bool(person.jobs),
        missing=tuple(each.id for each in lacking),
        lacks=any(each.document is None for each in lacking),
    )


def _value(held: Held, job: str | None = None) -> ValueHeld:
    return ValueHeld(
        assignment=job,
        value=held.value,
        in_force_from=held.effective_from,
        temporary=held.temporary,
        entry=held.event_id,
        corrected_by=held.corrected_by,
        recorded_at=held.recorded_at,
    )


def _personal(person: OnThatDay, datum: Datum) -> Iterator[ValueHeld]:
    if datum.personal is Personal.NAME and person.name is not None:
        yield ValueHeld(value=person.name, entry=person.name_entry)
    if datum.personal is Personal.DATE_OF_BIRTH and person.date_of_birth is not None:
        yield ValueHeld(value=person.date_of_birth)


# --- what has changed ---------------------------------------------------------------------------


def compared(now: PersonsInformation, before: PersonsInformation | None) -> PersonsInformation:
    """The information, with what became of it since an earlier state.

    What a document holds is compared nowhere: the document says it.
    """
    was_there = before is not None and before.is_employed
    if not was_there or before is None or not now.is_employed:
        since = None
        if now.is_employed != was_there:
            since = Becomes.JOINED if now.is_employed else Becomes.GONE
        return now.model_copy(update={"since": since})
    changes = tuple(_changes(now, before))
    return now.model_copy(
        update={"since": Becomes.CHANGED if changes else None, "changes": changes}
    )


def gone(before: PersonsInformation) -> PersonsInformation:
    """Somebody of whom there was information, and who does not move any more."""
    update = {"is_employed": False, "data": (), "missing": (), "since": Becomes.GONE}
    return before.model_copy(update=update)


def _changes(now: PersonsInformation, before: PersonsInformation) -> Iterator[DatumChanged]:
    earlier = {each.datum: each for each in before.data}
    if now.transferee != before.transferee:
        was, is_now = before.transferee_name, now.transferee_name
        yield DatumChanged(
            datum=TRANSFEREE,
            title="Goes to",
            was=(was,) if was else (),
            now=(is_now,) if is_now else (),
        )
    for each in now.data:
        was_held = earlier.get(each.datum)
        said, told = _said(each), _said(was_held) if was_held else ()
        if said != told:
            yield DatumChanged(datum=each.datum, title=each.title, was=told, now=said)


def _said(datum: DatumHeld) -> tuple[str, ...]:
    """The values in words, with their assignments where there are several."""
    if len(datum.values) == 1:
        return (datum.values[0].value,)
    return tuple(f"{each.assignment}: {each.value}" for each in datum.values)


def is_listed(person: PersonsInformation | Standing, listed: Listed) -> bool:
    """Whether somebody is among those who are listed."""
    match listed:
        case Listed.ALL:
            return True
        case Listed.CHANGED:
            return person.since is not None
        case Listed.LACKING:
            if isinstance(person, Standing):
                return person.lacks
            return any(not each.held and each.supplied_by != DOCUMENT for each in person.data)


# --- of all -------------------------------------------------------------------------------------


def counts_of(
    people: Iterable[Counted], duty: LiabilityInformation, filed: Mapping[str, str]
) -> Counts:
    """How complete the information about these people is, item by item and flow by flow."""
    told = list(people)
    employed = [each for each in told if each.is_employed]
    missing = Counter(datum for each in employed for datum in each.missing)
    of = len(employed)
    items = []
    for item in duty.items:
        ids = {datum.id for datum in item.needs}
        lacking = sum(not ids.isdisjoint(each.missing) for each in employed)
        items.append(
            ItemCounted(
                item=item.id,
                title=item.title,
                text=item.text,
                clause=item.clause,
                held=of - lacking,
                of=of,
                missing=lacking,
                data=tuple(_counted(datum, missing[datum.id], of, filed) for datum in item.needs),
            )
        )
    flows: dict[tuple[str | None, str | None, str | None], list[Counted]] = {}
    for each in employed:
        key = each.transferor, each.transferee, each.transferee_name
        flows.setdefault(key, []).append(each)
    return Counts(
        people=of,
        complete=sum(not each.missing for each in employed),
        others=sum(not each.is_employed and each.since is not Becomes.GONE for each in told),
        items=tuple(items),
        flows=tuple(
            FlowCounted(
                transferor=key[0],
                transferee=key[1],
                transferee_name=key[2],
                people=len(theirs),
                complete=sum(not each.missing for each in theirs),
            )
            for key, theirs in sorted(flows.items(), key=lambda flow: tuple(map(str, flow[0])))
        ),
        since={what: sum(each.since is what for each in told) for what in Becomes},
    )


def _counted(datum: Datum, missing: int, of: int, filed: Mapping[str, str]) -> DatumCounted:
    document = filed.get(datum.document) if datum.document else None
    is_missing = bool(missing) or (datum.document is not None and document is None)
    return DatumCounted(
        datum=datum.id,
        title=datum.title,
        supplied_by=datum.supplied_by,
        held=of - missing,
        of=of,
        missing=missing,
        document=document,
        document_needed=datum.needed if is_missing else None,
    )


# --- until when ---------------------------------------------------------------------------------


def duty_of(book: Rulebook) -> Duty:
    """What an edition says of liability information."""
    if book.liability_information is not None:
        return Duty.SAID
    return Duty.UNSAID if book.mechanism is Mechanism.TUPE else Duty.NOT_TUPE


def as_at_within(duty: LiabilityInformation, terms: TermsOfExercise) -> Period | None:
    """How long at most lies between the day described and the day of giving; `None`: unknown."""
    length = duty.as_at_within
    if length is None or not terms.knows(length.clause):
        return None
    return terms.period(length.clause)


def given_until(duty: LiabilityInformation, terms: TermsOfExercise, as_at: date) -> date | None:
    """Until when information as at a day may be given; `None`: unknown, or beyond the calendar."""
    within = as_at_within(duty, terms)
    try:
        return None if within is None else within.due_after(as_at, terms.calendar)
    except OverflowError:
        return None


def send_by(
    duty: LiabilityInformation,
    terms: TermsOfExercise,
    transfer_on: date | None,
    transferors: tuple[str, ...] = (),
) -> SendBy:
    """By when the information is given for one day of transfer, by both readings of the count."""
    whose = transferors[0] if len(transferors) == 1 else None
    clause = duty.length_on(transfer_on, terms.rulebook.clause) if transfer_on else None
    if transfer_on is None or clause is None or not terms.knows(clause, whose):
        return SendBy(
            transferors=transferors,
            transfer_on=transfer_on,
            length=None,
            clause=clause,
            clause_says=None,
            last_day=None,
            safe_last_day=None,
            as_at_from=None,
        )
    length = terms.period(clause, whose)
    how = Reckoning(length=length, counting=Counting.NOT_LESS_THAN_BEFORE)
    found = reckon(how, transfer_on, calendar=terms.calendar, basis=Basis())
    within = as_at_within(duty, terms)
    earliest = None
    if found.on is not None and within is not None:
        earliest = within.latest_notice_of(found.on, terms.calendar)
    return SendBy(
        transferors=transferors,
        transfer_on=transfer_on,
        length=str(length),
        clause=clause,
        clause_says=terms.rulebook.clause(clause).text,
        last_day=found.on,
        safe_last_day=found.safe,
        as_at_from=earliest,
    )
