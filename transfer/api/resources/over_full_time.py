"""GET /v1/workforce/over-full-time: everybody whose concurrent jobs add up to more than one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response

from projections.position import projection as position
from projections.position.over_full_time import over_full_time
from projections.position.queries import Job
from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import PagedQuestion
from transfer.core.dating.instants import Instant
from transfer.core.record.full_time import FullTime, add_up, plain
from transfer.questions.answer import Answer
from transfer.questions.full_time import Part


class PersonOver(Answer):
    """One person whose jobs add up to more than a full time."""

    staff_number: str
    total: str
    assignments: tuple[Part, ...]

    @classmethod
    def of(cls, staff_number: str, jobs: Sequence[Job], added: FullTime) -> Self:
        """The same from what the projection found."""
        parts = tuple(Part(**job._asdict()) for job in jobs)
        return cls(staff_number=staff_number, total=plain(added.total), assignments=parts)


class PeopleOver(Answer):
    """A page of people in order of staff number; `next_cursor` is null on the last."""

    effective_at: date
    known_at: Instant
    items: tuple[PersonOver, ...]
    next_cursor: str | None


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

    @router.get("/workforce/over-full-time", **reads(PeopleOver))
    def list_over(
        reading: Annotated[Reading, reader], asked: Annotated[PagedQuestion, Query()]
    ) -> Response:
        """Everybody whose jobs at once add up to more than a full time on that day.

        No write is refused for it, because another record may be the one that is wrong. Staff
        numbers that are linked as one person are not added together."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(position.NAME, asked) as (conn, known_at):
            found = over_full_time(
                conn, effective_at, known_at, limit=asked.limit, cursor=asked.cursor
            )
        counted = [
            (each, add_up({job.assignment: job.fte for job in each.jobs})) for each in found.items
        ]
        shown = PeopleOver(
            effective_at=effective_at,
            known_at=known_at,
            items=tuple(
                PersonOver.of(each.staff_number, each.jobs, added)
                for each, added in counted
                if added.over_one
            ),
            next_cursor=found.next_cursor,
        )
        return reading.answer(
            shown, (each.staff_number for each in shown.items), effective_at=effective_at
        )

    return router
