"""The one door through which every read and write of somebody's record goes.

A route says which roles reach everybody by it, and which only whom they are given: a member of
staff their own record, a representative their members, a panel the people of its case. What is out
of reach looks like what is not there: one refusal, made by the same steps.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, TypeVar

from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from projections.keeping_up.copying import Conn
from transfer.access.identity import Caller, Role
from transfer.access.reach import RECORD, Asked, Grant, Job, What, is_limited, may_read, within
from transfer.api.http.problems import NOT_ALLOWED, Problem
from transfer.api.http.spelling import SPELLED
from transfer.commands.matter_worlds import Worlds
from transfer.commands.office import Office
from transfer.core.dating.instants import Day, Instant
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import Facet, is_staff_number
from transfer.log.restriction import Restricted, serve
from transfer.questions.answer import people_shown, without
from transfer.questions.one_person import one_person
from transfer.questions.who_may_read import SEEN_BY, appointments_of, cases_of, jobs_of

NOT_THERE: Final = "no such staff number on record"

A = TypeVar("A", bound=BaseModel)

_NOT: Final = "false"
_NO: Final = frozenset({_NOT, "0", "off", "f", "no", "n"})
_READS: Final = frozenset({"GET", "HEAD"})
_DAY: Final = TypeAdapter[date](Day)
_INSTANT: Final = TypeAdapter[datetime](Instant)


class Service(Protocol):
    """What is needed of a service."""

    @property
    def office(self) -> Office:
        """Whose records they are."""

    @property
    def worlds(self) -> Worlds:
        """What bears on procedures."""

    def today(self) -> date:
        """The date in London on the record's clock."""

    def now(self) -> datetime:
        """The instant on the record's clock."""

    def reading(self) -> AbstractContextManager[Conn]:
        """A connection."""

    async def caught_up(self, *projections: str) -> None:
        """Wait until read models have what this service acknowledged."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a route serves: `roles` everybody's records; those of `granted` what they are given.

    `what` is what it shows or does. `whole_office`: it is nobody's record, but the office's, and
    not for an administrator with limits. `named_inside`: whose it is stands in a body, or in what
    was kept, and the route itself has to see to it. `folds_others`: its answer rests on other
    people's facts too, as that of every procedure does. Of neither does the database restrict the
    connections. `whose` is the query parameter that names whom it is about, where the path names a
    procedure of several people.
    """

    roles: frozenset[Role]
    granted: frozenset[Role] = frozenset()
    what: frozenset[What] = RECORD
    whole_office: bool = False
    named_inside: bool = False
    folds_others: bool = False
    whose: str | None = None

    @property
    def served(self) -> frozenset[Role]:
        """Every role that may use the route at all."""
        return self.roles | self.granted


def reach_of(
    roles: Iterable[Role],
    own_record: bool,
    granted: Iterable[Role],
    what: frozenset[What],
    *,
    whole_office: bool = False,
    named_inside: bool = False,
    folds_others: bool = False,
    whose: str | None = None,
) -> Reach:
    """Whom a route serves, as it says it; with `own_record` also staff, as those `granted`."""
    given = frozenset(granted) | ({Role.STAFF} if own_record else frozenset())
    return Reach(frozenset(roles), given, what, whole_office, named_inside, folds_others, whose)


def is_limited_to_some(caller: Caller, reach: Reach) -> bool:
    """Whether a caller reaches people by a route only as an administrator with limits."""
    return caller.roles & reach.roles == {Role.ADMIN} and is_limited(caller.limits)


def may_reach_everybody(caller: Caller, reach: Reach) -> bool:
    """Whether a caller reaches everybody by a route, without any limit."""
    return bool(caller.roles & reach.roles) and not is_limited_to_some(caller, reach)


async def require_reach(service: Service, caller: Caller, reach: Reach, request: Request) -> None:
    """Let a caller pass whose roles reach what the path or the query names.

    `request.state.grant` is by what; `None` where nobody is named, and the route itself has to see
    to what it shows (`Reading`). Raises `Problem` (403) where the route is for none of their roles,
    `NotOnRecord` for somebody out of their reach as for somebody who is not there.
    """
    request.state.grant = None
    serve(None)
    if not caller.roles & reach.served:
        raise Problem(NOT_ALLOWED, why_not_allowed(caller))
    if reach.whole_office and is_limited_to_some(caller, reach):
        raise Problem(NOT_ALLOWED, "It is the whole office's, and the token has limits.")
    if may_reach_everybody(caller, reach):
        by = caller.roles & reach.roles - ({Role.ADMIN} if is_limited(caller.limits) else set())
        request.state.grant = Grant(next(role for role in Role if role in by))
        return
    if reach.named_inside:
        return
    named = request.path_params.get("staff_number")
    whose = reach.whose or (None if "id" in request.path_params else "staff")
    if named is None and whose is not None:
        named = request.query_params.get(whose)
        if named is None and not caller.roles & reach.roles:
            raise Malformed("say whose: give a staff number", field=whose)
    if named is None:
        return
    await service.caught_up(SEEN_BY)
    grant, reader = await run_in_threadpool(_grant, service, caller, reach, request, named)
    request.state.grant = grant
    serve(reader)


