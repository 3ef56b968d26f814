"""/consultations: what a representative's body was given to know, and what it is owed.

/consultations/{id}/{act} asks for an act of the body, shows what it would come to, and does it once
it is confirmed: the body asks, endorses the agreement, or does not.
"""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.http_service import Reading
from transfer.core.refusals import NotOnRecord
from transfer.core.texts import folded
from transfer.core.words import OfferStatus
from transfer.questions.consultations import (
    MyConsultation,
    MyConsultations,
    OfferMade,
    my_consultation,
    my_consultations,
)
from transfer.questions.procedures import Looking
from transfer.web.frame.asking import Now
from transfer.web.frame.forms import form_of
from transfer.web.frame.navigation import Entry
from transfer.web.frame.own_acts import (
    LONGEST_FORM,
    MOST_FIELDS,
    AskedAct,
    Back,
    OwnAct,
    as_one_role,
    ask_for,
    checked_or_done,
    offered_act,
)
from transfer.web.frame.pages import Pages
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.frame.wording import day_text, facet_text

ADDRESS: Final = "/consultations"
IN_NAVIGATION: Final = Entry("Consultations", ADDRESS, frozenset({Role.UNION}), 30)

_BACK = Back(ADDRESS, "Consultations", "your consultations")

ACTS: Final = {
    each.name: each
    for each in (
        OwnAct(
            "ask",
            "consultation",
            "ask",
            "Ask the employer a question",
            "The question is recorded with the date of today, as asked by the body that you act "
            "for. From then on the employer owes an answer.",
            "Ask the question",
            asks=("question", "document"),
            done="Your question is on record. The employer owes an answer.",
        ),
        OwnAct(
            "endorse",
            "consultation",
            "endorse",
            "Endorse the agreement",
            "It is recorded, with the date of today, that the body that you act for endorses the "
            "agreement. Offers that depend on it follow once every body has endorsed it.",
            "Endorse the agreement",
            asks=("document",),
            done="It is on record that your body endorses the agreement.",
        ),
        OwnAct(
            "refuse",
            "consultation",
            "refuse",
            "Do not endorse the agreement",
            "It is recorded, with the date of today, that the body that you act for does not "
            "endorse the agreement.",
            "Record that we do not endorse it",
            asks=("document",),
            warns="What is offered to staff on the condition that every body endorses the "
            "agreement is then off at once.",
            done="It is on record that your body does not endorse the agreement.",
        ),
    )
}
"""What a body does by its representative, by the last part of its address."""

_STATUS = {
    OfferStatus.ON_OFFER: "on offer",
    OfferStatus.CONDITIONAL: "on a condition that is still to be met",
    OfferStatus.REFERRED_TO_CONCILIATION: "off, and referred to conciliation",
    OfferStatus.NOT_ON_OFFER: "off",
}


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.reads(granted=[Role.UNION])
    sent = Depends(fields_sent(LONGEST_FORM, MOST_FIELDS))

    @router.get(ADDRESS)
    def show_consultations(
        request: Request, reading: Annotated[Reading, Depends(reader)]
    ) -> Response:
        """Say of each consultation what is owed, what was answered, when the sides meet."""
        found = my_consultations(_looking(pages), reading.caller)
        done = ACTS.get(request.query_params.get("done", ""))
        content = {
            "says": _says(found),
            "body": found.body,
            "done": done.done if done else None,
            "items": [
                {
                    "shown": each,
                    "own": _own_answer(each, found.body or ""),
                    "address": f"{ADDRESS}/{quote(each.id, safe='')}",
                    "may": [name for name, endorses in _ANSWERS if each.endorsed is not endorses],
                    "owed": [_offer(offer) for offer in each.offers if not offer.delivered],
                    "given": [_offer(offer) for offer in each.offers if offer.delivered],
                }
                for each in found.items
            ],
            "acts": ACTS,
        }
        return pages.draw(request, "transfer/union/consultations.html", content)

    @router.get(f"{ADDRESS}/{{id}}/{{act}}")
    def ask(
        request: Request,
        reading: Annotated[Reading, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
        act: str,
    ) -> Response:
        """Say what the act does, and ask what it needs."""
        return ask_for(pages, request, _asked(pages, reading.caller, id, act))

    @router.post(f"{ADDRESS}/{{id}}/{{act}}")
    def check_or_do(
        request: Request,
        reading: Annotated[Reading, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
        act: str,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show what the act would come to; once that is confirmed, do it."""
        require_own_form(pages, request, fields)
        asked = _asked(pages, reading.caller, id, act)
        return checked_or_done(pages, request, asked, fields, then=f"{ADDRESS}?done={act}")

    return router


_ANSWERS = (("endorse", True), ("refuse", False))
"""How a body may answer, and what that says of the agreement."""


def _looking(pages: Pages) -> Looking:
    """The record as it is known now."""
    service = pages.service
    known_at = service.known_by_the_log(Now())
    return Looking(service.office, service.worlds, known_at, service.today())


def _asked(pages: Pages, caller: Caller, id_: str, act: str) -> AskedAct:
    """The form that an address means. Raises `NotOnRecord`: of a consultation in which the body
    takes no part as of one that is not there."""
    shown = my_consultation(_looking(pages), caller, id_)
    own = ACTS.get(act)
    if own is None:
        raise NotOnRecord("there is nothing of that name that a body may do")
    body = next(each for each in shown.bodies if folded(each) == folded(caller.body or ""))
    offered = offered_act(pages.service, own)
    return AskedAct(
        own,
        as_one_role(caller, Role.UNION),
        id_,
        f"{ADDRESS}/{quote(id_, safe='')}/{act}",
        _BACK,
        form_of(offered.body, f"{own.kind} {own.act}"),
        {offered.for_body: body},
    )


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


def _offer(offer: OfferMade) -> str:
    """How an offer stands, since when, and by what."""
    by = ", ".join(
        filter(None, (f"clause {offer.clause}" if offer.clause else "", offer.document or ""))
    )
    since = f"since {day_text(offer.effective_from)}" + (f", by {by}" if by else "")
    return f"{facet_text(offer.term)}: {_STATUS[offer.status]} {since}."
