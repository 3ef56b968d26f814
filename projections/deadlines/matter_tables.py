"""The tables that deadlines of kinds are kept by (migration 0048): read for a page, and written.

`due_matter`, `due_person` and `due_line` hold the engine's book as it stands; `obligation` and
`obligation_outcome` what was published of it: their rows stay. Only from when an obligation is
settled (migration 0081) is noted on its row later, as its outcomes come. No statement is about one
fact alone: each is given all that a page asks for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import tuple_row
from pydantic import TypeAdapter

from projections.keeping_up.copying import (
    NULL,
    Conn,
    basis_for_copy,
    basis_from_text,
    copy_lines,
    for_copy,
    from_text,
    instant_for_copy,
    to_text,
)
from transfer.core.matter.book import Due
from transfer.core.matter.rows import Line, hanging_names
from transfer.core.matter.words import Nature, Outcome, Phase, Place, Slot

TABLES = ("due_matter", "due_person", "due_line")

_DUE = TypeAdapter(Due)

_MATTERS = """
SELECT matter, exercise, run_by, run_from, heard, last_day, last_phase, last_order, last_nth
FROM due_matter WHERE matter = ANY(%s)
"""
_PEOPLE = """
SELECT p.matter, p.staff_number, p.formed_in, p.joined_to,
       p.last_day, p.last_phase, p.last_order, p.last_nth
FROM unnest(%s::text[], %s::text[]) AS wanted (matter, staff_number)
CROSS JOIN LATERAL (
    SELECT * FROM due_person
    WHERE matter = wanted.matter AND staff_number = wanted.staff_number OFFSET 0
) AS p
"""
_EVERYBODY = "SELECT staff_number FROM due_person WHERE matter = %s"
_MEMBERS = """
SELECT staff_number FROM due_person
WHERE matter = %s AND coalesce(joined_to, formed_in) = ANY(%s)
"""
_HANGING = """
SELECT staff_number, group_name, what FROM due_line
WHERE matter = %s AND hangs_on <> '{}' AND NOT is_act AND hangs_on && %s::text[]
"""
_LINES = """
SELECT d.due::text
FROM unnest(%s::text[], %s::text[]) AS wanted (matter, staff_number)
CROSS JOIN LATERAL (
    SELECT due FROM due_line
    WHERE matter = wanted.matter AND staff_number = wanted.staff_number OFFSET 0
) AS d
"""
_WRITTEN = """
SELECT DISTINCT ON (p.matter, p.staff_number, p.group_name, p.what, p.about)
       p.obligation_id, p.first_place, p.matter, p.group_name, p.staff_number, p.what, p.about,
       p.is_right, p.owner, p.owed_to, p.due_on, p.later_on, p.calendar, p.basis::text,
       x.outcome, x.outcome_on
FROM unnest(%s::text[], %s::text[]) AS wanted (matter, staff_number)
CROSS JOIN LATERAL (
    SELECT * FROM obligation
    WHERE matter = wanted.matter AND coalesce(staff_number, '') = wanted.staff_number OFFSET 0
) AS p
LEFT JOIN LATERAL (
    SELECT outcome, outcome_on FROM obligation_outcome
    WHERE obligation_id = p.obligation_id ORDER BY place DESC LIMIT 1
) AS x ON true
ORDER BY p.matter, p.staff_number, p.group_name, p.what, p.about, p.place DESC
"""
_KEEP_MATTERS = """
INSERT INTO due_matter
    (matter, exercise, run_by, run_from, heard, last_day, last_phase, last_order, last_nth)
SELECT matter, exercise, run_by, run_from, string_to_array(heard, ' '),
       last_day, last_phase, last_order, last_nth
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
            %s::date[], %s::smallint[], %s::bigint[], %s::int[])
     AS kept (matter, exercise, run_by, run_from, heard, last_day, last_phase, last_order, last_nth)
ON CONFLICT (matter) DO UPDATE SET
    exercise = EXCLUDED.exercise, run_by = EXCLUDED.run_by, run_from = EXCLUDED.run_from,
    heard = EXCLUDED.heard,
    last_day = EXCLUDED.last_day, last_phase = EXCLUDED.last_phase,
    last_order = EXCLUDED.last_order, last_nth = EXCLUDED.last_nth
"""
_KEEP_PEOPLE = """
INSERT INTO due_person
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[],
                     %s::date[], %s::smallint[], %s::bigint[], %s::int[])
ON CONFLICT (matter, staff_number) DO UPDATE SET
    formed_in = EXCLUDED.formed_in, joined_to = EXCLUDED.joined_to,
    last_day = EXCLUDED.last_day, last_phase = EXCLUDED.last_phase,
    last_order = EXCLUDED.last_order, last_nth = EXCLUDED.last_nth
"""
_KEEP_LINES = """
INSERT INTO due_line
SELECT matter, staff_number, group_name, what, about, is_act,
       ARRAY(SELECT json_array_elements_text(hangs_on)), due
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
            %s::json[], %s::json[])
     AS kept (matter, staff_number, group_name, what, about, is_act, hangs_on, due)
