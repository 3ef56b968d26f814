"""/my-members: where a representative begins: whom they act for, what is due, what has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Role
from transfer.access.reach import What
from transfer.api.http_service import Reading
from transfer.api.resources.mine import note_members
from transfer.core.dating.instants import Instant
from transfer.core.refusals import Malformed
from transfer.core.words import WindowKind
from transfer.questions.deadlines import Due
from transfer.questions.history import HistoryItem, recorded_since
from transfer.questions.mine import (
    SEEN_BY,
    AppointmentBesides,
    AppointmentHeld,
    MemberOfMine,
    MyMembers,
    appointments_besides,
    my_members,
)
from transfer.questions.procedures import Looking
from transfer.web.frame.asking import DayAsked, Now, day_inputs, read_day_asked
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import changed_text, day_text, days_text, fact_text
from transfer.web.pictures.drawing import counted

ADDRESS: Final = "/my-members"
IN_NAVIGATION: Final = Entry(
    "My members", ADDRESS, frozenset({Role.UNION}), 10, home_of=frozenset({Role.UNION})
)
ON_A_PAGE = 25
MOST_CHANGES = 5
"""Entries of one member that are shown, the newest; the history has the others."""

_SINCE = "since"
_CURSOR = "cursor"
_LABEL = "Changed since"
_DAYS_BACK = timedelta(days=30)
_SCOPES = {What.RECORD: "the record", What.PROCEDURES: "procedures and their deadlines"}

_WHAT = {
    WindowKind.RESPONSE: "The member may answer the letter",
    WindowKind.APPEAL: "The member may appeal against where they are to go",
    WindowKind.CHOICE: "The member may choose between what the letter offers",
    WindowKind.REVIEW: "The member may ask for a review of what the letter says",
    "determination": "A panel has to decide on the appeal",
    "end-of-employment": "The employment ends, because the member objected to the transfer",
    "send-again": "The letter has to be sent to the member again",
}
"""What is due, in words; anything else is shown by its name."""


@dataclass(frozen=True, slots=True)
class EntryRecorded:
    """An entry that was recorded since the day asked about, in words."""

    title: str
    recorded_at: Instant
    recorded_by: str
    says: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member as the page shows them. `changes` is `None` where their record is not to be read."""

    number: str
    name: str | None
    works: str | None
    appointments: tuple[str, ...]
    sees_procedures: bool
    deadline: str | None
    changes: tuple[EntryRecorded, ...] | None
    more_changes: int


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.reads(granted=[Role.UNION])
    up_to = Depends(service.up_to(*SEEN_BY))

    @router.get(ADDRESS, dependencies=[Depends(reader), up_to])
    def show_my_members(request: Request, reading: Annotated[Reading, Depends(reader)]) -> Response:
        """List the members, what is due first about each, and what changed since a day."""
        today = service.today()
        asked = _read_asked(request.query_params, today)
        if asked.in_parts and asked.wrong is None:
            return redirect(_address(asked.day))
        cursor = request.query_params.get(_CURSOR) or None
        with service.knowing(SEEN_BY, Now()) as (conn, known_at):
            looking = Looking(
                service.office, service.worlds, known_at, today, near_days=service.near_days
            )
            found = my_members(
                conn, looking, reading.caller.subject, limit=ON_A_PAGE, cursor=cursor
            )
            besides = appointments_besides(conn, looking, reading.caller.subject)
        recorded = recorded_since(
            service.office.log,
            [each.staff_number for each in found.items if What.RECORD in _scopes(each)],
            asked.day,
            found.known_at,
        )
        content = {
            "says": _says(found),
            "since": asked.day,
            "parts": asked.parts,
            "asks": _LABEL,
            "wrong": asked.wrong,
            "errors": [{"text": asked.wrong, "href": f"#{_SINCE}"}] if asked.wrong else [],
            "members": [_line(each, recorded.get(each.staff_number)) for each in found.items],
            "later": [(each.staff_number, _later(each)) for each in besides if each.begins_later],
            "over": [(each.staff_number, _over(each)) for each in besides if not each.begins_later],
            "next_address": None
            if found.next_cursor is None
            else _address(asked.day, found.next_cursor),
            "first_address": None if cursor is None else _address(asked.day),
        }
        status = 422 if asked.wrong else 200
        page = pages.draw(request, "transfer/union/my_members.html", content, status)
        note_members(service, reading.reader, found)
        return page

    return router


