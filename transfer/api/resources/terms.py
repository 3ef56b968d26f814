"""POST /v1/staff/{no}/terms: an entitlement or restriction is granted, varied or ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.api.desk import V1, Desk, known_number
from transfer.api.entries import Submitted, TermGiven, Written, make, submitted
from transfer.api.http.openapi import previewed, writes
from transfer.api.resources.previews import EntryQuestion, Preview, preview
from transfer.commands import record
from transfer.identity import Caller, Role


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(desk.allow(Role.ADMIN))
    term_change = Depends(submitted(desk, TermGiven))

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
            return desk.answer(preview(desk, number, sent, entry))
        return make(
            desk,
            caller,
            sent,
            lambda act: record.enter(desk.office, act, number, entry),
            upon=number,
        )

    return router
