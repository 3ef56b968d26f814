"""/staff, as the office asks it: by name, employer and unit, on a day, as known on another.

What was typed is sent in the body, so that no name stands in an address.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from transfer.access.identity import Caller, Role
from transfer.api.http_service import HttpService
from transfer.api.reach import Reach, granted, may_reach_everybody, shown_to
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.dating.instants import Day
from transfer.core.refusals import Malformed
from transfer.core.words import Facet, is_staff_number
from transfer.questions.people_found import SEEN_BY, PeopleFound, Wanted, people_found
from transfer.web.frame.forms import Read, form_of, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.frame.wording import day_text

ADDRESS: Final = "/staff"
SEARCHERS: Final = (Role.ADMIN, Role.AUDIT)
"""Who may look for people by more than a number."""

_PAGE = 50
_LONGEST_FORM = 16_384
_MOST_FIELDS = 16
_CURSOR = "cursor"


class StaffSought(BaseModel):
    """Whom somebody looks for; all that is given must hold."""

    whom: str | None = Field(None, max_length=200)
    employer: str | None = Field(None, max_length=500)
    unit: str | None = Field(None, max_length=500)
    in_force_on: Day | None = None
    record_of: Day | None = None


@dataclass(frozen=True, slots=True)
class _AsKnown:
    """As known when; `None`: now."""

    known_at: datetime | None


FORM = form_of(StaffSought, "staff search")


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*SEARCHERS, within_limits=True)
    up_to = Depends(service.up_to(*SEEN_BY))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.post(ADDRESS, dependencies=[Depends(reader), up_to])
    def find(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show who was found; a whole staff number leads to that person."""
        require_own_form(pages, request, fields)
        cursor = fields.get(_CURSOR)
        typed = {name: text for name, text in fields.items() if name not in (FORM_TOKEN, _CURSOR)}
        got = read(FORM, typed.items())
        sought = got.body
        if sought is None:
            return draw(pages, request, got, status=422)
        number = (
            None if sought.whom is None else number_of(service, caller, reader.reach, sought.whom)
        )
        if number is not None:
            return redirect(f"{ADDRESS}/{number}")
        on = sought.in_force_on or service.today()
        given = {Facet.EMPLOYER: sought.employer, Facet.UNIT: sought.unit}
        wanted = Wanted(
            sought.whom, None, {facet: value for facet, value in given.items() if value}
        )
        known = None if sought.record_of is None else end_of_day_london(sought.record_of)
        try:
            with service.knowing(SEEN_BY, _AsKnown(known)) as (conn, known_at):
                found = people_found(
                    conn, service.office, wanted, on, known_at, limit=_PAGE, cursor=cursor
                )
        except Malformed as error:
            said = str(error).removeprefix(f"{error.field}: ")
            wrong = {"whom": said[:1].upper() + said[1:]}
            return draw(pages, request, Read(got.typed, None, wrong), status=422)
        found = shown_to(service, caller, reader.reach, found, on)
        page = draw(pages, request, got, found, begins=cursor is None)
        pages.note(
            request,
            caller,
            SEARCHERS,
            (each.staff_number for each in found.items),
            effective_at=on,
            known_at=known_at,
        )
        return page

    return router


def number_of(service: HttpService, caller: Caller, reach: Reach, typed: str) -> str | None:
    """A number as the record spells it; `None` where it is out of reach, or nobody has it."""
    if not is_staff_number(typed):
        return None
    if may_reach_everybody(caller, reach):
        return next(iter(service.office.spellings([typed])), None)
    found = granted(service, caller, reach, typed)
    return None if found is None else found[0]


def draw(
    pages: Pages,
    request: Request,
    got: Read[StaffSought],
    found: PeopleFound | None = None,
    *,
    begins: bool = True,
    status: int = 200,
) -> Response:
    """The page: what was typed, what is wrong with it, and who was found."""
    content = {
        "form": FORM,
        "typed": got.typed,
        "errors": got.errors,
        "found": found,
        "says": None if found is None else _says(found, begins=begins),
        "begins": begins,
    }
    return pages.draw(request, "transfer/everyone/find_staff.html", content, status)


def _says(found: PeopleFound, *, begins: bool) -> str:
    """Who was found, in one sentence."""
    on = f"as at {day_text(found.effective_at)}"
    if not found.items:
        more = "" if begins else "more "
        return f"Nobody {more}was found, {on}: check the spelling, or give less of the name."
    many = f"{len(found.items)} {'person' if len(found.items) == 1 else 'people'}"
    if begins and found.next_cursor is None:
        return f"{many} found, {on}."
    return f"{many} on this page, {on}, in order of staff number."
