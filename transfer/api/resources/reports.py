"""GET /v1/reports/appeals, /v1/vetting/failures and /v1/reports/consistency: what came of appeals
and vetting by group, and whether panels decide alike.

For administrators of the whole office and for audit; and for members of a panel, on the days and as
known at the instants that one of their open cases covers.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.keeping_up.copying import Conn
from transfer.access.identity import Role
from transfer.access.reach import Grant
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import reads
from transfer.api.http.problems import NOT_ALLOWED, Problem
from transfer.api.http_service import V1, HttpService, Reading
from transfer.api.parameters import DatedQuestion
from transfer.core.refusals import NotOnRecord
from transfer.core.words import ExerciseId
from transfer.questions.appeals_by_group import AppealsByGroup, appeals_by_group
from transfer.questions.appeals_made import SEEN_BY
from transfer.questions.consistency import Consistency, RateRow, consistency, people_of, unnamed
from transfer.questions.consistency import rows_of as rows_of_rates
from transfer.questions.counts import CountRow, Counts
from transfer.questions.counts import rows_of as rows_of_counts
from transfer.questions.procedures import Looking
from transfer.questions.table import Form, Row
from transfer.questions.vetting_failures import VettingFailures, vetting_failures
from transfer.questions.who_may_read import cases_of

ROLES: Final = (Role.ADMIN, Role.AUDIT)
GRANTED: Final = (Role.DISPUTE,)


class AskedOfDay(Protocol):
    """What is asked of a report: a day, and as known when."""

    @property
    def effective_at(self) -> date | None:
        """The day; `None`: today."""

    @property
    def known_at(self) -> datetime | None:
        """As known when; `None`: now."""


class ReportQuestion(DatedQuestion):
    """Which appeals a report is about."""

    exercise: ExerciseId | None = Field(
        None, description="Of that exercise; of all, if left out: then the sum of their reports."
    )


class NotCovered(NotOnRecord):
    """No open case of a member of a panel covers the day and the instant that they ask about."""


def let_report(reading: Reading, effective_at: date, known_at: datetime) -> Reading:
    """The same read, where the caller may have a report of that day and instant.

    Raises `Problem` (403) for an administrator with limits, and `NotCovered` for a member of a
    panel none of whose open cases covers them.
    """
    if reading.limits is not None:
        raise Problem(NOT_ALLOWED, "It is the whole office's, and the token has limits.")
    if reading.is_of_everybody:
        return reading
    service, subject = reading.service, reading.caller.subject
    for each in cases_of(service.office, service.worlds, subject):
        case = each.reach
        if (
            case.is_open_to(subject, service.today())
            and case.covers_day(effective_at)
            and case.covers_knowledge(known_at)
        ):
            reader = replace(reading.reader, dispute_case=case.id)
            return replace(reading, reader=reader, grant=Grant(Role.DISPUTE, case=case.id))
    raise NotCovered("no open case of yours covers that day and that instant")


@contextmanager
def report_on(reading: Reading, asked: AskedOfDay) -> Iterator[tuple[Reading, Conn, Looking, date]]:
    """What a report is made from, and the day that it is of; raises as `let_report`."""
    service = reading.service
    on = asked.effective_at or service.today()
    with service.knowing(SEEN_BY, asked) as (conn, known_at):
        today = service.today() if asked.known_at is None else None
        allowed = let_report(reading, on, known_at)
        yield allowed, conn, Looking(service.office, service.worlds, known_at, today), on


def consistency_for(
    reading: Reading,
    conn: Conn,
    looking: Looking,
    exercise: str | None,
    effective_at: date,
    *,
    rates_alone: bool = False,
) -> Consistency:
    """How panels decided, as the caller sees it, on the register of reads of those whose decisions
    are listed: to an administrator with their names, to a panel without, to the audit in numbers
    alone. `rates_alone`: the decisions are not sent on, and nobody is on the register for them."""
    listed = Role.AUDIT is not reading.by
    found = consistency(
        looking, conn, exercise, effective_at, reading.service.small_group, listed=listed
    )
    people = set() if rates_alone else {*people_of(found)}
    reading.note(people, effective_at=effective_at, known_at=found.known_at)
    return found if reading.by is Role.ADMIN else unnamed(found)


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(*ROLES, granted=GRANTED, named_inside=True))
    router = APIRouter(
        prefix=V1, tags=["reports"], dependencies=[reader, Depends(service.up_to(*SEEN_BY))]
    )

    def appeals_asked(reading: Reading, asked: ReportQuestion) -> tuple[Reading, AppealsByGroup]:
        with report_on(reading, asked) as (allowed, conn, looking, on):
            small = service.small_group
            return allowed, appeals_by_group(looking, conn, asked.exercise, on, small)

    def vetting_asked(reading: Reading, asked: DatedQuestion) -> tuple[Reading, VettingFailures]:
        with report_on(reading, asked) as (allowed, conn, looking, on):
            return allowed, vetting_failures(looking, conn, on, service.small_group)

    def consistency_asked(
        reading: Reading, asked: ReportQuestion, *, rates_alone: bool
    ) -> tuple[Reading, Consistency]:
        with report_on(reading, asked) as (allowed, conn, looking, on):
            return allowed, consistency_for(
                allowed, conn, looking, asked.exercise, on, rates_alone=rates_alone
            )

    @router.get("/reports/appeals", **reads(AppealsByGroup, "not-on-record"))
    def report_appeals(
        reading: Annotated[Reading, reader], asked: Annotated[ReportQuestion, Query()]
    ) -> Response:
        """Who appealed and what came of it, in numbers: by employer, unit and band on the day on
        which the appeal came, by the rule by which they were assigned, and by outcome. Everybody
        counts once in an exercise. Small numbers are not shown, nor those from which one could be
        worked out."""
        return service.answer(appeals_asked(reading, asked)[1])

    @router.get("/vetting/failures", **reads(VettingFailures, "not-on-record"))
    def report_vetting(
        reading: Annotated[Reading, reader], asked: Annotated[DatedQuestion, Query()]
    ) -> Response:
        """Who failed their vetting, in numbers, and who was moved under a version of the policy
        after which one was announced that would have let them stay: by version, by quarter and by
        employer. `basis` is the clause that asks for it. Small numbers are not shown, nor those
        from which one could be worked out."""
        return service.answer(vetting_asked(reading, asked)[1])

    @router.get("/reports/consistency", **reads(Consistency, "not-on-record"))
    def report_consistency(
        reading: Annotated[Reading, reader], asked: Annotated[ReportQuestion, Query()]
    ) -> Response:
        """How often each panel upheld an appeal, on equal facts: one edition, one rule of
        assignment, one clause, one band; and the decisions on equal facts that differ, each with
        its entry on record. Panels of job evaluation besides, where no exercise is named. To audit,
        no decision and nothing of job evaluation: of each panel, how often it upheld in all, and
        no small number nor one from which it could be worked out."""
        return service.answer(consistency_asked(reading, asked, rates_alone=False)[1])

    def sent(
        form: Form,
        file: str,
        kind: type[Row],
        asked: tuple[Reading, Counts | Consistency],
        rows: Iterator[Sequence[Row]],
    ) -> Response:
        allowed, found = asked
        on, known_at = found.effective_at, found.known_at
        file = f"{file}-{on}"
        return export(allowed, form, kind, rows, file=file, known_at=known_at, effective_at=on)

    def appeals_as(form: Form) -> Callable[..., Response]:
        def export_appeals(
            reading: Annotated[Reading, reader], asked: Annotated[ReportQuestion, Query()]
        ) -> Response:
            found = appeals_asked(reading, asked)
            return sent(form, "appeals-by-group", CountRow, found, rows_of_counts(found[1]))

        return export_appeals

    def vetting_as(form: Form) -> Callable[..., Response]:
        def export_vetting(
            reading: Annotated[Reading, reader], asked: Annotated[DatedQuestion, Query()]
        ) -> Response:
            found = vetting_asked(reading, asked)
            return sent(form, "vetting-failures", CountRow, found, rows_of_counts(found[1]))

        return export_vetting

    def consistency_as(form: Form) -> Callable[..., Response]:
        def export_consistency(
            reading: Annotated[Reading, reader], asked: Annotated[ReportQuestion, Query()]
        ) -> Response:
            found = consistency_asked(reading, asked, rates_alone=True)
            return sent(form, "consistency", RateRow, found, rows_of_rates(found[1]))

        return export_consistency

    says = "The numbers of the report, one a row."
    add_exports(
        router, "/reports/appeals", CountRow, appeals_as, "not-on-record",
        name="export_appeals_by_group", says=says,
    )  # fmt: skip
    add_exports(
        router, "/vetting/failures", CountRow, vetting_as, "not-on-record",
        name="export_vetting_failures", says=says,
    )  # fmt: skip
    add_exports(
        router, "/reports/consistency", RateRow, consistency_as, "not-on-record",
        name="export_consistency", says="The panels' rates, one a row.",
    )  # fmt: skip
    return router
