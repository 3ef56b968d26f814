"""/questions-of-reads: what people ask about reads of their records, and the office's answers."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.reach import Reach, is_limited_to_some, shown_to, within_limits
from transfer.api.resources.reads import ReadAnswered
from transfer.core.refusals import Conflict, NotOnRecord
from transfer.questions.who_has_read import (
    QuestionShown,
    ReadAbout,
    one_read,
    reads_answered,
    reads_questioned,
)
from transfer.web.frame.forms import Form, Read, form_of, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.reads_worded import ROLES, dates_text, read_text
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.office.looking import READERS

ADDRESS = "/questions-of-reads"
ON_A_PAGE = 50

_LONGEST_FORM = 65_536
_MOST_FIELDS = 4
_FORM: Form[ReadAnswered] = form_of(ReadAnswered, "read answer")
_OFFICE: Final = Reach(frozenset(READERS))


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*READERS, within_limits=True)
    admin = pages.signed_in(Role.ADMIN)
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(ADDRESS)
    def show_questions(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        cursor: Annotated[str | None, Query()] = None,
    ) -> Response:
        """List the questions that wait for an answer, the oldest first, and the last answers."""
        found = reads_questioned(service.questions_of_reads, limit=ON_A_PAGE, cursor=cursor)
        waiting = shown_to(service, caller, reader.reach, found).items
        # The answers stand on the first page alone.
        last = reads_answered(service.questions_of_reads, limit=ON_A_PAGE) if not cursor else ()
        within = _within(caller, reader.reach, {each.staff_number for each in last})
        answered = [each for each in last if each.staff_number in within]
        content = {
            "says": questions_text(how_many_wait(pages, caller)),
            "waiting": [_line(each) for each in waiting],
            "answered": [_line(each) for each in answered],
            "is_admin": Role.ADMIN in caller.roles,
            "first": next((_answer_address(each) for each in waiting), None),
            "is_first": cursor is None,
            "next_cursor": found.next_cursor,
            "done": request.query_params.get("done") == "answered",
        }
        page = pages.draw(request, "transfer/office/questions_of_reads.html", content)
        note(request, caller, {each.staff_number for each in (*waiting, *answered)})
        return page

    @router.get(f"{ADDRESS}/{{staff_number}}/{{read_id}}")
    def ask_answer(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        staff_number: str,
        read_id: int,
    ) -> Response:
        """Show one question, and ask for the answer."""
        page = draw_form(request, staff_number, read_id, Read({}))
        note(request, caller, {staff_number})
        return page

    @router.post(f"{ADDRESS}/{{staff_number}}/{{read_id}}")
    def answer(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        staff_number: str,
        read_id: int,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Put the answer on record. Sent again, the page says that it is answered."""
        require_own_form(pages, request, fields)
        given = read(_FORM, ((name, text) for name, text in fields.items() if name != FORM_TOKEN))
        if given.body is None:
            return draw_form(request, staff_number, read_id, given)
        try:
            service.questions_of_reads.answer(
                staff_number, read_id, by=caller.subject, answer=given.body.answer
            )
        except Conflict as error:
            said = f"{str(error)[:1].upper()}{str(error)[1:]}"
            return draw_form(request, staff_number, read_id, Read(given.typed, None, {"": said}))
        return redirect(f"{ADDRESS}?done=answered")

    def draw_form(
        request: Request, staff_number: str, read_id: int, given: Read[ReadAnswered]
    ) -> Response:
        shown = one_read(service.register, service.questions_of_reads, staff_number, read_id)
        if shown.question is None:
            raise NotOnRecord("nothing was asked about this read")
        content = {
            "number": staff_number,
            "read": {
                "read_at": shown.read_at,
                "who": shown.read_by,
                "role": ROLES.get(shown.role, shown.role),
                "what": read_text(shown.what, to_them=False),
                "dates": dates_text(shown),
                "reason": shown.reason,
            },
            "question": shown.question,
            "fields": _FORM.fields,
            "typed": given.typed,
            "errors": given.errors,
            "action": f"{ADDRESS}/{staff_number}/{read_id}",
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if given.errors else HTTPStatus.OK
        return pages.draw(request, "transfer/office/answer_question_of_read.html", content, status)

    def note(request: Request, caller: Caller, people: Collection[str]) -> None:
        pages.note(request, caller, READERS, people)

    def _within(caller: Caller, reach: Reach, people: Collection[str]) -> Collection[str]:
        if not is_limited_to_some(caller, reach):
            return people
        return within_limits(service, caller, people)

    return router


def how_many_wait(pages: Pages, caller: Caller) -> int:
    """How many questions about reads wait for an answer, within an administrator's limits."""
    waiting = pages.service.questions_of_reads.waiting()
    if is_limited_to_some(caller, _OFFICE):
        within = within_limits(pages.service, caller, waiting)
        waiting = {number: questions for number, questions in waiting.items() if number in within}
    return sum(waiting.values())


def questions_text(number: int) -> str:
    """How many questions wait, in a sentence."""
    match number:
        case 0:
            return "No question about a read waits for an answer."
        case 1:
            return "1 question about a read waits for an answer."
        case _:
            return f"{number:,} questions about reads wait for an answer."


def _answer_address(each: ReadAbout) -> str:
    return f"{ADDRESS}/{each.staff_number}/{each.read_id}"


def _line(each: ReadAbout) -> dict[str, object]:
    question: QuestionShown = each.question
    return {
        "number": each.staff_number,
        "question": question,
        "address": _answer_address(each),
    }
