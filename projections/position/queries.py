"""What is asked of position and terms: one person, one person's periods, everybody.

Every answer is for an effective date V and a knowledge time K, and whatever is recorded meanwhile
changes nothing in it. K must be resolved before
(`projections.keeping_up.runner.resolve_known_at`), but for `position_known`, which does.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from psycopg import sql
from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn, from_text, to_text
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.keeping_up.horizon import resolve_known_at
from projections.position.answers import (
    Group,
    HeadCount,
    HeldTerm,
    Lane,
    Member,
    Members,
    NotReached,
    PositionAt,
    Positions,
    TimelineAt,
    Total,
)
from projections.position.checks import verify_no_overlap
from projections.position.collective_terms import TERMS_TOLD, CollectiveTerm, read_terms
from projections.position.spellings import counted_together, spellings_of
from projections.position.stored import (
    FACET_NAMES,
    FACETS,
    NOTHING_HELD,
    Held,
    Job,
    read_own,
    read_position,
    value_key,
)
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import MAIN, Facet
from transfer.log.prepared import TRUE, Prepared

# Also what answers are made of, and what checks them.
__all__ = [
    "Group",
    "Held",
    "HeldTerm",
    "Job",
    "Lane",
    "Member",
    "Members",
    "NotReached",
    "PositionAt",
    "Positions",
    "TimelineAt",
    "verify_no_overlap",
]

MOST_MEMBERS = 1000

# Where in the row of a position.
_EMPLOYER = FACETS.index(Facet.EMPLOYER)


# --- one person --------------------------------------------------------------------------------

_CELLS = ", ".join(FACET_NAMES)
_KNOWN = "recorded_from <= %(known_at)s AND %(known_at)s < recorded_to"
_IN_FORCE = "effective_from <= %(effective_at)s AND %(effective_at)s < effective_to"

_COLLECTIVE = f"""
    SELECT {TERMS_TOLD} FROM collective_term
    WHERE exercise IN (SELECT m.exercise FROM scope_membership m
                       WHERE m.staff_number = %(staff_number)s AND {{members}}
                         AND m.recorded_from <= %(known_at)s)
      AND {{terms}} AND {_KNOWN}
"""
# Asked as a relation of its own, so that the server takes no values for more selective than others
# and plans this once for all: planning takes several times as long as answering.
_ASKED = """
(SELECT $1::text AS staff_number, $2::text AS assignment, $3::date AS effective_at,
        {known_at} AS known_at OFFSET 0) AS asked
"""
_KNOWN_THEN = "$4::timestamptz"
# What all of these projections have seen, at most; nothing, where one has seen nothing.
_KNOWN_BY_ALL = """
    least($4::timestamptz,
          (SELECT CASE WHEN count(p.recorded_at) = cardinality($5::text[]) THEN min(p.recorded_at)
                       ELSE '-infinity' END
           FROM projection_positions AS p WHERE p.name = ANY($5)))
"""
# The last epoch that has begun is looked at first, and from the last day that can be: what is
# passed over on the way is bounded (projections/position/sheets.py).
_SHEET = """
    SELECT {columns} FROM position_sheet
    WHERE staff_number = asked.staff_number AND assignment = {assignment}
      AND epoch <= asked.known_at
      AND effective_from <= asked.effective_at AND asked.effective_at < effective_to
      AND recorded_from <= asked.known_at AND asked.known_at < recorded_to
    ORDER BY epoch DESC, effective_from DESC LIMIT 1
"""
# Most people have neither links nor objections, nor anything that waits for approval, and are
# spared the questions (projections/links_and_objections/, projections/deadlines/).
_POSITION = f"""
SELECT asked.known_at, own.why,
       EXISTS (SELECT FROM scope_membership AS m WHERE m.staff_number = asked.staff_number),
       EXISTS (SELECT FROM remark AS r WHERE r.staff_number = asked.staff_number
               AND r.recorded_from <= asked.known_at)
       OR EXISTS (SELECT FROM obligation AS o WHERE o.staff_number = asked.staff_number
                  AND o.what = 'approve' AND o.recorded_from <= asked.known_at), job.*
