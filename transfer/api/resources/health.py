"""Outside /v1, without a token: is it alive, is it ready, what is it, how is it doing.

/metrics is for loopback alone unless the settings say otherwise; it is plain Prometheus text.
"""

import asyncio
import contextlib
import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import Metric
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from projections.keeping_up.status import ProjectionStatus, statuses
from transfer.api.http import metrics
from transfer.api.http.middleware import RequestCounts
from transfer.api.http.openapi import problems
from transfer.api.http.problems import (
    MEDIA_TYPE,
    NOT_ALLOWED,
    NOT_FOUND,
    PROBLEM_TYPES,
    UNAVAILABLE,
    Problem,
    ProblemDocument,
)
from transfer.api.http_service import (
    Check,
    Figure,
    HttpService,
    is_reachable,
    open_to_all,
)
from transfer.core.dating.instants import Instant
from transfer.log.faults import NO_ANSWER
from transfer.log.measures import Distribution
from transfer.questions.answer import Answer, absent
from workflows.troubles import last_sweep, troubles

_RECENT = timedelta(hours=1)
_READY_SECONDS = 0.9


class Live(Answer):
    """The process answers."""

    status: str = "live"


class CheckShown(Answer):
    """One thing that the service needs."""

    name: str
    ok: bool
    says: str


class Ready(Answer):
    """Everything that it needs is there."""

    status: str
    checks: tuple[CheckShown, ...]


class RestorationTold(Answer):
    """The record was restored from a backup: what was recorded after `known_at` and before
    `restored_at` is lost. `lost_events` and `lost_until` tell what the archive still showed of it.
    """

    restored_at: Instant
    backup: str = Field(description="The name of the backup.")
    position: int = Field(description="The last position on record from before.")
    known_at: Instant | None = Field(description="Its instant; null: nothing was on record.")
    lost_events: int | None = Field(None, exclude_if=absent)
    lost_until: Instant | None = Field(None, exclude_if=absent)


class Info(Answer):
    """What is running. `clock_stands_still_at` only where the record is a rehearsal or a practice,
    whose clock stands until it is moved."""

    name: str
    version: str
    schema_version: int = Field(description="The number of the last migration applied.")
    events: int = Field(description="How many events are on record.")
    recorded_until: Instant | None = Field(description="When the last of them was recorded.")
    started_at: Instant
    uptime_seconds: float
    clock_stands_still_at: Instant | None = Field(None, exclude_if=absent)
    restorations: tuple[RestorationTold, ...] = Field(
        (), exclude_if=absent, description="When the record was restored from a backup."
    )


class ProblemKind(BaseModel):
    """What the `type` of a problem means."""

    type: str
    status: int
    title: str
    meaning: str


class ProblemKinds(Answer):
    """Every kind of problem."""

    problems: tuple[ProblemKind, ...]


def routes(service: HttpService, counts: RequestCounts) -> APIRouter:
    """The routes of this file."""
    router = APIRouter(tags=["service"], dependencies=[Depends(open_to_all)])
    started_at = service.clock()
    # A thread apart, as those of requests may all wait for what is looked at; and one alone, so
    # that a look which never ends leaves nothing else behind.
    thread = ThreadPoolExecutor(1, thread_name_prefix="ready")
    look: asyncio.Future[list[Check]] | None = None

    def looking() -> asyncio.Future[list[Check]]:
        nonlocal look
        if look is None or look.done():
            look = asyncio.get_running_loop().run_in_executor(thread, _look, service)
        return look

    @router.get("/health/live", response_model=None, responses={200: {"model": Live}})
    async def tell_live() -> Response:
        """Whether the process answers at all."""
        return service.answer(Live())

    @router.get(
        "/health/ready",
        response_model=None,
        responses={
            200: {"model": Ready},
            503: {
                "description": "Something is missing; `checks` says what",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
                    }
                },
            },
        },
    )
    async def tell_ready() -> Response:
        """Whether everything that this process needs does its work; `checks` says what does not.

        Looked at are the database, the clocks, the read models, the room on disk and, where they
        are used, Temporal and what tells it of the record. What the process can do its part
        without is among the checks and not `ok`, and the process is ready all the same: such as a
        procedure in trouble, a disk that is nearly full, and for one that answers requests alone a
        read model that stands still. Answered within a second, whatever hangs.
        """
        try:
            found = await asyncio.wait_for(asyncio.shield(looking()), _READY_SECONDS)
        except TimeoutError:
            found = [Check("answer", ok=False, says="something that is looked at hangs")]
        told = tuple(CheckShown(name=each.name, ok=each.ok, says=each.says) for each in found)
        failing = [each for each in found if not each.ok and each.needed]
        if failing:
            raise Problem(
                UNAVAILABLE,
                "; ".join(f"{each.name}: {each.says}" for each in failing),
                extra={"checks": [each.model_dump() for each in told]},
                headers={"Retry-After": "1"},
            )
        return service.answer(Ready(status="ready", checks=told))

    @router.get(
        "/info", response_model=None, responses={200: {"model": Info}, **problems("unavailable")}
    )
    def tell_info() -> Response:
        """What is running, on which record; a rehearsed record says so."""
        head = service.office.log.head()
        with service.reading() as conn, conn.cursor() as cursor:
            row = cursor.execute("SELECT max(number) AS number FROM schema_migrations").fetchone()
        return service.answer(
            Info(
                name="transfer",
                version=service.version,
                schema_version=row["number"] if isinstance(row, dict) else 0,
                events=head.position,
                recorded_until=head.recorded_at,
                started_at=started_at,
                uptime_seconds=round((service.clock() - started_at).total_seconds(), 3),
                clock_stands_still_at=service.now() if service.rehearsal else None,
                restorations=tuple(
                    RestorationTold(**asdict(each)) for each in service.restorations
                ),
            )
        )

    @router.get("/problems", response_model=None, responses={200: {"model": ProblemKinds}})
    async def list_problems() -> Response:
        """Every `type` that an error can have."""
        return service.answer(ProblemKinds(problems=tuple(map(_kind, PROBLEM_TYPES))))

    @router.get(
        "/problems/{name}",
        response_model=None,
        responses={200: {"model": ProblemKind}, **problems("not-found")},
    )
    async def explain_problem(name: str) -> Response:
        """What one `type` of error means."""
        if name not in PROBLEM_TYPES:
            raise Problem(NOT_FOUND, "There is no problem of that name.")
        return service.answer(_kind(name))

    @router.get(
        "/metrics",
        response_model=None,
        response_class=PlainTextResponse,
        responses=problems("not-allowed", "unavailable"),
    )
    def tell_metrics(request: Request) -> Response:
        """Lags, checks and requests as Prometheus text; from loopback only, unless configured.

        Without a database the figures that come from it are left out.
        """
        if not service.metrics_public and not _is_loopback(request):
            raise Problem(NOT_ALLOWED, "Metrics are told to this machine alone.")
        if service.has_proxy and "x-forwarded-for" in request.headers:
            raise Problem(NOT_ALLOWED, "Metrics are not told through a proxy: ask the process.")
        now = service.clock()
        database, head, of_record = is_reachable(service), None, list[Metric]()
        if database.ok:
            with contextlib.suppress(*NO_ANSWER):  # it may go between two questions
                head = service.office.log.head()
                with service.reading() as conn:
                    of_record += metrics.of_projections(statuses(conn, service.projections), now)
                    of_record += metrics.of_procedures(troubles(conn), last_sweep(conn))
        uptime = (now - started_at).total_seconds()
        families = [
            *metrics.of_service(head, counts, uptime, service.role, service.version),
            *of_record,
            *metrics.of_checks([database, *(check() for check in service.checks)]),
            *metrics.of_figures(_figures(service)),
            *metrics.of_distributions(_distributions(service, counts)),
        ]
        return Response(metrics.exposition(families), media_type=metrics.MEDIA_TYPE)

    return router