def _read_asked(query: Mapping[str, str], today: date) -> DayAsked:
    """From which day on changes are shown. Raises `Malformed` for a parameter that the page does
    not have, or for an address whose day is none."""
    for name in query:
        if name not in (_SINCE, _CURSOR, *day_inputs(_SINCE)):
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    default = max(today, date.min + _DAYS_BACK) - _DAYS_BACK
    return read_day_asked(query, _SINCE, _LABEL, default, today)


def _address(since: date, cursor: str | None = None) -> str:
    asked = {_SINCE: since.isoformat()} | ({} if cursor is None else {_CURSOR: cursor})
    return f"{ADDRESS}?{urlencode(asked)}"


def _says(found: MyMembers) -> str:
    """For how many people the caller acts, in one sentence."""
    on = f"On {day_text(found.effective_at)}"
    if not found.members:
        return f"{on}, nobody has appointed you."
    people = counted(found.members, "member", "members")
    shown = len(found.items)
    part = f"; {shown} of them on this page, by staff number" if shown < found.members else ""
    return f"{on}, you act for {people}{part}."


def _scopes(member: MemberOfMine) -> set[str]:
    return {scope for each in member.appointments for scope in each.scope}


def _line(member: MemberOfMine, recorded: Sequence[HistoryItem] | None) -> MemberLine:
    return MemberLine(
        number=member.staff_number,
        name=member.name,
        works=_works(member) if recorded is not None else None,
        appointments=tuple(map(_appointment, member.appointments)),
        sees_procedures=What.PROCEDURES in _scopes(member),
        deadline=None if member.next_deadline is None else _due(member.next_deadline),
        changes=None
        if recorded is None
        else tuple(_entry(member.staff_number, each) for each in recorded[:MOST_CHANGES]),
        more_changes=max(0, len(recorded or ()) - MOST_CHANGES),
    )


def _works(member: MemberOfMine) -> str:
    if member.employer is None:
        return "no employer on record today"
    return ", ".join(filter(None, (member.role, member.unit, member.employer)))


def _appointment(held: AppointmentHeld) -> str:
    days = days_text(held.effective_from, held.effective_to)
    if held.effective_to is None:
        days = f"from {day_text(held.effective_from)} until they say otherwise"
    scopes = " and ".join(says for scope, says in _SCOPES.items() if scope in held.scope)
    return f"For {scopes}, {days}"


def _due(due: Due) -> str:
    what = _WHAT.get(due.what) or due.what.replace("-", " ").capitalize()
    last = "no day yet" if due.due_on is None else f"by the end of {day_text(due.due_on)}"
    return f"{what}: {last} (exercise {due.exercise})"


def _entry(number: str, item: HistoryItem) -> EntryRecorded:
    said = () if item.sentence is None else (item.sentence,)
    return EntryRecorded(
        title=fact_text(item.type),
        recorded_at=item.recorded_at,
        recorded_by=item.recorded_by,
        says=(*said, *map(changed_text, item.changed)),
        address=f"/staff/{number}/history?entry={item.version}#entry-{item.version}",
    )


def _later(each: AppointmentBesides) -> str:
    return f"from {day_text(each.effective_from)}"


def _over(each: AppointmentBesides) -> str:
    """From when until when somebody acted, and how that ended."""
    began = day_text(each.effective_from)
    if each.until is None:
        return f"from {began}; the appointment was undone"
    if each.until <= each.effective_from:
        return f"withdrawn on {day_text(each.until)}, before it began or on its first day"
    if each.withdrawn:
        return f"from {began}, withdrawn on {day_text(each.until)}"
    return days_text(each.effective_from, each.until)