FROM {{asked}}, LATERAL ({_SHEET.format(columns="why", assignment="''")}) AS own
LEFT JOIN LATERAL ({
    _SHEET.format(columns=f"why, {_CELLS}", assignment="asked.assignment")
}) AS job ON true
"""
_POSITION_THEN = Prepared(
    "position_then", _POSITION.format(asked=_ASKED.format(known_at=_KNOWN_THEN))
)
_POSITION_KNOWN = Prepared(
    "position_known", _POSITION.format(asked=_ASKED.format(known_at=_KNOWN_BY_ALL))
)
_COLLECTIVE_AT = _COLLECTIVE.format(
    terms=_IN_FORCE, members="m.effective_from <= %(effective_at)s"
).encode()
_EMPLOYED = f"""
SELECT FROM position_sheet
WHERE staff_number = %(staff_number)s AND assignment <> '' AND employer IS NOT NULL
  AND {_IN_FORCE} AND {_KNOWN} LIMIT 1
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
    exercise in whose scope they are on that day; one that names a day on which one must be employed
    reaches only those who are, by what is known of that day. Raises `NotOnRecord` for a person whom
    the record did not know at that instant.
    """
    row = _POSITION_THEN.first_row(
        conn, staff_number, assignment, effective_at.isoformat(), known_at.isoformat()
    )
    if row is None:
        raise _not_on_record(staff_number, known_at)
    return _position(conn, staff_number, effective_at, known_at, assignment, row)


def position_known(
    conn: Conn,
    names: Sequence[str],
    staff_number: str,
    effective_at: date,
    known_at: datetime | None,
    assignment: str = MAIN,
) -> PositionAt:
    """The same as known at an instant or, where that is left out or later, as far as all of these
    projections have seen: `resolve_known_at` and `position_at` in one question.

    The answer says at which instant.
    """
    row = _POSITION_KNOWN.first_row(
        conn,
        staff_number,
        assignment,
        effective_at.isoformat(),
        "infinity" if known_at is None else known_at.isoformat(),
        "{" + ",".join(names) + "}",
    )
    if row is None or row[0] is None:
        raise _not_on_record(staff_number, resolve_known_at(conn, tuple(names), known_at))
    resolved = datetime.fromisoformat(row[0]).astimezone(UTC)
    return _position(conn, staff_number, effective_at, resolved, assignment, row)


def _position(
    conn: Conn,
    staff_number: str,
    effective_at: date,
    known_at: datetime,
    assignment: str,
    row: Sequence[str | None],
) -> PositionAt:
    _, own, has_scope, is_remarked, why, *cells = row
    position = {} if why is None else read_position(cells, why)
    held: list[HeldTerm] = []
    not_reached: tuple[NotReached, ...] = ()
    at_once: tuple[Job, ...] = ()
    if own is not None and own != NOTHING_HELD:
        terms, at_once = read_own(own)
        held += (HeldTerm(term, each) for term, each in terms)
    if has_scope == TRUE:
        asked = {
            "staff_number": staff_number,
            "effective_at": effective_at,
            "known_at": known_at,
        }
        rows = _collective_terms(conn, asked, is_employed=cells[_EMPLOYER] is not None)
        held += _held_of(each for each in rows if each.reached)
        not_reached = tuple(
            NotReached(each.term, each.exercise, each.employed_on, each.held)
            for each in sorted(rows, key=lambda each: (to_text(each.term), each.exercise))
            if not each.reached and not each.is_beneath and each.employed_on is not None
        )
        held.sort(key=lambda each: (to_text(each.term), each.exercise or ""))
    return PositionAt(
        staff_number,
        assignment,
        effective_at,
        known_at,
        position,
        tuple(held),
        at_once,
        is_remarked == TRUE,
        not_reached,
    )


def _collective_terms(
    conn: Conn, asked: Mapping[str, object], *, is_employed: bool
) -> list[CollectiveTerm]:
    """Of every exercise in whose scope somebody is on the day asked for.

    They are terms of employment: who has left, or not begun, has none of them. Another statement,
    that most people do not need: what is known at an instant does not change between the two.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        if not is_employed and cursor.execute(_EMPLOYED, asked).fetchone() is None:
            return []
        row = cursor.execute(_COLLECTIVE_AT, asked).fetchone()
    return [] if row is None or row[0] is None else list(read_terms(row[0]))


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
            for each in read_terms(collective):
                if not each.reached:
                    continue
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
            if terms[key].in_force  # beneath a temporary one that does not reach them is nothing
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


def _held_of(rows: Iterable[CollectiveTerm]) -> list[HeldTerm]:
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
) -> HeadCount:
    """Head count and full-time equivalents for every value of a facet, temporary values counted.

    Of one assignment, or of every one (`None`): then somebody with two under one value is one head,
    with both their parts of a full time. An assignment without an employer or without a value of
    the facet is in no group. The total counts somebody with two values once. Spellings of one value
    are one group (`spellings`).
    """
    found = counted_together(conn, by, effective_at, known_at, assignment)
    groups = tuple(
        Group(from_text(value), heads, Decimal(f"{fte.normalize():f}"))
        for value, heads, fte in found.groups
    )
    # Each assignment is in one group, so the parts of a full time may simply be added.
    fte = sum((group.fte for group in groups), Decimal(0))
    return HeadCount(groups, Total(found.people, fte))


