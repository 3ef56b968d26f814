"""/v1/rulebooks: the editions of the rules, one of them, and a new one for the record."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, ValidationError

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Sent, body_of
from transfer.api.http.openapi import Documented, problems, reads
from transfer.api.http.problems import malformed
from transfer.api.http_service import V1, HttpService
from transfer.core.refusals import NotOnRecord, Refused
from transfer.questions.answer import Answer
from transfer.questions.rulebooks import RulebookListed, Rulebooks, RulebookShown, listed, shown

_EDITION = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")

_EXAMPLE = """\
edition = "moor-2027"
title = "Northmoor and Southmoor: two councils to three bodies, 1 April 2027"
kind = "exercise"
mechanism = { is = "TUPE", by = "M-02" }

[[clause]]
id = "M-01"
title = "Vesting day"
text = "The three bodies take over. The councils cease the day before."
value = 2027-04-01
sources = ["Moor (Structural Changes) Order, article 3"]
confidence = "S"
"""
"""How an edition's file begins; it has its letters, routes and milestones besides."""


class EditionFile(Sent):
    """An edition's file within JSON."""

    source: str = Field(description="The text of the file, in TOML.", examples=[_EXAMPLE])


class EditionAdded(Answer):
    """What became of the file; `added` is false where the record has that very text already."""

    added: bool
    rulebook: RulebookListed


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["rulebooks"])
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT))
    admin = Depends(service.allow(Role.ADMIN, whole_office=True))

    @router.get("/rulebooks", dependencies=[reader], **_now(reads(Rulebooks)))
    def read_rulebooks() -> Response:
        """The editions of the rules: the program's own, and those that were added to this record.

        `needs` lists the clauses whose value no source gives, and without which nothing opens."""
        books = service.office.editions.all().values()
        return service.answer(Rulebooks(rulebooks=tuple(listed(book) for book in books)))

    @router.get(
        "/rulebooks/{edition}",
        dependencies=[reader],
        **_now(reads(RulebookShown, "not-on-record")),
    )
    def read_rulebook(edition: str) -> Response:
        """One edition: its clauses with value, unit, sources and confidence; what is unknown and
        which document is needed; from whom people go and to whom; the columns of evidence that a
        staff return may have for it; and its routes, letters, windows and milestones."""
        if _EDITION.fullmatch(edition) is None:
            raise NotOnRecord("no such edition: GET /v1/rulebooks lists those that there are")
        try:
            book = service.office.editions.find(edition)
        except Refused as unknown:
            raise NotOnRecord(unknown.reason) from None
        return service.answer(shown(book))

    @router.post("/rulebooks", **_ADDS)
    def add_rulebook(
        caller: Annotated[Caller, admin],
        source: Annotated[bytes, Depends(_file(service))],
    ) -> Response:
        """Take an edition's file into the record. The body is the file itself, in TOML, or JSON
        with the file's text as `source`; docs/rulebooks.md describes the format.

        A file with faults is 422: `errors` names all of them, each with its `line`, `field` and
        `reason`, and nothing is kept. The same text again is 200 and adds nothing, so no
        `Idempotency-Key` is needed. A new text of an edition takes the place of the old one, unless
        a procedure was begun under it or it is the program's own: then it is 409. Give the edition
        a new id and add that."""
        added = service.office.editions.add(source, by=caller.subject)
        return service.answer(
            EditionAdded(added=not added.already_there, rulebook=listed(added.book)),
            status=200 if added.already_there else 201,
            headers={"Location": f"{V1}/rulebooks/{added.book.edition}"},
        )

    return router


def _file(service: HttpService) -> Callable[[Request], Awaitable[bytes]]:
    """The dependency that reads an edition's file; it comes after the one that lets a caller in."""

    async def read(request: Request) -> bytes:
        raw = await body_of(request, service.max_body_bytes)
        # No TOML begins with a brace.
        if not raw.lstrip().startswith(b"{"):
            return raw
        try:
            return EditionFile.model_validate_json(raw).source.encode()
        except ValidationError as error:
            raise malformed(error) from None

    return read


def _now(documented: Documented) -> Documented:
    """The documentation of a read that is not asked by a clock: editions are as they are now."""
    documented["responses"][200]["description"] = "As it is now"
    return documented


def _schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_ADDS = Documented(
    status_code=201,
    response_model=None,
    responses={
        201: {
            "model": EditionAdded,
            "description": "In the record",
            "headers": {
                "Location": {"description": "Where it is read", "schema": {"type": "string"}}
            },
        },
        200: {"model": EditionAdded, "description": "In the record already, with this very text"},
        **problems("malformed", "conflict", "too-large"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/toml": {"schema": {"type": "string"}, "example": _EXAMPLE},
                "application/json": {"schema": _schema(EditionFile.__name__)},
            },
        }
    },
)
