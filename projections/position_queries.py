"""What is asked of position and terms: one person, one person's periods, everybody.

Every answer is for an effective date V and a knowledge time K and comes from one statement, so from
one state of the tables. K must be resolved before (`projections.runner.resolve_known_at`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import tuple_row
from pydantic_core import from_json

from projections.collective_terms import BENEATH
from projections.cursors import read_cursor, write_cursor
from projections.headcount import count_heads
from projections.position_checks import verify_no_overlap
from projections.position_texts import (
    FACET_NAMES,
    FACETS,
    Held,
    Job,
    read_basis,
    read_own,
    read_position,
    value_key,
)
from projections.texts import INFINITY, Conn, from_text, to_text
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import MAIN, Facet

# Also what answers are made of, and what checks them.
__all__ = ["Held", "Job", "verify_no_overlap"]

MOST_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A term that somebody has; `exercise` names the one in whose scope they have it, if it is
    a collective term and not their own."""

    term: str
    held: Held
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class PositionAt:
    """Who somebody is, where, under what terms, on one day as known at one instant.

    `at_once` are the person's assignments on that day, where they have several. `is_remarked` says
    that something stands beside the record then, as far as its own projection has seen.
    """

    staff_number: str
    assignment: str
    effective_at: date
    known_at: datetime
    position: Mapping[Facet, Held]
    terms: tuple[HeldTerm, ...]
    at_once: tuple[Job, ...] = ()
    is_remarked: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """The periods of one facet of one assignment, or of one term, oldest first.

    `beneath` holds the standing periods that temporary ones overlay, whole.
    """

    name: str
    in_force: tuple[Held, ...]
    beneath: tuple[Held, ...]
    assignment: str | None = None
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineAt:
    """All periods of somebody's facets and terms as known at one instant."""

    staff_number: str
    known_at: datetime
    facets: tuple[Lane, ...]
    terms: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """How many people have one value of a facet, and their full-time equivalents together."""

    value: str
    headcount: int
    fte: Decimal


@dataclass(frozen=True, slots=True)
class Member:
    """One assignment of one person, with every facet that has a value."""

    staff_number: str
    assignment: str
    position: Mapping[Facet, str]


@dataclass(frozen=True, slots=True)
class Members:
    """A page of members; `next_cursor` is `None` on the last."""

    items: tuple[Member, ...]
    next_cursor: str | None


# --- one person --------------------------------------------------------------------------------

_CELLS = ", ".join(FACET_NAMES)
_KNOWN = "recorded_from <= %(known_at)s AND %(known_at)s < recorded_to"
_IN_FORCE = "effective_from <= %(effective_at)s AND %(effective_at)s < effective_to"

# One probe for the epoch, one for the row: what is passed over in between is bounded
# (transfer/core/sheets.py).
_SHEET = f"""
    SELECT {{columns}} FROM position_sheet
    WHERE staff_number = %(staff_number)s AND assignment = {{assignment}}
      AND epoch = (SELECT epoch FROM position_sheet
                   WHERE staff_number = %(staff_number)s AND assignment = {{assignment}}
                     AND epoch <= %(known_at)s
                   ORDER BY staff_number DESC, assignment DESC, epoch DESC LIMIT 1)
      AND {_IN_FORCE} AND {_KNOWN}
    ORDER BY effective_from DESC LIMIT 1
"""
_COLLECTIVE = f"""
    SELECT json_agg(json_build_array(
               term, exercise, layer, value, effective_from, effective_to, event_id, corrected_by,
               content_recorded_at, basis, temporary) ORDER BY effective_from)::text
    FROM collective_term
    WHERE exercise IN (SELECT m.exercise FROM scope_membership m
                       WHERE m.staff_number = %(staff_number)s AND {{members}}
                         AND m.recorded_from <= %(known_at)s)
      AND {{terms}} AND {_KNOWN}
"""
# Collective terms are terms of employment: who has left, or not begun, has none of them.
_EMPLOYED_IN_SCOPE = f"""m.effective_from <= %(effective_at)s AND (
    job.employer IS NOT NULL OR EXISTS (
        SELECT FROM position_sheet AS other WHERE staff_number = %(staff_number)s
        AND assignment <> '' AND other.employer IS NOT NULL AND {_IN_FORCE} AND {_KNOWN}))
"""
# Most people have no remarks, and so are spared the question (projections/remarks.py).
_POSITION = f"""
SELECT own.why, ({_COLLECTIVE.format(terms=_IN_FORCE, members=_EMPLOYED_IN_SCOPE)}),
       EXISTS (SELECT FROM remark WHERE staff_number = %(staff_number)s
               AND recorded_from <= %(known_at)s), job.*
FROM ({_SHEET.format(columns="why", assignment="''")}) AS own
LEFT JOIN LATERAL ({_SHEET.format(columns=f"why, {_CELLS}", assignment="%(assignment)s")}) AS job
  ON true
""".encode()
_TIMELINE = f"""
SELECT assignment, why, {_CELLS}, CASE assignment WHEN '' THEN ({
    _COLLECTIVE.format(terms="true", members="true")
}) END
FROM position_sheet
WHERE staff_number = %(staff_number)s
  AND (assignment = '' OR assignment = coalesce(%(assignment)s::text, assignment)) AND {_KNOWN}
ORDER BY assignment, effective_from
""".encode()


