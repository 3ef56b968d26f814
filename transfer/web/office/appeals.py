"""/exercises/{id}/appeals and /appeals: what panels have to decide, came late, or was decided.

Of each appeal the page says whether it was in time and by which clause, until when its panel has
to decide, and where the person would go if it were upheld. What is decided is recorded by the acts
of the appeal (`transfer.web.office.acts`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response

from projections.exercise.appeals import Stands
from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.api.reach import shown_to
from transfer.core.dating.instants import print_instant
from transfer.core.refusals import Malformed
from transfer.core.words import AppealOutcome
from transfer.questions.answer import people_shown
from transfer.questions.appeals_of_exercises import (
    SEEN_BY,
    AppealListed,
    AppealsListed,
    AppealState,
    Goes,
    appeals_listed,
)
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import day_text
from transfer.web.office.checking import procedure_address, sentence
from transfer.web.office.looking import KNOWN_AT, READERS, looking_at, read_asked
from transfer.web.pictures.drawing import due_text

ADDRESS: Final = "/appeals"
ON_A_PAGE = 50

_CURSOR, _STATE = "cursor", "state"
_STATES = {
    AppealState.OPEN: "To be decided by a panel",
    AppealState.LATE: "Came after the last day",
    AppealState.DECIDED: "Decided",
}


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = Depends(pages.service.up_to(*SEEN_BY))

    @router.get(ADDRESS, dependencies=[Depends(reader), up_to])
    def show_all(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List the appeals of all exercises, what is to be decided first."""
        return show(request, caller, None)

    @router.get("/exercises/{exercise}/appeals", dependencies=[Depends(reader), up_to])
    def show_of_one(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """List the appeals of one exercise, what is to be decided first."""
        return show(request, caller, exercise)

    def show(request: Request, caller: Caller, exercise: str | None) -> Response:
        asked = read_asked(request.query_params, _STATE, _CURSOR)
        wanted = {_STATE: asked.given[_STATE]} if _STATE in asked.given else {}
        with looking_at(pages, asked, SEEN_BY) as (conn, looking):
            today = looking.today
            found = appeals_listed(
                looking,
                conn,
                exercise,
                state=_state(wanted),
                limit=ON_A_PAGE,
                cursor=asked.given.get(_CURSOR),
            )
        found = shown_to(pages.service, caller, reader.reach, found)
        path = ADDRESS if exercise is None else f"/exercises/{quote(exercise)}/appeals"
        stood = {KNOWN_AT: print_instant(found.known_at)} if asked.known_at else {}
        is_now = asked.known_at is None
        may_act = is_now and Role.ADMIN in caller.roles and not is_limited(caller.limits)
        lines = [_line(each, today, may_act=may_act) for each in found.items]
        content = {
            "exercise": exercise,
            "says": _says(found, exercise),
            "action": path,
            "lines": lines,
            "first": next((line for line in lines if line["decide"]), None),
            "choices": _choices(wanted.get(_STATE)),
            "filtered": bool(wanted),
            "nothing": _nothing(found, begins=_CURSOR not in asked.given),
            "known_at": found.known_at if asked.known_at else None,
            "now_address": _address(path, wanted),
            "all_address": _address(path, stood),
            "first_address": _address(path, wanted | stood) if _CURSOR in asked.given else None,
            "next_address": _next(path, found, wanted),
        }
        page = pages.draw(request, "transfer/office/appeals.html", content)
        pages.note(request, caller, READERS, people_shown(found), known_at=found.known_at)
        return page

    return router


def _state(wanted: Mapping[str, str]) -> AppealState | None:
    try:
        return AppealState(wanted[_STATE]) if _STATE in wanted else None
    except ValueError:
        raise Malformed("choose one of the list", field=_STATE) from None


def _says(found: AppealsListed, exercise: str | None) -> str:
    """How many there are and what is to be done about them, in one sentence."""
    counts, of = found.counts, "" if exercise is None else f" in {exercise}"
    if not counts.appeals:
        return f"Nobody has appealed{of}."
    appeals = "1 appeal was" if counts.appeals == 1 else f"{counts.appeals:,} appeals were"
    overdue = f", {counts.overdue:,} of them overdue" if counts.overdue else ""
    open_ = (
        f"a panel has to decide {counts.open:,}" if counts.open else "no panel has to decide any"
    )
    decided = f"{counts.decided or 'none'} {'are' if counts.decided > 1 else 'is'} decided"
    return f"{appeals} made{of}: {open_}{overdue}; {decided}; {counts.late or 'none'} came late."


def _nothing(found: AppealsListed, *, begins: bool) -> str | None:
    """What is said instead of the table."""
    if found.items or not found.counts.appeals:
        return None
    return "None of them is of that sort." if begins else "There are no more."


def _line(item: AppealListed, today: date, *, may_act: bool) -> dict[str, object]:
    act = f"{procedure_address('appeal', item.appeal)}/acts"
    is_open = item.stands is Stands.OPEN
    return {
        "number": item.staff_number,
        "name": item.name,
        "who": f"{item.name} ({item.staff_number})" if item.name else item.staff_number,
        "exercise": item.exercise,
        "against": _against(item),
        "rule": item.route,
        "grounds": item.grounds,
        "came": day_text(item.lodged_on),
        "is_late": item.came_late,
        "in_time": _in_time(item),
        "admitted": item.admitted_because and sentence(item.admitted_because),
        "tag": _tag(item),
        "is_overdue": item.is_overdue,
        "panel": _panel(item, today),
        "panel_clause": _clause(item.panel_clause, item.panel_clause_title) if is_open else None,
        "change": _change(item),
        "settles": max((each.to_settle for each in item.if_upheld), default=0),
        "decide": f"{act}/determine" if may_act and is_open else None,
        "admit": f"{act}/admit-late" if may_act and item.may_be_admitted else None,
        "not_admitted": item.not_admitted_because and sentence(item.not_admitted_because),
    }


def _against(item: AppealListed) -> str:
    """The letter that it is against, e.g. `The letter of 2 Dec 2013: to the service`."""
    sent = "" if item.letter_sent_on is None else f" of {day_text(item.letter_sent_on)}"
    to = "" if item.assigned_to is None else f": to {item.assigned_to.name}"
    return f"The letter{sent}{to}"


def _in_time(item: AppealListed) -> str:
    """Whether it was in time: the last day, and the clause in words."""
    by = _clause(item.clause, item.clause_title)
    last = f"The last day was {day_text(item.last_day)}{f' ({by})' if by else ''}"
    if item.came_late and item.in_time:
        return f"Late when it came. {last}, which was published afterwards."
    return f"{'In time' if item.in_time else 'Late'}. {last}."


def _clause(clause: str | None, title: str | None) -> str | None:
    """A clause in words, e.g. `Time to appeal, TR-11b`."""
    return ", ".join(filter(None, (title, clause))) or None


def _tag(item: AppealListed) -> str:
    match item.stands:
        case Stands.OPEN:
            return "Overdue" if item.is_overdue else "To be decided"
        case Stands.LATE:
            return "Refused as late"
        case Stands.UPHELD:
            return "Upheld"
        case Stands.REJECTED:
            return "Rejected"
        case Stands.WITHDRAWN:
            return "Withdrawn"


def _panel(item: AppealListed, today: date) -> str | None:
    """Until when the panel decides, or what it decided."""
    if item.decision is not None:
        by = f" by {item.decision.panel}" if item.decision.panel else ""
        why = f": {item.decision.reason}" if item.decision.reason else ""
        return sentence(f"on {day_text(item.decision.decided_on)}{by}{why}")
    if item.stands is not Stands.OPEN:
        return None
    if item.decide_by is None:
        return "No day is set."
    return f"By {day_text(item.decide_by)} ({due_text(item.decide_by, today)})."


def _change(item: AppealListed) -> str:
    """What upholding it would change, or what the decision changed: from where to where."""
    now = _name(item.goes_to)
    if item.decision is not None:
        if item.decision.outcome is AppealOutcome.UPHELD:
            return f"{_name(item.assigned_to)} → {item.decision.goes_to.name}"
        return f"Nothing: {item.decision.goes_to.name}, as before"
    match item.stands:
        case Stands.OPEN if item.if_upheld:
            return f"{now} → {' or '.join(each.name for each in item.if_upheld)}"
        case Stands.OPEN:
            return "The rules know no other place to send the person to"
        case Stands.LATE:
            return f"Nothing as long as it is not heard: {now}"
        case _:
            return f"Nothing: {now}"


def _name(to: Goes | None) -> str:
    return "nowhere yet" if to is None else to.name


def _choices(chosen: str | None) -> list[dict[str, object]]:
    every: list[dict[str, object]] = [{"value": "", "text": "Any"}]
    for value, text in _STATES.items():
        every.append({"value": str(value), "text": text, "selected": value == chosen})
    return every


def _next(path: str, found: AppealsListed, wanted: Mapping[str, str]) -> str | None:
    """The address of the page after this one, as known at the same instant."""
    if found.next_cursor is None:
        return None
    asked = {**wanted, KNOWN_AT: print_instant(found.known_at), _CURSOR: found.next_cursor}
    return _address(path, asked)


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
