"""/exercises/{id}/people: whom an exercise covers, where each goes and why; 50 on a page."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller
from transfer.api.reach import shown_to
from transfer.core.dating.instants import print_instant
from transfer.questions.exercise_tasks import Choices, choices_of
from transfer.questions.procedures import PeopleOfExercise, people_of_exercise
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import PLACES
from transfer.web.office.looking import KNOWN_AT, NAMES, READERS, looking_at, read_asked
from transfer.web.office.wording import people_text, step_text

ON_A_PAGE = 50
_FILTERS = ("state", "route", "destination")
_CURSOR = "cursor"


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = pages.service.up_to(*NAMES)

    @router.get("/exercises/{exercise}/people", dependencies=[Depends(reader), Depends(up_to)])
    def show_people(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """Show a page of people by staff number, those that the filters keep."""
        asked = read_asked(request.query_params, *_FILTERS, _CURSOR)
        wanted = {name: asked.given[name] for name in _FILTERS if name in asked.given}
        with looking_at(pages, asked) as (conn, looking):
            choices = choices_of(looking, exercise)
            found = people_of_exercise(
                looking,
                conn,
                exercise,
                **wanted,
                limit=ON_A_PAGE,
                cursor=asked.given.get(_CURSOR),
            )
        found = shown_to(pages.service, caller, reader.reach, found)
        path = f"/exercises/{exercise}/people"
        stood = {KNOWN_AT: print_instant(found.known_at)} if asked.known_at else {}
        content = {
            "exercise": exercise,
            "says": _says(exercise, found, wanted, choices, begins=_CURSOR not in asked.given),
            "people": found.items,
            "filters": _filters(choices, wanted),
            "filtered": bool(wanted),
            "known_at": found.known_at if asked.known_at else None,
            "first_address": _address(path, wanted | stood),
            "everybody_address": _address(path, stood),
            "now_address": _address(path, wanted),
            "is_first": _CURSOR not in asked.given,
            "next_address": _next(path, found, wanted),
            "places": choices.destinations | PLACES,
            "routes": choices.routes,
            "step_text": step_text,
        }
        page = pages.draw(request, "transfer/office/exercise_people.html", content)
        pages.note(
            request,
            caller,
            READERS,
            (each.staff_number for each in found.items),
            known_at=found.known_at,
        )
        return page

    return router


def _says(
    exercise: str,
    found: PeopleOfExercise,
    wanted: Mapping[str, str],
    choices: Choices,
    *,
    begins: bool,
) -> str:
    """What the page shows, in one sentence."""
    words = []
    if "state" in wanted:
        place = choices.destinations | PLACES
        words.append(f"who are now: {place.get(wanted['state'], wanted['state'])}")
    if "route" in wanted:
        words.append(f"by the rule: {choices.routes.get(wanted['route'], wanted['route'])}")
    if "destination" in wanted:
        to = wanted["destination"]
        words.append(f"who are to go to: {choices.destinations.get(to, to)}")
    of = f"of {exercise}" + "".join(f", {each}" for each in words)
    if not found.items:
        return f"No people {of}." if begins else f"No more people {of}."
    shown = people_text(len(found.items))
    if begins and found.next_cursor is None:
        return f"{shown} {of}."
    first, last = found.items[0].staff_number, found.items[-1].staff_number
    return f"{shown} {of}: from {first} to {last}."


def _next(path: str, found: PeopleOfExercise, wanted: Mapping[str, str]) -> str | None:
    """The address of the page after this one, as known at the same instant."""
    if found.next_cursor is None:
        return None
    asked = {**wanted, KNOWN_AT: print_instant(found.known_at), _CURSOR: found.next_cursor}
    return _address(path, asked)


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _filters(choices: Choices, wanted: Mapping[str, str]) -> Sequence[Mapping[str, object]]:
    offered = {
        "state": ("Where they are now", PLACES | choices.destinations),
        "route": ("By which rule they go", choices.routes),
        "destination": ("Where they are to go", choices.destinations),
    }
    return [
        {
            "name": name,
            "label": label,
            "items": [
                {"value": "", "text": "Any"},
                *(
                    {"value": value, "text": text, "selected": wanted.get(name) == value}
                    for value, text in of.items()
                ),
            ],
        }
        for name, (label, of) in offered.items()
    ]
