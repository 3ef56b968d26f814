"""What is asked of position and terms: one person, one person's periods, everybody.

Every answer is for an effective date V and a knowledge time K and comes from one statement, so from
one state of the tables. K must be resolved before (`projections.runner.resolve_known_at`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, tuple_row

from projections.cursors import read_cursor, write_cursor
from projections.position import BENEATH
from projections.texts import Conn, from_text, to_text
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Basis, Facet

MOST_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """A value and the period for which one event supplies it.

    `effective_to` is excluded, `None` is open. `event_id` is the registration or change that it
    comes from, `corrected_by` the correction whose content is in force, `recorded_at` when that
    content was recorded. `standing` is what a temporary value overlays on the day asked for.
    """

    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: datetime
    basis: Basis | None
    temporary: bool
    standing: "Held | None" = None


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A term that somebody has; `exercise` names the one in whose scope they have it, if it is
    a collective term and not their own."""

    term: str
    held: Held
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class PositionAt:
    """Who somebody is, where, under what terms, on one day as known at one instant."""

    staff_number: str
    assignment: str
    effective_at: date
    known_at: datetime
    position: Mapping[Facet, Held]
    terms: tuple[HeldTerm, ...]


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

_PERIOD = """value, layer, effective_from, nullif(effective_to, 'infinity') AS effective_to,
    event_id, corrected_by, content_recorded_at, basis::text AS basis, temporary"""

_KNOWN = "recorded_from <= %(known_at)s AND %(known_at)s < recorded_to"
_IN_FORCE = "effective_from <= %(effective_at)s AND %(effective_at)s < effective_to"

# A row of nulls says that the person is known and has nothing there; no row, that they are not.
_PERSON = """
SELECT held.* FROM person_known LEFT JOIN LATERAL (
    SELECT 'facet' AS kind, facet AS name, assignment, NULL::text AS exercise, {period}
    FROM position_period
    WHERE staff_number = %(staff_number)s AND {facets} AND {known}
  UNION ALL
    SELECT 'term', term, NULL, NULL, {period} FROM term_period
    WHERE subject = %(subject)s AND {terms} AND {known}
  UNION ALL
    SELECT 'term', term, NULL, exercise, {period} FROM term_period
    WHERE exercise IN (SELECT m.exercise FROM scope_membership m
                       WHERE m.staff_number = %(staff_number)s AND {members}
                         AND m.recorded_from <= %(known_at)s)
      AND {terms} AND {known}
) AS held ON true
WHERE person_known.staff_number = %(staff_number)s AND person_known.recorded_from <= %(known_at)s
ORDER BY held.kind, held.assignment, held.name, held.exercise NULLS FIRST, held.effective_from
"""

_POSITION = _PERSON.format(
    period=_PERIOD,
    known=_KNOWN,
    facets=f"assignment = %(assignment)s AND {_IN_FORCE}",
    terms=_IN_FORCE,
    # Collective terms are terms of employment: who has left, or not begun, has none of them.
    members=f"""m.effective_from <= %(effective_at)s AND EXISTS (
        SELECT FROM position_period WHERE staff_number = %(staff_number)s AND facet = 'employer'
          AND layer = 'in_force' AND {_IN_FORCE} AND {_KNOWN})""",
)
_TIMELINE = _PERSON.format(
    period=_PERIOD,
    known=_KNOWN,
    facets="assignment = coalesce(%(assignment)s::text, assignment)",
    terms="true",
    members="true",
)


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
    lanes = _read_person(conn, _POSITION, staff_number, known_at, assignment, effective_at)
    at = [(lane, _on(lane)) for lane in lanes]
    return PositionAt(
        staff_number=staff_number,
        assignment=assignment,
        effective_at=effective_at,
        known_at=known_at,
        position={
            Facet(lane.name): held
            for lane, held in at
            if held is not None and lane.assignment is not None
        },
        terms=tuple(
            HeldTerm(lane.name, held, lane.exercise)
            for lane, held in at
            if held is not None and lane.assignment is None
        ),
    )


