"""/v1/documents: the register of documents that a basis names."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Sent, Submitted, Words, submitted
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import V1, HttpService
from transfer.api.parameters import Question
from transfer.commands import documents as commands
from transfer.commands.documents import DocumentEntered
from transfer.commands.office import Act
from transfer.core.dating.instants import Day, Instant
from transfer.core.documents import Described, Line, Sha256
from transfer.questions.answer import Answer
from transfer.questions.documents import DocumentFound, DocumentsFound, document, documents


class DocumentGiven(Sent):
    """A document. Name nobody in its title or in where it is kept: a staff number will do."""

    title: Line = Field(examples=["Statement of measures"])
    issuer: Line = Field(examples=["London Probation Trust"])
    dated_on: Day = Field(description="The day that it bears.")
    sent_on: Day | None = Field(None, description="When it went out; not in the future.")
    received_on: Day | None = Field(None, description="When it came in; not before `sent_on`.")
    sha256: Sha256 | None = Field(None, description="The digest of the file, in hexadecimal.")
    kept_at: Line | None = Field(None, description="Where it is: a shelf, a file, an address.")

    def described(self) -> Described:
        """The same in the record's words."""
        return Described(**{name: getattr(self, name) for name in Described.model_fields})


class DocumentCorrectionGiven(DocumentGiven):
    """What a document is, as a whole, and why it is said anew: what is left out is gone."""

    reason: Words = Field(examples=["The day was mistyped"])


class DocumentWritten(Answer):
    """What a write to the register answers. A basis names the document by `document`."""

    document: str
    event_id: UUID
    version: int
    recorded_at: Instant


class DocumentsQuestion(Question):
    """What a read of the register may say."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["documents"])
    admin = Depends(service.allow(Role.ADMIN))
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT))
    reading = [reader, Depends(service.up_to())]
    registering = Depends(submitted(service, DocumentGiven))
    correcting = Depends(submitted(service, DocumentCorrectionGiven))

    @router.post("/documents", **writes(DocumentGiven, DocumentWritten))
    def register(
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[DocumentGiven], registering],
    ) -> Response:
        """Put a document into the register: what it is, who issued it, its days, the digest of its
        file and where it is kept. The file itself stays where it is. Wherever an answer cites the
        `document` id that this gives, it shows the title beside it."""
        said, today = sent.body.described(), service.today()
        return _make(
            service, caller, sent, lambda act: commands.register(service.office, act, said, today)
        )

    @router.post(
        "/documents/{document_id}/corrections",
        **writes(DocumentCorrectionGiven, DocumentWritten, "not-on-record"),
    )
    def correct(
        document_id: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[DocumentCorrectionGiven], correcting],
    ) -> Response:
        """Say anew what a document is, where it was mistyped. Earlier knowledge times go on
        answering what was said before."""
        body, today = sent.body, service.today()
        said = body.described()

        def correct_it(act: Act) -> DocumentEntered:
            return commands.correct(
                service.office, act, document_id, said, reason=body.reason, today=today
            )

        return _make(service, caller, sent, correct_it)

    @router.get("/documents", dependencies=reading, **reads(DocumentsFound))
    def list_documents(asked: Annotated[DocumentsQuestion, Query()]) -> Response:
        """The register, in the order of registration."""
        known_at = service.known_by_the_log(asked)
        log = service.office.log
        return service.answer(documents(log, known_at, limit=asked.limit, cursor=asked.cursor))

    @router.get(
        "/documents/{document_id}", dependencies=reading, **reads(DocumentFound, "not-on-record")
    )
    def read_document(document_id: str, asked: Annotated[Question, Query()]) -> Response:
        """One document, and whether it was said anew what it is."""
        known_at = service.known_by_the_log(asked)
        return service.answer(document(service.office.log, document_id, known_at))

    return router


def _make(
    service: HttpService,
    caller: Caller,
    sent: Submitted[Any],
    record: Callable[[Act], DocumentEntered],
) -> Response:
    """Record a write to the register, and let every later read of this service see it."""
    act = Act(
        by=caller.subject,
        command_id=sent.command_id,
        expected_version=sent.expected_version,
        request=sent.request,
    )
    entered = record(act)
    service.acknowledge(entered.recorded_at)
    return service.answer(
        DocumentWritten.model_validate(entered),
        status=201,
        headers={
            "ETag": f'"{entered.version}"',
            "Location": f"{V1}/documents/{entered.document}",
        },
    )
