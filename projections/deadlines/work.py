"""What somebody has still to do, as a list of work: one line for all the people that it is due of.

A line is a duty of one procedure, from one owner, by one day, taken care of by one person, with one
excuse. Rights are nobody's work, and a milestone is a day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from psycopg.rows import tuple_row

from projections.deadlines import care
from projections.deadlines.deadlines import RUNNERS, UNSETTLED, State
from projections.keeping_up.copying import Conn, from_text, to_text
from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.core.matter.book import MILESTONE


@dataclass(frozen=True, slots=True)
class Line:
    """Something to do: open or missed, since it was published first; of whom, if of anybody.

    `matter` is the procedure that it belongs to, where it is one, and `run_by` who began that, or
    the exercise that it belongs to. `obligation_id` is one of its obligations, and
    `obligation_of` one of each person, where they were asked for. It may have been given to
    somebody, up to a day and on it, by somebody. `last_on` is its day by the later reading of it,
    after which it is missed. `mark` tells lines apart that differ by who has them or how they are
    excused. `owed_to` says to whom it is owed, where that is known.
    """

    exercise: str
    matter: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    last_on: date | None
    since: datetime
    clause: str | None
    owed_to: str
    staff_numbers: tuple[str, ...]
    run_by: str | None
    obligation_id: UUID
    delegated_to: str | None
    delegated_until: date | None
    delegated_by: str | None
    excuse: str | None
    excuse_document: str | None
    mark: str
    obligation_of: Mapping[str, UUID] = field(default_factory=dict)

    @property
    def done_by(self) -> str | None:
        """Whose work it is."""
        return self.delegated_to or self.run_by

    @property
    def cursor(self) -> str:
        """Where the list goes on after this line."""
        day = "infinity" if self.due_on is None else self.due_on.isoformat()
        of = (self.exercise, self.what, self.about, self.owner, self.state, self.mark)
        return write_cursor((day, *of))


_BY = """
stated.exercise, stated.what, stated.about, owner, state, due_on, run_by,
given.given_to, given.until_on, given.recorded_by, excuse.reason, excuse.document
"""
_MARK = """
md5(to_json(ARRAY[run_by, given.given_to, given.until_on::text, given.recorded_by, excuse.reason,
                  excuse.document])::text) COLLATE "C"
"""
_LINES = f"""
SELECT stated.exercise,
       CASE WHEN count(DISTINCT stated.matter) = 1 THEN min(stated.matter) END AS matter,
       stated.what, stated.about, owner, state, due_on, max(coalesce(later_on, due_on)) AS last_on,
       min(stated.recorded_from) AS since,
       CASE WHEN count(DISTINCT basis::json ->> 'clause') = 1
            THEN min(basis::json ->> 'clause') END AS clause,
       coalesce(max(stated.owed_to), '') AS owed_to,
       array_agg(DISTINCT stated.staff_number::text)
           FILTER (WHERE stated.staff_number IS NOT NULL) AS people,
       run_by, min(stated.obligation_id::text)::uuid AS obligation_id,
       given.given_to, given.until_on, given.recorded_by, excuse.reason, excuse.document,
       {_MARK} AS mark, {{obligations}} AS obligations
FROM ({UNSETTLED} AND NOT p.is_right AND p.what <> %(milestone)s {{conditions}}) AS stated
LEFT JOIN {RUNNERS} AS runners ON run = stated.matter
{care.OF_EACH.format(p="stated")}
WHERE state = ANY(%(states)s) {{of_whom}}
GROUP BY {_BY}
{{after}}
ORDER BY coalesce(due_on, 'infinity'), exercise, what, about, owner, state, mark
LIMIT %(limit)s
"""
_AFTER = f"""
HAVING (coalesce(due_on, 'infinity'), stated.exercise, stated.what, stated.about, owner, state,
        {_MARK})
     > (%(after_day)s::date, %(after_exercise)s, %(after_what)s, %(after_about)s, %(after_owner)s,
        %(after_state)s, %(after_mark)s)
"""
_OF_EACH_PERSON = """
json_object_agg(stated.staff_number, stated.obligation_id ORDER BY stated.obligation_id)
    FILTER (WHERE stated.staff_number IS NOT NULL)
"""
_PARTS = ("exercise", "what", "about", "owner", "state", "mark")
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
    done_by: Collection[str] | None = None,
    by_person: bool = False,
    limit: int,
    cursor: str | None = None,
) -> tuple[Line, ...]:
    """What is to be done, as known at K, on a day: the earliest day first, no day last.

    `state`: `open` or `missed`. `whats` keeps what is due under these names, `other_than` all but
    these. `done_by` keeps what was given to one of these people, or else is run by one. With
    `by_person` each line has an obligation of each of its people.
    Raises `Malformed` for a cursor that is none.
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
        "done_by": list(map(to_text, done_by or ())),
        "limit": limit,
    }
    if cursor is not None:
        values |= _place_of(cursor)
    statement = _LINES.format(
        obligations=_OF_EACH_PERSON if by_person else "NULL",
        conditions="".join(text for text, is_asked in conditions.items() if is_asked),
        of_whom=""
        if done_by is None
        else "AND coalesce(given.given_to, run_by) = ANY(%(done_by)s)",
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
            last_on=last_on,
            since=since.astimezone(UTC),
            clause=None if clause is None else from_text(clause),
            owed_to=from_text(owed_to),
            staff_numbers=tuple(map(from_text, people or ())),
            run_by=_text(run_by),
            obligation_id=obligation_id,
            delegated_to=_text(given_to),
            delegated_until=until,
            delegated_by=_text(given_by),
            excuse=_text(reason),
            excuse_document=_text(document),
            mark=mark,
            obligation_of={from_text(of_whom): UUID(id_) for of_whom, id_ in (ids or {}).items()},
        )
        for (
            exercise,
            matter,
            what,
            about,
            of,
            stands,
            due_on,
            last_on,
            since,
            clause,
            owed_to,
            people,
            run_by,
            obligation_id,
            given_to,
            until,
            given_by,
            reason,
            document,
            mark,
            ids,
        ) in rows
    )


def _text(stored: str | None) -> str | None:
    return None if stored is None else from_text(stored)


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
