"""POST /v1/staff/{no}/terms: an entitlement or restriction is granted, varied or ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Submitted, TermGiven, Written, make, submitted
from transfer.api.http.openapi import previewed, writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.resources.previews import EntryQuestion, Preview, preview
from transfer.commands import record


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    term_change = Depends(submitted(service, TermGiven))

    documented = previewed(writes(TermGiven, Written, "not-on-record"), Preview)

    @router.post("/staff/{staff_number}/terms", **documented)
    def set_term(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[TermGiven], term_change],
        asked: Annotated[EntryQuestion, Query()],
    ) -> Response:
        """Grant a term, vary one that is held, or (`value` null) end it. Corrected and annulled
        like a change. Terms belong to the person, not to one of their assignments."""
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
