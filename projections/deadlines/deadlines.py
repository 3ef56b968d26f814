"""Deadlines: what is due, from whom, under which clause, and what became of it, on two clocks.

`matter_rows.py` keeps the tables for every kind of procedure; here are their registration and the
question. A state is read as it was at K: by the last fact about it, else by its last day and the
London date of K.

    open        its day has not passed (or none is set) and nothing has come of it
    met         done; `late` if after its day
    missed      a duty whose day has passed, or of which a fact says so
    lapsed      a right that was not used in its time
    superseded  another day took its place, or nothing is due any more

Who takes care of a duty and its excuse (`care.py`) are shown beside it and change no state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict, Unpack
from uuid import UUID

from psycopg.rows import class_row, tuple_row

from projections.deadlines import care, matter_rows, matter_tables
from projections.keeping_up.collector import collector_paused
from projections.keeping_up.copying import (
    Conn,
    basis_from_text,
    from_text,
    to_text,
)
from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from projections.keeping_up.runner import Page
from transfer.core.dating.calendars import date_in_london
from transfer.core.duties import NEAR_DAYS, Duty, DutyNamed
from transfer.core.matter.book import MILESTONE, REFUSED_STEP
from transfer.core.matter.facts import APPROVE, SETTLE
from transfer.core.matter.words import Outcome
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import Basis
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

NAME = "deadlines"
MOST_DEADLINES = 1000

# --- registration ------------------------------------------------------------------------------


class DeadlinesProjection:
    """Keeps the tables of migrations 0012, 0048, 0081 and 0082; reads what is current page by page.

    Where a fact counts from an earlier day, the streams that it bears on are read from the log.
    """

    name = NAME
    tables = ("obligation", "obligation_outcome", *matter_tables.TABLES, care.TABLE)

    def __init__(self, read_streams: matter_rows.ReadStreams, known: KnownFacts = NO_KINDS) -> None:
        self._read_streams = read_streams
        self._known = known
        of_kinds = matter_rows.facts_of(self._known)
        self.facts: tuple[type[Fact], ...] = (*of_kinds, *care.FACTS) if of_kinds else ()

    def forget(self) -> None:
        """Nothing is kept in memory."""

    def apply(self, conn: Conn, page: Page) -> None:
        """See `Projection.apply`."""
        with collector_paused():
            matter_rows.apply(conn, page, self._known, self._read_streams)
            care.apply(conn, page)


# --- the question ------------------------------------------------------------------------------


class State(StrEnum):
    """Where an obligation stands at an instant; see the top of this file."""

    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"


class Escalation(StrEnum):
    """That a duty needs somebody now: its day is near, or has passed. Never of one with an excuse,
    of a right, or of a milestone."""

    NEAR = "near"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a duty is not done: the reason, what shows it, on which day and by which event."""

    reason: str
    document: str | None
    on: date
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is or was due, as known at K.

    `due_on` is the last day, `None` where no source sets one; of two readings of it the earlier, by
    which one acts: what is due lapses or is missed after the later. `opened_by` is the event that
    published it and `published_at` its instant; `outcome_*` the last event about it, if any.
    `delegated_to` takes care of it, up to `delegated_until` and on that day.
    """

    obligation_id: UUID
    exercise: str
    staff_number: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    calendar: str | None
    basis: Basis
    opened_by: UUID
    published_at: datetime
    met_on: date | None
    late: bool
    outcome_event_id: UUID | None
    outcome_recorded_at: datetime | None
    delegated_to: str | None
    delegated_until: date | None
    excused: Excuse | None
    escalation: Escalation | None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """A page of deadlines by due date; `next_cursor` is `None` on the last."""

    items: tuple[Deadline, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    obligation_id: UUID
    matter: str | None
    exercise: str
    staff_number: str | None
    what: str
    about: str
    owner: str
    owed_to: str | None
    state: str
    due_on: date | None
    later_on: date | None
    calendar: str | None
    basis: str
    opened_by: UUID
    recorded_from: datetime
    outcome: str | None
    outcome_on: date | None
    event_id: UUID | None
    outcome_from: datetime | None
    group_name: str | None
    first_place: int
    is_right: bool
    given_to: str | None = None
    given_by: str | None = None
    until_on: date | None = None
    excuse_reason: str | None = None
    excuse_document: str | None = None
    excuse_from: datetime | None = None
    excuse_event: UUID | None = None
    run_by: str | None = None


_AS_IT_STANDS = """
SELECT p.obligation_id, p.matter, p.exercise, p.group_name, p.staff_number, p.what, p.about,
       p.first_place, p.owner, p.owed_to, p.is_right,
       coalesce(x.outcome, CASE WHEN coalesce(p.later_on, p.due_on) < %(today)s
           THEN CASE WHEN p.is_right THEN 'lapsed' ELSE 'missed' END ELSE 'open' END) AS state,
       p.due_on, p.later_on, p.calendar, p.basis::text AS basis, p.opened_by, p.recorded_from,
       x.outcome, x.outcome_on, x.event_id, x.recorded_from AS outcome_from
