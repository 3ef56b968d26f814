"""What is on record of who may read whose record: appointments, and where people work.

Appointments and cases are read off the log itself, which never lags: one counts, and its end too,
from the instant at which it is on record.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn, from_text
from projections.position import projection as position
from transfer.access.reach import EVERYTHING, Appointment, Case, Job, What
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.matter.facts import MatterFact
from transfer.core.streams import matter_of, matter_stream
from transfer.log.envelope import Recorded
from transfer.procedures.dispute_case.decisions import Dispute, evolve
from transfer.procedures.dispute_case.kind import DISPUTE_CASE
from transfer.procedures.facts import Fact
from transfer.procedures.representation.facts import Scope

SEEN_BY: Final = position.NAME
"""The read model that says where people work."""

_SCOPES: Final[Mapping[Scope, frozenset[What]]] = {
    Scope.EVERYTHING: EVERYTHING,
    Scope.RECORD: frozenset({What.RECORD}),
    Scope.PROCEDURES: frozenset({What.PROCEDURES}),
}

_MICROSECOND: Final = timedelta(microseconds=1)

# However the number is typed: whoever was not appointed by somebody learns no spelling from it.
_APPOINTMENTS = """
SELECT matter, representative, staff_number, scopes, effective_from, effective_to
FROM appointment
WHERE representative = %(representative)s
  AND (%(staff_number)s::text IS NULL OR lower(staff_number) = lower(%(staff_number)s))
ORDER BY staff_number, matter
"""

# Of who has no job on the day the last before it, else the first after it.
_JOBS = """
SELECT staff_number, employer, unit FROM (
    SELECT staff_number, employer, unit, rank() OVER (
        PARTITION BY staff_number
        ORDER BY CASE WHEN effective_to <= %(day)s THEN 1
                      WHEN effective_from > %(day)s THEN 2 ELSE 0 END,
                 CASE WHEN effective_to <= %(day)s THEN %(day)s - effective_to
                      WHEN effective_from > %(day)s THEN effective_from - %(day)s END)
    FROM position_sheet
    WHERE staff_number = ANY(%(people)s) AND assignment <> '' AND employer IS NOT NULL
      AND recorded_to = 'infinity') AS sheet
WHERE rank = 1
"""


class ReadsCases(Protocol):
    """The part of the log that cases are read from."""

    def streams_under(self, prefix: str) -> list[str]:
        """The names of the streams that begin so, in order."""

    def read_many(self, streams: Sequence[str]) -> Mapping[str, Sequence[Recorded[Fact]]]:
        """The facts of several streams, each oldest first."""


def appointments_of(
    conn: Conn, representative: str, staff_number: str | None = None
) -> list[Appointment]:
    """The appointments of a representative that nobody has ended; by one member where it is given,
    in any spelling. Whether one runs on a day its own days say."""
    given = {"representative": representative, "staff_number": staff_number}
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_APPOINTMENTS, given).fetchall()
    return [
        Appointment(
            id=matter,
            representative=subject,
            staff_number=number,
            scopes=frozenset[What]().union(*(_SCOPES[Scope(each)] for each in scopes)),
            effective_from=since,
            effective_to=until,
        )
        for matter, subject, number, scopes, since, until in rows
    ]


def cases_of(log: ReadsCases, subject: str) -> list[Case]:
    """The open cases whose panel a subject is on, as the log has them now.

    A knowledge time is of the case where it lies in one of its days, in London.
    """
    found: list[Case] = []
    streams = log.streams_under(matter_stream(f"{DISPUTE_CASE.name}:"))
    for stream, events in log.read_many(streams).items():
        dispute = Dispute()
        for event in events:
            if isinstance(event.fact, MatterFact):
                evolve(dispute, event.fact)
        if dispute.opened is None or dispute.dates is None or subject not in dispute.members:
            continue
        dates = dispute.dates
        found.append(
            Case(
                id=matter_of(stream) or "",
                members=frozenset(dispute.members),
                people=frozenset(dispute.people),
                opened_on=dispute.opened.happened_on,
                closed_on=dispute.closed_on,
                first_day=dates.first_day,
                last_day=dates.last_day,
                known_from=start_of_day_london(dates.known_from),
                known_to=None
                if dates.known_until is None
                else start_of_day_london(dates.known_until + timedelta(1)) - _MICROSECOND,
                barred=dispute.barred,
            )
        )
    return [each for each in found if each.closed_on is None]


def jobs_of(conn: Conn, people: Collection[str], day: date) -> dict[str, list[Job]]:
    """Where these people work on a day, as far as the read model has seen.

    Who has no job on that day: where they worked last before it, else where they will first. Who
    never had a job, or is not on record, has no entry.
    """
    found: dict[str, list[Job]] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_JOBS, {"people": list(people), "day": day}).fetchall()
    for number, employer, unit in rows:
        job = Job(from_text(employer), None if unit is None else from_text(unit))
        found.setdefault(number, []).append(job)
    return found
