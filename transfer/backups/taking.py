"""Take a backup of a record that is at work, and prove it before it is called one.

    hold the folder → keep the log of changes → copy the files → hold the record still for a moment:
    a mark in the log of changes, a view → copy that log up to the mark → digests from the view →
    check every file → the manifest → its name

Until the last step it lies under a name that begins with a full stop, and the next backup removes
what was left there.
"""

import hashlib
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from deploy.backups.archive import Archive, system_identity
from deploy.backups.base import (
    BackupDamaged,
    began,
    copy_base,
    copy_log,
    kept_log,
    mark_place,
    verify_base,
)
from deploy.backups.segments import is_on_the_way, lsn, segment_name, segment_of
from deploy.data_folder import sync_folder
from projections.keeping_up.runner import Projection
from transfer.backups.digests import digests_of, still_view
from transfer.backups.manifest import LogFile, Manifest, read_manifest
from transfer.backups.versions import require_programs
from transfer.core.refusals import Conflict
from transfer.erasures import NAME as ERASED
from transfer.erasures import append_to_list, read_list, read_lists
from transfer.keys import wanted_fingerprint
from transfer.log.application import Log
from transfer.procedures.facts import Fact

Report = Callable[[str], None]

_MAY = """
SELECT (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user),
       has_function_privilege('pg_create_restore_point(text)', 'EXECUTE'),
       current_setting('wal_level') <> 'minimal' AND current_setting('max_wal_senders') <> '0'
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken, and which older ones were removed."""

    place: Path
    manifest: Manifest
    removed: tuple[str, ...]


def take_backup(
    log: Log[Fact],
    database_url: str,
    projections: tuple[Projection, ...],
    archive: Archive,
    *,
    version: str,
    erased: Sequence[Path],
    keep: int | None = None,
    report: Report = lambda _: None,
    warn: Report = lambda _: None,
) -> Taken:
    """Back a record up into a folder of backups, while it is at work.

    `erased` are the record's own lists of erased people, which are added to the folder's. With
    `keep`, only so many of the newest backups stay, and of the log of changes what these need;
    `warn` is told what stays besides, and why, and of a list that cannot be read.

    Raises `Conflict` where the server does not let its user take one, and what the parts of
    `deploy.backups` raise.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        _require_may(connection)
        require_programs(connection.info.server_version // 10_000, "the database")
        system = system_identity(connection)
        archive.claim(log.identity(), system)
        with archive.held():
            archive.remove_halves()
            archive.base.mkdir(mode=0o700, exist_ok=True)
            listed = read_lists(erased, warn)
            append_to_list(archive.path / ERASED, listed - read_list(archive.path / ERASED))
            draft = archive.base / f".{secrets.token_hex(8)}"
            draft.mkdir(mode=0o700)
            try:
                manifest = _copy(
                    log, connection, database_url, projections, draft, version, system, report
                )
                manifest.write(draft)
                place = archive.base / manifest.name
                draft.rename(place)
                sync_folder(archive.base)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            removed = () if keep is None else remove_old(archive, keep, warn)
            return Taken(place, manifest, removed)


def _copy(
    log: Log[Fact],
    connection: psycopg.Connection[Any],
    database_url: str,
    projections: tuple[Projection, ...],
    draft: Path,
    version: str,
    system: str,
    report: Report,
) -> Manifest:
    mark = f"transfer {draft.name[1:]}"
    with kept_log(connection) as slot:
        copy_base(
            database_url, draft, report, lambda percent: report(f"copying the files: {percent} %")
        )
        with still_view(database_url, lambda holding: mark_place(holding, mark)) as still:
            view, at = still.view, still.place
            report("copying the log of changes")
            copy_log(database_url, draft, slot, at, report)
            report("working out the digests")
            digests = digests_of(log, view, projections)
            schema_version = _schema(view)
    size = verify_base(
        draft, at, report, lambda percent: report(f"checking the files: {percent} %")
    )
    timeline, begins, needs = began(draft)
    return Manifest(
        name=f"{still.instant:%Y%m%dT%H%M%SZ}-{digests.position}",
        version=version,
        schema_version=schema_version,
        postgres=connection.info.server_version // 10_000,
        role=connection.info.user,
        database=connection.info.dbname,
        record=log.identity(),
        system=system,
        key=wanted_fingerprint(connection),
        timeline=timeline,
        begins=begins,
        needs=needs,
        mark=mark,
        mark_at=at,
        taken_at=still.instant,
        bytes=size,
        files=_digest(draft / "data" / "backup_manifest"),
        log=tuple(
            LogFile(name=each.name, sha256=_digest(each))
            for each in sorted((draft / "log").iterdir())
        ),
        digests=digests,
    )


def _require_may(connection: psycopg.Connection[Any]) -> None:
    """Refuse where the server is not ours to copy, and say what to do instead."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        may, can_mark, can_stream = cursor.execute(_MAY).fetchone() or (False, False, False)
    if may and can_mark and can_stream:
        return
    wanting = [
        what
        for what, has in (
            ("the user may not copy it (REPLICATION)", may),
            ("the user may not mark its log (EXECUTE on pg_create_restore_point)", can_mark),
            ("the server sends no log of changes (wal_level, max_wal_senders)", can_stream),
        )
        if not has
    ]
    raise Conflict(
        f"this PostgreSQL cannot be backed up from here: {'; '.join(wanting)}. Use the backup of "
        "the platform that runs it, or have its administrator grant that"
    )


def _schema(view: psycopg.Connection[Any]) -> int:
    with view.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT max(number) FROM schema_migrations").fetchone()
    if row is None:
        raise LookupError("the database has lost its list of migrations")
    return int(row[0])


def remove_old(archive: Archive, keep: int, warn: Report) -> tuple[str, ...]:
    """Remove all but the newest backups, and the log of changes that none of these needs.

    Those that cannot be read, and those of what was given up when the record was restored, do not
    count: such a one goes once it is older than all that are kept. `warn` is told why something
    that could be removed is not.
    """
    backups, known = archive.backups(), {}
    for each in backups:
        try:
            known[each] = read_manifest(each)
        except BackupDamaged as error:
            warn(f"{error}. It does not count as a backup that is kept")
    histories = archive.histories()
    live = [
        each
        for each, told in known.items()
        if is_on_the_way(histories, told.timeline, lsn(told.mark_at))
    ]
    if not live[:-keep]:
        return ()
    old = [each for each in backups if each < live[-keep]]
    with archive.removing() as may:
        if not may:
            warn("a backup is being read here, so no older one is removed: the next backup does it")
            return ()
        for each in old:
            # Renamed first: half a backup is none.
            gone = each.with_name(f".{each.name}")
            each.rename(gone)
            shutil.rmtree(gone)
        kept = [each for each in backups if each not in old]
        if all(each in known for each in kept):
            needed = min(segment_of(lsn(known[each].begins)) for each in kept)
            archive.forget_log_before(segment_name(1, needed))
        else:
            warn("what the unreadable one needs of the log of changes is not known: all is kept")
    return tuple(each.name for each in old)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
