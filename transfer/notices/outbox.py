"""The outbox: a folder with one file for each notice, for another program to send on.

A file has the words of a notice and its reference. For whom it is, the office looks up by the
reference.
"""

import json
from pathlib import Path

from deploy.data_folder import write_whole
from transfer.notices.couriers import Notice, TryLater


class Outbox:
    """A courier that writes `REFERENCE.json` into a folder, made with mode 0700 if it is missing.

    A file appears whole or not at all. While it lies there, the same notice is not written again.
    """

    name = "outbox"
    needs_address = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def was_taken(self, reference: str) -> bool:
        """See `Courier.was_taken`."""
        return self._place(reference).exists()

    def take(self, notice: Notice, address: str | None) -> None:  # noqa: ARG002 - it needs none
        """See `Courier.take`."""
        content = {
            "reference": notice.reference,
            "kind": notice.kind,
            "says": notice.says,
            "link": notice.link,
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._place(notice.reference), json.dumps(content, indent=2).encode())
        except OSError as error:
            raise TryLater(f"the outbox cannot be written to: {error.strerror}") from error

    def _place(self, reference: str) -> Path:
        return self._folder / f"{reference}.json"
