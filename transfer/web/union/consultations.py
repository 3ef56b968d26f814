"""/consultations: what a representative's body was given to know, and what it is owed."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Role
from transfer.api.http_service import Reading
from transfer.questions.consultations import MyConsultation, MyConsultations, my_consultations
from transfer.questions.procedures import Looking
from transfer.web.frame.asking import Now
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages

IN_NAVIGATION: Final = Entry("Consultations", "/consultations", frozenset({Role.UNION}), 30)


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.reads(granted=[Role.UNION])

    @router.get("/consultations")
    def show_consultations(
        request: Request, reading: Annotated[Reading, Depends(reader)]
    ) -> Response:
        """Say of each consultation what is owed, what was answered, when the sides meet."""
        known_at = service.known_by_the_log(Now())
        looking = Looking(service.office, service.worlds, known_at, service.today())
        found = my_consultations(looking, reading.caller)
        content = {
            "says": _says(found),
            "body": found.body,
            "items": [(each, _own_answer(each, found.body or "")) for each in found.items],
        }
        return pages.draw(request, "transfer/union/consultations.html", content)

    return router


def _says(found: MyConsultations) -> str:
    """What the page answers, in one sentence."""
    if found.body is None:
        return (
            "Your sign-in names no body that you act for, so no consultation is shown. Ask those "
            "who run the sign-in to name your union."
        )
    many = len(found.items)
    if not many:
        return f"{found.body} takes part in no consultation on record."
    owed = sum(each.answer is None for one in found.items for each in one.questions)
    in_all = "1 consultation" if many == 1 else f"{many} consultations"
    questions = "1 question waits" if owed == 1 else f"{owed or 'no'} questions wait"
    return f"{found.body} takes part in {in_all}; {questions} for the employer's answer."


def _own_answer(consultation: MyConsultation, body: str) -> str:
    """How the body itself answered."""
    if consultation.endorsed is None:
        return f"{body} has not said yet whether it endorses the agreement."
    return f"{body} {'endorsed' if consultation.endorsed else 'did not endorse'} the agreement."