ON CONFLICT (matter, staff_number, group_name, what, about) DO UPDATE SET
    is_act = EXCLUDED.is_act, hangs_on = EXCLUDED.hangs_on, due = EXCLUDED.due
"""
_DROP_LINES = """
DELETE FROM due_line AS d
USING unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
      AS gone (matter, staff_number, group_name, what, about)
WHERE d.matter = gone.matter AND d.staff_number = gone.staff_number
  AND d.group_name = gone.group_name AND d.what = gone.what AND d.about = gone.about
"""
_SETTLE = """
WITH outcome AS (
    SELECT obligation_id, recorded_from, place,
           max(place) FILTER (WHERE outcome = 'missed') OVER of_one AS missed_at
    FROM obligation_outcome WHERE obligation_id = ANY(%s)
    WINDOW of_one AS (PARTITION BY obligation_id)
), each AS (
    SELECT obligation_id, min(recorded_from) AS first_outcome_from,
           min(recorded_from) FILTER (WHERE missed_at IS NULL OR place > missed_at) AS settled_from
    FROM outcome GROUP BY obligation_id
)
UPDATE obligation AS o
SET first_outcome_from = each.first_outcome_from,
    settled_from = coalesce(each.settled_from, 'infinity')
FROM each WHERE o.obligation_id = each.obligation_id
"""

Person = tuple[str, str]
"""A matter, and somebody in it; the matter as a whole and its groups where nobody is named."""

_NAMES = TypeAdapter(tuple[str, ...])


# --- what is kept -------------------------------------------------------------------------------


class Runner(NamedTuple):
    """Who runs a matter, and since when that is on record."""

    run_by: str
    run_from: datetime


@dataclass(slots=True)
class KeptMatter:
    """A matter: what answers call its exercise, who runs it, which matters it hears of, and how far
    it has come."""

    matter: str
    exercise: str
    runner: Runner | None = None
    heard: frozenset[str] = frozenset()
    last: Place | None = None


class KeptPerson(NamedTuple):
    """Somebody in a matter: the group that they were put in or brought into, and how far their
    days have come."""

    matter: str
    staff_number: str
    formed_in: str | None
    joined_to: str | None
    last: Place | None


class Written(NamedTuple):
    """The obligation that was written last for a slot, and what became of it since; see
    `ObligationRow` for its first place."""

    obligation_id: UUID
    first_place: int
    line: Line


class ObligationRow(NamedTuple):
    """Something that became due.

    `first_place` is the place of the first obligation of the same duty. Until it is done another
    day may take its place, and it stays the same; what is due again after that is another duty.
    """

    obligation_id: UUID
    exercise: str
    line: Line
    opened_by: UUID
    recorded_from: datetime
    place: int
    first_place: int


class OutcomeRow(NamedTuple):
    """What became of it."""

    obligation_id: UUID
    outcome: Outcome
    outcome_on: date | None
    event_id: UUID
    recorded_from: datetime
    place: int


# --- reading ------------------------------------------------------------------------------------


def matters(conn: Conn, names: Iterable[str]) -> dict[str, KeptMatter]:
    """Those of the matters that were heard of before."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_MATTERS, (list(names),)).fetchall()
    return {
        row[0]: KeptMatter(
            row[0],
            row[1],
            None if row[2] is None else Runner(from_text(row[2]), row[3]),
            frozenset(row[4]),
            _place(row[5:]),
        )
        for row in rows
    }


def people(conn: Conn, wanted: Iterable[Person]) -> list[KeptPerson]:
    """Those of the people who were heard of before."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_PEOPLE, _columns(wanted, 2)).fetchall()
    return [KeptPerson(row[0], row[1], row[2], row[3], _place(row[4:])) for row in rows]


def everybody(conn: Conn, matter: str) -> set[str]:
    """Everybody in a matter."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return {row[0] for row in cursor.execute(_EVERYBODY, (matter,)).fetchall()}


def members(conn: Conn, matter: str, groups: Iterable[str]) -> set[str]:
    """The people of some groups."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return {row[0] for row in cursor.execute(_MEMBERS, (matter, list(groups))).fetchall()}


def hanging(conn: Conn, matter: str, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Which rights and duties hang on something of these names: of whom, of which group, what."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_HANGING, (matter, [to_text(name) for name in names])).fetchall()
    return [(person, group, from_text(what)) for person, group, what in rows]


def dues(conn: Conn, wanted: Iterable[Person]) -> list[Due]:
    """All that is due to these people, or (nobody named) to these matters and their groups."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_LINES, _columns(wanted, 2)).fetchall()
    return [_DUE.validate_json(row[0]) for row in rows]


