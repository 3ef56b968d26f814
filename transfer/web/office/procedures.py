"""/procedures: what runs of every kind of procedure beside the exercise, and how to begin one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.commands.acts.offered import offered
from transfer.core.matter.kind import Kind
from transfer.questions.procedures import RUNNING, Looking, ProcedureListed, procedures
from transfer.web.frame.pages import Pages
from transfer.web.office.checking import procedure_address
from transfer.web.office.looking import NAMES, READERS, looking_at, read_asked
from transfer.web.office.wording import step_text

MOST_OF_A_KIND: Final = 20
_HAS_A_PAGE: Final = "exercise"
"""The kind that has a list and pages of its own."""


@dataclass(frozen=True, slots=True)
class OfKind:
    """The running procedures of one kind, and where one begins, for who may begin it."""

    title: str
    name: str
    running: tuple[ProcedureListed, ...]
    more: bool
    begin: str | None


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = pages.service.up_to(*NAMES)

    @router.get("/procedures", dependencies=[Depends(reader), Depends(up_to)])
    def list_procedures(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List what runs, kind by kind."""
        may_begin = Role.ADMIN in caller.roles and not is_limited(caller.limits)
        with looking_at(pages, read_asked(request.query_params)) as (_conn, looking):
            kinds = tuple(_of_kinds(looking, may_begin=may_begin))
        shown = {it.staff_number for each in kinds for it in each.running if it.staff_number}
        pages.note(request, caller, READERS, shown)
        content = {
            "kinds": kinds,
            "says": _says(kinds),
            "address_of": procedure_address,
            "step_text": step_text,
            "may_open": may_begin,
        }
        return pages.draw(request, "transfer/office/procedures.html", content)

    return router


def _of_kinds(looking: Looking, *, may_begin: bool) -> Iterator[OfKind]:
    for kind in sorted(looking.kinds, key=lambda each: each.title):
        if kind.name == _HAS_A_PAGE:
            continue
        found = procedures(looking, kind=kind.name, state=RUNNING, limit=MOST_OF_A_KIND)
        begin = f"{procedure_address(kind.name, '')}/begin"
        yield OfKind(
            title=kind.title,
            name=kind.name,
            running=found.items,
            more=found.next_cursor is not None,
            begin=begin if may_begin and _begins_in_the_office(kind) else None,
        )


def _begins_in_the_office(kind: Kind) -> bool:
    return any(act.begins and "admin" in act.who for act in offered((kind,)))


def _says(kinds: tuple[OfKind, ...]) -> str:
    many = sum(len(each.running) for each in kinds)
    if not many:
        return "Nothing is under way beside the exercises."
    least = "At least " if any(each.more for each in kinds) else ""
    under_way = "1 procedure is" if many == 1 else f"{many} procedures are"
    said = f"{least}{under_way} under way beside the exercises."
    return said[:1].upper() + said[1:]
