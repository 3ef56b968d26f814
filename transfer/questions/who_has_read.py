"""Who has read somebody's record: when, in which role, about which day, as known when, and why?"""

from datetime import date
from typing import Final, Self
from uuid import UUID

from pydantic import Field

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.access.questioned_reads import Questioned, QuestionsOfReads
from transfer.access.reads import LARGEST_ID, Read, RegisterOfReads
from transfer.core.dating.instants import Instant, parse_instant, print_instant
from transfer.core.refusals import NotOnRecord
from transfer.questions.answer import Answer, absent

_LONGEST_ID: Final = 18
"""Digits of the largest id that a cursor may hold: any such number fits the database's bigint."""


class QuestionShown(Answer):
    """What the person asked about a read, and the office's answer, null while there is none.

    The words are null where the person's data was erased.
    """

    asked_at: Instant
    asked_by: str
    statement: str | None
    answered_at: Instant | None
    answered_by: str | None
    answer: str | None


class ReadShown(Answer):
    """One read of a person's record; `read_id` names it among the reads of that record."""

    read_id: int
    read_at: Instant
    read_by: str = Field(description="The reader, as their token names them.")
    role: str = Field(
        description="The role that let them: `admin`, `audit`, `staff`, `union`, `dispute`."
    )
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

    question: QuestionShown | None = Field(
        None, exclude_if=absent, description="What the person asked about it."
    )

    @classmethod
    def of(cls, read: Read, questioned: Questioned | None = None) -> Self:
        """The same from a row of the register, with what was asked about it."""
        return cls(
            read_id=read.read_id,
            read_at=read.read_at,
            read_by=read.subject,
            role=read.role,
            what=read.what,
            effective_at=read.effective_at,
            known_at=read.known_at,
            reason=read.reason,
            appointment=read.appointment,
            case=read.dispute_case,
            question=None if questioned is None else QuestionShown.model_validate(questioned),
        )


class ReadsFound(Answer):
    """A page of the reads of one record, newest first; `next_cursor` is null on the last."""

    staff_number: str
    items: tuple[ReadShown, ...]
    next_cursor: str | None


class ReadAbout(Answer):
    """A question about a read, with its answer."""

    staff_number: str
    read_id: int
    question: QuestionShown

    @classmethod
    def of(cls, questioned: Questioned) -> Self:
        """The same from the register."""
        return cls(
            staff_number=questioned.staff_number,
            read_id=questioned.read_id,
            question=QuestionShown.model_validate(questioned),
        )


class ReadsQuestioned(Answer):
    """A page of what awaits an answer, the oldest question first."""

    items: tuple[ReadAbout, ...]
    next_cursor: str | None


def reads_questioned(
    questions: QuestionsOfReads, *, limit: int, cursor: str | None
) -> ReadsQuestioned:
    """What people have asked about reads of their records and nobody has answered.

    Raises `Malformed` for a cursor that no page gave.
    """
    after = None
    if cursor is not None:
        asked_at, question_id = read_cursor(cursor, 2)
        try:
            after = parse_instant(asked_at), UUID(question_id)
        except ValueError:
            raise malformed_cursor() from None
    found = questions.unanswered(limit=limit + 1, after=after)
    last = found[limit - 1] if len(found) > limit else None
    return ReadsQuestioned(
        items=tuple(map(ReadAbout.of, found[:limit])),
        next_cursor=last and write_cursor([print_instant(last.asked_at), str(last.question_id)]),
    )


def reads_answered(questions: QuestionsOfReads, *, limit: int) -> tuple[ReadAbout, ...]:
    """The questions that were answered last, the last answer first."""
    return tuple(map(ReadAbout.of, questions.answered(limit=limit)))


def one_read(
    register: RegisterOfReads, questions: QuestionsOfReads, staff_number: str, read_id: int
) -> ReadShown:
    """One read of a person's record, with what was asked about it. Raises `NotOnRecord`."""
    found = (
        register.of(staff_number, limit=1, before=read_id + 1) if 0 < read_id < LARGEST_ID else []
    )
    if not found or found[0].read_id != read_id:
        raise NotOnRecord("no such read of this record")
    asked = questions.about(staff_number, [read_id])
    return ReadShown.of(found[0], asked.get(read_id))


def who_has_read(
    register: RegisterOfReads,
    questions: QuestionsOfReads,
    staff_number: str,
    *,
    limit: int,
    cursor: str | None,
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
    asked = questions.about(staff_number, [read.read_id for read in found[:limit]])
    return ReadsFound(
        staff_number=staff_number,
        items=tuple(ReadShown.of(read, asked.get(read.read_id)) for read in found[:limit]),
        next_cursor=write_cursor([str(found[limit - 1].read_id)]) if more else None,
    )