# Candidates come in the order of the answer, and each is looked up by itself: a page costs what it
# takes to fill it.
_MEMBERS = f"""
    SELECT s.staff_number, s.assignment, {", ".join(f"s.{name}" for name in FACET_NAMES)}
    FROM position_sheet AS s
    WHERE s.assignment <> '' AND s.employer IS NOT NULL
      AND s.assignment = coalesce(%(assignment)s::text, s.assignment)
      AND s.effective_from <= %(effective_at)s AND %(effective_at)s < s.effective_to
      AND s.recorded_from <= %(known_at)s AND %(known_at)s < s.recorded_to
      AND (s.staff_number, s.assignment) > (%(after_staff)s, %(after_assignment)s)
"""
_ALL_MEMBERS = f"{_MEMBERS} ORDER BY s.staff_number, s.assignment LIMIT %(limit)s"
_MEMBERS_HAVING = f"""
SELECT s.* FROM (
    SELECT {{distinct}} staff_number FROM ever_stated
    WHERE value_key = ANY(%(value_keys)s) AND staff_number >= %(after_staff)s) AS candidate,
LATERAL ({_MEMBERS} AND s.staff_number = candidate.staff_number {{conditions}} OFFSET 0) AS s
ORDER BY candidate.staff_number, s.assignment LIMIT %(limit)s
"""


_JOBS = f"""
SELECT staff_number, assignment, {", ".join(FACET_NAMES)} FROM position_sheet
WHERE staff_number = ANY(%(staff_numbers)s) AND (assignment = '' OR employer IS NOT NULL)
  AND {_IN_FORCE} AND {_KNOWN}
ORDER BY staff_number, assignment
""".encode()


def jobs(
    conn: Conn, staff_numbers: Collection[str], effective_at: date, known_at: datetime
) -> dict[str, tuple[Member, ...]]:
    """By staff number, the assignments in which each of these people is employed on a day, by name.

    Whoever is employed in none has an empty place; whom the record did not know at K, none.
    """
    found: dict[str, tuple[Member, ...]] = {}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows: Sequence[tuple[Any, ...]] = reader.execute(
            _JOBS,
            {
                "staff_numbers": list(staff_numbers),
                "effective_at": effective_at,
                "known_at": known_at,
            },
        ).fetchall()
    for number, job, *cells in rows:
        theirs = found.setdefault(number, ())
        if job:
            found[number] = (*theirs, Member(number, job, _values(cells)))
    return found


_POSITIONS = f"""
SELECT staff_number, assignment, why, {", ".join(FACET_NAMES)} FROM position_sheet
WHERE staff_number = ANY(%(staff_numbers)s) AND (assignment = '' OR employer IS NOT NULL)
  AND {_IN_FORCE} AND {_KNOWN}
ORDER BY staff_number, assignment
""".encode()


def positions(
    conn: Conn, staff_numbers: Collection[str], effective_at: date, known_at: datetime
) -> dict[str, Positions]:
    """By staff number, what each of these people holds on a day, with where it comes from.

    Terms are people's own; collective ones are those of an exercise. Whom the record did not know
    at K is not there.
    """
    found: dict[str, Positions] = {}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows: Sequence[tuple[Any, ...]] = reader.execute(
            _POSITIONS,
            {
                "staff_numbers": list(staff_numbers),
                "effective_at": effective_at,
                "known_at": known_at,
            },
        ).fetchall()
    for number, job, why, *cells in rows:
        theirs = found.setdefault(number, Positions({}, ()))
        if job:
            theirs.jobs[job] = read_position(cells, why)
        else:
            own = tuple(HeldTerm(term, held) for term, held in read_own(why)[0])
            found[number] = theirs._replace(terms=own)
    return found


_EMPLOYERS = f"""
SELECT DISTINCT staff_number, employer FROM position_sheet
WHERE staff_number = ANY(%(staff_numbers)s) AND assignment <> '' AND employer IS NOT NULL
  AND {_IN_FORCE} AND {_KNOWN}
""".encode()


def employers_of(
    conn: Conn, staff_numbers: Collection[str], effective_at: date, known_at: datetime
) -> dict[str, frozenset[str]]:
    """By staff number, the employers of each of these people on a day, in any spelling; of several
    jobs at once each. People without an employer are left out."""
    values = {
        "staff_numbers": [*staff_numbers],
        "effective_at": effective_at,
        "known_at": known_at,
    }
    found: dict[str, set[str]] = {}
    with conn.cursor(row_factory=tuple_row) as reader:
        for number, employer in reader.execute(_EMPLOYERS, values).fetchall():
            found.setdefault(number, set()).add(from_text(employer))
    return {number: frozenset(employers) for number, employers in found.items()}


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
    """The assignments with an employer whose facets have all the values given, in any spelling, by
    staff number.

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
    distinct = sql.SQL("")
    for n, (facet, value) in enumerate(having.items()):
        spellings = spellings_of(conn, facet, value, effective_at, known_at)
        values[f"value{n}"] = [to_text(each) for each in spellings]
        if n == 0:
            values["value_keys"] = [value_key(facet.value, each) for each in spellings]
            # Somebody may have stated two of them.
            distinct = sql.SQL("DISTINCT" if len(spellings) > 1 else "")
        conditions.append(
            sql.SQL(" AND s.{} = ANY({})").format(
                sql.Identifier(facet.value), sql.Placeholder(f"value{n}")
            )
        )
    statement = sql.SQL(_MEMBERS_HAVING if having else _ALL_MEMBERS).format(
        conditions=sql.SQL("").join(conditions), distinct=distinct
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
