"""Who takes care of a duty, and its excuse: the rows of `duty_care` (migration 0082).

There is a row for each fact, of a duty by its slot. At an instant the last one about who has the
duty holds, and the last one about its excuse: the table only grows, and is read on both clocks.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from projections.keeping_up.copying import NULL, Conn, copy_lines, for_copy, instant_for_copy
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

_SLOT = "(matter, what, about, staff_number, group_name)"
_LAST = f"""
SELECT DISTINCT ON {_SLOT} matter, what, about, staff_number, group_name, stands,
       given_to, until_on, recorded_by, reason, document
FROM duty_care WHERE recorded_from <= %(known_at)s AND {{sort}}
ORDER BY matter, what, about, staff_number, group_name, place DESC
"""
GIVEN: Final = f"""
SELECT matter, what, about, staff_number, group_name, given_to, until_on, recorded_by
FROM ({_LAST.format(sort="NOT is_excuse")}) AS last
WHERE stands AND coalesce(until_on, 'infinity') >= %(today)s
"""
"""Which duties are given to somebody, as known at `known_at`, on the day `today`."""

EXCUSES: Final = f"""
SELECT matter, what, about, staff_number, group_name, reason, document
FROM ({_LAST.format(sort="is_excuse")}) AS last WHERE stands
"""
"""Which duties are excused, as known at `known_at`."""

OF_THE_SAME: Final = """
{of}.matter = {p}.matter AND {of}.what = {p}.what AND {of}.about = {p}.about
AND {of}.staff_number = coalesce({p}.staff_number, '')
AND {of}.group_name = coalesce({p}.group_name, '')
"""
"""That a row of either is about the duty of an obligation."""

_COLUMNS = (
    *("place", "event_id", "recorded_from", "recorded_by"),
    *("matter", "group_name", "staff_number", "what", "about"),
    *("is_excuse", "stands", "given_to", "until_on", "reason", "document"),
)


def apply(conn: Conn, page: Page) -> None:
    """Write the rows that a page makes."""
    copy_lines(conn, TABLE, _COLUMNS, _lines(page))


def _lines(page: Sequence[Recorded[Fact]]) -> Iterator[str]:
    for event in page:
        fact = event.fact
        if not isinstance(fact, u.DutyFact):
            continue
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
        yield "\t".join(
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
                "t" if isinstance(fact, u.DutyExcused | u.ExcuseWithdrawn) else "f",
                "t" if isinstance(fact, u.DutyDelegated | u.DutyExcused) else "f",
                given_to,
                until,
                reason,
                document,
            )
        )
