"""/who-could-read-my-record: whom an appointment or a case let in on a day; did they read?"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller
from transfer.access.reach import What
from transfer.core.refusals import Malformed
from transfer.questions.procedures import Looking
from transfer.questions.who_could_read import LetIn, ReadBesides, WhoCouldRead, who_could_read
from transfer.web.frame.asking import day_inputs, read_day_asked
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.reads_worded import ROLES
from transfer.web.frame.wording import day_text, days_text, instant_text
from transfer.web.pictures.drawing import counted
from transfer.web.staff.own import member, note_read, own_number

ADDRESS: Final = "/who-could-read-my-record"
_ON = "on"
_ASKS = "On"
_WHAT = {What.RECORD: "your record", What.PROCEDURES: "the procedures that you are in"}


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)

    @router.get(ADDRESS)
    def show_who_could(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List whom something on record let in on a day, today unless one is asked for."""
        today = service.today()
        for name in request.query_params:
            if name not in (_ON, *day_inputs(_ON)):
                raise Malformed(f"there is no such question: {name[:40]}", field=name)
        asked = read_day_asked(request.query_params, _ON, _ASKS, today, today)
        if asked.in_parts and asked.wrong is None:
            return redirect(f"{ADDRESS}?{_ON}={asked.day.isoformat()}")
        number = own_number(pages, caller)
        looking = Looking(service.office, service.worlds, service.known_to_log_at(), asked.day)
        found = who_could_read(looking, service.register, number, asked.day)
        note_read(pages, request, caller, found.known_at)
        content = {
            "number": number,
            "says": _says(found),
            "asks": _ASKS,
            "parts": asked.parts,
            "wrong": asked.wrong,
            "errors": {_ON: asked.wrong} if asked.wrong else {},
            "let_in": [_line(each) for each in found.items],
            "besides": [_besides(each, caller.subject) for each in found.besides],
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if asked.wrong else HTTPStatus.OK
        return pages.draw(request, "transfer/staff/who_could_read.html", content, status)

    return router


def _says(found: WhoCouldRead) -> str:
    """How many could read, and how many did."""
    on = f"On {day_text(found.effective_at)}"
    could: Sequence[LetIn] = [each for each in found.items if each.let_in]
    if not could:
        return f"{on}, nobody was appointed for you, and no panel had a case about you."
    people = counted(len(could), "representative or member of a panel", "people outside HR")
    did = sum(bool(each.reads) for each in could)
    return f"{on}, {people} could read your record; {did or 'none'} of them did on that day."


def _line(each: LetIn) -> dict[str, object]:
    """One of those who were let in, as the page shows them."""
    return {
        "who": each.reader,
        "role": ROLES[each.role],
        "by": "your appointment" if each.case is None else "a case about you",
        "reference": (each.appointment or each.case or "").partition(":")[2],
        "what": " and ".join(_WHAT[what] for what in each.what),
        "days": days_text(each.since, each.until),
        "differs": _differs(each),
        "reads": "no" if not each.reads else f"yes, {counted(each.reads, 'time', 'times')}",
        "last": None if each.last_read_at is None else instant_text(each.last_read_at),
    }


def _differs(each: LetIn) -> str | None:
    """Where the record says by now otherwise than it did on the day."""
    if each.in_force and not each.let_in:
        return "It was recorded only later: on that day it let nobody in."
    if each.let_in and not each.in_force:
        return "It had ended by then, or did on that day; the record did not say so yet."
    return None


def _besides(each: ReadBesides, own: str) -> dict[str, str]:
    return {
        "who": "You" if each.reader == own else each.reader,
        "role": ROLES[each.role],
        "reads": counted(each.reads, "time", "times"),
    }
