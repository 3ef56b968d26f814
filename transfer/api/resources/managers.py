"""GET /v1/workforce/without-manager: who has no line manager, or one who is not employed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService
from transfer.api.parameters import PagedQuestion
from transfer.questions.managers import SEEN_BY, PeopleWithoutManager, people_without_manager


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["workforce"],
        dependencies=[
            Depends(service.allow(Role.ADMIN, Role.AUDIT)),
            Depends(service.up_to(SEEN_BY)),
        ],
    )

    @router.get("/workforce/without-manager", **reads(PeopleWithoutManager))
    def list_without(asked: Annotated[PagedQuestion, Query()]) -> Response:
        """Everybody employed on that day who has no line manager, or whose line manager is not
        employed on that day: has left, begins later, or is not on record. `reason` says which.

        Each assignment is listed by itself. A line manager may be employed in any of theirs."""
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            found = people_without_manager(
                conn,
                asked.effective_at or service.today(),
                known_at,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return service.answer(found)

    return router
