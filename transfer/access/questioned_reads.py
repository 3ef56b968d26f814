"""Questions of staff about reads of their own record, and what the office answers.

They lie beside the register of reads, one question and one answer for a read at most, and stay as
they are. Only the words can go: they lie in the person's vault, and with it they are erased.
"""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from transfer.core.refusals import Conflict, NotOnRecord
from transfer.vault import Vault

_ASK: Final = """
INSERT INTO read_questions (staff_number, read_id, question_id, asked_by)
SELECT staff_number, read_id, %(question_id)s, %(by)s FROM reads
WHERE staff_number = %(staff_number)s AND read_id = %(read_id)s
ON CONFLICT (staff_number, read_id) DO NOTHING
"""
_ANSWER: Final = """
INSERT INTO read_answers (question_id, answered_by) VALUES (%(question_id)s, %(by)s)
ON CONFLICT (question_id) DO NOTHING
"""
_OF_ONE: Final = """
SELECT staff_number, read_id, question_id, asked_at, asked_by, answered_at, answered_by
FROM read_questions LEFT JOIN read_answers USING (question_id)
WHERE staff_number = %(staff_number)s AND read_id = ANY(%(reads)s)
"""
# A question of somebody who was erased cannot be answered any more: it waits for nothing.
_OPEN: Final = """
SELECT staff_number, read_id, question_id, asked_at, asked_by, answered_at, answered_by
FROM read_questions LEFT JOIN read_answers USING (question_id) JOIN person_keys USING (staff_number)
WHERE answered_at IS NULL AND wrapped_key IS NOT NULL
  AND (asked_at, question_id) > (%(asked_at)s, %(question_id)s)
ORDER BY asked_at, question_id LIMIT %(limit)s
"""
_ANSWERED: Final = """
SELECT staff_number, read_id, question_id, asked_at, asked_by, answered_at, answered_by
FROM read_questions JOIN read_answers USING (question_id)
ORDER BY answered_at DESC, question_id LIMIT %(limit)s
"""
_WAITING: Final = """
SELECT staff_number, count(*) AS questions
FROM read_questions LEFT JOIN read_answers USING (question_id) JOIN person_keys USING (staff_number)
WHERE answered_at IS NULL AND wrapped_key IS NOT NULL GROUP BY staff_number
"""


@dataclass(frozen=True, slots=True)
class Questioned:
    """A question about a read, with its answer where there is one; words that were erased are
    `None`."""

    staff_number: str
    read_id: int
    question_id: UUID
    asked_at: datetime
    asked_by: str
    statement: str | None
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None


class QuestionsOfReads:
    """The questions about the reads of one record, over connections to its database."""

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        vault: Vault,
    ) -> None:
        self._connect = connect
        self._vault = vault

    def ask(
        self, staff_number: str, read_id: int, question_id: UUID, *, by: str, statement: str
    ) -> bool:
        """Ask about a read; whether that is new: one that was asked before stays as it is.

        Raises `NotOnRecord` where it is no read of that record, `Conflict` for who was erased.
        """
        sealed = self._vault.seal({staff_number: {_asked(question_id): statement}})
        given = {
            "staff_number": staff_number,
            "read_id": read_id,
            "question_id": question_id,
            "by": by,
        }
        with self._connect() as connection, connection.transaction():
            cursor = connection.cursor()
            if cursor.execute(_ASK, given).rowcount == 1:
                self._vault.store(cursor, sealed)
                return True
        if not self.about(staff_number, [read_id]):
            raise NotOnRecord(f"no read {read_id} of this person's record")
        return False

    def answer(self, staff_number: str, read_id: int, *, by: str, answer: str) -> None:
        """Answer a question. Raises `NotOnRecord` where nothing was asked, `Conflict` where it is
        answered already or the person was erased."""
        asked = self.about(staff_number, [read_id]).get(read_id)
        if asked is None:
            raise NotOnRecord(f"nothing was asked about read {read_id}")
        sealed = self._vault.seal({staff_number: {_answered(asked.question_id): answer}})
        with self._connect() as connection, connection.transaction():
            cursor = connection.cursor()
            given = {"question_id": asked.question_id, "by": by}
            if cursor.execute(_ANSWER, given).rowcount == 0:
                raise Conflict("the question is answered already: its answer stays as it is")
            self._vault.store(cursor, sealed)

    def about(self, staff_number: str, reads: Collection[int]) -> dict[int, Questioned]:
        """What was asked about some reads of one record, by read."""
        if not reads:
            return {}
        with self._connect() as connection:
            given = {"staff_number": staff_number, "reads": list(reads)}
            rows = connection.execute(_OF_ONE, given).fetchall()
        return {each.read_id: each for each in self._with_words(rows)}

    def unanswered(self, *, limit: int, after: tuple[datetime, UUID] | None) -> list[Questioned]:
        """Questions that await an answer, the oldest first; `after` is the last one seen."""
        asked_at, question_id = after or (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        with self._connect() as connection:
            given = {"asked_at": asked_at, "question_id": question_id, "limit": limit}
            rows = connection.execute(_OPEN, given).fetchall()
        return self._with_words(rows)

    def answered(self, *, limit: int) -> list[Questioned]:
        """Questions that were answered, the last answer first."""
        with self._connect() as connection:
            rows = connection.execute(_ANSWERED, {"limit": limit}).fetchall()
        return self._with_words(rows)

    def waiting(self) -> dict[str, int]:
        """How many questions await an answer, by the person who asks."""
        with self._connect() as connection:
            rows = connection.execute(_WAITING).fetchall()
        return {row["staff_number"]: row["questions"] for row in rows}

    def _with_words(self, rows: list[DictRow]) -> list[Questioned]:
        people = {row["staff_number"] for row in rows}
        words = {number: self._vault.get(number) or {} for number in people}
        return [
            Questioned(
                **row,
                statement=words[row["staff_number"]].get(_asked(row["question_id"])),
                answer=words[row["staff_number"]].get(_answered(row["question_id"])),
            )
            for row in rows
        ]


def _asked(question_id: UUID) -> str:
    return f"words.{question_id}"


def _answered(question_id: UUID) -> str:
    return f"words.{question_id}.answer"
