"""The embedded PostgreSQL: one server under DIR/postgres, reached by a unix socket only.

    DIR/postgres/        0711, ours
      conf/              0755, ours: who may connect (written at every start)
      data/              0700, the database user's: the cluster
      data.new-*         0700, a cluster being made; renamed to `data` when whole
      socket/            0700, the database user's: the socket, reachable by that user and root

**Started as root** the server runs under an unprivileged user: the owner of `data` if there is one,
else `postgres`, else `nobody`. That user must get at DIR/postgres although the folders above it may
be closed to him, and stay so. So the server is handed an open descriptor of DIR/postgres and told
that its files are in /proc/self/fd/N/…: the kernel follows such a link straight to the folder
without walking its parents, and every backend inherits the descriptor. It also makes the server's
own socket path short, wherever DIR is. Root writes only in folders that are root's.

**Who may connect**: the operating system user who started it, and nobody else, as any role. The
kernel names the user at the other end of the socket (`peer`), so there is no password to keep, and
none in `database_url`.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import pwd
import secrets
import shutil
import signal
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.data_folder import DataFolder, sync_folder, write_whole
from deploy.postgres_binaries import find_binaries, major_version
from deploy.processes import (
    Account,
    Child,
    EngineError,
    Leftovers,
    Report,
    shorten_log,
    spawn,
    wait_until,
)

ROLE = "transfer"
DATABASE = "transfer"

_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 107  # bytes in the kernel's sockaddr_un, less the closing NUL
_INITDB_SECONDS = 300.0
_RECOVERY_SECONDS = 1800.0  # a crash under heavy load can leave much to replay
_STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
# After a kill -9 of us the old server is on its way out by itself: it got SIGINT. After one of the
# server, a backend in a long statement would notice only at its end.
_SERVER_SEE_OFF_STEPS = ((None, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_ORPHANS_SEE_OFF_STEPS = ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))
_RETRIES = 5
_STILL_THERE = ("postmaster.pid", "is still in use", "Is another postmaster")

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # A refused statement and its row may name a person; the log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # An archive that cannot be written must not fill the disk of the record (deploy.backups).
    "max_slot_wal_keep_size": "16GB",
}
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True)
class Recovery:
    """A start that brings a copy of a database to a point (`deploy.backups.recovering`).

    Attributes:
        settings: where the server is to stop, and how it gets there.
        role: who the copy is connected to as: it may be of another server's database.
        database: that database's name.
    """

    settings: Mapping[str, str]
    role: str = ROLE
    database: str = DATABASE


@contextlib.contextmanager
def start_postgres(
    folder: DataFolder,
    *,
    durable: bool,
    report: Report,
    recovery: Recovery | None = None,
) -> Iterator[RunningPostgres]:
    """Run the folder's server until the block ends.

    Args:
        folder: held by us.
        durable: False gives up every guarantee against a crash of the machine, for tests.
        report: told about each step that may take a while.
        recovery: where a copy that lies in the folder is to be brought first.

    Raises:
        EngineError: it does not start; the message holds the end of its log.
    """
    place = folder.part("postgres", 0o711)
    log = folder.log("postgres")
    shorten_log(log)
    with contextlib.ExitStack() as stack:
        account = account_of(place / "data")
        binaries = find_binaries(account, report)
        base = stack.enter_context(_descriptor(place))
        _remove_drafts(place)
        if (place / "data").exists():
            _see_off_predecessor(place / "data", report)
        else:
            report("preparing a new database")
            _make_cluster(place, binaries, account, base, log, durable=durable)
        _check_version(place / "data", binaries)
        _write_access_rules(place)
        _make_socket_folder(place, account)
        report("starting PostgreSQL")
        host = stack.enter_context(_client_host(folder, place / "socket"))
        settings = _SETTINGS | ({} if durable else _NOT_DURABLE)
        url, first = _url(host, DATABASE), _url(host, "postgres")
        if recovery is not None:
            settings |= recovery.settings
            first = url = _url(host, recovery.database, recovery.role)
        # A copy may have days of changes to apply, and says at once where it cannot.
        patience = _RECOVERY_SECONDS if recovery is None else math.inf
        child = _start(place, binaries, account, base, log, first, settings, report, patience)
        stack.callback(child.stop, _STOP_STEPS)
        if recovery is None:
            _create_database(first)
        yield RunningPostgres(url, child)


class RunningPostgres:
    """A running server: where it is reached, and its process.

    Attributes:
        database_url: of the database `transfer`, as the role that owns everything in it.
        child: the postmaster.
    """

    def __init__(self, database_url: str, child: Child) -> None:
        self.database_url = database_url
        self.child = child


# -- the user and the paths


def account_of(data: Path) -> Account | None:
    """Whom the server runs as: None for ourselves, unless we are root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise EngineError(
        "PostgreSQL refuses to run as root and this machine has neither a user `postgres` nor "
        "`nobody`. Create one, start as another user, or use a server of your own (DATABASE_URL)."
    )


