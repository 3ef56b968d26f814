"""Two staff numbers that are one person: linked, and unlinked where that was a mistake.

A link is on both records, as two facts of one command. It changes no value: each number keeps its
own history and goes on answering for itself, and every answer names the numbers linked with it.
Links reach on: where A is linked with B and B with C, all three are one person.

Order of the file: facts, then state and fold, then decisions.
"""

from dataclasses import dataclass, field
from typing import assert_never
from uuid import UUID

from transfer.core.refusals import Conflict, Malformed, NotOnRecord
from transfer.core.words import Basis, Frozen, StaffNumber

# --- facts -------------------------------------------------------------------------------------


class IdentityLinked(Frozen):
    """This staff number and `other` are one person."""

    other: StaffNumber
    reason: str
    basis: Basis | None = None


class IdentityUnlinked(Frozen):
    """They are not after all: the link `of`, on this same record, is undone."""

    of: UUID
    other: StaffNumber
    reason: str
    basis: Basis | None = None


IdentityFact = IdentityLinked | IdentityUnlinked

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Links:
    """The links on one record: every one ever made, and those that stand."""

    made: dict[UUID, StaffNumber] = field(default_factory=dict)
    standing: dict[StaffNumber, UUID] = field(default_factory=dict)


def evolve(links: Links, event_id: UUID, fact: IdentityFact) -> None:
    """Fold one fact in; total, and never judges."""
    match fact:
        case IdentityLinked():
            links.made[event_id] = fact.other
            links.standing[fact.other] = event_id
        case IdentityUnlinked():
            links.standing.pop(fact.other, None)
        case _:
            assert_never(fact)


# --- decisions ---------------------------------------------------------------------------------


def link(
    links: Links,
    *,
    staff_number: StaffNumber,
    other: StaffNumber,
    reason: str,
    basis: Basis | None = None,
) -> tuple[IdentityLinked, ...]:
    """Record that two numbers are one person: a fact for this record, then one for the other's.

    Nothing where they are linked directly already; that they are linked through a third number
    is no reason not to. Raises `Malformed` for a number linked with itself.
    """
    if other == staff_number:
        raise Malformed("that is the same staff number", field="other")
    if other in links.standing:
        return ()
    return (
        IdentityLinked(other=other, reason=reason, basis=basis),
        IdentityLinked(other=staff_number, reason=reason, basis=basis),
    )


def linked_by(links: Links, of: UUID) -> StaffNumber:
    """The other number of a link on this record; raises `NotOnRecord` for what is none."""
    if of not in links.made:
        raise NotOnRecord(f"no link {of} on this person's record")
    return links.made[of]


def unlink(
    links: Links,
    others: Links,
    *,
    staff_number: StaffNumber,
    of: UUID,
    reason: str,
    basis: Basis | None = None,
) -> tuple[IdentityUnlinked, ...]:
    """Undo the link `of` of this record: a fact for it, then one for the other's (`others`).

    Raises `NotOnRecord` where there is no such link, `Conflict` where it is undone already.
    """
    other = linked_by(links, of)
    if links.standing.get(other) != of:
        raise Conflict(f"link {of} was undone already: {staff_number} and {other} may be linked")
    return (
        IdentityUnlinked(of=of, other=other, reason=reason, basis=basis),
        IdentityUnlinked(
            of=others.standing[staff_number], other=staff_number, reason=reason, basis=basis
        ),
    )
