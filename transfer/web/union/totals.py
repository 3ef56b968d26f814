"""/my-members/totals and /consultations/{id}/totals: people in numbers, by employer, unnamed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Role
from transfer.api.http_service import Reading
from transfer.api.resources.mine import note_counted
from transfer.core.refusals import Malformed
from transfer.questions.procedures import Looking
from transfer.questions.small_groups import Shown
from transfer.questions.totals import (
    SEEN_BY,
    ConsultationTotals,
    GroupTotal,
    MembersTotals,
    totals_of_consultation,
    totals_of_members,
)
from transfer.web.frame.asking import DAYS, PageAsked, read_asked
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import PLACES, day_text
from transfer.web.pictures.drawing import counted

_ASKS: Final = ("effective_at", "known_at")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of totals: what, and how many."""

    what: str
    people: str


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.reads(granted=[Role.UNION])
    up_to = Depends(service.up_to(*SEEN_BY))

    @router.get("/my-members/totals", dependencies=[Depends(reader), up_to])
    def show_members(request: Request, reading: Annotated[Reading, Depends(reader)]) -> Response:
        """Count the members by employer, and by where they are in exercises."""
        asked, path = _read(request.query_params), "/my-members/totals"
        if asked.in_parts and not asked.errors:
            return redirect(_address(path, asked))
        on = asked.effective_at or service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, service.today())
            found = totals_of_members(conn, looking, reading.caller.subject, on)
        totals = found.totals
        content = {
            "title": "My members in numbers",
            "back": {"href": "/my-members", "text": "My members"},
            "says": _says_members(totals),
            "notes": list(_notes_of_members(totals)),
            "lines": [
                Line(each.employer or "nobody employs them", f"{each.people:,}")
                for each in totals.employers
            ],
            "exercises": [
                Line(f"{each.exercise}: {PLACES.get(each.state, each.state)}", f"{each.people:,}")
                for each in totals.exercises
            ],
        }
        page = _draw(pages, request, path, asked, content)
        note_counted(service, reading.reader, found)
        return page

    @router.get("/consultations/{id}/totals", dependencies=[Depends(reader), up_to])
    def show_consultation(
        request: Request,
        reading: Annotated[Reading, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
    ) -> Response:
        """Count the people whom a consultation is about, by employer."""
        asked, path = _read(request.query_params), f"/consultations/{quote(id, safe='')}/totals"
        if asked.in_parts and not asked.errors:
            return redirect(_address(path, asked))
        on = asked.effective_at or service.today()
        with service.knowing(SEEN_BY, asked) as (conn, known_at):
            looking = Looking(service.office, service.worlds, known_at, service.today())
            found = totals_of_consultation(
                conn, looking, reading.caller, id, on, service.small_group
            )
        content = {
            "title": f"People of {found.exercise} in numbers",
            "back": {"href": "/consultations", "text": "Consultations"},
            "says": _says_consultation(found),
            "notes": list(_notes_of_consultation(found)),
            "lines": [_line(each, found.threshold) for each in found.groups],
        }
        return _draw(pages, request, path, asked, content)

    return router


def _read(query: Mapping[str, str]) -> PageAsked:
    """What an address asks. Raises `Malformed` for a parameter that these pages do not have."""
    for name in query:
        if name.partition("-")[0] not in _ASKS:
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    return read_asked(query)


def _address(path: str, asked: PageAsked) -> str:
    given = {name: asked.typed[name] for name in _ASKS if asked.typed[name]}
    return f"{path}?{urlencode(given)}" if given else path


def _draw(
    pages: Pages, request: Request, path: str, asked: PageAsked, content: Mapping[str, object]
) -> Response:
    form = {
        "action": path,
        "asks": [
            {
                "name": name,
                "label": DAYS[name],
                "parts": asked.parts[name],
                "error": next((t for at, t in asked.errors.items() if at.startswith(name)), None),
            }
            for name in _ASKS
        ],
        "errors": [{"text": text, "href": f"#{at}"} for at, text in asked.errors.items()],
        "known_at": asked.known_at,
        "now_address": path,
    }
    status = 422 if asked.errors else 200
    return pages.draw(request, "transfer/union/totals.html", {**form, **content}, status)


# --- members ------------------------------------------------------------------------------------


def _says_members(found: MembersTotals) -> str:
    """How many members there are and how many of them have an employer, in one sentence."""
    if not found.members:
        return "Nobody has appointed you, so there is nobody to count."
    people = counted(found.members, "member", "members")
    employers = sum(each.employer is not None for each in found.employers)
    of = counted(employers, "employer", "employers")
    has = "has" if found.employed == 1 else "have"
    return f"Of {people}, {found.employed:,} {has} {of} on {day_text(found.effective_at)}."


def _notes_of_members(found: MembersTotals) -> Iterator[str]:
    if found.without_record:
        people = counted(found.without_record, "member has", "members have")
        yield f"{people} not appointed you for the record, and no employer is counted for them."
    several = sum(each.people for each in found.employers if each.employer) > found.employed
    if several:
        yield "Somebody with two employers is counted under both."


# --- consultations ------------------------------------------------------------------------------


def _says_consultation(found: ConsultationTotals) -> str:
    """How many people it is about, in one sentence."""
    on = f"on {day_text(found.effective_at)}"
    if not found.groups:
        return f"The exercise {found.exercise} covers nobody yet."
    of = counted(len(found.groups), "group", "groups")
    if found.total is None:
        return (
            f"The people whom {found.exercise} covers are in {of} by employer {on}; a group of "
            f"fewer than {found.threshold} is not given as a number, and so there is no total."
        )
    people = counted(found.total, "person", "people")
    return f"{found.exercise} covers {people}, in {of} by employer {on}."


def _notes_of_consultation(found: ConsultationTotals) -> Sequence[str]:
    if any(each.shown is Shown.WITHHELD for each in found.groups):
        return (
            "One further number is not shown, so that nobody can work a small one out from it.",
        )
    return ()


def _line(group: GroupTotal, threshold: int) -> Line:
    what = group.employer or "nobody employs them"
    match group.shown:
        case Shown.EXACT:
            return Line(what, f"{group.people or 0:,}")
        case Shown.FEWER:
            return Line(what, f"fewer than {threshold}")
        case Shown.WITHHELD:
            return Line(what, "not shown")
