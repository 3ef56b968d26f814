"""/v1/work: what is to be done, by whom and until when; who does it for somebody who is away."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field, StringConstraints

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Sent, Submitted, submitted
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.api.reach import within_limits
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import Day
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import ExerciseId
from transfer.questions.answer import people_shown
from transfer.questions.work import (
    SEEN_BY,
    HandOversFound,
    HandOverShown,
    WorkAsked,
    WorkFound,
    WorkKind,
    WorkState,
    hand_overs,
    work,
)

Subject = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]*$"
    ),
]
"""Somebody as their token names them."""


class WorkQuestion(Question):
    """What the list of work may be asked."""

    owner: str | None = Field(
        None, description="From whom it is due, in the procedure's own word: `employer`, `panel`."
    )
    kind: WorkKind | None = Field(None, description="What sort of work it is.")
    state: WorkState | None = Field(None, description="Whether its day has passed.")
    exercise: ExerciseId | None = Field(None, description="Of that exercise.")
    due_before: Day | None = Field(
        None, description="Due before that day; what has no day is left out."
    )
    of: str | None = Field(
        None,
        description="What this person does: what was given to them, and the work of procedures "
        "that they began; none of it while they are away, and that of whom they stand in for.",
    )
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class HandOversQuestion(Question):
    """What the list of hand-overs may be asked."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class HandOverGiven(Sent):
    """Hand over the work of somebody who is away, from a day to a day, both included.

    People are named as their tokens name them (`sub`).
    """

    stands_in: Subject = Field(examples=["HR operations, north"])
    first_day: Day = Field(examples=["2026-12-21"])
    last_day: Day = Field(examples=["2027-01-04"])
    away: Subject | None = Field(None, description="Whoever hands over, if it is left blank.")


class HandOverEnded(Sent):
    """End a hand-over before its last day. There is nothing to say."""


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["work"])
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    allowed = Depends(service.allow(Role.ADMIN, Role.AUDIT))
    admin = Depends(service.allow(Role.ADMIN))
    handing = Depends(submitted(service, HandOverGiven))
    ending = Depends(submitted(service, HandOverEnded))

    @router.get("/work", dependencies=[Depends(service.up_to(SEEN_BY))], **reads(WorkFound))
    def list_work(
        reading: Annotated[Reading, reader], asked: Annotated[WorkQuestion, Query()]
    ) -> Response:
        """What is to be done in all procedures: what is due and overdue, from whom, by which day.
        Duties, steps that wait for approval, decisions to look at again, steps that the rules
        refused, and appeals that a panel has to decide. One line stands for all the people that a
        duty is due of on one day."""
        within = None
        if reading.limits is not None:
            within = partial(within_limits, service, reading.caller)
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            is_now = asked.known_at is None
            today = service.today() if is_now else date_in_london(known_at)
            found = work(
                conn,
                service.hand_overs.on(today, service.now() if is_now else known_at),
                known_at,
                today,
                WorkAsked(
                    owner=asked.owner,
                    kind=asked.kind,
                    state=asked.state,
                    exercise=asked.exercise,
                    due_before=asked.due_before,
                    of=asked.of,
                ),
                within=within,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(found, people_shown(found))

    @router.get("/hand-overs", dependencies=[allowed], **reads(HandOversFound))
    def list_hand_overs(asked: Annotated[HandOversQuestion, Query()]) -> Response:
        """Who does or did whose work, who said so and when; the last recorded first."""
        known_at = asked.known_at or service.now()
        found = hand_overs(service.hand_overs, known_at, limit=asked.limit, cursor=asked.cursor)
        return service.answer(found)

    @router.post("/hand-overs", **writes(HandOverGiven, HandOverShown, "conflict", versioned=False))
    def hand_over(
        caller: Annotated[Caller, admin], sent: Annotated[Submitted[HandOverGiven], handing]
    ) -> Response:
        """Hand over somebody's work while they are away. It gives nobody a right that they did not
        have; the list of work says who does it, and for whom. A day that is handed over already is
        409."""
        _require_no_version(sent)
        body = sent.body
        made = service.hand_overs.hand_over(
            sent.command_id,
            by=caller.subject,
            away=body.away or caller.subject,
            stands_in=body.stands_in,
            first_day=body.first_day,
            last_day=body.last_day,
            at=service.now(),
            today=service.today(),
            asked=sent.request,
        )
        return service.answer(HandOverShown.of(made), status=201)

    @router.post(
        "/hand-overs/{hand_over}/end",
        **writes(HandOverEnded, HandOverShown, "not-on-record", versioned=False),
    )
    def end(
        hand_over: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[HandOverEnded], ending],
    ) -> Response:
        """End a hand-over now, before its last day. One that has ended stays as it ended."""
        _require_no_version(sent)
        made = service.hand_overs.end(id_of(hand_over), by=caller.subject, at=service.now())
        return service.answer(HandOverShown.of(made), status=201)

    return router


def id_of(text: str) -> UUID:
    """The id of a hand-over; raises `NotOnRecord` for what cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotOnRecord("no such hand-over on record") from None


def _require_no_version(sent: Submitted[HandOverGiven] | Submitted[HandOverEnded]) -> None:
    if sent.expected_version is not None or sent.must_exist:
        raise Malformed("a hand-over has no version", field="If-Match")
