"""What stands beside a record: links between staff numbers, objections and what became of them, and
the names that somebody goes by.

A row is one fact, and rows are only ever added; what stood at an instant K is folded from those
recorded by then. One indexed query reads one person's, and most people have none.

The same fold serves the log itself (`links_and_objections_among`), for answers that are read from
there.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import get_args
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from projections.keeping_up.copying import (
    NULL,
    Conn,
    basis_for_copy,
    basis_from_text,
    copy_lines,
    for_copy,
    from_text,
)
from projections.keeping_up.runner import PAGE_EVENTS, Page
from projections.rebuilding.fill import Fill
from transfer.core.record import entry_objections as o
from transfer.core.record import links as i
from transfer.core.record import names as n
from transfer.core.record import staff as s
from transfer.core.record.entry_objections import ObjectionOutcome
from transfer.core.streams import take_apart
from transfer.core.words import Basis
from transfer.log.application import open_log
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

NAME = "remarks"

RemarkFact = i.IdentityFact | o.ObjectionFact | n.StaffNamed | s.EntryAnnulled

# --- row ---------------------------------------------------------------------------------------


class RemarkKind(StrEnum):
    """Which fact a row is."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    NAMED = "named"
    ANNULLED = "annulled"


@dataclass(frozen=True, slots=True)
class Remark:
    """One fact; `of` is the link undone, the entry objected to, the objection concerned, or the
    name that is put right or annulled."""

    staff_number: str
    recorded_at: datetime
    recorded_by: str
    event_id: UUID
    kind: RemarkKind
    of: UUID | None = None
    other: str | None = None
    reason: str | None = None
    outcome: ObjectionOutcome | None = None
    put_right_by: UUID | None = None
    basis: Basis | None = None
    effective_from: date | None = None


def row_of(event: Recorded[Fact]) -> Remark | None:
    """The row that an event makes; `None` for one of no interest here."""
    fact = event.fact
    if not isinstance(fact, RemarkFact):
        return None
    row = Remark(
        staff_number=take_apart(event.stream)[1],
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by,
        event_id=event.event_id,
        kind=_KINDS[type(fact)],
        basis=getattr(fact, "basis", None),
    )
    match fact:
        case i.IdentityLinked():
            return replace(row, other=fact.other, reason=fact.reason)
        case i.IdentityUnlinked():
            return replace(row, of=fact.of, other=fact.other, reason=fact.reason)
        case n.StaffNamed():
            return replace(row, of=fact.of, effective_from=fact.effective_from)
        case o.EntryObjectedTo() | o.EntryObjectionWithdrawn() | s.EntryAnnulled():
            return replace(row, of=fact.of)
        case o.EntryObjectionAnswered():
            return replace(row, of=fact.of, outcome=fact.outcome, put_right_by=fact.put_right_by)


_KINDS: dict[type[Fact], RemarkKind] = {
    i.IdentityLinked: RemarkKind.LINKED,
    i.IdentityUnlinked: RemarkKind.UNLINKED,
    o.EntryObjectedTo: RemarkKind.OBJECTED,
    o.EntryObjectionWithdrawn: RemarkKind.WITHDRAWN,
    o.EntryObjectionAnswered: RemarkKind.ANSWERED,
    n.StaffNamed: RemarkKind.NAMED,
    s.EntryAnnulled: RemarkKind.ANNULLED,
}

