"""One staff member's record: registration, changes, terms, corrections and annulments.

Order of the file: facts, then state and fold, then decisions. What a staff member goes through in
an exercise lies on the same stream and has its own file, `person.py`.

An entry on the record is always recorded (contract: a change that restates the value in force is
still a boundary), so no decision here answers "already so".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from pydantic import Field

from transfer.core.dating.effective_dating import Key, Kind, Piece
from transfer.core.record.entries import (
    Annulment,
    Change,
    Correction,
    EntryOnRecord,
    Leaving,
    Naming,
    NewEntry,
    Registration,
    TermSet,
    original_of,
)
from transfer.core.record.names import StaffNamed
from transfer.core.record.terms import CONTINUOUS_SERVICE, check_service, check_terms
from transfer.core.refusals import AlreadyOnRecord, Conflict, Malformed, NotOnRecord
from transfer.core.texts import caseless, is_blank
from transfer.core.words import MAIN, AssignmentName, Basis, Facet, FacetKey, Frozen, StaffNumber

END_OF_TIME = date(2200, 1, 1)
"""A day from here on is no end: it is how other systems write that there is none (9999, 4712)."""

_DECIMAL = re.compile(r"[0-9]{0,9}\.?[0-9]{1,30}")

# --- facts -------------------------------------------------------------------------------------


class StaffRegistered(Frozen):
    """The record of this person begins; the first position stands from `effective_from`."""

    staff_number: StaffNumber
    effective_from: date
    continuous_service_from: date | None = None
    assignment: AssignmentName = MAIN
    position: dict[FacetKey, str | None] = Field(default_factory=dict)
    basis: Basis | None = None


class PositionChanged(Frozen):
    """Facets of one assignment change: standing without `effective_to`, else temporary."""

    effective_from: date
    effective_to: date | None = None
    assignment: AssignmentName = MAIN
    changes: dict[FacetKey, str | None]
    reason: str
    basis: Basis | None = None


class TermGranted(Frozen):
    """An entitlement or restriction is granted, with its own dates."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    reason: str
    basis: Basis | None = None


class TermVaried(Frozen):
    """A term that is already held takes another value from a day."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None = None
    reason: str
    basis: Basis | None = None


class TermEnded(Frozen):
    """A term ends from a day (or, with `effective_to`, is suspended until it)."""

    term: str
    effective_from: date
    effective_to: date | None = None
    reason: str
    basis: Basis | None = None


class EntryCorrected(Frozen):
    """The whole content of the entry `of` is replaced, in that entry's place in the order."""

    of: UUID
    effective_from: date
    effective_to: date | None = None
    assignment: AssignmentName = MAIN
    changes: dict[FacetKey, str | None] = Field(default_factory=dict)
    terms: dict[str, str | None] = Field(default_factory=dict)
    reason: str
    basis: Basis | None = None


class EntryAnnulled(Frozen):
    """The effect of the entry `of` is taken away; the entry stays on record. It is final."""

    of: UUID
    reason: str
    basis: Basis | None = None


class StaffLeft(Frozen):
    """Somebody leaves an assignment: from that day every facet of it has ended.

    The last day in post is the day before `effective_from` (contract, rule 5).
    """

    effective_from: date
    assignment: AssignmentName = MAIN
    reason: str
    basis: Basis | None = None


StaffFact = (
    StaffRegistered
    | PositionChanged
    | TermGranted
    | TermVaried
    | TermEnded
    | EntryCorrected
    | EntryAnnulled
    | StaffLeft
    | StaffNamed
)


def facet_pieces(
    values: Mapping[Facet, str | None],
    *,
    assignment: str,
    effective_from: date,
    effective_to: date | None = None,
) -> tuple[Piece, ...]:
    """Facet values of one assignment as pieces that share their dates."""
    return tuple(
        Piece(Key(Kind.FACET, assignment, facet), value, effective_from, effective_to)
        for facet, value in values.items()
    )


def term_piece(
    term: str, value: str | None, effective_from: date, effective_to: date | None = None
) -> Piece:
    """One term as a piece; terms belong to the person, not to one of their assignments."""
    return Piece(Key(Kind.TERM, "", term), value, effective_from, effective_to)


