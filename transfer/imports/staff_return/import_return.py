"""Taking a staff return: everybody in it is registered, with their evidence, in one command.

A return is validated whole before anything is written, and is recorded in one transaction as one
command: one instant, all or nothing. A run that is stopped leaves nothing.

A renewed list is compared with the record of those who are on it (`renewing`); what is new of them
is part of the same command.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import psycopg
from psycopg.rows import DictRow

from transfer.commands.office import Act, New, Office, Person, key_id
from transfer.core.employed import NotEmployed, why_not_employed
from transfer.core.record.names import REGISTERED_NAME, StaffNamed, name_of
from transfer.core.refusals import Conflict, StaleVersion
from transfer.core.streams import staff_stream
from transfer.core.texts import caseless
from transfer.imports.meaning import AS_IT_STANDS, Finding, Reading
from transfer.imports.staff_return.facts import Stated, facts_of
from transfer.imports.staff_return.on_record import NobodyOnRecord
from transfer.imports.staff_return.people import PersonReturn, Rejection, StaffReturn, Warned
from transfer.imports.staff_return.reader import read_staff_return
from transfer.imports.staff_return.renewing import Renewal, Renewing, employed_by, employers_named
from transfer.log.envelope import Receipt, event_id_of
from transfer.procedures.facts import Fact
from transfer.rulebooks import DEFAULT_EDITION, Rulebook, employers
from transfer.rulebooks.organisations import Register
from transfer.vault import Sealed

_LOADED_AT_ONCE = 1_000

T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a renewed list says of the people on record.

    `unchanged` counts rows that say nothing new. `left` are those whose position ends in the list,
    each with the first day without it. `missing` are employed on record by an employer of the list,
    and not in it: nothing is recorded of them. `compared` are all of the list who are on record.
    """

    unchanged: int
    changed: tuple[str, ...]
    left: tuple[tuple[str, date], ...]
    new: tuple[str, ...]
    missing: tuple[str, ...]
    compared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a return: rows accepted and rejected, people, and what was written.

    `receipt` is `None` where nothing was ever written; `already`: it was written earlier. `asks`
    are the questions that the file as a whole raises, `warnings` what ought to be looked at.
    """

    accepted: int
    rejected: tuple[Rejection, ...]
    staff: int
    receipt: Receipt | None
    already: bool = False
    warnings: tuple[Warned, ...] = ()
    asks: tuple[Finding, ...] = ()
    renewed: Renewed | None = None


def import_return(
    office: Office,
    act: Act,
    data: bytes,
    *,
    document: str,
    book: Rulebook | None = None,
    partial: bool = False,
    ignore_unknown: bool = False,
    dry_run: bool = False,
    renewed_on: date | None = None,
    reading: Reading = AS_IT_STANDS,
    progress: Progress = lambda _what, _done, _of: None,
) -> ImportOutcome:
    """Validate a staff return and, if it is whole (or `partial`), put its people on record.

    `document` names the return in the evidence's basis, `book` is the edition that declares its
    columns of evidence. `renewed_on`: it is the next edition of a list, and that is the day on
    which those who are missing from it are looked for. `reading` settles what the file leaves open.
    The same file again for the same edition writes nothing and says so. A row that is wrong is an
    entry of `rejected`, never an exception. Raises `Conflict` where the record of somebody in a
    renewed list moved on while it was compared.
    """
    sha = hashlib.sha256(data).hexdigest()
    renewed = renewed_on is not None
    named = (*_named(book), "renewed") if renewed else _named(book)
    act = replace(act, command_id=key_id("import", sha, *named), request=sha)
    known = office.first_answer(act)
    record = _Record(office)
    found = read_staff_return(
        data,
        book=book,
        ignore_unknown=ignore_unknown,
        record=NobodyOnRecord() if known else record,
        partial=partial,
        renewed=renewed,
        reading=reading,
        progress=lambda done, of: progress("reading", done, of),
    )
    outcome = ImportOutcome(
        found.accepted,
        found.rejected,
        len(found.people),
        known,
        warnings=found.warnings,
        asks=found.asks,
    )
    if known is not None:
        # What was taken and what was not is what it was the first time.
        return replace(outcome, already=True)
    if found.asks or (found.rejected and not partial):
        return outcome
    renewals: list[Renewal] = []
    edition = DEFAULT_EDITION if book is None else book.edition
    if renewed_on is not None:
        register = employers() if book is None else book.register
        renewals = list(_compared(office, act, found, register, document, edition))
        missing = _missing(office, record, found, register, renewed_on)
        outcome, renewals = _renewed(outcome, found, renewals, missing)
    if dry_run or (outcome.rejected and not partial):
        return outcome
    receipt = _record(office, act, found, renewals, document, edition, progress)
    return replace(outcome, receipt=receipt)


def _named(book: Rulebook | None) -> tuple[str, ...]:
    """What an import's id names besides its file: the edition, if one was asked for."""
    return () if book is None else (book.edition, book.digest())