def _grant(
    service: Service, caller: Caller, reach: Reach, request: Request, named: str
) -> tuple[Grant, Restricted | None]:
    """By what somebody is reached, and to which reader connections are to be restricted."""
    if not is_staff_number(named):
        raise NotOnRecord(NOT_THERE)
    day, known = _asked(request, service)
    found = granted(service, caller, reach, named, day=day, known_at=known)
    # The record is not asked once more how the number is spelled: that would take longer for
    # somebody who is there.
    request.scope[SPELLED] = named
    if found is None:
        raise NotOnRecord(NOT_THERE)
    number, grant = found
    if number != named and "staff_number" in request.path_params:
        request.scope[SPELLED] = number
        raise NotOnRecord(NOT_THERE)  # and is asked again, by the number as it is spelled
    if request.method not in _READS or reach.folds_others or grant.role is Role.ADMIN:
        return grant, None
    own: frozenset[str] = frozenset()
    if grant.role is Role.STAFF:
        own = one_person(service.office.log, caller.staff_number)
    if grant.role is Role.DISPUTE:
        own = frozenset({number})
    role, today = grant.role.name.lower(), service.today()
    return grant, Restricted(role, caller.subject, today, reach.what, number, own)


def granted(
    service: Service,
    caller: Caller,
    reach: Reach,
    named: str,
    *,
    day: date | None = None,
    known_at: Collection[datetime] = (),
) -> tuple[str, Grant] | None:
    """Somebody's number as it is spelled, and by what a caller may read their record; `None`: out
    of reach or not there, by the same steps. `day` is the one asked about, `None` for every day:
    then an administrator's limits go by today."""
    roles = caller.roles & reach.served
    only = Caller(caller.subject, roles, claimed_number=caller.claimed_number, limits=caller.limits)
    today = service.today()
    numbers = {named}
    own: frozenset[str] = frozenset()
    if Role.STAFF in roles and caller.staff_number != named:
        own = one_person(service.office.log, caller.staff_number)
        numbers |= {each for each in own if each.lower() == named.lower()}
    appointments, cases, jobs = [], [], {}
    if Role.DISPUTE in roles:
        cases = [each.reach for each in cases_of(service.office, service.worlds, caller.subject)]
        people = frozenset[str]().union(*(each.people for each in cases))
        numbers |= {each for each in people if each.lower() == named.lower()}
    if Role.ADMIN in roles:
        numbers |= set(service.office.spellings([named]))
    with service.reading() as conn:
        if Role.UNION in roles:
            appointments = appointments_of(conn, caller.subject, named)
            numbers |= {each.staff_number for each in appointments}
        if Role.ADMIN in roles:
            jobs = jobs_of(conn, numbers, day or today)
    # The number as it was typed first: a record from before may have two spellings of one.
    for number in sorted(numbers, key=lambda each: (each != named, each)):
        asked = Asked(number, reach.what, day, tuple(known_at))
        grant = may_read(
            only, asked, appointments, cases, today=today, own=own, jobs=jobs.get(number, ())
        )
        if grant is not None:
            return number, grant
    return None


def within_limits(
    service: Service, caller: Caller, people: Collection[str], day: date | None = None
) -> frozenset[str]:
    """Those of these people who are within an administrator's limits on a day, today unless
    given."""
    with service.reading() as conn:
        jobs = jobs_of(conn, people, day or service.today())
    return frozenset(number for number in people if within(caller.limits, jobs.get(number, ())))


def shown_to(
    service: Service, caller: Caller, reach: Reach, content: A, day: date | None = None
) -> A:
    """An answer as a caller sees it: without people out of an administrator's limits.

    Raises `NotOnRecord` where the whole of it is about somebody out of them.
    """
    if not is_limited_to_some(caller, reach):
        return content
    people = frozenset(people_shown(content))
    return without(content, people - within_limits(service, caller, people, day))


def require_within(service: Service, caller: Caller, staff_number: str) -> None:
    """Raise `NotOnRecord` for somebody who is out of an administrator's limits."""
    if is_limited(caller.limits) and not within_limits(service, caller, [staff_number]):
        raise NotOnRecord(NOT_THERE)


def require_job_within(caller: Caller, position: Mapping[Facet, str | None]) -> None:
    """Raise `Problem` (403) where somebody would begin out of an administrator's limits."""
    employer = position.get(Facet.EMPLOYER)
    jobs = [] if employer is None else [Job(employer, position.get(Facet.UNIT))]
    if not within(caller.limits, jobs):
        raise Problem(NOT_ALLOWED, "The token's limits do not reach this employer and unit.")


def why_not_allowed(caller: Caller) -> str:
    """What a caller is told whose roles do not reach what they ask for."""
    if Role.UNION in caller.roles:
        return "A representative reaches the members who have appointed them."
    if Role.DISPUTE in caller.roles:
        return "A panel reads positions, and how they differ, of the people on its open cases."
    if not caller.roles:
        return "The token names no role of this service."
    return "The token's role does not reach this."


def _asked(request: Request, service: Service) -> tuple[date | None, tuple[datetime, ...]]:
    """The day, `None` for every day, and the knowledge times that a question is about."""
    query = request.query_params
    try:
        day = query.get("effective_at")
        known = [query[name] for name in ("known_at", "known_from", "known_to") if name in query]
        instants = [_INSTANT.validate_python(each) for each in known]
        on = service.today() if day is None else _DAY.validate_python(day)
    except ValidationError:
        # The route says what is wrong with it, if it comes to that.
        return service.today(), ()
    now = service.now()
    if not {"known_at", "known_to"} & query.keys():
        instants.append(now)
    every_day = query.get("every_day", _NOT).lower() not in _NO
    return None if every_day else on, tuple(min(each, now) for each in instants)
