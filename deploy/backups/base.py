"""A copy of the database's files while the server runs, and whether such a copy is whole.

    NAME/
      data/     what pg_basebackup wrote, its backup_manifest with the digest of each file included
      log/      the log of changes that makes the copy consistent, to the mark at its end and past

`pg_verifybackup` checks the same things as `verify_base`; that of the package which we take the
programs from does not run (it ends by a segmentation fault), so the server's own manifest is read
here, and the log of changes by `pg_waldump`, as that program does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from deploy.backups.segments import chain, lsn
from deploy.backups.tools import run
from deploy.processes import EngineError, Report

SLOT_PREFIX = "transfer_backup_"

_PIECE = 1 << 20
_NOT_LISTED = ("backup_manifest", "pg_wal/")


class BackupDamaged(EngineError):  # noqa: N818 - reads as what was found
    """A backup's files are not what was written; the message names one."""


@contextmanager
def kept_log(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Have the server keep its log of changes from here on until the block ends; the slot's name.

    What a backup that was killed has left behind is given up first. The caller sees to it that no
    other backup of the same server is under way.
    """
    connection.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
        " WHERE starts_with(slot_name, %s) AND NOT active",
        (SLOT_PREFIX,),
    )
    name = f"{SLOT_PREFIX}{secrets.token_hex(4)}"
    connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", (name,))
    try:
        yield name
    finally:
        connection.execute("SELECT pg_drop_replication_slot(%s)", (name,))


def copy_base(
    database_url: str, place: Path, report: Report, percent: Callable[[int], None]
) -> None:
    """Copy the files of a running server's database to PLACE/data.

    Raises:
        EngineError: pg_basebackup failed, with what it said.
    """
    run(
        "pg_basebackup",
        [
            *("--pgdata", place / "data"),
            *("--wal-method", "none"),
            *("--checkpoint", "fast"),
            *("--manifest-checksums", "SHA256"),
            "--progress",
        ],
        report,
        database_url=database_url,
        percent=percent,
    )


def copy_log(database_url: str, place: Path, slot: str, until: str, report: Report) -> None:
    """Copy the log of changes from the slot's beginning to a place in it, to PLACE/log.

    Raises:
        EngineError: pg_receivewal failed, with what it said.
    """
    folder = place / "log"
    folder.mkdir(mode=0o700)
    run(
        "pg_receivewal",
        ["--directory", folder, "--slot", slot, "--endpos", until, "--no-loop"],
        report,
        database_url=database_url,
    )


def mark_place(connection: psycopg.Connection[Any], name: str) -> str:
    """Write a mark into the log of changes at which a recovery can stop; its place."""
    row = connection.execute(
        sql.SQL("SELECT pg_create_restore_point({})::text").format(sql.Literal(name))
    ).fetchone()
    if row is None:
        raise LookupError("the server gave no place")
    (place,) = row.values() if isinstance(row, dict) else row
    return str(place)


def began(place: Path) -> tuple[int, str, str]:
    """The timeline of a copy, and between which places it needs the log of changes."""
    told = json.loads((place / "data" / "backup_manifest").read_bytes())
    first, last = told["WAL-Ranges"][0], told["WAL-Ranges"][-1]
    return int(last["Timeline"]), str(first["Start-LSN"]), str(last["End-LSN"])


def system_of(place: Path) -> str:
    """The identity that the database of a copy was given when it was made."""
    return str(json.loads((place / "data" / "backup_manifest").read_bytes())["System-Identifier"])


def verify_base(
    place: Path, until: str, report: Report, percent: Callable[[int], None] = lambda _: None
) -> int:
    """Compare a copy's files with what the server said of them; answers how many bytes.

    Every file has to be there with its size and SHA-256, and none besides; the log of changes has
    to be readable from the beginning of the copy to the place `until`.

    Raises:
        BackupDamaged: something is not so.
    """
    size = _verify_files(place / "data", percent)
    _verify_log(place, until, report)
    return size


def _verify_files(data: Path, percent: Callable[[int], None]) -> int:
    try:
        content = (data / "backup_manifest").read_bytes()
        told = json.loads(content)
        listed = {each["Path"]: each for each in told["Files"]}
        sealed = told["Manifest-Checksum"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{data} is not whole: its backup_manifest is {error}") from None
    # The server seals all that stands before the last line.
    before = content[: content.rindex(b'"Manifest-Checksum"')]
    if hashlib.sha256(before).hexdigest() != sealed:
        raise BackupDamaged(f"{data / 'backup_manifest'} is not what the server wrote")
    found = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    extra = sorted(
        name
        for name in found - listed.keys()
        if not any(name.startswith(each) for each in _NOT_LISTED)
    )
    if extra:
        raise BackupDamaged(f"{data / extra[0]} does not belong to the backup")
    total, done = sum(int(each["Size"]) for each in listed.values()), 0
    for name, each in listed.items():
        path = data / name
        if name not in found or path.stat().st_size != each["Size"]:
            raise BackupDamaged(f"{path} is missing or has not its size")
        if _digest(path) != each["Checksum"]:
            raise BackupDamaged(f"{path} is not what the server wrote")
        done += int(each["Size"])
        percent(100 * done // max(1, total))
    return total


def _verify_log(place: Path, until: str, report: Report) -> None:
    timeline, begin, _ = began(place)
    files = chain([place / "log"], timeline, lsn(begin), lsn(until)).files
    with tempfile.TemporaryDirectory() as folder:
        for name, path in files.items():
            Path(folder, name).symlink_to(path.absolute())
        try:
            run(
                "pg_waldump",
                [
                    "--quiet",
                    *("--path", folder),
                    *("--timeline", str(timeline)),
                    *("--start", begin),
                    *("--end", until),
                ],
                report,
            )
        except EngineError as error:
            raise BackupDamaged(f"the log of changes in {place / 'log'}: {error}") from None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
