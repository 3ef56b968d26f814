"""The rulebook editions of one record: the program's own, those that an office added, and the
text of each under which something was opened.

The text is kept as it was read, under the SHA-256 of its bytes. Whatever the program's model of an
edition becomes, an old case is judged by the text of its day.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow

from transfer.core.refusals import Conflict, Refused
from transfer.log.appending import Alongside
from transfer.rulebooks import Rulebook, shipped
from transfer.rulebooks.loading import FaultyEdition, load_edition

Connect = Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]]

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('rulebook'), hashtext(%s))"
_KEEP = (
    "INSERT INTO rulebook_editions (sha256, edition, source, added_by, opened)"
    " VALUES (sha256(%(source)s), %(edition)s, %(source)s, %(by)s, %(opened)s)"
    " ON CONFLICT (sha256) DO UPDATE SET opened = rulebook_editions.opened OR EXCLUDED.opened"
)
_NAME = (
    "INSERT INTO rulebook_names (edition, sha256) VALUES (%(edition)s, sha256(%(source)s))"
    " ON CONFLICT (edition) DO UPDATE SET sha256 = EXCLUDED.sha256"
)
_OPENED = (
    "SELECT true FROM rulebook_editions"
    " WHERE edition = %(edition)s AND opened AND sha256 <> sha256(%(source)s)"
)
_NAMED = (
    "SELECT n.edition, e.source FROM rulebook_names n JOIN rulebook_editions e USING (sha256)"
    " ORDER BY n.edition"
)
_BY_DIGEST = "SELECT source FROM rulebook_editions WHERE sha256 = %s"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: its edition, and whether the record has that very text already."""

    book: Rulebook
    already_there: bool


class Editions:
    """The editions of the record that `connect` leads to; safe among threads."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._read: dict[str, Rulebook] = {}

    def all(self) -> Mapping[str, Rulebook]:
        """Every edition by its name: the program's own, then those that were added.

        One that this program cannot read any more is left out; `find` says why.
        """
        found = dict(shipped())
        with self._connect() as connection:
            rows = connection.execute(_NAMED).fetchall()
        for row in rows:
            try:
                found[row["edition"]] = self._load(bytes(row["source"]))
            except FaultyEdition:
                continue
        return found

    def find(self, edition: str) -> Rulebook:
        """The edition of that name; `Refused` with the known ones where there is none."""
        if edition in shipped():
            return shipped()[edition]
        with self._connect() as connection:
            rows = {row["edition"]: row["source"] for row in connection.execute(_NAMED)}
        if edition not in rows:
            known = ", ".join([*shipped(), *rows])
            raise Refused(
                f"no rulebook {edition}; there are {known}. An edition of your own is added by "
                "`transfer rulebook add FILE`"
            )
        return self._load(bytes(rows[edition]))

    def by_digest(self, digest: str) -> Rulebook | None:
        """The edition whose text has that SHA-256, in hexadecimal; `None` if it is not here."""
        for book in shipped().values():
            if book.digest() == digest:
                return book
        if digest in self._read:
            return self._read[digest]
        with self._connect() as connection:
            row = connection.execute(_BY_DIGEST, (bytes.fromhex(digest),)).fetchone()
        return None if row is None else self._load(bytes(row["source"]))

    def add(self, source: bytes, *, by: str) -> Added:
        """Take a file's edition into the record, in the place of an earlier text of its name.

        Raises `FaultyEdition` with every fault, and `Conflict` where the name is the program's own
        or something was opened under another text of it: such an edition never changes.
        """
        book = load_edition(source)
        own = shipped().get(book.edition)
        if own is not None:
            if own.source == source:
                return Added(own, already_there=True)
            raise Conflict(
                f"{book.edition} is an edition of the program itself and never changes: give yours "
                f'a new id, for example edition = "{book.edition}.1"'
            )
        given = {"edition": book.edition, "source": source, "by": by, "opened": False}
        with self._connect() as connection, connection.transaction():
            connection.execute(_LOCK, (book.edition,))
            if connection.execute(_OPENED, given).fetchone() is not None:
                raise Conflict(
                    f"something was opened under {book.edition}, and what it is judged by never "
                    f'changes: give the edition a new id, for example edition = "{book.edition}.1"'
                )
            sha = hashlib.sha256(source).digest()
            there = connection.execute(_BY_DIGEST, (sha,)).fetchone() is not None
            connection.execute(_KEEP, given)
            connection.execute(_NAME, given)
        return Added(book, already_there=there)

    def keep_opened(self, book: Rulebook, by: str) -> Alongside:
        """What writes an edition's text in the transaction of the opening that rests on it."""
        given = {"edition": book.edition, "source": book.source, "by": by, "opened": True}

        def write(cursor: psycopg.Cursor[DictRow]) -> None:
            cursor.execute(_LOCK, (book.edition,))
            cursor.execute(_KEEP, given)

        return write

    def _load(self, source: bytes) -> Rulebook:
        digest = hashlib.sha256(source).hexdigest()
        if digest not in self._read:
            self._read[digest] = load_edition(source)
        return self._read[digest]
