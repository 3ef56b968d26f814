"""Who is employed on a day and has no line manager who is; and who reports to somebody.

The value of `line_manager` is a staff number. Whoever has none, or names a number that nobody
employs on that day in any assignment, is without a manager.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn, from_text, to_text
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.position.stored import value_key
from transfer.core.employed import NotEmployed
from transfer.core.words import Facet

MOST_REPORTS = 1000
"""How many of those who report to one person are answered."""

_KNOWN = "recorded_from <= %(known_at)s AND %(known_at)s < recorded_to"
_COVERS = "effective_from <= %(effective_at)s AND %(effective_at)s < effective_to"

_WITHOUT = f"""
WITH employed AS MATERIALIZED (
    SELECT staff_number, assignment, line_manager FROM position_sheet
    WHERE assignment <> '' AND employer IS NOT NULL AND {_COVERS} AND {_KNOWN}
)
SELECT e.staff_number, e.assignment, e.line_manager FROM employed AS e
WHERE (e.staff_number, e.assignment) > (%(after_staff)s, %(after_assignment)s)
  AND NOT EXISTS (SELECT FROM employed AS m WHERE m.staff_number = e.line_manager)
ORDER BY e.staff_number, e.assignment LIMIT %(limit)s
"""
_MANAGERS = f"""
SELECT staff_number,
       max(effective_to) FILTER (WHERE employer IS NOT NULL AND effective_to <= %(effective_at)s),
       min(effective_from) FILTER (WHERE employer IS NOT NULL AND effective_from > %(effective_at)s)
FROM position_sheet
WHERE staff_number = ANY(%(numbers)s) AND assignment <> '' AND {_KNOWN}
GROUP BY staff_number
"""
_REPORTS = f"""
SELECT s.staff_number, s.assignment, min(greatest(s.effective_from, %(effective_at)s))
FROM ever_stated AS candidate, LATERAL (
    SELECT staff_number, assignment, effective_from FROM position_sheet
    WHERE staff_number = candidate.staff_number AND assignment <> '' AND employer IS NOT NULL
      AND line_manager = %(manager)s AND effective_to > %(effective_at)s AND {_KNOWN}
    OFFSET 0) AS s
WHERE candidate.value_key = %(value_key)s
GROUP BY s.staff_number, s.assignment ORDER BY s.staff_number, s.assignment LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class WithoutManager:
    """An assignment without a line manager: `line_manager` is the number on record, if any, and
    `not_employed` says why nobody answers to it."""

    staff_number: str
    assignment: str
    line_manager: str | None
    not_employed: NotEmployed | None


@dataclass(frozen=True, slots=True)
class PageWithoutManager:
    """A page of them, in order of staff number; `next_cursor` is `None` on the last."""

    items: tuple[WithoutManager, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Reports:
    """An assignment in which somebody reports to a manager, from a day."""

    staff_number: str
    assignment: str
    effective_from: date


def without_manager(
    conn: Conn, effective_at: date, known_at: datetime, *, limit: int, cursor: str | None = None
) -> PageWithoutManager:
    """Everybody employed on a day who has no line manager employed then (K resolved before).

    Raises `Malformed` for a cursor that no page gave.
    """
    after_staff, after_assignment = ("", "") if cursor is None else read_cursor(cursor, 2)
    asked: dict[str, object] = {
        "effective_at": effective_at,
        "known_at": known_at,
        "after_staff": after_staff,
        "after_assignment": after_assignment,
        "limit": limit + 1,
    }
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_WITHOUT, asked, prepare=False).fetchall()
        named = sorted({manager for _, _, manager in rows if manager is not None})
        found = reader.execute(_MANAGERS, asked | {"numbers": named}).fetchall() if named else []
    managers = {number: NotEmployed(effective_at, left, begins) for number, left, begins in found}
    items = tuple(
        WithoutManager(
            number,
            assignment,
            None if manager is None else from_text(manager),
            None if manager is None else managers.get(manager, NotEmployed(effective_at)),
        )
        for number, assignment, manager in rows[:limit]
    )
    last = [items[-1].staff_number, items[-1].assignment] if len(rows) > limit else None
    return PageWithoutManager(items, None if last is None else write_cursor(last))


def reports_to(
    conn: Conn, manager: str, effective_at: date, known_at: datetime
) -> Sequence[Reports]:
    """Who reports to somebody on a day or later, each from the first such day (K resolved before).

    The first `MOST_REPORTS` by staff number.
    """
    asked: dict[str, object] = {
        "manager": to_text(manager),
        "value_key": value_key(Facet.LINE_MANAGER.value, manager),
        "effective_at": effective_at,
        "known_at": known_at,
        "limit": MOST_REPORTS,
    }
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_REPORTS, asked, prepare=False).fetchall()
    return [Reports(*row) for row in rows]