"""
STATED = f"""
{_AS_IT_STANDS}
FROM obligation AS p LEFT JOIN (
    SELECT DISTINCT ON (obligation_id) obligation_id, outcome, outcome_on, event_id, recorded_from
    FROM obligation_outcome WHERE recorded_from <= %(known_at)s ORDER BY obligation_id, place DESC
) AS x USING (obligation_id)
WHERE p.recorded_from <= %(known_at)s
"""
"""Every obligation as it stands at `known_at`, on the day `today`. Conditions on `p` may follow."""

UNSETTLED = f"""
{_AS_IT_STANDS}
FROM obligation AS p LEFT JOIN (
    SELECT DISTINCT ON (obligation_id) obligation_id, outcome, outcome_on, event_id, recorded_from
    FROM obligation_outcome WHERE recorded_from <= %(known_at)s AND obligation_id IN (
        SELECT obligation_id FROM obligation WHERE first_outcome_from < settled_from
        AND first_outcome_from <= %(known_at)s AND settled_from > %(known_at)s
    ) ORDER BY obligation_id, place DESC
) AS x USING (obligation_id)
WHERE p.recorded_from <= %(known_at)s AND p.settled_from > %(known_at)s
"""
"""The same of those that were not settled for good by then: all that is open, missed or lapsed, and
what was done and undone later. Of what is settled nothing is read."""

_STATED_OF_ONE = f"""
{_AS_IT_STANDS}
FROM obligation AS p LEFT JOIN LATERAL (
    SELECT outcome, outcome_on, event_id, recorded_from FROM obligation_outcome
    WHERE obligation_id = p.obligation_id AND recorded_from <= %(known_at)s
    ORDER BY place DESC LIMIT 1
) AS x ON true
WHERE p.recorded_from <= %(known_at)s
"""
"""The same for a condition that keeps few, as one person's: each is looked up by itself."""

_NEVER_SETTLED = (State.OPEN, State.MISSED, State.LAPSED)

_CARE_OF = f"""
SELECT found.*, given.given_to, given.recorded_by AS given_by, given.until_on,
       excuse.reason AS excuse_reason, excuse.document AS excuse_document,
       excuse.recorded_from AS excuse_from, excuse.event_id AS excuse_event
FROM found {care.OF_EACH.format(p="found")}
"""
"""The care of what was found: of a page of it alone, each duty looked up in the index."""

RUNNERS = "(SELECT matter AS run, run_by FROM due_matter WHERE run_from <= %(known_at)s)"
"""Who runs each procedure, as known at `known_at`."""

_CARE_AND_RUNNER_OF = f"""
SELECT cared.*, run_by FROM ({_CARE_OF}) AS cared LEFT JOIN {RUNNERS} AS runners ON run = matter
"""

_DEADLINES = f"""
WITH found AS (
    SELECT * FROM ({{stated}}{{conditions}}) AS stated WHERE {{of_state}}
    ORDER BY coalesce(due_on, 'infinity'), obligation_id LIMIT %(limit)s
)
{_CARE_OF} ORDER BY coalesce(due_on, 'infinity'), obligation_id
"""
_AFTER = """
AND (coalesce(p.due_on, 'infinity'), p.obligation_id) > (%(after_day)s::date, %(after_id)s::uuid)
"""


class Wanted(TypedDict, total=False):
    """Which deadlines; what is left out or `None` leaves none out.

    `due_before` leaves out that day itself and what has no day. `owner` is from whom it is due.
    """

    state: State | None
    owner: str | None
    due_before: date | None
    staff: str | None
    exercise: str | None
    matter: str | None
    what: str | None
    delegated_to: str | None
    escalation: Escalation | None


