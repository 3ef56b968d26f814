"""The one secret of a data folder that must not be lost, and what is derived from it.

    DIR/keys/vault     wraps every person's own key (`transfer.vault`); and from it, by HKDF,
      requests         keys the hashes by which a repeated request is known
      payloads         seals what Temporal is given to keep
      notices          makes the references of notices (`transfer.notices`)
      names            keys the index by which people are found (`transfer.vault`)
      last seen        seals the instants that callers are told (`transfer.access.last_seen`)

The record knows its key by a fingerprint (migration 0051), so that another key, or a new one that
takes the place of one which is missing, is refused before anything is read or written under it.

The secret may come from a file outside the data folder (`deploy.key_files`), which every process of
a service on several machines reads.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import TupleRow

from transfer.core.refusals import Refusal
from transfer.log.envelope import keyed_hash
from transfer.vault import KEY_BYTES, derived, unwraps

Conn = psycopg.Connection[TupleRow]

_FINGERPRINT_BYTES = 8
_PIECE = 10_000

_IS_KNOWN = "SELECT to_regclass('vault_key') IS NOT NULL"
_ONE_AT_A_TIME = "LOCK TABLE vault_key IN SHARE ROW EXCLUSIVE MODE"
_WANTED = "SELECT fingerprint FROM vault_key"
_ADOPT = "INSERT INTO vault_key (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING"
_SOMEBODY = (
    "SELECT staff_number, wrapped_key FROM person_keys WHERE wrapped_key IS NOT NULL LIMIT 1"
)

_LEFT = "SELECT FROM plain_request_hashes FOR UPDATE"
_PLAIN = """
SELECT c.command_id, c.request_hash, c.recorded_at
FROM plain_request_hashes AS p JOIN commands AS c
  ON c.recorded_at > coalesce(p.keyed_until, '-infinity') AND c.recorded_at <= p.plain_until
ORDER BY c.recorded_at LIMIT %s
"""
_REPLACE = """
UPDATE commands AS c SET request_hash = n.hash
FROM unnest(%s::uuid[], %s::bytea[]) AS n (id, hash) WHERE c.command_id = n.id
"""
_GOT_TO = "UPDATE plain_request_hashes SET keyed_until = %s"


class KeyRefused(Refusal):
    """The vault key found is not the one that this record is under, or is missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the vault key is looked for, as messages say it.

    Attributes:
        name: the file, and the setting that names it where one does.
        is_named: whether a setting names it; else it is in the data folder.
    """

    name: str
    is_named: bool = False

    @property
    def mend(self) -> str:
        """What to do where the key there is not the record's."""
        if self.is_named:
            return "Put the record's own key there, or name the file that holds it."
        return (
            "Put that file back from the backup of keys/, or name the data folder that has it with "
            "--data."
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret of a data folder and the keys derived from it, 32 bytes each."""

    vault: bytes = field(repr=False)
    requests: bytes = field(repr=False)
    payloads: bytes = field(repr=False)
    notices: bytes = field(repr=False)
    last_seen: bytes = field(repr=False)


def keys_from(secret: bytes) -> Keys:
    """The keys that a data folder's secret of 32 bytes stands for."""
    return Keys(
        vault=secret,
        requests=derived(secret, b"transfer: hashes of requests"),
        payloads=derived(secret, b"transfer: payloads in Temporal"),
        notices=derived(secret, b"transfer: references of notices"),
        last_seen=derived(secret, b"transfer: instants last seen by callers"),
    )


def fingerprint(secret: bytes) -> str:
    """What a secret is known by, 16 hexadecimal digits that say nothing of it."""
    return derived(secret, b"transfer: fingerprint of the vault key", _FINGERPRINT_BYTES).hex()


def knows_keys(connection: Conn) -> bool:
    """Whether the database's schema knows of keys: a new one does not, nor does a very old one."""
    row = connection.execute(_IS_KNOWN).fetchone()
    return row is not None and bool(row[0])


def require_key(connection: Conn, secret: bytes | None, place: Place) -> None:
    """Refuse a migrated record that is under another key than the one found (`None`: none was).

    `place` is where the key is looked for. A record without a fingerprint yet
    takes the first key that opens the personal data it holds, or any while it holds none.

    Raises `KeyRefused`, which says which key is wanted and where.
    """
    if secret is not None and len(secret) != KEY_BYTES:
        raise KeyRefused(
            f"the vault key {place.name} holds {len(secret)} bytes where {KEY_BYTES} are needed. "
            f"{place.mend}"
        )
    found = "no such file" if secret is None else f"the key {fingerprint(secret)}"
    wanted = wanted_fingerprint(connection)
    if wanted is not None and (secret is None or fingerprint(secret) != wanted):
        raise KeyRefused(
            f"this record is under the vault key {wanted} (its fingerprint). It is looked for in "
            f"{place.name}, and there is {found}. {place.mend}"
        )
    somebody = None if wanted is not None else connection.execute(_SOMEBODY).fetchone()
    if somebody is not None and (secret is None or not unwraps(secret, *somebody)):
        raise KeyRefused(
            "this record holds personal data, and the vault key that opens it is looked for in "
            f"{place.name}, where there is {found}. {place.mend}"
        )


@contextlib.contextmanager
def opening(connection: Conn) -> Iterator[None]:
    """Let one process at a time open a record that is under no key yet.

    So a key is made for it once: of two processes that start on a new record, each with a data
    folder that has no key, the second finds the first one's fingerprint and makes none.
    """
    if wanted_fingerprint(connection) is not None:
        yield
        return
    with connection.transaction():
        connection.execute(_ONE_AT_A_TIME)
        yield


def adopt_key(connection: Conn, secret: bytes, place: Place) -> None:
    """Keep the fingerprint of the key that a record is under from now on.

    Raises `KeyRefused` where somebody else has opened it first, under another one.
    """
    connection.execute(_ADOPT, (fingerprint(secret),))
    require_key(connection, secret, place)


def wanted_fingerprint(connection: Conn) -> str | None:
    """The fingerprint of the key that a record is under; `None` before it was first opened."""
    row = connection.execute(_WANTED).fetchone()
    return None if row is None else str(row[0])


def key_plain_hashes(connection: Conn, key: bytes) -> int:
    """Put the hashes of requests that are on record as a plain SHA-256 under the key.

    Once a record, whatever stops it in between; answers how many. `connection` is in autocommit.
    """
    count = 0
    while True:
        with connection.transaction():
            if connection.execute(_LEFT).fetchone() is None:
                return count
            rows = connection.execute(_PLAIN, (_PIECE,)).fetchall()
            if rows:
                hashes = [keyed_hash(key, bytes(plain)) for _, plain, _ in rows]
                connection.execute(_REPLACE, ([command_id for command_id, _, _ in rows], hashes))
                connection.execute(_GOT_TO, (rows[-1][2],))
                count += len(rows)
        if not rows:
            # The old rows stay in the table's files until it is written anew.
            connection.execute("VACUUM (FULL) commands")
            connection.execute("DELETE FROM plain_request_hashes")
