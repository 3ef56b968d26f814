"""GET /v1/staff/{no}/letters: the letters to somebody, what they may do about them, until when."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.access.reach import PROCEDURES
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.questions.letters import LettersFound, letters
from transfer.questions.procedures import Looking


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=PROCEDURES,
            folds_others=True,
        )
    )
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            reader,
            Depends(service.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/letters", **reads(LettersFound, "not-on-record"))
    def read_letters(
        reading: Annotated[Reading, reader], staff_number: str, asked: Annotated[Question, Query()]
    ) -> Response:
        """What each exercise says to a person: the letter, what they may do about it and until
        when, with every last day that was ever published to them, and what came of it. An exercise
        that covers them and has sent no letter yet is there too. What is open is so on the day of
        the answer, or, of a `known_at` that is given, on its day."""
        number = known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        today = service.today() if asked.known_at is None else None
        found = letters(Looking(service.office, service.worlds, known_at, today), number)
        return reading.answer(found, [number])

    return router
