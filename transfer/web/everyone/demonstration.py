"""Who somebody may be in a demonstration, with one click and without a token.

A demonstration is a rehearsed or a practice record that is looked at on the machine that it runs
on. A real record is never one, nor is a record whose callers an outside provider identifies.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from projections.deadlines.deadlines import State
from projections.position import projection as position
from transfer.access.addresses import is_this_machine
from transfer.access.identity import Caller, EmbeddedIdentity, Role
from transfer.api.http_service import HttpService
from transfer.questions.consultations import first_consulted
from transfer.questions.deadlines import SEEN_BY, deadlines
from transfer.questions.procedures import Looking
from transfer.questions.workforce import members
from transfer.web.frame.asking import Now
from transfer.web.frame.sessions import is_from_here

_FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Part:
    """A user that somebody may be: `key` names them in the form."""

    key: str
    title: str
    says: str
    caller: Caller


def parts(service: HttpService, request: Request) -> tuple[Part, ...]:
    """Whom the sender of a request may be; nobody, where this is no demonstration."""
    if not is_demonstration(service, request):
        return ()
    body = first_consulted(Looking(service.office, service.worlds, service.known_by_the_log(Now())))
    found = [
        Part(
            "administrator",
            "Administrator",
            "Runs the office: enters, corrects, plans and decides. Signs in as “admin”.",
            Caller("admin", frozenset({Role.ADMIN})),
        ),
        Part(
            "representative",
            "Union representative",
            "Sees the members who have appointed “rep”, for as long as they do"
            + (f", and the consultations of {body}." if body else "."),
            Caller("rep", frozenset({Role.UNION}), body=body),
        ),
        Part(
            "clerk",
            "Panel clerk",
            "Sees the people and days of the cases that “clerk” is on, while they are open.",
            Caller("clerk", frozenset({Role.DISPUTE})),
        ),
    ]
    number = _somebody(service)
    if number is not None:
        found.append(
            Part(
                "staff",
                "Member of staff",
                f"Sees the record of {number}, and does what that person may do.",
                Caller(number, frozenset({Role.STAFF})),
            )
        )
    return tuple(found)


def is_demonstration(service: HttpService, request: Request) -> bool:
    """Whether the sender of this request sees a demonstration.

    What has passed a proxy comes from anywhere. A name of another host in the request means a proxy
    that does not say so, or a page elsewhere whose name was made to point here.
    """
    return (
        service.rehearsal is not None
        and isinstance(service.identity, EmbeddedIdentity)
        and is_from_here(request)
        and not any(name in request.headers for name in _FORWARDED)
        and is_this_machine(request.url.hostname)
        and _is_own_page(request.headers.get("origin"))
    )


def _is_own_page(origin: str | None) -> bool:
    return origin is None or is_this_machine(urlsplit(origin).hostname)


def _somebody(service: HttpService) -> str | None:
    """The first member of staff who has something to do, else for whom something is open, else
    who works here; `None` where there is nobody."""
    known_at = service.known_to_log_at(SEEN_BY, position.NAME)
    with service.reading() as conn:
        for owner in ("staff", None):
            due = deadlines(conn, known_at, state=State.OPEN, owner=owner)
            number = next((each.staff_number for each in due.items if each.staff_number), None)
            if number is not None:
                return number
        there = members(conn, {}, service.today(), known_at, limit=1)
    return next((each.staff_number for each in there.items), None)
