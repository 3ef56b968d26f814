"""/who-read-my-record: who has read somebody's record, when, which dates, and why."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, Role
from transfer.questions.who_has_read import ReadShown, who_has_read
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import day_text, instant_text
from transfer.web.staff.own import member, own_number
from transfer.web.staff.wording import ROLES

IN_NAVIGATION: Final = Entry(
    "Who has read my record", "/who-read-my-record", frozenset({Role.STAFF}), 40
)

ON_A_PAGE = 50

_WHAT = {
    "/my-record": "the page “My record”",
    "/my-record/challenge": "the page “Challenge an entry”",
    "/my-choices": "the page “My choices”",
    "/staff/{staff_number}": "your whole record, on a page",
    "/v1/staff/{staff_number}": "who you are and what is due, in brief",
    "/v1/staff/{staff_number}/position": "your position and terms",
    "/v1/staff/{staff_number}/timeline": "your position and terms over time",
    "/v1/staff/{staff_number}/history": "every entry of your record",
    "/v1/staff/{staff_number}/differences": "what your record said at two times",
    "/v1/staff/{staff_number}/appeals": "your appeals",
    "/v1/staff/{staff_number}/letters": "your letters",
    "/v1/staff/{staff_number}/objections": "the entries that you challenged",
    "/v1/deadlines": "a list of deadlines with yours among them",
    "/v1/staff": "a list of people with you among them",
    "/exercises/{exercise}/people": "a list of the people of an exercise, on a page",
}
"""What was read, by the address; any other is told as it is."""


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)

    @router.get("/who-read-my-record")
    def show_reads(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        cursor: Annotated[str | None, Query()] = None,
    ) -> Response:
        """List the reads, newest first, a page at a time. A look at them is not among them."""
        number = own_number(pages, caller)
        found = who_has_read(service.register, number, limit=ON_A_PAGE, cursor=cursor)
        content = {
            "number": number,
            "reads": [_line(each, caller.subject) for each in found.items],
            "says": _says(found.items, caller.subject, first_page=cursor is None),
            "next_cursor": found.next_cursor,
            "is_first": cursor is None,
        }
        return pages.draw(request, "transfer/staff/who_read.html", content)

    return router


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
    known = f"as known at {instant_text(read.known_at)}" if read.known_at else "as known then"
    on = f"on {day_text(read.effective_at)}" if read.effective_at else "on every day"
    return {
        "read_at": read.read_at,
        "who": "You" if read.read_by == own else read.read_by,
        "role": ROLES.get(read.role, read.role),
        "what": _WHAT.get(read.what, read.what),
        "dates": f"{on}, {known}",
        "reason": read.reason,
    }
