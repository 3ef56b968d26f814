"""GET /v1/my/…: where staff, representatives and members of a panel begin, by their own token."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from transfer.access.identity import Role
from transfer.access.reads import Reader
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading, known_number
from transfer.api.parameters import DatedQuestion, Question
from transfer.questions import totals
from transfer.questions.consultations import MyConsultations, my_consultations
from transfer.questions.mine import SEEN_BY, MyCases, MyMembers, my_cases, my_members
from transfer.questions.procedures import Looking
from transfer.questions.summary import Summary, summary
from transfer.questions.who_may_read import cases_of


class Now(BaseModel):
    """What is asked as it is known now: who may read whom is asked of no other time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    consistent_with: str | None = Field(
        None, description="The id of an event that the answer must take into account."
    )


class PageNow(Now):
    """The same, page by page."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


_NOW = Question()


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["mine"], dependencies=[Depends(service.up_to(*SEEN_BY))])
    member = Depends(service.reads(Role.STAFF))
    representative = Depends(service.reads(granted=[Role.UNION], named_inside=True))
    panel = Depends(service.reads(granted=[Role.DISPUTE], named_inside=True))

    @router.get("/my/record", **reads(Summary, "not-on-record"))
    def read_my_record(
        reading: Annotated[Reading, member], asked: Annotated[Question, Query()]
    ) -> Response:
        """The caller's own record in brief, as of today: their name, where they work, what is still
        due about them, which procedures run for them, which of their objections await an answer.
        It is 404 where nothing is on record under the staff number of the token."""
        number, today = known_number(reading.caller.staff_number), service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, near_days=service.near_days)
            found = summary(conn, looking, number, today, known_at)
        return reading.answer(found, [number], effective_at=today)

    @router.get("/my/members", **reads(MyMembers))
    def read_my_members(
        reading: Annotated[Reading, representative], page: Annotated[PageNow, Query()]
    ) -> Response:
        """The members of staff who have appointed the caller, while appointed: for what and until
        when, where they work today, and what is due first about them. An appointment for the
        record alone shows no deadline, one for procedures alone no name and no work."""
        with service.knowing(SEEN_BY, _NOW) as (conn, known_at):
            near = service.near_days
            looking = Looking(
                service.office, service.worlds, known_at, service.today(), near_days=near
            )
            subject = reading.caller.subject
            found = my_members(conn, looking, subject, limit=page.limit, cursor=page.cursor)
        note_members(service, reading.reader, found)
        return service.answer(found)

    @router.get(
        "/my/members/totals",
        dependencies=[Depends(service.up_to(*totals.SEEN_BY))],
        **reads(totals.MembersTotals),
    )
    def count_my_members(
        reading: Annotated[Reading, representative], asked: Annotated[DatedQuestion, Query()]
    ) -> Response:
        """The caller's members in numbers: by employer on a day, and by where they are in each
        exercise. Nobody is named. Members who have appointed the caller for procedures alone are
        in no employer's number, those who have for the record alone in no exercise's. It is on the
        register of reads of everybody whose record it rests on."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(totals.SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, service.today())
            subject = reading.caller.subject
            found = totals.totals_of_members(conn, looking, subject, effective_at)
        note_counted(service, reading.reader, found)
        return service.answer(found.totals)

    @router.get(
        "/my/consultations/{id}/totals",
        dependencies=[Depends(service.up_to(*totals.SEEN_BY))],
        **reads(totals.ConsultationTotals, "not-on-record"),
    )
    def count_people_consulted_on(
        reading: Annotated[Reading, representative],
        id: str,  # noqa: A002 - its name
        asked: Annotated[DatedQuestion, Query()],
    ) -> Response:
        """The people whom a consultation of the caller's body is about, in numbers, by employer on
        a day. Nobody is named, and small groups have no number (`fewer`): where there is one, one
        further group (`withheld`) and the total have none either, so that it cannot be worked
        out."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(totals.SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, service.today())
            found = totals.totals_of_consultation(
                conn, looking, reading.caller, id, effective_at, service.small_group
            )
        return service.answer(found)

    @router.get("/my/consultations", **reads(MyConsultations))
    def read_my_consultations(
        reading: Annotated[Reading, representative],
        asked: Annotated[Now, Query()],  # noqa: ARG001 - the wait reads it off the request
    ) -> Response:
        """The consultations that the caller's body takes part in (claim `body` of the token): what
        the employer said that it means to do and when, the questions and which of them are owed an
        answer, the meetings and what came of them, and how the body itself answered."""
        known_at = service.known_by_the_log(_NOW)
        looking = Looking(service.office, service.worlds, known_at, service.today())
        return service.answer(my_consultations(looking, reading.caller))

    @router.get("/my/cases", **reads(MyCases))
    def read_my_cases(
        reading: Annotated[Reading, panel],
        asked: Annotated[Now, Query()],  # noqa: ARG001 - the wait reads it off the request
    ) -> Response:
        """The disputes whose panel the caller is on: the parties, the people whose record they may
        read, and the days that they may ask about. Of a closed case, and of one from which the
        caller is barred, it says that alone."""
        with service.knowing(SEEN_BY, _NOW) as (_conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, service.today())
        subject = reading.caller.subject
        found = my_cases(looking, cases_of(service.office, service.worlds, subject), subject)
        for each in found.items:
            service.register.note(
                replace(reading.reader, dispute_case=f"dispute-case:{each.id}"),
                [person.staff_number for person in each.people],
                effective_at=None,
                known_at=found.known_at,
            )
        return service.answer(found)

    return router


def note_members(service: HttpService, reader: Reader, found: MyMembers) -> None:
    """Put each member shown on the register of reads, with the appointment by which they are."""
    service.register.note_each(
        reader,
        {each.staff_number: each.appointments[0].id for each in found.items},
        effective_at=found.effective_at,
        known_at=found.known_at,
    )


def note_counted(service: HttpService, reader: Reader, found: totals.MembersCounted) -> None:
    """Put each member on the register of reads whose record totals rest on, with the appointment by
    which it does."""
    service.register.note_each(
        reader,
        found.read_by,
        effective_at=found.totals.effective_at,
        known_at=found.totals.known_at,
    )
