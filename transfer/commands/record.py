"""Keeping one staff member's record: register, change, correct, annul, grant terms.

A repeated command is answered by the append itself; where by then its decision would be refused,
the caller that repeats commands asks `Office.first_answer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from transfer.commands.office import Act, Office, Person
from transfer.core.employed import ends_employment, warnings_of, warnings_of_manager
from transfer.core.record import staff
from transfer.core.record.entries import Change, Correction, NewEntry, Registration
from transfer.core.refusals import AlreadyOnRecord
from transfer.core.words import Facet, is_staff_number
from transfer.log.envelope import Receipt
from transfer.procedures.facts import Fact
from transfer.rulebooks import employers


@dataclass(frozen=True, slots=True)
class Entered:
    """What a write on one staff member's record answers: the first event, and where it is.

    `already` says that nothing was written, because this event had said it before. `receipt` is of
    all that the command wrote, where that is known.
    """

    staff_number: str
    event_id: UUID
    version: int
    recorded_at: datetime
    already: bool = False
    receipt: Receipt | None = None

    @classmethod
    def from_receipt(cls, staff_number: str, receipt: Receipt | None) -> "Entered":
        """An entry always writes, so a receipt without events is a fault of this program."""
        if receipt is None:
            raise AssertionError("an entry on the record is always recorded")
        _, version, event_id = receipt.events[0]
        return cls(staff_number, event_id, version, receipt.recorded_at, receipt=receipt)


def register(
    office: Office, act: Act, registration: Registration, *, personal: Mapping[str, str]
) -> Entered:
    """Begin a person's record; `personal` (the name, a birth date) goes to the vault alone.

    Raises `AlreadyOnRecord`, `Malformed`, `KeyReused`, `StaleVersion`.
    """
    staff_number = registration.staff_number

    def register_once(person: Person) -> Sequence[Fact]:
        spelled = office.spelled(staff_number)
        if spelled != staff_number:
            raise AlreadyOnRecord(
                f"{staff_number} is on record already, spelled {spelled}: record a change, or"
                " correct the registration"
            )
        return staff.register(person.record, registration)

    sealed = office.vault.seal({staff_number: personal})
    receipt = office.record_person(
        staff_number,
        act,
        register_once,
        alongside=lambda cursor: office.vault.store(cursor, sealed),
    )
    return Entered.from_receipt(staff_number, receipt)


def enter(office: Office, act: Act, staff_number: str, entry: NewEntry) -> Entered:
    """Record one entry. Raises what the decision raises, `KeyReused` and `StaleVersion`."""
    receipt = office.record_person(
        staff_number, act, lambda person: staff.enter(person.record, entry)
    )
    return Entered.from_receipt(staff_number, receipt)


def warnings_after(
    office: Office, entered: Entered, entry: NewEntry | Registration
) -> tuple[str, ...]:
    """What to tell of an entry: that it ends an employment, names a manager who is not employed, or
    an employer that is not known.

    By the record as that entry found it, so a repeated command is told what it was told the first
    time.
    """
    if not isinstance(entry, Registration | Change | Correction):
        return ()
    changes = entry.position if isinstance(entry, Registration) else entry.changes
    said: list[str] = []
    if ends_employment(changes):
        person = office.person_at(entered.staff_number, entered.version)
        said += warnings_of(person.entries, changes, entry.assignment, entry.effective_from)
    said += warnings_of_managers(office, changes, entry.effective_from, entered.recorded_at)
    said += employer_warnings(changes)
    return tuple(said)


def warnings_of_managers(
    office: Office, changes: Mapping[Facet, str | None], on: date, known_at: datetime | None = None
) -> tuple[str, ...]:
    """What to tell of facets that name a line manager who is not employed on the day.

    As known at an instant, or by everything that is on record (`None`).
    """
    manager = changes.get(Facet.LINE_MANAGER)
    if manager is None:
        return ()
    if not is_staff_number(manager):
        return (f"The line manager {manager!r} is no staff number.",)
    known = office.person_known(office.spelled(manager), known_at)
    return warnings_of_manager(manager, known.entries, on)


def employer_warnings(values: Mapping[Facet, str | None]) -> tuple[str, ...]:
    """What to tell of an employer that no edition knows: it stands as it was typed."""
    employer = values.get(Facet.EMPLOYER)
    if employer is None or employers().find(employer) is not None:
        return ()
    return (f"employer: {employer[:40]!r} {_unknown(employer)}",)


@lru_cache(maxsize=1_000)
def _unknown(employer: str) -> str:
    # Nearest names take milliseconds, and one unknown name comes many times.
    return employers().unknown(employer)
