"""/v1/procedures/exercise/{id}/letters: to whom, what each has to say, and what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.deadlines import deadlines
from transfer.access.identity import Role
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.api.printed import Pdf, as_pdf, printed
from transfer.questions.answer import people_shown
from transfer.questions.letter_on_paper import letter_on_paper
from transfer.questions.letters_of_exercise import (
    SEEN_BY,
    LetterRow,
    LettersOfExercise,
    LetterState,
    letter_to,
    letters_of_exercise,
    rows_of_letters,
)
from transfer.questions.procedures import Looking
from transfer.questions.table import Form

NAMES = (*SEEN_BY, deadlines.NAME)


class LettersQuestion(Question):
    """What the letters of an exercise may be asked."""

    group: str | None = Field(None, description="Those of that group.")
    state: LetterState | None = Field(None, description="Where the letter stands.")


class LettersPageQuestion(LettersQuestion):
    """The same, page by page."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    needs = [reader, Depends(service.up_to(*NAMES))]
    router = APIRouter(prefix=V1, tags=["procedures"])
    path = "/procedures/exercise/{id}/letters"

    @router.get(path, dependencies=needs, **reads(LettersOfExercise, "not-on-record"))
    def list_letters(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[LettersPageQuestion, Query()],
    ) -> Response:
        """The letters of an exercise, one for each person in its groups: all that is needed to
        write it, names included; what the edition wants it to say (`contents`), what the record
        lacks for it (`missing`), and whether it was sent, came back and was answered."""
        with service.knowing(NAMES, asked) as (conn, known_at):
            found = letters_of_exercise(
                looking_at(service, asked, known_at),
                conn,
                id,
                group=asked.group,
                state=asked.state,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(found, people_shown(found))

    def exported(form: Form) -> Callable[..., Response]:
        def export_letters(
            reading: Annotated[Reading, reader],
            id: str,  # noqa: A002 - its name
            asked: Annotated[LettersQuestion, Query()],
        ) -> Response:
            known_at = service.known_by(NAMES, asked)
            rows = rows_of_letters(
                looking_at(service, asked, known_at),
                service.reading,
                id,
                group=asked.group,
                state=asked.state,
            )
            return export(
                reading, form, LetterRow, rows, file=f"letters-of-{id}", known_at=known_at
            )

        return export_letters

    add_exports(
        router,
        path,
        LetterRow,
        exported,
        "not-on-record",
        name="export_letters_of_exercise",
        says="The merge file: every letter of an exercise at once, a row for each, with all that "
        "is needed to write it.",
        dependencies=needs,
    )

    @router.get(
        f"{path}/{{staff_number}}.pdf",
        dependencies=needs,
        response_class=Pdf,
        **as_pdf("not-on-record"),
    )
    def print_letter(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        staff_number: str,
        asked: Annotated[Question, Query()],
    ) -> Response:
        """One letter on paper: where the person goes, by which rule and why, and what they may do
        about it until when. One that is not sent yet is a draft, and lists what it has to say. A
        sign that no font has is 409; the merge file has it."""
        with service.knowing(NAMES, asked) as (conn, known_at):
            looking = looking_at(service, asked, known_at)
            row = letter_to(looking, conn, id, service.office.spelled(staff_number))
        rehearsed = service.rehearsal.edition if service.rehearsal else None
        answer = printed(
            "letter.typ", letter_on_paper(row, rehearsed), file=f"letter-to-{row.staff_number}"
        )
        reading.note([row.staff_number], known_at=known_at)
        return answer

    return router


def looking_at(service: HttpService, asked: Question, known_at: datetime) -> Looking:
    """The record as it was asked for; by today's date, where it is asked as it is now."""
    today = service.today() if asked.known_at is None else None
    return Looking(service.office, service.worlds, known_at, today)