def timeline(
    conn: Conn, staff_number: str, known_at: datetime, assignment: str | None = None
) -> TimelineAt:
    """One person's periods, of one assignment or of all, and their terms' as known at an instant.

    A collective term shows its own dates, also before the person came into scope. Raises
    `NotOnRecord` as `position_at` does.
    """
    lanes = _read_person(conn, _TIMELINE, staff_number, known_at, assignment, None)
    return TimelineAt(
        staff_number=staff_number,
        known_at=known_at,
        facets=tuple(lane for lane in lanes if lane.assignment is not None),
        terms=tuple(lane for lane in lanes if lane.assignment is None),
    )


@dataclass(frozen=True, slots=True)
class _PeriodRow:
    """A row of `_PERSON`; the one that says no more than that the person is known has no kind."""

    kind: str | None
    name: str
    assignment: str | None
    exercise: str | None
    value: str
    layer: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    content_recorded_at: datetime
    basis: str | None
    temporary: bool


@dataclass(slots=True)
class _Gathering:
    in_force: list[Held] = field(default_factory=list)
    beneath: list[Held] = field(default_factory=list)


def _read_person(
    conn: Conn,
    statement: str,
    staff_number: str,
    known_at: datetime,
    assignment: str | None,
    effective_at: date | None,
) -> list[Lane]:
    with conn.cursor(row_factory=class_row(_PeriodRow)) as cursor:
        rows = cursor.execute(
            statement.encode(),
            {
                "staff_number": staff_number,
                "subject": staff_stream(staff_number),
                "assignment": assignment,
                "effective_at": effective_at,
                "known_at": known_at,
            },
        ).fetchall()
    if not rows:
        raise NotOnRecord(f"{staff_number} was not on record at {known_at.isoformat()}")
    found: dict[tuple[str, str | None, str | None], _Gathering] = {}
    for row in rows:
        if row.kind is None:
            continue
        held = Held(
            value=from_text(row.value),
            effective_from=row.effective_from,
            effective_to=row.effective_to,
            event_id=row.event_id,
            corrected_by=row.corrected_by,
            recorded_at=row.content_recorded_at.astimezone(UTC),
            basis=None if row.basis is None else Basis.model_validate_json(row.basis),
            temporary=row.temporary,
        )
        lane = found.setdefault((from_text(row.name), row.assignment, row.exercise), _Gathering())
        (lane.beneath if row.layer == BENEATH else lane.in_force).append(held)
    return [
        Lane(name, tuple(lane.in_force), tuple(lane.beneath), assignment, exercise)
        for (name, assignment, exercise), lane in found.items()
    ]


def _on(lane: Lane) -> Held | None:
    """The one period in force of a lane that was read for one day, with what it overlays."""
    if not lane.in_force:
        return None
    held = lane.in_force[0]
    if not held.temporary or not lane.beneath:
        return held
    return Held(
        held.value,
        held.effective_from,
        held.effective_to,
        held.event_id,
        held.corrected_by,
        held.recorded_at,
        held.basis,
        held.temporary,
        standing=lane.beneath[0],
    )


# --- everybody ---------------------------------------------------------------------------------

# One pass over everybody, so that no estimate of how many there are can choose a join that is slow.
_WORKFORCE = f"""
SELECT value, count(DISTINCT staff_number), coalesce(sum(amount), 0)
FROM (
    SELECT staff_number, assignment,
           max(value) FILTER (WHERE facet = %(facet)s) AS value,
           max(amount) FILTER (WHERE facet = 'fte') AS amount
    FROM position_period
    WHERE facet IN (%(facet)s, 'fte') AND layer = 'in_force' AND {_IN_FORCE} AND {_KNOWN}
      AND assignment = coalesce(%(assignment)s::text, assignment)
    GROUP BY staff_number, assignment
) AS jobs
WHERE value IS NOT NULL GROUP BY value ORDER BY value
"""


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
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            _WORKFORCE.encode(),
            {
                "facet": by.value,
                "effective_at": effective_at,
                "known_at": known_at,
                "assignment": assignment,
            },
            prepare=False,  # a plan for these times and no others: it is worth its millisecond
        ).fetchall()
    return tuple(
        Group(from_text(value), headcount, Decimal(f"{fte.normalize():f}"))
        for value, headcount, fte in rows
    )


