"""GET /v1/staff/{no}/timeline: the periods of every facet and term of one person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import TimelineQuestion
from transfer.questions.position import SEEN_BY, Timeline, timeline


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            reader,
            Depends(service.up_to(*SEEN_BY)),
        ],
    )

    @router.get("/staff/{staff_number}/timeline", **reads(Timeline, "not-on-record"))
    def read_timeline(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[TimelineQuestion, Query()],
    ) -> Response:
        """Every period of a person's facets and terms, as known at an instant.

        `periods` are those in force, temporary ones laid over the standing ones; `beneath` has
        the standing ones that are overlaid by a value, whole: days on which a temporary `null`
        lies over a standing value are a gap, with nothing beneath. With `why=true` every period
        says what it rests on and what it replaced."""
        number = known_number(staff_number)
        found = timeline(
            service.office.log,
            service.office.vault,
            number,
            asked.known_at,
            assignment=asked.assignment,
            clock=asked.clock,
            why=asked.why,
        )
        return reading.answer(found, [number])

    return router
