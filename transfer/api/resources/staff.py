"""POST /v1/staff: a person's record begins."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from transfer.api.desk import V1, Desk
from transfer.api.entries import (
    RegistrationGiven,
    Submitted,
    Written,
    make,
    require_there,
    submitted,
)
from transfer.api.http.openapi import writes
from transfer.commands import record
from transfer.identity import Caller, Role


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(desk.allow(Role.ADMIN))
    registration = Depends(submitted(desk, RegistrationGiven))

    @router.post("/staff", **writes(RegistrationGiven, Written, "already-on-record"))
    def register(
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[RegistrationGiven], registration],
    ) -> Response:
        """Register a person. It is the first event of their record: its facets stand from its
        `effective_from`, it can be corrected (an `effective_to` is 422) and annulled."""
        body = sent.body
        require_there(desk, sent, body.staff_number)
        return make(
            desk,
            caller,
            sent,
            lambda act: record.register(
                desk.office, act, body.registration(), personal={"name": body.name}
            ),
        )

    return router
