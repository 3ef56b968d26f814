"""Where a representative and a member of a panel begin: whose record they may read, and until when.

An appointment or a case counts from the instant at which it is on record; its days say whether it
runs today.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pydantic import Field

from projections.deadlines.deadlines import State
from projections.keeping_up.copying import Conn
from projections.links_and_objections import projection as links_and_objections
from projections.position import queries as position_queries
from transfer.access.reach import Appointment, What
from transfer.core.dating.instants import Instant
from transfer.questions import deadlines as of_deadlines
from transfer.questions.answer import Answer, absent
from transfer.questions.deadlines import Due
from transfer.questions.names import field_of_name
from transfer.questions.procedures import Looking
from transfer.questions.summary import SEEN_BY, in_brief
from transfer.questions.who_may_read import CaseOnRecord, appointments_ever, appointments_of


class AppointmentHeld(Answer):
    """By which procedure, for what and on which days somebody acts for a member; `effective_to` is
    the first day after it."""

    id: str
    scope: tuple[str, ...]
    effective_from: date
    effective_to: date | None


class MemberOfMine(Answer):
    """A member of staff who has appointed the caller.

    Name and work are those of today, and are there where an appointment is for the record;
    `next_deadline` is what is due first about them, where one is for procedures.
    """

    staff_number: str
    appointments: tuple[AppointmentHeld, ...]
    name: str | None = Field(None, exclude_if=absent)
    employer: str | None = Field(None, exclude_if=absent)
    unit: str | None = Field(None, exclude_if=absent)
    role: str | None = Field(None, exclude_if=absent)
    next_deadline: Due | None = Field(None, exclude_if=absent)


class MyMembers(Answer):
    """A page of the members for whom the caller acts on a day, by staff number, as known now.

    `members` counts all of them.
    """

    effective_at: date
    known_at: Instant
    members: int
    items: tuple[MemberOfMine, ...]
    next_cursor: str | None


class AppointmentBesides(Answer):
    """An appointment that does not run today, of somebody who is not a member of the caller's.

    `until` is the first day on which it did not run any more, null where it has not begun, or was
    undone as a mistake; `withdrawn`: before its last day.
    """

    staff_number: str
    effective_from: date
    until: date | None
    withdrawn: bool
    begins_later: bool


class PartyShown(Answer):
    """A party of a dispute: as what it is there, and by what it is known."""

    side: str
    known_by: str
    party: str


class PersonOfCase(Answer):
    """Somebody whose record the panel may read."""

    staff_number: str


class MyCase(Answer):
    """A dispute whose panel the caller is on.

    The days that may be asked about, the first and the last included; null is without end. Whoever
    is `barred` learns that, and nothing else of the case but its id.
    """

    id: str
    is_open: bool
    barred: bool
    opened_on: date | None = Field(None, exclude_if=absent)
    closed_on: date | None = Field(None, exclude_if=absent)
    people: tuple[PersonOfCase, ...] = ()
    parties: tuple[PartyShown, ...] = ()
    effective_between: tuple[date | None, ...] = ()
    known_between: tuple[date | None, ...] = ()


class MyCases(Answer):
    """The disputes whose panels the caller is on, by id, as known now."""

    known_at: Instant
    items: tuple[MyCase, ...]


def my_members(
    conn: Conn, looking: Looking, representative: str, *, limit: int, cursor: str | None
) -> MyMembers:
    """A page of the members who have appointed a representative, while appointed.

    `cursor` is the last staff number of the page before.
    """
    today = looking.today
    held: dict[str, list[Appointment]] = {}
    for each in appointments_of(conn, representative):
        if each.runs_on(today):
            held.setdefault(each.staff_number, []).append(each)
    numbers = [each for each in sorted(held) if cursor is None or each > cursor]
    page = numbers[:limit]
    return MyMembers(
        effective_at=today,
        known_at=looking.known_at,
        members=len(held),
        items=_members(conn, looking, {number: held[number] for number in page}),
        next_cursor=page[-1] if len(numbers) > limit else None,
    )


def appointments_besides(
    conn: Conn, looking: Looking, representative: str
) -> tuple[AppointmentBesides, ...]:
    """The last appointment, or the next, by each person who is not a member today, by staff number.

    Nothing of anybody's record is in it, besides their number and the days of the appointment.
    """
    today = looking.today
    counting = {each.id: each for each in appointments_of(conn, representative)}
    members = {each.staff_number for each in counting.values() if each.runs_on(today)}
    found: dict[str, AppointmentBesides] = {}
    ever = appointments_ever(conn, representative)
    for each in sorted(ever, key=lambda each: (each.effective_from, each.id)):
        if each.staff_number in members:
            continue
        later = each.id in counting and today < each.effective_from
        ends = [day for day in (each.effective_to, each.dismissed_on) if day is not None]
        found[each.staff_number] = AppointmentBesides(
            staff_number=each.staff_number,
            effective_from=each.effective_from,
            until=min(ends) if ends and not later else None,
            withdrawn=each.id not in counting,
            begins_later=later,
        )
    return tuple(found[number] for number in sorted(found))


def _members(
    conn: Conn, looking: Looking, held: Mapping[str, Sequence[Appointment]]
) -> tuple[MemberOfMine, ...]:
    """These members, each with what the appointments are for; read together."""
    known_at, today = looking.known_at, looking.today
    scopes = {
        number: frozenset[What]().union(*(each.scopes for each in of_one))
        for number, of_one in held.items()
    }
    with_record = [number for number, scope in scopes.items() if What.RECORD in scope]
    beside = links_and_objections.beside_each(conn, with_record, known_at)
    personal = looking.office.vault.read_many(conn, with_record)
    jobs = position_queries.jobs(conn, with_record, today, known_at)
    shown: dict[str, dict[str, object]] = {number: {} for number in held}
    for number in with_record:
        field = field_of_name(beside.get(number, links_and_objections.NOTHING).names, today)
        brief = in_brief(number, personal.get(number, {}).get(field), jobs.get(number, ()))
        shown[number] = {
            "name": brief.name,
            "employer": brief.employer,
            "unit": brief.unit,
            "role": brief.role,
        }
    in_procedures = [number for number, scope in scopes.items() if What.PROCEDURES in scope]
    due = of_deadlines.first_of_each(conn, known_at, in_procedures, State.OPEN, looking.near_days)
    for number in in_procedures:
        shown[number]["next_deadline"] = due.get(number)
    return tuple(_member(number, of_one, shown[number]) for number, of_one in held.items())


def _member(number: str, held: Sequence[Appointment], shown: Mapping[str, object]) -> MemberOfMine:
    return MemberOfMine.model_validate(
        {
            "staff_number": number,
            "appointments": tuple(
                AppointmentHeld(
                    id=each.id,
                    scope=tuple(sorted(each.scopes)),
                    effective_from=each.effective_from,
                    effective_to=each.effective_to,
                )
                for each in held
            ),
            **shown,
        }
    )


def my_cases(looking: Looking, cases: Iterable[CaseOnRecord], subject: str) -> MyCases:
    """The disputes whose panels somebody is on, open and closed."""
    return MyCases(
        known_at=looking.known_at,
        items=tuple(_case(looking, each, subject) for each in cases),
    )


def _case(looking: Looking, found: CaseOnRecord, subject: str) -> MyCase:
    case, dates = found.reach, found.dates
    name = case.id.partition(":")[2]
    is_open = case.closed_on is None or looking.today < case.closed_on
    if subject in case.barred:
        return MyCase(id=name, is_open=is_open, barred=True)
    return MyCase(
        id=name,
        is_open=is_open,
        barred=False,
        opened_on=case.opened_on,
        closed_on=case.closed_on,
        # Once a case is closed nobody reads by it: not who was on it either.
        people=tuple(PersonOfCase(staff_number=each) for each in sorted(case.people))
        if is_open
        else (),
        parties=tuple(PartyShown.model_validate(each) for each in found.parties) if is_open else (),
        effective_between=(dates.first_day, dates.last_day),
        known_between=(dates.known_from, dates.known_until),
    )


__all__ = [
    "SEEN_BY",
    "AppointmentBesides",
    "MyCases",
    "MyMembers",
    "appointments_besides",
    "my_cases",
    "my_members",
]
