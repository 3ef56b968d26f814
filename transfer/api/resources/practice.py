"""/v1/practice/clock: where the clock of a practice stands, and moving it to a later day."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from transfer.access.identity import Role
from transfer.api.bodies import Sent, Submitted, submitted
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import V1, HttpService
from transfer.commands.practice import move_clock
from transfer.core.dating.instants import Day
from transfer.questions.practice import ClockMoved, PracticeClock, clock_moved, practice_clock


class ClockGiven(Sent):
    """To which day the clock is to be moved."""

    to: Day = Field(examples=["2013-12-02"])


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["practice"])
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT))
    admin = Depends(service.allow(Role.ADMIN, whole_office=True))
    moving = Depends(submitted(service, ClockGiven))

    documented = reads(PracticeClock, "not-on-record")
    documented["responses"][200]["description"] = "As it is now"

    @router.get("/practice/clock", dependencies=[reader], **documented)
    def read_clock() -> Response:
        """Where the clock of this practice stands, and what waits for somebody. A real record and
        a rehearsal have no such clock: 404."""
        return service.answer(practice_clock(service.office.log))

    @router.post("/practice/clock", dependencies=[admin], **_MOVES)
    async def move(sent: Annotated[Submitted[ClockGiven], moving]) -> Response:
        """Move the clock of this practice to a later day.

        Answers when everything that falls due until then, that day included, has been done:
        letters, the ends of windows, confirmations, moves. What waits for somebody does not hold
        the clock up: it stays due, and `waits_for_somebody` lists it. An earlier day is 409. Where
        nothing moves for two minutes, the clock stays where it is, and the 503 names what is in
        the way. Of two moves at once one waits for the other. To move it to the day on which it
        stands is to wait until everything due on that day is done.
        """
        moved = await move_clock(service.office.log, sent.body.to)
        answer = await run_in_threadpool(clock_moved, service.office.log, moved)
        service.acknowledge(answer.now)
        return service.answer(answer)

    return router


_MOVES = writes(ClockGiven, ClockMoved, "not-on-record", "conflict", "unavailable", status=200)
_MOVES["responses"][200] = {"model": ClockMoved, "description": "The clock stands on that day"}
_MOVES["openapi_extra"].pop("parameters")
