"""Who may read whose record: one pure function, and what it judges by.

    admin     everybody; one with limits, people with a job in them on the day
    audit     everybody
    staff     their own record: the number that the token says, and numbers linked with it
    union     members who have appointed the token's subject, while appointed, within the scopes;
              procedures in which the token's body takes part, such as a consultation
    dispute   people on an open case that the token's subject is on, on its days, as known in
              its knowledge times

`may_read` says by what somebody may read, or that they may not: then the answer is the one for a
person who is not on record. An appointment reaches the staff number on whose record it is, and no
number that is linked with it (contract, "Who may read and act").
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from transfer.access.identity import Caller, Limits, Role
from transfer.core.texts import folded
from transfer.rulebooks import employers


class What(StrEnum):
    """What is read: somebody's record, or procedures that they are in and what is due in them."""

    RECORD = "record"
    PROCEDURES = "procedures"


EVERYTHING: Final = frozenset(What)
RECORD: Final = frozenset({What.RECORD})
PROCEDURES: Final = frozenset({What.PROCEDURES})


@dataclass(frozen=True, slots=True)
class Appointment:
    """Whom a member of staff lets act for them, for what, and on which days.

    `id` is that of the procedure. `representative` is the subject of a token. `effective_to` is the
    first day after it; `dismissed` ends it at once, whatever its days.
    """

    id: str
    representative: str
    staff_number: str
    scopes: frozenset[What]
    effective_from: date
    effective_to: date | None = None
    dismissed: bool = False

    def runs_on(self, day: date) -> bool:
        """Whether the representative acts for the member on a day."""
        if self.dismissed or day < self.effective_from:
            return False
        return self.effective_to is None or day < self.effective_to


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute before a panel: who is on the panel, and what the panel may read.

    `id` is that of the procedure. `members` are subjects of tokens; who is `barred` is on the case
    and may not read it. `first_day` to `last_day`, both included, are the days in force that may be
    asked about, `known_from` to `known_to`, both included, the knowledge times; `None`: no bound.
    It is open on the days from `opened_on` on, up to and excluding `closed_on`.
    """

    id: str
    members: frozenset[str]
    people: frozenset[str]
    opened_on: date
    closed_on: date | None = None
    first_day: date | None = None
    last_day: date | None = None
    known_from: datetime | None = None
    known_to: datetime | None = None
    barred: frozenset[str] = frozenset()

    def is_open_to(self, subject: str, today: date) -> bool:
        """Whether that member of the panel may read by it on a day."""
        if subject not in self.members or subject in self.barred or today < self.opened_on:
            return False
        return self.closed_on is None or today < self.closed_on

    def covers_day(self, day: date) -> bool:
        """Whether a day in force may be asked about."""
        after = self.first_day is None or self.first_day <= day
        return after and (self.last_day is None or day <= self.last_day)

    def covers_knowledge(self, instant: datetime) -> bool:
        """Whether a knowledge time may be asked about."""
        after = self.known_from is None or self.known_from <= instant
        return after and (self.known_to is None or instant <= self.known_to)


@dataclass(frozen=True, slots=True)
class Job:
    """Where somebody works in one of their assignments on the day asked about."""

    employer: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to read, of one staff number.

    `effective_at` is the day asked about, `None` for every day; `known_at` has every knowledge time
    that the answer speaks of.
    """

    staff_number: str
    what: frozenset[What]
    effective_at: date | None
    known_at: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """By what somebody may read: in which role, and by which appointment or case.

    The register of reads keeps both.
    """

    role: Role
    appointment: str | None = None
    case: str | None = None


def may_read(
    caller: Caller,
    asked: Asked,
    appointments: Collection[Appointment] = (),
    cases: Collection[Case] = (),
    *,
    today: date,
    own: Collection[str] = (),
    jobs: Collection[Job] = (),
) -> Grant | None:
    """By what a caller may read what they ask for; `None`: it is out of their reach.

    `own` are the staff numbers that are the caller's, if they are a member of staff: the one of
    their token is among them anyway. `jobs` are those of the person asked about, on the day asked
    about or today; only the limits of an administrator ask for them. Of several grants it is the
    first in the order of the roles, then of the procedures' ids.
    """
    if Role.ADMIN in caller.roles and within(caller.limits, jobs):
        return Grant(Role.ADMIN)
    if Role.STAFF in caller.roles and asked.staff_number in {caller.staff_number, *own}:
        return Grant(Role.STAFF)
    if Role.UNION in caller.roles:
        by = [each.id for each in appointments if _reaches(each, caller, asked, today)]
        if by:
            return Grant(Role.UNION, appointment=min(by))
    if Role.DISPUTE in caller.roles:
        by = [each.id for each in cases if _covers(each, caller, asked, today)]
        if by:
            return Grant(Role.DISPUTE, case=min(by))
    return Grant(Role.AUDIT) if Role.AUDIT in caller.roles else None


def takes_part(caller: Caller, bodies: Collection[str]) -> Grant | None:
    """By what a caller may read a procedure in which these bodies take part, by the body that the
    token says they act for; `None`: it is out of their reach."""
    if Role.UNION not in caller.roles or caller.body is None:
        return None
    return Grant(Role.UNION) if folded(caller.body) in set(map(folded, bodies)) else None


def is_limited(limits: Limits) -> bool:
    """Whether an administrator is limited at all."""
    return bool(limits.employers or limits.units)


def within(limits: Limits, jobs: Collection[Job]) -> bool:
    """Whether somebody with these jobs is within an administrator's limits.

    Limits of both kinds hold together: a unit's name says little without its employer. Who has no
    job then is out of them.
    """
    if not is_limited(limits):
        return True
    of_employers = set(map(_employer, limits.employers))
    in_units = set(map(folded, limits.units))
    return any(
        (not of_employers or _employer(job.employer) in of_employers)
        and (not in_units or folded(job.unit or "") in in_units)
        for job in jobs
    )


def _employer(name: str) -> tuple[str, ...]:
    """An employer in the form in which they are compared: by any name or code of an edition."""
    known = employers().find(name)
    return (folded(name),) if known is None else (known.key, known.name)


def _reaches(appointment: Appointment, caller: Caller, asked: Asked, today: date) -> bool:
    return (
        appointment.representative == caller.subject
        and appointment.staff_number == asked.staff_number
        and asked.what <= appointment.scopes
        and appointment.runs_on(today)
    )


def _covers(case: Case, caller: Caller, asked: Asked, today: date) -> bool:
    return (
        case.is_open_to(caller.subject, today)
        and asked.staff_number in case.people
        and asked.what == RECORD
        # The whole of a record is not of the case: one of its days has to be named.
        and asked.effective_at is not None
        and case.covers_day(asked.effective_at)
        and all(map(case.covers_knowledge, asked.known_at))
    )
