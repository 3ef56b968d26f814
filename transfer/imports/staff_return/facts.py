"""What one person's rows become on record.

The first row registers, each later one of an assignment changes it from its own day. What a row
says of the person, the name and since when service counts, holds from that row's day too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from transfer.core.record.entries import NOT_SEALED
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.names import StaffNamed
from transfer.core.record.staff import PositionChanged, StaffRegistered, TermEnded, TermVaried
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.texts import caseless
from transfer.core.words import Basis, Facet
from transfer.imports.staff_return.people import PersonReturn, ReturnRow, Warned
from transfer.procedures.facts import Fact

Stated = tuple[Fact, str | None]
"""A fact, and the name that it gives; names go to the vault and stand in no fact."""

ENDED = "staff return: the position ended"
LATER_NAME = "staff return: a later name"
LATER_SERVICE = "staff return: continuous service"


def facts_of(person: PersonReturn, document: str, edition: str) -> Iterator[Stated]:
    """One person's rows as facts, with the names that they give.

    A row that ends with no row of the assignment on that day ends the position. Evidence is what
    the last row says, under the edition that declares it.
    """
    first, *later = person.periods
    yield (
        StaffRegistered(
            staff_number=person.staff_number,
            effective_from=first.in_post_from,
            continuous_service_from=first.continuous_service_from,
            assignment=first.assignment,
            position=dict(first.facets()),
        ),
        first.name,
    )
    last = {first.assignment: first}
    name = first.name
    for row in later:
        before = last.get(row.assignment)
        changes: dict[Facet, str | None] = {}
        if before is not None:
            if before.in_post_to is not None and before.in_post_to < row.in_post_from:
                yield ended(before), None
            changes = dict.fromkeys(before.facets())
        yield (
            PositionChanged(
                effective_from=row.in_post_from,
                assignment=row.assignment,
                changes={**changes, **row.facets()},
                reason="staff return: a later position",
            ),
            None,
        )
        if not same_name(row.name, name):
            name = row.name
            yield later_name(row)
        last[row.assignment] = row
    for row in last.values():
        if row.in_post_to is not None:
            yield ended(row), None
    for service in services(person):
        if service.is_taken:
            yield service.fact(), None
    if (found := evidence_of(person, document, edition)) is not None:
        yield found, None


def evidence_of(person: PersonReturn, document: str, edition: str) -> EvidenceReturned | None:
    """What the person's last row says as evidence; `None` where it says nothing."""
    last = person.periods[-1]
    if not last.evidence:
        return None
    return EvidenceReturned(
        values=dict(last.evidence),
        documents=dict(last.documents),
        basis=Basis(rulebook=edition, document=document),
    )


def ended(row: ReturnRow) -> PositionChanged:
    """The end of a dated row, with no other on that day."""
    if row.in_post_to is None:
        raise ValueError("an open position has no end")
    return PositionChanged(
        effective_from=row.in_post_to,
        assignment=row.assignment,
        changes=dict.fromkeys(row.facets()),
        reason=ENDED,
    )


def later_name(row: ReturnRow) -> Stated:
    """The name that a row gives from its own day."""
    named = StaffNamed(effective_from=row.in_post_from, commitment=NOT_SEALED, reason=LATER_NAME)
    return named, row.name


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name; capitals make no difference."""
    return caseless(one) == caseless(other)


# --- continuous service ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Service:
    """What a later row says of continuous service, from a day on; `None` is that it says nothing.

    `is_taken` is false for a second job whose service is shorter than that of the job beside it:
    service is the person's, and the longer one stays.
    """

    row: ReturnRow
    effective_from: date
    counted_from: date | None
    is_taken: bool = True

    def fact(self) -> TermVaried | TermEnded:
        """The same as it goes on record."""
        stated: dict[str, Any] = {
            "term": CONTINUOUS_SERVICE,
            "effective_from": self.effective_from,
            "reason": LATER_SERVICE,
        }
        if self.counted_from is None:
            return TermEnded(**stated)
        return TermVaried(value=str(self.counted_from), **stated)

    def warning(self) -> Warned | None:
        """What ought to be looked at; `None` for a date that simply changes."""
        if not self.is_taken:
            reason = (
                f"{self.counted_from} is not taken: service is the person's, and another job that "
                "goes on says that it counts from an earlier day"
            )
        elif self.counted_from is None:
            reason = (
                f"is blank after a break from {self.effective_from} to {self.row.in_post_from}: "
                f"from {self.effective_from} no continuous service is on record"
            )
        else:
            return None
        return Warned(self.row.line, CONTINUOUS_SERVICE, reason)


def services(person: PersonReturn) -> Iterator[Service]:
    """What the person's later rows say of continuous service, where it is anything else.

    A blank says nothing, so the date goes on; but not through a break, over which nobody has said
    that it counts.
    """
    first, *later = person.periods
    counted_from, until = first.continuous_service_from, first.in_post_to
    for row in later:
        said = row.continuous_service_from
        goes_on = until is None or until > row.in_post_from
        if said is None and counted_from is not None and not goes_on and until != row.in_post_from:
            yield Service(row, until or row.in_post_from, None)
            counted_from = None
        elif said is not None and said != counted_from:
            is_taken = not (goes_on and counted_from is not None and said > counted_from)
            yield Service(row, row.in_post_from, said, is_taken)
            counted_from = said if is_taken else counted_from
        if until is not None:
            until = None if row.in_post_to is None else max(until, row.in_post_to)
