"""Many files as one ZIP, sent as it grows."""

from collections.abc import Iterable, Iterator
from zipfile import ZipFile, ZipInfo


class _Sent:
    """Where a ZIP is written to, as a file that cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of a ZIP of files (a name and what is in it), a piece after each of them.

    Only what is not yet sent is in memory. Without the last piece it is no ZIP: a reader sees that
    files are missing.
    """
    sent = _Sent()
    archive = ZipFile(sent, "w")
    for name, content in files:
        archive.writestr(ZipInfo(name), content)  # nothing of the clock goes into it
        yield sent.taken()
    archive.close()
    yield sent.taken()
