"""Whose concurrent jobs add up to more than a full time, for a day as known at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn, from_text
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.position.stored import Job

# Who has several jobs at once says so on a sheet of their own, and they are few. The sum here has
# rounded parts: it finds whom to look at, and the core adds up exactly.
_OVER = """
SELECT staff_number, array_agg(assignment ORDER BY assignment),
       array_agg(employer ORDER BY assignment), array_agg(line_manager ORDER BY assignment),
       array_agg(fte ORDER BY assignment)
FROM position_sheet
WHERE assignment <> '' AND employer IS NOT NULL AND staff_number > %(after)s
  AND staff_number IN (
      SELECT staff_number FROM position_sheet
      WHERE at_once > 1 AND effective_from <= %(effective_at)s AND %(effective_at)s < effective_to
        AND recorded_from <= %(known_at)s AND %(known_at)s < recorded_to)
  AND effective_from <= %(effective_at)s AND %(effective_at)s < effective_to
  AND recorded_from <= %(known_at)s AND %(known_at)s < recorded_to
GROUP BY staff_number HAVING count(*) > 1 AND sum(amount) > 1
ORDER BY staff_number LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class OverFullTime:
    """One person and the jobs that they have at once."""

    staff_number: str
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class PageOfOverFullTime:
    """A page of them, in order of staff number; `next_cursor` is `None` on the last."""

    items: tuple[OverFullTime, ...]
    next_cursor: str | None


def over_full_time(
    conn: Conn, effective_at: date, known_at: datetime, *, limit: int, cursor: str | None = None
) -> PageOfOverFullTime:
    """Everybody whose parts of a full time add up to more than one (K resolved before).

    Raises `Malformed` for a cursor that no page gave.
    """
    [after] = ("",) if cursor is None else read_cursor(cursor, 1)
    asked = {
        "effective_at": effective_at,
        "known_at": known_at,
        "after": after,
        "limit": limit + 1,
    }
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_OVER, asked, prepare=False).fetchall()
    items = tuple(OverFullTime(number, _jobs(columns)) for number, *columns in rows[:limit])
    more = len(rows) > limit
    return PageOfOverFullTime(items, write_cursor([items[-1].staff_number]) if more else None)


def _jobs(columns: Sequence[Sequence[str | None]]) -> tuple[Job, ...]:
    return tuple(
        Job(assignment or "", *(None if each is None else from_text(each) for each in rest))
        for assignment, *rest in zip(*columns, strict=True)
    )