class _Base:
    """How the server's own processes name DIR/postgres (see the module's docstring)."""

    def __init__(self, path: str, pass_fds: tuple[int, ...]) -> None:
        self.path = path
        self.pass_fds = pass_fds


@contextlib.contextmanager
def _descriptor(place: Path) -> Iterator[_Base]:
    if sys.platform != "linux":
        yield _Base(str(place), ())
        return
    fd = os.open(place, os.O_PATH | os.O_DIRECTORY)
    try:
        yield _Base(f"/proc/self/fd/{fd}", (fd,))
    finally:
        os.close(fd)


@contextlib.contextmanager
def _client_host(folder: DataFolder, socket_folder: Path) -> Iterator[str]:
    """The folder that clients name to reach the socket, good in any process of the same user.

    The socket's folder itself, unless its path is too long for the kernel or holds a comma, which
    libpq takes for a list of hosts: then a symbolic link in a private folder of /tmp.
    """
    path = str(socket_folder)
    if len(os.fsencode(f"{path}/{_SOCKET_NAME}")) <= _SOCKET_PATH_LIMIT and "," not in path:
        yield path
        return
    # Always the same name for the same folder, so that a kill -9 leaves one behind, not many.
    digest = hashlib.sha256(os.fsencode(folder.path)).hexdigest()[:16]
    private = Path(f"/tmp/transfer-{os.geteuid()}-{digest}")  # noqa: S108 - checked below
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise EngineError(
            f"the path of {folder.path} is too long for a socket, and {private}, which would stand "
            "in for it, belongs to somebody else. Remove it, or use a folder with a shorter path."
        )
    link = private / "s"
    link.unlink(missing_ok=True)
    link.symlink_to(socket_folder)
    try:
        yield str(link)
    finally:
        link.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            private.rmdir()


def _url(host: str, database: str, role: str = ROLE) -> str:
    who, what = quote(role, safe=""), quote(database, safe="")
    return f"postgresql://{who}@/{what}?host={quote(host, safe='')}&port=5432"


# -- the cluster


def _remove_drafts(place: Path) -> None:
    """Clusters that a kill -9 left half made.

    Whoever was making one may still be dying, and tidying up after itself: a file that goes
    missing under our hands, or a folder that fills once more, is only looked at again.
    """

    def gone() -> bool:
        for draft in place.glob("data.new-*"):
            shutil.rmtree(draft, ignore_errors=True)
        return not any(place.glob("data.new-*"))

    if not wait_until(gone, seconds=_RECOVERY_SECONDS):
        left = ", ".join(str(draft) for draft in place.glob("data.new-*"))
        raise EngineError(f"half-made databases cannot be removed: {left}. Remove them by hand.")


