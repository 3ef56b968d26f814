"""Personal data, kept out of the facts: encrypted a person at a time, erased by losing a key.

Facts carry staff numbers alone. Names, birth dates and the like lie here, each value under
AES-256-GCM with the person's own key, each key wrapped by the master key. Erasing a person
destroys the wrapped key: every copy of their values is then noise, and the log stays whole.

AES-GCM is not key-committing: for evidence, each value has an HMAC-SHA256 commitment under a
random salt. The salt is encrypted with the value, so that the commitment of an erased value
cannot be tried against guesses; with the key, salt and value open the commitment to anybody.

People are found by name without their names being readable: beside a name stand its words and the
beginnings of them (`transfer.core.record.name_search`), each as an HMAC under a key derived from
the master key. They are only good for looking up, and go when the person is erased.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from psycopg.rows import DictRow, dict_row, tuple_row
from psycopg.sql import SQL

from transfer.core.record.name_search import entries_of
from transfer.core.record.names import is_name
from transfer.core.refusals import Conflict
from transfer.core.words import StaffNumber

People = Mapping[StaffNumber, Mapping[str, str]]
"""Field names and values by staff number."""

KEY_BYTES = 32
"""The length of the master key, and of a person's own."""

_NONCE_BYTES = 12
_SALT_BYTES = 16

_COPY_KEYS = SQL("COPY person_keys (staff_number, wrapped_key) FROM STDIN (FORMAT BINARY)")
_COPY_FIELDS = SQL(
    "COPY person_fields (staff_number, field, nonce, ciphertext, commitment, name_words)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_STAGED_KEYS = SQL(
    "COPY import_person_keys (batch_id, from_ordinal, staff_number, wrapped_key)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_STAGED_FIELDS = SQL(
    "COPY import_person_fields (batch_id, from_ordinal, staff_number, field, nonce, ciphertext,"
    " commitment, name_words) FROM STDIN (FORMAT BINARY)"
)


_READ = """
SELECT k.wrapped_key, f.nonce, f.ciphertext, f.commitment
FROM person_keys AS k JOIN person_fields AS f USING (staff_number)
WHERE k.staff_number = %s AND f.field = %s ORDER BY f.revision DESC LIMIT 1
"""


# The index first, whatever the planner thinks of the order: a name is rare, and a page of staff
# numbers may lie far apart.
_NAMED = """
SELECT DISTINCT staff_number FROM (
    SELECT staff_number FROM person_fields WHERE name_words @> %(words)s::bigint[] OFFSET 0
) AS named
WHERE staff_number > %(after)s ORDER BY staff_number LIMIT %(limit)s
"""
_WITHOUT_WORDS = """
SELECT f.revision, f.staff_number, f.field, f.nonce, f.ciphertext, f.commitment, k.wrapped_key
FROM person_fields AS f JOIN person_keys AS k USING (staff_number)
WHERE f.name_words IS NULL AND (f.field = 'name' OR f.field LIKE 'name.%%')
  AND f.revision > %(after)s AND k.wrapped_key IS NOT NULL
ORDER BY f.revision LIMIT %(limit)s
FOR UPDATE OF f SKIP LOCKED FOR SHARE OF k
"""
_GIVE_WORDS = (
    "UPDATE person_fields SET name_words = %(words)s::bigint[] WHERE revision = %(revision)s"
)
_TAKE_WORDS = """
UPDATE person_fields SET name_words = NULL
WHERE staff_number = %s AND name_words IS NOT NULL
"""
# A staged key is a copy of the person's own: it stays where the process was killed before it could
# remove it, and where the import was broken off.
_TAKE_STAGED = (
    "DELETE FROM import_person_keys WHERE staff_number = %s",
    "DELETE FROM import_person_fields WHERE staff_number = %s",
)

# Whoever is erased meanwhile has to wait for what is being stored, or the other way about: a name
# must not be found afterwards.
_KEYS_HELD = """
SELECT staff_number, wrapped_key IS NULL AS erased FROM person_keys
WHERE staff_number = ANY(%s) FOR SHARE
"""
_KEYS_HELD_FOR_STAGED = """
SELECT staff_number, wrapped_key IS NULL AS erased FROM person_keys
WHERE staff_number IN (
    SELECT staff_number FROM import_person_fields WHERE batch_id = %(batch)s
    EXCEPT SELECT staff_number FROM import_person_keys WHERE batch_id = %(batch)s) FOR SHARE
"""

_PIECE = 2_000


