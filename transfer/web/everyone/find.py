"""/: find a person by staff number."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.http_service import known_number, why_not_allowed
from transfer.core.refusals import NotOnRecord
from transfer.questions.one_person import one_person
from transfer.web.frame.pages import Pages, redirect

_ENTER = "Enter a staff number"


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    visitor = pages.signed_in()

    @router.get("/")
    def find(
        request: Request,
        caller: Annotated[Caller, Depends(visitor)],
        staff_number: Annotated[str | None, Query()] = None,
    ) -> Response:
        """Ask for a staff number; send on to the record of one that is there."""
        reaches_all = bool(caller.roles & {Role.ADMIN, Role.AUDIT})
        own = caller.staff_number if Role.STAFF in caller.roles and not reaches_all else None
        asked = None if staff_number is None else staff_number.strip()
        error, status = None, 200
        if asked == "":
            error, status = _ENTER, 422
        elif asked is not None and (reaches_all or own is not None):
            # Whether a number is on record is told only to whom it could be shown.
            number = _spelled(asked) if reaches_all else None
            if number is None and own is not None and _is_of(own, asked):
                number = asked
            if number is not None:
                return redirect(f"/staff/{number}")
            status = 404 if reaches_all else 403
            error = (
                f"{asked} is not on record: check the staff number"
                if reaches_all
                else "A member of staff reaches their own record only"
            )
        content = {
            "asked": asked or "",
            "error": error,
            "own": own,
            "reaches_all": reaches_all,
            "why_not": None if reaches_all or own else why_not_allowed(caller),
        }
        return pages.draw(request, "transfer/everyone/find.html", content, status)

    def _is_of(own: str, asked: str) -> bool:
        return asked == own or asked in one_person(service.office.log, own)

    def _spelled(asked: str) -> str | None:
        """The number as the record spells it; `None` where nobody has it."""
        try:
            return next(iter(service.office.spellings([known_number(asked)])), None)
        except NotOnRecord:
            return None

    return router
