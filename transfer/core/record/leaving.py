"""Somebody leaves an assignment: what would bring them back, and what becomes of that.

A leaving is standing: from its day every facet of the assignment has ended. An entry on record for
a later day, such as a transfer, holds from that day all the same (rule 1), and a temporary one goes
on until its end (rule 2): either would employ the person again. So whoever enters the leaving is
asked what becomes of these (contract, rule 5).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from transfer.core.dating.effective_dating import (
    Entries,
    Entry,
    Key,
    Kind,
    Piece,
    Statement,
    Statements,
)
from transfer.core.employed import why_not_employed
from transfer.core.record import staff
from transfer.core.record.entries import Annulment, Correction, Leaving
from transfer.core.record.staff import EntryAnnulled, EntryCorrected, StaffLeft, StaffRecord
from transfer.core.refusals import Conflict
from transfer.core.words import Facet

_NO_INSTANT = datetime.min.replace(tzinfo=UTC)
"""Of a leaving that is not recorded: nobody reads it."""


class Later(StrEnum):
    """What becomes of entries that would bring the person back."""

    KEEP = "keep"
    ANNUL = "annul"


class Became(StrEnum):
    """What became of one of them.

    A temporary one that began before the leaving did hold until then: it is cut short.
    """

    KEPT = "kept"
    ANNULLED = "annulled"
    CUT_SHORT = "cut short"


@dataclass(frozen=True, slots=True)
class LaterEntry:
    """An entry on record that employs the person on or after the day of the leaving.

    `effective_from` and `effective_to` are those of the entry; `corrected_by` is the correction
    whose content it has.
    """

    event_id: UUID
    employer: str
    effective_from: date
    effective_to: date | None
    recorded_at: datetime
    corrected_by: UUID | None

    def becomes(self, leaving: Leaving, later: Later) -> Became:
        """What becomes of it by this leaving."""
        if later is Later.KEEP:
            return Became.KEPT
        cut = self.effective_to is not None and self.effective_from < leaving.effective_from
        return Became.CUT_SHORT if cut else Became.ANNULLED


class LaterOnRecord(Conflict):
    """Entries on record would bring the person back: `later` lists them, and a choice is asked."""

    def __init__(self, reason: str, later: tuple[LaterEntry, ...]) -> None:
        super().__init__(reason)
        self.later = later


# --- decision ----------------------------------------------------------------------------------


def leave(
    record: StaffRecord, entries: Entries, leaving: Leaving, later: Later | None
) -> tuple[StaffLeft | EntryAnnulled | EntryCorrected, ...]:
    """Record that somebody leaves, and what becomes of what would bring them back.

    Raises `NotOnRecord` for an unknown person, and `LaterOnRecord` where there is something that
    would bring them back and `later` is `None`. Source: contract, rule 5.
    """
    left = staff.leave(record, leaving)
    back = brings_back(entries, leaving)
    if back and later is None:
        raise LaterOnRecord(_question(back), back)
    if later is not Later.ANNUL:
        return left
    return (*left, *(_ended(record, entries, leaving, each) for each in back))


def brings_back(entries: Entries, leaving: Leaving) -> tuple[LaterEntry, ...]:
    """Every entry that would employ the person on or after the day of the leaving, by day.

    Also one that another such entry overlays, or stands in front of: without that one it holds.
    """
    stated = entries.statements(_key(leaving, Facet.EMPLOYER)).each
    found: dict[UUID, LaterEntry] = {}
    while back := list(_holding_after(stated, leaving, Facet.EMPLOYER)):
        found |= {each.event_id: _later(each) for each in back}
        stated = tuple(each for each in stated if each.event_id not in found)
    return tuple(sorted(found.values(), key=lambda each: (each.effective_from, each.recorded_at)))


def warnings_of_leaving(entries: Entries, leaving: Leaving, later: Later | None) -> tuple[str, ...]:
    """What to tell of a leaving, by the record as it found it.

    That the person was not employed then, stays in another assignment, or comes back; and which
    entries leave something on record of the assignment, though nobody is counted by it.
    """
    day, assignment = leaving.effective_from, leaving.assignment
    said = []
    before = why_not_employed(entries, day, assignment)
    if before is not None:
        said.append(f"In {assignment} the person is {before.reason}.")
    others = sorted({key.assignment for key in entries.stated_keys() if key.kind is Kind.FACET})
    said += [
        f"The person stays employed in {other}."
        for other in others
        if other != assignment and why_not_employed(entries, day, other) is None
    ]
    back = brings_back(entries, leaving)
    if later is not Later.ANNUL:
        said += [
            f"An entry on record employs the person again from {max(each.effective_from, day)}"
            f" ({each.employer})."
            for each in back
        ]
    gone = {each.event_id for each in back} if later is Later.ANNUL else set()
    said += _what_is_left(entries, leaving, gone)
    return tuple(said)


def _question(back: Sequence[LaterEntry]) -> str:
    told = "; ".join(
        f"{each.employer} from {each.effective_from}"
        + (f" until {each.effective_to}" if each.effective_to else "")
        for each in back
    )
    return (
        f"entries on record employ the person on or after that day: {told}. Say what becomes of "
        'them: "later": "annul" if they do not come back, "later": "keep" if they do'
    )


def _ended(
    record: StaffRecord, entries: Entries, leaving: Leaving, each: LaterEntry
) -> EntryAnnulled | EntryCorrected:
    reason, basis = leaving.reason, leaving.basis
    content = entries.content_in_place_of(each.event_id)
    if content is not None and each.becomes(leaving, Later.ANNUL) is Became.CUT_SHORT:
        (fact,) = staff.correct(
            record,
            Correction(
                of=each.event_id,
                effective_from=each.effective_from,
                effective_to=leaving.effective_from,
                assignment=leaving.assignment,
                changes=_facets(content, leaving.assignment),
                reason=reason,
                basis=basis,
            ),
        )
        return fact
    (annulled,) = staff.annul(record, Annulment(of=each.event_id, reason=reason, basis=basis))
    return annulled


def _facets(content: Entry, assignment: str) -> dict[Facet, str | None]:
    return {
        Facet(piece.key.name): piece.value
        for piece in content.content
        if piece.key.kind is Kind.FACET and piece.key.assignment == assignment
    }


# --- what holds afterwards -----------------------------------------------------------------------


def _holding_after(
    stated: Sequence[Statement], leaving: Leaving, facet: Facet
) -> Iterator[Statement]:
    """Which of these supply a value on or after the day, were the leaving recorded now."""
    left = _recorded_last(stated, leaving, _key(leaving, facet))
    in_force = Statements((*stated, left)).timeline().in_force
    holding = {
        period.event_id
        for period in in_force
        if period.effective_to is None or period.effective_to > leaving.effective_from
    }
    return (each for each in stated if each.event_id in holding)


def _recorded_last(stated: Iterable[Statement], leaving: Leaving, key: Key) -> Statement:
    event_id = UUID(int=0)  # no entry on record has it
    piece = Piece(key, None, leaving.effective_from)
    order = max((each.order for each in stated), default=0) + 1
    return Statement(order, piece, event_id, Entry(event_id, _NO_INSTANT))


def _later(said: Statement) -> LaterEntry:
    corrected_by = None if said.source.event_id == said.event_id else said.source.event_id
    return LaterEntry(
        event_id=said.event_id,
        employer=said.piece.value or "",
        effective_from=said.effective_from,
        effective_to=said.effective_to,
        recorded_at=said.source.recorded_at,
        corrected_by=corrected_by,
    )


def _what_is_left(entries: Entries, leaving: Leaving, gone: set[UUID]) -> Iterator[str]:
    for facet in Facet:
        if facet is Facet.EMPLOYER:
            continue
        of_facet = entries.statements(_key(leaving, facet)).each
        stated = tuple(each for each in of_facet if each.event_id not in gone)
        for each in _holding_after(stated, leaving, facet):
            yield (
                f"An entry on record still says {facet.value} {each.piece.value!r} from "
                f"{max(each.effective_from, leaving.effective_from)}; without an employer nobody "
                "is counted by it."
            )


def _key(leaving: Leaving, facet: Facet) -> Key:
    return Key(Kind.FACET, leaving.assignment, facet)
