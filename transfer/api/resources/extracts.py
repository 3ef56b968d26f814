"""/v1/extracts: a question that is answered once and kept, so that it can be cited."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from transfer.access.extracts import ExtractStore, Kept, reference_of
from transfer.access.identity import Role
from transfer.access.reads import Reader
from transfer.api.bodies import Reason, Sent, Submitted, submitted
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import BY_CASE, V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.api.printed import Pdf, as_pdf, printed
from transfer.core.dating.instants import Day, Instant
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import StaffNumber
from transfer.questions.extracts import SEEN_BY, Asked, Extract, ExtractHead, Points, pin
from transfer.questions.on_paper import extract_on_paper

MOST_PEOPLE = 100
MOST_DAYS = 31
MOST_INSTANTS = 12

_NOW = Question(known_at=None, consistent_with=None)
_NOT_THERE = "no extract of that reference"


class ExtractAsked(Sent):
    """Whom a question is about, on which days, as known when. All of it is answered."""

    staff_numbers: list[StaffNumber] = Field(
        min_length=1, max_length=MOST_PEOPLE, examples=[["S10442", "S10443"]]
    )
    effective_at: list[Day] = Field(
        min_length=1,
        max_length=MOST_DAYS,
        description="The days asked about.",
        examples=[["2014-05-31", "2014-06-01"]],
    )
    known_at: list[Instant] = Field(
        [],
        max_length=MOST_INSTANTS,
        description="The knowledge times. One that is later than what the projections have seen "
        "becomes their complete horizon; so does none at all. The extract says which they were.",
        examples=[["2014-06-10T09:30:00Z"]],
    )
    reason: Reason | None = Field(
        None, description="Why it is asked. Name nobody in it.", examples=["case 2014/17"]
    )


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["extracts"])
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=BY_CASE,
            named_inside=True,
        )
    )

    @router.post(
        "/extracts",
        dependencies=[reader, Depends(service.up_to(*SEEN_BY))],
        **writes(ExtractAsked, Extract, "not-on-record", "conflict", versioned=False),
    )
    def pin_extract(
        reading: Annotated[Reading, reader],
        sent: Annotated[Submitted[ExtractAsked], Depends(submitted(service, ExtractAsked))],
    ) -> Response:
        """Pin a question: it is answered now, for each person on each day as known at each of the
        instants, and kept as it was answered. `GET /v1/extracts/{reference}` answers the same bytes
        for ever, whatever is recorded later; cite it by its `reference`.

        Each answer has its evidence beside it: what every value rests on, what reads differently
        from one knowledge time to the next and why, and the entries that are cited. With an
        `Idempotency-Key`, the same question again answers the extract that there is.

        A member of staff pins questions about themselves, a representative about members whom they
        act for on each of the days. Somebody out of reach is 404, as if not there."""
        if sent.expected_version is not None or sent.must_exist:
            raise Malformed("an extract has no version", field="If-Match")
        if not is_pinned(service, sent.body, sent.command_id):
            points = points_of(service, sent.body)
            reading = reading.of_each(points.staff_numbers, points.effective_at, points.known_at)
            pin_points(service, reading.reader, sent.body, points, sent.command_id)
        reading, kept = found(reading, reference_of(sent.command_id))
        answer = _answered(reading, kept, status=201)
        answer.headers["Location"] = f"{V1}/extracts/{kept.reference}"
        return answer

    # Before the address without an ending, which would take it for a reference.
    @router.get(
        "/extracts/{reference}.pdf",
        dependencies=[reader],
        response_class=Pdf,
        **as_pdf("not-on-record"),
    )
    def print_extract(reading: Annotated[Reading, reader], reference: str) -> Response:
        """The same on paper: who asked, what and when, then the answers with what they rest on. The
        same extract makes the same bytes. A sign that no font has is 409; the data has it."""
        return on_paper(*found(reading, reference))

    @router.get("/extracts/{reference}", dependencies=[reader], **reads(Extract, "not-on-record"))
    def read_extract(reading: Annotated[Reading, reader], reference: str) -> Response:
        """An extract as it was answered: the same bytes for ever. `ETag` is their SHA-256. If
        somebody in it was erased since, only their number is left, and there is no `ETag`.

        Administrators and auditors read every extract, an administrator with limits those about
        people within them. Anybody else reads those that they pinned, while they reach everybody
        in it."""
        return _answered(*found(reading, reference))

    return router


def store_of(service: HttpService) -> ExtractStore:
    """The extracts of a service's record."""
    return ExtractStore(service.office.log.connection, service.office.vault)


def is_pinned(service: HttpService, body: ExtractAsked, command_id: UUID) -> bool:
    """Whether this command has made its extract before. Raises `KeyReused` as the store does."""
    return store_of(service).of_command(command_id, body.model_dump_json()) is not None


def points_of(service: HttpService, body: ExtractAsked) -> Points:
    """Whom and when it is about: numbers as the record spells them, instants as resolved.

    Raises `Malformed` for too many answers.
    """
    asked = [Question(known_at=each) for each in body.known_at] or [_NOW]
    known = [service.known_by(SEEN_BY, each) for each in asked]
    numbers = [service.office.spelled(each) for each in body.staff_numbers]
    return Points.of(numbers, body.effective_at, known)


def pin_points(
    service: HttpService, reader: Reader, body: ExtractAsked, points: Points, command_id: UUID
) -> None:
    """Answer a question by somebody who may ask it, and keep the answers. Raises as `pin`."""
    asked = Asked(
        command_id=command_id,
        text=body.model_dump_json(),
        by=reader.subject,
        role=reader.role,
        at=service.now(),
        reason=body.reason,
        rehearsed=service.rehearsal.edition if service.rehearsal else None,
        dispute_case=reader.dispute_case,
    )
    pin(service.office, store_of(service), asked, points)


def found(reading: Reading, reference: str) -> tuple[Reading, Kept]:
    """The extract, and the read of it by what lets the caller read.

    Raises `NotOnRecord` where there is none, or none that the caller may read now.
    """
    kept = store_of(reading.service).get(reference) if reference.isprintable() else None
    if kept is None:
        raise NotOnRecord(_NOT_THERE)
    if not reading.is_of_everybody and kept.asked_by != reading.reader.subject:
        raise NotOnRecord(_NOT_THERE)
    head = {name: value for name, value in json.loads(kept.body).items() if name != "answers"}
    asked = ExtractHead.model_validate(head)
    days = asked.effective_at
    if reading.is_of_everybody or Role.DISPUTE not in reading.caller.roles:
        days = (reading.service.today(),)
    try:
        return reading.of_each(kept.people, days, asked.known_at), kept
    except NotOnRecord:
        raise NotOnRecord(_NOT_THERE) from None


def on_paper(reading: Reading, kept: Kept) -> Response:
    """The extract as a document, once the register has the read of it."""
    values = extract_on_paper(json.loads(kept.body), kept.sha256.hex() if kept.is_whole else None)
    answer = printed("extract.typ", values, file=f"extract-{kept.reference}")
    reading.note(kept.people)
    return answer


def _answered(reading: Reading, kept: Kept, status: int = 200) -> Response:
    reading.note(kept.people)
    headers = {"ETag": f'"{kept.sha256.hex()}"'} if kept.is_whole else {}
    return Response(kept.body, status, headers, "application/json")
