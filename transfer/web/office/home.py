"""/: what needs doing, for the office, counted; everybody else is led to where they begin.

The page counts and leads on. The lines themselves are on the list of work (`/work`), what one
exercise has to do on its page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller
from transfer.api.reach import why_not_allowed
from transfer.questions.procedures import MOST_LISTED, RUNNING, ProcedureListed, procedures
from transfer.questions.work import MOST_LISTED as MOST_WORK
from transfer.questions.work import WorkAsked, WorkFound, WorkItem, WorkKind, WorkState, work
from transfer.web.frame.navigation import HOME, Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import day_text
from transfer.web.office import questions_of_reads
from transfer.web.office.looking import NAMES, READERS, Asked, looking_at
from transfer.web.office.wording import STANDING, step_text
from transfer.web.office.work import ADDRESS as WORK
from workflows.troubles import Trouble, troubles

MOST_ENDED = 5
"""Exercises that have ended and are listed where none is under way; the others are one page on."""

IN_NAVIGATION: Final = Entry(
    "Home", HOME, frozenset(READERS), 0, home_of=frozenset(READERS), whole_office=True
)

SOON: Final = timedelta(days=14)
"""How far ahead the page looks."""

_WAITS: Final = {
    WorkKind.APPROVAL: ("Waiting for an approval", "step"),
    WorkKind.DECISION: ("Decisions to look at again", "decision"),
    WorkKind.REFUSED: ("Refused by the rules", "step"),
}
"""What waits for somebody in the office, whatever its day, and what is counted."""


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of something to do, and where it is listed."""

    title: str
    says: str
    number: str
    address: str
    is_late: bool = False


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    visitor = pages.signed_in()
    up_to = pages.service.up_to(*NAMES)

    @router.get(HOME, dependencies=[Depends(up_to)])
    def show_home(request: Request, caller: Annotated[Caller, Depends(visitor)]) -> Response:
        """Count what is overdue, due and waiting; say what is stuck, and what is under way."""
        home = pages.navigation.home(caller)
        if home is None:
            why_not = {"why_not": why_not_allowed(caller)}
            return pages.draw(request, "transfer/frame/no_page_yet.html", why_not)
        if home != HOME:
            return redirect(home)
        today = pages.service.today()
        with looking_at(pages, Asked({}, None)) as (conn, looking):
            found = work(
                conn, {}, looking.known_at, today, WorkAsked(), limit=MOST_WORK, cursor=None
            )
            exercises = procedures(looking, kind="exercise", limit=MOST_LISTED).items
            stuck = troubles(conn)
        running = [each for each in exercises if each.state == RUNNING]
        ended = [each for each in exercises if each.state != RUNNING]
        counts = [*_counts(found, today), *_questions(pages, caller)]
        content = {
            "says": _says(counts, stuck, len(running), today + SOON),
            "go_on": _go_on(counts, running, ended),
            "counts": counts,
            "stuck": stuck,
            "running": running,
            "ended": [(each.id, STANDING[each.state]) for each in ended[:MOST_ENDED]],
            "step_text": step_text,
        }
        return pages.draw(request, "transfer/office/home.html", content)

    return router


def _counts(found: WorkFound, today: date) -> list[Count]:
    """What is overdue, what waits for somebody, and what is due soon; nothing of which none is."""
    soon = today + SOON
    overdue = [each for each in found.items if each.state is WorkState.OVERDUE]
    due = [
        each
        for each in found.items
        if each.state is WorkState.DUE and each.due_on and each.due_on <= soon
    ]
    counts = [_count("Overdue", overdue, "thing", {"state": WorkState.OVERDUE}, is_late=True)]
    for kind, (title, what) in _WAITS.items():
        waits = [each for each in found.items if each.kind is kind]
        counts.append(_count(title, waits, what, {"kind": kind}))
    until = {"state": WorkState.DUE, "due_before": (soon + timedelta(days=1)).isoformat()}
    counts.append(_count(f"Due by {day_text(soon)}", due, "thing", until))
    return [each for each in counts if each is not None]


def _count(
    title: str, items: Sequence[WorkItem], what: str, asked: dict[str, str], is_late: bool = False
) -> Count | None:
    if not items:
        return None
    days = [each.due_on for each in items if each.due_on]
    exercises = sorted({each.exercise for each in items})
    first = f"The first day is {day_text(min(days))}. " if days else ""
    of = f"In the exercise{'s' if len(exercises) > 1 else ''} {', '.join(exercises)}."
    number = f"1 {what}" if len(items) == 1 else f"{len(items):,} {what}s"
    return Count(title, f"{first}{of}", number, f"{WORK}?{urlencode(asked)}", is_late)


def _questions(pages: Pages, caller: Caller) -> list[Count]:
    number = questions_of_reads.how_many_wait(pages, caller)
    if not number:
        return []
    many = "1 question" if number == 1 else f"{number:,} questions"
    says = "People ask why their record was read."
    return [Count("Questions about reads", says, many, questions_of_reads.ADDRESS)]


def _go_on(
    counts: Sequence[Count], running: Sequence[ProcedureListed], ended: Sequence[ProcedureListed]
) -> tuple[str, str] | None:
    """What to go on with, and where: what is most urgent, else an exercise that is under way, else
    one that has ended."""
    if counts:
        return f"Continue: {counts[0].title}", counts[0].address
    if running:
        return f"Continue: Exercise {running[0].id}", _address_of(running[0])
    if ended:
        return f"See what the exercise {ended[0].id} came to", _address_of(ended[0])
    return None


def _address_of(exercise: ProcedureListed) -> str:
    return f"/exercises/{quote(exercise.id, safe='')}"


def _says(counts: Sequence[Count], stuck: Sequence[Trouble], running: int, soon: date) -> str:
    """What needs doing, in a sentence or two."""
    way = (
        "No exercise is under way."
        if not running
        else f"{running} exercise{'s are' if running > 1 else ' is'} under way."
    )
    told = [f"{each.title[:1].lower()}{each.title[1:]}: {each.number}" for each in counts]
    if stuck:
        told.append(f"stuck: {len(stuck)}")
    if not told:
        return f"Nothing is overdue, and nothing is due by {day_text(soon)}. {way}"
    said = "; ".join(told)
    return f"{said[:1].upper()}{said[1:]}. {way}"
