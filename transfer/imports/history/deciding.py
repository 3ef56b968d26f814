"""One person's lines put in order and decided on: by the same decisions as any entry on the record.

The order within a person is that of `recorded_on`, and of lines within a day; it becomes the order
of their entries in the log. A person comes in whole or not at all.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from transfer.core.record import staff
from transfer.core.record.entries import Annulment, Change, Correction, Registration, TermSet
from transfer.core.record.staff import StaffFact, StaffRecord
from transfer.core.refusals import AlreadyOnRecord, Conflict, Malformed, NotOnRecord, Refusal
from transfer.core.words import Attested
from transfer.imports.history.columns import HistoricAct
from transfer.imports.history.known import KnownLines
from transfer.imports.history.lines import BadLine, HistoryLine
from transfer.imports.staff_return.people import Rejection

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
    bad: Sequence[BadLine] = (),
    known: KnownLines | None = None,
) -> list[Decided]:
    """The facts of one person's lines, which are in order; one for each that is new, or some
    rejections.

    `record` is what is on record of them already; it is added to. `event_ids` are those of the
    events that the lines become. `bad` are the person's other lines, in which a cell is bad: they
    are told of already. What rests on a bad line is rejected as not judged, all else is judged.
    `known` are the lines on record already: those that come again are noted there as passed over.
    """
    decided: list[Decided] = []
    known = known or KnownLines()
    places = _Places(known)
    faults = _Faults(bad, lines)
    for line in lines:
        if not record.is_registered and faults.may_register(line):
            record.staff_number = line.staff_number  # the bad line that does is told of
        try:
            again = known.find(line, places.event_of(line, line.of))
            if again is not None:
                known.passed_over.add(line.line)
                places.add(line.ref, again.event_id)
                continue
            faults.check_ref(line, places)
            faults.check_named(line, places)
            fact = _decide(line, record, places)
        except Refusal as refusal:
            field, reason = _told(line, refusal)
            rejections.append(Rejection(line.line, field, reason))
            faults.add(line, field)
            continue
        event_id = event_ids[len(decided)]
        staff.evolve(record, event_id, fact)
        decided.append((fact, line.attested))
        places.add(line.ref, event_id)
    return decided


class _Places:
    """The events of the lines that others may name: of this file so far, and on record."""

    def __init__(self, known: KnownLines) -> None:
        self._known = known
        self._of_file: dict[str, UUID] = {}

    def add(self, ref: str | None, event_id: UUID) -> None:
        if ref is not None:
            self._of_file[ref] = event_id

    def is_of_file(self, ref: str) -> bool:
        return ref in self._of_file

    def event_of(self, line: HistoryLine, ref: str | None) -> UUID | None:
        """The event of the line that a reference names, on a line of some source."""
        if ref is None:
            return None
        return self._of_file.get(ref) or self._known.event_of(line.attested.source, ref)


class _Faults:
    """The bad lines of one person, and what of the others cannot be told without them."""

    def __init__(self, bad: Sequence[BadLine], lines: Sequence[HistoryLine]) -> None:
        self._by_ref = {each.ref: each.line for each in reversed(bad) if each.ref is not None}
        self._unnamed = [each.line for each in bad if each.may_have_a_ref]
        may_be: set[HistoricAct | None] = {HistoricAct.REGISTRATION}
        if not any(line.act is HistoricAct.REGISTRATION for line in lines):
            may_be.add(None)
        self._registers = any(each.act in may_be for each in bad)

    def add(self, line: HistoryLine, field: str) -> None:
        """One more, which was judged and refused."""
        if line.act is HistoricAct.REGISTRATION:
            self._registers = True
        if line.ref is not None and field != "ref":
            self._by_ref.setdefault(line.ref, line.line)

    def may_register(self, line: HistoryLine) -> bool:
        """Whether a bad line may be what registers the person, and this one does not."""
        return self._registers and line.act is not HistoricAct.REGISTRATION

    def check_ref(self, line: HistoryLine, places: _Places) -> None:
        """Refuse a ref that another line of the person has already."""
        if line.ref is None:
            return
        if places.is_of_file(line.ref):
            raise Malformed(f"{line.ref!r} names an earlier line", field="ref")
        if line.ref in self._by_ref:
            raise Malformed(f"{line.ref!r} names line {self._by_ref[line.ref]} too", field="ref")

    def check_named(self, line: HistoryLine, places: _Places) -> None:
        """Refuse a line about a bad one, for its own dates if they are wrong, else unjudged."""
        if line.of is None or places.event_of(line, line.of) is not None:
            return
        about = self._by_ref.get(line.of)
        if about is None and self._unnamed:
            about = self._unnamed[0]
        if about is None:
            return
        if line.effective_from is not None:
            staff.check_dates(line.effective_from, line.effective_to)
        raise Malformed(f"not judged, because of line {about}", field="of")


def _decide(line: HistoryLine, record: StaffRecord, places: _Places) -> StaffFact:
    match line.act:
        case HistoricAct.REGISTRATION:
            registration = Registration(
                staff_number=line.staff_number,
                effective_from=_begins(line),
                position=line.facets,
                continuous_service_from=line.continuous_service_from,
                assignment=line.assignment,
                basis=line.basis,
            )
            facts: Sequence[StaffFact] = staff.register(record, registration)
        case HistoricAct.CHANGE:
            change = Change(
                effective_from=_begins(line),
                effective_to=line.effective_to,
                changes=line.facets,
                reason=line.reason,
                assignment=line.assignment,
                basis=line.basis,
            )
            facts = staff.change(record, change)
        case HistoricAct.TERM:
            ((term, value),) = line.terms.items()
            term_set = TermSet(
                term=term,
                value=value,
                effective_from=_begins(line),
                effective_to=line.effective_to,
                reason=line.reason,
                basis=line.basis,
            )
            facts = staff.set_term(record, term_set)
        case HistoricAct.CORRECTION:
            correction = Correction(
                of=_named(line, record, places),
                effective_from=_begins(line),
                effective_to=line.effective_to,
                changes=line.facets,
                terms=line.terms,
                reason=line.reason,
                assignment=line.assignment,
                basis=line.basis,
            )
            facts = staff.correct(record, correction)
        case HistoricAct.ANNULMENT:
            of = _named(line, record, places)
            facts = staff.annul(record, Annulment(of=of, reason=line.reason, basis=line.basis))
    (fact,) = facts
    return fact


def _begins(line: HistoryLine) -> date:
    if line.effective_from is None:
        raise AssertionError("a line without its first day was let through")
    return line.effective_from


def _named(line: HistoryLine, record: StaffRecord, places: _Places) -> UUID:
    named = places.event_of(line, line.of)
    if named is None:
        raise Malformed(
            f"no line of this person before this one, in the order of recorded_on, has the ref"
            f" {line.of!r}",
            field="of",
        )
    if record.entries[named].annulled:
        raise Conflict(
            f"the line with the ref {line.of!r} was annulled by an earlier one: put it right by a"
            " new change"
        )
    if record.entries[named].is_annulment:
        raise Conflict(
            f"the line with the ref {line.of!r} is an annulment, which is final: put a mistaken one"
            " right by a new change"
        )
    return named


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
