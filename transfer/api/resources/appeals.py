"""GET /v1/staff/{no}/appeals: was an appeal in time, under each deadline ever published?

GET /v1/appeals: the appeals of an exercise, or of all, by what there is to do.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from transfer.access.identity import Role
from transfer.access.reach import PROCEDURES
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.core.dating.instants import Instant
from transfer.core.words import ExerciseId
from transfer.questions.answer import Answer, people_shown
from transfer.questions.appeals import AppealTimeliness, appeal_timeliness
from transfer.questions.appeals_of_exercises import (
    SEEN_BY,
    AppealsListed,
    AppealState,
    appeals_listed,
)
from transfer.questions.procedures import Looking


class AppealsQuestion(Question):
    """Which appeals are asked about."""

    exercise: ExerciseId | None = Field(None, description="Of that exercise.")
    state: AppealState | None = Field(
        None,
        description="`open`: a panel has to decide; `late`: they came after their last day, "
        "whatever was done with them; `decided`: a panel has decided.",
    )
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class Appeals(Answer):
    """One person's appeals, oldest first, as known at an instant."""

    staff_number: str
    known_at: Instant
    items: tuple[AppealTimeliness, ...]


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=PROCEDURES,
            folds_others=True,
        )
    )
    of_everybody = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    router = APIRouter(prefix=V1, tags=["exercises"])

    @router.get(
        "/staff/{staff_number}/appeals",
        dependencies=[reader, Depends(service.up_to())],
        **reads(Appeals, "not-on-record"),
    )
    def read_appeals(
        reading: Annotated[Reading, reader], staff_number: str, asked: Annotated[Question, Query()]
    ) -> Response:
        """A person's appeals against their assignment, each with every deadline that was ever
        published to them: by the letter, by a reset, by an extension. A deadline that rests on an
        assumption says so in its `basis`."""
        number = known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        found = appeal_timeliness(service.office.log, number, known_at)
        return reading.answer(
            Appeals(staff_number=number, known_at=known_at, items=found), [number]
        )

    @router.get(
        "/appeals",
        dependencies=[of_everybody, Depends(service.up_to(*SEEN_BY))],
        **reads(AppealsListed, "not-on-record"),
    )
    def list_appeals(
        reading: Annotated[Reading, of_everybody], asked: Annotated[AppealsQuestion, Query()]
    ) -> Response:
        """The appeals of an exercise, or of all: those that a panel has to decide first, by the day
        by which it has to; when each came and whether that was in time, what was decided, and where
        the person would go if it were upheld. For several pages that belong together, give the
        `known_at` that the first one echoes."""
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            today = service.today() if asked.known_at is None else None
            found = appeals_listed(
                Looking(service.office, service.worlds, known_at, today),
                conn,
                asked.exercise,
                state=asked.state,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(found, people_shown(found))

    return router
