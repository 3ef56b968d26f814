"""Who is without a line manager on a day, or reports to somebody who is not employed then?"""

from datetime import date, datetime
from typing import Self

from projections.keeping_up.copying import Conn
from projections.position import managers
from projections.position import projection as position_projection
from transfer.core.dating.effective_dating import Entries
from transfer.core.dating.instants import Instant
from transfer.core.employed import why_not_employed
from transfer.questions.answer import Answer

SEEN_BY = position_projection.NAME
"""The read model that these answers rest on."""


class WithoutManager(Answer):
    """An assignment without a line manager; `line_manager` is the number on record, if any."""

    staff_number: str
    assignment: str
    line_manager: str | None
    reason: str

    @classmethod
    def of(cls, found: managers.WithoutManager) -> Self:
        """The same from what the projection found."""
        return cls(
            staff_number=found.staff_number,
            assignment=found.assignment,
            line_manager=found.line_manager,
            reason=_reason(found),
        )


class PeopleWithoutManager(Answer):
    """A page of people in order of staff number; `next_cursor` is null on the last."""

    effective_at: date
    known_at: Instant
    items: tuple[WithoutManager, ...]
    next_cursor: str | None


class LeftWithoutManager(Answer):
    """Somebody whom a leaving leaves without a line manager, and from which day."""

    staff_number: str
    assignment: str
    effective_from: date


def people_without_manager(
    conn: Conn, effective_at: date, known_at: datetime, *, limit: int, cursor: str | None
) -> PeopleWithoutManager:
    """Everybody employed on a day who has no line manager employed then (K resolved before).

    Raises `Malformed` for a cursor that no page gave.
    """
    found = managers.without_manager(conn, effective_at, known_at, limit=limit, cursor=cursor)
    return PeopleWithoutManager(
        effective_at=effective_at,
        known_at=known_at,
        items=tuple(map(WithoutManager.of, found.items)),
        next_cursor=found.next_cursor,
    )


def left_without_manager(
    conn: Conn, manager: str, after: Entries, leaves_on: date, known_at: datetime
) -> tuple[LeftWithoutManager, ...]:
    """Who reports to somebody that leaves on a day, and is left without a manager.

    `after` are the entries of whoever leaves, the leaving among them: who stays in another
    assignment, or comes back, goes on managing then. The first 1,000 by staff number.
    """
    found = managers.reports_to(conn, manager, leaves_on, known_at)
    return tuple(
        LeftWithoutManager(
            staff_number=each.staff_number,
            assignment=each.assignment,
            effective_from=each.effective_from,
        )
        for each in found
        if why_not_employed(after, each.effective_from, None) is not None
    )


def _reason(found: managers.WithoutManager) -> str:
    if found.not_employed is None:
        return "no line manager is on record"
    return f"{found.line_manager} is {found.not_employed.reason}"
