"""GET /v1/staff/{no}/assertions: what is contested about one person, each side's account beside the
others'. A contested fact itself is read and spoken of under /v1/procedures/assertion."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.questions.asserted import ContestedOf, KeptContests, contested_of


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(
        service.reads(
            Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED, folds_others=True
        )
    )
    router = APIRouter(prefix=V1, tags=["staff"])

    @router.get(
        "/staff/{staff_number}/assertions",
        dependencies=[reader, Depends(service.up_to())],
        **reads(ContestedOf, "not-on-record"),
    )
    def read_assertions(
        reading: Annotated[Reading, reader], staff_number: str, asked: Annotated[Question, Query()]
    ) -> Response:
        """The contested facts about this person, or about a procedure that they are in: the
        question, what each party asserts with its day, value and document, how that stands, and
        which acts rest on it. It has no staff number of anybody else, and none of their words."""
        number = known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        contests = service.worlds.beside(KeptContests).matters(service.office.log)
        found = contested_of(service.office, contests, number, known_at)
        return reading.answer(found, [number])

    return router
