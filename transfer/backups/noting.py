"""What a record has to be told when its database was brought back, by us or by somebody else.

It notes the restoration, so that answers can name what is lost. Temporal is to be told everything
once more: a procedure that was through there after the point would never be begun again. Sessions
go, because one that was ended after the point would be open again. And the people who were erased
after it are erased again.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from transfer.core.refusals import Conflict
from transfer.core.words import StaffNumber
from transfer.erasures import Erasures
from transfer.log.leading import led
from transfer.log.restorations import Restoration, keep_restoration, read_restorations
from transfer.vault import Erasure, Vault

_HEAD = "SELECT last_position, last_recorded_at FROM log_head"
# Also those of whom no personal data is kept: a name could be stored for them otherwise.
_NOT_ERASED = """
SELECT staff_number FROM person_keys WHERE wrapped_key IS NOT NULL
UNION
SELECT substr(originator_id, length('staff:') + 1) FROM events
WHERE originator_version = 1 AND originator_id > 'staff:' AND originator_id < 'staff;'
EXCEPT
SELECT staff_number FROM person_keys WHERE wrapped_key IS NULL
"""
# Before migration 0087 there was neither who nor why.
_ERASED_WHY = """
SELECT staff_number, erased_at, kept ->> 'erased_by', kept ->> 'erased_because',
       kept ->> 'erased_document'
FROM person_keys, to_jsonb(person_keys) AS kept WHERE wrapped_key IS NULL
"""
_ARE_ERASED = "SELECT staff_number FROM person_keys WHERE wrapped_key IS NULL"
_BY_A_LIST = "named on a list of erased people, and not erased in the database"


def head_of(connection: psycopg.Connection[Any]) -> tuple[int, datetime | None]:
    """The last position of a record, and its instant."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        position, recorded_at = cursor.execute(_HEAD).fetchone() or (0, None)
    return position, recorded_at and recorded_at.astimezone(UTC)


def note_restoration(
    connection: psycopg.Connection[Any],
    backup: str,
    *,
    lost_events: int | None,
    lost_until: datetime | None,
) -> Restoration:
    """Write down, in a migrated record, that it was restored to the state in which it is now.

    `backup` is what it was restored from; `lost_events` and `lost_until` what is known of what came
    after and is lost. Raises `Conflict` while a service is at work on it.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        if (parts := led(connection)) != frozenset():
            raise Conflict(
                f"a service is at work on this record (it leads the {min(parts)}): stop every "
                "process of it first"
            )
        position, known_at = head_of(connection)
        keep_restoration(
            connection,
            backup=backup,
            position=position,
            known_at=known_at,
            lost_events=lost_events,
            lost_until=lost_until,
        )
        cursor.execute("DELETE FROM dispatcher_positions")
        cursor.execute("DELETE FROM sessions")
        return read_restorations(connection)[-1]


def erase_again(
    connection: psycopg.Connection[Any],
    vault_key: bytes,
    lines: Collection[str],
    known: Mapping[StaffNumber, Erasure] = MappingProxyType({}),
) -> int:
    """Erase the people whom the lists name (`transfer.erasures`), and those of whom it is `known`
    when and why they were erased; answers how many.

    `connection` is in autocommit.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        people = [row[0] for row in cursor.execute(_NOT_ERASED).fetchall()]
    again = {*Erasures(vault_key, ()).of(people, lines), *(set(people) & set(known))}
    vault = Vault(lambda: contextlib.nullcontext(connection), vault_key)
    for number in sorted(again):
        if (before := known.get(number)) is None:
            # Who did it and why is not known, so a repeated command may say it.
            vault.erase(number, because=_BY_A_LIST)
        else:
            vault.erase(number, **asdict(before))
    return len(again)


def erasures_in(connection: psycopg.Connection[Any]) -> Mapping[StaffNumber, Erasure]:
    """Who was erased, when, by whom and why, in a database of this version or an older one."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_ERASED_WHY).fetchall()
    return {number: Erasure(at.astimezone(UTC), *why) for number, at, *why in rows}


def settle_erasures(
    connection: psycopg.Connection[Any], vault_key: bytes, files: Sequence[Path]
) -> int:
    """Make the lists of erased people and a record agree: whom either has, the other gets too.

    A database that somebody else brought back may hold people who were erased since, and a list may
    be a new one on a new machine. Answers how many people were erased again. `connection` is in
    autocommit.
    """
    lists = Erasures(vault_key, files)
    with connection.cursor(row_factory=tuple_row) as cursor:
        erased = [row[0] for row in cursor.execute(_ARE_ERASED).fetchall()]
    unknown = lists.lines() - lists.lines_of(erased)
    again = erase_again(connection, vault_key, unknown) if unknown else 0
    lists.complete(erased)
    return again
