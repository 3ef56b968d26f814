"""/v1/staff: a person's record begins, and people are found."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from transfer.access.identity import Caller, Role
from transfer.api.bodies import (
    RegistrationGiven,
    Submitted,
    Written,
    make,
    require_there,
    submitted,
)
from transfer.api.http.openapi import reads, writes
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import PagedQuestion
from transfer.api.reach import require_job_within
from transfer.commands import record
from transfer.core.words import Facet
from transfer.questions.people_found import SEEN_BY, PeopleFound, Wanted, people_found


class FindQuestion(PagedQuestion):
    """Whom somebody looks for; all that is given must hold, and one of them must be given."""

    name: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="A name or parts of one, in any order. From three letters on, a word finds the "
        "names that have a word beginning with it; a shorter one finds that word alone. Case and "
        "accents do not count.",
        examples=["mar ann"],
    )
    number: str | None = Field(
        None, min_length=1, max_length=200, description="A whole staff number, in any case."
    )
    employer: str | None = Field(
        None, min_length=1, description="Who employs them on `effective_at`, by name or code."
    )
    unit: str | None = Field(
        None, min_length=1, description="The unit of the same job on `effective_at`."
    )

    def wanted(self) -> Wanted:
        """The same as the question takes it."""
        given = {Facet.EMPLOYER: self.employer, Facet.UNIT: self.unit}
        having = {facet: value for facet, value in given.items() if value is not None}
        return Wanted(self.name, self.number, having)


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    registration = Depends(submitted(service, RegistrationGiven))

    @router.post("/staff", **writes(RegistrationGiven, Written, "already-on-record"))
    def register(
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[RegistrationGiven], registration],
    ) -> Response:
        """Register a person. It is the first event of their record: its facets stand from its
        `effective_from`, it can be corrected (an `effective_to` is 422) and annulled. An
        administrator whose token has limits registers people within them (403)."""
        body = sent.body
        require_there(service, sent, body.staff_number)
        require_job_within(caller, body.position)
        return make(
            service,
            caller,
            sent,
            lambda act: record.register(
                service.office, act, body.registration(), personal={"name": body.name}
            ),
        )

    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))

    @router.get("/staff", dependencies=[Depends(service.up_to(*SEEN_BY))], **reads(PeopleFound))
    def find(
        reading: Annotated[Reading, reader], asked: Annotated[FindQuestion, Query()]
    ) -> Response:
        """Find people by name, staff number, employer or unit, in order of staff number, page by
        page. All that is given must hold.

        Every word of `name` must be in one name of the person: the one that they go by on
        `effective_at`, or an earlier or later one (`found_by`), as known at `known_at`. A name that
        was put right or annulled finds nobody, and nor does one whose personal data was erased."""
        effective_at = asked.effective_at or service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            found = people_found(
                conn,
                service.office,
                asked.wanted(),
                effective_at,
                known_at,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(
            found, (each.staff_number for each in found.items), effective_at=effective_at
        )

    return router
