"""GET /v1/staff/{no}/position: who is where, under what terms, on which day, known when."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections import position, position_queries, remarks
from projections.position_queries import PositionAt
from transfer.api.answers import InForce, Position, TermInForce
from transfer.api.beside import Beside
from transfer.api.desk import V1, Desk, known_number
from transfer.api.documented import reads
from transfer.api.explaining import explain_position
from transfer.api.questions import PositionQuestion
from transfer.identity import Role


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

    @router.get("/staff/{staff_number}/position", **reads(Position, "not-on-record"))
    def read_position(staff_number: str, asked: Annotated[PositionQuestion, Query()]) -> Response:
        """One person's position and terms on a day, as known at an instant.

        A facet without a value then is absent, so a day before the first effective date answers
        an empty position. A person whom the record did not know at that instant is 404. With
        `why=true` every value says what it rests on and what it replaced."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or desk.today()
        with desk.knowing((position.NAME, remarks.NAME), asked) as (conn, known_at):
            found = position_queries.position_at(
                conn, number, effective_at, known_at, asked.assignment
            )
            remarked = remarks.remarks(conn, number, known_at)
        told = position_told(found, Beside.of(desk.office.vault, number, remarked))
        return desk.answer(explain_position(desk.office.log, found, told) if asked.why else told)

    return router


def position_told(found: PositionAt, beside: Beside) -> Position:
    """What is found of one person on a day, with what stands beside their record."""
    return Position(
        staff_number=found.staff_number,
        effective_at=found.effective_at,
        known_at=found.known_at,
        assignment=found.assignment,
        position={
            facet: InForce.of(held).with_objections(beside)
            for facet, held in found.position.items()
        },
        terms=tuple(TermInForce.of(term).with_objections(beside) for term in found.terms),
        linked=beside.linked,
    )
