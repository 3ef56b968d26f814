"""What a backup says of itself: enough to choose it, to refuse it, and to prove a restoration.

It holds no personal data: of answers it has digests, and people are chosen for them by a rule.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.backups.archive import MANIFEST
from deploy.backups.base import BackupDamaged
from deploy.backups.recovering import Owner
from deploy.data_folder import write_whole
from transfer.core.dating.instants import Instant


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectionDigest(_Told):
    """How far a projection had seen the log, and a digest of all its rows."""

    position: int
    digest: str


class Digests(_Told):
    """What the record was at one point of its log.

    `log`, `editions` and each projection's digest are of rows; `answers` is of what the positions
    and timelines of `asked` people were by both clocks, as known at `known_at` (null: before
    anything).
    """

    position: int
    recorded_at: Instant | None
    log: str
    editions: str
    people: int
    projections: dict[str, ProjectionDigest]
    known_at: Instant | None
    asked: int
    answers: str


class LogFile(_Told):
    """A file of the log of changes that belongs to a backup."""

    name: str
    sha256: str


class Manifest(_Told):
    """One backup.

    `mark` is the name of the place in the log of changes at which the record is as `digests` say,
    `mark_at` that place. `begins` and `needs` are the places between which the files are not
    consistent yet. `role` and `database` are how it was reached. `key` is the fingerprint of the
    vault key.
    """

    format: Literal[1] = 1
    name: str
    version: str
    schema_version: int
    postgres: int
    role: str
    database: str
    record: str
    system: str
    key: str | None
    timeline: int
    begins: str
    needs: str
    mark: str
    mark_at: str
    taken_at: Instant
    bytes: int
    files: str
    log: tuple[LogFile, ...]
    digests: Digests

    @property
    def owner(self) -> Owner:
        """Whose the copied database is."""
        return Owner(self.role, self.database)

    def write(self, place: Path) -> None:
        """Write it into a backup's folder, as the last thing."""
        write_whole(place / MANIFEST, self.model_dump_json(indent=2).encode())


def read_manifest(place: Path) -> Manifest:
    """The manifest of a backup's folder.

    Raises `BackupDamaged` where it is no backup, a half one, or of another version of the program.
    """
    try:
        return Manifest.model_validate_json((place / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise BackupDamaged(
            f"{place} is not a backup: it has no {MANIFEST}, which is written as the last thing"
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or MANIFEST
        raise BackupDamaged(f"{place / MANIFEST} cannot be read: {where}: {first['msg']}") from None
