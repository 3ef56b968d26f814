"""The data folder: everything that one running service keeps on disk, and who holds it now.

    DIR/                 0700
      lock               held (flock) by the process at work on the folder; says which and why
      service.json       how another process of the same user reaches the running service
      keys/              0700; secrets made once, 0600 (or elsewhere: deploy.key_files)
      logs/              what the engines say
      postgres/          the database            (deploy.postgres)
      temporal/          Temporal's database     (deploy.temporal_server)

The lock is the kernel's: it goes with the process that holds it, kill -9 included, so a file left
behind never locks anybody out, and `service.json` is believed only while the lock is really held.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from deploy.key_files import KeyFile
from deploy.processes import wait_until

_SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
# Long enough to outlast another process's look at the lock, short enough not to be noticed.
_LOCK_PATIENCE_SECONDS = 0.5
_NO_KEY_FILES: Mapping[str, KeyFile] = MappingProxyType({})


@dataclass(frozen=True)
class ServiceInfo:
    """How to reach the engines of a folder that somebody is running.

    Attributes:
        database_url: for psycopg, valid in any process of the same user.
        temporal_address: `host:port`, or None when it runs without Temporal.
        http_url: the address of the API, or None when it serves none.
        pid: the process that holds the folder.
    """

    database_url: str = field(repr=False)
    temporal_address: str | None
    http_url: str | None
    pid: int


class FolderInUse(Exception):  # noqa: N818 - reads as what happened, as the office would say it
    """Another process is at work on this data folder; the message names it and what to do.

    Attributes:
        pid: that process, or None if it has not said yet.
    """

    def __init__(self, path: Path, pid: int | None, purpose: str, since: str | None) -> None:
        self.pid = pid
        who = f"process {pid} ({purpose}{f', since {since}' if since else ''})" if pid else purpose
        stop = f"stop it (Ctrl-C where it runs, or `kill {pid}`)" if pid else "wait a moment"
        super().__init__(
            f"the data folder {path} is in use by {who}. Either {stop} and try again, or name "
            "another folder with --data."
        )


class FolderRefused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Others can write to the folder or read a key, or a key is damaged. Says how to mend it."""


