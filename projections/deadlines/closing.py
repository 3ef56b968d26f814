"""Which rights of members of staff can be used until a day that is near?"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg.rows import tuple_row

from projections.deadlines.deadlines import UNSETTLED
from projections.keeping_up.copying import Conn, to_text

STAFF = "staff"
"""The owner of a right that is a member of staff's own."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A right that is open until `last_day`, published at an instant."""

    staff_number: str
    last_day: date
    published_at: datetime


_CLOSING = f"""
SELECT staff_number, due_on, recorded_from
FROM ({UNSETTLED} AND p.is_right AND p.owner = %(owner)s AND p.staff_number IS NOT NULL
      AND p.due_on BETWEEN %(today)s AND %(until)s) AS stated
WHERE state = 'open' ORDER BY due_on, staff_number, obligation_id
"""


def closing(conn: Conn, today: date, until: date, known_at: datetime) -> tuple[Closing, ...]:
    """The rights that are open on a day, with a last day up to another, as known at K."""
    values = {"owner": to_text(STAFF), "today": today, "until": until, "known_at": known_at}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_CLOSING.encode(), values).fetchall()
    return tuple(
        Closing(number, last_day, published_at.astimezone(UTC))
        for number, last_day, published_at in rows
    )
