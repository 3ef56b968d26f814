"""GET /v1/staff/{no}/position: who is where, under what terms, on which day, known when."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.position import projection as position
from projections.position import queries as position_queries
from projections.position.queries import PositionAt
from projections.remarks import remarks
from transfer.api.desk import V1, Desk, known_number
from transfer.api.explaining import explain_position
from transfer.api.full_time import FullTimeTold, full_time_told
from transfer.api.http.openapi import reads
from transfer.api.questions import PositionQuestion
from transfer.api.shapes.answers import InForce, Position, TermInForce, by_clock
from transfer.api.shapes.beside import Beside
from transfer.core.dating.clocks import Clock
from transfer.identity import Role
from transfer.questions import attested
from transfer.questions.attested import AttestedLog


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    seen_by = (position.NAME, remarks.NAME)
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(desk.up_to(*seen_by)),
        ],
    )

    @router.get("/staff/{staff_number}/position", **reads(Position, "not-on-record"))
    def read_position(staff_number: str, asked: Annotated[PositionQuestion, Query()]) -> Response:
        """One person's position and terms on a day, as known at an instant.

        A facet without a value then is absent, so a day before the first effective date answers
        an empty position. A person whom the record did not know at that instant is 404. With
        `why=true` every value says what it rests on and what it replaced."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or desk.today()
        log = desk.office.log
        by_attested: AttestedLog | None = None
        if asked.clock is Clock.LOG:
            with desk.reading() as conn:
                found = position_queries.position_known(
                    conn, seen_by, number, effective_at, asked.known_at, asked.assignment
                )
                full_time = full_time_told(log, found, partial(position_queries.position_at, conn))
                remarked = (
                    remarks.remarks(conn, number, found.known_at)
                    if found.is_remarked
                    else remarks.NOTHING
                )
        else:
            with desk.knowing(seen_by, asked) as (conn, known_at):
                remarked = remarks.remarks(conn, number, known_at)
            by_attested = AttestedLog(log, desk.known_to_log_at(*seen_by))
            found = attested.position_at(
                log, by_attested, number, effective_at, known_at, asked.assignment
            )
            full_time = full_time_told(log, found, partial(attested.position_at, log, by_attested))
        beside = Beside.of(desk.office.vault, number, remarked)
        told = position_told(found, beside, full_time, by_attested)
        return desk.answer(explain_position(by_attested or log, found, told) if asked.why else told)

    return router


def position_told(
    found: PositionAt,
    beside: Beside,
    full_time: FullTimeTold | None,
    by_attested: AttestedLog | None = None,
) -> Position:
    """What is found of one person on a day, with what stands beside their record and what their
    jobs add up to."""
    return Position(
        **by_clock(by_attested),
        staff_number=found.staff_number,
        effective_at=found.effective_at,
        known_at=found.known_at,
        assignment=found.assignment,
        position={
            facet: InForce.of(held).with_objections(beside)
            for facet, held in found.position.items()
        },
        terms=tuple(TermInForce.of(term).with_objections(beside) for term in found.terms),
        full_time=full_time,
        linked=beside.linked,
    )
