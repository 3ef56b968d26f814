"""GET /v1/staff/{no}/differences: what the record says differently between two knowledge times."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.position import projection as position
from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import BY_CASE, V1, HttpService, Reading, known_number
from transfer.api.parameters import DifferencesQuestion
from transfer.core.refusals import Malformed
from transfer.questions.what_differs import Differences, what_differs


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT, own_record=True, granted=BY_CASE))
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            reader,
            Depends(service.up_to(position.NAME)),
        ],
    )

    @router.get("/staff/{staff_number}/differences", **reads(Differences, "not-on-record"))
    def read_differences(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[DifferencesQuestion, Query()],
    ) -> Response:
        """What the record says differently about one day between two knowledge times, and why.

        Each facet and term that reads differently has the answer before and after, and every
        event in between that changed it: actor, reason, clause, document, and what it replaced.
        A person whom the record did not know at `known_to` is 404; `known_from` after `known_to`
        is 422."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or service.today()
        if asked.known_to is not None and asked.known_to < asked.known_from:
            raise Malformed("it is after known_to: ask the other way round", field="known_from")
        found = what_differs(
            service.office.log,
            number,
            effective_at,
            asked.known_from,
            asked.known_to,
            assignment=asked.assignment,
            every_day=asked.every_day,
        )
        return reading.answer(
            found, [number], effective_at=None if asked.every_day else effective_at
        )

    return router
