"""What every route has in common: who may call it, how it is asked, and how it answers.

An `HttpService` is the office that answers and everything that a route needs besides. Each
resource's file makes its routes for a service; every route names the roles that it serves through
`HttpService.allow`, and a test refuses one that does not.
"""

import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Protocol, TypeVar, get_args
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import BEFORE_ANYTHING, complete_until
from projections.keeping_up.shared_look import SharedLook
from transfer.access.hand_overs import HandOvers
from transfer.access.identity import SHORT_NAMES, Caller, Identity, Limits, NotIdentified, Role
from transfer.access.last_seen import LastSeen, current
from transfer.access.questioned_reads import QuestionsOfReads
from transfer.access.reach import RECORD, Grant, What, takes_part
from transfer.access.reads import Reader, RegisterOfReads
from transfer.api.http.last_seen import SEEN
from transfer.api.http.problems import not_available
from transfer.api.reach import (
    NOT_THERE,
    Reach,
    granted,
    is_limited_to_some,
    reach_of,
    require_reach,
    within_limits,
)
from transfer.commands.matter_worlds import Worlds
from transfer.commands.office import Office
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import Instant
from transfer.core.duties import NEAR_DAYS
from transfer.core.matter.kind import Kind
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import StaffNumber
from transfer.log.envelope import RehearsalMark
from transfer.log.faults import NO_ANSWER
from transfer.log.measures import Distribution
from transfer.log.restorations import Restoration, what_hides, what_takes
from transfer.notices.kept import KeptNotices
from transfer.questions.answer import people_shown, without
from transfer.questions.documents import citing

V1: Final = "/v1"
"""What the address of every resource begins with."""

WAIT_SECONDS: Final = 5.0
"""How long a read waits for the event that it must be consistent with (contract, "HTTP")."""

OWN_WRITES_SECONDS: Final = 1.0
"""How long a read waits for what this service has acknowledged before, if it says nothing."""

REPRESENTED: Final = (Role.UNION,)
"""Who reads a member's record because the member has appointed them."""

BY_CASE: Final = (*REPRESENTED, Role.DISPUTE)
"""The same, and who is on the panel of an open case: for questions about one day alone."""

REASON: Final = "Transfer-Reason"
"""The header in which a reader may say why they read; the register of reads keeps it."""

A = TypeVar("A", bound=BaseModel | Sequence[BaseModel])

_LONGEST_REASON = 500
_STAFF_NUMBER = re.compile(get_args(StaffNumber)[1].pattern)
_LENGTH_OF_ID = len(str(UUID(int=0)))
_LOG = "log"
_KNOWLEDGE_TIMES = frozenset({"known_at", "known_to"})
_LONGEST_TOKEN = 8_192
_MOST_PARAMETERS = 64


