"""Extracts as they are kept: a head, and a part for each person, sealed under that person's key.

They lie beside the record. An extract is put together from the very bytes that were first given, so
that it reads the same for ever; only what it says of somebody goes when they are erased.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from transfer.core.refusals import KeyReused
from transfer.vault import Vault

_PUT: Final = """
INSERT INTO extracts (reference, command_id, asked, asked_by, head, sha256, dispute_case)
VALUES (%(reference)s, %(command_id)s, %(asked)s, %(asked_by)s, %(head)s, %(sha256)s,
        %(dispute_case)s)
ON CONFLICT DO NOTHING
"""
_PUT_PART: Final = """
INSERT INTO extract_parts (reference, ordinal, staff_number, nonce, content)
VALUES (%(reference)s, %(ordinal)s, %(staff_number)s, %(nonce)s, %(content)s)
"""
_OF_COMMAND: Final = "SELECT reference, asked FROM extracts WHERE command_id = %s"
_ONE: Final = "SELECT asked_by, head, sha256 FROM extracts WHERE reference = %s"
_OF_CASE: Final = """
SELECT head FROM extracts WHERE dispute_case = %(dispute_case)s AND asked_by = %(asked_by)s
"""
_PARTS: Final = """
SELECT staff_number, nonce, content FROM extract_parts WHERE reference = %s ORDER BY ordinal
"""
_REFERENCE_BYTES = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """An extract as it was given: the JSON document, its digest, whose question it was, whom it is
    about. `is_whole` is false where somebody in it was erased since; the digest is the first."""

    reference: str
    asked_by: str
    body: bytes
    sha256: bytes
    people: tuple[str, ...]
    is_whole: bool


def reference_of(command_id: UUID) -> str:
    """The reference of an extract: sixteen letters and digits in fours, as people read them out.

    It says nothing of the command, and differs wherever that does.
    """
    digest = hashlib.sha256(b"transfer: extract " + command_id.bytes).digest()
    letters = base64.b32encode(digest[:_REFERENCE_BYTES]).decode()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


class ExtractStore:
    """The extracts of one record, over connections to its database."""

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        vault: Vault,
    ) -> None:
        self._connect = connect
        self._vault = vault

    def of_command(self, command_id: UUID, asked: str) -> str | None:
        """The reference of the extract that this command made before, if it did.

        Raises `KeyReused` where it was asked something else then.
        """
        with self._connect() as connection:
            row = connection.execute(_OF_COMMAND, (command_id,)).fetchone()
        if row is None:
            return None
        if row["asked"] != asked:
            raise KeyReused("this Idempotency-Key was used before, with another question")
        return str(row["reference"])

    def keep(
        self,
        command_id: UUID,
        asked: str,
        asked_by: str,
        head: str,
        parts: Mapping[str, bytes],
        *,
        plain: Collection[str],
        dispute_case: str | None = None,
    ) -> None:
        """Keep an extract; nothing, where this command has made one already.

        `head` is a JSON object, and so is each of the parts, which go by staff number. `plain` are
        those of these people of whom the vault had nothing before the parts were made.
        `dispute_case` is the id of the procedure by which it was asked. Raises `Conflict` where
        somebody was erased meanwhile.
        """
        reference = reference_of(command_id)
        given = {
            "reference": reference,
            "command_id": command_id,
            "asked": asked,
            "asked_by": asked_by,
            "head": head,
            "sha256": hashlib.sha256(_whole(head, parts)).digest(),
            "dispute_case": dispute_case,
        }
        with self._connect() as connection, connection.transaction():
            sealed = self._vault.seal_outside(connection, parts, _place(reference), plain=plain)
            if connection.execute(_PUT, given).rowcount == 0:
                return
            with connection.cursor() as cursor:
                cursor.executemany(
                    _PUT_PART,
                    [
                        {
                            "reference": reference,
                            "ordinal": ordinal,
                            "staff_number": number,
                            "nonce": nonce,
                            "content": content,
                        }
                        for ordinal, (number, (nonce, content)) in enumerate(sealed.items())
                    ],
                )

    def get(self, reference: str) -> Kept | None:
        """The extract of that reference; `None` where there is none."""
        with self._connect() as connection:
            row = connection.execute(_ONE, (reference,)).fetchone()
            if row is None:
                return None
            found = connection.execute(_PARTS, (reference,)).fetchall()
            sealed = {each["staff_number"]: (each["nonce"], each["content"]) for each in found}
            opened = self._vault.open_outside(connection, sealed, _place(reference))
        parts = {number: opened.get(number) or _erased(number) for number in sealed}
        return Kept(
            reference=reference,
            asked_by=row["asked_by"],
            body=_whole(row["head"], parts),
            sha256=row["sha256"],
            people=tuple(sealed),
            is_whole=len(opened) == len(sealed),
        )

    def heads_of_case(self, dispute_case: str, asked_by: str) -> list[str]:
        """The heads, as JSON, of what somebody has asked by a dispute case; in no order."""
        given = {"dispute_case": dispute_case, "asked_by": asked_by}
        with self._connect() as connection:
            return [str(row["head"]) for row in connection.execute(_OF_CASE, given)]


def _place(reference: str) -> str:
    return f"extract {reference}"


def _erased(staff_number: str) -> bytes:
    return json.dumps(
        {"staff_number": staff_number, "erased": True}, separators=(",", ":")
    ).encode()


def _whole(head: str, parts: Mapping[str, bytes]) -> bytes:
    """The JSON document: the head's fields, then `answers`."""
    return head.encode()[:-1] + b',"answers":[' + b",".join(parts.values()) + b"]}"
