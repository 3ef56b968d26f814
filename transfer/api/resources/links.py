"""POST /v1/staff/{no}/links: two staff numbers are one person, or are not after all."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from transfer.access.identity import Caller, Role
from transfer.api.bodies import BasisGiven, Reason, Sent, Submitted, Written, make, submitted
from transfer.api.http.openapi import writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.reach import require_within
from transfer.commands import links_and_objections
from transfer.commands.office import Act
from transfer.commands.record import Entered
from transfer.core.words import StaffNumber


class LinkGiven(Sent):
    """Another staff number of the same person, and how that is known."""

    other: StaffNumber = Field(examples=["S20518"])
    reason: Reason
    basis: BasisGiven | None = None


class Undoing(Sent):
    """Why a link is undone."""

    reason: Reason
    basis: BasisGiven | None = None


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    linking = Depends(submitted(service, LinkGiven))
    undoing = Depends(submitted(service, Undoing))

    @router.post(
        "/staff/{staff_number}/links",
        **writes(LinkGiven, Written, "not-on-record", already="Linked already: the link"),
    )
    def link(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[LinkGiven], linking],
    ) -> Response:
        """Record that another staff number is the same person, on both records at once.

        Both keep their histories, and each goes on answering for itself; position, timeline and
        history name the numbers linked, also those that are linked through a third. Head counts
        go on counting staff numbers. Where the two are linked already, nothing is written and the
        answer is that link (200)."""
        number = known_number(staff_number)
        require_within(service, caller, service.office.spelled(sent.body.other))
        return make(service, caller, sent, partial(_link, service, number, sent.body), upon=number)

    @router.post(
        "/staff/{staff_number}/links/{event_id}/undo",
        **writes(Undoing, Written, "not-on-record", "conflict"),
    )
    def undo(
        staff_number: str,
        event_id: UUID,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[Undoing], undoing],
    ) -> Response:
        """Undo a link, on both records: `event_id` is the event of this person's record that made
        it. The link stays on record, and earlier knowledge times go on answering with it. One that
        was undone already is 409; the two can be linked anew."""
        number = known_number(staff_number)
        act = partial(_undo, service, number, event_id, sent.body)
        return make(service, caller, sent, act, upon=number)

    return router


def _link(service: HttpService, number: str, body: LinkGiven, act: Act) -> Entered:
    return links_and_objections.link(
        service.office,
        act,
        staff_number=number,
        other=service.office.spelled(body.other),
        reason=body.reason,
        basis=body.basis.given() if body.basis else None,
    )


def _undo(service: HttpService, number: str, event_id: UUID, body: Undoing, act: Act) -> Entered:
    return links_and_objections.unlink(
        service.office,
        act,
        staff_number=number,
        of=event_id,
        reason=body.reason,
        basis=body.basis.given() if body.basis else None,
    )
