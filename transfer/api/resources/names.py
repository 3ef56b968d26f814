"""POST /v1/staff/{no}/names: a person goes by another name from a day."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import NameGiven, Submitted, Written, make, submitted
from transfer.api.http.openapi import writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.commands import names
from transfer.commands.office import Act
from transfer.commands.record import Entered


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    naming = Depends(submitted(service, NameGiven))

    @router.post(
        "/staff/{staff_number}/names", **writes(NameGiven, Written, "not-on-record", "conflict")
    )
    def name(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[NameGiven], naming],
    ) -> Response:
        """Record that a person goes by another name from a day.

        It holds until the next one by effective date; before the first, the name given at
        registration holds. A mistyped one is put right at `/corrections`, with `name`, or annulled
        there; one mistyped at registration, by a name from the same day. Position and history tell
        the name; the event has none, and an erased person's are gone (409)."""
        number = known_number(staff_number)
        return make(service, caller, sent, partial(_name, service, number, sent.body), upon=number)

    return router


def _name(service: HttpService, number: str, body: NameGiven, act: Act) -> Entered:
    return names.name(service.office, act, number, body.entry(), body.name)