_MEMBER = f"""
SELECT p.staff_number, p.assignment, p.facet, p.value FROM position_period AS p
JOIN ({{chosen}}) AS chosen USING (staff_number, assignment)
WHERE p.layer = 'in_force' AND {_IN_FORCE} AND {_KNOWN}
ORDER BY p.staff_number, p.assignment
"""
_CHOSEN = f"""
SELECT {{distinct}} staff_number, assignment FROM position_period
WHERE layer = 'in_force' AND {_IN_FORCE} AND {_KNOWN}
  AND (staff_number, assignment) > (%(after_staff)s, %(after_assignment)s)
  AND assignment = coalesce(%(assignment)s::text, assignment){{conditions}}
ORDER BY staff_number, assignment LIMIT %(limit)s
"""
_HAS_VALUE = "facet = {facet} AND left(value, 200) = left({value}, 200) AND value = {value}"
_ALSO_HAS = f"""
  AND EXISTS (SELECT FROM position_period AS also
      WHERE also.staff_number = position_period.staff_number
        AND also.assignment = position_period.assignment
        AND also.layer = 'in_force' AND also.effective_from <= %(effective_at)s
        AND %(effective_at)s < also.effective_to AND also.recorded_from <= %(known_at)s
        AND %(known_at)s < also.recorded_to AND {_HAS_VALUE})"""


def members(
    conn: Conn,
    having: Mapping[Facet, str],
    effective_at: date,
    known_at: datetime,
    *,
    assignment: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Members:
    """The assignments whose facets have all the values given, in order of staff number.

    Of one name only, where `assignment` is given.
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
        values |= {f"facet{n}": facet.value, f"value{n}": to_text(value)}
        text = f" AND {_HAS_VALUE}" if n == 0 else _ALSO_HAS
        conditions.append(
            sql.SQL(text).format(
                facet=sql.Placeholder(f"facet{n}"), value=sql.Placeholder(f"value{n}")
            )
        )
    chosen = sql.SQL(_CHOSEN).format(
        distinct=sql.SQL("" if having else "DISTINCT"), conditions=sql.SQL("").join(conditions)
    )
    with conn.cursor(row_factory=tuple_row) as reader:
        rows: Sequence[tuple[str, str, str, str]] = reader.execute(
            sql.SQL(_MEMBER).format(chosen=chosen), values, prepare=False
        ).fetchall()
    found: dict[tuple[str, str], dict[Facet, str]] = {}
    for staff_number, assignment, name, value in rows:
        found.setdefault((staff_number, assignment), {})[Facet(name)] = from_text(value)
    items = [Member(staff, job, position) for (staff, job), position in found.items()][:limit]
    return Members(
        tuple(items),
        write_cursor((items[-1].staff_number, items[-1].assignment))
        if len(found) > limit
        else None,
    )


# --- checks ------------------------------------------------------------------------------------

_OVERLAPS = """
SELECT one.{subject}, one.{name}, one.effective_from, other.effective_from
FROM {table} AS one JOIN {table} AS other
  ON {same} AND one.layer = other.layer AND one.ctid < other.ctid
 AND one.effective_from < other.effective_to AND other.effective_from < one.effective_to
 AND one.recorded_from < other.recorded_to AND other.recorded_from < one.recorded_to
LIMIT 100
"""
_OVERLAPPING_FACETS = _OVERLAPS.format(
    table="position_period",
    subject="staff_number",
    name="facet",
    same="(one.staff_number, one.assignment, one.facet)"
    " = (other.staff_number, other.assignment, other.facet)",
)
_OVERLAPPING_TERMS = _OVERLAPS.format(
    table="term_period",
    subject="subject",
    name="term",
    same="(one.subject, one.term) = (other.subject, other.term)",
)


def verify_no_overlap(conn: Conn) -> list[str]:
    """Every pair of rows (at most 100 of each table) that would both answer one (V, K): none."""
    found = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for statement in (_OVERLAPPING_FACETS, _OVERLAPPING_TERMS):
            rows = cursor.execute(statement.encode()).fetchall()
            found += [f"{subject} {name}: {one} and {other}" for subject, name, one, other in rows]
    return found
