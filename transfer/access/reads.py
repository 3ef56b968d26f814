"""The register of reads: who has read whose record, about which day, as known when, and why.

It lies beside the log. A read is on the register before its answer is given, so there is no answer
that nobody can account for; a row is never changed or removed (contract, "Who may read and act").
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import psycopg
from psycopg.rows import DictRow

from transfer.log.prepared import Prepared
from transfer.log.restriction import unrestricted

_NOTE: Final = """
INSERT INTO reads (staff_number, subject, role, what, effective_at, known_at, reason,
                   appointment, dispute_case)
SELECT staff_number, %(subject)s, %(role)s, %(what)s, %(effective_at)s, %(known_at)s, %(reason)s,
       appointment, %(dispute_case)s
FROM unnest(%(people)s::text[], %(appointments)s::text[]) AS of_each (staff_number, appointment)
"""
# Nearly every read is of one person.
_NOTE_ONE: Final = Prepared(
    "note_read",
    "INSERT INTO reads (staff_number, subject, role, what, effective_at, known_at, reason,"
    " appointment, dispute_case) VALUES ($1, $2, $3, $4, $5::date, $6::timestamptz, $7, $8, $9)",
)
# Newest first: what somebody looks for is who has just read their record.
_OF_ONE: Final = """
SELECT read_id, read_at, subject, role, what, effective_at, known_at, reason,
       appointment, dispute_case
FROM reads
WHERE staff_number = %(staff_number)s AND read_id < %(before)s
ORDER BY read_id DESC
LIMIT %(limit)s
"""

_BY_READER: Final = """
SELECT subject, role, appointment, dispute_case,
       count(*) FILTER (WHERE read_at >= %(since)s AND read_at <= %(until)s) AS between,
       max(read_at) AS last_read_at
FROM reads
WHERE staff_number = %(staff_number)s
GROUP BY subject, role, appointment, dispute_case
ORDER BY subject, role, appointment, dispute_case
"""

LARGEST_ID: Final = 2**63 - 1
"""No read has a larger id."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the token's subject, the role that lets them, what they ask, and why; by which
    appointment a representative, by which case a panel."""

    subject: str
    role: str
    what: str
    reason: str | None = None
    appointment: str | None = None
    dispute_case: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One row of the register. `effective_at` is `None` where every day was asked about."""

    read_id: int
    read_at: datetime
    subject: str
    role: str
    what: str
    effective_at: date | None
    known_at: datetime | None
    reason: str | None
    appointment: str | None = None
    dispute_case: str | None = None


@dataclass(frozen=True, slots=True)
class ReadsBy:
    """How often somebody read a record between two instants, in one role and by one appointment or
    case; `last_read_at`: the last time at all."""

    subject: str
    role: str
    appointment: str | None
    dispute_case: str | None
    between: int
    last_read_at: datetime


class RegisterOfReads:
    """The register of one record, over connections to its database."""

    def __init__(
        self, connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]]
    ) -> None:
        self._connect = connect

    def note(
        self,
        reader: Reader,
        people: Iterable[str],
        *,
        effective_at: date | None,
        known_at: datetime | None,
    ) -> None:
        """Put a read of these people's records on the register, once for each of them."""
        by = dict.fromkeys(people, reader.appointment)
        self._note(reader, by, effective_at=effective_at, known_at=known_at)

    def note_each(
        self,
        reader: Reader,
        appointments: Mapping[str, str],
        *,
        effective_at: date | None,
        known_at: datetime | None,
    ) -> None:
        """The same of people each of whom is read by another appointment, by staff number."""
        self._note(reader, appointments, effective_at=effective_at, known_at=known_at)

    def _note(
        self,
        reader: Reader,
        appointments: Mapping[str, str | None],
        *,
        effective_at: date | None,
        known_at: datetime | None,
    ) -> None:
        if not appointments:
            return
        with unrestricted(), self._connect() as connection:
            if len(appointments) > 1:
                people = sorted(appointments)
                given = {
                    "people": people,
                    "appointments": [appointments[each] for each in people],
                    "subject": reader.subject,
                    "role": reader.role,
                    "what": reader.what,
                    "reason": reader.reason,
                    "dispute_case": reader.dispute_case,
                    "effective_at": effective_at,
                    "known_at": known_at,
                }
                connection.execute(_NOTE, given)
                return
            ((staff_number, appointment),) = appointments.items()
            _NOTE_ONE.run(
                connection,
                staff_number,
                reader.subject,
                reader.role,
                reader.what,
                None if effective_at is None else effective_at.isoformat(),
                None if known_at is None else known_at.isoformat(),
                reader.reason,
                appointment,
                reader.dispute_case,
            )

    def of(self, staff_number: str, *, limit: int, before: int | None = None) -> list[Read]:
        """Who has read one person's record, newest first; `before` is the last `read_id` seen."""
        given = {
            "staff_number": staff_number,
            "before": LARGEST_ID if before is None else before,
            "limit": limit,
        }
        with self._connect() as connection:
            return [Read(**row) for row in connection.execute(_OF_ONE, given)]

    def by_reader(self, staff_number: str, since: datetime, until: datetime) -> list[ReadsBy]:
        """Who has ever read one person's record, and how often from `since` to `until`, both in."""
        given = {"staff_number": staff_number, "since": since, "until": until}
        with self._connect() as connection:
            return [ReadsBy(**row) for row in connection.execute(_BY_READER, given)]