def _look(service: HttpService) -> list[Check]:
    """Everything that /health/ready looks at."""
    database, of_record = is_reachable(service), list[Check]()
    if database.ok:
        try:
            of_record = [*_projections(service), *_procedures(service)]
        except NO_ANSWER as error:  # it has gone since
            database = Check("database", ok=False, says=type(error).__name__)
    return [database, *of_record, *(check() for check in service.checks)]


def _figures(service: HttpService) -> Iterator[Figure]:
    pool = service.office.log.pool_statistics()
    size, idle = pool["pool_size"], pool["pool_available"]
    connections = "Connections to the database that this process has."
    yield Figure("database_connections", connections, size - idle, "in use")
    yield Figure("database_connections", connections, idle, "idle")
    yield Figure("database_connections_max", "Connections that it may have.", pool["pool_max"])
    yield Figure(
        "database_waiting", "Threads that wait for a connection now.", pool["requests_waiting"]
    )
    yield Figure(
        "database_waits_total",
        "How often a thread had to wait for a connection.",
        pool.get("requests_queued", 0),
        is_total=True,
    )
    yield Figure(
        "database_wait_seconds_total",
        "How long threads waited for one, in all.",
        pool.get("requests_wait_ms", 0) / 1_000,
        is_total=True,
    )
    yield Figure(
        "database_waits_in_vain_total",
        "How often a thread waited too long and got none.",
        pool.get("requests_errors", 0),
        is_total=True,
    )
    for figures in service.figures:
        yield from figures()


def _distributions(service: HttpService, counts: RequestCounts) -> Iterator[Distribution]:
    appends = service.office.log.appends
    yield from (counts.seconds, appends.events, appends.seconds, *service.distributions)


def _kind(name: str) -> ProblemKind:
    found = PROBLEM_TYPES[name]
    return ProblemKind(
        type=found.uri, status=found.status, title=found.title, meaning=found.meaning
    )


def _projections(service: HttpService) -> list[Check]:
    with service.reading() as conn:
        found = statuses(conn, service.projections)
    return [
        Check(
            f"projection {each.name}",
            not each.failed,
            _told(each),
            needed=service.needs_projections,
        )
        for each in found
    ]


def _procedures(service: HttpService) -> list[Check]:
    """One check for each procedure in trouble: it alone is, so the service stays ready.

    That some were missing in Temporal, and were begun anew, is told for an hour.
    """
    with service.reading() as conn:
        found, swept = troubles(conn), last_sweep(conn)
    if not found:
        if swept is not None and swept.started and service.clock() - swept.at < _RECENT:
            says = (
                f"{swept.started} of {swept.waiting} were missing in Temporal and were begun anew"
            )
            return [Check("procedures", ok=False, says=says, needed=False)]
        return [Check("procedures", ok=True, says="none in trouble", needed=False)]
    says = "{} ({}) since {:%Y-%m-%d %H:%M} UTC; transfer doctor says why and how to mend it"
    return [
        Check(
            f"procedure {each.public_name}",
            ok=False,
            says=says.format(each.kind, each.cause, each.since),
            needed=False,
        )
        for each in found
    ]


def _told(standing: ProjectionStatus) -> str:
    # What went wrong may quote the record, and everybody is told this: the doctor says more.
    if standing.failed:
        event = standing.seen.failed_event
        return f"stopped at event {event}; transfer doctor says why and how to mend it"
    says = f"{standing.lag} events behind" if standing.lag else "up to date"
    if standing.rebuild is not None:
        says += f"; being made again, {standing.rebuild.stage}"
    return says


def _is_loopback(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
