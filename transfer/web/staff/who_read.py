"""/who-read-my-record: who has read somebody's record, when, which dates, and why.

/who-read-my-record/question asks the office about one read; the answer stands beside it.
"""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ValidationError

from transfer.access.identity import Caller, Role
from transfer.api.resources.reads import LONGEST_QUESTION, ReadQuestioned
from transfer.questions.who_has_read import ReadShown, one_read, who_has_read
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.reads_worded import ROLES, dates_text, read_text
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.frame.wording import instant_text
from transfer.web.staff.own import member, own_number

ADDRESS = "/who-read-my-record"
QUESTION = f"{ADDRESS}/question"
IN_NAVIGATION: Final = Entry("Who has read my record", ADDRESS, frozenset({Role.STAFF}), 40)
ON_A_PAGE = 50

_LONGEST_FORM = 65_536
_MOST_FIELDS = 4


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(ADDRESS)
    def show_reads(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        cursor: Annotated[str | None, Query()] = None,
    ) -> Response:
        """List the reads, newest first, a page at a time. A look at them is not among them."""
        number = own_number(pages, caller)
        found = who_has_read(
            service.register,
            service.questions_of_reads,
            number,
            limit=ON_A_PAGE,
            cursor=cursor,
        )
        content = {
            "number": number,
            "reads": [_line(each, caller.subject) for each in found.items],
            "says": _says(found.items, caller.subject, first_page=cursor is None),
            "next_cursor": found.next_cursor,
            "is_first": cursor is None,
            "to_question": _to_question(found.items, caller.subject),
            "questioned": request.query_params.get("done") == "questioned",
        }
        return pages.draw(request, "transfer/staff/who_read.html", content)

    @router.get(QUESTION)
    def ask(request: Request, caller: Annotated[Caller, Depends(reader)], read: int) -> Response:
        """Ask what the person wants to know about one read."""
        number = own_number(pages, caller)
        shown = one_read(service.register, service.questions_of_reads, number, read)
        return _draw_form(pages, request, caller, shown, "", None)

    @router.post(QUESTION)
    def question(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        read: int,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Put the question on record, once however often it is sent."""
        require_own_form(pages, request, fields)
        number = own_number(pages, caller)
        shown = one_read(service.register, service.questions_of_reads, number, read)
        typed = fields.get("statement", "").strip()
        try:
            body = ReadQuestioned(statement=typed)
        except ValidationError:
            wrong = f"Say it in {LONGEST_QUESTION:,} characters or fewer"
            if not typed:
                wrong = "Say what you want to know"
            elif len(typed) <= LONGEST_QUESTION:
                wrong = "The text holds a character that cannot be kept"
            return _draw_form(pages, request, caller, shown, typed, wrong)
        service.questions_of_reads.ask(
            number, read, service.new_id(), by=caller.subject, statement=body.statement
        )
        return redirect(f"{ADDRESS}?done=questioned")

    return router


def _draw_form(
    pages: Pages,
    request: Request,
    caller: Caller,
    read: ReadShown,
    typed: str,
    wrong: str | None,
) -> Response:
    content = {
        "read": _line(read, caller.subject),
        "typed": typed,
        "wrong": wrong,
        "longest": LONGEST_QUESTION,
        "action": f"{QUESTION}?read={read.read_id}",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return pages.draw(request, "transfer/staff/question_read.html", content, status)


def _to_question(reads: tuple[ReadShown, ...], own: str) -> int | None:
    """The last read by somebody else that nothing was asked about."""
    return next(
        (each.read_id for each in reads if each.read_by != own and each.question is None), None
    )


def _says(reads: tuple[ReadShown, ...], own: str, *, first_page: bool) -> str:
    """Who read the record last, besides the person; of the first page alone."""
    if not first_page:
        return "Reads of your record before those on the page before, newest first."
    if not reads:
        return "Nobody has read your record since the register of reads began."
    other = next((each for each in reads if each.read_by != own), None)
    if other is None:
        return f"The last {len(reads)} times it was you who read your record."
    return (
        f"Somebody else last read your record on {instant_text(other.read_at)}: {other.read_by}, "
        f"as {ROLES.get(other.role, other.role)}."
    )


def _line(read: ReadShown, own: str) -> dict[str, object]:
    return {
        "read_at": read.read_at,
        "who": "You" if read.read_by == own else read.read_by,
        "role": ROLES.get(read.role, read.role),
        "what": read_text(read.what),
        "dates": dates_text(read),
        "reason": read.reason,
        "question": read.question,
        "may_be_questioned": read.read_by != own and read.question is None,
        "read_id": read.read_id,
    }
