"""GET /v1/workforce/without-manager: who has no line manager, or one who is not employed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import PagedQuestion
from transfer.questions.managers import SEEN_BY, PeopleWithoutManager, people_without_manager


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    router = APIRouter(
        prefix=V1,
        tags=["workforce"],
        dependencies=[
            reader,
            Depends(service.up_to(SEEN_BY)),
        ],
    )

    @router.get("/workforce/without-manager", **reads(PeopleWithoutManager))
    def list_without(
        reading: Annotated[Reading, reader], asked: Annotated[PagedQuestion, Query()]
    ) -> Response:
        """Everybody employed on that day who has no line manager, or whose line manager is not
        employed on that day: has left, begins later, or is not on record. `reason` says which.

        Each assignment is listed by itself. A line manager may be employed in any of theirs."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            found = people_without_manager(
                conn,
                effective_at,
                known_at,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(
            found, (each.staff_number for each in found.items), effective_at=effective_at
        )

    return router
