"""GET /v1/staff/{no}/history: a person's events, oldest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.parameters import HistoryQuestion
from transfer.core.dating.clocks import Clock
from transfer.questions.attested import AttestedLog
from transfer.questions.history import History, ReadsStreams, full_history
from transfer.questions.one_person import one_person


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["staff"],
        dependencies=[
            Depends(service.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(service.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/history", **reads(History, "not-on-record"))
    def read_history(
        staff_number: str, request: Request, asked: Annotated[HistoryQuestion, Query()]
    ) -> Response:
        """Every event on a person's record that was there at an instant, what was corrected or
        annulled included. Read from the log itself, which never lags. With `name=true` an entry
        that gives a name tells it."""
        number = known_number(staff_number)
        caller: Caller = request.state.caller
        among = None
        if asked.linked and not caller.roles & {Role.ADMIN, Role.AUDIT}:
            # A link that was undone since may have been to somebody else: theirs is not shown.
            among = one_person(service.office.log, number)
        known_at = service.known_by_the_log(asked)
        log: ReadsStreams = service.office.log
        if asked.clock is Clock.ATTESTED:
            log = AttestedLog(service.office.log, service.known_to_log_at())
        return service.answer(
            full_history(
                log,
                service.office.vault,
                number,
                known_at,
                interleaved=asked.linked,
                among=among,
                name=asked.name,
            )
        )

    return router
