"""Who takes care of a duty of the office, and why one may be left undone: under /v1/deadlines."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from projections.deadlines.deadlines import duty as duty_of
from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.api.bodies import Reason, Sent, Submitted, Text, submitted
from transfer.api.http.openapi import writes
from transfer.api.http.problems import NOT_ALLOWED, Problem
from transfer.api.http_service import V1, HttpService
from transfer.api.reach import within_limits
from transfer.commands import duties as commands
from transfer.commands.duties import DutiesEntered
from transfer.commands.office import Act
from transfer.core.dating.instants import Day, Instant
from transfer.core.duties import Duty
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import Subject
from transfer.questions.answer import Answer
from transfer.questions.deadlines import SEEN_BY

NOT_THERE = "no such obligation on record"


_WHO_READS_IT = "Name nobody: who may read the duty can read this."


class DelegationGiven(Sent):
    """Who takes care of a duty from now on: a person as their token names them (`sub`).

    Null takes the duty back: then it is with who runs the procedure. Name nobody in `reason`.
    """

    to: Subject | None = Field(examples=["HR operations, north"])
    until: Day | None = Field(None, description="The last day, that day included; not past.")
    reason: Reason = Field(examples=["Camden's letters are sent from the north office"])


class ExcuseGiven(Sent):
    """Why a duty was not done in time, or will not be."""

    reason: Reason = Field(
        description=_WHO_READS_IT, examples=["The panel could not sit: two members resigned"]
    )
    document: Text | None = Field(
        None,
        description="What shows it: the id of a document of the register, or a text. "
        + _WHO_READS_IT,
    )
    withdrawn: bool = Field(False, description="The excuse that there is holds no longer.")


class DutyWritten(Answer):
    """What is answered: the event, and the obligation that it was said of."""

    obligation_id: UUID
    event_id: UUID
    recorded_at: Instant


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["work"])
    admin = Depends(service.allow(Role.ADMIN))
    up_to = [Depends(service.up_to(SEEN_BY))]
    delegating = Depends(submitted(service, DelegationGiven))
    excusing = Depends(submitted(service, ExcuseGiven))

    @router.post(
        "/deadlines/{obligation_id}/delegations",
        dependencies=up_to,
        **writes(DelegationGiven, DutyWritten, "not-on-record", "conflict", versioned=False),
    )
    def delegate(
        obligation_id: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[DelegationGiven], delegating],
    ) -> Response:
        """Give a duty of the office to somebody, who has a notice of it and of its day, or take it
        back. It stays given where another day takes the place of this one. It gives nobody a right
        that they did not have. A right, and what staff or their representatives have to do, cannot
        be given to anybody: 409."""
        body = sent.body
        duty = found(service, caller, obligation_id)
        done = commands.delegate(
            service.office,
            act_of(caller, sent),
            [duty],
            to=body.to,
            until=body.until,
            reason=body.reason,
            today=service.today(),
        )
        return _written(obligation_id, done)

    @router.post(
        "/deadlines/{obligation_id}/excuses",
        dependencies=up_to,
        **writes(ExcuseGiven, DutyWritten, "not-on-record", "conflict", versioned=False),
    )
    def excuse(
        obligation_id: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[ExcuseGiven], excusing],
    ) -> Response:
        """Say why a duty of the office was not done in time, or will not be, or withdraw that. What
        was missed stays missed, and shows the excuse; nobody has a notice of it any more."""
        body = sent.body
        duty = found(service, caller, obligation_id)
        done = commands.excuse(
            service.office,
            act_of(caller, sent),
            [duty],
            reason=body.reason,
            document=body.document,
            withdrawn=body.withdrawn,
        )
        return _written(obligation_id, done)

    def _written(obligation_id: str, done: DutiesEntered) -> Response:
        service.acknowledge(done.recorded_at)
        content = DutyWritten(
            obligation_id=UUID(obligation_id), event_id=done.event_id, recorded_at=done.recorded_at
        )
        return service.answer(content, status=201)

    return router


def found(service: HttpService, caller: Caller, obligation_id: str) -> Duty:
    """The duty of an obligation as it stands now.

    Raises `NotOnRecord` where there is none, and as `require_reached`.
    """
    named = id_of(obligation_id)
    known_at = service.known_to_log_at(SEEN_BY)
    with service.reading() as conn:
        duty = duty_of(conn, named, known_at).duty
    require_reached(service, caller, [duty])
    return duty


def id_of(text: str) -> UUID:
    """The id of an obligation; raises `NotOnRecord` for what cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotOnRecord(NOT_THERE) from None


def require_reached(service: HttpService, caller: Caller, duties: Sequence[Duty]) -> None:
    """Raise `NotOnRecord` where one is about somebody out of an administrator's limits, `Problem`
    (403) where it is due of nobody alone."""
    if not is_limited(caller.limits):
        return
    people = {each.named.staff_number for each in duties}
    named = {each for each in people if each is not None}
    if named - within_limits(service, caller, named):
        raise NotOnRecord(NOT_THERE)
    if named != people:
        raise Problem(NOT_ALLOWED, "The token has limits, and this duty is for more people.")


def act_of(caller: Caller, sent: Submitted[Any]) -> Act:
    """Who acts, under which id. Raises `Malformed` for a version: these writes have none."""
    if sent.expected_version is not None or sent.must_exist:
        raise Malformed("a duty has no version", field="If-Match")
    return Act(by=caller.subject, command_id=sent.command_id, request=sent.request)
