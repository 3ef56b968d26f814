"""/v1/staff/{no}/objections: what a person says against an entry of their own record, and what the
employer answers."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.links_and_objections.projection import links_and_objections_among, row_of
from transfer.access.identity import Caller, Role
from transfer.api.bodies import (
    BasisGiven,
    EventId,
    Sent,
    Submitted,
    Words,
    Written,
    make,
    submitted,
)
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.commands import links_and_objections as commands
from transfer.commands.office import Act
from transfer.commands.record import Entered
from transfer.core.dating.instants import Instant
from transfer.core.record.entry_objections import ObjectionOutcome
from transfer.questions.answer import Answer
from transfer.questions.history import events_of
from transfer.questions.links_and_objections import LinksAndObjectionsShown, ObjectionShown


class ObjectionGiven(Sent):
    """An objection to the entry `of`. The statement is personal data: encrypted, in no event."""

    of: EventId
    statement: Words = Field(examples=["I was acting up in May too."])


class Withdrawal(Sent):
    """An objection is withdrawn; nothing need be said."""


class ObjectionAnswer(Sent):
    """The employer's answer: the entry is maintained, or was put right by the entry named.

    The reason is kept as the statement is.
    """

    outcome: ObjectionOutcome = Field(examples=["maintained"])
    reason: Words = Field(examples=["The acting up ended on 30 April."])
    put_right_by: EventId | None = None
    basis: BasisGiven | None = None


class ObjectionsShown(Answer):
    """One person's objections, oldest first, open and closed, as known at an instant."""

    staff_number: str
    known_at: Instant
    items: tuple[ObjectionShown, ...]


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    own = Depends(service.allow(Role.ADMIN, own_record=True))
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    objecting = Depends(submitted(service, ObjectionGiven))
    withdrawing = Depends(submitted(service, Withdrawal))
    answering = Depends(submitted(service, ObjectionAnswer))

    @router.post(
        "/staff/{staff_number}/objections", **writes(ObjectionGiven, Written, "not-on-record")
    )
    def object_to(
        staff_number: str,
        caller: Annotated[Caller, own],
        sent: Annotated[Submitted[ObjectionGiven], objecting],
    ) -> Response:
        """Object to an entry of one's own record; an administrator may do it for the person.

        It changes no value: it is told beside every value that the entry supplies, and beside the
        entry in the history. An entry that is not on this person's record is 404."""
        number = known_number(staff_number)
        return make(
            service, caller, sent, partial(_object, service, number, sent.body), upon=number
        )

    @router.post(
        "/staff/{staff_number}/objections/{event_id}/withdrawal",
        **writes(Withdrawal, Written, "not-on-record", "conflict", already="Withdrawn already"),
    )
    def withdraw(
        staff_number: str,
        event_id: UUID,
        caller: Annotated[Caller, own],
        sent: Annotated[Submitted[Withdrawal], withdrawing],
    ) -> Response:
        """Withdraw an objection; the body is `{}`. It stays on record. One that was answered is
        409; for one that was withdrawn already nothing is written, and the answer is that
        objection (200)."""
        number = known_number(staff_number)
        return make(
            service, caller, sent, partial(_withdraw, service, number, event_id), upon=number
        )

    @router.post(
        "/staff/{staff_number}/objections/{event_id}/answer",
        **writes(ObjectionAnswer, Written, "not-on-record", "conflict"),
    )
    def answer(
        staff_number: str,
        event_id: UUID,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[ObjectionAnswer], answering],
    ) -> Response:
        """Answer an objection. `maintained` leaves the entry as it is; `upheld` names, in
        `put_right_by`, the correction or other entry that puts it right, recorded before this
        answer. Of several answers the latest holds. One that was withdrawn is 409."""
        number = known_number(staff_number)
        act = partial(_answer, service, number, event_id, sent.body)
        return make(service, caller, sent, act, upon=number)

    @router.get(
        "/staff/{staff_number}/objections",
        dependencies=[reader, Depends(service.up_to())],
        **reads(ObjectionsShown, "not-on-record"),
    )
    def read_objections(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[Question, Query()],
    ) -> Response:
        """A person's objections to entries of their record, and what became of each. Read from
        the log itself, which never lags."""
        number = known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        events = events_of(service.office.log, number, known_at)
        found = links_and_objections_among(
            row for event in events if (row := row_of(event)) is not None
        )
        shown = LinksAndObjectionsShown.of(service.office.vault, number, found)
        return reading.answer(
            ObjectionsShown(staff_number=number, known_at=known_at, items=shown.objections),
            [number],
        )

    return router


def _object(service: HttpService, number: str, body: ObjectionGiven, act: Act) -> Entered:
    return commands.object_to(
        service.office, act, staff_number=number, of=body.of, statement=body.statement
    )


def _withdraw(service: HttpService, number: str, event_id: UUID, act: Act) -> Entered:
    return commands.withdraw(service.office, act, staff_number=number, objection=event_id)


def _answer(
    service: HttpService, number: str, event_id: UUID, body: ObjectionAnswer, act: Act
) -> Entered:
    return commands.answer(
        service.office,
        act,
        staff_number=number,
        objection=event_id,
        outcome=body.outcome,
        reason=body.reason,
        put_right_by=body.put_right_by,
        basis=body.basis.given() if body.basis else None,
    )
