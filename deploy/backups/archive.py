"""A folder of backups, and the log of changes that is received into it while the service runs.

    ARCHIVE/             0700
      archive.json       whose record this is; another record's backups are refused
      lock               held while a backup is made
      base/NAME/         backups (deploy.backups.base), each with its manifest.json
      log/TIMELINE…/     the log of changes, file by file
      erased             who was erased (transfer.erasures)

The log is received by `pg_receivewal`, which asks the server to keep what has not arrived (a
replication slot) and follows it to the last commit. It writes NAME.partial and renames it when it
is full and on the disk, and never writes a file that is there. Each time the server has nothing
kept for it, at first, after archiving was switched off or when the disk was full for too long, it
begins in a folder beside the one before.

A database that was restored goes on in a timeline that the archive has not seen. Before it records
anything here, where that timeline left the one before is written down (TIMELINE.history): what the
archive has from there on is given up, also if nothing more ever arrives.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus
from psycopg.rows import tuple_row

from deploy.backups.segments import histories_in, timelines_of
from deploy.backups.tools import connecting, program
from deploy.data_folder import absolute, write_whole
from deploy.processes import Child, EngineError, Report, spawn

SLOT = "transfer_archive"
RESTORED_SLOT = "transfer_restored"
"""What a database that was restored keeps, from its beginning on, until an archive has it."""

MANIFEST = "manifest.json"

_STOP_STEPS = ((signal.SIGINT, 5.0),)
_PAUSE_SECONDS = 5.0
_CONNECT_SECONDS = 2  # the service asks twice a second, and must not wait long
_LOST = ("lost", "unreserved")
_SLOTS = """
SELECT slot_name::text, coalesce(wal_status, '') FROM pg_replication_slots
WHERE slot_name = ANY(%s)
"""
# What may lie in a folder that nobody has taken: a disk has the first, a broken start the others.
_NOT_COUNTED = ("lost+found", "erased", "lock")


History = tuple[str, bytes]
"""The name of a history (`deploy.backups.segments`) and what it says."""


class ArchiveRefused(EngineError):  # noqa: N818 - a refusal is an answer, not an error
    """The folder holds the backups of another record, or is none of this program's."""


