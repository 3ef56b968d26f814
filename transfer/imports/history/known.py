"""Which lines of a history are on record already, from an earlier file.

A line is known by its source, its reference (if it has one), the day on which the source recorded
it, and what it says. So a second file that repeats the lines of a first one adds nothing: a change
that was put right since is not made again, recorded last. A reference that comes back with
something else is named, for it cannot be told which of the two the source means now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffFact,
    StaffRegistered,
    TermEnded,
    TermGranted,
    TermVaried,
)
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.refusals import Malformed
from transfer.core.texts import caseless, folded
from transfer.core.words import Attested, Basis, Facet
from transfer.imports.history.columns import HistoricAct
from transfer.imports.history.lines import HistoryLine

Content = tuple[object, ...]
"""What a line says, in a form that can be compared."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line on record: its event, what its source claims, and what it says."""

    event_id: UUID
    attested: Attested
    content: Content


@dataclass(slots=True)
class KnownLines:
    """The lines of one person that are on record, and those of a file that were found to be."""

    lines: Iterable[KnownLine] = ()
    passed_over: set[int] = field(default_factory=set)
    _by_ref: dict[tuple[str, str], KnownLine] = field(init=False)
    _by_content: dict[tuple[str, date, Content], list[KnownLine]] = field(init=False)

    def __post_init__(self) -> None:
        """Arrange the lines by what they are looked up by."""
        self._by_ref, self._by_content = {}, {}
        for each in self.lines:
            claim = each.attested
            if claim.ref is not None:
                self._by_ref[claim.source, claim.ref] = each
            key = (claim.source, claim.recorded_on, each.content)
            self._by_content.setdefault(key, []).append(each)

    def event_of(self, source: str, ref: str | None) -> UUID | None:
        """The event of the line on record that a source calls by a reference."""
        found = None if ref is None else self._by_ref.get((source, ref))
        return None if found is None else found.event_id

    def find(self, line: HistoryLine, of: UUID | None) -> KnownLine | None:
        """The line on record that this one repeats; `of` is the event that it is about.

        Raises `Malformed` where the reference is on record with something else.
        """
        claim = line.attested
        content = content_of_line(line, of)
        if claim.ref is not None and (found := self._by_ref.get((claim.source, claim.ref))):
            if (found.attested.recorded_on, found.content) == (claim.recorded_on, content):
                return found
            raise Malformed(
                f"{claim.ref!r} of {claim.source} is on record already and says something else"
                f" there (event {found.event_id}): put that right by a correction",
                field="ref",
            )
        same = self._by_content.get((claim.source, claim.recorded_on, content), ())
        # Two different references are two lines, though they say the same.
        return next((it for it in same if None in (it.attested.ref, claim.ref)), None)


def known_lines(facts: Iterable[tuple[UUID, Attested | None, object]]) -> tuple[KnownLine, ...]:
    """The lines among what is on record of one person: what an older system is said to claim."""
    return tuple(
        KnownLine(event_id, attested, content)
        for event_id, attested, fact in facts
        if attested is not None
        and isinstance(fact, StaffFact)
        and (content := _content_of_fact(fact)) is not None
    )


def content_of_line(line: HistoryLine, of: UUID | None) -> Content:
    """What a line says; `of` is the event that a correction or an annulment is about."""
    begins, ends, basis = line.effective_from, line.effective_to, _basis(line.basis)
    match line.act:
        case HistoricAct.REGISTRATION:
            service = line.continuous_service_from
            return (line.act, begins, line.assignment, _values(line.facets), service, basis)
        case HistoricAct.CHANGE:
            facets = _values(line.facets)
            return (line.act, begins, ends, line.assignment, facets, folded(line.reason), basis)
        case HistoricAct.TERM:
            ((term, value),) = line.terms.items()
            return (line.act, begins, ends, *_term(term, value), folded(line.reason), basis)
        case HistoricAct.CORRECTION:
            said = _corrected(line.facets, line.terms)
            return (line.act, of, begins, ends, line.assignment, *said, folded(line.reason), basis)
        case HistoricAct.ANNULMENT:
            return (line.act, of, folded(line.reason), basis)


def _content_of_fact(fact: StaffFact) -> Content | None:
    """The same of a fact on record; `None` for one that no line of a history becomes."""
    basis = _basis(fact.basis)
    match fact:
        case StaffRegistered():
            begins, service = fact.effective_from, fact.continuous_service_from
            position = _values(fact.position)
            return (HistoricAct.REGISTRATION, begins, fact.assignment, position, service, basis)
        case PositionChanged():
            said: Content = (fact.assignment, _values(fact.changes), folded(fact.reason), basis)
            return (HistoricAct.CHANGE, fact.effective_from, fact.effective_to, *said)
        case TermGranted() | TermVaried():
            said = (*_term(fact.term, fact.value), folded(fact.reason), basis)
            return (HistoricAct.TERM, fact.effective_from, fact.effective_to, *said)
        case TermEnded():
            said = (*_term(fact.term, None), folded(fact.reason), basis)
            return (HistoricAct.TERM, fact.effective_from, fact.effective_to, *said)
        case EntryCorrected():
            corrected = _corrected(fact.changes, fact.terms)
            said = (fact.assignment, *corrected, folded(fact.reason), basis)
            return (HistoricAct.CORRECTION, fact.of, fact.effective_from, fact.effective_to, *said)
        case EntryAnnulled():
            return (HistoricAct.ANNULMENT, fact.of, folded(fact.reason), basis)
        case _:
            return None


def _values(values: Mapping[Facet, str | None]) -> frozenset[tuple[str, str | None]]:
    return frozenset(
        (str(name), None if value is None else folded(value)) for name, value in values.items()
    )


def _term(term: str, value: str | None) -> tuple[str, str | None]:
    return caseless(term), None if value is None else folded(value)


def _corrected(facets: Mapping[Facet, str | None], terms: Mapping[str, str | None]) -> Content:
    # The correction of a registration keeps what that says of service, and no line says so.
    kept = {name: value for name, value in terms.items() if name != CONTINUOUS_SERVICE}
    said = kept if facets else terms
    return _values(facets), frozenset(_term(term, value) for term, value in said.items())


def _basis(basis: Basis | None) -> tuple[str | None, ...] | None:
    return None if basis is None else (basis.rulebook, basis.clause, basis.document)
