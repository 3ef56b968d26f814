"""POST /v1/staff/{no}/terms: an entitlement or restriction is granted, varied or ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from transfer.api.answers import Written
from transfer.api.desk import V1, Desk, known_number
from transfer.api.documented import writes
from transfer.api.entries import Submitted, TermChange, make, submitted
from transfer.commands import record
from transfer.identity import Caller, Role


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(desk.allow(Role.ADMIN))
    term_change = Depends(submitted(desk, TermChange))

    @router.post("/staff/{staff_number}/terms", **writes(TermChange, Written, "not-on-record"))
    def set_term(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[TermChange], term_change],
    ) -> Response:
        """Grant a term, vary one that is held, or (`value` null) end it. Corrected and annulled
        like a change. Terms belong to the person, not to one of their assignments."""
        number = known_number(staff_number)
        body = sent.body
        return make(
            desk,
            caller,
            sent,
            lambda act: record.set_term(
                desk.office,
                act,
                staff_number=number,
                term=body.term,
                value=body.value,
                effective_from=body.effective_from,
                effective_to=body.effective_to,
                reason=body.reason,
                basis=body.basis.given() if body.basis else None,
            ),
            upon=number,
        )

    return router
