"""What is on record of who may read whose record: appointments, disputes, and where people work.

Appointments are read off the log itself, which never lags: one counts, and a dismissal too, from
the instant at which it is on record.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn, from_text
from projections.position import projection as position
from transfer.access.reach import EVERYTHING, Appointment, Case, Job, What
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Office
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.matter.replaying import standing
from transfer.core.refusals import NotOnRecord
from transfer.log.envelope import Recorded
from transfer.procedures.dispute_case.decisions import dispute_of
from transfer.procedures.dispute_case.facts import (
    DatesInScope,
    DisputeCaseOpened,
    Interest,
    MembersAddedToCase,
    Party,
)
from transfer.procedures.facts import Fact
from transfer.procedures.representation.facts import Scope

_ONE_DAY: Final = timedelta(days=1)
_SMALLEST: Final = timedelta(microseconds=1)

SEEN_BY: Final = position.NAME
"""The read model that says where people work."""

_SCOPES: Final[Mapping[Scope, frozenset[What]]] = {
    Scope.EVERYTHING: EVERYTHING,
    Scope.RECORD: frozenset({What.RECORD}),
    Scope.PROCEDURES: frozenset({What.PROCEDURES}),
}

CASES: Final = "matter:dispute-case/"
"""What the streams of disputes begin with."""

# In any spelling of the number: a representative who was not appointed learns no spelling from it.
_APPOINTMENTS = """
SELECT matter, representative, staff_number, scopes, effective_from, effective_to
FROM appointment
WHERE representative = %(representative)s
  AND (%(staff_number)s::text IS NULL OR lower(staff_number) = lower(%(staff_number)s))
ORDER BY staff_number, matter
"""

# Whether or not it still counts: the last that was recorded of each, and when it was dismissed.
_EVER = """
SELECT DISTINCT ON (matter) matter, staff_number, effective_from, effective_to, dismissed_on
FROM (
    SELECT fact_said(made.state) ->> 'matter' AS matter, made.originator_version AS version,
           substr(made.originator_id, length('staff:') + 1) AS staff_number,
           (fact_said(made.state) ->> 'effective_from')::date AS effective_from,
           (fact_said(made.state) ->> 'effective_to')::date AS effective_to,
           (SELECT min((fact_said(later.state) ->> 'happened_on')::date) FROM events AS later
            WHERE later.originator_id = made.originator_id
              AND later.topic = 'representative-dismissed.v1'
              AND fact_said(later.state) ->> 'matter' = fact_said(made.state) ->> 'matter'
           ) AS dismissed_on
    FROM events AS made
    WHERE made.topic = 'representative-appointed.v1'
      AND fact_said(made.state) ->> 'representative' = %(representative)s) AS made
ORDER BY matter, version DESC
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


def read_by(scopes: Iterable[Scope]) -> frozenset[What]:
    """What may be read by an appointment for these scopes."""
    return frozenset[What]().union(*(_SCOPES[each] for each in scopes))


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
            scopes=read_by(Scope(each) for each in scopes),
            effective_from=since,
            effective_to=until,
        )
        for matter, subject, number, scopes, since, until in rows
    ]


@dataclass(frozen=True, slots=True)
class InterestOnRecord:
    """An interest of a member of a panel: in whose record, where it is somebody's, and whether it
    was decided that they may sit with it."""

    subject: str
    interest: Interest
    concerning: str
    may_sit: bool


@dataclass(frozen=True, slots=True)
class AppointmentEver:
    """An appointment, whether or not it still counts; `effective_to` is the first day after it."""

    id: str
    staff_number: str
    effective_from: date
    effective_to: date | None
    dismissed_on: date | None


def appointments_ever(conn: Conn, representative: str) -> list[AppointmentEver]:
    """Every appointment of a representative that was ever on record, by the procedure's id."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_EVER, {"representative": representative}).fetchall()
    return [AppointmentEver(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class CaseOnRecord:
    """A dispute as it stands: what reach is judged by, its parties, its days as they were given,
    and the interests of its members."""

    reach: Case
    parties: tuple[Party, ...]
    dates: DatesInScope
    interests: tuple[InterestOnRecord, ...] = ()


def cases_of(office: Office, worlds: Worlds, subject: str) -> list[CaseOnRecord]:
    """The disputes whose panel somebody is on, barred or not, open or closed, by id."""
    found = (
        _case(worlds, stream)
        for stream, events in office.log.read_many(office.log.streams_under(CASES)).items()
        if _names(events, subject)
    )
    on_it = (each for each in found if each is not None and subject in each.reach.members)
    return sorted(on_it, key=lambda each: each.reach.id)


def cases_about(office: Office, worlds: Worlds, staff_number: str, on: date) -> list[CaseOnRecord]:
    """The disputes that were about somebody at the end of a day, open or closed, by id."""
    found = (_case(worlds, stream, on) for stream in office.log.streams_under(CASES))
    about = (each for each in found if each is not None and staff_number in each.reach.people)
    return sorted(about, key=lambda each: each.reach.id)


def _case(worlds: Worlds, stream: str, until: date | None = None) -> CaseOnRecord | None:
    """The dispute on a stream as it stands, or stood at the end of a day; `None` where it is not on
    record by then."""
    matter = "dispute-case:" + stream.partition("/")[2]
    try:
        world = worlds.world(Loaded(), matter, None)
    except NotOnRecord:
        return None
    dispute = dispute_of(standing(world, until)[matter].whole.substance)
    if dispute.opened is None or dispute.dates is None:
        return None
    dates = dispute.dates
    reach = Case(
        id=matter,
        members=frozenset(dispute.members),
        people=frozenset(dispute.people),
        opened_on=dispute.opened.happened_on,
        closed_on=dispute.closed_on,
        first_day=dates.first_day,
        last_day=dates.last_day,
        known_from=start_of_day_london(dates.known_from),
        known_to=None
        if dates.known_until is None
        else start_of_day_london(dates.known_until + _ONE_DAY) - _SMALLEST,
        barred=dispute.barred,
    )
    interests = tuple(
        InterestOnRecord(member, interest, concerning, may_sit)
        for member in sorted(dispute.members)
        for (interest, concerning), may_sit in dispute.interests.get(member, {}).items()
    )
    return CaseOnRecord(reach, tuple(dispute.parties), dates, interests)


def _names(events: Sequence[Recorded[Fact]], subject: str) -> bool:
    """Whether somebody was ever put on the panel."""
    return any(
        member.subject == subject
        for event in events
        if isinstance(event.fact, DisputeCaseOpened | MembersAddedToCase)
        for member in event.fact.members
    )


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
