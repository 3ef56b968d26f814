"""GET /v1/deadlines: what is due, from whom, under which clause, and what became of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.deadlines import deadlines
from projections.deadlines.deadlines import State
from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.core.dating.instants import Day, Instant
from transfer.core.words import ExerciseId, StaffNumber
from transfer.questions.answer import Answer, BasisShown


class DeadlinesQuestion(Question):
    """What a read of deadlines may say."""

    state: State | None = Field(None, description="Where it stands at `known_at`.")
    owner: str | None = Field(
        None, description="From whom it is due, in the procedure's own word: `staff`, `panel`."
    )
    due_before: Day | None = Field(
        None, description="Due before that day; what has no day is left out."
    )
    staff: StaffNumber | None = Field(None, description="About that person.")
    exercise: ExerciseId | None = Field(None, description="Of that exercise.")
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class Due(Answer):
    """Something that is or was due. `basis` has the clause; `opened_by` the event that set it.

    `calendar` is the calendar edition that the day was counted with. `ew-2026, computed beyond
    2027` says that it was counted with holidays that nobody has proclaimed yet: it may move."""

    obligation_id: UUID
    exercise: str
    staff_number: str | None
    what: str
    about: str
    owner: str
    state: State
    due_on: date | None
    calendar: str | None
    basis: BasisShown | None
    opened_by: UUID
    published_at: Instant
    met_on: date | None
    late: bool
    outcome_event_id: UUID | None
    outcome_recorded_at: Instant | None


class DeadlinesFound(Answer):
    """A page of deadlines, the earliest day first; `next_cursor` is null on the last."""

    known_at: Instant
    items: tuple[Due, ...]
    next_cursor: str | None


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            reader,
            Depends(service.up_to(deadlines.NAME)),
        ],
    )

    @router.get("/deadlines", **reads(DeadlinesFound))
    def list_deadlines(
        reading: Annotated[Reading, reader], asked: Annotated[DeadlinesQuestion, Query()]
    ) -> Response:
        """Obligations as they stood at an instant: open, met, missed (a duty), lapsed (a right
        that was not used), or superseded by another day."""
        with service.knowing(deadlines.NAME, asked) as (conn, known_at):
            found = deadlines.deadlines(
                conn,
                known_at,
                state=asked.state,
                owner=asked.owner,
                due_before=asked.due_before,
                staff=None if asked.staff is None else service.office.spelled(asked.staff),
                exercise=asked.exercise,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(
            DeadlinesFound(known_at=known_at, items=found.items, next_cursor=found.next_cursor),
            (each.staff_number for each in found.items if each.staff_number is not None),
        )

    return router
