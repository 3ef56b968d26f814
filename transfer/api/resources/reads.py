"""GET /v1/staff/{no}/reads: who has read this record, and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, known_number
from transfer.questions.who_has_read import ReadsFound, who_has_read


class ReadsQuestion(BaseModel):
    """What a read of the register may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    router = APIRouter(prefix=V1, tags=["staff"], dependencies=[reader])

    @router.get("/staff/{staff_number}/reads", **reads(ReadsFound, "not-on-record"))
    def read_reads(staff_number: str, asked: Annotated[ReadsQuestion, Query()]) -> Response:
        """Who has read a person's record, newest first: when, in which role, by which address,
        about which day, as known at which instant, and the reason that they gave in the header
        `Transfer-Reason`. A list that showed the person counts, and so do the pages. A read is on
        the register before its answer is given, and no row is ever changed or removed. A look at
        the register itself is not on it."""
        number = known_number(staff_number)
        service.office.person(number).require_registered()
        found = who_has_read(service.register, number, limit=asked.limit, cursor=asked.cursor)
        return service.answer(found)

    return router