_ERASE = """
INSERT INTO person_keys (staff_number, erased_at, erased_by, erased_because, erased_document)
VALUES (%(staff_number)s, coalesce(%(at)s, clock_timestamp()), %(by)s, %(because)s, %(document)s)
ON CONFLICT (staff_number) DO UPDATE
SET wrapped_key = NULL, erased_at = excluded.erased_at, erased_by = excluded.erased_by,
    erased_because = excluded.erased_because, erased_document = excluded.erased_document
WHERE person_keys.wrapped_key IS NOT NULL
"""
_SAY_WHY = """
UPDATE person_keys SET erased_by = %(by)s, erased_because = %(because)s,
                       erased_document = %(document)s
WHERE staff_number = %(staff_number)s AND wrapped_key IS NULL AND erased_by IS NULL
"""
_FIELDS = """
SELECT f.field FROM person_fields AS f JOIN person_keys AS k USING (staff_number)
WHERE f.staff_number = %s AND k.wrapped_key IS NOT NULL ORDER BY f.revision
"""
_ERASED = """
SELECT erased_at, erased_by, erased_because, erased_document FROM person_keys
WHERE staff_number = %s AND wrapped_key IS NULL
"""
_ERASED_AMONG = """
SELECT staff_number FROM person_keys WHERE staff_number = ANY(%s) AND wrapped_key IS NULL
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a person's data was erased: when, by whom, why, and on which document.

    Who is `None` where nobody is known: where a list alone named the person (`transfer.erasures`),
    and where it was done before this was kept.
    """

    at: datetime
    by: str | None
    because: str | None
    document: str | None


