"""GET /v1/staff/{no}/history: a person's events, oldest first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from projections.remarks.remarks import Link, Remarks, everyone_linked, remark_of, remarks_among
from transfer.api.desk import V1, Desk, known_number
from transfer.api.http.instants import Instant
from transfer.api.http.openapi import reads
from transfer.api.http.problems import NOT_ALLOWED, Problem
from transfer.api.questions import HistoryQuestion
from transfer.api.shapes.answers import Answer, BasisTold, Clocked, absent, by_clock
from transfer.api.shapes.beside import Beside, LinkTold, Objections
from transfer.core.dating.clocks import Clock
from transfer.core.streams import staff_stream
from transfer.identity import Caller, Role
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.questions.attested import AttestedLog
from transfer.questions.history import HistoryItem, ReadsStreams, events_of, history_of
from transfer.vault import Vault


class AttestedTold(Answer):
    """What an older system claims about when it recorded something."""

    source: str
    recorded_on: date


class Event(Answer):
    """One event with both its times, its actor and why.

    `type` is the fact's stored name and `fact` its content. `of` is the event that this one is
    about: the entry that a correction, annulment or objection names, the objection that is
    answered, the link that is undone. `corrected_by` and `annulled_by` say what became of this
    one. `replaced` is the event whose content it took the place of (or took away) when it was
    recorded, `replaced_by` the one that did so to it, unless its content was brought back since.
    `objections` are what the person says of it; `staff_number` is there where `linked` was asked.
    """

    event_id: UUID
    version: int
    type: str
    recorded_at: Instant
    recorded_on_log_at: Instant | None = Field(
        None,
        exclude_if=absent,
        description="Only by the attested clock, whose instant `recorded_at` is then: the log's.",
    )
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
    objections: Objections = Field((), exclude_if=absent)
    staff_number: str | None = Field(None, exclude_if=absent)

    @classmethod
    def of_item(cls, item: HistoryItem, beside: Beside, staff_number: str | None) -> Self:
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
            objections=beside.to(item.event_id),
            staff_number=staff_number,
        )


class History(Clocked):
    """One person's events, oldest first, as known at an instant.

    `linked` names the other staff numbers of the same person, where there are any.
    """

    staff_number: str
    known_at: Instant
    items: tuple[Event, ...]
    linked: tuple[LinkTold, ...] = Field((), exclude_if=absent)


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
    def read_history(
        staff_number: str, request: Request, asked: Annotated[HistoryQuestion, Query()]
    ) -> Response:
        """Every event on a person's record that was there at an instant, what was corrected or
        annulled included. Read from the log itself, which never lags."""
        number = known_number(staff_number)
        caller: Caller = request.state.caller
        if asked.linked and not caller.roles & {Role.ADMIN, Role.AUDIT}:
            raise Problem(NOT_ALLOWED, "Ask for each staff number with its own token.")
        known_at = desk.known_by_the_log(asked)
        log: ReadsStreams = desk.office.log
        if asked.clock is Clock.ATTESTED:
            log = AttestedLog(desk.office.log, desk.known_to_log_at())
        return desk.answer(
            history_told(log, desk.office.vault, number, known_at, interleaved=asked.linked)
        )

    return router


def history_told(
    log: ReadsStreams, vault: Vault, number: str, known_at: datetime, *, interleaved: bool = False
) -> History:
    """A person's history, as known at an instant; `interleaved` with those of linked numbers.

    By the attested clock, where `log` is read by it.

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    events = events_of(log, number, known_at)
    own = _remarks_among(events)
    links = everyone_linked(number, own.links, lambda them: _links_on(log, them, known_at))
    beside = Beside.of(vault, number, Remarks(links, own.objections))
    named = number if interleaved else None
    found = [(item, beside, named) for item in history_of(events)]
    for link in links if interleaved else ():
        theirs = events_of(log, link.staff_number, known_at)
        beside_theirs = Beside.of(vault, link.staff_number, _remarks_among(theirs))
        found += [(item, beside_theirs, link.staff_number) for item in history_of(theirs)]
    found.sort(key=lambda each: (each[0].recorded_at, each[0].position))
    items = tuple(Event.of_item(*each) for each in found)
    by_attested = log if isinstance(log, AttestedLog) else None
    if by_attested is not None:
        items = tuple(
            each.model_copy(update={"recorded_on_log_at": by_attested.on_log_at(each.event_id)})
            for each in items
        )
    return History(
        **by_clock(by_attested),
        staff_number=number,
        known_at=known_at,
        items=items,
        linked=beside.linked,
    )


def _links_on(log: ReadsStreams, numbers: Sequence[str], known_at: datetime) -> Iterable[Link]:
    for number in numbers:
        events = log.read(staff_stream(number), up_to_recorded=known_at)
        yield from _remarks_among(events).links


def _remarks_among(events: Iterable[Recorded[Fact]]) -> Remarks:
    return remarks_among(row for event in events if (row := remark_of(event)) is not None)
