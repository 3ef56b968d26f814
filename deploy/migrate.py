"""Bring a database's schema up to what this program needs: numbered SQL files, in order, once.

Every table comes from here, the event library's included. Rules:

- `migrations/NNNN_words.sql`, applied by ascending number, each in a transaction of its own that
  also writes its row into `schema_migrations`; so a stop leaves whole files applied, never halves.
- One program at a time, by an advisory lock: of two that start together, one waits, then finds
  nothing left to do.
- A file never changes after it was applied anywhere, and none arrives with a number below one
  that was: both are refused by name, because two databases would differ and nobody would know.
- A database that has a number which this program does not know belongs to a newer program.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.postgres_binaries import too_old
from transfer.core.refusals import Refusal
from transfer.database_url import connecting

MIGRATIONS = Path(__file__).parent / "migrations"

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")

_NAME = "transfer migrate"

# Any constant does, so long as nothing else in this database locks it ("transfer" in ASCII).
_ADVISORY_LOCK = 0x7472616E73666572

# How long a file may wait for a table that somebody else is using, before it gives up whole.
_LOCK_TIMEOUT = b"SET LOCAL lock_timeout = '30s'"

_REGISTER = b"""
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class SchemaRefused(Refusal):
    """The schema of the database and the files of this program contradict each other."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    file_name: str
    sql: bytes

    @property
    def sha256(self) -> str:
        """The digest of the file as it is now, in hexadecimal."""
        return hashlib.sha256(self.sql).hexdigest()


def migrate(database_url: str, folder: Path = MIGRATIONS) -> list[int]:
    """Apply what is missing, and return the numbers applied, ascending (`[]`: nothing to do).

    Raises `SchemaRefused` where an applied file has changed, a file has come in below one already
    applied, the database is newer than this program or its server too old; `psycopg.Error` where a
    file fails, with that file's transaction rolled back and those before it kept.
    """
    known = _files(folder)
    with psycopg.connect(connecting(database_url, _NAME), autocommit=True) as connection:
        if (refusal := too_old(connection.info.server_version)) is not None:
            raise SchemaRefused(refusal)
        connection.execute("SELECT pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
        # Closing the connection gives the lock back, also when this process is killed.
        connection.execute(_REGISTER)
        missing = _compare(known, _applied(connection))
        for migration in missing:
            with connection.transaction():
                connection.execute(_LOCK_TIMEOUT)
                connection.execute(migration.sql)
                connection.execute(
                    "INSERT INTO schema_migrations (number, name, sha256) VALUES (%s, %s, %s)",
                    (migration.number, migration.file_name, migration.sha256),
                )
    return [migration.number for migration in missing]


def pending(database_url: str, folder: Path = MIGRATIONS) -> list[int]:
    """The numbers that `migrate` would apply; changes nothing.

    Raises `SchemaRefused` as `migrate` does.
    """
    with psycopg.connect(connecting(database_url, _NAME), autocommit=True) as connection:
        found = connection.execute("SELECT to_regclass('schema_migrations')").fetchone()
        applied = {} if found is None or found[0] is None else _applied(connection)
    return [migration.number for migration in _compare(_files(folder), applied)]


def newest(folder: Path = MIGRATIONS) -> int:
    """The number of the last migration that this program has."""
    return max((migration.number for migration in _files(folder)), default=0)


def _files(folder: Path) -> list[Migration]:
    migrations: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise SchemaRefused(f"{path.name} is not named NNNN_words.sql")
        number = int(match[1])
        if number in migrations:
            raise SchemaRefused(
                f"{migrations[number].file_name} and {path.name} have the same number"
            )
        migrations[number] = Migration(number, path.name, path.read_bytes())
    return [migrations[number] for number in sorted(migrations)]


def _applied(connection: psycopg.Connection) -> dict[int, tuple[str, str]]:
    rows = connection.execute("SELECT number, name, sha256 FROM schema_migrations").fetchall()
    return {number: (name, sha256) for number, name, sha256 in rows}


def _compare(known: Sequence[Migration], applied: dict[int, tuple[str, str]]) -> list[Migration]:
    numbers = {migration.number for migration in known}
    for number in sorted(applied.keys() - numbers):
        raise SchemaRefused(f"the database is newer than this program: it has {applied[number][0]}")
    last_applied = max(applied, default=-1)
    missing = []
    for migration in known:
        if migration.number in applied:
            name, sha256 = applied[migration.number]
            if sha256 != migration.sha256:
                raise SchemaRefused(
                    f"{migration.file_name} has changed since it was applied (as {name})"
                )
        elif migration.number < last_applied:
            raise SchemaRefused(
                f"{migration.file_name} comes before {applied[last_applied][0]}, "
                "which is already applied"
            )
        else:
            missing.append(migration)
    return missing
