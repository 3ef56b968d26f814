"""Who takes care of a duty, and its excuse: the rows of `duty_care` (migration 0082).

There is a row for each fact, of a duty by its slot and by the place of the first obligation that
stood for it. At an instant the last one about who has the duty holds, and the last one about its
excuse: the table only grows, and is read on both clocks.
"""

from typing import Final

from psycopg.rows import tuple_row

from projections.keeping_up.copying import (
    NULL,
    Conn,
    copy_lines,
    for_copy,
    instant_for_copy,
    to_text,
)
from projections.keeping_up.runner import Page
from transfer.core import duties as u
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

TABLE: Final = "duty_care"
FACTS: Final[tuple[type[Fact], ...]] = (
    u.DutyDelegated,
    u.DutyTakenBack,
    u.DutyExcused,
    u.ExcuseWithdrawn,
)

_DUTY = "(matter, what, about, staff_number, group_name, first_place)"
OF_THE_SAME: Final = """
{of}.matter = {p}.matter AND {of}.what = {p}.what AND {of}.about = {p}.about
AND {of}.staff_number = coalesce({p}.staff_number, '')
AND {of}.group_name = coalesce({p}.group_name, '') AND {of}.first_place = {p}.first_place
"""
"""That a row of `duty_care` is about the duty of an obligation."""

OF_EACH: Final = f"""
LEFT JOIN LATERAL (
    SELECT * FROM duty_care AS d
    WHERE NOT {{p}}.is_right AND {OF_THE_SAME.format(of="d", p="{p}")}
    AND NOT d.is_excuse AND d.recorded_from <= %(known_at)s ORDER BY d.place DESC LIMIT 1
) AS given ON given.stands AND coalesce(given.until_on, 'infinity') >= %(today)s
LEFT JOIN LATERAL (
    SELECT * FROM duty_care AS d
    WHERE NOT {{p}}.is_right AND {OF_THE_SAME.format(of="d", p="{p}")}
    AND d.is_excuse AND d.recorded_from <= %(known_at)s ORDER BY d.place DESC LIMIT 1
) AS excuse ON excuse.stands
"""
"""Joins who has each duty, and its excuse: each is looked up in the index, and so costs the same
whatever else was given or excused."""

_LAST = f"""
SELECT o.obligation_id, last.given_to, last.until_on, last.recorded_by, last.reason, last.document
FROM (
    SELECT DISTINCT ON {_DUTY} * FROM duty_care
    WHERE recorded_from <= %(known_at)s AND {{sort}}
    ORDER BY matter, what, about, staff_number, group_name, first_place, place DESC
) AS last
JOIN obligation AS o ON NOT o.is_right AND coalesce(o.staff_number, '') = last.staff_number
    AND {OF_THE_SAME.format(of="last", p="o")}
WHERE last.stands
"""
GIVEN: Final = f"""
{_LAST.format(sort="NOT is_excuse")} AND coalesce(last.until_on, 'infinity') >= %(today)s
"""
"""Which obligations are given to somebody, as known at `known_at`, on the day `today`. They are few
beside all that are due: each is looked up by its matter and its person."""

EXCUSES: Final = _LAST.format(sort="is_excuse")
"""Which obligations are excused, as known at `known_at`."""

# What was due in a slot last when something was said of it says which duty was meant.
_FIRST_PLACES = """
SELECT wanted.place, o.first_place
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS wanted (place, matter, staff_number, group_name, what, about)
CROSS JOIN LATERAL (
    SELECT first_place FROM obligation
    WHERE matter = wanted.matter AND coalesce(staff_number, '') = wanted.staff_number
      AND coalesce(group_name, '') = wanted.group_name
      AND what = wanted.what AND about = wanted.about AND place < wanted.place
    ORDER BY place DESC LIMIT 1
) AS o
"""

_COLUMNS = (
    *("place", "event_id", "recorded_from", "recorded_by"),
    *("matter", "group_name", "staff_number", "what", "about", "first_place"),
    *("is_excuse", "stands", "given_to", "until_on", "reason", "document"),
)


def apply(conn: Conn, page: Page) -> None:
    """Write the rows that a page makes, once the obligations of the page are written."""
    said = [(event, event.fact) for event in page if isinstance(event.fact, u.DutyFact)]
    if not said:
        return
    columns = zip(*((event.position, *_slot(fact.duty)) for event, fact in said), strict=True)
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_FIRST_PLACES.encode(), [*map(list, columns)]).fetchall()
    first_places: dict[int, int] = dict(rows)
    lines = (_line(event, fact, first_places.get(event.position)) for event, fact in said)
    copy_lines(conn, TABLE, _COLUMNS, lines)


def _slot(duty: u.DutyNamed) -> tuple[str, ...]:
    whom = (duty.matter, duty.staff_number or "", duty.group or "")
    return (*whom, to_text(duty.what), to_text(duty.about))


def _line(event: Recorded[Fact], fact: u.DutyFact, first_place: int | None) -> str:
    given_to = until = reason = document = NULL
    match fact:
        case u.DutyDelegated():
            given_to = for_copy(fact.to)
            until = NULL if fact.until is None else fact.until.isoformat()
        case u.DutyExcused():
            reason = for_copy(fact.reason)
            document = NULL if fact.document is None else for_copy(fact.document)
        case u.DutyTakenBack() | u.ExcuseWithdrawn():
            pass
    duty = fact.duty
    return "\t".join(
        (
            str(event.position),
            str(event.event_id),
            instant_for_copy(event.recorded_at),
            for_copy(event.recorded_by),
            duty.matter,
            duty.group or "",
            duty.staff_number or "",
            for_copy(duty.what),
            for_copy(duty.about),
            NULL if first_place is None else str(first_place),
            "t" if isinstance(fact, u.DutyExcused | u.ExcuseWithdrawn) else "f",
            "t" if isinstance(fact, u.DutyDelegated | u.DutyExcused) else "f",
            given_to,
            until,
            reason,
            document,
        )
    )