_NOT_EXCUSED = f"""
NOT EXISTS (SELECT FROM ({care.EXCUSES}) AS e WHERE e.obligation_id = stated.obligation_id)
"""
_OF_ESCALATION: Mapping[Escalation, str] = {
    Escalation.NEAR: "state = 'open' AND due_on <= %(near_until)s",
    Escalation.OVERDUE: "state = 'missed'",
}
_CONDITIONS: Mapping[str, str] = {
    "delegated_to": f"""
AND p.obligation_id IN (SELECT g.obligation_id FROM ({care.GIVEN}) AS g
                        WHERE g.given_to = %(delegated_to)s)
""",
    "escalation": " AND NOT p.is_right AND p.what <> %(milestone)s",
    "owner": " AND p.owner = %(owner)s",
    "due_before": " AND p.due_on < %(due_before)s",
    "staff": " AND p.staff_number = %(staff)s",
    "exercise": " AND p.exercise = %(exercise)s",
    "matter": " AND p.matter = %(matter)s",
    "what": " AND p.what = %(what)s",
}


def deadlines(
    conn: Conn,
    known_at: datetime,
    *,
    limit: int = 100,
    cursor: str | None = None,
    near_days: int = NEAR_DAYS,
    **wanted: Unpack[Wanted],
) -> Deadlines:
    """What is due, as known at K (resolved before), the earliest day first, no day last.

    `limit` is 1 to 1000; `near_days` before its day a duty is near. Raises `Malformed` for a limit
    or a cursor that is none.
    """
    if not 1 <= limit <= MOST_DEADLINES:
        raise Malformed(f"{limit} is not between 1 and {MOST_DEADLINES}", field="limit")
    given = {name: value for name, value in wanted.items() if value is not None}
    today = date_in_london(known_at)
    near_until = today + timedelta(days=near_days)
    values: dict[str, object] = {
        "known_at": known_at,
        "today": today,
        "near_until": near_until,
        "milestone": MILESTONE,
        "limit": limit + 1,
        **given,
    }
    for name in ("owner", "what", "delegated_to"):
        if name in given:
            values[name] = to_text(str(given[name]))
    conditions = "".join(text for name, text in _CONDITIONS.items() if name in given)
    if cursor is not None:
        after_day, after_id = _place_of(cursor)
        values |= {"after_day": after_day, "after_id": after_id}
        conditions += _AFTER
    escalation = wanted.get("escalation")
    of_state = ["state = %(state)s"] if "state" in given else ["true"]
    if escalation is not None:
        of_state += [_OF_ESCALATION[escalation], _NOT_EXCUSED]
    never_settled = escalation is not None or given.get("state") in _NEVER_SETTLED
    stated = UNSETTLED if never_settled else STATED
    statement = _DEADLINES.format(
        stated=_STATED_OF_ONE if "staff" in given else stated,
        conditions=conditions,
        of_state=" AND ".join(of_state),
    )
    with conn.cursor(row_factory=class_row(_Found)) as reader:
        found = reader.execute(statement.encode(), values).fetchall()
    items = tuple(_deadline(row, near_until) for row in found[:limit])
    return Deadlines(items, _cursor_of(items[-1]) if len(found) > limit else None)


_FIRST_OF_EACH = f"""
WITH found AS (
    SELECT DISTINCT ON (staff_number) *
    FROM ({_STATED_OF_ONE} AND p.staff_number = ANY(%(people)s)) AS stated WHERE state = %(state)s
    ORDER BY staff_number, coalesce(due_on, 'infinity'), obligation_id
)
{_CARE_OF}
"""


def first_of_each(
    conn: Conn, known_at: datetime, people: Sequence[str], state: State, near_days: int = NEAR_DAYS
) -> dict[str, Deadline]:
    """By staff number, the first that each of these people has in a state, as known at K (resolved
    before), in the order of `deadlines`; nobody without one is there."""
    today = date_in_london(known_at)
    values = {
        "known_at": known_at,
        "today": today,
        "people": list(people),
        "state": state,
    }
    near_until = today + timedelta(days=near_days)
    with conn.cursor(row_factory=class_row(_Found)) as reader:
        rows = reader.execute(_FIRST_OF_EACH.encode(), values).fetchall()
    return {
        row.staff_number: _deadline(row, near_until) for row in rows if row.staff_number is not None
    }


