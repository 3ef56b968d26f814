"""/notices: what was sent outside, what waits, what could not be sent and what to do about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.reach import is_limited_to_some, shown_to
from transfer.core.refusals import Malformed
from transfer.notices.kept import NoticeState, Standing
from transfer.notices.outbox import Outbox
from transfer.questions.answer import people_shown
from transfer.questions.notices import NoticeShown, notices
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.office.looking import READERS

ADDRESS: Final = "/notices"
ON_A_PAGE: Final = 50

_STATE, _CURSOR, _DONE = "state", "cursor", "done"
_LONGEST_FORM: Final = 1_024
_MOST_FIELDS: Final = 2

STATES: Final[Mapping[NoticeState, str]] = {
    NoticeState.FAILED: "Could not be sent",
    NoticeState.NO_ADDRESS: "No address known",
    NoticeState.WAITING: "Waits",
    NoticeState.SENT: "Sent",
    NoticeState.NOT_NEEDED: "Not needed any more",
}
"""Where a notice stands, in words; what needs somebody first."""

_TO_DO: Final[Mapping[NoticeState, str]] = {
    NoticeState.FAILED: "Put right what the reason names, then try again.",
    NoticeState.NO_ADDRESS: "Put the address into the address book. It is looked up again every "
    "quarter of an hour.",
}
_COUNTED: Final[Mapping[NoticeState, tuple[str, str]]] = {
    NoticeState.FAILED: ("could not be sent", "could not be sent"),
    NoticeState.NO_ADDRESS: ("has no address", "have no address"),
    NoticeState.WAITING: ("waits", "wait"),
    NoticeState.SENT: ("was sent", "were sent"),
}
_MEND: Final = (NoticeState.FAILED, NoticeState.NO_ADDRESS)


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*READERS, within_limits=True)
    admin = pages.signed_in(Role.ADMIN)
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(ADDRESS)
    def show_notices(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List the notices, the last noted first, 50 on a page."""
        given = _given(request.query_params)
        state = _state(given)
        limited = is_limited_to_some(caller, reader.reach)
        found = notices(
            service.notices,
            states=() if state is None else (state,),
            only_subject=caller.subject if limited else None,
            limit=ON_A_PAGE,
            cursor=given.get(_CURSOR),
        )
        shown = shown_to(service, caller, reader.reach, found)
        standing = service.notices.standing()
        content = {
            "says": _says_within(len(shown.items)) if limited else says_notices(standing),
            "lines": [_line(each) for each in shown.items],
            "states": [
                {"value": "", "text": "Any"},
                *(
                    {"value": str(each), "text": text, "selected": each is state}
                    for each, text in STATES.items()
                ),
            ],
            "filtered": state is not None,
            "may_try_again": Role.ADMIN in caller.roles
            and not limited
            and any(each in standing for each in _MEND),
            "done": given.get(_DONE) == "again",
            "is_first": _CURSOR not in given,
            "first_address": _address(state),
            "next_address": None
            if found.next_cursor is None
            else _address(state, found.next_cursor),
        }
        page = pages.draw(request, "transfer/office/notices.html", content)
        pages.note(request, caller, READERS, people_shown(shown))
        return page

    @router.post(ADDRESS)
    def try_again(
        request: Request,
        _: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Let every notice that failed, or waits for its next attempt, be tried now."""
        require_own_form(pages, request, fields)
        service.notices.again()
        return redirect(f"{ADDRESS}?{_DONE}=again")

    return router


def says_notices(standing: Mapping[NoticeState, Standing]) -> str:
    """How notices stand, in a sentence: first what needs somebody."""
    parts = [
        f"{found.notices:,} {one if found.notices == 1 else many}"
        for state, (one, many) in _COUNTED.items()
        if (found := standing.get(state)) is not None
    ]
    if not parts:
        return "No notice was owed to anybody yet."
    first, *others = parts
    number, _, rest = first.partition(" ")
    head = f"{number} {'notice' if number == '1' else 'notices'} {rest}"
    *middle, last = [head, *others]
    return f"{', '.join(middle)} and {last}." if middle else f"{last}."


def needing(standing: Mapping[NoticeState, Standing]) -> str:
    """What the page about work says of notices, and links to them by."""
    number = sum(standing[each].notices for each in _MEND if each in standing)
    match number:
        case 0:
            return "Notices that were sent to people"
        case 1:
            return "1 notice could not be sent or has no address"
        case _:
            return f"{number:,} notices could not be sent or have no address"


def _says_within(number: int) -> str:
    one = number == 1
    return f"{number} {'notice' if one else 'notices'} on this page to people within your limits."


def _given(query: Mapping[str, str]) -> dict[str, str]:
    for name in query:
        if name not in (_STATE, _CURSOR, _DONE):
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    return {name: text.strip() for name, text in query.items() if text.strip()}


def _state(given: Mapping[str, str]) -> NoticeState | None:
    if _STATE not in given:
        return None
    try:
        return NoticeState(given[_STATE])
    except ValueError:
        raise Malformed("choose one of the list", field=_STATE) from None


def _address(state: NoticeState | None, cursor: str | None = None) -> str:
    asked = {_STATE: state, _CURSOR: cursor}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{ADDRESS}?{query}" if query else ADDRESS


def _line(each: NoticeShown) -> dict[str, object]:
    next_at: datetime | None = each.next_attempt_at
    return {
        "reference": each.reference,
        "staff_number": each.staff_number,
        "subject": each.subject,
        "says": each.says,
        "state": STATES[each.state],
        "needs_somebody": each.state in _MEND,
        "reason": each.reason,
        "to_do": _TO_DO.get(each.state),
        "next_at": next_at if each.state is NoticeState.WAITING and each.reason else None,
        "noted_at": each.noted_at,
        "sent_at": each.sent_at,
        "sent_by": each.sent_by,
        "in_outbox": each.sent_by == Outbox.name,
    }
