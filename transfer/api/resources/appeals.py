"""GET /v1/staff/{no}/appeals: was an appeal in time, under each deadline ever published?"""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from transfer.api.desk import V1, Desk, known_number
from transfer.api.http.instants import Instant
from transfer.api.http.openapi import reads
from transfer.api.questions import Question
from transfer.api.shapes.answers import Answer, BasisTold
from transfer.identity import Role
from transfer.questions.appeals import (
    AppealTimeliness,
    PublishedBy,
    PublishedDeadline,
    Treatment,
    appeal_timeliness,
)


class DeadlineTold(Answer):
    """A last day for appeals, the event that published it, and whether the appeal kept it.

    `in_force` marks the latest day that the person was told, which is the one that counts.
    """

    published_by: PublishedBy
    event_id: UUID
    published_at: Instant
    due_on: date
    in_time: bool
    in_force: bool
    basis: BasisTold | None

    @classmethod
    def of(cls, found: PublishedDeadline) -> Self:
        """The same from what the projection found."""
        return cls(
            published_by=found.published_by,
            event_id=found.event_id,
            published_at=found.published_at,
            due_on=found.due_on,
            in_time=found.in_time,
            in_force=found.in_force,
            basis=BasisTold.of(found.basis),
        )


class Appeal(Answer):
    """One appeal, what was done with it, and every deadline published for it."""

    exercise: str
    event_id: UUID
    lodged_on: date
    recorded_at: Instant
    treatment: Treatment
    accepted_by: UUID | None
    deadlines: tuple[DeadlineTold, ...]

    @classmethod
    def of(cls, found: AppealTimeliness) -> Self:
        """The same from what the projection found."""
        return cls(
            exercise=found.exercise,
            event_id=found.event_id,
            lodged_on=found.lodged_on,
            recorded_at=found.recorded_at,
            treatment=found.treatment,
            accepted_by=found.accepted_by,
            deadlines=tuple(map(DeadlineTold.of, found.deadlines)),
        )


class Appeals(Answer):
    """One person's appeals, oldest first, as known at an instant."""

    staff_number: str
    known_at: Instant
    items: tuple[Appeal, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(desk.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/appeals", **reads(Appeals, "not-on-record"))
    def read_appeals(staff_number: str, asked: Annotated[Question, Query()]) -> Response:
        """A person's appeals against their assignment, each with every deadline that was ever
        published to them: by the letter, by a reset, by an extension. A deadline that rests on an
        assumption says so in its `basis`."""
        number = known_number(staff_number)
        known_at = desk.known_by_the_log(asked)
        found = appeal_timeliness(desk.office.log, number, known_at)
        return desk.answer(
            Appeals(staff_number=number, known_at=known_at, items=tuple(map(Appeal.of, found)))
        )

    return router