def position_at(
    conn: Conn,
    staff_number: str,
    effective_at: date,
    known_at: datetime,
    assignment: str = MAIN,
) -> PositionAt:
    """One person's position and terms on a day, as known at an instant.

    Terms are the person's own and, while somebody employs them, the collective ones of every
    exercise in whose scope they are on that day. Raises `NotOnRecord` for a person whom the record
    did not know at that instant.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            _POSITION,
            {
                "staff_number": staff_number,
                "assignment": assignment,
                "effective_at": effective_at,
                "known_at": known_at,
            },
        ).fetchone()
    if row is None:
        raise _not_on_record(staff_number, known_at)
    own, collective, is_remarked, why = row[:4]
    terms, at_once = read_own(own)
    held = [HeldTerm(term, each) for term, each in terms]
    if collective is not None:
        held += _held_of(_read_collective(collective))
        held.sort(key=lambda each: (to_text(each.term), each.exercise or ""))
    return PositionAt(
        staff_number,
        assignment,
        effective_at,
        known_at,
        {} if why is None else read_position(row[4:], why),
        tuple(held),
        at_once,
        is_remarked,
    )


def timeline(
    conn: Conn, staff_number: str, known_at: datetime, assignment: str | None = None
) -> TimelineAt:
    """One person's periods, of one assignment or of all, and their terms' as known at an instant.

    A collective term shows its own dates, also before the person came into scope. Raises
    `NotOnRecord` as `position_at` does.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            _TIMELINE,
            {"staff_number": staff_number, "assignment": assignment, "known_at": known_at},
        ).fetchall()
    if not rows or rows[0][0]:
        raise _not_on_record(staff_number, known_at)
    facets: dict[tuple[str, str], _Gathering] = {}
    terms: dict[tuple[str, str | None], _Gathering] = {}
    for job, why, *cells, collective in rows:
        if job:
            for facet, held in read_position(cells, why).items():
                facets.setdefault((job, facet.value), _Gathering()).take(held)
            continue
        for term, held in read_own(why)[0]:
            terms.setdefault((term, None), _Gathering()).take(held)
        if collective is not None and not any(exercise for _, exercise in terms):
            for each in _read_collective(collective):
                gathered = terms.setdefault((each.term, each.exercise), _Gathering())
                (gathered.beneath if each.is_beneath else gathered.in_force)[
                    each.held.effective_from
                ] = each.held
    return TimelineAt(
        staff_number=staff_number,
        known_at=known_at,
        facets=tuple(facets[key].lane(key[1], assignment=key[0]) for key in sorted(facets)),
        terms=tuple(
            terms[key].lane(key[0], exercise=key[1])
            for key in sorted(terms, key=lambda key: (to_text(key[0]), key[1] or ""))
        ),
    )


def _not_on_record(staff_number: str, known_at: datetime) -> NotOnRecord:
    return NotOnRecord(f"{staff_number} was not on record at {known_at.isoformat()}")


@dataclass(slots=True)
class _Gathering:
    """The periods of a lane, as sheet after sheet tells them, by their first day."""

    in_force: dict[date, Held] = field(default_factory=dict)
    beneath: dict[date, Held] = field(default_factory=dict)

    def take(self, held: Held) -> None:
        standing = held.standing
        if standing is not None:
            self.beneath[standing.effective_from] = standing
            held = held._replace(standing=None)
        self.in_force[held.effective_from] = held

    def lane(self, name: str, assignment: str | None = None, exercise: str | None = None) -> Lane:
        return Lane(
            name,
            tuple(self.in_force[day] for day in sorted(self.in_force)),
            tuple(self.beneath[day] for day in sorted(self.beneath)),
            assignment,
            exercise,
        )


@dataclass(frozen=True, slots=True)
class _CollectiveTerm:
    term: str
    exercise: str
    is_beneath: bool
    held: Held


def _read_collective(rows: str) -> Iterable[_CollectiveTerm]:
    for row in from_json(rows):
        term, exercise, layer, value, start, end, event_id, corrected_by, at, basis, temporary = row
        yield _CollectiveTerm(
            from_text(term),
            exercise,
            layer == BENEATH,
            Held(
                from_text(value),
                date.fromisoformat(start),
                None if end == INFINITY else date.fromisoformat(end),
                UUID(event_id),
                None if corrected_by is None else UUID(corrected_by),
                datetime.fromisoformat(at).astimezone(UTC),
                None if basis is None else read_basis(basis),
                temporary,
            ),
        )


