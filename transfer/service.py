"""The running service: engines, projections, procedures and API, started and stopped together.

    hold the folder → PostgreSQL → migrations → the log → projections caught up → Temporal and the
    procedures (not in a rehearsed folder) → the API → "ready"

One process is all of it, unless it has a role: then it does its part beside others, on a database
and a Temporal that are there already. What one process at a time should do, keeping the read models
up and telling Temporal of the log, is done by the one that leads it (`transfer.log.leading`).

A practice is a service like any other, on a clock that stands until somebody moves it.

Whatever stops, stops all: a dead engine or thread ends the service with the reason, as does what it
leads where that hangs. SIGTERM and SIGINT end it cleanly, and what is killed leaves nothing that
the next start does not put right.
"""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial

import psycopg
import structlog
import uvicorn
from anyio.to_thread import current_default_thread_limiter
from starlette.types import ASGIApp

from deploy.backups.archive import Archive, Receiver, give_up_archiving
from deploy.data_folder import ServiceInfo
from deploy.embedded import Engines, start_engines
from transfer import checks
from transfer.access.identity import Identity, Nobody
from transfer.api.application import create_app, create_health_app
from transfer.api.http.connections import Connections, most_connections
from transfer.api.http_service import HttpService
from transfer.app import (
    VERSION,
    Record,
    RunningProcedures,
    clock,
    code_flow_of,
    http_service_of,
    identity_key,
    identity_of,
    london_today,
    migrate_record,
    open_folder,
    open_record,
    require_whole,
    sending_of,
    settle_erasures_of,
    task_queue,
    vault_key,
)
from transfer.commands.practice import begin_or_continue
from transfer.core.refusals import Conflict, Malformed
from transfer.log.leading import Lead, Part
from transfer.service_log import keep_log
from transfer.serving.giving_up import GivingUp
from transfer.serving.listening import address_of, listen
from transfer.serving.schema import wait_for_schema
from transfer.serving.signals import AskedToStop, Signals
from transfer.serving.upkeep import Upkeep
from transfer.settings import LogTo, ProcessRole, Settings
from transfer.spans import telling_spans
from transfer.web.application import add_pages

Died = Callable[[], str | None]
"""`None` while something runs, else why it does not; cheap, asked twice a second."""

Procedures = Callable[
    [Record, Engines, Settings, Lead], AbstractAsyncContextManager[RunningProcedures]
]
"""Runs the workflows' worker while the context lasts, and the dispatcher while this process
leads."""

_ANSWERS = (ProcessRole.ALL, ProcessRole.API)
_LED = {
    Part.PROJECTIONS: (ProcessRole.ALL, ProcessRole.PROJECTOR),
    Part.PROCEDURES: (ProcessRole.ALL, ProcessRole.WORKER),
}
"""Which roles may lead what."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice is asked for: `on` is the day it begins on, today's if it is left out."""

    on: date | None = None


Report = Callable[[str], None]
"""Told in a few words what is being waited for."""

# Connections that the system holds for us; as many may come in at once, before any is counted.
_BACKLOG = 128

# The proxies that are believed where no setting names any.
_THIS_MACHINE = "127.0.0.1,::1"

_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 5
_DATABASE_SECONDS = 2

_logger = structlog.get_logger(__name__)


class ServiceStopped(Exception):  # noqa: N818 - says what happened, as the user is told
    """Something that the service cannot do without has stopped; the message says what and why."""


@dataclass(frozen=True, slots=True)
class _Running:
    """What is watched while the service runs."""

    engines: tuple[Engines, ...]
    broken_threads: list[str]
    receiver: Receiver | None
    giving_up: GivingUp

    def died(self) -> str | None:
        if self.receiver is not None:
            self.receiver.keep_up()
        for engines in self.engines:
            if (why := engines.died()) is not None:
                return why
        if (halted := self.giving_up.why()) is not None:
            return halted
        return self.broken_threads[0] if self.broken_threads else None