def _make_cluster(
    place: Path, binaries: Path, account: Account | None, base: _Base, log: Path, *, durable: bool
) -> None:
    """Make the cluster beside, and give it its name when it is whole: never a half one."""
    draft = place / f"data.new-{secrets.token_hex(4)}"
    _make_folder(draft, account)
    child = spawn(
        "initdb",
        [
            binaries / "initdb",
            f"--pgdata={base.path}/{draft.name}",
            f"--username={ROLE}",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        log=log,
        death_signal=signal.SIGKILL,
        account=account,
        pass_fds=base.pass_fds,
    )
    try:
        ended = child.wait(_INITDB_SECONDS)
    finally:
        child.stop(())
    if not ended or child.exit_status() != 0:
        raise EngineError(f"the database could not be prepared in {place}.{child.last_words()}")
    draft.rename(place / "data")
    if durable:
        sync_folder(place)


def _check_version(data: Path, binaries: Path) -> None:
    written_by = int((data / "PG_VERSION").read_text())
    ours = major_version(binaries)
    if written_by != ours:
        raise EngineError(
            f"{data} was written by PostgreSQL {written_by}; the programs in {binaries} are "
            f"version {ours}. Name those of version {written_by} in TRANSFER_PG_BIN, or move the "
            "data over with pg_dump."
        )


def _write_access_rules(place: Path) -> None:
    conf = place / "conf"
    conf.mkdir(exist_ok=True)
    conf.chmod(0o755)
    us = pwd.getpwuid(os.geteuid()).pw_name
    for name, rules in (
        (
            "pg_hba.conf",
            # The second line is for backups: the first does not mean the replication protocol.
            "local all all peer map=starter\nlocal replication all peer map=starter\n",
        ),
        ("pg_ident.conf", f'starter "{us}" all\n'),
    ):
        path = conf / name
        write_whole(path, rules.encode())
        path.chmod(0o644)


def _make_folder(path: Path, account: Account | None) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _make_socket_folder(place: Path, account: Account | None) -> None:
    """An empty one: nothing in it can be of use now, and its lock file may name a reused pid."""
    _make_folder(place / "socket", account)
    for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
        (place / "socket" / name).unlink(missing_ok=True)


# -- the server


def _start(
    place: Path,
    binaries: Path,
    account: Account | None,
    base: _Base,
    log: Path,
    database_url: str,
    settings: dict[str, str],
    report: Report,
    patience: float,
) -> Child:
    """Start the postmaster and wait until it answers.

    Tried again while something of the life before still holds the cluster, which `see_off` cannot
    see in every case (a memory segment not yet given back).
    """
    settings["cluster_name"] = _mark(place / "data")
    settings["unix_socket_directories"] = f"{base.path}/socket"
    settings["hba_file"] = f"{base.path}/conf/pg_hba.conf"
    settings["ident_file"] = f"{base.path}/conf/pg_ident.conf"
    argv: list[str | Path] = [binaries / "postgres", "-D", f"{base.path}/data"]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    for attempt in range(1, _RETRIES + 1):
        _remove_stale_pid_file(place / "data")
        child = spawn(
            "PostgreSQL",
            argv,
            log=log,
            death_signal=signal.SIGINT,  # a fast shutdown: the next start has nothing to repair
            cwd=place / "data",
            account=account,
            pass_fds=base.pass_fds,
        )
        try:
            if _wait_ready(child, database_url, report, patience):
                return child
        except BaseException:
            child.stop(_STOP_STEPS)
            raise
        if attempt == _RETRIES or not any(sign in child.output() for sign in _STILL_THERE):
            break
        report("the database is still held by an earlier process; trying again")
        _see_off_predecessor(place / "data", report)
    raise EngineError(f"PostgreSQL did not start.{child.last_words()}")


def _mark(data: Path) -> str:
    """The server's `cluster_name`, which all its processes show in their titles."""
    place = data.stat()
    return f"transfer-{place.st_dev:x}-{place.st_ino:x}"


def _leftovers(data: Path) -> Leftovers:
    return Leftovers("postgres", _mark(data), data.stat().st_uid)


def _see_off_predecessor(data: Path, report: Report) -> None:
    """Wait for what is left of the server of the life before."""
    left = _leftovers(data)
    alive = _pid_on_file(data) in left.pids()
    left.see_off(_SERVER_SEE_OFF_STEPS if alive else _ORPHANS_SEE_OFF_STEPS, report)


def _pid_on_file(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _remove_stale_pid_file(data: Path) -> None:
    """Take away the old server's pid file if its number now belongs to a stranger.

    PostgreSQL believes any living process of its user with that number to be its predecessor, which
    in a container, where small numbers come back at once, would lock us out for good. We hold the
    folder's lock and have looked for the real one, so we know better.
    """
    pid = _pid_on_file(data)
    if pid is not None and Path(f"/proc/{pid}").exists() and not _leftovers(data).pids():
        (data / "postmaster.pid").unlink()


def _wait_ready(child: Child, database_url: str, report: Report, patience: float) -> bool:
    """True once it answers a query; False if it ended before."""
    waited = 0

    def ready() -> bool:
        nonlocal waited
        waited += 1
        if waited % 250 == 0:
            report("PostgreSQL is applying its log of changes; still waiting")
        if child.exit_status() is not None:
            return True
        try:
            psycopg.connect(database_url, connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    if not wait_until(ready, seconds=patience):
        child.stop(_STOP_STEPS)
        raise EngineError(f"PostgreSQL did not become ready.{child.last_words()}")
    return child.exit_status() is None


def _create_database(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")
