"""POST /v1/staff/{no}/changes: facets of a position change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import ChangeGiven, Submitted, Written, make, submitted
from transfer.api.http.openapi import previewed, writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.resources.previews import EntryQuestion, Preview, preview
from transfer.commands import record


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    change = Depends(submitted(service, ChangeGiven))

    documented = previewed(writes(ChangeGiven, Written, "not-on-record"), Preview)

    @router.post("/staff/{staff_number}/changes", **documented)
    def change_position(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[ChangeGiven], change],
        asked: Annotated[EntryQuestion, Query()],
    ) -> Response:
        """ChangeGiven facets of a position, from a day on or between two days.

        Always recorded, even where it restates the value in force: it is a boundary. It may be
        effective before the registration."""
        number = known_number(staff_number)
        entry = sent.body.entry()
        if asked.preview:
            return service.answer(preview(service, number, sent, entry))
        return make(
            service,
            caller,
            sent,
            lambda act: record.enter(service.office, act, number, entry),
            upon=number,
        )

    return router
