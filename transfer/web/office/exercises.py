"""/exercises: what is under way, since when, and what happens next."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.questions.procedures import MOST_LISTED, RUNNING, ProcedureListed, procedures
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import day_text
from transfer.web.office.looking import NAMES, READERS, looking_at, read_asked
from transfer.web.office.wording import STANDING, step_text

IN_NAVIGATION: Final = Entry("Exercises", "/exercises", frozenset(READERS), 20, whole_office=True)


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = pages.service.up_to(*NAMES)

    @router.get("/exercises", dependencies=[Depends(reader), Depends(up_to)])
    def list_exercises(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List those under way first, then those that have ended."""
        asked = read_asked(request.query_params, "cursor")
        with looking_at(pages, asked) as (_conn, looking):
            found = procedures(
                looking, kind="exercise", limit=MOST_LISTED, cursor=asked.given.get("cursor")
            )
        running = [each for each in found.items if each.state == RUNNING]
        content = {
            "says": _says(running),
            "running": sorted(running, key=lambda each: (each.next_on is None, each.next_on)),
            "ended": [each for each in found.items if each.state != RUNNING],
            "known_at": found.known_at if asked.known_at else None,
            "next_cursor": found.next_cursor,
            "standing": STANDING,
            "step_text": step_text,
            "may_begin": Role.ADMIN in caller.roles and not is_limited(caller.limits),
        }
        return pages.draw(request, "transfer/office/exercises.html", content)

    return router


def _says(running: Sequence[ProcedureListed]) -> str:
    if not running:
        return "No exercise is under way."
    many = "1 exercise is" if len(running) == 1 else f"{len(running)} exercises are"
    dated = [
        (each.next_on, each.id, each.next_step)
        for each in running
        if each.next_on is not None and each.next_step is not None
    ]
    if not dated:
        return f"{many} under way; nothing has a day yet."
    day, id_, step = min(dated)
    return f"{many} under way; next, on {day_text(day)}, {step_text(step)} ({id_})."
