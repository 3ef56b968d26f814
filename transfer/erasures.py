"""The list of erased people, kept outside the database, so that a backup does not bring them back.

Erasing a person destroys their key in the database (`transfer.vault`). A backup from before has the
key still, under the vault key. So each erasure is noted in a file beside the keys, in the one that
`TRANSFER_ERASED` names, and in the archive, where there are these, before the key goes; a
restoration reads every list that it can reach and erases those people again before anybody can ask.
A service that starts compares the lists with its database, and puts right what either lacks.

A line is an HMAC of the staff number under a key derived from the vault key. Without that key the
list does not say who was erased; with it, it says of any given person whether they were.
"""

import contextlib
import hashlib
import hmac
import logging
import os
from collections.abc import Callable, Collection, Iterable, Sequence
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
        then no list has been given the person, and they are not to be erased."""
        line = self._line(staff_number)
        lacking = [file for file in self._files if line not in read_list(file)]
        for file in lacking:
            os.close(_opened(file))  # the usual failures, before anything is written
        try:
            for file in lacking:
                append_to_list(file, [line])
        except OSError as error:
            # A list that names somebody has them erased when the service starts.
            for file in lacking:
                try:
                    _take_back(file, line)
                except OSError as worse:
                    error.add_note(f"{file} may name them still: {worse}")
                    _logger.error("%s may name somebody who was not erased: %s", file, worse)
            raise

    def of(self, people: Iterable[StaffNumber], lines: Collection[str]) -> list[StaffNumber]:
        """Those among some people whom the lines of lists name."""
        return [each for each in people if self._line(each) in lines]

    def lines(self) -> set[str]:
        """What all the lists say that can be read; of the others it is logged."""
        return read_lists(self._files, _logger.warning)

    def lines_of(self, people: Iterable[StaffNumber]) -> set[str]:
        """What lists have to say so that they name these people."""
        return {self._line(each) for each in people}

    def complete(self, people: Iterable[StaffNumber]) -> None:
        """Add those whom a list lacks, in each list that can be written: what is on a read-only
        disk is somebody else's to keep."""
        wanted = self.lines_of(people)
        for file in self._files:
            try:
                append_to_list(file, sorted(wanted - read_list(file)))
            except OSError as error:
                _logger.warning("%s may lack erased people: %s", file, error)

    def _line(self, staff_number: StaffNumber) -> str:
        return hmac.digest(self._key, staff_number.encode(), hashlib.sha256).hex()


def read_list(file: Path) -> set[str]:
    """The lines of a list; none where it is not there. Half a line, cut off by a crash, is none.

    Raises `OSError` where it is there and cannot be read.
    """
    try:
        lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return set()
    return {line for line in lines if len(line) == _DIGITS}


def read_lists(files: Iterable[Path], warn: Callable[[str], None]) -> set[str]:
    """The lines of several lists; `warn` is told of each that cannot be read."""
    lines = set[str]()
    for file in files:
        try:
            lines |= read_list(file)
        except OSError as error:
            warn(f"a list of erased people cannot be read: {error}")
    return lines


def append_to_list(file: Path, lines: Iterable[str]) -> None:
    """Add lines to a list and see them onto the disk. Raises `OSError` where that is not so."""
    told = "".join(f"\n{line}\n" for line in lines)
    if not told:
        return
    is_first = not (file.exists() and file.stat().st_size)
    # A plain write may write less than it was given, on a disk that is full.
    with os.fdopen(_opened(file), "ab") as opened:
        opened.write(told.encode("ascii"))
        opened.flush()
        os.fsync(opened.fileno())
    if is_first:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _opened(file: Path) -> int:
    """A list, opened to be added to.

    One that is made belongs to the owner of its folder and may be read: root may be the one who
    erases, where the vault key is root's, and the service has to read and complete the list. It
    says nothing without that key.
    """
    is_new = not file.exists()
    fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    if is_new:
        # Not every disk knows owners and modes.
        with contextlib.suppress(OSError):
            os.fchmod(fd, 0o644)
            if os.geteuid() == 0:
                folder = file.parent.stat()
                os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def _take_back(file: Path, line: str) -> None:
    """Blank a line where it stands, so that what others add to the list meanwhile stays."""
    at = file.read_bytes().find(line.encode("ascii"))
    if at < 0:
        return
    fd = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        os.pwrite(fd, b"\n" * len(line), at)
        os.fsync(fd)
    finally:
        os.close(fd)
