"""Keeping one staff member's record: register, change, correct, annul, grant terms.

A repeated command is answered by the append itself; where by then its decision would be refused,
the caller that repeats commands asks `Office.first_answer`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from transfer.commands.office import Act, Office, Person
from transfer.core.employed import ends_employment, warnings_of
from transfer.core.record import staff
from transfer.core.words import MAIN, Basis, Facet
from transfer.log.envelope import Receipt


@dataclass(frozen=True, slots=True)
class Entered:
    """What a write on one staff member's record answers: the first event, and where it is.

    `already` says that nothing was written, because this event had said it before.
    """

    staff_number: str
    event_id: UUID
    version: int
    recorded_at: datetime
    already: bool = False

    @classmethod
    def from_receipt(cls, staff_number: str, receipt: Receipt | None) -> "Entered":
        """An entry always writes, so a receipt without events is a fault of this program."""
        if receipt is None:
            raise AssertionError("an entry on the record is always recorded")
        _, version, event_id = receipt.events[0]
        return cls(staff_number, event_id, version, receipt.recorded_at)


def register(
    office: Office,
    act: Act,
    *,
    staff_number: str,
    personal: Mapping[str, str],
    effective_from: date,
    position: Mapping[Facet, str | None],
    continuous_service_from: date | None = None,
    assignment: str = MAIN,
    basis: Basis | None = None,
) -> Entered:
    """Begin a person's record; `personal` (the name, a birth date) goes to the vault alone.

    Raises `AlreadyOnRecord`, `Malformed`, `KeyReused`, `StaleVersion`.
    """
    sealed = office.vault.seal({staff_number: personal})
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: staff.register(
            person.record,
            staff_number=staff_number,
            effective_from=effective_from,
            position=position,
            continuous_service_from=continuous_service_from,
            assignment=assignment,
            basis=basis,
        ),
        alongside=lambda cursor: office.vault.store(cursor, sealed),
    )
    return Entered.from_receipt(staff_number, receipt)


# --- what is entered ---------------------------------------------------------------------------

Decision = Callable[[Person], Sequence[staff.StaffFact]]
"""What an entry comes to on one person's record: the facts, or the refusal that it raises.

Made once for an entry that is recorded, previewed, or part of a bulk act."""


def to_change(
    *,
    effective_from: date,
    effective_to: date | None,
    changes: Mapping[Facet, str | None],
    reason: str,
    assignment: str = MAIN,
    basis: Basis | None = None,
) -> Decision:
    """A standing or temporary change of facets."""
    return lambda person: staff.change(
        person.record,
        effective_from=effective_from,
        effective_to=effective_to,
        changes=changes,
        reason=reason,
        assignment=assignment,
        basis=basis,
    )


def to_set_term(
    *,
    term: str,
    value: str | None,
    effective_from: date,
    effective_to: date | None,
    reason: str,
    basis: Basis | None = None,
) -> Decision:
    """A term granted, varied or (value `None`) ended."""
    return lambda person: staff.set_term(
        person.record,
        term=term,
        value=value,
        effective_from=effective_from,
        effective_to=effective_to,
        reason=reason,
        basis=basis,
    )


def to_correct(
    *,
    of: UUID,
    effective_from: date,
    effective_to: date | None,
    changes: Mapping[Facet, str | None],
    terms: Mapping[str, str | None],
    reason: str,
    assignment: str = MAIN,
    basis: Basis | None = None,
) -> Decision:
    """The whole content of an entry replaced, in that entry's place in the order."""
    return lambda person: staff.correct(
        person.record,
        of=of,
        effective_from=effective_from,
        effective_to=effective_to,
        changes=changes,
        terms=terms,
        reason=reason,
        assignment=assignment,
        basis=basis,
    )


def to_annul(*, of: UUID, reason: str, basis: Basis | None = None) -> Decision:
    """An entry's effect taken away for good."""
    return lambda person: staff.annul(person.record, of=of, reason=reason, basis=basis)


def enter(office: Office, act: Act, staff_number: str, decision: Decision) -> Entered:
    """Record one entry. Raises what the decision raises, `KeyReused` and `StaleVersion`."""
    return Entered.from_receipt(staff_number, office.record_person(staff_number, act, decision))


def warnings_after(
    office: Office, entered: Entered, changes: Mapping[Facet, str | None], assignment: str, on: date
) -> tuple[str, ...]:
    """What to tell of a change that ends an employment, by the record as that change found it.

    So a repeated command is told what it was told the first time.
    """
    if not ends_employment(changes):
        return ()
    person = office.person_at(entered.staff_number, entered.version)
    return warnings_of(person.entries, changes, assignment, on)
