"""GET /v1/staff/{no}/subject-access: everything that is held about somebody, in one file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading, known_number
from transfer.api.parameters import Question
from transfer.questions.procedures import Looking
from transfer.questions.subject_access import SEEN_BY, SubjectAccess, subject_access


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, own_record=True, folds_others=True))
    router = APIRouter(
        prefix=V1, tags=["staff"], dependencies=[reader, Depends(service.up_to(*SEEN_BY))]
    )

    @router.get("/staff/{staff_number}/subject-access", **reads(SubjectAccess, "not-on-record"))
    def read_subject_access(
        reading: Annotated[Reading, reader], staff_number: str, asked: Annotated[Question, Query()]
    ) -> Response:
        """Everything that is held about one person, in one file: their personal data, every entry
        with its content, every period, the procedures that they are in, their letters, appeals and
        deadlines, and who has read their record. It is what the person may ask for under Article 15
        of the UK GDPR; check it for other people's data before you hand it to anybody else.

        With a `known_at`, entries as the record was then; `personal_data` and `reads` are always
        those of now."""
        number = known_number(staff_number)
        known_at = service.known_by(SEEN_BY, asked)
        looking = Looking(service.office, service.worlds, known_at, near_days=service.near_days)
        found = subject_access(
            looking, service.register, service.questions_of_reads, number, service.now()
        )
        file = f'attachment; filename="held-about-{number}.json"'
        return reading.answer(found, [number], headers={"Content-Disposition": file})

    return router
