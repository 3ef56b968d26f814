"""Who has read somebody's record: when, in which role, about which day, as known when, and why?"""

from datetime import date
from typing import Final, Self

from pydantic import Field

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.access.reads import Read, RegisterOfReads
from transfer.core.dating.instants import Instant
from transfer.questions.answer import Answer, absent

_LONGEST_ID: Final = 18
"""Digits of the largest id that a cursor may hold: any such number fits the database's bigint."""


class ReadShown(Answer):
    """One read of a person's record."""

    read_at: Instant
    read_by: str = Field(description="The reader, as their token names them.")
    role: str = Field(description="The role that let them: `admin`, `audit`, `staff`, `union`.")
    what: str = Field(description="The address that they asked, without what they asked for.")
    effective_at: date | None = Field(description="The day asked about; null for every day.")
    known_at: Instant | None = Field(description="As known at that instant.")
    reason: str | None = Field(description="Why, where they said so.")
    appointment: str | None = Field(
        None, exclude_if=absent, description="The appointment by which a representative read."
    )
    case: str | None = Field(
        None, exclude_if=absent, description="The case by which a member of its panel read."
    )

    @classmethod
    def of(cls, read: Read) -> Self:
        """The same from a row of the register."""
        return cls(
            read_at=read.read_at,
            read_by=read.subject,
            role=read.role,
            what=read.what,
            effective_at=read.effective_at,
            known_at=read.known_at,
            reason=read.reason,
            appointment=read.appointment,
            case=read.dispute_case,
        )


class ReadsFound(Answer):
    """A page of the reads of one record, newest first; `next_cursor` is null on the last."""

    staff_number: str
    items: tuple[ReadShown, ...]
    next_cursor: str | None


def who_has_read(
    register: RegisterOfReads, staff_number: str, *, limit: int, cursor: str | None
) -> ReadsFound:
    """The reads of one person's record, newest first, `limit` a page.

    Raises `Malformed` for a cursor that no page gave.
    """
    before = None
    if cursor is not None:
        (seen,) = read_cursor(cursor, 1)
        if not (seen.isascii() and seen.isdecimal() and len(seen) <= _LONGEST_ID):
            raise malformed_cursor()
        before = int(seen)
    found = register.of(staff_number, limit=limit + 1, before=before)
    more = len(found) > limit
    return ReadsFound(
        staff_number=staff_number,
        items=tuple(ReadShown.of(read) for read in found[:limit]),
        next_cursor=write_cursor([str(found[limit - 1].read_id)]) if more else None,
    )
