"""POST /v1/staff: a person's record begins."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import (
    RegistrationGiven,
    Submitted,
    Written,
    make,
    require_there,
    submitted,
)
from transfer.api.http.openapi import writes
from transfer.api.http_service import V1, HttpService
from transfer.commands import record


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    registration = Depends(submitted(service, RegistrationGiven))

    @router.post("/staff", **writes(RegistrationGiven, Written, "already-on-record"))
    def register(
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[RegistrationGiven], registration],
    ) -> Response:
        """Register a person. It is the first event of their record: its facets stand from its
        `effective_from`, it can be corrected (an `effective_to` is 422) and annulled."""
        body = sent.body
        require_there(service, sent, body.staff_number)
        return make(
            service,
            caller,
            sent,
            lambda act: record.register(
                service.office, act, body.registration(), personal={"name": body.name}
            ),
        )

    return router
