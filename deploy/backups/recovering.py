"""A database made again from a copy of its files and the log of changes, up to a chosen place.

The files are copied into a data folder that nobody uses yet, with the log of changes among them,
and the server applies that log when it starts there. Where it was told to stop at a place that the
log does not lead to, it refuses to start: half a restoration is none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.backups.segments import (
    SEGMENT_BYTES,
    Chain,
    begins_with_records,
    lsn,
    segment_of,
    where_it_is,
)
from deploy.data_folder import DataFolder
from deploy.postgres import (
    DATABASE,
    ROLE,
    Recovery,
    RunningPostgres,
    account_of,
    start_postgres,
)
from deploy.processes import Account, EngineError, Report


@dataclass(frozen=True)
class Owner:
    """Whose a copied database is.

    Attributes:
        role: who owns what is in it.
        database: its name.
    """

    role: str
    database: str


OURS = Owner(ROLE, DATABASE)
"""That of an embedded server's."""


def at_mark(name: str) -> Mapping[str, str]:
    """Stop at a mark that was written into the log of changes (`base.mark_place`)."""
    return {"recovery_target_name": name}


def after_transaction(xid: int) -> Mapping[str, str]:
    """Apply everything up to that transaction, and that one too; then stop."""
    return {"recovery_target_xid": str(xid), "recovery_target_inclusive": "on"}


TO_THE_END: Mapping[str, str] = {}
"""Apply all that there is."""


@contextlib.contextmanager
def recovered(
    folder: DataFolder,
    data: Path,
    log: Chain,
    target: Mapping[str, str],
    report: Report,
    *,
    durable: bool,
    owner: Owner = OURS,
    percent: Callable[[int], None] = lambda _: None,
) -> Iterator[RunningPostgres]:
    """The server of a folder, with the database of a copy as it was at a place of its log.

    Told to stop nowhere, it has what can be read of the log: `unread` says why that is not all.

    Args:
        folder: held by us, and without a database; it has one afterwards.
        data: the copied files.
        log: the log of changes from the copy's beginning on.
        target: where to stop.
        report: told about each step that may take a while.
        durable: False for a database that is thrown away.
        owner: whose the copied database is.
        percent: told how much is copied.

    Raises:
        EngineError: the place is not in the log, or the server does not start.
    """
    place = folder.part("postgres", 0o711)
    report("copying the files")
    _copy(data, place / "data", log, account_of(place / "data"), percent)
    if owner != OURS:
        _forget_settings(place / "data", account_of(place / "data"))
    report("applying the log of changes")
    settings = {
        # The files are in their place already: nothing has to be fetched.
        "restore_command": "false",
        "recovery_target_timeline": str(log.timeline),
        "recovery_target_action": "promote",
        "hot_standby": "off",
        **target,
    }
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(
                start_postgres(
                    folder,
                    durable=durable,
                    report=report,
                    recovery=Recovery(settings, owner.role, owner.database),
                )
            )
        except EngineError as error:
            raise EngineError(f"the database cannot be brought to that point: {error}") from error
        yield server


def _copy(
    data: Path, to: Path, log: Chain, account: Account | None, percent: Callable[[int], None]
) -> None:
    """Copy a database's files and its log, owned by the server's user."""
    paths = sorted(data.rglob("*"))
    total = sum(path.stat().st_size for path in paths if path.is_file())
    total += sum(where_it_is(path).stat().st_size for path in log.files.values())
    done = 0
    _own(_made(to), account)
    # First, because the log may be written, and an archive tidied up, meanwhile.
    _own(_made(to / "pg_wal"), account)
    for name, path in {**log.files, **log.histories}.items():
        done += _copied(where_it_is(path), to / "pg_wal" / name, account)
        percent(min(100, 100 * done // max(1, total)))
    if log.ends_at is not None and log.files:
        # Changes after this point were given up. A server that brings itself up reads on until it
        # finds no more changes, so zeros take their place.
        with (to / "pg_wal" / max(log.files)).open("r+b") as last:
            last.seek(log.ends_at % SEGMENT_BYTES)
            last.write(bytes(SEGMENT_BYTES - last.tell()))
    for path in paths:
        target = to / path.relative_to(data)
        if path.is_dir():
            if not target.exists():
                _own(_made(target), account)
        else:
            done += _copied(path, target, account)
            percent(min(100, 100 * done // max(1, total)))
    signal = to / "recovery.signal"
    signal.touch(mode=0o600)
    _own(signal, account)


def _forget_settings(data: Path, account: Account | None) -> None:
    """Another server's settings name its own folders, libraries and certificates: not needed here,
    and in the way. Debian's are not even in the copy."""
    for name in ("postgresql.conf", "postgresql.auto.conf"):
        (data / name).write_text("")
        shutil.copymode(data / "PG_VERSION", data / name)
        _own(data / name, account)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def _copied(path: Path, to: Path, account: Account | None) -> int:
    shutil.copyfile(path, to)
    to.chmod(0o600)
    _own(to, account)
    return path.stat().st_size


def _own(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)


def unread(database_url: str, log: Chain) -> str | None:
    """Why a log was not read to its end, which the server takes it for; None where it was."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute("SELECT pg_last_wal_replay_lsn()::text").fetchone()
    reached = segment_of(lsn(row[0])) if row is not None and row[0] else 0
    by_number = {name[8:]: path for name, path in sorted(log.files.items())}
    left = [
        path
        for name, path in sorted(by_number.items())
        if _place(name) > reached and begins_with_records(path)
    ]
    if left:
        reached_at = row[0] if row is not None else "nowhere"
        return f"it can be read to {reached_at}, and {left[0].name} after it cannot be reached"
    return log.breaks_off


def _place(name: str) -> int:
    return int(name[:8], 16) * 256 + int(name[8:], 16)
