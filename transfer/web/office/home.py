"""/: what needs doing, for the office; everybody else is led to the page where they begin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from projections.deadlines.deadlines import WaitsFor, waits_for_somebody
from transfer.access.identity import Caller
from transfer.api.reach import why_not_allowed
from transfer.questions.procedures import MOST_LISTED, RUNNING, procedures
from transfer.web.frame.navigation import HOME, Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import day_text
from transfer.web.office.looking import NAMES, READERS, Asked, looking_at
from transfer.web.office.questions_of_reads import how_many_wait, questions_text
from transfer.web.office.wording import step_text, waiting_text

IN_NAVIGATION: Final = Entry(
    "Home", HOME, frozenset(READERS), 0, home_of=frozenset(READERS), whole_office=True
)

SOON: Final = timedelta(days=14)
"""How far ahead the page looks."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to be done in an exercise: for how many people, and the first of its days."""

    says: str
    exercise: str
    people: int
    day: date | None


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    visitor = pages.signed_in()
    up_to = pages.service.up_to(*NAMES)

    @router.get(HOME, dependencies=[Depends(up_to)])
    def show_home(request: Request, caller: Annotated[Caller, Depends(visitor)]) -> Response:
        """Say what is overdue and due, what waits for a decision, and what is under way."""
        home = pages.navigation.home(caller)
        if home is None:
            why_not = {"why_not": why_not_allowed(caller)}
            return pages.draw(request, "transfer/frame/no_page_yet.html", why_not)
        if home != HOME:
            return redirect(home)
        today = pages.service.today()
        with looking_at(pages, Asked({}, None)) as (conn, looking):
            lines = _lines(waits_for_somebody(conn, today + SOON, looking.known_at))
            found = procedures(looking, kind="exercise", state=RUNNING, limit=MOST_LISTED)
        overdue = [each for each in lines if each.day and each.day < today]
        due = [each for each in lines if each.day and each.day >= today]
        undecided = [each for each in lines if each.day is None]
        content = {
            "says": _says(overdue, due, undecided, len(found.items), today + SOON),
            "overdue": overdue,
            "due": due,
            "undecided": undecided,
            "soon": today + SOON,
            "running": found.items,
            "questions": questions_text(questions)
            if (questions := how_many_wait(pages, caller))
            else None,
            "step_text": step_text,
        }
        return pages.draw(request, "transfer/office/home.html", content)

    return router


def _lines(waits: Iterable[WaitsFor]) -> list[Line]:
    """What waits, by exercise and what it is; what has no day stands by itself."""
    together: dict[tuple[str, str, bool], Line] = {}
    for each in waits:
        key = (each.exercise, each.what, each.since is None)
        before = together.get(key)
        days = [day for day in (each.since, before.day if before else None) if day]
        together[key] = Line(
            waiting_text(each.what),
            each.exercise,
            each.people + (before.people if before else 0),
            min(days) if days else None,
        )
    return sorted(together.values(), key=lambda line: (line.day or date.max, line.exercise))


def _says(
    overdue: Sequence[Line],
    due: Sequence[Line],
    undecided: Sequence[Line],
    running: int,
    soon: date,
) -> str:
    """What needs doing, in a sentence or two."""
    way = (
        "No exercise is under way."
        if not running
        else f"{running} exercise{'s are' if running > 1 else ' is'} under way."
    )
    told = []
    if overdue:
        told.append(f"{_things(overdue)} overdue")
    if due:
        told.append(f"{_things(due)} due by {day_text(soon)}")
    if undecided:
        told.append(f"{_things(undecided)} waiting for a decision")
    if not told:
        return f"Nothing is overdue, and nothing is due by {day_text(soon)}. {way}"
    return f"{', '.join(told)}. {way}"


def _things(lines: Sequence[Line]) -> str:
    return "1 thing is" if len(lines) == 1 else f"{len(lines)} things are"
