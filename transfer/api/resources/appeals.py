"""GET /v1/staff/{no}/appeals: was an appeal in time, under each deadline ever published?"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.access.reach import PROCEDURES
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.core.dating.instants import Instant
from transfer.questions.answer import Answer
from transfer.questions.appeals import AppealTimeliness, appeal_timeliness


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
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            reader,
            Depends(service.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/appeals", **reads(Appeals, "not-on-record"))
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

    return router