def pieces_of(fact: StaffFact) -> tuple[Piece, ...]:
    """The dated values that a fact of this file states (none, for an annulment)."""
    match fact:
        case StaffRegistered():
            counted_from = fact.continuous_service_from
            return facet_pieces(
                fact.position, assignment=fact.assignment, effective_from=fact.effective_from
            ) + (
                ()
                if counted_from is None
                else (term_piece(CONTINUOUS_SERVICE, str(counted_from), fact.effective_from),)
            )
        case PositionChanged():
            return facet_pieces(
                fact.changes,
                assignment=fact.assignment,
                effective_from=fact.effective_from,
                effective_to=fact.effective_to,
            )
        case TermGranted() | TermVaried():
            return (term_piece(fact.term, fact.value, fact.effective_from, fact.effective_to),)
        case TermEnded():
            return (term_piece(fact.term, None, fact.effective_from, fact.effective_to),)
        case EntryCorrected():
            return facet_pieces(
                fact.changes,
                assignment=fact.assignment,
                effective_from=fact.effective_from,
                effective_to=fact.effective_to,
            ) + tuple(
                term_piece(term, value, fact.effective_from, fact.effective_to)
                for term, value in fact.terms.items()
            )
        case EntryAnnulled() | StaffNamed():
            return ()
        case StaffLeft():
            return leaving_pieces(fact.assignment, fact.effective_from)
        case _:
            assert_never(fact)


def leaving_pieces(assignment: str, effective_from: date) -> tuple[Piece, ...]:
    """Every facet of the assignment ends: from that day the person holds no position in it."""
    return facet_pieces(dict.fromkeys(Facet), assignment=assignment, effective_from=effective_from)


# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class StaffRecord:
    """What the decisions of this file need to know of one staff member."""

    staff_number: str | None = None
    entries: dict[UUID, EntryOnRecord] = field(default_factory=dict)
    terms_held: set[str] = field(default_factory=set)
    term_names: dict[str, str] = field(default_factory=dict)
    """How each term was first spelled on this record, by the form in which names are compared."""

    @property
    def is_registered(self) -> bool:
        """Whether the record of this person has begun."""
        return self.staff_number is not None

    def copy(self) -> "StaffRecord":
        """The same, which is folded further by itself."""
        return StaffRecord(
            self.staff_number, dict(self.entries), set(self.terms_held), dict(self.term_names)
        )


def evolve(record: StaffRecord, event_id: UUID, fact: StaffFact) -> None:
    """Fold one fact into the record; total, and never judges."""
    match fact:
        case StaffRegistered():
            record.staff_number = fact.staff_number
            counted_from = fact.continuous_service_from
            record.entries[event_id] = EntryOnRecord(
                is_registration=True,
                states_service=counted_from is not None,
                service_from=None if counted_from is None else str(counted_from),
            )
            if counted_from is not None:
                record.terms_held.add(CONTINUOUS_SERVICE)
                note_terms(record, (CONTINUOUS_SERVICE,))
        case PositionChanged() | StaffLeft():
            record.entries[event_id] = EntryOnRecord()
        case TermGranted() | TermVaried():
            record.entries[event_id] = EntryOnRecord()
            record.terms_held.add(fact.term)
            note_terms(record, (fact.term,))
        case TermEnded():
            record.entries[event_id] = EntryOnRecord()
            note_terms(record, (fact.term,))
            if fact.effective_to is None:
                record.terms_held.discard(fact.term)
        case EntryCorrected():
            record.entries[event_id] = EntryOnRecord(
                of=fact.of,
                states_service=CONTINUOUS_SERVICE in fact.terms,
                service_from=fact.terms.get(CONTINUOUS_SERVICE),
            )
            note_terms(record, fact.terms)
        case EntryAnnulled():
            enter_on_record(record, event_id, EntryOnRecord(is_annulment=True, of=fact.of))
        case StaffNamed():
            record.entries[event_id] = EntryOnRecord(is_naming=True, of=fact.of)
        case _:
            assert_never(fact)


def note_terms(record: StaffRecord, names: Iterable[str]) -> None:
    """Keep how terms are spelled on this record, also those that come with a procedure."""
    for name in names:
        record.term_names.setdefault(caseless(name), name)


def enter_on_record(record: StaffRecord, event_id: UUID, entry: EntryOnRecord) -> None:
    """Take an entry, which may be that of a procedure; what it annuls cannot be named any more."""
    record.entries[event_id] = entry
    if entry.is_annulment and entry.of is not None:
        named = record.entries.get(entry.of)
        if named is not None:
            record.entries[entry.of] = replace(named, annulled=True)


