"""Bring a record back from a backup, to a point of its log, into a data folder that is new.

**The point.** Instants of the record are not the times at which its transactions were committed,
and several commands may share a transaction; so no setting of the server stops at one. But appends
take turns under one lock, so that the order of commits is the order of positions, and each
command's row names the transaction that wrote it. The log of changes is therefore applied twice:
once to its end, where the last command up to the point is looked up with its transaction, and
again, from the same files, up to that transaction. What that one wrote past the point, which is
events and commands alone, is removed. The first time also shows what is lost, and who was erased
since.

Everything that is not the log stands as it stood when that transaction was committed: projections,
notices, the register of reads. The database is prepared under a name that begins with a full stop,
beside where it will be, and gets its name as the last step.
"""

import contextlib
import hashlib
import itertools
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from deploy.backups.archive import MANIFEST, Archive, keep_for_archive
from deploy.backups.base import BackupDamaged, verify_base
from deploy.backups.recovering import (
    OURS,
    TO_THE_END,
    after_transaction,
    at_mark,
    recovered,
    unread,
)
from deploy.backups.segments import ArchiveDamaged, Chain, chain, is_on_the_way, lsn
from deploy.data_folder import DataFolder, FolderInUse, absolute, sync_folder
from deploy.key_files import KeyFile
from deploy.migrate import migrate, newest
from transfer.backups.manifest import Manifest, read_manifest
from transfer.backups.noting import erase_again, erasures_in, head_of, note_restoration
from transfer.backups.versions import require_programs
from transfer.core.refusals import Conflict, Malformed
from transfer.erasures import NAME as ERASED
from transfer.erasures import Erasures, append_to_list, read_list
from transfer.keys import fingerprint
from transfer.log.restorations import Restoration
from transfer.vault import Erasure

Report = Callable[[str], None]

