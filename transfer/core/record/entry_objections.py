"""Objections of staff to entries on their own record, and what the employer answers.

An objection stands beside the employer's version and changes no value: what is wrong is put right
by a correction, and the answer names it. What people write is about a person, so it lies in the
vault; the facts carry references, and a commitment by which the words can be proved.

(Not the objection to a transfer, TR-14: that is `assignment_facts.ObjectionRaised`.)

Order of the file: facts, then state and fold, then decisions.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from transfer.core.record.entries import EntriesOnRecord
from transfer.core.refusals import Conflict, Malformed, NotOnRecord
from transfer.core.words import Basis, Commitment, Frozen

# --- facts -------------------------------------------------------------------------------------


class ObjectionOutcome(StrEnum):
    """What the employer answers."""

    MAINTAINED = "maintained"
    UPHELD = "upheld"


class EntryObjectedTo(Frozen):
    """The person objects to the entry `of` of their own record."""

    of: UUID
    statement_commitment: Commitment


class EntryObjectionWithdrawn(Frozen):
    """The objection `of` is withdrawn; it stays on record."""

    of: UUID


class EntryObjectionAnswered(Frozen):
    """The employer answers the objection `of`: the entry is maintained, or another puts it right.

    `put_right_by` is that entry, where the objection is upheld.
    """

    of: UUID
    outcome: ObjectionOutcome
    put_right_by: UUID | None = None
    reason_commitment: Commitment
    basis: Basis | None = None


ObjectionFact = EntryObjectedTo | EntryObjectionWithdrawn | EntryObjectionAnswered

# --- state and fold ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectionOnRecord:
    """One objection: the entry it is to, and what became of it."""

    to: UUID
    withdrawn: bool = False
    answered: bool = False


@dataclass(slots=True)
class Objections:
    """The objections on one record, by the event that made each."""

    made: dict[UUID, ObjectionOnRecord] = field(default_factory=dict)


def evolve(objections: Objections, event_id: UUID, fact: ObjectionFact) -> None:
    """Fold one fact in; total, and never judges."""
    match fact:
        case EntryObjectedTo():
            objections.made[event_id] = ObjectionOnRecord(fact.of)
        case EntryObjectionWithdrawn():
            if (named := objections.made.get(fact.of)) is not None:
                objections.made[fact.of] = ObjectionOnRecord(named.to, True, named.answered)
        case EntryObjectionAnswered():
            if (named := objections.made.get(fact.of)) is not None:
                objections.made[fact.of] = ObjectionOnRecord(named.to, named.withdrawn, True)
        case _:
            assert_never(fact)


# --- decisions ---------------------------------------------------------------------------------


def object_to(
    entries: EntriesOnRecord, *, of: UUID, statement_commitment: str
) -> tuple[EntryObjectedTo, ...]:
    """Record an objection; any entry of one's own record may be objected to, however often.

    Raises `NotOnRecord` where the entry is not this person's: what a collective agreement gives
    is on the consultation's record.
    """
    if of not in entries:
        raise NotOnRecord(f"no entry {of} on this person's record")
    return (EntryObjectedTo(of=of, statement_commitment=statement_commitment),)


def withdraw(objections: Objections, *, objection: UUID) -> tuple[EntryObjectionWithdrawn, ...]:
    """Withdraw an objection that awaits its answer; nothing where it is withdrawn already.

    Raises `NotOnRecord` where there is none such, `Conflict` where it was answered.
    """
    named = _named(objections, objection)
    if named.withdrawn:
        return ()
    if named.answered:
        raise Conflict("the objection was answered: it stays on record beside its answer")
    return (EntryObjectionWithdrawn(of=objection),)


def answer(
    objections: Objections,
    entries: EntriesOnRecord,
    *,
    objection: UUID,
    outcome: ObjectionOutcome,
    reason_commitment: str,
    put_right_by: UUID | None = None,
    basis: Basis | None = None,
) -> tuple[EntryObjectionAnswered, ...]:
    """Record the employer's answer; a later answer takes the place of an earlier one.

    An objection is upheld by the entry that puts the record right, which was recorded after the
    one objected to. Raises `NotOnRecord` where objection or entry is not this person's,
    `Malformed` where outcome and entry do not go together, `Conflict` for an objection that is
    withdrawn and for an entry that cannot have put it right.
    """
    named = _named(objections, objection)
    if named.withdrawn:
        raise Conflict("the objection was withdrawn: there is nothing to answer")
    if outcome is ObjectionOutcome.UPHELD:
        if put_right_by is None:
            raise Malformed("name the entry that puts the record right", field="put_right_by")
        _require_puts_right(entries, put_right_by, named.to)
    elif put_right_by is not None:
        raise Malformed("an entry that is maintained is not put right", field="put_right_by")
    return (
        EntryObjectionAnswered(
            of=objection,
            outcome=outcome,
            put_right_by=put_right_by,
            reason_commitment=reason_commitment,
            basis=basis,
        ),
    )


def _named(objections: Objections, objection: UUID) -> ObjectionOnRecord:
    if objection not in objections.made:
        raise NotOnRecord(f"no objection {objection} on this person's record")
    return objections.made[objection]


def _require_puts_right(entries: EntriesOnRecord, entry: UUID, wrong: UUID) -> None:
    if entry not in entries:
        raise NotOnRecord(f"no entry {entry} on this person's record")
    if entries[entry].annulled:
        raise Conflict(f"entry {entry} was annulled: it puts nothing right")
    order = list(entries)
    if order.index(entry) <= order.index(wrong):
        raise Conflict(f"entry {entry} was on record before the one objected to")