def serve(
    settings: Settings,
    announce: Callable[[str], None],
    *,
    procedures: Procedures | None = None,
    report: Report = lambda _: None,
    practice: Practice | None = None,
) -> None:
    """Run the service until it is asked to stop; `announce` is given its address once it answers.

    With `practice` the record is a practice: begun where it is empty, gone on with where it is one.
    Call it from the main thread. Raises `Malformed` for a role without what it needs,
    `FolderInUse`, `EngineError`, `SchemaRefused`, `OSError` (the address is taken, the folder is
    not to be had), `ServiceStopped`, and `Conflict` where the record cannot be that practice, or
    where one process alone may serve it.
    """
    signals = Signals()
    with signals.handled(), contextlib.suppress(AskedToStop), contextlib.ExitStack() as stack:
        # First of all: what cannot be, and where the address is taken, nothing is made.
        _require_engines(settings, practice)
        listening = stack.enter_context(contextlib.closing(listen(settings)))
        folder = open_folder(settings)
        stack.enter_context(folder.hold("transfer serve"))
        to_folder = settings.log_to is LogTo.FOLDER
        keep_log(folder.log("service") if to_folder else None, settings.role)
        stack.enter_context(telling_spans(settings, VERSION, clock))
        broken = stack.enter_context(_broken_threads())
        _logger.info("starting", folder=str(folder.path), pid=os.getpid(), role=settings.role)
        if settings.role in _ANSWERS:
            identity: Identity = identity_of(settings, folder)
            flow = code_flow_of(settings, identity)
        else:
            identity, flow = Nobody(), None
        receiver: Receiver | None = None
        if settings.archive is not None:
            receiver = Receiver(Archive.open(settings.archive), folder.log("archive"), report)
            # Stopped after the server, whose last changes it receives.
            stack.callback(receiver.stop)
        database = stack.enter_context(
            start_engines(
                folder, temporal="none", database_url=settings.database_url, report=report
            )
        )
        applied: list[int] = []
        if settings.role is ProcessRole.ALL:
            applied = migrate_record(database.database_url, folder)
        else:
            vault_key(folder)  # not only once the schema is there
            wait_for_schema(database.database_url, report)
        record = stack.enter_context(
            open_record(
                database.database_url,
                folder,
                pool_size=settings.connections,
                name=f"transfer {settings.role}",
                office_of_one=settings.office_of_one,
                clock_tolerance=settings.clock_tolerance,
                archive=settings.archive,
                erased=settings.erased,
            )
        )
        record.log.availability.start()
        require_whole(record)
        if again := settle_erasures_of(record, folder, settings):
            _logger.warning("erased again", people=again)
        if receiver is not None:
            receiver.start(record.database_url, record.log.identity())
            if settings.database_url is None and (
                risk := receiver.archive.risk(folder.path / "postgres")
            ):
                _logger.warning("archive", risk=risk)
        elif settings.database_url is None:
            give_up_archiving(record.database_url)
        if practice is not None:
            begin_or_continue(record.log, practice.on, london_today(None))
        rehearsal = record.log.rehearsal()
        if rehearsal is not None and settings.role is not ProcessRole.ALL:
            raise Conflict(
                f"this record is a {'practice' if rehearsal.is_practice else 'rehearsal'}, which "
                "one process serves: use --role all"
            )
        parts = tuple(Part)
        if rehearsal is not None and not rehearsal.is_practice:
            procedures = None  # the clock of a rehearsal stands still for ever
            parts = (Part.PROJECTIONS,)
        sending = sending_of(record, folder, settings)
        giving_up = GivingUp()
        leads = _leads(settings.role, record, stack, parts, giving_up)
        if (lead := leads.get(Part.PROJECTIONS)) is not None:
            upkeep = Upkeep(record, sending)
            if lead.try_now():
                report("catching up")
                upkeep.catch_up()
            lead.follow(upkeep.begin, upkeep.end, record.runner.beat)
        engines = [database]
        if Part.PROCEDURES in leads and procedures is not None:
            engines.append(
                stack.enter_context(
                    start_engines(
                        folder,
                        temporal="service",
                        database_url=database.database_url,
                        temporal_address=settings.temporal_address,
                        report=report,
                    )
                )
            )
        connections = Connections(settings.connections_per_address, most_connections())
        looking = [
            checks.disk(folder.path),
            checks.connections(connections),
            checks.leading(record.log, tuple(leads.values()), parts),
            checks.notices(sending.kept, sending.courier, sending.addresses),
        ]
        if record.log.clock_watch is not None:
            looking.append(checks.clocks(record.log.clock_watch))
        if receiver is not None:
            looking.append(checks.archive(record.log))
        if settings.role not in _LED[Part.PROCEDURES]:
            looking.append(
                checks.dispatcher(record.log, task_queue(record, settings), needed=False)
            )
        service = http_service_of(record, identity, settings, tuple(looking))
        if settings.role in _ANSWERS:
            app = create_app(service)
            add_pages(app, service, identity_key(folder), flow)
        else:
            app = create_health_app(service)
        address = address_of(listening)
        _logger.info("migrated", applied=applied, events=record.log.head().position)
        running = _Running(tuple(engines), broken, receiver, giving_up)

        temporal = engines[-1].temporal_address
        info = ServiceInfo(database.database_url, temporal, address, os.getpid())

        def on_ready() -> None:
            folder.publish(info)
            _logger.info("ready", address=address)
            announce(address)

        why = asyncio.run(
            _run(
                record,
                service,
                app,
                connections,
                listening,
                partial(procedures, record, engines[-1], settings, leads[Part.PROCEDURES])
                if Part.PROCEDURES in leads and procedures is not None
                else None,
                running,
                signals,
                on_ready,
                settings.proxies or _THIS_MACHINE,
                settings.threads,
            )
        )
        _logger.info("stopping", why=why or "asked to")
        if why is not None:
            raise ServiceStopped(why)