# --- one duty, to take care of -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """An obligation by its id, or what stands in its place by now, if another day does.

    `delegated_to` takes care of it up to `delegated_until` and on that day, as `delegated_by` said,
    else `run_by`, who runs the procedure; `excused` says why it is not done.
    """

    duty: Duty
    state: State
    exercise: str
    due_on: date | None
    delegated_to: str | None
    delegated_until: date | None
    delegated_by: str | None
    run_by: str | None
    excused: Excuse | None

    @property
    def cared_for(self) -> tuple[object, ...]:
        """Who has it, from whom, and its excuse: what tells it from others that are due for the
        same. The list of work (`work.py`) divides its lines by the same."""
        excuse = self.excused
        said = None if excuse is None else (excuse.reason, excuse.document)
        given = (self.delegated_to, self.delegated_until, self.delegated_by)
        return (self.run_by, *given, said)


_SLOT_OF = f"""
WITH found AS (
    SELECT * FROM ({_STATED_OF_ONE} AND (p.matter, coalesce(p.staff_number, '')) = (
        SELECT matter, coalesce(staff_number, '') FROM obligation
        WHERE obligation_id = %(id)s AND recorded_from <= %(known_at)s
    )) AS stated
    WHERE (what, about, coalesce(group_name, ''), first_place) = (
        SELECT what, about, coalesce(group_name, ''), first_place
        FROM obligation WHERE obligation_id = %(id)s
    ) ORDER BY state = 'superseded', recorded_from DESC, obligation_id LIMIT 1
)
{_CARE_AND_RUNNER_OF}
"""


def duty(conn: Conn, obligation_id: UUID, known_at: datetime) -> Found:
    """The duty of an obligation, as known at K: where another day took its place, as it is now.

    Raises `NotOnRecord` where nothing of that id was due.
    """
    values = {"id": obligation_id, "known_at": known_at, "today": date_in_london(known_at)}
    with conn.cursor(row_factory=class_row(_Found)) as reader:
        row = reader.execute(_SLOT_OF.encode(), values).fetchone()
    if row is None or row.matter is None:
        raise NotOnRecord("no such obligation on record")
    return _duty_found(row)


_ALIKE = f"""
WITH found AS (
    SELECT * FROM ({UNSETTLED} AND p.exercise = %(exercise)s AND p.what = %(what)s
                   AND NOT p.is_right AND p.matter IS NOT NULL) AS stated
    WHERE about = %(about)s AND owner = %(owner)s
      AND state = %(state)s AND due_on IS NOT DISTINCT FROM %(due_on)s
)
{_CARE_AND_RUNNER_OF}
ORDER BY staff_number NULLS FIRST, matter, group_name NULLS FIRST, obligation_id
"""


def alike(conn: Conn, found: Found, known_at: datetime) -> tuple[Duty, ...]:
    """The duties of the same exercise, or of the same procedure where it is of none, that are due
    for the same and on the same day, from the same people, and are run by, given to, given by and
    excused as this one, as known at K: one line of the list of work."""
    named = found.duty.named
    values = {
        "known_at": known_at,
        "today": date_in_london(known_at),
        "exercise": found.exercise,
        "what": to_text(named.what),
        "about": to_text(named.about),
        "owner": to_text(found.duty.owner),
        "state": found.state,
        "due_on": found.due_on,
    }
    with conn.cursor(row_factory=class_row(_Found)) as reader:
        rows = map(_duty_found, reader.execute(_ALIKE.encode(), values).fetchall())
        return tuple(each.duty for each in rows if each.cared_for == found.cared_for)


def _duty_found(row: _Found) -> Found:
    return Found(
        duty=_duty(row),
        state=State(row.state),
        exercise=row.exercise,
        due_on=row.due_on,
        delegated_to=None if row.given_to is None else from_text(row.given_to),
        delegated_until=row.until_on,
        delegated_by=None if row.given_by is None else from_text(row.given_by),
        run_by=None if row.run_by is None else from_text(row.run_by),
        excused=_excuse(row),
    )


def _duty(row: _Found) -> Duty:
    return Duty(
        named=DutyNamed(
            matter=row.matter or "",
            group=row.group_name,
            staff_number=row.staff_number,
            what=from_text(row.what),
            about=from_text(row.about),
        ),
        owner=from_text(row.owner),
        owed_to=from_text(row.owed_to or ""),
        is_right=row.is_right,
        first_place=row.first_place,
        is_to_do=row.state in (State.OPEN, State.MISSED),
        basis=basis_from_text(row.basis),
    )


# --- what waits for approval ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Awaited:
    """A step of one person that is due by law since a day, and that nobody has approved by K."""

    matter: str
    exercise: str
    step: str
    by_law_on: date
    basis: Basis
    asked_by: UUID
    asked_at: datetime


_AWAITED = f"""
SELECT stated.matter, stated.exercise, stated.about, stated.due_on, stated.basis,
       stated.opened_by, stated.recorded_from
