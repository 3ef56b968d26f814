"""GET /v1/staff/{no}/position: who is where, under what terms, on which day, known when."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import BY_CASE, V1, HttpService, Reading, known_number
from transfer.api.parameters import PositionQuestion
from transfer.questions.position import SEEN_BY, Position, position


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT, own_record=True, granted=BY_CASE))
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            reader,
            Depends(service.up_to(*SEEN_BY)),
        ],
    )

    @router.get("/staff/{staff_number}/position", **reads(Position, "not-on-record"))
    def read_position(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[PositionQuestion, Query()],
    ) -> Response:
        """One person's position and terms on a day, as known at an instant.

        A facet without a value then is absent, so a day before the first effective date answers
        an empty position. A person whom the record did not know at that instant is 404. With
        `why=true` every value says what it rests on and what it replaced, and `terms_not_held`
        names the collective terms that do not reach somebody in scope, with the reason. With
        `name=true` it has the `name` of that day."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or service.today()
        found = position(
            service.office.log,
            service.office.vault,
            number,
            effective_at,
            asked.known_at,
            assignment=asked.assignment,
            clock=asked.clock,
            why=asked.why,
            name=asked.name,
        )
        return reading.answer(found, [number], effective_at=effective_at)

    return router
