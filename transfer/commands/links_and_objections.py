"""What stands beside a record: links between two staff numbers, and objections with their answers.

None of it changes a value. What people write lies in the vault, one field for each event, under
its id; the append stores it in its own transaction.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from transfer.commands.office import Act, Office, Person
from transfer.commands.record import Entered
from transfer.core.record import entry_objections as objections
from transfer.core.record import links as identities
from transfer.core.refusals import StaleVersion
from transfer.core.streams import staff_stream
from transfer.core.words import Basis
from transfer.log.envelope import event_id_of
from transfer.procedures.facts import Fact
from transfer.vault import Sealed


def words_of(event_id: UUID) -> str:
    """The field of the person's vault that has the words belonging to an event."""
    return f"words.{event_id}"


def link(
    office: Office, act: Act, *, staff_number: str, other: str, reason: str, basis: Basis | None
) -> Entered:
    """Record on both records that two staff numbers are one person.

    Where they are linked already, nothing is written and the answer is that link, `already`.
    Raises `NotOnRecord`, `Malformed`, `KeyReused`, `StaleVersion`.
    """

    def decide(one: Person, _: Person) -> Sequence[identities.IdentityFact]:
        return identities.link(
            one.links, staff_number=staff_number, other=other, reason=reason, basis=basis
        )

    entered = _record_both(office, act, staff_number, lambda _: other, decide)
    if entered is not None:
        return entered
    return _standing(office, staff_number, office.person(staff_number).links.standing[other])


def unlink(
    office: Office, act: Act, *, staff_number: str, of: UUID, reason: str, basis: Basis | None
) -> Entered:
    """Undo a link on both records; it stays on them as undone.

    Raises `NotOnRecord`, `Conflict`, `KeyReused`, `StaleVersion`.
    """

    def decide(one: Person, another: Person) -> Sequence[identities.IdentityFact]:
        return identities.unlink(
            one.links, another.links, staff_number=staff_number, of=of, reason=reason, basis=basis
        )

    entered = _record_both(
        office, act, staff_number, lambda one: identities.linked_by(one.links, of), decide
    )
    if entered is None:
        raise AssertionError("a link is undone or it is refused")
    return entered


def object_to(office: Office, act: Act, *, staff_number: str, of: UUID, statement: str) -> Entered:
    """Record an objection to an entry; the statement goes to the vault alone.

    Raises `NotOnRecord`, `Conflict` (erased), `KeyReused`, `StaleVersion`.
    """
    sealed, commitment = _seal(office, act, staff_number, statement)
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: objections.object_to(
            _registered(person).record.entries, of=of, statement_commitment=commitment
        ),
        alongside=lambda cursor: office.vault.store(cursor, sealed),
    )
    return Entered.from_receipt(staff_number, receipt)


def withdraw(office: Office, act: Act, *, staff_number: str, objection: UUID) -> Entered:
    """Withdraw an objection; where that was done before, the answer is the objection, `already`.

    Raises `NotOnRecord`, `Conflict`, `KeyReused`, `StaleVersion`.
    """
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: objections.withdraw(_registered(person).objections, objection=objection),
    )
    if receipt is None:
        return _standing(office, staff_number, objection)
    return Entered.from_receipt(staff_number, receipt)


def answer(
    office: Office,
    act: Act,
    *,
    staff_number: str,
    objection: UUID,
    outcome: objections.ObjectionOutcome,
    reason: str,
    put_right_by: UUID | None,
    basis: Basis | None,
) -> Entered:
    """Record the employer's answer to an objection; its reason goes to the vault alone.

    Raises `NotOnRecord`, `Malformed`, `Conflict`, `KeyReused`, `StaleVersion`.
    """
    sealed, commitment = _seal(office, act, staff_number, reason)
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: objections.answer(
            _registered(person).objections,
            person.record.entries,
            objection=objection,
            outcome=outcome,
            reason_commitment=commitment,
            put_right_by=put_right_by,
            basis=basis,
        ),
        alongside=lambda cursor: office.vault.store(cursor, sealed),
    )
    return Entered.from_receipt(staff_number, receipt)


def _registered(person: Person) -> Person:
    person.require_registered()
    return person


def _seal(office: Office, act: Act, staff_number: str, words: str) -> tuple[Sealed, str]:
    # Each of these commands writes one event, so its id is known before.
    field = words_of(event_id_of(act.command_id, 0))
    sealed = office.vault.seal({staff_number: {field: words}})
    return sealed, sealed.commitment(staff_number, field).hex()


def _standing(office: Office, staff_number: str, event_id: UUID) -> Entered:
    """What is on record already, as the answer of a write that had nothing to add."""
    found = office.log.find(event_id)
    if found is None:
        raise LookupError(f"event {event_id} has gone from the log")
    return Entered(staff_number, event_id, found.version, found.recorded_at, already=True)


def _record_both(
    office: Office,
    act: Act,
    staff_number: str,
    other_of: Callable[[Person], str],
    decide: Callable[[Person, Person], Sequence[Fact]],
) -> Entered | None:
    """Append a fact to each of two records in one command; `None` where there is nothing to.

    The caller's version is of the person named alone: whoever writes to the other one makes the
    command decide again.
    """

    def attempt() -> Entered | StaleVersion | None:
        one = _registered(office.person(staff_number))
        try:
            one.require_version(act.expected_version)
        except StaleVersion as moved_on:
            # As an answer, for no further attempt can help.
            return moved_on
        another = _registered(office.person(other_of(one)))
        facts = decide(one, another)
        receipt = office.record(
            (one, another),
            [
                (staff_stream(person.staff_number), person.version, fact)
                for person, fact in zip((one, another), facts, strict=False)
            ],
            act,
        )
        return None if receipt is None else Entered.from_receipt(staff_number, receipt)

    came_of_it = office.persist(attempt, about=staff_stream(staff_number))
    if isinstance(came_of_it, StaleVersion):
        raise came_of_it
    return came_of_it
