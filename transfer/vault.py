"""Personal data, kept out of the facts: encrypted a person at a time, erased by losing a key.

Facts carry staff numbers alone. Names, birth dates and the like lie here, each value under
AES-256-GCM with the person's own key, each key wrapped by the master key. Erasing a person
destroys the wrapped key: every copy of their values is then noise, and the log stays whole.

AES-GCM is not key-committing: for evidence, each value has an HMAC-SHA256 commitment under a
random salt. The salt is encrypted with the value, so that the commitment of an erased value
cannot be tried against guesses; with the key, salt and value open the commitment to anybody.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import DictRow, tuple_row
from psycopg.sql import SQL

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
    "COPY person_fields (staff_number, field, nonce, ciphertext, commitment)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_STAGED_KEYS = SQL(
    "COPY import_person_keys (batch_id, from_ordinal, staff_number, wrapped_key)"
    " FROM STDIN (FORMAT BINARY)"
)
_COPY_STAGED_FIELDS = SQL(
    "COPY import_person_fields (batch_id, from_ordinal, staff_number, field, nonce, ciphertext,"
    " commitment) FROM STDIN (FORMAT BINARY)"
)


_READ = """
SELECT k.wrapped_key, f.nonce, f.ciphertext, f.commitment
FROM person_keys AS k JOIN person_fields AS f USING (staff_number)
WHERE k.staff_number = %s AND f.field = %s ORDER BY f.revision DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Encrypted personal data, ready to be stored: the slow part, done before any lock is held."""

    keys: tuple[tuple[StaffNumber, bytes], ...]
    fields: tuple[tuple[StaffNumber, str, bytes, bytes, bytes], ...]

    def commitment(self, staff_number: StaffNumber, field: str) -> bytes:
        """The commitment to one value, 32 bytes. Raises `KeyError` where there is none."""
        for number, name, _, _, commitment in self.fields:
            if (number, name) == (staff_number, field):
                return commitment
        raise KeyError((staff_number, field))


class Vault:
    """The personal data of everybody on record.

    `connect` gives a connection in autocommit (`Log.connection`); `master_key` is 32 bytes.
    """

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        master_key: bytes,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master_key)} bytes, not {KEY_BYTES}")
        self._connect = connect
        self._master = AESGCM(master_key)
        self._random = random_bytes

    def seal(self, people: People) -> Sealed:
        """Encrypt values for storing. Raises `Conflict` for a person who was erased."""
        with self._connect() as connection, connection.cursor() as cursor:
            return self._seal(cursor, people)

    def store(self, cursor: psycopg.Cursor[DictRow], sealed: Sealed) -> None:
        """Store sealed values in the cursor's transaction, e.g. `alongside` an append.

        A field that is there already keeps its earlier value on record; the new one holds. Raises
        `psycopg.errors.UniqueViolation` where somebody else has stored a first value of the same
        person since `seal`.
        """
        if sealed.keys:
            with cursor.copy(_COPY_KEYS) as copy:
                copy.set_types(("text", "bytea"))
                for key in sealed.keys:
                    copy.write_row(key)
        if sealed.fields:
            with cursor.copy(_COPY_FIELDS) as copy:
                copy.set_types(("text", "text", "bytea", "bytea", "bytea"))
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
            copy.set_types(("uuid", "int4", "text", "text", "bytea", "bytea", "bytea"))
            for field in sealed.fields:
                copy.write_row((batch_id, from_ordinal, *field))

    def store_staged(self, cursor: psycopg.Cursor[DictRow], batch_id: UUID) -> None:
        """Put all that an import has staged into the vault, in the cursor's transaction.

        Raises as `store` does.
        """
        cursor.execute(
            "INSERT INTO person_keys (staff_number, wrapped_key)"
            " SELECT staff_number, wrapped_key FROM import_person_keys WHERE batch_id = %s",
            (batch_id,),
        )
        cursor.execute(
            "INSERT INTO person_fields (staff_number, field, nonce, ciphertext, commitment)"
            " SELECT staff_number, field, nonce, ciphertext, commitment"
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
        with self._connect() as connection, connection.cursor(binary=True) as cursor:
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

    def erase(self, staff_number: StaffNumber) -> bool:
        """Destroy a person's key; whether there was one. Nothing can bring the values back.

        Copies of the database made before hold the wrapped key still: they have to go as well.
        """
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE person_keys SET wrapped_key = NULL, erased_at = clock_timestamp()"
                " WHERE staff_number = %s AND wrapped_key IS NOT NULL",
                (staff_number,),
            )
            return cursor.rowcount == 1

    def _seal(self, cursor: psycopg.Cursor[DictRow], people: People) -> Sealed:
        known = self._keys(cursor, people.keys())
        keys: list[tuple[StaffNumber, bytes]] = []
        fields: list[tuple[StaffNumber, str, bytes, bytes, bytes]] = []
        for number, values in people.items():
            if number in known:
                key = known[number]
                if key is None:
                    raise Conflict(f"the personal data of {number} was erased")
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
                fields.append((number, field, nonce, ciphertext, _commit(salt, value)))
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
