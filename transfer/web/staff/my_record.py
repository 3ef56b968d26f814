"""/my-record: what a member of staff reads of themselves: where, under what terms, until when."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from projections.links_and_objections.projection import links_and_objections
from transfer.access.identity import Caller, Role
from transfer.core.words import Facet
from transfer.questions.letters import letters
from transfer.questions.links_and_objections import LinksAndObjectionsShown
from transfer.questions.on_lists import on_lists
from transfer.questions.position import position, timeline
from transfer.questions.summary import summary
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages
from transfer.web.staff import wording
from transfer.web.staff.own import NAMES, looking, member, note_read, own_number

IN_NAVIGATION: Final = Entry(
    "My record", "/my-record", frozenset({Role.STAFF}), 10, home_of=frozenset({Role.STAFF})
)


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)
    up_to = service.up_to(*NAMES)

    @router.get("/my-record", dependencies=[Depends(up_to)])
    def show_my_record(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """Say where they work, under what terms and until when; what is due; their letters."""
        number, today = own_number(pages, caller), service.today()
        with looking(pages) as (conn, at):
            brief = summary(conn, at, number, today, at.known_at)
            sent = letters(at, number).items
            listed = [wording.on_list_text(each) for each in on_lists(at, number)]
            beside = links_and_objections(conn, number, at.known_at)
        log, vault = service.office.log, service.office.vault
        erasure = vault.erasure_of(number) if brief.name is None else None
        held = position(
            log, vault, number, today, at.known_at, assignment=brief.assignment or "main"
        )
        ahead = timeline(log, vault, number, at.known_at)
        noted = LinksAndObjectionsShown.of(vault, number, beside)
        fte = held.position.get(Facet.FTE)
        content = {
            "number": number,
            "name": brief.name,
            "erased_at": erasure.at if erasure else None,
            "today": today,
            "where": wording.where_text(brief),
            "other_jobs": wording.others_text(brief),
            "hours": wording.hours_text(fte.value if fte else None),
            "line_manager": brief.line_manager,
            "since": [
                (facet, held.position[facet])
                for facet in (Facet.EMPLOYER, Facet.ROLE, Facet.BAND)
                if facet in held.position
            ],
            "ahead": wording.ahead(ahead, today),
            "awaited": held.not_yet_recorded,
            "terms": [(wording.term_text(each), each) for each in held.terms],
            "linked": held.linked,
            "next_deadline": wording.next_deadline(sent, today),
            "others": wording.of_others(brief.next_deadlines),
            "planned": [wording.outcome_text(each) for each in sent if not each.is_over],
            "letters": [(each, wording.letter_text(each)) for each in sent],
            "listed": listed,
            "objections": noted.objections,
            "challenged": request.query_params.get("done") == "challenged",
        }
        note_read(pages, request, caller, at.known_at)
        return pages.draw(request, "transfer/staff/my_record.html", content)

    return router