def _require_engines(settings: Settings, practice: Practice | None) -> None:
    """Refuse a process that has not what its role needs. Raises `Malformed`."""
    role = settings.role
    settings.require_connections()
    if role is ProcessRole.ALL:
        settings.require_own_temporal()
        return
    if practice is not None:
        raise Malformed("a practice is served by one process: leave --role out", field="--role")
    if settings.database_url is None:
        raise Malformed(
            f"a process of the role {role} works on a database that others use too: name it",
            field="DATABASE_URL",
        )
    if role is ProcessRole.WORKER and settings.temporal_address is None:
        raise Malformed(
            "a worker needs the Temporal server that the other workers use: name it",
            field="TEMPORAL_ADDRESS",
        )


def _leads(
    role: ProcessRole,
    record: Record,
    stack: contextlib.ExitStack,
    parts: Collection[Part],
    giving_up: GivingUp,
) -> Mapping[Part, Lead]:
    """The parts that a process of this role leads, or stands by to lead."""
    leads = {
        part: Lead(record.database_url, part, giving_up) for part in parts if role in _LED[part]
    }
    for lead in leads.values():
        stack.callback(lead.close)
    return leads


async def _run(
    record: Record,
    service: HttpService,
    app: ASGIApp,
    connections: Connections,
    listening: socket.socket,
    procedures: Callable[[], AbstractAsyncContextManager[RunningProcedures]] | None,
    running: _Running,
    signals: Signals,
    on_ready: Callable[[], None],
    proxies: str,
    threads: int,
) -> str | None:
    """Answer requests until asked to stop (`None`) or something has died (why)."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    current_default_thread_limiter().total_tokens = threads
    with signals.calling(lambda: loop.call_soon_threadsafe(stop.set)):
        async with contextlib.AsyncExitStack() as stack:
            watched: list[Died] = [running.died]
            if procedures is not None:
                begun = await stack.enter_async_context(procedures())
                watched.append(begun.died)
                service.checks += begun.checks
                service.figures += begun.figures
                service.distributions += begun.distributions
            server = _Server(
                uvicorn.Config(
                    app,
                    http=connections.protocol(),
                    backlog=_BACKLOG,
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    forwarded_allow_ips=proxies,
                    lifespan="off",
                    timeout_graceful_shutdown=_GRACE_SECONDS,
                )
            )
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            why: str | None = None
            ready = False
            while not stop.is_set():
                if server.started and not ready:
                    ready = True
                    on_ready()
                if serving.done():
                    why = f"the API has stopped: {_noted(serving.exception())}"
                else:
                    why = next(filter(None, (died() for died in watched)), None)
                if why is not None:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _LOOK_SECONDS if ready else 0.01)
            server.should_exit = True
            if not await asyncio.to_thread(_is_database_there, record):
                # Nobody is to wait for it: each would try again for most of a minute.
                record.log.give_up()
                server.config.timeout_graceful_shutdown = 1
            if not serving.done():
                await serving
            return why


def _is_database_there(record: Record) -> bool:
    try:
        psycopg.connect(record.database_url, connect_timeout=_DATABASE_SECONDS).close()
    except psycopg.Error:
        return False
    return True


def _noted(error: BaseException | None) -> str:
    """The type of what has stopped something; where it came from is in the log."""
    if error is None:
        return "no reason given"
    _logger.error("a part of the service has ended", exc_info=error)
    return type(error).__name__


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _broken_threads() -> Iterator[list[str]]:
    """Collects every thread of this process that ends by an exception, with the exception."""
    broken: list[str] = []
    before = threading.excepthook

    def note(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread is not None else "a thread"
        _logger.error(
            "a thread has ended",
            thread=name,
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )
        broken.append(f"{name} has stopped: {args.exc_type.__name__}")

    threading.excepthook = note
    try:
        yield broken
    finally:
        threading.excepthook = before
