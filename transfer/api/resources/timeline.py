"""GET /v1/staff/{no}/timeline: the periods of every facet and term of one person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.position import projection as position
from projections.position import queries as position_queries
from projections.remarks import remarks
from transfer.api.desk import V1, Desk, known_number
from transfer.api.explaining import explain_timeline
from transfer.api.http.openapi import reads
from transfer.api.questions import TimelineQuestion
from transfer.api.shapes.answers import FacetPeriods, TermPeriods, Timeline, by_clock
from transfer.api.shapes.beside import Beside
from transfer.core.dating.clocks import Clock
from transfer.identity import Role
from transfer.questions import attested
from transfer.questions.attested import AttestedLog


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(desk.up_to(position.NAME, remarks.NAME)),
        ],
    )

    @router.get("/staff/{staff_number}/timeline", **reads(Timeline, "not-on-record"))
    def read_timeline(staff_number: str, asked: Annotated[TimelineQuestion, Query()]) -> Response:
        """Every period of a person's facets and terms, as known at an instant.

        `periods` are those in force, temporary ones laid over the standing ones; `beneath` has
        the standing ones that are overlaid by a value, whole: days on which a temporary `null`
        lies over a standing value are a gap, with nothing beneath. With `why=true` every period
        says what it rests on and what it replaced."""
        number = known_number(staff_number)
        log = desk.office.log
        by_attested: AttestedLog | None = None
        with desk.knowing((position.NAME, remarks.NAME), asked) as (conn, known_at):
            remarked = remarks.remarks(conn, number, known_at)
            if asked.clock is Clock.LOG:
                found = position_queries.timeline(conn, number, known_at, asked.assignment)
        if asked.clock is Clock.ATTESTED:
            by_attested = AttestedLog(log, desk.known_to_log_at(position.NAME, remarks.NAME))
            found = attested.timeline(log, by_attested, number, known_at, asked.assignment)
        beside = Beside.of(desk.office.vault, number, remarked)
        told = Timeline(
            **by_clock(by_attested),
            staff_number=number,
            known_at=known_at,
            facets=tuple(FacetPeriods.of(lane, beside) for lane in found.facets),
            terms=tuple(TermPeriods.of(lane, beside) for lane in found.terms),
            linked=beside.linked,
        )
        return desk.answer(explain_timeline(by_attested or log, found, told) if asked.why else told)

    return router
