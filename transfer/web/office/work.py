"""/work: what is to be done, by whom and until when; handing over work while somebody is away."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from projections.deadlines import work as lines_of_work
from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.api.reach import is_limited_to_some, within_limits
from transfer.api.resources.work import HandOverGiven, id_of
from transfer.commands.office import key_id
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import print_instant
from transfer.core.dating.typed import typed_day
from transfer.core.duties import is_of_the_office
from transfer.core.refusals import Conflict, Malformed, Refusal
from transfer.questions.answer import people_shown
from transfer.questions.work import (
    SEEN_BY,
    HandOverShown,
    WorkAsked,
    WorkFound,
    WorkItem,
    WorkKind,
    WorkState,
    hand_overs,
    work,
)
from transfer.web.frame.forms import Form, Read, form_of, read
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.frame.wording import day_text
from transfer.web.office.looking import KNOWN_AT, READERS, read_asked
from transfer.web.office.notices import needing
from transfer.web.office.questions_of_reads import how_many_wait, questions_text
from transfer.web.office.wording import KINDS_OF_WORK, owner_text, people_text, work_text
from transfer.web.pictures.drawing import due_text

ADDRESS = "/work"
IN_NAVIGATION: Final = Entry("Work", ADDRESS, frozenset(READERS), 10)
HAND_OVERS = "/hand-overs"
ON_A_PAGE = 50
MOST_HAND_OVERS = 200

_CURSOR, _KEY, _MINE = "cursor", "key", "mine"
_FILTERS = ("whose", "owner", "kind", "state", "exercise", "due_before")
_LONGEST_FORM = 16_384
_MOST_FIELDS = 16
_FORM: Form[HandOverGiven] = form_of(HandOverGiven)


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*READERS, within_limits=True)
    admin = pages.signed_in(Role.ADMIN, within_limits=True)
    up_to = Depends(service.up_to(SEEN_BY))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(ADDRESS, dependencies=[up_to])
    def show_work(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List what is to be done, the earliest day first, 50 lines on a page."""
        asked = read_asked(request.query_params, *_FILTERS, _CURSOR)
        wanted = {name: asked.given[name] for name in _FILTERS if name in asked.given}
        within = None
        if is_limited_to_some(caller, reader.reach):
            within = partial(within_limits, service, caller)
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            is_now = asked.known_at is None
            today = service.today() if is_now else date_in_london(known_at)
            found = work(
                conn,
                service.hand_overs.on(today, service.now() if is_now else known_at),
                known_at,
                today,
                _asked(wanted, caller),
                within=within,
                limit=ON_A_PAGE,
                cursor=asked.given.get(_CURSOR),
            )
            known = lines_of_work.known_of(conn)
        begins = _CURSOR not in asked.given
        stood = {KNOWN_AT: print_instant(known_at)} if asked.known_at else {}
        content = {
            "says": _says(found, begins=begins, filtered=bool(wanted)),
            "questions": questions_text(how_many_wait(pages, caller)),
            "notices": needing({} if within else service.notices.standing()),
            "lines": [
                _line(each, today, may_give=_may_give(each, caller, asked.known_at is None))
                for each in found.items
            ],
            "filters": _filters(wanted, known),
            "due_before": wanted.get("due_before", ""),
            "filtered": bool(wanted),
            "known_at": known_at if asked.known_at else None,
            "all_address": _address(stood),
            "now_address": _address(wanted),
            "first_address": None if begins else _address(wanted | stood),
            "next_address": None
            if found.next_cursor is None
            else _address(
                {**wanted, KNOWN_AT: print_instant(known_at), _CURSOR: found.next_cursor}
            ),
        }
        page = pages.draw(request, "transfer/office/work.html", content)
        pages.note(request, caller, READERS, people_shown(found), known_at=known_at)
        return page

    @router.get(HAND_OVERS)
    def show_hand_overs(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """Say who does or did whose work, and ask who is to."""
        return draw_hand_overs(request, caller, Read({}))

    @router.post(HAND_OVERS)
    def hand_over(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Hand over work, once however often the form is sent."""
        require_own_form(pages, request, fields)
        key = fields.get(_KEY, "")
        typed = {each: text for each, text in fields.items() if each not in (FORM_TOKEN, _KEY)}
        given = read(_FORM, typed.items())
        if given.body is None:
            return draw_hand_overs(request, caller, given)
        body = given.body
        try:
            service.hand_overs.hand_over(
                key_id(HAND_OVERS, caller.subject, key) if key else service.new_id(),
                by=caller.subject,
                away=body.away or caller.subject,
                stands_in=body.stands_in,
                first_day=body.first_day,
                last_day=body.last_day,
                at=service.now(),
                today=service.today(),
                asked=body.model_dump_json(),
            )
        except (Malformed, Conflict) as error:
            return draw_hand_overs(request, caller, Read(given.typed, None, _errors(error)))
        return redirect(HAND_OVERS)

    @router.post(f"{HAND_OVERS}/end")
    def end(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """End a hand-over before its last day."""
        require_own_form(pages, request, fields)
        service.hand_overs.end(
            id_of(fields.get("hand_over", "")), by=caller.subject, at=service.now()
        )
        return redirect(HAND_OVERS)

    def draw_hand_overs(request: Request, caller: Caller, given: Read[HandOverGiven]) -> Response:
        now, today = service.now(), service.today()
        found = hand_overs(service.hand_overs, now, limit=MOST_HAND_OVERS)
        content: dict[str, object] = {
            "says": _says_who(found.items, today),
            "hand_overs": [_hand_over(each, today) for each in found.items],
            "is_admin": Role.ADMIN in caller.roles,
            "fields": _FORM.fields,
            "typed": given.typed,
            "wrong": given.errors,
            "errors": [
                {"text": text, "href": f"#{name or 'stands_in'}"}
                for name, text in given.errors.items()
            ],
            "key": str(service.new_id()),
        }
        status = 422 if given.errors else 200
        return pages.draw(request, "transfer/office/hand_overs.html", content, status)

    return router


def _asked(wanted: Mapping[str, str], caller: Caller) -> WorkAsked:
    """What the filters ask; raises `Malformed` for a value that none of them has."""

    def one_of(kind: type[Any], name: str) -> Any:
        if name not in wanted:
            return None
        try:
            return kind(wanted[name])
        except ValueError:
            raise Malformed("choose one of the list", field=name) from None

    if wanted.get("whose", _MINE) != _MINE:
        raise Malformed("choose one of the list", field="whose")
    due_before = None
    if "due_before" in wanted:
        try:
            due_before = typed_day(wanted["due_before"])
        except ValueError as error:
            raise Malformed(str(error), field="due_before") from None
    return WorkAsked(
        owner=wanted.get("owner"),
        kind=one_of(WorkKind, "kind"),
        state=one_of(WorkState, "state"),
        exercise=wanted.get("exercise"),
        due_before=due_before,
        of=caller.subject if "whose" in wanted else None,
    )


def _says(found: WorkFound, *, begins: bool, filtered: bool) -> str:
    """What the page shows, in one sentence."""
    number = len(found.items)
    of = "that the filters keep " if filtered else ""
    if not number:
        return f"Nothing {of}is to be done." if begins else "Nothing more is to be done."
    things = "1 thing" if number == 1 else f"{number} things"
    first = "" if begins and found.next_cursor is None else "on this page "
    late = sum(each.state is WorkState.OVERDUE for each in found.items)
    overdue = (
        f"{late or 'none'} of them overdue" if number > 1 else "overdue" if late else "in time"
    )
    return f"{things} {of}{first}{'is' if number == 1 else 'are'} to be done, {overdue}."


def _may_give(item: WorkItem, caller: Caller, is_now: bool) -> bool:
    """Whether a line leads to the forms by which it is given to somebody or excused."""
    may = Role.ADMIN in caller.roles and (not is_limited(caller.limits) or item.people > 0)
    return is_now and may and is_of_the_office(item.what, item.owner, item.owed_to)


def _line(item: WorkItem, today: date, *, may_give: bool) -> dict[str, object]:
    more = item.people - len(item.whom)
    until = item.delegated_until
    return {
        "obligation": item.obligation_id if may_give else None,
        "given_to": item.delegated_to,
        "given_until": None if until is None else day_text(until),
        "excuse": item.excuse,
        "excuse_document": item.excuse_document,
        "when": "as soon as it can be" if item.due_on is None else day_text(item.due_on),
        "late": None if item.due_on is None else due_text(item.due_on, today),
        "is_overdue": item.state is WorkState.OVERDUE,
        "what": work_text(item.kind, item.what, item.about),
        "clause": item.clause,
        "owner": owner_text(item.owner),
        "exercise": item.exercise,
        "link": _address_of(item),
        "run_by": item.run_by,
        "stands_in": None
        if item.stands_in is None
        else f"{item.stands_in.subject} for {item.delegated_to or item.run_by}, while away until "
        f"{day_text(item.stands_in.last_day)}",
        "whom": [each.staff_number for each in item.whom],
        "more": f"and {people_text(more)} more" if more else None,
    }


def _address_of(item: WorkItem) -> str | None:
    """The page of the exercise where it is done, or of the procedure if it is of no exercise."""
    kind, _, name = (item.procedure or "").partition("/")
    if name == item.exercise and kind != "exercise":
        return f"/procedures/{item.procedure}"
    of = f"/exercises/{item.exercise}"
    return f"{of}/appeals" if item.kind is WorkKind.APPEAL else of


def _filters(
    wanted: Mapping[str, str], known: lines_of_work.Known
) -> Sequence[Mapping[str, object]]:
    offered: dict[str, tuple[str, dict[str, str]]] = {
        "whose": ("Whose", {_MINE: "Mine, and of whom I stand in for"}),
        "state": ("When", {WorkState.OVERDUE: "Overdue", WorkState.DUE: "Not overdue"}),
        "kind": ("What", {str(kind): text for kind, text in KINDS_OF_WORK.items()}),
        "owner": ("From whom", {each: owner_text(each) for each in sorted(known.owners)}),
        "exercise": ("Exercise", {each: each for each in sorted(known.exercises)}),
    }
    return [
        {"name": name, "label": label, "items": list(_items(of, wanted.get(name)))}
        for name, (label, of) in offered.items()
    ]


def _items(of: Mapping[str, str], chosen: str | None) -> Iterator[dict[str, object]]:
    yield {"value": "", "text": "Any"}
    for value, text in of.items():
        yield {"value": str(value), "text": text, "selected": value == chosen}


def _address(asked: Mapping[str, str]) -> str:
    return f"{ADDRESS}?{urlencode(asked)}" if asked else ADDRESS


# --- hand-overs ---------------------------------------------------------------------------------


def _says_who(items: Sequence[HandOverShown], today: date) -> str:
    running = [each for each in items if _stands(each, today) == "now"]
    if not running:
        return "Everybody does their own work today."
    who = "1 person is" if len(running) == 1 else f"{len(running)} people are"
    return f"{who} away today, and somebody else does their work."


def _stands(item: HandOverShown, today: date) -> str:
    if item.ended_at is not None:
        return "ended"
    if today > item.last_day:
        return "over"
    return "now" if item.first_day <= today else "to come"


def _hand_over(item: HandOverShown, today: date) -> dict[str, object]:
    stands = _stands(item, today)
    ended: datetime | None = item.ended_at
    return {
        "id": str(item.id),
        "away": item.away,
        "stands_in": item.stands_in,
        "days": f"{day_text(item.first_day)} to {day_text(item.last_day)}",
        "stands": stands,
        "recorded_at": item.recorded_at,
        "recorded_by": item.recorded_by,
        "ended_at": ended,
        "ended_by": item.ended_by,
        "may_end": stands in ("now", "to come"),
    }


def _errors(error: Refusal) -> dict[str, str]:
    """What is wrong, by the field that it is about."""
    if not isinstance(error, Malformed):
        return {"stands_in": f"{error.reason[:1].upper()}{error.reason[1:]}"}
    name = f"{error.field}-day" if error.field in ("first_day", "last_day") else error.field
    said = error.reason.partition(": ")[2]
    label = next(each.label for each in _FORM.fields if each.name == error.field)
    return {name: f"{label}: {said}"}
