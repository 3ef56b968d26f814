"""GET /v1/staff/{no}/history: a person's events, oldest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading, known_number
from transfer.api.parameters import HistoryQuestion, Question
from transfer.api.printed import Pdf, as_pdf, printed
from transfer.core.dating.clocks import Clock
from transfer.questions.answer import people_shown
from transfer.questions.attested import AttestedLog
from transfer.questions.history import History, ReadsStreams, full_history
from transfer.questions.on_paper import history_on_paper
from transfer.questions.one_person import one_person

_OFFICE = (Role.ADMIN, Role.AUDIT)


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    reader = Depends(service.reads(*_OFFICE, own_record=True, granted=REPRESENTED))
    router = APIRouter(
        prefix=V1,
        tags=["staff"],
        dependencies=[
            reader,
            Depends(service.up_to()),
        ],
    )

    @router.get("/staff/{staff_number}/history", **reads(History, "not-on-record"))
    def read_history(
        reading: Annotated[Reading, reader],
        staff_number: str,
        asked: Annotated[HistoryQuestion, Query()],
    ) -> Response:
        """Every event on a person's record that was there at an instant, what was corrected or
        annulled included. Read from the log itself, which never lags. With `name=true` an entry
        that gives a name tells it."""
        number = known_number(staff_number)
        among = None
        if asked.linked and reading.by is Role.STAFF:
            # A link that was undone since may have been to somebody else: theirs is not shown.
            among = one_person(service.office.log, number)
        elif asked.linked and not reading.is_of_everybody:
            # Another number has its own appointments.
            among = frozenset({number})
        known_at = service.known_by_the_log(asked)
        log: ReadsStreams = service.office.log
        if asked.clock is Clock.ATTESTED:
            log = AttestedLog(service.office.log, service.known_to_log_at())
        found = full_history(
            log,
            service.office.vault,
            number,
            known_at,
            interleaved=asked.linked,
            among=among,
            name=asked.name,
            # It may have come from outside, and says which entries of others came with one.
            correlated=reading.by in _OFFICE,
        )
        return reading.answer(found, people_shown(found))

    @router.get("/staff/{staff_number}/history.pdf", response_class=Pdf, **as_pdf("not-on-record"))
    def print_history(
        reading: Annotated[Reading, reader], staff_number: str, asked: Annotated[Question, Query()]
    ) -> Response:
        """The same on paper: every entry, with what it changed and why. A sign that no font has is
        409; the data has it."""
        number = known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        found = full_history(service.office.log, service.office.vault, number, known_at)
        answer = on_paper(service, found)
        reading.note([number], known_at=known_at)
        return answer

    return router


def on_paper(service: HttpService, found: History) -> Response:
    """A history as a document. Raises `Refused` where no font has a sign of it."""
    rehearsed = service.rehearsal.edition if service.rehearsal else None
    values = history_on_paper(found, rehearsed)
    return printed("history.typ", values, file=f"history-of-{found.staff_number}")
