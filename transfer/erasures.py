"""The list of erased people, kept outside the database, so that a backup does not bring them back.

Erasing a person destroys their key in the database (`transfer.vault`). A backup from before has the
key still, under the vault key. So each erasure is noted in a file beside the keys, in the one that
`TRANSFER_ERASED` names, and in the archive, where there are these, before the key goes; a
restoration reads every list that it can reach and erases those people again before anybody can ask.
A service that starts compares the lists with its database, and puts right what either lacks.

A line is an HMAC of the staff number under a key derived from the vault key. Without that key the
list does not say who was erased; with it, it says of any given person whether they were.
"""

import hashlib
import hmac
import logging
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from transfer.core.words import StaffNumber
from transfer.vault import derived

NAME = "erased"
"""The name of the list, in the folder of the keys and in an archive."""

_logger = logging.getLogger(__name__)

_DIGITS = hashlib.sha256().digest_size * 2


class Erasures:
    """The lists of one record; `secret` is its vault key, `files` are where they lie."""

    def __init__(self, secret: bytes, files: Sequence[Path]) -> None:
        self._key = derived(secret, b"transfer: list of erased people")
        self._files = files

    def note(self, staff_number: StaffNumber) -> None:
        """Write a person into every list, for good. Raises `OSError` where one cannot be written;
        then the person is not to be erased yet."""
        line = self._line(staff_number)
        for file in self._files:
            if line not in read_list(file):
                append_to_list(file, [line])

    def of(self, people: Iterable[StaffNumber], lines: Collection[str]) -> list[StaffNumber]:
        """Those among some people whom the lines of lists name."""
        return [each for each in people if self._line(each) in lines]

    def lines(self) -> set[str]:
        """What all the lists say."""
        return set[str]().union(*map(read_list, self._files))

    def lines_of(self, people: Iterable[StaffNumber]) -> set[str]:
        """What lists have to say so that they name these people."""
        return {self._line(each) for each in people}

    def complete(self, people: Iterable[StaffNumber]) -> None:
        """Add those whom a list lacks, in each list that can be written: what is on a read-only
        disk is somebody else's to keep."""
        wanted = self.lines_of(people)
        for file in self._files:
            if missing := sorted(wanted - read_list(file)):
                try:
                    append_to_list(file, missing)
                except OSError as error:
                    _logger.warning("%s lacks %d erased people: %s", file, len(missing), error)

    def _line(self, staff_number: StaffNumber) -> str:
        return hmac.digest(self._key, staff_number.encode(), hashlib.sha256).hex()


def read_list(file: Path) -> set[str]:
    """The lines of a list; none where it is not there. Half a line, cut off by a crash, is none."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return set()
    return {line for line in lines if len(line) == _DIGITS}


def append_to_list(file: Path, lines: Iterable[str]) -> None:
    """Add lines to a list and see them onto the disk. Raises `OSError` where that is not so."""
    told = "".join(f"\n{line}\n" for line in lines)
    if not told:
        return
    is_new = not file.exists()
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    # A plain write may write less than it was given, on a disk that is full.
    with os.fdopen(fd, "ab") as opened:
        opened.write(told.encode("ascii"))
        opened.flush()
        os.fsync(opened.fileno())
    if is_new:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