def fold(facts: Iterable[tuple[UUID, StaffFact]]) -> StaffRecord:
    """The record after the given facts, oldest first."""
    record = StaffRecord()
    for event_id, fact in facts:
        evolve(record, event_id, fact)
    return record


# --- decisions ---------------------------------------------------------------------------------


def register(record: StaffRecord, registration: Registration) -> tuple[StaffRegistered, ...]:
    """Begin a person's record.

    Raises `AlreadyOnRecord` for a second registration and `Malformed` for an `fte` outside
    0 to 1 or continuous service from a later day than `effective_from`. Source: contract, "The
    effective-dating rule", the registration.
    """
    if record.is_registered:
        raise AlreadyOnRecord(
            f"{registration.staff_number} is on record already: record a change, or correct the "
            "registration"
        )
    check_values(registration.position)
    check_service(registration.continuous_service_from, registration.effective_from)
    return (StaffRegistered(**dict(registration)),)


def enter(record: StaffRecord, entry: NewEntry) -> tuple[StaffFact, ...]:
    """What an entry comes to on one person's record; raises as the decision for its kind does."""
    match entry:
        case Naming():
            return name(record, entry)
        case Change():
            return change(record, entry)
        case TermSet():
            return set_term(record, entry)
        case Correction():
            return correct(record, entry)
        case Annulment():
            return annul(record, entry)
        case Leaving():
            return leave(record, entry)
        case _:
            assert_never(entry)


def change(record: StaffRecord, entry: Change) -> tuple[PositionChanged, ...]:
    """Record a standing or temporary change; it may be effective before the registration.

    Raises `NotOnRecord` for an unknown person, `Malformed` for dates in the wrong order, no
    facet, a blank reason, or an `fte` outside 0 to 1. Source: contract, rules 1 and 2.
    """
    _require_registered(record)
    check_dates(entry.effective_from, entry.effective_to)
    check_reason(entry.reason)
    if not entry.changes:
        raise Malformed("name at least one facet", field="changes")
    check_values(entry.changes)
    return (PositionChanged(**dict(entry)),)


def set_term(
    record: StaffRecord, entry: TermSet
) -> tuple[TermGranted | TermVaried | TermEnded, ...]:
    """Grant a term, vary one that is held, or (value `None`) end it.

    A term that is on this record already keeps the name that it has there, however this one is
    spelled (contract, "Texts"). Raises `NotOnRecord` for an unknown person, `Malformed` for dates
    in the wrong order, a blank reason, or a `continuous_service_from` that is no date.
    """
    _require_registered(record)
    check_dates(entry.effective_from, entry.effective_to)
    check_reason(entry.reason)
    entry = entry.model_copy(update={"term": _spelled(record, entry.term)})
    check_terms({entry.term: entry.value})
    stated = dict(entry)
    if entry.value is None:
        del stated["value"]
        return (TermEnded(**stated),)
    return ((TermVaried if entry.term in record.terms_held else TermGranted)(**stated),)


def correct(record: StaffRecord, entry: Correction) -> tuple[EntryCorrected, ...]:
    """Replace the whole content of an entry (contract, rule 3).

    What a registration says of continuous service is no facet: a correction that does not name
    the term keeps what the entry that it names says of it. Raises `NotOnRecord` where the event
    is not this person's, `Conflict` where it was itself annulled or is an annulment, `Malformed`
    for dates in the wrong order, an `effective_to` on what corrects a registration, or facets and
    a term together, which no entry but a registration states (and of terms, that one states
    continuous service alone).
    """
    _require_registered(record)
    _require_nameable(record, entry.of)
    if record.entries[entry.of].is_naming:
        raise Malformed(
            f"entry {entry.of} says what the person is called: give name and effective_from",
            field="of",
        )
    check_dates(entry.effective_from, entry.effective_to)
    check_reason(entry.reason)
    named_terms = {_spelled(record, term): value for term, value in entry.terms.items()}
    entry = entry.model_copy(update={"terms": named_terms})
    of_registration = _corrects_registration(record, entry.of)
    if entry.effective_to is not None and of_registration:
        raise Malformed("a registration is standing: it takes no end date", field="effective_to")
    check_values(entry.changes)
    check_terms(entry.terms)
    if of_registration:
        named = entry.terms.get(CONTINUOUS_SERVICE)
        check_service(None if named is None else date.fromisoformat(named), entry.effective_from)
    both = entry.changes and entry.terms
    if both and not (of_registration and set(entry.terms) == {CONTINUOUS_SERVICE}):
        raise Malformed(
            "an entry is about facets or about a term: give changes, or term and value. A "
            f"registration alone states both, and of terms {CONTINUOUS_SERVICE} alone",
            field="term",
        )
    terms = {**_kept_by_correction(record, entry.of), **entry.terms}
    return (EntryCorrected(**dict(entry) | {"terms": terms}),)


