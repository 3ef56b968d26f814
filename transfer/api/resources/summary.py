"""GET /v1/staff/{no}: who somebody is, where they work on a day, and what is open for them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.access.reach import EVERYTHING
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import DatedQuestion
from transfer.questions.procedures import Looking
from transfer.questions.summary import SEEN_BY, Summary, summary


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=EVERYTHING,
            folds_others=True,
        )
    )
    router = APIRouter(
        prefix=V1,
        tags=["staff"],
        dependencies=[
            reader,
            Depends(service.up_to(*SEEN_BY)),
        ],
    )

    @router.get("/staff/{staff_number}", **reads(Summary, "not-on-record"))
    def read_summary(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[DatedQuestion, Query()],
    ) -> Response:
        """One person in brief: their name, whether anybody employs them on a day, and where; what
        is still due about them, which procedures run for them, and which of their objections await
        an answer. A person whom the record did not know at that instant is 404."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, near_days=service.near_days)
            found = summary(conn, looking, number, effective_at, known_at)
        return reading.answer(found, [number], effective_at=effective_at)

    return router
