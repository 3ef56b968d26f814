"""Exports: an answer without pages, as CSV or NDJSON, at an address that ends in the form.

Rows are sent as they are read, so that an export takes little memory however many there are: of
those before, only whose they are is kept. Each piece is on the register of reads before it is sent,
each person once. If something fails on the way, the connection
is broken off without an end, so that the reader knows that rows are missing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from transfer.api.http.openapi import Documented, reads
from transfer.api.http_service import Reading
from transfer.core.dating.instants import print_instant
from transfer.questions.answer import people_shown
from transfer.questions.documents import citing_at
from transfer.questions.table import Form, Row, head, lines

KNOWN_AT = "Transfer-Known-At"
"""The header that says as known at which instant an export is."""


class Csv(Response):
    """A file for spreadsheets."""

    media_type = Form.CSV.media_type


class Ndjson(Response):
    """A file of JSON documents, one a line."""

    media_type = Form.NDJSON.media_type


_RESPONSES: dict[Form, type[Response]] = {Form.CSV: Csv, Form.NDJSON: Ndjson}
_SAYS = {
    Form.CSV: "As CSV: the names of the columns first, then every row, in UTF-8. What is not there "
    "is empty. A text that a spreadsheet may take for a formula has an apostrophe in front.",
    Form.NDJSON: "As NDJSON: one JSON document a line, in UTF-8.",
}


def add_exports(
    router: APIRouter,
    path: str,
    kind: type[Row],
    endpoint_of: Callable[[Form], Callable[..., Response]],
    *refused_as: str,
    name: str,
    says: str,
    dependencies: Sequence[Any] = (),
) -> None:
    """Add the routes of an export, one for each form; `endpoint_of` makes what answers."""
    for form in Form:
        documented = _documented(form, kind, *refused_as)
        router.add_api_route(
            f"{path}.{form}",
            endpoint_of(form),
            methods=["GET"],
            name=f"{name}_{form}",
            response_class=_RESPONSES[form],
            dependencies=dependencies,
            description=f"{says} {_SAYS[form]} `{KNOWN_AT}` says as known at which instant, and so "
            "does every row.",
            **documented,
        )


def export(
    reading: Reading,
    form: Form,
    kind: type[Row],
    pieces: Iterator[Sequence[Row]],
    *,
    file: str,
    known_at: datetime,
    effective_at: date | None = None,
) -> Response:
    """The answer that sends these rows. The first piece is read before it begins, so that what is
    wrong with the question is answered as a problem."""
    service = reading.service
    if service.rehearsal is not None:
        file = f"{service.rehearsal.edition}-{file}"  # never taken for a real one later
    context = dict(citing_at(service.office.log, known_at))
    pieces = (reading.shown(rows, effective_at) for rows in pieces)
    first = next(pieces, ())

    def sent() -> Iterator[str]:
        yield head(form, kind)
        noted: set[str] = set()
        for rows in chain([first], pieces):
            people = {*people_shown(rows)} - noted
            reading.note(people, effective_at=effective_at, known_at=known_at)
            noted |= people
            yield lines(form, rows, context)

    return StreamingResponse(
        sent(),
        headers={
            KNOWN_AT: print_instant(known_at),
            "Content-Disposition": f'attachment; filename="{file}.{form}"',
        },
        media_type=form.media_type,
    )


def _documented(form: Form, kind: type[Row], *refused_as: str) -> Documented:
    documented = reads(kind, *refused_as)
    answer = documented["responses"][200]
    answer["headers"] = {
        KNOWN_AT: {
            "description": "The knowledge time of every row",
            "schema": {"type": "string", "format": "date-time"},
        }
    }
    if form is Form.CSV:
        columns = ",".join(kind.model_fields)
        del answer["model"]
        answer["content"] = {
            form.media_type: {
                "schema": {"type": "string", "description": f"Its first line is `{columns}`."}
            }
        }
    return documented
