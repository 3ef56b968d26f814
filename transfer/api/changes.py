"""POST /v1/staff/{no}/changes: facets of a position change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from transfer.api.answers import Written
from transfer.api.desk import V1, Desk, known_number
from transfer.api.documented import writes
from transfer.api.entries import Change, Submitted, make, submitted
from transfer.commands import record
from transfer.identity import Caller, Role


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(desk.allow(Role.ADMIN))
    change = Depends(submitted(desk, Change))

    @router.post("/staff/{staff_number}/changes", **writes(Change, Written, "not-on-record"))
    def change_position(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[Change], change],
    ) -> Response:
        """Change facets of a position, from a day on or between two days.

        Always recorded, even where it restates the value in force: it is a boundary. It may be
        effective before the registration."""
        number = known_number(staff_number)
        body = sent.body
        return make(
            desk,
            caller,
            sent,
            lambda act: record.change(
                desk.office,
                act,
                staff_number=number,
                effective_from=body.effective_from,
                effective_to=body.effective_to,
                changes=body.changes,
                reason=body.reason,
                assignment=body.assignment,
                basis=body.basis.given() if body.basis else None,
            ),
            upon=number,
        )

    return router