FROM ({_STATED_OF_ONE}
      AND p.staff_number = %(staff)s AND p.what = '{APPROVE}' AND p.matter IS NOT NULL
      AND p.due_on <= %(effective_at)s) AS stated
WHERE stated.outcome IS NULL ORDER BY stated.due_on, stated.obligation_id
"""


def awaited(
    conn: Conn, staff_number: str, effective_at: date, known_at: datetime
) -> tuple[Awaited, ...]:
    """What is due by law from one person by a day and waits for approval, as known at K."""
    values = {
        "staff": staff_number,
        "effective_at": effective_at,
        "known_at": known_at,
        "today": effective_at,
    }
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_AWAITED.encode(), values).fetchall()
    return tuple(
        Awaited(
            from_text(matter),
            from_text(exercise),
            from_text(step),
            by_law_on,
            basis_from_text(basis),
            asked_by,
            asked_at.astimezone(UTC),
        )
        for matter, exercise, step, by_law_on, basis, asked_by, asked_at in rows
    )


# --- what waits for somebody ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaitsFor:
    """Something that somebody has still to do by a day: of how many people, and of whom the first
    few are. `since` is the earliest of their days; `None` where no source sets one."""

    exercise: str
    what: str
    about: str
    owner: str
    since: date | None
    people: int
    staff_numbers: tuple[str, ...]


_OF_NO_DAY = (APPROVE, SETTLE, REFUSED_STEP)
_MOST_PEOPLE = 20
_WAITS = f"""
SELECT exercise, what, about, owner, min(due_on) AS since,
       count(DISTINCT staff_number) AS people,
       (array_agg(DISTINCT staff_number::text)
           FILTER (WHERE staff_number IS NOT NULL))[1:{_MOST_PEOPLE}] AS staff_numbers
FROM ({UNSETTLED}
      AND NOT p.is_right AND p.what <> '{MILESTONE}'
      AND (p.what = ANY(%(of_no_day)s) OR p.due_on <= %(today)s)) AS stated
WHERE state IN ('open', 'missed')
GROUP BY exercise, what, about, owner
ORDER BY since NULLS LAST, exercise, what, about, owner
"""


def waits_for_somebody(conn: Conn, today: date, known_at: datetime) -> tuple[WaitsFor, ...]:
    """What is to be done by a day and has not been, as known at K: duties whose day has come,
    steps to approve, decisions to settle, and steps that were refused. A milestone is a day, and
    nobody's to do."""
    values = {"known_at": known_at, "today": today, "of_no_day": list(_OF_NO_DAY)}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_WAITS.encode(), values).fetchall()
    return tuple(
        WaitsFor(
            from_text(exercise),
            from_text(what),
            from_text(about),
            from_text(owner),
            since,
            people,
            tuple(map(from_text, numbers or ())),
        )
        for exercise, what, about, owner, since, people, numbers in rows
    )


def _escalation(row: _Found, near_until: date) -> Escalation | None:
    if row.is_right or row.what == MILESTONE or row.excuse_event is not None:
        return None
    if row.state == State.MISSED:
        return Escalation.OVERDUE
    is_near = row.due_on is not None and row.due_on <= near_until
    return Escalation.NEAR if row.state == State.OPEN and is_near else None


def _excuse(row: _Found) -> Excuse | None:
    if row.excuse_reason is None or row.excuse_from is None or row.excuse_event is None:
        return None
    return Excuse(
        reason=from_text(row.excuse_reason),
        document=None if row.excuse_document is None else from_text(row.excuse_document),
        on=date_in_london(row.excuse_from),
        event_id=row.excuse_event,
    )


