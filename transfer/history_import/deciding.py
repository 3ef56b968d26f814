"""One person's lines put in order and decided on: by the same decisions as any entry on the record.

The order within a person is that of `recorded_on`, and of lines within a day; it becomes the order
of their entries in the log. A person comes in whole or not at all.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from transfer.core import staff
from transfer.core.refusals import AlreadyOnRecord, Conflict, Malformed, NotOnRecord, Refusal
from transfer.core.staff import StaffFact, StaffRecord
from transfer.core.words import Attested
from transfer.history_import.columns import HistoricAct
from transfer.history_import.lines import HistoryLine
from transfer.staff_return.people import Rejection

Decided = tuple[StaffFact, Attested]
"""A fact, and what its source claims about it."""


def in_order(lines: Iterable[HistoryLine]) -> list[HistoryLine]:
    """The lines of one person in the order in which their source recorded them."""
    return sorted(lines, key=lambda each: (each.attested.recorded_on, each.line))


def decide_person(
    lines: Sequence[HistoryLine],
    record: StaffRecord,
    event_ids: Sequence[UUID],
    rejections: list[Rejection],
) -> list[Decided]:
    """The facts of one person's lines, which are in order; one for each, or some rejections.

    `record` is what is on record of them already; it is added to. `event_ids` are those of the
    events that the lines become.
    """
    decided: list[Decided] = []
    places: dict[str, int] = {}
    refused: set[str] = set()
    for n, line in enumerate(lines):
        if line.ref is not None and (line.ref in places or line.ref in refused):
            rejections.append(Rejection(line.line, "ref", f"{line.ref!r} names an earlier line"))
            continue
        if line.of is not None and line.of in refused:
            continue  # what follows from a fault is not told again
        try:
            fact = _decide(line, record, places, event_ids)
        except Refusal as refusal:
            field, reason = _told(line, refusal)
            rejections.append(Rejection(line.line, field, reason))
            if line.act is HistoricAct.REGISTRATION:
                return decided
            if line.ref is not None:
                refused.add(line.ref)
            continue
        staff.evolve(record, event_ids[n], fact)
        decided.append((fact, line.attested))
        if line.ref is not None:
            places[line.ref] = n
    return decided


def _decide(
    line: HistoryLine,
    record: StaffRecord,
    places: dict[str, int],
    event_ids: Sequence[UUID],
) -> StaffFact:
    match line.act:
        case HistoricAct.REGISTRATION:
            facts: Sequence[StaffFact] = staff.register(
                record,
                staff_number=line.staff_number,
                effective_from=_begins(line),
                position=line.facets,
                continuous_service_from=line.continuous_service_from,
                assignment=line.assignment,
                basis=line.basis,
            )
        case HistoricAct.CHANGE:
            facts = staff.change(
                record,
                effective_from=_begins(line),
                effective_to=line.effective_to,
                changes=line.facets,
                reason=line.reason,
                assignment=line.assignment,
                basis=line.basis,
            )
        case HistoricAct.TERM:
            ((term, value),) = line.terms.items()
            facts = staff.set_term(
                record,
                term=term,
                value=value,
                effective_from=_begins(line),
                effective_to=line.effective_to,
                reason=line.reason,
                basis=line.basis,
            )
        case HistoricAct.CORRECTION:
            facts = staff.correct(
                record,
                of=_named(line, places, event_ids),
                effective_from=_begins(line),
                effective_to=line.effective_to,
                changes=line.facets,
                terms=line.terms,
                reason=line.reason,
                assignment=line.assignment,
                basis=line.basis,
            )
        case HistoricAct.ANNULMENT:
            facts = staff.annul(
                record, of=_named(line, places, event_ids), reason=line.reason, basis=line.basis
            )
    (fact,) = facts
    return fact


def _begins(line: HistoryLine) -> date:
    if line.effective_from is None:
        raise AssertionError("a line without its first day was let through")
    return line.effective_from


def _named(line: HistoryLine, places: dict[str, int], event_ids: Sequence[UUID]) -> UUID:
    place = places.get(line.of or "")
    if place is None:
        raise Malformed(
            f"no line of this person before this one, in the order of recorded_on, has the ref"
            f" {line.of!r}",
            field="of",
        )
    return event_ids[place]


def _told(line: HistoryLine, refusal: Refusal) -> tuple[str, str]:
    match refusal:
        case AlreadyOnRecord():
            return "act", (
                f"{line.staff_number} is registered already, on record or on an earlier line: "
                "leave the registration out to add the other lines to their record"
            )
        case NotOnRecord():
            return "act", (
                f"{line.staff_number} is not registered by then: in the order of recorded_on, and"
                " of lines within a day, the registration comes first"
            )
        case Malformed():
            return refusal.field, refusal.reason.removeprefix(f"{refusal.field}: ")
        case Conflict():
            return "of", refusal.reason
        case _:
            return "act", refusal.reason