class SealedField(NamedTuple):
    """One value, encrypted; `name_words` is what it is found by, where it is a name."""

    staff_number: StaffNumber
    field: str
    nonce: bytes
    ciphertext: bytes
    commitment: bytes
    name_words: list[int] | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted personal data, ready to be stored: the slow part, done before any lock is held."""

    keys: tuple[tuple[StaffNumber, bytes], ...]
    fields: tuple[SealedField, ...]

    def commitment(self, staff_number: StaffNumber, field: str) -> bytes:
        """The commitment to one value, 32 bytes. Raises `KeyError` where there is none."""
        for each in self.fields:
            if (each.staff_number, each.field) == (staff_number, field):
                return each.commitment
        raise KeyError((staff_number, field))


class Vault:
    """The personal data of everybody on record.

    `connect` gives a connection in autocommit (`Log.connection`); `master_key` is 32 bytes.
    `note_erased` notes outside the database that a person is being erased (`transfer.erasures`).
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        master_key: bytes,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
        note_erased: Callable[[StaffNumber], None] = lambda _: None,
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY_BYTES}")
        self._connect = connect
        self._master = AESGCM(master_key)
        self._names_key = derived(master_key, b"transfer: index of names")
        self._random = random_bytes
        self._note_erased = note_erased

    def seal(self, people: People) -> Sealed:
        """Encrypt values for storing. Raises `Conflict` for a person who was erased."""
        with self._connect() as connection, connection.cursor() as cursor:
            return self._seal(cursor, people)

    def store(self, cursor: psycopg.Cursor[DictRow], sealed: Sealed) -> None:
        """Store sealed values in the cursor's transaction, e.g. `alongside` an append.

        A field that is there already keeps its earlier value on record; the new one holds. Raises
        `Conflict` where the person was erased since `seal`, and `psycopg.errors.UniqueViolation`
        where somebody else has stored a first value of the same person.
        """
        known = {each.staff_number for each in sealed.fields} - {
            number for number, _ in sealed.keys
        }
        if known:
            _require_not_erased(cursor.execute(_KEYS_HELD, (sorted(known),)))
        if sealed.keys:
            with cursor.copy(_COPY_KEYS) as copy:
                copy.set_types(("text", "bytea"))
                for key in sealed.keys:
                    copy.write_row(key)
        if sealed.fields:
            with cursor.copy(_COPY_FIELDS) as copy:
                copy.set_types(("text", "text", "bytea", "bytea", "bytea", "int8[]"))
                for field in sealed.fields:
                    copy.write_row(field)

    def stage(
        self,
        cursor: psycopg.Cursor[DictRow],
        batch_id: UUID,
        from_ordinal: int,
        sealed: Sealed,
    ) -> None:
        """Keep sealed values of an import's piece until the whole of it is recorded.

        What was kept for that piece of the import, or a later one, by a run that was stopped is
        replaced.
        """
        for table in (SQL("import_person_keys"), SQL("import_person_fields")):
            cursor.execute(
                SQL("DELETE FROM {} WHERE batch_id = %s AND from_ordinal >= %s").format(table),
                (batch_id, from_ordinal),
            )
        with cursor.copy(_COPY_STAGED_KEYS) as copy:
            copy.set_types(("uuid", "int4", "text", "bytea"))
            for key in sealed.keys:
                copy.write_row((batch_id, from_ordinal, *key))
        with cursor.copy(_COPY_STAGED_FIELDS) as copy:
            copy.set_types(("uuid", "int4", "text", "text", "bytea", "bytea", "bytea", "int8[]"))
            for field in sealed.fields:
                copy.write_row((batch_id, from_ordinal, *field))

    def store_staged(self, cursor: psycopg.Cursor[DictRow], batch_id: UUID) -> None:
        """Put all that an import has staged into the vault, in the cursor's transaction.

        Raises as `store` does.
        """
        _require_not_erased(cursor.execute(_KEYS_HELD_FOR_STAGED, {"batch": batch_id}))
        cursor.execute(
            "INSERT INTO person_keys (staff_number, wrapped_key)"
            " SELECT staff_number, wrapped_key FROM import_person_keys WHERE batch_id = %s",
            (batch_id,),
        )
        cursor.execute(
            "INSERT INTO person_fields"
            " (staff_number, field, nonce, ciphertext, commitment, name_words)"
            " SELECT staff_number, field, nonce, ciphertext, commitment, name_words"
            " FROM import_person_fields WHERE batch_id = %s",
            (batch_id,),
        )

    def forget_staged(self, batch_id: UUID) -> None:
        """Remove what an import has staged, once it is in the vault: apart, to free the log."""
        with self._connect() as connection:
            connection.execute("DELETE FROM import_person_keys WHERE batch_id = %s", (batch_id,))
            connection.execute("DELETE FROM import_person_fields WHERE batch_id = %s", (batch_id,))

    def get(self, staff_number: StaffNumber) -> dict[str, str] | None:
        """A person's values by field; `None` for somebody unknown here, or erased."""
        return self.get_many([staff_number]).get(staff_number)

    def read(
        self, connection: psycopg.Connection[object], staff_number: StaffNumber, field: str
    ) -> str | None:
        """One value on a connection that is at hand; `None` where there is none, or erased.

        Raises as `get_many` does.
        """
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            row = cursor.execute(_READ, (staff_number, field), prepare=True).fetchone()
        key = None if row is None else self._unwrap(staff_number, row[0])
        return None if row is None or key is None else _open(key, staff_number, field, *row[1:])

    def get_many(self, staff_numbers: Collection[StaffNumber]) -> dict[StaffNumber, dict[str, str]]:
        """The values of those people who are known here and were not erased.

        Raises `cryptography.exceptions.InvalidTag` where a row was tampered with, moved, or
        encrypted under another master key.
        """
        with self._connect() as connection:
            return self.read_many(connection, staff_numbers)

    def read_many(
        self, connection: psycopg.Connection[Any], staff_numbers: Collection[StaffNumber]
    ) -> dict[StaffNumber, dict[str, str]]:
        """The same on a connection that is at hand."""
        with connection.cursor(binary=True, row_factory=dict_row) as cursor:
            keys = self._keys(cursor, staff_numbers)
            rows = cursor.execute(
                "SELECT DISTINCT ON (staff_number, field) staff_number, field, nonce, ciphertext,"
                " commitment FROM person_fields WHERE staff_number = ANY(%s)"
                " ORDER BY staff_number, field, revision DESC",
                (list(staff_numbers),),
            ).fetchall()
        found: dict[StaffNumber, dict[str, str]] = {
            number: {} for number, key in keys.items() if key is not None
        }
        for row in rows:
            number, field = row["staff_number"], row["field"]
            key = keys.get(number)
            if key is None:
                continue
            sealed = row["nonce"], row["ciphertext"], row["commitment"]
            found[number][field] = _open(key, number, field, *sealed)
        return found

    # --- what lies outside, and goes with the person -------------------------------------------

    def seal_outside(
        self,
        connection: psycopg.Connection[DictRow],
        values: Mapping[StaffNumber, bytes],
        of: str,
        *,
        plain: Collection[StaffNumber],
    ) -> dict[StaffNumber, tuple[bytes | None, bytes]]:
        """These people's values, each sealed under the person's own key: its nonce and ciphertext.

        They are stored elsewhere; `of` names where, and a value that was moved does not open.
        `plain` are those of whom nothing personal was here any more when the values were made:
        theirs stay as they are, and their nonce is `None`. Raises `Conflict` for anybody else who
        has no key.
        """
        with connection.cursor(binary=True) as cursor:
            keys = self._keys(cursor, values.keys())
        sealed: dict[StaffNumber, tuple[bytes | None, bytes]] = {}
        for number, value in values.items():
            key = keys.get(number)
            if number in plain:
                sealed[number] = None, value
            elif key is None:
                raise _erased(number)
            else:
                nonce = self._random(_NONCE_BYTES)
                sealed[number] = nonce, AESGCM(key).encrypt(nonce, value, _about(number, of))
        return sealed

    def open_outside(
        self,
        connection: psycopg.Connection[DictRow],
        sealed: Mapping[StaffNumber, tuple[bytes | None, bytes]],
        of: str,
    ) -> dict[StaffNumber, bytes]:
        """The values that `seal_outside` sealed, but those of people who were erased since.

        Raises `cryptography.exceptions.InvalidTag` as `get_many` does.
        """
        with connection.cursor(binary=True) as cursor:
            keys = self._keys(cursor, sealed.keys())
        opened: dict[StaffNumber, bytes] = {}
        for number, (nonce, content) in sealed.items():
            key = keys.get(number)
            if nonce is None:
                opened[number] = content
            elif key is not None:
                opened[number] = AESGCM(key).decrypt(nonce, content, _about(number, of))
        return opened

    # --- finding people by name ----------------------------------------------------------------

    def numbers_named(
        self,
        connection: psycopg.Connection[object],
        words: Collection[str],
        *,
        after: str,
        limit: int,
    ) -> list[StaffNumber]:
        """The next staff numbers after one, in order, with a name that answers to these words.

        Any name that was ever given counts, and as good as no other (two words may share a hash):
        the caller compares the names themselves. `words` are as `name_search.words_of` has them.
        """
        asked = {"words": self._hashed(words), "after": after, "limit": limit}
        with connection.cursor(row_factory=tuple_row) as cursor:
            return [row[0] for row in cursor.execute(_NAMED, asked)]

    def index_names(self) -> int:
        """Let every name be found that was stored before names were; answers how many.

        In pieces, each of them for good: what stops it costs nothing that is done, and several may
        be at it. A name that does not open is passed over.
        """
        count, after = 0, 0
        with self._connect() as connection:
            while True:
                with connection.transaction(), connection.cursor(binary=True) as cursor:
                    asked = {"after": after, "limit": _PIECE}
                    rows = cursor.execute(_WITHOUT_WORDS, asked).fetchall()
                    given = [given for row in rows if (given := self._words_of_row(row))]
                    cursor.executemany(_GIVE_WORDS, given)
                if not rows:
                    return count
                count, after = count + len(given), rows[-1]["revision"]

    def _words_of_row(self, row: DictRow) -> dict[str, object] | None:
        number, field = row["staff_number"], row["field"]
        try:
            key = self._unwrap(number, row["wrapped_key"])
            sealed = row["nonce"], row["ciphertext"], row["commitment"]
            name = None if key is None else _open(key, number, field, *sealed)
        except (InvalidTag, ValueError):
            return None  # whoever reads that name is told
        if name is None:
            return None
        return {"revision": row["revision"], "words": self._hashed(entries_of(name))}

    def _hashed(self, words: Collection[str]) -> list[int]:
        digests = (hmac.digest(self._names_key, word.encode(), hashlib.sha256) for word in words)
        return sorted(int.from_bytes(digest[:8], signed=True) for digest in digests)

    # --- erasing -------------------------------------------------------------------------------

    def erase(
        self,
        staff_number: StaffNumber,
        *,
        by: str | None = None,
        because: str | None = None,
        document: str | None = None,
        at: datetime | None = None,
    ) -> bool:
        """Destroy a person's key; whether they were not erased before. Nothing can bring the values
        back, and none can be stored for them any more.

        Nobody finds them by name any more, and what an import has staged of them goes. Backups from
        before hold the wrapped key still: that the person is erased is noted outside the database
        (`note_erased`) before this is for good, so that a restoration erases them again; where it
        cannot be noted, nobody is erased. Who does it, why, and on which document is kept as it is
        given, of the first time that it is; `at` is when it was done the first time, where that is
        earlier than now.
        """
        with (
            self._connect() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            why = {"by": by, "because": because, "document": document}
            cursor.execute(_ERASE, why | {"staff_number": staff_number, "at": at})
            is_new = cursor.rowcount == 1
            if not is_new and by is not None:
                cursor.execute(_SAY_WHY, why | {"staff_number": staff_number})
            for statement in (_TAKE_WORDS, *_TAKE_STAGED):
                cursor.execute(statement, (staff_number,))
            # Last: a line of a list has the person erased, also where the database refused to.
            self._note_erased(staff_number)
        return is_new

    def fields_of(self, staff_number: StaffNumber) -> list[str]:
        """The field of each value that is kept of a person, earlier values included; none of
        somebody who was erased."""
        with self._connect() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            return [row[0] for row in cursor.execute(_FIELDS, (staff_number,))]

    def erased_among(self, staff_numbers: Collection[StaffNumber]) -> set[StaffNumber]:
        """Those of some people who were erased."""
        with self._connect() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(_ERASED_AMONG, (list(staff_numbers),))
            return {row[0] for row in rows}

    def erasure_of(self, staff_number: StaffNumber) -> Erasure | None:
        """That a person was erased; `None` for everybody else."""
        with self._connect() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(_ERASED, (staff_number,)).fetchone()
        return None if row is None else Erasure(row[0].astimezone(UTC), *row[1:])

    def _seal(self, cursor: psycopg.Cursor[DictRow], people: People) -> Sealed:
        known = self._keys(cursor, people.keys())
        keys: list[tuple[StaffNumber, bytes]] = []
        fields: list[SealedField] = []
        for number, values in people.items():
            if number in known:
                key = known[number]
                if key is None:
                    raise _erased(number)
            else:
                key = self._random(KEY_BYTES)
                nonce = self._random(_NONCE_BYTES)
                keys.append((number, nonce + self._master.encrypt(nonce, key, number.encode())))
            cipher = AESGCM(key)
            for field, text in values.items():
                value = text.encode()
                salt = self._random(_SALT_BYTES)
                nonce = self._random(_NONCE_BYTES)
                ciphertext = cipher.encrypt(nonce, salt + value, _about(number, field))
                words = self._hashed(entries_of(text)) if is_name(field) else None
                fields.append(
                    SealedField(number, field, nonce, ciphertext, _commit(salt, value), words)
                )
        return Sealed(tuple(keys), tuple(fields))

    def _keys(
        self, cursor: psycopg.Cursor[DictRow], staff_numbers: Collection[StaffNumber]
    ) -> dict[StaffNumber, bytes | None]:
        rows = cursor.execute(
            "SELECT staff_number, wrapped_key FROM person_keys WHERE staff_number = ANY(%s)",
            (list(staff_numbers),),
        ).fetchall()
        return {row["staff_number"]: self._unwrap(**row) for row in rows}

    def _unwrap(self, staff_number: StaffNumber, wrapped_key: bytes | None) -> bytes | None:
        if wrapped_key is None:
            return None
        nonce, wrapped = wrapped_key[:_NONCE_BYTES], wrapped_key[_NONCE_BYTES:]
        return self._master.decrypt(nonce, wrapped, staff_number.encode())


def _erased(staff_number: StaffNumber) -> Conflict:
    return Conflict(f"the personal data of {staff_number} was erased")


def _require_not_erased(people: Iterable[DictRow]) -> None:
    for person in people:
        if person["erased"]:
            raise _erased(person["staff_number"])


def derived(secret: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """A key of so many bytes for one purpose, from a secret of 32."""
    return HKDFExpand(SHA256(), length, purpose).derive(secret)


def unwraps(master_key: bytes, staff_number: StaffNumber, wrapped_key: bytes) -> bool:
    """Whether a person's wrapped key opens under a master key."""
    nonce, wrapped = wrapped_key[:_NONCE_BYTES], wrapped_key[_NONCE_BYTES:]
    try:
        AESGCM(master_key).decrypt(nonce, wrapped, staff_number.encode())
    except InvalidTag:
        return False
    return True


def _open(
    key: bytes,
    staff_number: StaffNumber,
    field: str,
    nonce: bytes,
    ciphertext: bytes,
    commitment: bytes,
) -> str:
    opened = AESGCM(key).decrypt(nonce, ciphertext, _about(staff_number, field))
    salt, value = opened[:_SALT_BYTES], opened[_SALT_BYTES:]
    if not hmac.compare_digest(_commit(salt, value), commitment):
        raise ValueError(f"{field} of {staff_number} does not open its commitment")
    return value.decode()


def _about(staff_number: StaffNumber, field: str) -> bytes:
    # Bound to its place: a ciphertext moved to another field does not open.
    return f"{staff_number}\0{field}".encode()


def _commit(salt: bytes, value: bytes) -> bytes:
    return hmac.digest(salt, value, hashlib.sha256)