def _deadline(row: _Found, near_until: date) -> Deadline:
    met_on = row.outcome_on if row.outcome == Outcome.MET else None
    last = row.later_on or row.due_on
    return Deadline(
        obligation_id=row.obligation_id,
        exercise=row.exercise,
        staff_number=row.staff_number,
        what=from_text(row.what),
        about=from_text(row.about),
        owner=from_text(row.owner),
        state=State(row.state),
        due_on=row.due_on,
        calendar=None if row.calendar is None else from_text(row.calendar),
        basis=basis_from_text(row.basis),
        opened_by=row.opened_by,
        published_at=row.recorded_from.astimezone(UTC),
        met_on=met_on,
        late=met_on is not None and last is not None and met_on > last,
        outcome_event_id=row.event_id,
        outcome_recorded_at=row.outcome_from and row.outcome_from.astimezone(UTC),
        delegated_to=None if row.given_to is None else from_text(row.given_to),
        delegated_until=row.until_on,
        excused=_excuse(row),
        escalation=_escalation(row, near_until),
    )


def _cursor_of(last: Deadline) -> str:
    day = "infinity" if last.due_on is None else last.due_on.isoformat()
    return write_cursor((day, str(last.obligation_id)))


def _place_of(cursor: str) -> tuple[str, UUID]:
    day, obligation_id = read_cursor(cursor, 2)
    try:
        if day != "infinity":
            day = date.fromisoformat(day).isoformat()
        return day, UUID(obligation_id)
    except ValueError as error:
        raise malformed_cursor() from error


@dataclass(frozen=True, slots=True)
class Tally:
    """How many obligations of one kind stand in one state, and how many of them were met late."""

    what: str
    owner: str
    state: State
    obligations: int
    late: int


def tally(conn: Conn, exercise: str, known_at: datetime) -> tuple[Tally, ...]:
    """Every obligation of an exercise counted by what is due, from whom, and where it stands."""
    statement = (
        "SELECT what, owner, state, count(*), "
        "count(*) FILTER (WHERE outcome = 'met' AND outcome_on > coalesce(later_on, due_on)) "
        f"FROM ({STATED} AND p.exercise = %(exercise)s) AS stated "
        "GROUP BY what, owner, state ORDER BY what, owner, state"
    )
    today = date_in_london(known_at)
    values = {"exercise": exercise, "known_at": known_at, "today": today}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(statement.encode(), values).fetchall()
    return tuple(Tally(what, owner, State(state), n, late) for what, owner, state, n, late in rows)


_WAITING = f"""
SELECT what, count(*) FROM (
    SELECT what FROM obligation
    WHERE matter = %(matter)s AND recorded_from <= %(known_at)s AND settled_from > %(known_at)s
      AND first_outcome_from > %(known_at)s
      AND (NOT is_right OR coalesce(later_on, due_on, 'infinity') >= %(today)s)
    UNION ALL
    SELECT what FROM ({_STATED_OF_ONE} AND p.matter = %(matter)s
          AND p.first_outcome_from < p.settled_from
          AND p.first_outcome_from <= %(known_at)s AND p.settled_from > %(known_at)s) AS stated
    WHERE state IN ('open', 'missed')
) AS waits GROUP BY what ORDER BY what
"""
"""Most have no outcome by then and are counted as they lie; what was missed is looked up."""


def waiting(conn: Conn, matter: str, known_at: datetime) -> dict[str, int]:
    """How many obligations of a procedure are open or missed, as known at K, by what is due."""
    values = {"matter": matter, "known_at": known_at, "today": date_in_london(known_at)}
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_WAITING.encode(), values).fetchall()
    return {from_text(what): number for what, number in rows}


_OF_WHOM = f"""
SELECT what, about, array_agg(DISTINCT staff_number::text ORDER BY staff_number::text) AS people
FROM ({UNSETTLED} AND p.matter = %(matter)s AND p.what = ANY(%(whats)s)
      AND p.staff_number IS NOT NULL) AS stated
WHERE state IN ('open', 'missed') GROUP BY what, about
"""


def of_whom(
    conn: Conn, matter: str, known_at: datetime, whats: Sequence[str]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Of whom these are open or missed in a procedure, as known at K: by what is due, and what that
    is about."""
    values = {
        "matter": matter,
        "known_at": known_at,
        "today": date_in_london(known_at),
        "whats": list(map(to_text, whats)),
    }
    with conn.cursor(row_factory=tuple_row) as reader:
        rows = reader.execute(_OF_WHOM.encode(), values).fetchall()
    return {
        (from_text(what), from_text(about)): tuple(map(from_text, people))
        for what, about, people in rows
    }
