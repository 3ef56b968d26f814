"""/v1/procedures/exercise/{id}/liability-information: is it complete, and what has changed?"""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.deadlines import deadlines
from transfer.access.identity import Role
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import DatedQuestion
from transfer.api.reach import within_limits
from transfer.api.resources.letters_of_exercise import looking_at
from transfer.core.dating.instants import Day, Instant
from transfer.core.refusals import Malformed
from transfer.questions.answer import people_shown
from transfer.questions.liability import Listed
from transfer.questions.liability_information import (
    SEEN_BY,
    AsAt,
    LiabilityOfExercise,
    LiabilityRow,
    Reached,
    liability_information,
    rows_of_liability_information,
)
from transfer.questions.table import Form

NAMES: Final = (*SEEN_BY, deadlines.NAME)


class LiabilityQuestion(DatedQuestion):
    """What the liability information of an exercise may be asked."""

    effective_at: Day | None = Field(
        None,
        description="The day that it describes: today in London, if left out, or the day before "
        "the transfer once that has come.",
    )


class LiabilityPageQuestion(LiabilityQuestion):
    """The same page by page, and compared with what it was."""

    since_known_at: Instant | None = Field(
        None,
        description="Say of everybody what has changed since the information as known then "
        "(`since`, `changes`). Not later than `known_at`.",
    )
    since_effective_at: Day | None = Field(
        None,
        description="The day that the earlier information described; the same day, if left out.",
    )
    listed: Listed = Field(
        Listed.ALL,
        description="Who is among the people: everybody, those of whom the record lacks something "
        "(documents aside), or those of whose information something became since.",
    )
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    needs = [reader, Depends(service.up_to(*NAMES))]
    router = APIRouter(prefix=V1, tags=["procedures"])
    path = "/procedures/exercise/{id}/liability-information"

    @router.get(path, dependencies=needs, **reads(LiabilityOfExercise, "not-on-record"))
    def read_liability_information(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[LiabilityPageQuestion, Query()],
    ) -> Response:
        """The liability information of an exercise: by when it is due, each item of the edition and
        for how many people it is held (`counts`, on the first page), and of each person who moves
        every value with its entries, or which document is needed. `duty` says whether the edition
        has any; of one that says nothing there are no items."""
        since = compared_with(asked.since_known_at, asked.since_effective_at)
        with service.knowing(NAMES, asked) as (conn, known_at):
            found = liability_information(
                looking_at(service, asked, known_at),
                conn,
                id,
                effective_at=asked.effective_at,
                since=since,
                listed=asked.listed,
                reached=reached_by(reading),
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(found, people_shown(found), effective_at=found.effective_at)

    def exported(form: Form) -> Callable[..., Response]:
        def export_liability_information(
            reading: Annotated[Reading, reader],
            id: str,  # noqa: A002 - its name
            asked: Annotated[LiabilityQuestion, Query()],
        ) -> Response:
            known_at = service.known_by(NAMES, asked)
            as_at, rows = rows_of_liability_information(
                looking_at(service, asked, known_at),
                service.reading,
                id,
                effective_at=asked.effective_at,
                reached=reached_by(reading),
            )
            return export(
                reading,
                form,
                LiabilityRow,
                rows,
                file=f"liability-information-of-{id}-as-at-{as_at}",
                known_at=known_at,
                effective_at=as_at,
            )

        return export_liability_information

    add_exports(
        router,
        path,
        LiabilityRow,
        exported,
        "not-on-record",
        name="export_liability_information",
        says="Everything that the edition asks for of everybody whom the old employers employ on "
        "the day, by staff number: a row for each value, or with the document that is needed.",
        dependencies=needs,
    )
    return router


def compared_with(known_at: Instant | None, effective_at: date | None) -> AsAt | None:
    """The earlier state that is asked for, if one is. Raises `Malformed` for a day alone."""
    if known_at is None:
        if effective_at is not None:
            raise Malformed("give since_known_at too: as known when", field="since_effective_at")
        return None
    return AsAt(known_at, effective_at)


def reached_by(reading: Reading) -> Reached | None:
    """Whom an administrator with limits reaches; `None`: everybody."""
    if reading.limits is None:
        return None
    return partial(within_limits, reading.service, reading.caller)