# --- fold --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """Another staff number of the same person.

    `through` is the number on whose record the link is: the one asked about, or one that is
    linked with it itself.
    """

    staff_number: str
    through: str
    event_id: UUID
    recorded_at: datetime
    reason: str
    basis: Basis | None


class ObjectionState(StrEnum):
    """What has become of an objection; only an open one awaits anything."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    MAINTAINED = "maintained"
    UPHELD = "upheld"


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to the entry `of`, and where it stands.

    `closed_by` is the event that withdrew or answered it, the latest answer if there were several;
    `put_right_by` the entry that an upheld one named.
    """

    event_id: UUID
    of: UUID
    recorded_at: datetime
    recorded_by: str
    state: ObjectionState = ObjectionState.OPEN
    closed_by: UUID | None = None
    closed_at: datetime | None = None
    put_right_by: UUID | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class LinksAndObjections:
    """What stands beside one record at one instant."""

    links: tuple[Link, ...] = ()
    objections: tuple[Objection, ...] = ()
    names: tuple[n.NameEntry, ...] = ()


NOTHING = LinksAndObjections()


def links_and_objections_among(rows: Iterable[Remark]) -> LinksAndObjections:
    """The links on one record, its objections and names after these rows, oldest first."""
    links: dict[str, Link] = {}
    objections: dict[UUID, Objection] = {}
    names: dict[UUID, n.NameEntry] = {}
    for row in rows:
        if row.kind is RemarkKind.LINKED and row.other is not None:
            links[row.other] = Link(
                staff_number=row.other,
                through=row.staff_number,
                event_id=row.event_id,
                recorded_at=row.recorded_at,
                reason=row.reason or "",
                basis=row.basis,
            )
        elif row.kind is RemarkKind.UNLINKED and row.other is not None:
            links.pop(row.other, None)
        elif row.kind is RemarkKind.OBJECTED and row.of is not None:
            objections[row.event_id] = Objection(
                row.event_id, row.of, row.recorded_at, row.recorded_by
            )
        elif (row.kind is RemarkKind.NAMED and row.of is None) or row.of in names:
            # Of the annulments only those of a name are of interest here.
            names[row.event_id] = n.NameEntry(row.event_id, row.effective_from, row.of)
        elif row.of in objections:
            objections[row.of] = _closed(objections[row.of], row)
    return LinksAndObjections(
        tuple(links.values()), tuple(objections.values()), tuple(names.values())
    )


def _closed(objection: Objection, row: Remark) -> Objection:
    state = ObjectionState.WITHDRAWN if row.outcome is None else ObjectionState(row.outcome)
    return replace(
        objection,
        state=state,
        closed_by=row.event_id,
        closed_at=row.recorded_at,
        put_right_by=row.put_right_by,
        basis=row.basis,
    )


LinksOf = Callable[[Sequence[str]], Iterable[Link]]
"""The links that stand on these records."""


def everyone_linked(staff_number: str, own: Sequence[Link], links_of: LinksOf) -> tuple[Link, ...]:
    """Every number that is one person with this one, the nearest first, none twice.

    `links_of` is asked once for each step away, and not at all where nothing is linked.
    """
    found: dict[str, Link] = {}
    frontier: Iterable[Link] = own
    while new := {
        link.staff_number: link
        for link in frontier
        if link.staff_number != staff_number and link.staff_number not in found
    }:
        found |= new
        frontier = links_of(tuple(new))
    return tuple(found.values())


# --- registration ------------------------------------------------------------------------------

_COLUMNS = (
    *("staff_number", "place", "recorded_from", "recorded_by", "event_id", "remark", "of_event"),
    *("other", "reason", "outcome", "put_right_by", "basis", "effective_from"),
)

# Most annulments are of something else, which this table knows nothing of.
_KEEP_ANNULMENTS_OF_NAMES = """
DELETE FROM remark AS a
WHERE a.staff_number = ANY(%s) AND a.remark = 'annulled' AND NOT EXISTS (
    SELECT FROM remark AS n WHERE n.staff_number = a.staff_number
    AND n.event_id = a.of_event AND n.remark = 'named')
