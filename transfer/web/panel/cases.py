"""/my-cases: the disputes whose panels somebody is on; where a clerk begins."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Role
from transfer.api.http_service import Reading
from transfer.api.parameters import Question
from transfer.core.refusals import NotOnRecord
from transfer.questions.mine import SEEN_BY, MyCase, MyCases, my_cases
from transfer.questions.procedures import Looking
from transfer.questions.who_may_read import CaseOnRecord, cases_of
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, SignedInToRead
from transfer.web.panel import wording

IN_NAVIGATION: Final = Entry(
    "My cases", "/my-cases", frozenset({Role.DISPUTE}), 30, home_of=frozenset({Role.DISPUTE})
)
NAMES: Final = SEEN_BY
"""The projections that these pages read."""

_NOW = Question()


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = panel(pages)
    up_to = Depends(pages.service.up_to(*NAMES))

    @router.get("/my-cases", dependencies=[up_to])
    def show_my_cases(request: Request, reading: Annotated[Reading, Depends(reader)]) -> Response:
        """List the cases, the open ones first."""
        subject = reading.caller.subject
        cases = cases_of(pages.service.office, pages.service.worlds, subject)
        found = shown_of(pages, cases, subject)
        for each in found.items:
            note_case(reading, found, each)
        content = {
            "says": wording.cases_text(found.items),
            "open": [each for each in found.items if each.is_open],
            "closed": [each for each in found.items if not each.is_open],
            "dates_text": wording.dates_text,
        }
        return pages.draw(request, "transfer/panel/my_cases.html", content)

    return router


def panel(pages: Pages) -> SignedInToRead:
    """The dependency that lets members of panels pass; each page shows their cases alone."""
    return pages.reads(granted=[Role.DISPUTE])


def shown_of(pages: Pages, cases: Sequence[CaseOnRecord], subject: str) -> MyCases:
    """What somebody sees of these cases, as known now."""
    service = pages.service
    with service.knowing(NAMES, _NOW) as (_conn, known_at):
        looking = Looking(service.office, service.worlds, known_at, service.today())
    return my_cases(looking, cases, subject)


def case_of(pages: Pages, subject: str, id_: str) -> CaseOnRecord:
    """The case of that id. Raises `NotOnRecord` where somebody is not on its panel."""
    for each in cases_of(pages.service.office, pages.service.worlds, subject):
        if each.reach.id == f"dispute-case:{id_}":
            return each
    raise NotOnRecord("you are on no case of that id")


def by_case(reading: Reading, id_: str) -> Reading:
    """The same read with the case as its reason."""
    reader = replace(reading.reader, dispute_case=f"dispute-case:{id_}", reason=f"case {id_}")
    return replace(reading, reader=reader)


def note_case(reading: Reading, found: MyCases, case: MyCase) -> None:
    """Put on the register that a case was read, for everybody whom it shows."""
    people = [each.staff_number for each in case.people]
    by_case(reading, case.id).note(people, known_at=found.known_at)
