"""/v1/procedures/exercise/{id}/letters: to whom, what each has to say, and what came of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from projections.deadlines import deadlines
from transfer.access.identity import Role
from transfer.api.exports import KNOWN_AT, add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.api.printed import Pdf, Zip, as_pdf, as_zip, printed
from transfer.core.dating.instants import print_instant
from transfer.core.refusals import Refused
from transfer.printing.archive import zipped
from transfer.printing.pdf import pdf
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

LETTER: Final = "letter.typ"
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
        f"{path}.zip",
        dependencies=needs,
        response_class=Zip,
        **as_zip("not-on-record"),
    )
    def print_letters(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[LettersQuestion, Query()],
    ) -> Response:
        """Every letter of an exercise on paper, a PDF each, in one ZIP. Instead of a letter with a
        sign that no font has there is a text that says so; the merge file has the letter."""
        known_at = service.known_by(NAMES, asked)
        rows = rows_of_letters(
            looking_at(service, asked, known_at),
            service.reading,
            id,
            group=asked.group,
            state=asked.state,
        )
        return all_on_paper(reading, rows, file=f"letters-of-{id}", known_at=known_at)

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
        return on_paper(reading, row, known_at)

    return router


def on_paper(reading: Reading, row: LetterRow, known_at: datetime) -> Response:
    """A letter as a PDF; it is on the register of reads."""
    values = letter_on_paper(row, _rehearsed(reading.service))
    answer = printed(LETTER, values, file=f"letter-to-{row.staff_number}")
    reading.note([row.staff_number], known_at=known_at)
    return answer


def all_on_paper(
    reading: Reading, pieces: Iterator[Sequence[LetterRow]], *, file: str, known_at: datetime
) -> Response:
    """Letters as a ZIP of PDFs, sent as they are made; each is on the register before it is sent.

    The first piece is read before it begins, so that what is wrong with the question is answered
    as a problem.
    """
    pieces = (reading.shown(rows) for rows in pieces)
    first = next(pieces, ())
    rehearsed = _rehearsed(reading.service)

    def letters_printed() -> Iterator[tuple[str, bytes]]:
        for rows in chain([first], pieces):
            reading.note(people_shown(rows), known_at=known_at)
            for row in rows:
                name = f"letter-to-{row.staff_number}"
                try:
                    yield f"{name}.pdf", pdf(LETTER, letter_on_paper(row, rehearsed))
                except Refused as refused:
                    yield f"{name}-not-printed.txt", f"{refused}\n".encode()

    if rehearsed is not None:
        file = f"{rehearsed}-{file}"  # never taken for real ones later
    return StreamingResponse(
        zipped(letters_printed()),
        headers={
            KNOWN_AT: print_instant(known_at),
            "Content-Disposition": f'attachment; filename="{file}.zip"',
        },
        media_type=Zip.media_type,
    )


def _rehearsed(service: HttpService) -> str | None:
    return service.rehearsal.edition if service.rehearsal else None


def looking_at(service: HttpService, asked: Question, known_at: datetime) -> Looking:
    """The record as it was asked for; by today's date, where it is asked as it is now."""
    today = service.today() if asked.known_at is None else None
    return Looking(service.office, service.worlds, known_at, today)
