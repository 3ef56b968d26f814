"""GET /v1/deadlines: what is due, from whom, under which clause, and what became of it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.deadlines.deadlines import Escalation, State, Wanted
from transfer.access.identity import Role
from transfer.access.reach import PROCEDURES
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.core.dating.instants import Day
from transfer.core.words import ExerciseId, StaffNumber
from transfer.questions.answer import people_shown
from transfer.questions.deadlines import (
    SEEN_BY,
    DeadlinesFound,
    DueRow,
    deadlines,
    rows_of_deadlines,
)
from transfer.questions.table import Form


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
    delegated_to: str | None = Field(
        None, description="Given to this person, as their token names them."
    )
    escalation: Escalation | None = Field(
        None, description="Duties whose day is near, or has passed, and that have no excuse."
    )

    def wanted(self, service: HttpService) -> Wanted:
        """The same as the question takes it."""
        return Wanted(
            state=self.state,
            owner=self.owner,
            due_before=self.due_before,
            staff=None if self.staff is None else service.office.spelled(self.staff),
            exercise=self.exercise,
            delegated_to=self.delegated_to,
            escalation=self.escalation,
        )


class DeadlinesPageQuestion(DeadlinesQuestion):
    """The same, page by page."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=PROCEDURES,
        )
    )
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            reader,
            Depends(service.up_to(SEEN_BY)),
        ],
    )

    @router.get("/deadlines", **reads(DeadlinesFound))
    def list_deadlines(
        reading: Annotated[Reading, reader], asked: Annotated[DeadlinesPageQuestion, Query()]
    ) -> Response:
        """Obligations as they stood at an instant: open, met, missed (a duty), lapsed (a right
        that was not used), or superseded by another day."""
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            found = deadlines(
                conn,
                known_at,
                limit=asked.limit,
                cursor=asked.cursor,
                near_days=service.near_days,
                **asked.wanted(service),
            )
        return reading.answer(found, people_shown(found))

    def exported(form: Form) -> Callable[..., Response]:
        def export_deadlines(
            reading: Annotated[Reading, reader], asked: Annotated[DeadlinesQuestion, Query()]
        ) -> Response:
            known_at = service.known_by(SEEN_BY, asked)
            rows = rows_of_deadlines(
                service.reading, known_at, near_days=service.near_days, **asked.wanted(service)
            )
            return export(reading, form, DueRow, rows, file="deadlines", known_at=known_at)

        return export_deadlines

    add_exports(
        router,
        "/deadlines",
        DueRow,
        exported,
        name="export_deadlines",
        says="All obligations at once, as they stood at an instant, the earliest day first.",
    )
    return router