def _some(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """So many at a time as are loaded at once."""
    for start in range(0, len(items), _LOADED_AT_ONCE):
        yield items[start : start + _LOADED_AT_ONCE]


# --- a renewed list ----------------------------------------------------------------------------


def _compared(
    office: Office,
    act: Act,
    found: StaffReturn,
    register: Register,
    document: str,
    edition: str,
) -> Iterator[Renewal]:
    """What the list says of everybody on record who is in it."""
    for some in _some(found.known):
        numbers = [each.staff_number for each in some]
        personal = office.vault.get_many(numbers)
        erased = office.vault.erased_among(numbers)
        for person, returned in zip(office.people(numbers), some, strict=True):
            yield Renewing(
                person,
                returned,
                None if person.staff_number in erased else personal.get(person.staff_number, {}),
                register,
                # Only for trying out: what is appended has other ids.
                lambda n: event_id_of(act.command_id, -1 - n),
            ).renew(document, edition)


def _missing(
    office: Office, record: "_Record", found: StaffReturn, register: Register, today: date
) -> tuple[str, ...]:
    """Those employed today by an employer of the list who are not in it."""
    listed = {each.staff_number for each in (*found.people, *found.known)}
    named = employers_named((*found.people, *found.known), register)
    others = [number for number in record.numbers if number not in listed]
    return tuple(
        person.staff_number
        for some in _some(others)
        for person in office.people(some)
        if employed_by(person, today, register) & named
    )


def _renewed(
    outcome: ImportOutcome,
    found: StaffReturn,
    renewals: list[Renewal],
    missing: tuple[str, ...],
) -> tuple[ImportOutcome, list[Renewal]]:
    """The outcome with what the comparison found, and the renewals that are to be recorded."""
    bad = [each for each in renewals if each.rejected]
    good = [each for each in renewals if not each.rejected]
    rows = {each.staff_number: len(each.periods) for each in found.known}
    left_out = sum(rows[each.staff_number] for each in bad)
    rejected = (*outcome.rejected, *(each for one in bad for each in one.rejected))
    warnings = (*outcome.warnings, *(each for one in good for each in one.warnings))
    changed = tuple(each.staff_number for each in good if each.stated)
    outcome = replace(
        outcome,
        accepted=outcome.accepted - left_out,
        rejected=tuple(sorted(rejected, key=lambda each: each.line)),
        staff=len(found.people) + len(good),
        warnings=tuple(sorted(warnings, key=lambda each: each.line)),
        renewed=Renewed(
            unchanged=sum(each.unchanged for each in good),
            changed=changed,
            left=tuple((it.staff_number, it.left_on) for it in good if it.left_on is not None),
            new=tuple(each.staff_number for each in found.people),
            missing=missing,
            compared=tuple(each.staff_number for each in found.known),
        ),
    )
    return outcome, good


# --- recording ---------------------------------------------------------------------------------


def _record(
    office: Office,
    act: Act,
    found: StaffReturn,
    renewals: list[Renewal],
    document: str,
    edition: str,
    progress: Progress,
) -> Receipt | None:
    """Append what is new; `None` where that is nothing."""
    stated: list[tuple[str, int, Stated]] = [
        (person.staff_number, 0, each)
        for person in found.people
        for each in facts_of(person, document, edition)
    ]
    stated += [(each.staff_number, each.version, it) for each in renewals for it in each.stated]
    if not stated:
        return None
    new, sealed = _sealed(office, act, stated, found.people)

    def store(cursor: psycopg.Cursor[DictRow]) -> None:
        office.vault.store(cursor, sealed)

    if renewals:
        try:
            receipt = office.record(_people_of(office, renewals), new, act, store)
        except StaleVersion:
            raise Conflict(
                "the record of somebody in this list moved on while it was compared; nothing was"
                " written: run the import again"
            ) from None
        progress("recording", len(new), len(new))
        return receipt
    # A service may take a return while others write: they must not wait for the encoding.
    receipt = office.log.append(new, act.command(), store, encode_first=True)
    progress("recording", len(new), len(new))
    return receipt


def _people_of(office: Office, renewals: list[Renewal]) -> list[Person]:
    """The people whose records change, as they stand, for the procedures that they are in."""
    numbers = [each.staff_number for each in renewals if each.stated]
    return [each for some in _some(numbers) for each in office.people(some)]


def _sealed(
    office: Office,
    act: Act,
    stated: list[tuple[str, int, Stated]],
    people: Iterable[PersonReturn],
) -> tuple[list[New], Sealed]:
    """The facts to append, and the personal data that goes to the vault with them.

    A later name lies there under the event that gives it, and the fact has its commitment.
    """
    personal = {each.staff_number: _personal(each) for each in people}
    fields: dict[int, str] = {}
    for index, (number, _, (fact, name)) in enumerate(stated):
        if isinstance(fact, StaffNamed) and name is not None:
            fields[index] = name_of(event_id_of(act.command_id, index))
            personal.setdefault(number, {})[fields[index]] = name
    sealed = office.vault.seal(personal)
    commitments = (
        {(each.staff_number, each.field): each.commitment.hex() for each in sealed.fields}
        if fields
        else {}
    )
    new: list[New] = []
    for index, (number, version, (fact, _)) in enumerate(stated):
        proved: Fact = fact
        if index in fields:
            commitment = commitments[number, fields[index]]
            proved = fact.model_copy(update={"commitment": commitment})
        new.append((staff_stream(number), version, proved))
    return new, sealed


class _Record:
    """The people on record, as a return is held against them."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._loaded: dict[str, Person] = {}
        self._spellings: dict[str, str] | None = None

    @property
    def numbers(self) -> Iterable[str]:
        """Every staff number on record, as it is spelled there."""
        return self._spelled().values()

    def spelled(self, staff_number: str) -> str | None:
        """How a staff number is spelled on record, however it was typed; `None`: nobody's."""
        return self._spelled().get(caseless(staff_number))

    def not_employed(self, staff_number: str, on: date) -> NotEmployed | None:
        """Why somebody on record is not employed on a day; `None` where they are."""
        if staff_number not in self._loaded:
            self._loaded[staff_number] = self._office.person(staff_number)
        return why_not_employed(self._loaded[staff_number].entries, on, None)

    def _spelled(self) -> dict[str, str]:
        if self._spellings is None:
            self._spellings = {caseless(it): it for it in self._office.everybody()}
        return self._spellings


def _personal(person: PersonReturn) -> dict[str, str]:
    born = person.date_of_birth
    return {REGISTERED_NAME: person.name} | ({"date_of_birth": born.isoformat()} if born else {})
