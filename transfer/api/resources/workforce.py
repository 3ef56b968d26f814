"""GET /v1/workforce and /v1/workforce/members: everybody, counted or listed."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.position import projection as position
from transfer.access.identity import Role
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import MembersPageQuestion, MembersQuestion, WorkforceQuestion
from transfer.questions.table import Form
from transfer.questions.workforce import (
    MemberRow,
    MembersFound,
    Workforce,
    members,
    rows_of_members,
    workforce,
    workforce_within,
)


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    router = APIRouter(
        prefix=V1,
        tags=["workforce"],
        dependencies=[
            reader,
            Depends(service.up_to(position.NAME)),
        ],
    )

    @router.get("/workforce", **reads(Workforce))
    def count(
        reading: Annotated[Reading, reader], asked: Annotated[WorkforceQuestion, Query()]
    ) -> Response:
        """How many people have each value of a facet, and their parts of a full time together.

        Only assignments with an employer on that day count: who has left is in no group, whatever
        else is still on record of them. Temporary values count. Somebody with two assignments
        under one value is one head, with both parts of a full time; who has no value of the facet
        is in no group. `total` counts everybody once who is in any group. Heads are staff numbers:
        two that are linked as one person count as two. To an administrator with limits, only jobs
        within them count."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(position.NAME, asked) as (conn, known_at):
            question = (conn, asked.by, effective_at, known_at, asked.assignment)
            limits = reading.limits
            found = workforce(*question) if limits is None else workforce_within(limits, *question)
        return service.answer(found)

    @router.get("/workforce/members", **reads(MembersFound))
    def list_members(
        reading: Annotated[Reading, reader], asked: Annotated[MembersPageQuestion, Query()]
    ) -> Response:
        """Whose values of the facets named those are, temporary values counted; without any,
        everybody. Only assignments with an employer on that day are listed.

        For a reading of several pages that belong together, give the `known_at` that the first
        one echoes."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(position.NAME, asked) as (conn, known_at):
            found = members(
                conn,
                asked.having(),
                effective_at,
                known_at,
                assignment=asked.assignment,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(
            found, (each.staff_number for each in found.items), effective_at=effective_at
        )

    def exported(form: Form) -> Callable[..., Response]:
        def export_members(
            reading: Annotated[Reading, reader], asked: Annotated[MembersQuestion, Query()]
        ) -> Response:
            effective_at = asked.effective_at or service.today()
            known_at = service.known_by(position.NAME, asked)
            rows = rows_of_members(
                service.reading,
                asked.having(),
                effective_at,
                known_at,
                assignment=asked.assignment,
            )
            return export(
                reading,
                form,
                MemberRow,
                rows,
                file=f"members-{effective_at}",
                known_at=known_at,
                effective_at=effective_at,
            )

        return export_members

    add_exports(
        router,
        "/workforce/members",
        MemberRow,
        exported,
        name="export_members",
        says="All members at once: every assignment with an employer on that day whose values of "
        "the facets named those are.",
    )
    return router
