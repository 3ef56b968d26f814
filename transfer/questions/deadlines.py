"""What is due, from whom, under which clause, and what became of it, as known at an instant?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Unpack
from uuid import UUID

from pydantic import BeforeValidator

from projections.deadlines import deadlines as projection
from projections.deadlines.deadlines import Escalation, State, Wanted
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import every_page
from transfer.core.dating.instants import Instant
from transfer.core.duties import NEAR_DAYS
from transfer.core.words import Basis
from transfer.questions.answer import Answer, BasisShown, Cites
from transfer.questions.table import Row

SEEN_BY = projection.NAME
"""The read model that these answers rest on."""

_PAGE = 1000


class Excused(Answer):
    """Why a duty was not done in time, or will not be: the reason, the document that shows it, the
    day on which that was said, and the event. The duty stays due or missed."""

    reason: str
    document: str | None
    on: date
    event_id: UUID


@lru_cache(maxsize=4096)
def _shown(basis: Basis) -> BasisShown:
    # Many things rest on the same clause, and a page has up to a thousand.
    return BasisShown.model_validate(basis)


def _shown_once(basis: object) -> object:
    return _shown(basis) if isinstance(basis, Basis) else basis


class Due(Answer):
    """Something that is or was due. `basis` has the clause; `opened_by` the event that set it.

    `calendar` is the calendar edition that the day was counted with. `ew-2026, computed beyond
    2027` says that it was counted with holidays that nobody has proclaimed yet: it may move.

    `delegated_to` takes care of a duty of the office, until `delegated_until` if that is set.
    `escalation` is `near` for a duty whose day is near, `overdue` for one whose day has passed, and
    null for a right, for what is done, and for a duty that is excused."""

    obligation_id: UUID
    exercise: str
    staff_number: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    calendar: str | None
    basis: Annotated[BasisShown | None, BeforeValidator(_shown_once)]
    opened_by: UUID
    published_at: Instant
    met_on: date | None
    late: bool
    outcome_event_id: UUID | None
    outcome_recorded_at: Instant | None
    delegated_to: str | None
    delegated_until: date | None
    excused: Excused | None
    escalation: Escalation | None


class DeadlinesFound(Answer):
    """A page of deadlines, the earliest day first; `next_cursor` is null on the last."""

    known_at: Instant
    items: tuple[Due, ...]
    next_cursor: str | None


class DueRow(Row, Cites):
    """Something that is or was due, as a row; see `Due`."""

    obligation_id: UUID
    exercise: str
    staff_number: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    calendar: str | None
    rulebook: str | None
    clause: str | None
    document: str | None
    document_title: str | None = None
    opened_by: UUID
    published_at: Instant
    met_on: date | None
    late: bool
    outcome_event_id: UUID | None
    outcome_recorded_at: Instant | None
    delegated_to: str | None
    delegated_until: date | None
    excuse_reason: str | None
    excuse_document: str | None
    excused_on: date | None
    excuse_event_id: UUID | None
    escalation: Escalation | None
    known_at: Instant


def rows_of_deadlines(
    connect: Callable[[], AbstractContextManager[Conn]],
    known_at: datetime,
    *,
    near_days: int = NEAR_DAYS,
    **wanted: Unpack[Wanted],
) -> Iterator[tuple[DueRow, ...]]:
    """All that is or was due, page by page (K resolved before); see `deadlines`.

    A connection is held for one page at a time: the reader of the rows may be slow.
    """

    def page_from(cursor: str | None) -> DeadlinesFound:
        with connect() as conn:
            return deadlines(
                conn, known_at, limit=_PAGE, cursor=cursor, near_days=near_days, **wanted
            )

    for page in every_page(page_from):
        yield tuple(_row(each, known_at) for each in page.items)


def _row(due: Due, known_at: datetime) -> DueRow:
    basis, excused = due.basis, due.excused
    return DueRow(
        **{
            name: getattr(due, name)
            for name in Due.model_fields
            if name not in ("basis", "excused")
        },
        excuse_reason=excused and excused.reason,
        excuse_document=excused and excused.document,
        excused_on=excused and excused.on,
        excuse_event_id=excused and excused.event_id,
        rulebook=basis and basis.rulebook,
        clause=basis and basis.clause,
        document=basis and basis.document,
        known_at=known_at,
    )


def deadlines(
    conn: Conn,
    known_at: datetime,
    *,
    limit: int = 100,
    cursor: str | None = None,
    near_days: int = NEAR_DAYS,
    **wanted: Unpack[Wanted],
) -> DeadlinesFound:
    """A page of what is or was due (K resolved before); see `projections.deadlines.deadlines`.

    Raises `Malformed` for a limit or a cursor that is none.
    """
    found = projection.deadlines(
        conn, known_at, limit=limit, cursor=cursor, near_days=near_days, **wanted
    )
    return DeadlinesFound.model_validate(
        {"known_at": known_at, "items": found.items, "next_cursor": found.next_cursor}
    )


def first_of_each(
    conn: Conn, known_at: datetime, people: Sequence[str], state: State, near_days: int = NEAR_DAYS
) -> dict[str, Due]:
    """By staff number, what is or was due first of each of these people (K resolved before)."""
    found = projection.first_of_each(conn, known_at, people, state, near_days)
    return {number: Due.model_validate(each) for number, each in found.items()}