@dataclass(frozen=True)
class Archive:
    """One folder of backups; `open` makes it."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Archive:
        """The folder at a path, made with mode 0700 if it is missing. Raises `OSError`."""
        path = absolute(path)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(path)

    def claim(self, record: str, system: str) -> None:
        """Take the folder for one record's database; again is no error.

        Raises:
            ArchiveRefused: it is another one's.
        """
        told = self.path / "archive.json"
        ours = {"record": record, "system": system}
        with contextlib.suppress(FileNotFoundError):
            if json.loads(told.read_bytes()) != ours:
                raise ArchiveRefused(
                    f"{self.path} holds the backups of another record. Name a folder for this one."
                )
            return
        if any(
            each.name not in _NOT_COUNTED and not each.name.startswith(f".{told.name}.")
            for each in self.path.iterdir()
        ):
            raise ArchiveRefused(f"{self.path} is not empty, and is no folder of backups.")
        write_whole(told, json.dumps(ours).encode())

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from making a backup here until the block ends.

        Raises:
            ArchiveRefused: somebody is making one.
        """
        with os.fdopen(os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArchiveRefused(f"another backup to {self.path} is under way") from None
            yield

    @contextlib.contextmanager
    def read(self) -> Iterator[None]:
        """Keep what is there from being removed until the block ends, where the disk has locks."""
        with (self.path / "archive.json").open("rb") as lock:
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextlib.contextmanager
    def removing(self) -> Iterator[bool]:
        """Keep others from reading until the block ends; answers False where somebody reads."""
        with (self.path / "archive.json").open("r+b") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @property
    def base(self) -> Path:
        """Where the backups are."""
        return self.path / "base"

    def backups(self) -> list[Path]:
        """The backups that are whole, oldest first."""
        if not self.base.is_dir():
            return []
        found = (each for each in self.base.iterdir() if not each.name.startswith("."))
        return sorted(each for each in found if (each / MANIFEST).is_file())

    def risk(self, database: Path) -> str | None:
        """What is wrong with a folder that lies on the disk of the embedded database in that
        folder; `None` where it is on another one, and while there is no such database."""
        with contextlib.suppress(FileNotFoundError):
            if self.path.stat().st_dev == database.stat().st_dev:
                return (
                    "the backups are on the same disk as the database: what destroys one destroys "
                    "both. Put them on another machine's disk"
                )
        return None

    def logs(self) -> list[Path]:
        """The folders of the log of changes."""
        folder = self.path / "log"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def histories(self) -> dict[int, Path]:
        """Where each timeline of the record left the one before, by its number.

        Raises:
            ArchiveDamaged: two that differ have one number.
        """
        return histories_in([*self.logs(), *(each / "log" for each in self.backups())])

    def require_same(self, histories: Iterable[History]) -> None:
        """Refuse a database whose timelines left others elsewhere than those of that name here.

        Raises:
            ArchiveRefused: another restored copy of the record went on here before.
        """
        for name, content in histories:
            for folder in (*self.logs(), *(each / "log" for each in self.backups())):
                if (folder / name).is_file() and (folder / name).read_bytes() != content:
                    raise ArchiveRefused(
                        f"another restored copy of this record goes on with {self.path}, and its "
                        "entries are not in this one. Name another folder for this one."
                    )

    def keep_histories(self, folder: Path, histories: Iterable[History]) -> None:
        """Write down, in a folder of the log of changes, where timelines left those before."""
        for name, content in histories:
            if not (folder / name).exists():
                write_whole(folder / name, content)

    def remove_halves(self) -> None:
        """Remove what was left of backups that were broken off; call it while it is `held`."""
        for draft in self.base.glob(".*") if self.base.is_dir() else ():
            shutil.rmtree(draft)

    def forget_log_before(self, name: str) -> None:
        """Remove the files of the log of changes that only a backup before that file needs."""
        for folder in self.logs():
            for each in folder.iterdir():
                if len(each.name) == len(name) and each.name[8:] < name[8:]:
                    each.unlink()

    def begin_log(self, timeline: int) -> Path:
        """A new folder for the log of changes of a timeline."""
        name = f"{timeline:08X}"
        folder = self.path / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        taken = sum(1 for each in folder.iterdir() if each.name.startswith(name))
        begun = folder / (f"{name}-{taken + 1}" if taken else name)
        begun.mkdir(mode=0o700)
        return begun

    def log_of(self, timeline: int) -> Path | None:
        """The folder begun last for the log of changes of a timeline; None where there is none."""
        begun = [each for each in self.logs() if each.name.startswith(f"{timeline:08X}")]
        return max(begun, key=lambda each: (len(each.name), each.name)) if begun else None


class Receiver:
    """A process that writes the log of changes of one server into an `archive`.

    Start it from the main thread, and ask it now and then to `keep_up`; stop the server before it,
    so that the last changes arrive.
    """

    def __init__(self, archive: Archive, log: Path, report: Report) -> None:
        self.archive = archive
        self._log = log
        self._report = report
        self._database_url = ""
        self._child: Child | None = None
        self._not_before = 0.0

    def start(self, database_url: str, record: str) -> None:
        """Begin to receive the log of changes of a record's server.

        Raises:
            ArchiveRefused: the folder is another record's, or another copy of this one went on
                with it.
            EngineError: pg_receivewal cannot be started.
        """
        self.join(database_url, record)
        self._spawn()

    def join(self, database_url: str, record: str) -> None:
        """Take the folder for a record that goes on with it: its histories are there from now on,
        and its server keeps what has not arrived.

        Raises:
            ArchiveRefused: as `start`.
        """
        self._database_url = database_url
        with psycopg.connect(database_url, autocommit=True) as connection:
            self.archive.claim(record, system_identity(connection))
            self._folder(connection)

    def keep_up(self) -> None:
        """Start it again where it has ended, every few seconds. Call it from the main thread."""
        if self._child is None or self._child.exit_status() is None:
            return
        if time.monotonic() >= self._not_before:
            # What is refused after a change of the server's timeline shows in `archiving`.
            with contextlib.suppress(psycopg.Error, OSError, ArchiveRefused):
                self._spawn()

    def stop(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.stop(_STOP_STEPS)

    def _spawn(self) -> None:
        self._not_before = time.monotonic() + _PAUSE_SECONDS
        with psycopg.connect(
            self._database_url, autocommit=True, connect_timeout=_CONNECT_SECONDS
        ) as connection:
            folder = self._folder(connection)
        reach, secret = connecting(self._database_url)
        self._child = spawn(
            "pg_receivewal",
            [
                program("pg_receivewal", self._report),
                *reach,
                *("--directory", folder),
                *("--slot", SLOT),
                "--synchronous",
            ],
            log=self._log,
            death_signal=signal.SIGINT,
            extra_env=secret,
        )

    def _folder(self, connection: psycopg.Connection) -> Path:
        """Where to go on, the server keeping what has not arrived; else where to begin."""
        timeline = _timeline(connection)
        histories = tuple(_histories(self._database_url, timeline))
        self.archive.require_same(histories)
        kept: dict[str, str] = dict(connection.execute(_SLOTS, ([SLOT, RESTORED_SLOT],)).fetchall())
        folder = self.archive.log_of(timeline)
        if kept.get(SLOT, "lost") in _LOST or folder is None:
            folder = self.archive.begin_log(timeline)
            _begin_slot(connection, kept)
        self.archive.keep_histories(folder, histories)
        return folder


@dataclass(frozen=True, slots=True)
class Archiving:
    """How the archive of a server's log of changes stands.

    Attributes:
        is_receiving: something receives it.
        bytes_behind: how much of it has not arrived yet.
        is_lost: the server does not keep any more what would be needed.
    """

    is_receiving: bool
    bytes_behind: int
    is_lost: bool


def archiving(connection: psycopg.Connection[Any]) -> Archiving | None:
    """How the archive of a server stands; None where it has none."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT s.active, coalesce(s.wal_status, ''),"
            " pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(r.flush_lsn, s.restart_lsn))::bigint"
            " FROM pg_replication_slots AS s"
            " LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid WHERE s.slot_name = %s",
            (SLOT,),
        ).fetchone()
    return None if row is None else Archiving(row[0], row[2] or 0, row[1] in _LOST)


def keep_for_archive(connection: psycopg.Connection[Any]) -> None:
    """Have a restored server keep its log of changes from here on, for the archive that the record
    may go on with."""
    connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", (RESTORED_SLOT,))


def _begin_slot(connection: psycopg.Connection, kept: Mapping[str, str]) -> None:
    if SLOT in kept:
        connection.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))
    if kept.get(RESTORED_SLOT, "lost") in _LOST:
        connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", (SLOT,))
    else:
        connection.execute(
            "SELECT pg_copy_physical_replication_slot(%s, %s)", (RESTORED_SLOT, SLOT)
        )
    if RESTORED_SLOT in kept:
        connection.execute("SELECT pg_drop_replication_slot(%s)", (RESTORED_SLOT,))


def give_up_archiving(database_url: str) -> None:
    """Have a server keep nothing any more for an archive that is not asked for."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE slot_name = ANY(%s) AND NOT active",
            ([SLOT, RESTORED_SLOT],),
        )


def system_identity(connection: psycopg.Connection[Any]) -> str:
    """The number that a database was given when it was made; its copies have the same one."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
    return "" if row is None else str(row[0])


def _timeline(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
    ).fetchone()
    return 0 if row is None else int(row[0])


def _histories(database_url: str, timeline: int) -> Iterator[History]:
    """The histories that a server has of its timeline, and of those which that one went through."""
    if timeline == 1:  # nothing was before
        return
    with psycopg.connect(
        make_conninfo(database_url, replication="true"),
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
    ) as connection:
        history = _history(connection, timeline)
        if history is None:
            raise EngineError(f"the server does not know where its timeline {timeline} began")
        yield history
        for earlier in timelines_of(history[1].decode("utf-8")):
            # One that an older program restored from may not be at hand any more.
            if earlier > 1 and (found := _history(connection, earlier)) is not None:
                yield found


def _history(connection: psycopg.Connection[Any], timeline: int) -> History | None:
    # A command of the replication protocol, which takes no parameters.
    result = connection.pgconn.exec_(f"TIMELINE_HISTORY {timeline:d}".encode())
    name, content = result.get_value(0, 0), result.get_value(0, 1)
    if result.status != ExecStatus.TUPLES_OK or name is None or content is None:
        return None
    return name.decode("ascii"), content
