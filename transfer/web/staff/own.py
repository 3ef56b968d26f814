"""What the pages for members of staff share: whose record it is, as known now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from fastapi import Request

from projections.keeping_up.copying import Conn
from transfer.access.identity import Caller, Role
from transfer.core.refusals import NotOnRecord
from transfer.questions.procedures import Looking
from transfer.questions.summary import SEEN_BY
from transfer.web.frame.asking import Now
from transfer.web.frame.pages import Pages, SignedIn

NAMES: Final = SEEN_BY
"""The projections that these pages read."""


def member(pages: Pages) -> SignedIn:
    """The dependency that lets members of staff pass; each page shows their own record alone."""
    return pages.signed_in(Role.STAFF)


def own_number(pages: Pages, caller: Caller) -> str:
    """The caller's staff number. Raises `NotOnRecord` where nothing is on record of it."""
    number = caller.staff_number
    if pages.service.office.person(number).version == 0:
        raise NotOnRecord(
            f"nothing is on record under your staff number, {number}. If that is not your "
            "number, or should be on record, tell your HR team"
        )
    return number


@contextmanager
def looking(pages: Pages) -> Iterator[tuple[Conn, Looking]]:
    """The record as it is known now."""
    service = pages.service
    with service.knowing(NAMES, Now()) as (conn, known_at):
        yield (
            conn,
            Looking(
                service.office,
                service.worlds,
                known_at,
                service.today(),
                near_days=service.near_days,
            ),
        )


def note_read(pages: Pages, request: Request, caller: Caller, known_at: datetime) -> None:
    """Put on the register that the caller has read their own record."""
    pages.note(request, caller, {Role.STAFF}, [caller.staff_number], known_at=known_at)