# A transaction's number in a row has 32 bits, as the server's setting takes it.
_BY_INSTANT = """
SELECT xmin::text::bigint, first_notification_id + event_count - 1, recorded_at FROM commands
WHERE recorded_at <= %s ORDER BY recorded_at DESC LIMIT 1
"""
_BY_POSITION = """
SELECT xmin::text::bigint, first_notification_id + event_count - 1, recorded_at,
       first_notification_id
FROM commands WHERE first_notification_id <= %s ORDER BY first_notification_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Point:
    """Up to where a record is wanted: an instant of its own, or a position of its log."""

    until: datetime | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A backup, and what of the log of changes lies beside it; `earlier` is the one before it."""

    place: Path
    manifest: Manifest
    archive: Archive | None
    earlier: Path | None = None

    def log(self, *, archived: bool) -> Chain:
        """The log of changes from the backup on; `archived`: to its end, and not to the mark."""
        folders = [self.place / "log"]
        if archived and self.archive is not None:
            folders = [*self.archive.logs(), *folders]
        told = self.manifest
        # All of them, also where the log is not followed: a server that knew of fewer would begin a
        # timeline under a number that is taken.
        taken = {} if self.archive is None else self.archive.histories()
        return chain(folders, told.timeline, lsn(told.begins), lsn(told.mark_at), taken)

    def read(self) -> AbstractContextManager[None]:
        """Keep it from being removed until the block ends."""
        return contextlib.nullcontext() if self.archive is None else self.archive.read()

    @property
    def goes_on(self) -> bool:
        """Whether more than the backup's own log of changes is there."""
        return self.archive is not None and bool(self.archive.logs())


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys under which a record is restored, and the list of erased people beside them.

    Those that are `elsewhere`, in a file that a setting names, are not put into the data folder.
    """

    vault: bytes
    identity: bytes | None
    erased: frozenset[str]
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """The command that a restoration ends with, and what comes after it."""

    xid: int | None
    position: int
    recorded_at: datetime | None
    last_position: int
    last_recorded_at: datetime | None
    erased: Mapping[str, Erasure]

    def leads_to(self, point: Point) -> bool:
        """Whether the log has something after a point, so that nothing up to it is missing."""
        return point.until is None or (
            self.last_recorded_at is not None and self.last_recorded_at >= point.until
        )


# --- which backup, and under which key ----------------------------------------------------------


def find_source(
    path: Path,
    point: Point = Point(),
    *,
    abandoned: bool = False,
    warn: Report = lambda _: None,
) -> Source:
    """The backup of a folder or, of a folder of backups, the newest that leads to a point.

    A restoration gives up what was recorded after its point. A backup that was taken of that is
    found only under its own name, and where `abandoned` asks for it. `warn` is told of backups that
    cannot be read.

    Raises `BackupDamaged` where it is neither, `Conflict` where every backup is later or abandoned,
    and `ArchiveDamaged` where it cannot be told which history is the newest.
    """
    path = absolute(path)
    if (path / MANIFEST).is_file() or not (path / "base").is_dir():
        manifest = read_manifest(path)
        beside = path.parent.parent
        is_in_archive = path.parent.name == "base" and (beside / "archive.json").is_file()
        found = Source(path, manifest, Archive(beside) if is_in_archive else None)
        if not _is_before(manifest, point):
            raise _too_late(manifest)
        if not abandoned and found.archive is not None and not _is_live(found.archive, manifest):
            raise Conflict(
                f"the backup {manifest.name} is of what was given up when the record was restored "
                "to a point before it: what was recorded since is not in it. To restore it all the "
                "same, say --abandoned"
            )
        return found
    archive = Archive(path)
    if not archive.backups():
        raise BackupDamaged(f"there is no backup in {path} that is whole")
    readable = _readable(archive, warn)
    first = next(readable, None)
    if first is None:
        raise BackupDamaged(f"no backup in {path} can be read")
    histories, oldest = archive.histories(), None
    live = (
        (place, manifest)
        for place, manifest in itertools.chain([first], readable)
        if is_on_the_way(histories, manifest.timeline, lsn(manifest.mark_at))
    )
    for place, oldest in live:
        if _is_before(oldest, point):
            earlier, _ = next(live, (None, None))
            return Source(place, oldest, archive, earlier)
    if oldest is None:
        raise Conflict(
            f"every backup in {path} is of what was given up when the record was restored: name "
            "one of them by its path with --abandoned, and take a new backup of the record"
        )
    raise _too_late(oldest)


def _readable(archive: Archive, warn: Report) -> Iterator[tuple[Path, Manifest]]:
    """The backups of a folder that can be read, newest first."""
    for place in reversed(archive.backups()):
        try:
            yield place, read_manifest(place)
        except BackupDamaged as error:
            warn(f"{error}. It is passed over")


def _is_live(archive: Archive, manifest: Manifest) -> bool:
    return is_on_the_way(archive.histories(), manifest.timeline, lsn(manifest.mark_at))


def _is_before(manifest: Manifest, point: Point) -> bool:
    told = manifest.digests
    if point.position is not None:
        return told.position <= point.position
    return point.until is None or told.recorded_at is None or told.recorded_at <= point.until


def _too_late(manifest: Manifest) -> Conflict:
    told = manifest.digests
    at = "" if told.recorded_at is None else f", of {told.recorded_at.isoformat()}"
    return Conflict(
        f"the backup {manifest.name} is of position {told.position}{at}, which is later than the "
        "point that is wanted: name an earlier backup"
    )


def keys_at(path: Path | None, manifest: Manifest, named: KeyFile | None = None) -> Keys | None:
    """The keys in a folder, a data folder, or a file that is the vault key; without a path, in the
    file that a setting has `named`. `None` where the record of the backup has no key yet.

    Raises `Conflict` where there is none, or it is another record's, by its fingerprint, and
    `KeyFileRefused` where the file cannot be used.
    """
    if manifest.key is None:
        return None
    if path is None and named is not None:
        return Keys(_fitting(named, manifest), None, frozenset(), elsewhere=True)
    if path is None:
        raise Conflict(
            "the keys are not in the backup: say with --key where they are (a file with the vault "
            f"key, or a folder with vault and identity). Its fingerprint is {manifest.key}"
        )
    folder = path if path.is_file() else path / "keys"
    if path.is_dir() and not folder.is_dir():
        folder = path
    file = folder if folder.is_file() else folder / "vault"
    if not file.is_file():
        raise Conflict(f"there is no vault key in {path}; the fingerprint wanted is {manifest.key}")
    vault = _fitting(KeyFile(file, "--key"), manifest)
    identity = file.with_name("identity")
    return Keys(
        vault,
        identity.read_bytes() if folder.is_dir() and identity.is_file() else None,
        frozenset(read_list(file.with_name(ERASED))),
    )


def _fitting(file: KeyFile, manifest: Manifest) -> bytes:
    key = file.read()
    if fingerprint(key) != manifest.key:
        raise Conflict(
            f"the backup is under the vault key {manifest.key} (its fingerprint), and {file.path} "
            f"is {fingerprint(key)}. Name the key of this record with --key"
        )
    return key


# --- restoring ----------------------------------------------------------------------------------


def restore(
    source: Source,
    keys: Keys | None,
    data: Path,
    point: Point,
    report: Report = lambda _: None,
) -> Restoration:
    """Restore a record into a data folder that is not there yet, or empty.

    Raises `Conflict` where the folder is in use, the point cannot be had or the key does not fit,
    and what `deploy.backups` raises where files are damaged.
    """
    if source.manifest.owner != OURS:
        raise Conflict(
            "this is a backup of a PostgreSQL of your own, which is restored there: its files are "
            f"in {source.place / 'data'} and the log of changes in {source.place / 'log'}, as "
            "PostgreSQL's guide to recovery needs them. Here it can be checked (--check)"
        )
    with source.read(), _beside(data) as draft, draft.hold("transfer restore"):
        require_whole(source, report)
        found = None
        if source.goes_on and point != Point():
            found = _look(source, draft, point, report)
        elif point != Point():
            found = _at_the_mark(source.manifest, point)
        target, goes_on = _target(source, found)
        log = source.log(archived=goes_on)
        with recovered(
            draft,
            source.place / "data",
            log,
            target,
            report,
            durable=True,
            percent=lambda done: report(f"copying the files: {done} %"),
        ) as server:
            report("bringing the schema up to date")
            with psycopg.connect(server.database_url, autocommit=True) as connection:
                if source.goes_on:
                    # First of all, so that the archive has all that the record goes on with.
                    keep_for_archive(connection)
                if found is not None:
                    _cut(connection, found)
                if not target and (why := unread(server.database_url, log)) is not None:
                    raise broken(why, *head_of(connection))
                _require_what_was_promised(connection, source.manifest)
            migrate(server.database_url)
            report("noting the restoration")
            with psycopg.connect(server.database_url, autocommit=True) as connection:
                # Without an archive nothing is known of what came after.
                after = found if source.goes_on else None
                restoration = note_restoration(
                    connection,
                    source.manifest.name,
                    lost_events=None if after is None else after.last_position - after.position,
                    lost_until=None if after is None else after.last_recorded_at,
                )
                if keys is not None:
                    lines = _lists(source, keys)
                    erase_again(connection, keys.vault, lines, found.erased if found else {})
        _keep_keys(draft, source, keys, found)
    return restoration


def require_whole(source: Source, report: Report) -> None:
    """Refuse a backup whose files are not those that were written, or that another version of
    PostgreSQL or of this program is needed for."""
    manifest = source.manifest
    require_programs(manifest.postgres, "the backup")
    if manifest.schema_version > newest():
        raise Conflict(
            f"the backup is of a newer version of this program ({manifest.version}): use that one"
        )
    try:
        _verify(source, report)
    except BackupDamaged as error:
        if source.earlier is None:
            raise
        raise BackupDamaged(f"{error}. An earlier backup may do: {source.earlier}") from error


def _verify(source: Source, report: Report) -> None:
    manifest = source.manifest
    listed = {each.name: each.sha256 for each in manifest.log}
    folder = source.place / "log"
    for name, sha256 in listed.items():
        if not (folder / name).is_file() or _digest(folder / name) != sha256:
            raise BackupDamaged(f"{folder / name} is missing, or is not what was written")
    listing = source.place / "data" / "backup_manifest"
    if not listing.is_file() or _digest(listing) != manifest.files:
        raise BackupDamaged(f"the backup_manifest of {source.place} is not what was written")
    verify_base(
        source.place,
        manifest.mark_at,
        report,
        lambda percent: report(f"checking the backup: {percent} %"),
    )


@contextlib.contextmanager
def _beside(data: Path) -> Iterator[DataFolder]:
    """A data folder that becomes the one at `data` when the block ends well; else it is removed."""
    data = absolute(data)
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Conflict(f"{data} is not empty: a record is restored into a new folder")
    data.parent.mkdir(parents=True, exist_ok=True)
    _remove_drafts(data)
    draft = data.with_name(f".{data.name}.{secrets.token_hex(4)}")
    try:
        yield DataFolder.open(draft)
        draft.rename(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _remove_drafts(data: Path) -> None:
    """Remove what restorations to the same folder have left that were killed."""
    of_ours = re.compile(rf"\.{re.escape(data.name)}\.[0-9a-f]{{8}}")
    for each in data.parent.iterdir():
        if of_ours.fullmatch(each.name):
            with contextlib.suppress(FolderInUse):
                DataFolder.refuse_if_held(each)
                shutil.rmtree(each, ignore_errors=True)


def _look(source: Source, folder: DataFolder, point: Point, report: Report) -> _Found:
    """Apply the whole log, and look up the last command up to a point."""
    log = source.log(archived=True)
    with (
        recovered(
            folder,
            source.place / "data",
            log,
            TO_THE_END,
            report,
            durable=False,
            percent=lambda done: report(f"looking for the point: {done} %"),
        ) as server,
        psycopg.connect(server.database_url, autocommit=True) as connection,
    ):
        found = _find(connection, point)
        why = unread(server.database_url, log)
    if why is not None and not found.leads_to(point):
        raise broken(why, found.last_position, found.last_recorded_at)
    shutil.rmtree(folder.path / "postgres")
    return found


def broken(why: str, position: int, recorded_at: datetime | None) -> ArchiveDamaged:
    """What is said of an archive that does not lead to where it should."""
    at = "" if recorded_at is None else f", recorded at {recorded_at.isoformat()}"
    return ArchiveDamaged(
        f"the log archive is damaged: {why}. It leads to position {position}{at}: put the file "
        "back from a copy, or restore to that position or an earlier one with --at-position"
    )


def _find(connection: psycopg.Connection[Any], point: Point) -> _Found:
    with connection.cursor(row_factory=tuple_row) as cursor:
        last, last_at = head_of(connection)
        erased = erasures_in(connection)
        if point.position is not None:
            if point.position > last:
                raise Conflict(f"the archive ends at position {last}: there is no {point.position}")
            row = cursor.execute(_BY_POSITION, (point.position,)).fetchone()
            if row is not None and row[1] != point.position:
                raise Conflict(
                    f"position {point.position} lies inside one command, which is restored whole "
                    f"or not at all: name {row[3] - 1} or {row[1]}"
                )
        else:
            row = cursor.execute(_BY_INSTANT, (point.until,)).fetchone()
    if row is None:
        return _Found(None, 0, None, last, last_at, erased)
    return _Found(row[0], row[1], row[2].astimezone(UTC), last, last_at, erased)


def _at_the_mark(manifest: Manifest, point: Point) -> _Found:
    """The point of a backup without an archive: its mark, if that is what is wanted."""
    told = manifest.digests
    if point.position not in (None, told.position) or (
        point.until is not None and point.until > manifest.taken_at
    ):
        raise Conflict(
            f"there is no log of changes beside the backup {manifest.name}, so it can be restored "
            f"to its own position {told.position} alone: set TRANSFER_ARCHIVE for the service"
        )
    return _Found(None, told.position, told.recorded_at, told.position, told.recorded_at, {})


def _target(source: Source, found: _Found | None) -> tuple[Mapping[str, str], bool]:
    """Where the server is to stop, and whether the archive is needed for it."""
    manifest = source.manifest
    if found is None:
        return (TO_THE_END, True) if source.goes_on else (at_mark(manifest.mark), False)
    if found.position <= manifest.digests.position or found.xid is None:
        return at_mark(manifest.mark), False
    return after_transaction(found.xid), True


def _cut(connection: psycopg.Connection[Any], found: _Found) -> None:
    """Remove what the last transaction wrote past the point: commands that shared it."""
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        reached, _ = head_of(connection)
        if reached < found.position:
            raise Conflict(
                f"the record could be brought to position {reached} and not to {found.position}"
            )
        if reached == found.position:
            return
        cursor.execute("DELETE FROM events WHERE notification_id > %s", (found.position,))
        cursor.execute("DELETE FROM commands WHERE first_notification_id > %s", (found.position,))
        cursor.execute(
            "UPDATE log_head SET last_position = %s, last_recorded_at = %s",
            (found.position, found.recorded_at),
        )


def _require_what_was_promised(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
    """Refuse a record that has less than the backup said."""
    reached, _ = head_of(connection)
    if reached < manifest.digests.position:
        raise BackupDamaged(
            f"the backup {manifest.name} has position {reached} and not {manifest.digests.position}"
        )


def _lists(source: Source, keys: Keys) -> set[str]:
    """Who is known to be erased, by the lists beside the keys and in the folder of backups."""
    archived = set[str]() if source.archive is None else read_list(source.archive.path / ERASED)
    return archived | keys.erased


def _keep_keys(folder: DataFolder, source: Source, keys: Keys | None, found: _Found | None) -> None:
    """Give the data folder its keys, and the list of all who are known to be erased."""
    if keys is None:
        return
    if not keys.elsewhere:
        folder.keep_secret("vault", keys.vault)
    if keys.identity is not None:
        folder.keep_secret("identity", keys.identity)
    file = folder.part("keys") / ERASED
    append_to_list(file, sorted(_lists(source, keys)))
    for number in () if found is None else found.erased:
        Erasures(keys.vault, (file,)).note(number)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def point_of(until: datetime | None, position: int | None) -> Point:
    """The point that somebody names. Raises `Malformed` where they name two."""
    if until is not None and position is not None:
        raise Malformed("name an instant or a position, not both", field="--until")
    return Point(until, position)
