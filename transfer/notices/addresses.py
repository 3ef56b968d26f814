"""The address book: which e-mail address somebody has. It lies outside the record.

A CSV file with the columns `to` (a staff number, or the subject of a token) and `email`, as the
office's directory gives it out. It is read when notices are sent and kept nowhere else, so that an
address changes, and goes, where the directory says so.
"""

import csv
import io
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_COLUMNS: Final = ("to", "email")
_LONGEST_ADDRESS: Final = 254
"""Of an e-mail address in octets (RFC 5321, 4.5.3.1.3, with its brackets left out)."""


class AddressesRefused(Exception):  # noqa: N818 - says what is wrong, as the office reads it
    """The address book cannot be used. Says the line and what is wrong, and quotes nothing."""


class AddressBook:
    """The addresses in a file; none, while there is no such file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, int, int] | None = None
        self._addresses: Mapping[str, str] = {}

    def address_of(self, to: str) -> str | None:
        """The address of a staff number or a subject; `None` where none is known.

        Raises `AddressesRefused` where others may read the file, or it is not an address book. On a
        read-only mount they may: as Kubernetes and Docker give secrets, the mount says who sees it.
        """
        return self._read().get(to)

    def count(self) -> int:
        """How many addresses there are. Raises as `address_of` does."""
        return len(self._read())

    def _read(self) -> Mapping[str, str]:
        try:
            found = self.file.stat()
            mode = stat.S_IMODE(found.st_mode)
            if mode & 0o077 and not _is_read_only(self.file):
                raise AddressesRefused(
                    f"others may read the address book (mode {mode:04o}): chmod 600 {self.file}"
                )
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                self._addresses = addresses_in(self.file.read_bytes())
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._addresses = None, {}
        except OSError as error:
            raise AddressesRefused(
                f"the address book {self.file} cannot be read: {error.strerror}"
            ) from error
        return self._addresses


def _is_read_only(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def addresses_in(content: bytes) -> Mapping[str, str]:
    """The addresses in a CSV file, by whose they are. Raises `AddressesRefused`."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise AddressesRefused("the address book is not a CSV file in UTF-8") from None
    head = [each.strip().lower() for each in rows[0]] if rows else []
    if sorted(head) != sorted(_COLUMNS):
        raise AddressesRefused("line 1 of the address book must name the columns: to,email")
    found: dict[str, str] = {}
    for line, row in enumerate(rows[1:], start=2):
        if not any(each.strip() for each in row):
            continue
        if len(row) != len(head):
            raise AddressesRefused(f"line {line} of the address book has not two columns")
        given = {name: cell.strip() for name, cell in zip(head, row, strict=True)}
        to, email = given["to"], given["email"]
        if not to or not _is_address(email):
            raise AddressesRefused(f"line {line} of the address book has no name or no address")
        if to in found:
            raise AddressesRefused(f"line {line} of the address book names somebody again")
        found[to] = email
    return found


def _is_address(text: str) -> bool:
    """Whether it has the form of an e-mail address; whether it exists, its owner knows."""
    name, at, host = text.rpartition("@")
    plain = text.isprintable() and not any(each.isspace() for each in text)
    return bool(name and at and "." in host) and plain and len(text) <= _LONGEST_ADDRESS
