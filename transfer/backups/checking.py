"""The drill: restore a backup where it harms nobody, and compare it with what it was.

The digests of the restored record are worked out in the same way as when the backup was taken, at
the same mark, and must be the same. Then the folder is removed. No key is needed: nothing that is
compared is under one.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from deploy.backups.recovering import TO_THE_END, at_mark, recovered, unread
from deploy.data_folder import DataFolder, FolderInUse
from projections.keeping_up.runner import Projection
from transfer.backups.digests import digests_of, view_of
from transfer.backups.manifest import Digests, Manifest
from transfer.backups.noting import head_of
from transfer.backups.restoring import Source, broken, require_whole
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.log.restorations import read_restorations
from transfer.procedures.facts import Fact

Report = Callable[[str], None]
_PREFIX = "transfer-check-"
# One that has begun has made its folder and does not hold it yet.
_LEFT_SECONDS = 3600.0
ProjectionsOf = Callable[[Log[Fact]], tuple[Projection, ...]]


@dataclass(slots=True)
class Checked:
    """What a drill found: `same` and `different` name what was compared, `left_out` what could not
    be. `seconds` is how long it took; `archived` how far the archive leads (position), if there is
    one; `restorations` what the record says of its own."""

    same: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0
    archived: int | None = None
    restorations: list[str] = field(default_factory=list)


def check_backup(
    source: Source,
    projections_of: ProjectionsOf,
    schema_version: int,
    *,
    within: Path | None = None,
    report: Report = lambda _: None,
) -> Checked:
    """Restore a backup in a folder of its own `within` another one, compare, and remove it.

    `schema_version` is the program's: of a backup of an older one, only the log is compared. Raises
    what `deploy.backups` raises where the backup is damaged.
    """
    begun, checked = time.monotonic(), Checked()
    with contextlib.ExitStack() as stack:
        stack.enter_context(source.read())
        require_whole(source, report)
        checked.same.append("files")
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX, dir=within))
        _remove_left(Path(place))
        folder = DataFolder.open(Path(place) / "data")
        with (
            folder.hold("transfer restore --check"),
            recovered(
                folder,
                source.place / "data",
                source.log(archived=False),
                at_mark(source.manifest.mark),
                report,
                durable=False,
                owner=source.manifest.owner,
            ) as server,
        ):
            report("comparing")
            _compare(server.database_url, source.manifest, projections_of, schema_version, checked)
        # There need not be room for two.
        shutil.rmtree(folder.path / "postgres")
        if source.goes_on:
            checked.archived = _follow(source, DataFolder.open(Path(place) / "end"), report)
    checked.seconds = time.monotonic() - begun
    return checked


def _remove_left(new: Path) -> None:
    """Remove what drills of ours that were killed have left beside a new one's folder."""
    begun = new.stat().st_mtime
    for place in new.parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, FolderInUse):
            found = place.lstat()
            is_old = begun - found.st_mtime > _LEFT_SECONDS
            if not is_old or found.st_uid != os.geteuid():
                continue
            for each in ("data", "end"):
                DataFolder.refuse_if_held(place / each)
            shutil.rmtree(place)


def _compare(
    database_url: str,
    manifest: Manifest,
    projections_of: ProjectionsOf,
    schema_version: int,
    checked: Checked,
) -> None:
    is_of_this_version = manifest.schema_version == schema_version
    with (
        contextlib.closing(open_log(database_url, known=KNOWN)) as log,
        view_of(database_url) as view,
    ):
        projections = projections_of(log) if is_of_this_version else ()
        found = digests_of(log, view, projections, with_answers=is_of_this_version)
        if is_of_this_version:
            checked.restorations += [each.in_words() for each in read_restorations(view)]
    told = _parts(manifest.digests)
    has = _parts(found)
    for name, digest in told.items():
        if not is_of_this_version and name not in _OF_THE_LOG:
            checked.left_out.append(name)
        elif has.get(name) == digest:
            checked.same.append(name)
        else:
            checked.different.append(name)


_OF_THE_LOG = ("position", "log", "editions", "people")


def _parts(digests: Digests) -> dict[str, object]:
    return {
        "position": (digests.position, digests.recorded_at),
        "log": digests.log,
        "editions": digests.editions,
        "people": digests.people,
        **{f"projection {name}": each for name, each in digests.projections.items()},
        "answers": (digests.asked, digests.answers, digests.known_at),
    }


def _follow(source: Source, folder: DataFolder, report: Report) -> int:
    """Apply the archive to its end; the last position there."""
    log = source.log(archived=True)
    with (
        folder.hold("transfer restore --check"),
        recovered(
            folder,
            source.place / "data",
            log,
            TO_THE_END,
            report,
            durable=False,
            owner=source.manifest.owner,
        ) as server,
        psycopg.connect(server.database_url) as connection,
    ):
        position, recorded_at = head_of(connection)
        if (why := unread(server.database_url, log)) is not None:
            raise broken(why, position, recorded_at)
    return position
