"""What somebody has still to do, as a list of work: one line for all the people that it is due of.

A line is a duty of one procedure, from one owner, by one day. Rights are nobody's work, and a
milestone is a day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from psycopg.rows import tuple_row

from projections.deadlines.deadlines import UNSETTLED, State
from projections.keeping_up.copying import Conn, from_text, to_text
from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.core.matter.book import MILESTONE


@dataclass(frozen=True, slots=True)
class Line:
    """Something to do: open or missed, since it was published first; of whom, if of anybody.

    `matter` is the procedure that it belongs to, where it is one.
    """

    exercise: str
    matter: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    since: datetime
    clause: str | None
    staff_numbers: tuple[str, ...]

    @property
    def cursor(self) -> str:
        """Where the list goes on after this line."""
        day = "infinity" if self.due_on is None else self.due_on.isoformat()
        return write_cursor((day, self.exercise, self.what, self.about, self.owner, self.state))


_LINES = """
SELECT exercise, CASE WHEN count(DISTINCT matter) = 1 THEN min(matter) END AS matter,
       what, about, owner, state, due_on, min(recorded_from) AS since,
       CASE WHEN count(DISTINCT basis::json ->> 'clause') = 1
            THEN min(basis::json ->> 'clause') END AS clause,
       array_agg(DISTINCT staff_number::text) FILTER (WHERE staff_number IS NOT NULL) AS people
FROM ({stated} AND NOT p.is_right AND p.what <> %(milestone)s {conditions}) AS stated
WHERE state = ANY(%(states)s)
GROUP BY exercise, what, about, owner, state, due_on
{after}
ORDER BY coalesce(due_on, 'infinity'), exercise, what, about, owner, state
LIMIT %(limit)s
"""
_AFTER = """
HAVING (coalesce(due_on, 'infinity'), exercise, what, about, owner, state)
     > (%(after_day)s::date, %(after_exercise)s, %(after_what)s, %(after_about)s, %(after_owner)s,
        %(after_state)s)
"""
_PARTS = ("exercise", "what", "about", "owner", "state")
_TO_DO = (State.OPEN, State.MISSED)


def lines(
    conn: Conn,
    known_at: datetime,
    today: date,
    *,
    state: State | None = None,
    owner: str | None = None,
    whats: Collection[str] = (),
    other_than: Collection[str] = (),
    exercises: Collection[str] | None = None,
    due_before: date | None = None,
    limit: int,
    cursor: str | None = None,
) -> tuple[Line, ...]:
    """What is to be done, as known at K, on a day: the earliest day first, no day last.

    `state`: `open` or `missed`. `whats` keeps what is due under these names, `other_than` all but
    these. Raises `Malformed` for a cursor that is none.
    """
    conditions: Mapping[str, bool] = {
        "AND p.owner = %(owner)s ": owner is not None,
        "AND p.what = ANY(%(whats)s) ": bool(whats),
        "AND p.what <> ALL(%(other_than)s) ": bool(other_than),
        "AND p.exercise = ANY(%(exercises)s) ": exercises is not None,
        "AND p.due_on < %(due_before)s ": due_before is not None,
    }
    values: dict[str, object] = {
        "known_at": known_at,
        "today": today,
        "milestone": MILESTONE,
        "states": [state] if state else list(_TO_DO),
        "owner": None if owner is None else to_text(owner),
        "whats": list(whats),
        "other_than": list(other_than),
        "exercises": [to_text(each) for each in exercises or ()],
        "due_before": due_before,
        "limit": limit,
    }
    if cursor is not None:
        values |= _place_of(cursor)
    statement = _LINES.format(
        stated=UNSETTLED,
        conditions="".join(text for text, is_asked in conditions.items() if is_asked),
        after="" if cursor is None else _AFTER,
    )
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(statement.encode(), values).fetchall()
    return tuple(
        Line(
            exercise=from_text(exercise),
            matter=None if matter is None else from_text(matter),
            what=from_text(what),
            about=from_text(about),
            owner=from_text(of),
            state=State(stands),
            due_on=due_on,
            since=since.astimezone(UTC),
            clause=None if clause is None else from_text(clause),
            staff_numbers=tuple(map(from_text, people or ())),
        )
        for exercise, matter, what, about, of, stands, due_on, since, clause, people in rows
    )


@dataclass(frozen=True, slots=True)
class Known:
    """By what a list of work may be kept: the procedures and the owners that it has ever had."""

    exercises: frozenset[str]
    owners: frozenset[str]


def known_of(conn: Conn) -> Known:
    """The same of everything that was ever to be done."""
    statement = b"SELECT DISTINCT exercise, owner FROM obligation WHERE NOT is_right"
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(statement).fetchall()
    return Known(
        exercises=frozenset(from_text(exercise) for exercise, _ in rows),
        owners=frozenset(from_text(owner) for _, owner in rows),
    )


def _place_of(cursor: str) -> dict[str, object]:
    day, *parts = read_cursor(cursor, len(_PARTS) + 1)
    try:
        if day != "infinity":
            day = date.fromisoformat(day).isoformat()
    except ValueError as error:
        raise malformed_cursor() from error
    places = {f"after_{name}": to_text(part) for name, part in zip(_PARTS, parts, strict=True)}
    return {"after_day": day, **places}
