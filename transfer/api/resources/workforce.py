"""GET /v1/workforce and /v1/workforce/members: everybody, counted or listed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import BehindError
from projections.position import attested as attested_sheets
from projections.position import projection as position
from projections.position import queries as position_queries
from transfer.api.desk import V1, Desk
from transfer.api.http.openapi import reads
from transfer.api.http.problems import not_available
from transfer.api.questions import EverybodysQuestion, MembersQuestion, WorkforceQuestion
from transfer.api.shapes.answers import GroupCounted, MemberFound, MembersFound, Workforce, of_clock
from transfer.core.dating.clocks import Clock
from transfer.identity import Role


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["workforce"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT)),
            Depends(desk.up_to(position.NAME, by_attested=(attested_sheets.NAME,))),
        ],
    )

    @contextmanager
    def _knowing(asked: EverybodysQuestion) -> Iterator[tuple[Conn, datetime, datetime | None]]:
        """As `Desk.knowing`, and for the attested clock how far all is known."""
        if asked.clock is Clock.LOG:
            with desk.knowing(position.NAME, asked) as (conn, known_at):
                yield conn, known_at, None
            return
        try:
            with desk.reading() as conn, attested_sheets.at_one_moment(conn) as on_log:
                yield conn, min(asked.known_at or on_log, on_log), on_log
        except BehindError as error:
            raise not_available(str(error)) from error

    @router.get("/workforce", **reads(Workforce))
    def count(asked: Annotated[WorkforceQuestion, Query()]) -> Response:
        """How many people have each value of a facet, and their parts of a full time together.

        Temporary values count. Somebody with two assignments under one value is one head, with
        both parts of a full time; who has no value of the facet is in no group. Heads are staff
        numbers: two that are linked as one person count as two."""
        effective_at = asked.effective_at or desk.today()
        with _knowing(asked) as (conn, known_at, on_log):
            queries = position_queries if on_log is None else attested_sheets
            groups = queries.workforce(conn, asked.by, effective_at, known_at, asked.assignment)
        return desk.answer(
            Workforce(
                **of_clock(on_log),
                by=asked.by,
                effective_at=effective_at,
                known_at=known_at,
                groups=tuple(map(GroupCounted.of, groups)),
            )
        )

    @router.get("/workforce/members", **reads(MembersFound))
    def list_members(asked: Annotated[MembersQuestion, Query()]) -> Response:
        """Whose values of the facets named those are, temporary values counted; without any,
        everybody who has a value of some facet then.

        For a reading of several pages that belong together, give the `known_at` that the first
        one echoes."""
        effective_at = asked.effective_at or desk.today()
        with _knowing(asked) as (conn, known_at, on_log):
            queries = position_queries if on_log is None else attested_sheets
            found = queries.members(
                conn,
                asked.having(),
                effective_at,
                known_at,
                assignment=asked.assignment,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return desk.answer(
            MembersFound(
                **of_clock(on_log),
                effective_at=effective_at,
                known_at=known_at,
                items=tuple(map(MemberFound.of, found.items)),
                next_cursor=found.next_cursor,
            )
        )

    return router