def written(conn: Conn, wanted: Iterable[Person]) -> list[Written]:
    """The last row of each slot of these people, or (nobody named) of these matters and groups."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_WRITTEN, _columns(wanted, 2)).fetchall()
    return [_written(*row) for row in rows]


def _written(
    obligation_id: UUID,
    first_place: int,
    matter: str,
    group: str | None,
    person: str | None,
    what: str,
    about: str,
    is_right: bool,
    owner: str,
    owed_to: str,
    due_on: date | None,
    later_on: date | None,
    calendar: str | None,
    basis: str,
    outcome: str | None,
    outcome_on: date | None,
) -> Written:
    line = Line(
        slot=Slot(matter, group, person, from_text(what), from_text(about)),
        nature=Nature.RIGHT if is_right else Nature.DUTY,
        owner=from_text(owner),
        owed_to=from_text(owed_to),
        on=due_on,
        later=later_on,
        calendar=None if calendar is None else from_text(calendar),
        basis=basis_from_text(basis),
        outcome=None if outcome is None else Outcome(outcome),
        outcome_on=outcome_on,
    )
    return Written(obligation_id, first_place, line)


def _place(columns: Sequence[object]) -> Place | None:
    day, phase, order, nth = columns
    if not isinstance(day, date):
        return None
    return Place(day, Phase(int(str(phase))), int(str(order)), int(str(nth)))


def _columns(rows: Iterable[Sequence[object]], width: int) -> list[list[object]]:
    found = [list(column) for column in zip(*rows, strict=True)]
    return found or [[] for _ in range(width)]


# --- writing ------------------------------------------------------------------------------------


def keep_matters(conn: Conn, rows: Iterable[KeptMatter]) -> None:
    """Write how matters stand now."""
    _keep(
        conn,
        _KEEP_MATTERS,
        [
            (
                row.matter,
                row.exercise,
                None if row.runner is None else to_text(row.runner.run_by),
                None if row.runner is None else row.runner.run_from,
                " ".join(sorted(row.heard)),
                *_of_place(row.last),
            )
            for row in rows
        ],
    )


def keep_people(conn: Conn, rows: Iterable[KeptPerson]) -> None:
    """Write how people in them stand now."""
    _keep(conn, _KEEP_PEOPLE, [(*row[:4], *_of_place(row.last)) for row in rows])


def keep_dues(conn: Conn, changed: Iterable[Due]) -> None:
    """Write what is due now."""
    _keep(
        conn,
        _KEEP_LINES,
        [
            (
                *_key(due.slot),
                due.nature is Nature.ACT,
                _NAMES.dump_json(tuple(map(to_text, hanging_names(due)))).decode(),
                _DUE.dump_json(due, exclude_defaults=True).decode(),
            )
            for due in changed
        ],
    )


def drop_dues(conn: Conn, gone: Iterable[Slot]) -> None:
    """Take away what was never due, as is known now."""
    _keep(conn, _DROP_LINES, [_key(slot) for slot in gone])


def _keep(conn: Conn, statement: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        conn.execute(statement.encode(), _columns(rows, 0))


def _key(slot: Slot) -> tuple[str, ...]:
    about = (to_text(slot.what), to_text(slot.about))
    return (slot.matter, slot.person or "", slot.group or "", *about)


def _of_place(place: Place | None) -> tuple[object, ...]:
    return (None,) * 4 if place is None else (place.day, int(place.phase), place.order, place.nth)


def write(conn: Conn, opened: Iterable[ObligationRow], ended: Iterable[OutcomeRow]) -> None:
    """Add what became due, and what became of what was."""
    ended = list(ended)
    copy_lines(conn, "obligation", _OBLIGATION, map(_obligation, opened))
    copy_lines(conn, "obligation_outcome", _OUTCOME, map(_outcome, ended))
    if ended:
        conn.execute(_SETTLE.encode(), (list({row.obligation_id for row in ended}),))


_OBLIGATION = (
    *("obligation_id", "exercise", "matter", "group_name", "staff_number", "what", "about"),
    *("owner", "owed_to", "is_right", "due_on", "later_on", "calendar", "basis"),
    *("opened_by", "recorded_from", "place", "first_place"),
)
_OUTCOME = ("obligation_id", "place", "outcome", "outcome_on", "event_id", "recorded_from")


def _obligation(row: ObligationRow) -> str:
    line, slot = row.line, row.line.slot
    return "\t".join(
        (
            str(row.obligation_id),
            row.exercise,
            slot.matter,
            slot.group or NULL,
            slot.person or NULL,
            for_copy(slot.what),
            for_copy(slot.about),
            for_copy(line.owner),
            for_copy(line.owed_to),
            "t" if line.nature is Nature.RIGHT else "f",
            _day(line.on),
            _day(line.later),
            NULL if line.calendar is None else for_copy(line.calendar),
            basis_for_copy(line.basis),
            str(row.opened_by),
            instant_for_copy(row.recorded_from),
            str(row.place),
            str(row.first_place),
        )
    )


def _outcome(row: OutcomeRow) -> str:
    return "\t".join(
        (
            str(row.obligation_id),
            str(row.place),
            row.outcome.value,
            _day(row.outcome_on),
            str(row.event_id),
            instant_for_copy(row.recorded_from),
        )
    )


def _day(day: date | None) -> str:
    return NULL if day is None else day.isoformat()