class DataFolder:
    """One data folder. Make it with `open`.

    `key_files` are the secrets of it that are kept elsewhere, by name.
    """

    def __init__(self, path: Path, key_files: Mapping[str, KeyFile] = _NO_KEY_FILES) -> None:
        self.path = path
        self._held = False
        self._key_files = key_files

    @classmethod
    def open(cls, path: Path, key_files: Mapping[str, KeyFile] = _NO_KEY_FILES) -> DataFolder:
        """The folder at `path`, made with mode 0700 if it is not there yet.

        A folder that exists keeps its mode, and its parents keep theirs: what must be private is
        private by itself. A folder that every user may write to is refused: anybody could replace
        its keys, or the address of its database.

        Raises:
            OSError: it cannot be made, or is not a folder.
            FolderRefused: everybody may write to it.
        """
        path = absolute(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        mode = _mode(path)
        if mode & stat.S_IWOTH:
            raise FolderRefused(
                f"every user may write to the data folder {path} (mode {mode:04o}), so anybody "
                f"could replace its keys. To stop that: chmod o-w {path}"
            )
        return cls(path, key_files)

    @classmethod
    def refuse_if_held(cls, path: Path) -> None:
        """Raise `FolderInUse` where somebody holds that folder; nothing is made or changed."""
        folder = cls(absolute(path))
        if folder._is_locked():
            raise folder._in_use()

    @property
    def held(self) -> bool:
        """Whether this object holds the folder (see `hold`)."""
        return self._held

    def part(self, name: str, mode: int = 0o700) -> Path:
        """The folder DIR/NAME, made if missing, with exactly that mode (whatever the umask)."""
        path = self.path / name
        path.mkdir(mode=0o700, exist_ok=True)
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)
        return path

    def log(self, name: str) -> Path:
        """The path of DIR/logs/NAME.log."""
        return self.part("logs") / f"{name}.log"

    # -- who holds it

    @contextlib.contextmanager
    def hold(self, purpose: str) -> Iterator[None]:
        """Hold the folder alone until the block ends.

        Args:
            purpose: what for, in a few words, shown to whoever comes second: "transfer serve".

        Raises:
            FolderInUse: somebody else holds it.
        """
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            # A look at the lock by `running` may be in the way for a microsecond, hence the wait.
            if not wait_until(
                lambda: _try_flock(lock, fcntl.LOCK_EX), seconds=_LOCK_PATIENCE_SECONDS
            ):
                raise self._in_use()
            self._service_path.unlink(missing_ok=True)
            note = json.dumps({"pid": os.getpid(), "purpose": purpose}).encode()
            os.pwrite(lock, note, 0)
            os.ftruncate(lock, len(note))
            self._held = True
            try:
                yield
            finally:
                self._held = False
                self._service_path.unlink(missing_ok=True)
                os.ftruncate(lock, 0)
                # Said aloud, because a forked child that kept the descriptor would keep the lock.
                fcntl.flock(lock, fcntl.LOCK_UN)
        finally:
            os.close(lock)

    def publish(self, info: ServiceInfo) -> None:
        """Tell other processes of this user how to join; only while holding the folder."""
        if not self._held:
            raise RuntimeError("publish() needs the folder held")
        write_whole(self._service_path, json.dumps(asdict(info)).encode())

    def running(self) -> ServiceInfo | None:
        """The service to join, or None if nobody runs one on this folder now."""
        if not self._is_locked():
            return None
        try:
            said = json.loads(self._service_path.read_bytes())
            info = ServiceInfo(
                database_url=str(said["database_url"]),
                temporal_address=_text_or_none(said["temporal_address"]),
                http_url=_text_or_none(said["http_url"]),
                pid=int(said["pid"]),
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        # Left behind by a kill -9, while a one-shot command holds the folder now: not to join.
        return info if self._holder()[0] == info.pid else None

    def running_since(self) -> datetime | None:
        """When the service to join said that it is there, or None if there is none."""
        if self.running() is None:
            return None
        try:
            return datetime.fromtimestamp(self._service_path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    @property
    def _lock_path(self) -> Path:
        return self.path / "lock"

    @property
    def _service_path(self) -> Path:
        return self.path / "service.json"

    def _is_locked(self) -> bool:
        try:
            lock = os.open(self._lock_path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two who look do not mistake each other for a holder.
            return not _try_flock(lock, fcntl.LOCK_SH)
        finally:
            os.close(lock)

    def _holder(self) -> tuple[int | None, str, str | None]:
        """Pid, purpose and start of the holder, as it wrote them into the lock file."""
        try:
            note = json.loads(self._lock_path.read_bytes())
            # The kernel dated the note when it was written; we read no clock.
            written = datetime.fromtimestamp(self._lock_path.stat().st_mtime, UTC)
            return int(note["pid"]), str(note["purpose"]), f"{written:%Y-%m-%d %H:%M:%S} UTC"
        except (ValueError, KeyError, TypeError):
            return None, "a process that is just starting or stopping", None

    def _in_use(self) -> FolderInUse:
        return FolderInUse(self.path, *self._holder())

    # -- secrets

    def secret_path(self, name: str) -> Path:
        """Where a secret is, or would be: DIR/keys/NAME, or the file that a setting names for it.

        Raises:
            ValueError: a bad name.
        """
        if not _SECRET_NAME.fullmatch(name):
            raise ValueError(f"not a name for a secret: {name!r}")
        if (file := self._key_files.get(name)) is not None:
            return file.path
        return self.path / "keys" / name

    def secret_place(self, name: str) -> str:
        """Where a secret is looked for, as a message says it."""
        return str(self._key_files.get(name) or self.secret_path(name))

    def keeps(self, name: str) -> bool:
        """Whether a secret is one of the folder's own, and made by it where it is missing."""
        return name not in self._key_files

    def found_secret(self, name: str) -> bytes | None:
        """What DIR/keys/NAME holds, whatever its length; None where there is no such file.

        Raises:
            KeyFileRefused: it is kept in a file elsewhere, which cannot be used.
        """
        if (file := self._key_files.get(name)) is not None:
            return file.read()
        try:
            return self.secret_path(name).read_bytes()
        except FileNotFoundError:
            return None

    def secret(self, name: str, nbytes: int = 32) -> bytes:
        """The secret DIR/keys/NAME: random bytes, made at the first call, the same ever after.

        Several processes may ask at once: one file wins, whole, and all get its content.

        Args:
            name: small letters, digits, `-`, `_` and `.`.
            nbytes: its length in bytes.

        Raises:
            ValueError: a bad name.
            FolderRefused: others may read the secret on disk, or it has another length.
            KeyFileRefused: it is kept in a file elsewhere, which cannot be used.
        """
        if (file := self._key_files.get(name)) is not None:
            return file.read()
        path = self.secret_path(name)
        self.part("keys")
        if not path.exists():
            draft = path.with_name(f".{name}.{secrets.token_hex(8)}")
            _write_new(draft, secrets.token_bytes(nbytes))
            try:
                # A link, unlike a rename, never replaces a file that somebody else made first.
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(draft)
            finally:
                draft.unlink()
            sync_folder(path.parent)
        if (refusal := _open_to_others(path)) is not None:
            raise FolderRefused(refusal)
        value = path.read_bytes()
        if len(value) != nbytes:
            raise FolderRefused(
                f"the key {path} is damaged: it holds {len(value)} bytes where {nbytes} are "
                "needed. Put it back from a backup"
            )
        return value

    def keep_secret(self, name: str, value: bytes) -> None:
        """Put a secret that is known from elsewhere into a folder that has none of that name.

        Raises:
            ValueError: a bad name.
            FileExistsError: there is one already.
        """
        path = self.secret_path(name)
        self.part("keys")
        _write_new(path, value)
        sync_folder(path.parent)

    def open_keys(self) -> list[str]:
        """Which keys others may read, each with how to mend it; `[]` where all are private."""
        keys = sorted((self.path / "keys").glob("[!.]*"))
        return [refusal for key in keys if (refusal := _open_to_others(key)) is not None]


def absolute(path: Path) -> Path:
    """That path from the root on; symbolic links in it stay as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow its symlinks


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _open_to_others(key: Path) -> str | None:
    """Why a key is not private; `None` where it is."""
    mode = _mode(key)
    if not mode & 0o077:
        return None
    return (
        f"others may read the key {key} (mode {mode:04o}). If nobody else can have read it: "
        f"chmod 600 {key}"
    )


def _try_flock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _write_new(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)


def write_whole(path: Path, content: bytes) -> None:
    """Write so that a reader sees the old content or the new, never a part, nor after a crash."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(draft, content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make names just created or renamed in that folder survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