def _held_of(rows: Iterable[_CollectiveTerm]) -> list[HeldTerm]:
    """The rows of one day, each temporary one with what it overlays."""
    found: dict[tuple[str, str], Held] = {}
    beneath: dict[tuple[str, str], Held] = {}
    for row in rows:
        (beneath if row.is_beneath else found)[row.term, row.exercise] = row.held
    return [
        HeldTerm(
            term,
            held._replace(standing=beneath.get((term, exercise))) if held.temporary else held,
            exercise,
        )
        for (term, exercise), held in found.items()
    ]


# --- everybody ---------------------------------------------------------------------------------


def workforce(
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
) -> tuple[Group, ...]:
    """Head count and full-time equivalents for every value of a facet, temporary values counted.

    Of one assignment, or of every one (`None`): then somebody with two under one value is one head,
    with both their parts of a full time. People without a value of the facet are in no group.
    """
    return tuple(
        Group(from_text(value), heads, Decimal(f"{fte.normalize():f}"))
        for value, heads, fte in count_heads(conn, by, effective_at, known_at, assignment)
    )


_SHEETS = sql.SQL("position_sheet")

# Candidates come in the order of the answer, and each is looked up by itself: a page costs what it
# takes to fill it.
_MEMBERS = f"""
    SELECT s.staff_number, s.assignment, {", ".join(f"s.{name}" for name in FACET_NAMES)}
    FROM {{sheets}} AS s
    WHERE s.assignment <> '' AND s.assignment = coalesce(%(assignment)s::text, s.assignment)
      AND s.effective_from <= %(effective_at)s AND %(effective_at)s < s.effective_to
      AND s.recorded_from <= %(known_at)s AND %(known_at)s < s.recorded_to
      AND (s.staff_number, s.assignment) > (%(after_staff)s, %(after_assignment)s)
"""
_ALL_MEMBERS = f"{_MEMBERS} ORDER BY s.staff_number, s.assignment LIMIT %(limit)s"
_MEMBERS_HAVING = f"""
SELECT s.* FROM (
    SELECT staff_number FROM ever_stated
    WHERE value_key = %(value_key)s AND staff_number >= %(after_staff)s) AS candidate,
LATERAL ({_MEMBERS} AND s.staff_number = candidate.staff_number {{conditions}} OFFSET 0) AS s
ORDER BY candidate.staff_number, s.assignment LIMIT %(limit)s
"""


def members(
    conn: Conn,
    having: Mapping[Facet, str],
    effective_at: date,
    known_at: datetime,
    *,
    assignment: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
    sheets: sql.Composable = _SHEETS,
) -> Members:
    """The assignments whose facets have all the values given, in order of staff number.

    Of one name only, where `assignment` is given. `sheets` is where their sheets are.
    `limit` is 1 to 1000. The cursor names the last assignment seen, so that what is recorded
    between two pages neither repeats nor skips anybody. Raises `Malformed` for either.
    """
    if not 1 <= limit <= MOST_MEMBERS:
        raise Malformed(f"{limit} is not between 1 and {MOST_MEMBERS}", field="limit")
    after_staff, after_assignment = ("", "") if cursor is None else read_cursor(cursor, 2)
    values: dict[str, object] = {
        "effective_at": effective_at,
        "known_at": known_at,
        "after_staff": after_staff,
        "after_assignment": after_assignment,
        "assignment": assignment,
        "limit": limit + 1,
    }
    conditions: list[sql.Composable] = []
    for n, (facet, value) in enumerate(having.items()):
        values[f"value{n}"] = to_text(value)
        if n == 0:
            values["value_key"] = value_key(facet.value, value)
        conditions.append(
            sql.SQL(" AND s.{} = {}").format(
                sql.Identifier(facet.value), sql.Placeholder(f"value{n}")
            )
        )
    statement = sql.SQL(_MEMBERS_HAVING if having else _ALL_MEMBERS).format(
        conditions=sql.SQL("").join(conditions), sheets=sheets
    )
    with conn.cursor(row_factory=tuple_row) as reader:
        rows: Sequence[tuple[Any, ...]] = reader.execute(
            statement, values, prepare=False
        ).fetchall()
    items = tuple(
        Member(staff_number, job, _values(cells)) for staff_number, job, *cells in rows[:limit]
    )
    return Members(
        items,
        write_cursor((items[-1].staff_number, items[-1].assignment)) if len(rows) > limit else None,
    )


def _values(cells: Sequence[str | None]) -> dict[Facet, str]:
    return {
        facet: from_text(cell)
        for facet, cell in zip(FACETS, cells, strict=True)
        if cell is not None
    }
