"""/staff: find a person by staff number; the office, by more than that."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.http_service import REPRESENTED
from transfer.api.reach import Reach, may_reach_everybody, why_not_allowed
from transfer.web.everyone import find_staff
from transfer.web.frame.forms import Read
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, redirect

IN_NAVIGATION: Final = Entry(
    "Find a person",
    "/staff",
    frozenset({Role.ADMIN, Role.AUDIT, Role.UNION}),
    30,
    home_of=frozenset({Role.ADMIN, Role.AUDIT}),
)

_ENTER = "Enter a staff number"
_REACH = Reach(frozenset({Role.ADMIN, Role.AUDIT}), frozenset({Role.STAFF, *REPRESENTED}))
"""Whose record the page of a person shows to whom."""


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    visitor = pages.signed_in()

    @router.get("/staff")
    def find(
        request: Request,
        caller: Annotated[Caller, Depends(visitor)],
        staff_number: Annotated[str | None, Query()] = None,
    ) -> Response:
        """Ask for a staff number; send on to the record of one that is there."""
        reaches_all = may_reach_everybody(caller, _REACH)
        is_served = bool(caller.roles & _REACH.served)
        asked = None if staff_number is None else staff_number.strip()
        error, status = None, 200
        if asked == "":
            error, status = _ENTER, 422
        elif asked is not None and is_served:
            # Whether a number is on record is said only to those who reach it.
            number = find_staff.number_of(service, caller, _REACH, asked)
            if number is not None:
                return redirect(f"/staff/{number}")
            why = "check the staff number"
            if not reaches_all:
                why += ", or whether it is yours to see"
            error, status = f"{asked} is not on record: {why}", 404
        if caller.roles & set(find_staff.SEARCHERS):
            wrong = {} if error is None else {"whom": error}
            typed = {"whom": asked} if asked else {}
            return find_staff.draw(pages, request, Read(typed, None, wrong), status=status)
        content = {
            "asked": asked or "",
            "error": error,
            "why_not": None if is_served else why_not_allowed(caller),
        }
        return pages.draw(request, "transfer/everyone/find.html", content, status)

    return router