class Asked(Protocol):
    """The query parameters that every read takes."""

    @property
    def known_at(self) -> datetime | None:
        """Knowledge time, if it was given."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that /metrics tells, as `transfer_NAME`; `of` names what it is of, if need be.

    One that `is_total` only grows while the process runs, and its name ends in `_total`.
    """

    name: str
    meaning: str
    value: float
    of: str | None = None
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the service needs, whether it has it, and what to say of it.

    What is not `needed` is shown where it is wrong, and the service is ready without it. `figures`
    are its numbers.
    """

    name: str
    ok: bool
    says: str
    needed: bool = True
    figures: tuple[Figure, ...] = ()


@dataclass
class HttpService:
    """One service, as it is asked over HTTP.

    `clock` is the real one, for tokens; `today` the day that `effective_at` is when left out (in
    a rehearsed folder, the day on which its clock stands still; in a practice, the day to which it
    was moved). With `needs_projections` it is not ready while one of them has stopped. `checks` are
    asked by /health/ready besides the database's own; `figures` are asked by /metrics alone, which
    tells `distributions` too. `role` is what this process does. A group of fewer than `small_group`
    people has no number in what a consulted body sees. A duty is near `near_days` before its day.
    With `has_proxy` its clients come through proxies that the settings name. `restorations` are
    those that were made of the record before the service began.
    """

    office: Office
    worlds: Worlds
    kinds: Sequence[Kind]
    identity: Identity
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    notices: KeptNotices
    last_seen: LastSeen
    projections: tuple[str, ...]
    version: str
    needs_projections: bool = True
    rehearsal: RehearsalMark | None = None
    restorations: Sequence[Restoration] = ()
    checks: tuple[Callable[[], Check], ...] = ()
    figures: tuple[Callable[[], Iterable[Figure]], ...] = ()
    distributions: tuple[Distribution, ...] = ()
    role: str = "all"
    small_group: int = 5
    near_days: int = NEAR_DAYS
    metrics_public: bool = False
    has_proxy: bool = False
    max_body_bytes: int = 1_048_576
    _acknowledged: datetime = BEFORE_ANYTHING
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _horizon: SharedLook = field(init=False)

    def __post_init__(self) -> None:
        # Not `reading`: nobody is to look as the one whom a request restricts.
        self._horizon = SharedLook(lambda: self.office.log.connection())

    def today(self) -> date:
        """The date in London on this record's clock."""
        return date_in_london(self.now())

    def now(self) -> datetime:
        """The instant on this record's clock."""
        if self.rehearsal is None:
            return self.clock()
        if self.rehearsal.is_practice:
            return self.office.log.clock.read().now
        return self.rehearsal.clock_stopped_at or self.clock()

    @property
    def register(self) -> RegisterOfReads:
        """The register of reads."""
        return RegisterOfReads(self.office.log.connection)

    @property
    def questions_of_reads(self) -> QuestionsOfReads:
        """What people ask about reads of their record."""
        return QuestionsOfReads(self.office.log.connection, self.office.vault)

    @property
    def hand_overs(self) -> HandOvers:
        """Who does whose work."""
        return HandOvers(self.office.log.connection)

    # --- who may call ---------------------------------------------------------------------------

    def allow(
        self,
        *roles: Role,
        own_record: bool = False,
        granted: Iterable[Role] = (),
        what: frozenset[What] = RECORD,
        whole_office: bool = False,
    ) -> "Allow":
        """The dependency that lets callers with one of these roles pass.

        With `own_record`, a member of staff passes too where the path names their own number,
        and so does a role of `granted` where `what` of that record is in the caller's reach
        (`transfer.access.reach`). `whole_office`: not for an administrator with limits.
        """
        return Allow(self, reach_of(roles, own_record, granted, what, whole_office=whole_office))

    def reads(
        self,
        *roles: Role,
        own_record: bool = False,
        granted: Iterable[Role] = (),
        what: frozenset[What] = RECORD,
        named_inside: bool = False,
        folds_others: bool = False,
        whose: str | None = None,
    ) -> "Reads":
        """As `allow`, for what shows somebody's record: the dependency answers a `Reading`.

        `named_inside`: neither the path nor the query says whose, and the route sees to it.
        `folds_others`: the answer rests on other people's facts too, as that of every procedure
        does. `whose`: the query parameter that says whose, where the path names a procedure.
        """
        reach = reach_of(
            roles,
            own_record,
            granted,
            what,
            named_inside=named_inside,
            folds_others=folds_others,
            whose=whose,
        )
        return Reads(self, reach)

    # --- what is asked --------------------------------------------------------------------------

    def up_to(self, *projections: str) -> "UpTo":
        """The dependency that waits until these projections have reached what the read must see.

        That is the event of `consistent_with`; and what this process has acknowledged before, and
        what the caller says they have seen (a second at most: then the read answers as of the
        horizon that it states).
        """
        return UpTo(self, projections)

    async def reach_event(self, named: str, projections: Collection[str]) -> None:
        """Wait until projections have reached the event of that id.

        Raises `Malformed` where there is none, and `Problem` (503) where one does not come.
        """
        event_at = await run_in_threadpool(self._instant_of_event, named)
        if not await self._horizon.reached(projections, event_at, WAIT_SECONDS):
            behind = next(name for name in projections if self._horizon.seen((name,)) < event_at)
            raise not_available(
                f"{behind} has not reached that event within {WAIT_SECONDS:g} seconds"
            )

    def acknowledge(self, recorded_at: datetime) -> None:
        """Note that a caller is told of what was recorded then: later reads must see it."""
        with self._lock:
            self._acknowledged = max(self._acknowledged, recorded_at)
        exchange = current.get()
        if exchange is not None:
            exchange.show(recorded_at)

    def _instant_of_event(self, named: str) -> datetime:
        try:
            event_id = UUID(named) if len(named) == _LENGTH_OF_ID else None
        except ValueError:
            event_id = None
        if event_id is None:
            raise Malformed("not an event id", field="consistent_with")
        found = self.office.log.find(event_id)
        if found is None:
            # An id has no instant: any restoration may have lost it.
            why = "; ".join(each.in_words() for each in self.restorations)
            raise Malformed(f"no such event on record{why and f': {why}'}", field="consistent_with")
        return found.recorded_at

    async def caught_up(self, *projections: str) -> None:
        """Wait, a second at most, until these have what this process has acknowledged, and what
        the caller has seen. Raises `Malformed` where they send what no process has told them."""
        goal = max(self._acknowledged, self._brought())
        await self._horizon.reached(projections, goal, OWN_WRITES_SECONDS)

    def lost_by_now(self) -> Restoration | None:
        """The restoration that lost something of what is known now: nothing was recorded since.

        `None` where none did, on simulated time, whose instants may come again, and where the
        database does not say.
        """
        if not self.restorations or self.rehearsal is not None:
            return None
        known = max(self._acknowledged, self._horizon.latest())
        if known > BEFORE_ANYTHING and what_hides(self.restorations, known) is None:
            return None  # and it never will be again
        try:
            known = self.office.log.head().recorded_at or BEFORE_ANYTHING
        except NO_ANSWER:
            return None
        self._horizon.note((_LOG,), known)
        return what_hides(self.restorations, known)

    def _brought(self) -> datetime:
        """The instant that the caller of this request says they have seen."""
        exchange = current.get()
        if exchange is None or not exchange.brought:
            return BEFORE_ANYTHING
        seen = self.last_seen.open(exchange.brought[0])
        if seen is None or len(exchange.brought) > 1:
            # To answer all the same would be to break the promise that the caller asks for.
            raise Malformed(
                "send it once, as the answer to a write on this record told it", field=SEEN
            )
        # What a restoration has lost does not come.
        return BEFORE_ANYTHING if what_takes(self.restorations, seen) is not None else seen

    @contextmanager
    def reading(self) -> Iterator[Conn]:
        """A connection of the log's pool."""
        with self.office.log.connection() as conn:
            yield conn

    @contextmanager
    def knowing(
        self, projections: str | tuple[str, ...], asked: Asked
    ) -> Iterator[tuple[Conn, datetime]]:
        """A connection, and the knowledge time to answer at (contract, "Words").

        Of an answer from several projections it is one that all of them have reached. A horizon
        never goes back, so an instant that it was once seen to have reached is not looked up again.
        """
        names = (projections,) if isinstance(projections, str) else projections
        known_at = asked.known_at
        with self.reading() as conn:
            seen = self._horizon.seen(names)
            if known_at is None or known_at > seen:
                seen = complete_until(conn, names)
                self._horizon.note(names, seen)
                known_at = seen if known_at is None else min(known_at, seen)
            yield conn, known_at

    def known_by(self, projections: str | tuple[str, ...], asked: Asked) -> datetime:
        """The knowledge time to answer at, of an answer that opens its own connections."""
        with self.knowing(projections, asked) as (_, known_at):
            return known_at

    def known_by_the_log(self, asked: Asked) -> datetime:
        """The knowledge time of an answer from the log itself, which never lags."""
        head = self.known_to_log_at()
        self._horizon.note((_LOG,), head)
        return head if asked.known_at is None else min(asked.known_at, head)

    def known_to_log_at(self, *projections: str) -> datetime:
        """How far everything is known: to these projections, or without any to the log itself."""
        if not projections:
            return self.office.log.head().recorded_at or BEFORE_ANYTHING
        with self.reading() as conn:
            return complete_until(conn, projections)

    # --- how it answers -------------------------------------------------------------------------

    def answer(
        self, content: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """The answer; one from a rehearsed record, or from a log that is ahead, says so first.

        Where it cites a document of the register, its title is told too.
        """
        body = content.model_dump_json(context=citing(self.office.log, content)).encode()
        for mark in self._marks(content):
            told = mark.model_dump_json().encode()
            body = told[:-1] + (b"," if len(body) > 2 else b"") + body[1:]
        return Response(body, status, headers, "application/json")

    def _marks(self, content: BaseModel) -> Iterator[BaseModel]:
        if self.rehearsal is not None:
            yield Rehearsed(rehearsed=self.rehearsal.edition)
            return
        if self.restorations and (lost := self._what_lost(content)) is not None:
            yield Restored(record_restored_at=lost.restored_at, record_restored_to=lost.known_at)
        watch = self.office.log.clock_watch
        if watch is not None and not _KNOWLEDGE_TIMES.isdisjoint(type(content).model_fields):
            recorded = max(self._acknowledged, self._horizon.latest())
            ahead = recorded - self.clock()
            if ahead > watch.tolerance:
                yield Ahead(log_ahead_of_clock_seconds=round(ahead.total_seconds()))

    def _what_lost(self, content: BaseModel) -> Restoration | None:
        """The restoration that lost something of what an answer is as known at, or something that
        its caller had seen; `None` where none did, or the answer is of no instant."""
        times = _KNOWLEDGE_TIMES.intersection(type(content).model_fields)
        for name in times:
            known_at = getattr(content, name)
            if known_at is not None and (lost := what_hides(self.restorations, known_at)):
                return lost
        exchange = current.get()
        if not times or exchange is None or not exchange.brought:
            return None
        seen = self.last_seen.open(exchange.brought[0])
        return None if seen is None else what_takes(self.restorations, seen)


class Rehearsed(BaseModel):
    """What an answer from a rehearsed record has besides: the edition that was rehearsed."""

    rehearsed: str


class Ahead(BaseModel):
    """What an answer as known at an instant has besides, where the log is ahead of the clock.

    That far ahead is the instant of the last entry: the clock was wrong when it was made, so
    `known_at` cuts the log where it says, but that was not the real time.
    """

    log_ahead_of_clock_seconds: int


class Restored(BaseModel):
    """What an answer has besides, as known at an instant whose entries may be lost, or to a caller
    who had seen the record up to such an instant.

    The record was restored then to what was known at the other instant (null: to its beginning);
    what was recorded between the two is on record no more.
    """

    record_restored_at: Instant
    record_restored_to: Instant | None


@dataclass(frozen=True, eq=False)
class UpTo:
    """Has a read wait until these projections have reached what it must see."""

    service: HttpService = field(repr=False)
    projections: tuple[str, ...]

    async def __call__(self, request: Request) -> None:
        """Raises as `HttpService.reach_event` and `HttpService.caught_up` do."""
        named = request.query_params.get("consistent_with")
        if named is not None:
            await self.service.reach_event(named, self.projections)
        await self.service.caught_up(*self.projections)


@dataclass(frozen=True, eq=False)
class Allow:
    """Lets a caller with one of the roles pass; the rest are refused with the reason."""

    service: HttpService = field(repr=False)
    reach: Reach

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that reach everybody by the route."""
        return self.reach.roles

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises `NotIdentified` (401), `Problem` (403) or `NotOnRecord` (404)."""
        require_plain_query(request)
        token = _bearer_token(request)
        identity = self.service.identity
        if identity.asks_elsewhere:
            caller = await run_in_threadpool(identity.identify, token)
        else:
            caller = identity.identify(token)
        request.state.caller = caller
        await require_reach(self.service, caller, self.reach, request)
        _require_known_query(request)
        return caller


@dataclass(frozen=True, eq=False)
class Reads(Allow):
    """Lets callers pass as `Allow` does, to read what is on the register of reads afterwards."""

    async def __call__(self, request: Request) -> "Reading":  # type: ignore[override]  # a dependency is called by FastAPI alone, and never as an Allow
        """Who reads what, and why. Raises as `Allow`, and `Malformed` for the reason."""
        caller = await super().__call__(request)
        reader = reader_of(request, caller, self.reach.served)
        return Reading(self.service, caller, self.reach, reader, request.state.grant)


@dataclass(frozen=True)
class Reading:
    """One read of people's records: it answers once the register has it."""

    service: HttpService
    caller: Caller
    reach: Reach
    reader: Reader
    grant: Grant | None

    @property
    def by(self) -> Role:
        """The role that lets the caller read."""
        return SHORT_NAMES[self.reader.role]

    @property
    def limits(self) -> Limits | None:
        """The limits within which an administrator reads; `None`: there are none."""
        return self.caller.limits if is_limited_to_some(self.caller, self.reach) else None

    @property
    def is_of_everybody(self) -> bool:
        """Whether the caller reaches everybody, or everybody within an administrator's limits."""
        return bool(self.caller.roles & self.reach.roles)

    def of(self, owner: str | None) -> "Reading":
        """The same read, where the address names a procedure, and that one its `owner`.

        `None`: it is nobody's own, or there is none. Raises `NotOnRecord` where it is out of reach.
        """
        if self.limits is not None:
            # Whether there is an owner or not: one takes as long as the other.
            if owner not in {None, *within_limits(self.service, self.caller, [owner or ""])}:
                raise NotOnRecord(NOT_THERE)
            return self
        if self.is_of_everybody:
            return self
        found = granted(self.service, self.caller, self.reach, owner or "")
        if found is None or owner is None:
            raise NotOnRecord(NOT_THERE)
        return replace(self, reader=_by(self.reader, found[1]), grant=found[1])

    def of_bodies(self, bodies: Collection[str]) -> "Reading":
        """The same read, where bodies take part in what is shown. Raises `NotOnRecord` for somebody
        who acts for none of them."""
        if self.is_of_everybody:
            return self
        grant = takes_part(self.caller, bodies)
        if grant is None:
            raise NotOnRecord(NOT_THERE)
        return replace(self, reader=_by(self.reader, grant), grant=grant)

    def of_each(
        self, people: Iterable[str], days: Iterable[date], known_at: Collection[datetime]
    ) -> "Reading":
        """The same read, where the body names these people, days and knowledge times.

        Raises `NotOnRecord` where one of them is out of reach on one of the days.
        """
        found = self
        if self.limits is None and self.is_of_everybody:
            return self
        for day in days:
            for number in people:
                grant = granted(
                    self.service, self.caller, self.reach, number, day=day, known_at=known_at
                )
                if grant is None:
                    raise NotOnRecord(NOT_THERE)
                found = replace(self, reader=_by(self.reader, grant[1]), grant=grant[1])
        return found

    def shown(self, content: A, effective_at: date | None = None) -> A:
        """What the caller sees of an answer: not who is out of an administrator's limits.

        Raises `NotOnRecord` where the whole of it is about somebody out of them, or where nothing
        has said yet by what the caller may read.
        """
        if self.grant is None and not self.is_of_everybody:
            raise NotOnRecord(NOT_THERE)
        if self.limits is None:
            return content
        people = frozenset(people_shown(content))
        reached = within_limits(self.service, self.caller, people, effective_at)
        return without(content, people - reached)

    def answer(
        self,
        content: BaseModel,
        people: Iterable[str],
        *,
        effective_at: date | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The answer, after the register has a row for each of the people whose record it shows.

        `effective_at` is the day that was asked about, if it was one day; the knowledge time is
        the one that the answer states. What an administrator's limits leave out is not in it; where
        the whole of it is about somebody out of them, it raises `NotOnRecord`.
        """
        content = self.shown(content, effective_at)
        shown = frozenset(people)
        if self.limits is not None:
            shown = within_limits(self.service, self.caller, shown, effective_at)
        response = self.service.answer(content, headers=headers)
        known_at = getattr(content, "known_at", None) or getattr(content, "known_to", None)
        self.note(shown, effective_at=effective_at, known_at=known_at)
        return response

    def note(
        self,
        people: Iterable[str],
        *,
        effective_at: date | None = None,
        known_at: datetime | None = None,
    ) -> None:
        """Put these people on the register, before an answer that is made otherwise."""
        self.service.register.note(
            self.reader, people, effective_at=effective_at, known_at=known_at
        )


def reader_of(request: Request, caller: Caller, roles: frozenset[Role]) -> Reader:
    """Who reads what, in the first of the roles that let them, by which appointment or case.

    Raises `Malformed` for the reason. The address is the route's, as in the description of the API:
    it names nobody.
    """
    role = next((role for role in Role if role in caller.roles & roles), Role.STAFF)
    route: APIRoute = request.scope["route"]
    reader = Reader(caller.subject, role.name.lower(), route.path, _reason_of(request))
    grant: Grant | None = getattr(request.state, "grant", None)
    return reader if grant is None else _by(reader, grant)


def _by(reader: Reader, grant: Grant) -> Reader:
    return replace(
        reader,
        role=grant.role.name.lower(),
        appointment=grant.appointment,
        dispute_case=grant.case,
    )


def _reason_of(request: Request) -> str | None:
    given = request.headers.getlist(REASON)
    if not given:
        return None
    try:
        # Header fields come as bytes, and Starlette reads them as Latin-1.
        reason = " ".join(given[0].encode("latin-1").decode("utf-8").split())
    except UnicodeDecodeError:
        reason = ""
    if len(given) > 1 or not (0 < len(reason) <= _LONGEST_REASON and reason.isprintable()):
        raise Malformed(
            f"give one reason of 1 to {_LONGEST_REASON} printable characters, in UTF-8",
            field=REASON,
        )
    return reason


def london_day(now: datetime, rehearsal: RehearsalMark | None) -> date:
    """The date in London on a record's clock, which stands still after a rehearsal."""
    stopped = rehearsal.clock_stopped_at if rehearsal is not None else None
    return date_in_london(stopped or now)


def open_to_all() -> None:
    """The dependency of a route that serves everybody, without a token."""


def _bearer_token(request: Request) -> str:
    given = request.headers.getlist("authorization")
    if not given:
        raise NotIdentified("send a bearer token", code=None)
    scheme, _, token = given[0].partition(" ")
    token = token.strip()
    if len(given) > 1 or scheme.lower() != "bearer" or not token:
        raise NotIdentified("send one bearer token", code="invalid_request")
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise NotIdentified("the token is not accepted")
    return token


def require_plain_query(request: Request) -> None:
    """Refuse a query string that names something twice or is not UTF-8: whose meaning is it?"""
    query = request.scope["query_string"]
    if not query:
        return
    try:
        found = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise Malformed("the query is not percent-encoded UTF-8", field="query") from None
    except ValueError:
        raise Malformed("too many parameters", field="query") from None
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            raise Malformed("given more than once", field=name)


def _require_known_query(request: Request) -> None:
    """Refuse a parameter where the route takes none; where it takes some, its question does."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    if isinstance(route, APIRoute) and not route.dependant.query_params:
        for name in request.query_params:
            raise Malformed("this address takes no query parameter", field=name)


def known_number(staff_number: str) -> str:
    """A staff number from a path; raises `NotOnRecord` for what cannot be one."""
    if _STAFF_NUMBER.fullmatch(staff_number) is None:
        raise NotOnRecord("no such staff number on record")
    return staff_number


def is_reachable(service: HttpService) -> Check:
    """Whether the database answers."""
    try:
        head = service.office.log.head()
    except (*NO_ANSWER, LookupError) as error:
        return Check("database", ok=False, says=type(error).__name__)
    return Check("database", ok=True, says=f"{head.position} events on record")
