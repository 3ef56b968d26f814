"""/v1/staff/{no}/reads and /readers: who has read this record, and why, and who could; what the
person asks about a read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from transfer.access.identity import Caller, Role
from transfer.access.reads import LARGEST_ID
from transfer.api.bodies import Reason, Sent, Submitted, submitted
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import DatedQuestion
from transfer.questions.answer import people_shown
from transfer.questions.procedures import Looking
from transfer.questions.who_could_read import WhoCouldRead, who_could_read
from transfer.questions.who_has_read import (
    ReadAbout,
    ReadsFound,
    ReadsQuestioned,
    reads_questioned,
    who_has_read,
)

LONGEST_QUESTION = 4_000
"""Characters of a question about a read, and of its answer."""


class ReadsQuestion(BaseModel):
    """What a read of the register may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class ReadQuestioned(Sent):
    """A question about a read of one's own record. It is personal data: encrypted."""

    statement: Reason = Field(
        max_length=LONGEST_QUESTION, examples=["Why did you read my record that day?"]
    )


class ReadAnswered(Sent):
    """The office's answer to such a question. It is kept as the question is."""

    answer: Reason = Field(
        max_length=LONGEST_QUESTION, examples=["To write your letter of assignment."]
    )


ReadId = Annotated[int, Path(ge=1, lt=LARGEST_ID, description="`read_id` of the read.")]


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    could = Depends(
        service.reads(
            Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED, folds_others=True
        )
    )
    own = Depends(service.allow(Role.ADMIN, own_record=True))
    admin = Depends(service.allow(Role.ADMIN))
    office = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    questioning = Depends(submitted(service, ReadQuestioned))
    answering = Depends(submitted(service, ReadAnswered))
    router = APIRouter(prefix=V1, tags=["staff"])

    @router.get(
        "/staff/{staff_number}/reads", dependencies=[reader], **reads(ReadsFound, "not-on-record")
    )
    def read_reads(staff_number: str, asked: Annotated[ReadsQuestion, Query()]) -> Response:
        """Who has read a person's record, newest first: when, in which role, by which address,
        about which day, as known at which instant, and the reason that they gave in the header
        `Transfer-Reason`. A list that showed the person counts, and so do the pages. A read is on
        the register before its answer is given, and no row is ever changed or removed. A look at
        the register itself is not on it."""
        number = known_number(staff_number)
        service.office.person(number).require_registered()
        found = who_has_read(
            service.register,
            service.questions_of_reads,
            number,
            limit=asked.limit,
            cursor=asked.cursor,
        )
        return service.answer(found)

    @router.get(
        "/staff/{staff_number}/readers",
        dependencies=[Depends(service.up_to())],
        **reads(WhoCouldRead, "not-on-record"),
    )
    def read_readers(
        reading: Annotated[Reading, could],
        staff_number: str,
        asked: Annotated[DatedQuestion, Query()],
    ) -> Response:
        """Who could read a person's record on a day because of an appointment or a case, and
        whether they did. `in_force` is what the record says of that day by now, or as known at
        `known_at`; `let_in` is what it said on the day itself: a dismissal that is recorded late
        keeps nobody out before. `besides` has everybody else who read it on that day. Days of
        reads are those of the machine's clock."""
        number = known_number(staff_number)
        on = asked.effective_at or service.today()
        looking = Looking(service.office, service.worlds, service.known_by_the_log(asked), on)
        found = who_could_read(looking, service.register, number, on)
        return reading.answer(found, [number])

    @router.get("/read-questions", **reads(ReadsQuestioned))
    def list_questions(
        reading: Annotated[Reading, office], asked: Annotated[ReadsQuestion, Query()]
    ) -> Response:
        """What people have asked about reads of their records and nobody has answered yet, the
        oldest first."""
        found = reads_questioned(service.questions_of_reads, limit=asked.limit, cursor=asked.cursor)
        return reading.answer(found, people_shown(found))

    @router.post(
        "/staff/{staff_number}/reads/{read_id}/question",
        **writes(
            ReadQuestioned,
            ReadAbout,
            "not-on-record",
            "conflict",
            already="Asked already",
            versioned=False,
        ),
    )
    def question_read(
        staff_number: str,
        read_id: ReadId,
        caller: Annotated[Caller, own],
        sent: Annotated[Submitted[ReadQuestioned], questioning],
    ) -> Response:
        """Ask about a read of one's own record: why somebody read it. An administrator may ask for
        the person. The office answers; question and answer stay beside the read. What was asked
        before stays as it is, and is the answer (200)."""
        number = known_number(staff_number)
        is_new = service.questions_of_reads.ask(
            number,
            read_id,
            sent.command_id,
            by=caller.subject,
            statement=sent.body.statement,
        )
        return service.answer(_about(service, number, read_id), status=201 if is_new else 200)

    @router.post(
        "/staff/{staff_number}/reads/{read_id}/answer",
        **writes(ReadAnswered, ReadAbout, "not-on-record", "conflict", versioned=False),
    )
    def answer_read(
        staff_number: str,
        read_id: ReadId,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[ReadAnswered], answering],
    ) -> Response:
        """Answer what a person asked about a read of their record. One answer stays: a second one
        is 409."""
        number = known_number(staff_number)
        service.questions_of_reads.answer(
            number, read_id, by=caller.subject, answer=sent.body.answer
        )
        return service.answer(_about(service, number, read_id), status=201)

    return router


def _about(service: HttpService, number: str, read_id: int) -> ReadAbout:
    return ReadAbout.of(service.questions_of_reads.about(number, [read_id])[read_id])
