"""/v1/notices: what was sent outside, what waits, and what could not be sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.notices.kept import NoticeState
from transfer.questions.answer import people_shown
from transfer.questions.notices import NoticesFound, notices


class NoticesQuestion(BaseModel):
    """What the list of notices may be asked. It is as it stands now: it lies beside the record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: NoticeState | None = Field(None, description="Where the notices stand.")
    reference: str | None = Field(
        None,
        pattern=r"^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$",
        description="The one of that reference, as an e-mail or a file of the outbox has it.",
    )
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["notices"])
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))

    @router.get("/notices", **reads(NoticesFound))
    def list_notices(
        reading: Annotated[Reading, reader], asked: Annotated[NoticesQuestion, Query()]
    ) -> Response:
        """The notices that tell somebody outside that there is something to read or to do: to whom,
        of what kind, whether they were sent, and why not. What a notice says, it says to everybody:
        it has a reference and a link, and nothing of the record. To an administrator with limits,
        those to people within them, and their own."""
        found = notices(
            service.notices,
            states=() if asked.state is None else (asked.state,),
            reference=asked.reference,
            only_subject=None if reading.limits is None else reading.caller.subject,
            limit=asked.limit,
            cursor=asked.cursor,
        )
        return reading.answer(found, people_shown(found))

    return router