"""


class LinksAndObjectionsProjection:
    """Keeps the table of migrations 0034 and 0057."""

    name = NAME
    tables = ("remark",)
    facts: tuple[type[Fact], ...] = get_args(RemarkFact)

    def forget(self) -> None:
        """Nothing is kept in memory."""

    def apply(self, conn: Conn, page: Page) -> None:
        """See `Projection.apply`."""
        rows = [(row, event.position) for event in page if (row := row_of(event)) is not None]
        copy_lines(conn, "remark", _COLUMNS, (_line(row, place) for row, place in rows))
        annulled = {row.staff_number for row, _ in rows if row.kind is RemarkKind.ANNULLED}
        if annulled:
            conn.execute(_KEEP_ANNULMENTS_OF_NAMES, (list(annulled),))

    def fill(self, fill: Fill) -> None:
        """See `FillsItself.fill`. Of a long log only the few events of interest are read."""
        with (
            closing(open_log(fill.database_url, pool_size=1)) as log,
            psycopg.connect(fill.database_url, autocommit=True) as conn,
        ):
            conn.execute(
                sql.SQL("SET search_path = {}, public").format(sql.Identifier(fill.schema))
            )
            names, at = log.known.names_of(self.facts), 0
            while page := [e for e in log.page(at, PAGE_EVENTS, names) if e.position <= fill.until]:
                with conn.transaction():
                    self.apply(conn, page)
                at = page[-1].position
                fill.progress(at)
        fill.progress(fill.until)


def _line(row: Remark, place: int) -> str:
    return "\t".join(
        (
            row.staff_number,
            str(place),
            row.recorded_at.astimezone(UTC).isoformat(),
            for_copy(row.recorded_by),
            row.event_id.hex,
            row.kind,
            NULL if row.of is None else row.of.hex,
            row.other or NULL,
            NULL if row.reason is None else for_copy(row.reason),
            row.outcome or NULL,
            NULL if row.put_right_by is None else row.put_right_by.hex,
            basis_for_copy(row.basis),
            NULL if row.effective_from is None else row.effective_from.isoformat(),
        )
    )


# --- the questions -----------------------------------------------------------------------------

_REMARKS = """
SELECT staff_number, recorded_from, recorded_by, event_id, remark, of_event, other, reason,
       outcome, put_right_by, basis::text, effective_from
FROM remark WHERE staff_number = ANY(%s) AND recorded_from <= %s ORDER BY staff_number, place
"""


def links_and_objections(conn: Conn, staff_number: str, known_at: datetime) -> LinksAndObjections:
    """What stands beside one person's record, as known at K (resolved before).

    One query; one more for each step away from the number, where others are linked with it.
    """
    rows = _read(conn, (staff_number,), known_at)
    if not rows:
        return NOTHING
    own = links_and_objections_among(rows)

    def links_of(numbers: Sequence[str]) -> Iterable[Link]:
        for theirs in beside_each(conn, numbers, known_at).values():
            yield from theirs.links

    return replace(own, links=everyone_linked(staff_number, own.links, links_of))


def beside_each(
    conn: Conn, staff_numbers: Sequence[str], known_at: datetime
) -> dict[str, LinksAndObjections]:
    """What stands on the records of several people, by staff number; nobody with nothing is there.

    `links` are those on the record itself, and none through a third number.
    """
    by_number: dict[str, list[Remark]] = {}
    for row in _read(conn, staff_numbers, known_at):
        by_number.setdefault(row.staff_number, []).append(row)
    return {number: links_and_objections_among(theirs) for number, theirs in by_number.items()}


def _read(conn: Conn, staff_numbers: Sequence[str], known_at: datetime) -> list[Remark]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_REMARKS, (list(staff_numbers), known_at)).fetchall()
    return [
        Remark(
            staff_number=staff_number,
            recorded_at=recorded_at.astimezone(UTC),
            recorded_by=from_text(recorded_by),
            event_id=event_id,
            kind=RemarkKind(kind),
            of=of,
            other=other,
            reason=None if reason is None else from_text(reason),
            outcome=None if outcome is None else ObjectionOutcome(outcome),
            put_right_by=put_right_by,
            basis=None if basis is None else basis_from_text(basis),
            effective_from=effective_from,
        )
        for (
            staff_number,
            recorded_at,
            recorded_by,
            event_id,
            kind,
            of,
            other,
            reason,
            outcome,
            put_right_by,
            basis,
            effective_from,
        ) in rows
    ]