def annul(record: StaffRecord, entry: Annulment) -> tuple[EntryAnnulled, ...]:
    """Take an entry's effect away for good (contract, rule 3); raises as `correct` does."""
    _require_registered(record)
    _require_nameable(record, entry.of)
    check_reason(entry.reason)
    return (EntryAnnulled(**dict(entry)),)


def name(record: StaffRecord, entry: Naming) -> tuple[StaffNamed, ...]:
    """Record by what name the person goes from a day, or (`of`) put an earlier such entry right.

    The name given at registration is put right by a name of the same day. Raises `NotOnRecord` for
    an unknown person or an event that is not theirs, `Conflict` for what was annulled, `Malformed`
    for an `of` that gives no name.
    """
    _require_registered(record)
    check_reason(entry.reason)
    if entry.of is not None:
        _require_nameable(record, entry.of)
        if not record.entries[entry.of].is_naming:
            raise Malformed(
                f"entry {entry.of} gives no name. A name given at registration is put right by a "
                "name that is effective from the same day",
                field="of",
            )
    return (StaffNamed(**dict(entry)),)


def leave(record: StaffRecord, entry: Leaving) -> tuple[StaffLeft, ...]:
    """Record that somebody leaves one of their assignments (contract, rule 5).

    It is refused for nothing but an unknown person (`NotOnRecord`): what is on record for later
    days stands, and would bring the person back from there.
    """
    _require_registered(record)
    check_reason(entry.reason)
    return (StaffLeft(**dict(entry)),)


def check_dates(effective_from: date, effective_to: date | None) -> None:
    """Refuse an end that is not after the beginning (contract, rule 2), or that means no end."""
    if effective_to is None:
        return
    if effective_to <= effective_from:
        raise Malformed(
            f"{effective_to} is not after effective_from {effective_from}; the end day is excluded",
            field="effective_to",
        )
    if effective_to >= END_OF_TIME:
        raise Malformed(
            f"{effective_to} stands for an end of time; leave effective_to out of what has no end",
            field="effective_to",
        )


def check_reason(reason: str) -> None:
    """Refuse a reason in which there is nothing to read."""
    if is_blank(reason):
        raise Malformed("is blank: say why", field="reason")


def check_values(values: Mapping[Facet, str | None]) -> None:
    """Refuse an `fte` that is not a decimal from 0 (on call) to 1; other values are opaque."""
    fte = values.get(Facet.FTE)
    if fte is None:
        return
    if not _DECIMAL.fullmatch(fte) or not 0 <= Decimal(fte) <= 1:
        raise Malformed(f"{fte!r} is not a decimal from 0 (on call) to 1", field="fte")


def _spelled(record: StaffRecord, term: str) -> str:
    """The name of a term as this record has it, however it was typed."""
    return record.term_names.get(caseless(term), term)


def _require_registered(record: StaffRecord) -> None:
    if not record.is_registered:
        raise NotOnRecord("no such staff number on record: register the person first")


def _require_nameable(record: StaffRecord, of: UUID) -> None:
    named = record.entries.get(of)
    if named is None:
        raise NotOnRecord(f"no entry {of} on this person's record")
    if named.is_annulment:
        raise Conflict("an annulment is final: put a mistaken one right by a new change")
    if named.annulled:
        raise Conflict(f"entry {of} was annulled: put it right by a new change")


def _corrects_registration(record: StaffRecord, of: UUID) -> bool:
    return record.entries[original_of(record.entries, of)].is_registration


def _kept_by_correction(record: StaffRecord, of: UUID) -> dict[str, str | None]:
    """Since when service counts, as the entry that is corrected says itself.

    Not what happens to hold: that may be another correction's, whose annulment would then leave
    its effect behind. What the named entry says has no effect any more once that is annulled, and
    neither then has a correction of it.
    """
    named = record.entries[of]
    if not named.states_service or not _corrects_registration(record, of):
        return {}
    return {CONTINUOUS_SERVICE: named.service_from}
