"""GET /v1/staff/{no}/history: a person's events, oldest first."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.history import HistoryItem, history
from transfer.api.answers import Answer, BasisTold
from transfer.api.desk import V1, Desk, known_number
from transfer.api.documented import reads
from transfer.api.instants import Instant
from transfer.api.questions import Question
from transfer.identity import Role


class AttestedTold(Answer):
    """What an older system claims about when it recorded something."""

    source: str
    recorded_on: date


class Event(Answer):
    """One event with both its times, its actor and why.

    `type` is the fact's stored name and `fact` its content. `of` is the entry that a correction or
    an annulment names; `corrected_by` and `annulled_by` say what became of this one. `replaced` is
    the event whose content it took the place of (or took away) when it was recorded, `replaced_by`
    the one that did so to it, unless its content was brought back since.
    """

    event_id: UUID
    version: int
    type: str
    recorded_at: Instant
    recorded_by: str
    effective_from: date | None
    effective_to: date | None
    reason: str | None
    basis: BasisTold | None
    of: UUID | None
    corrected_by: UUID | None
    annulled_by: UUID | None
    replaced: UUID | None
    replaced_by: UUID | None
    attested: AttestedTold | None
    command_id: UUID
    correlation_id: UUID
    causation_id: UUID | None
    fact: dict[str, Any] = Field(description="The content; its shape follows from `type`.")

    @classmethod
    def of_item(cls, item: HistoryItem) -> Self:
        """The same from what the projection found."""
        attested = item.attested
        return cls(
            event_id=item.event_id,
            version=item.version,
            type=item.type,
            recorded_at=item.recorded_at,
            recorded_by=item.recorded_by,
            effective_from=item.effective_from,
            effective_to=item.effective_to,
            reason=item.reason,
            basis=BasisTold.of(item.basis),
            of=item.of,
            corrected_by=item.corrected_by,
            annulled_by=item.annulled_by,
            replaced=item.replaced,
            replaced_by=item.replaced_by,
            attested=attested
            and AttestedTold(source=attested.source, recorded_on=attested.recorded_on),
            command_id=item.command_id,
            correlation_id=item.correlation_id,
            causation_id=item.causation_id,
            fact=item.fact,
        )


class History(Answer):
    """One person's events, oldest first, as known at an instant."""

    staff_number: str
    known_at: Instant
    items: tuple[Event, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["staff"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(desk.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/history", **reads(History, "not-on-record"))
    def read_history(staff_number: str, asked: Annotated[Question, Query()]) -> Response:
        """Every event on a person's record that was there at an instant, what was corrected or
        annulled included. Read from the log itself, which never lags."""
        number = known_number(staff_number)
        known_at = desk.known_by_the_log(asked)
        items = history(desk.office.log, number, known_at)
        return desk.answer(
            History(staff_number=number, known_at=known_at, items=tuple(map(Event.of_item, items)))
        )

    return router
